//! The numbers of calls and their media.

numbers! {
    /// How opening or starting media went.
    MediaStatus {
        OK = 0 "ok"
        UNKNOWN = 1 "unknown"
        NOT_ENOUGH_CHANNELS = 2 "not enough channels"
        CODEC_TOO_COMPLEX = 3 "codec too complex"
        INVALID_PARTY = 4 "invalid party"
        INVALID_CALL = 5 "invalid call reference"
        INVALID_CODEC = 6 "invalid codec"
        INVALID_PACKET_SIZE = 7 "invalid packet size"
        OUT_OF_SOCKETS = 8 "out of sockets"
        CODER_FAILED = 9 "encoder or decoder failed"
        INVALID_PAYLOAD_TYPE = 10 "invalid dynamic payload type"
        ADDRESS_TYPE_UNAVAILABLE = 11 "address type not available"
        ON_HOOK = 255 "on hook"
    }

    /// Which way a call came.
    CallType {
        INBOUND = 1 "inbound"
        OUTBOUND = 2 "outbound"
        FORWARD = 3 "forward"
    }

    /// How well a call is protected, as the lock on the display shows it.
    CallSecurity {
        UNKNOWN = 0 "unknown"
        NOT_AUTHENTICATED = 1 "not authenticated"
        AUTHENTICATED = 2 "authenticated"
        ENCRYPTED = 3 "encrypted"
    }

    /// What a port is for.
    MediaType {
        INVALID = 0 "invalid"
        AUDIO = 1 "audio"
        MAIN_VIDEO = 2 "main video"
        FAR_END_CAMERA = 3 "far-end camera control"
        PRESENTATION_VIDEO = 4 "presentation video"
        FLOOR_CONTROL = 5 "floor control"
        T38 = 7 "T.38"
    }

    /// How media travels.
    MediaTransport {
        RTP = 1 "RTP"
        UDP = 2 "UDP"
        TCP = 3 "TCP"
    }

    /// Which kind of address a phone is to use.
    AddressType {
        IPV4 = 0 "IPv4"
        IPV6 = 1 "IPv6"
        BOTH = 2 "IPv4 and IPv6"
    }

    /// How media is encrypted.
    Encryption {
        NONE = 0 "none"
        AES_CM_128_HMAC_SHA1_32 = 1 "AES-CM-128 with HMAC-SHA1-32"
        AES_CM_128_HMAC_SHA1_80 = 2 "AES-CM-128 with HMAC-SHA1-80"
        F8_128_HMAC_SHA1_32 = 3 "F8-128 with HMAC-SHA1-32"
        F8_128_HMAC_SHA1_80 = 4 "F8-128 with HMAC-SHA1-80"
    }

    /// What becomes of the port when a stream ends.
    PortHandling {
        CLOSE = 0 "close"
        KEEP = 1 "keep"
    }

    /// What becomes of the counters once they were told.
    StatsProcessing {
        CLEAR = 0 "clear"
        KEEP = 1 "keep"
    }

    /// In which list of calls the phone enters a call.
    HistoryDisposition {
        IGNORE = 0 "ignore"
        PLACED = 1 "placed calls"
        RECEIVED = 2 "received calls"
        MISSED = 3 "missed calls"
        UNKNOWN = 0xFFFF_FFFF "unknown"
    }

    /// What a phone subscribes to.
    SubscribedFeature {
        BUSY_LAMP_FIELD = 1 "busy lamp field"
    }

    /// How a subscription went.
    SubscriptionCause {
        OK = 0 "ok"
        ROUTE_FAIL = 1 "no route"
        AUTHENTICATION_FAIL = 2 "not authenticated"
        TIMEOUT = 3 "timeout"
        TRUNK_TERMINATED = 4 "trunk terminated"
        TRUNK_FORBIDDEN = 5 "trunk forbidden"
        THROTTLED = 6 "throttled"
    }
}
