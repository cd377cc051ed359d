//! One connection: messages out, messages in.

use std::net::{IpAddr, Ipv4Addr};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::codec::Decoder;

use crate::handset::cause::Cause;
use crate::handset::fault::Fault;
use crate::handset::life::Ending;
use crate::handset::phone::Phone;
use crate::sccp::wire::{
    Dialect, FrameCodec, PhoneMessage, ServerMessage, decode_server, encode_phone,
};

pub(super) struct Link<'a> {
    phone: &'a Phone,
    stream: TcpStream,
    inbox: BytesMut,
    /// What both sides agreed on; headers carry 0 before.
    pub(super) dialect: Dialect,
}

impl<'a> Link<'a> {
    pub(super) fn new(phone: &'a Phone, stream: TcpStream) -> Self {
        Self {
            phone,
            stream,
            inbox: BytesMut::with_capacity(4096),
            dialect: Dialect::BASIC,
        }
    }

    /// The address that the phone has on this connection.
    pub(super) fn own_address(&self) -> Ipv4Addr {
        match self.stream.local_addr().map(|address| address.ip()) {
            Ok(IpAddr::V4(address)) => address,
            _ => Ipv4Addr::UNSPECIFIED,
        }
    }

    pub(super) async fn send(&mut self, message: &PhoneMessage) -> Result<(), Ending> {
        let frame = encode_phone(message, self.dialect).to_bytes();
        self.phone.shared.counters.sccp_sent.add();
        let written =
            tokio::time::timeout(self.phone.pace.patience, self.stream.write_all(&frame)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            _ => Err(Ending::Lost(Cause::TcpClosed, Fault::Closed)),
        }
    }

    /// A message that came with those before it; `None` when one would have to
    /// be waited for.
    pub(super) fn arrived(&mut self) -> Result<Option<ServerMessage>, Ending> {
        let Some(frame) = FrameCodec.decode(&mut self.inbox).map_err(garbled)? else {
            return Ok(None);
        };
        self.phone.shared.counters.sccp_received.add();
        let message = decode_server(&frame, self.dialect).map_err(garbled)?;
        Ok(Some(message))
    }

    /// The next message; messages that cannot be read end the connection. May
    /// be dropped without losing any.
    pub(super) async fn receive(&mut self) -> Result<ServerMessage, Ending> {
        loop {
            if let Some(message) = self.arrived()? {
                return Ok(message);
            }
            match self.stream.read_buf(&mut self.inbox).await {
                Ok(0) | Err(_) => return Err(Ending::Lost(Cause::TcpClosed, Fault::Closed)),
                Ok(_) => {}
            }
        }
    }
}

#[allow(clippy::needless_pass_by_value)] // shaped for map_err
fn garbled(error: impl ToString) -> Ending {
    Ending::Lost(Cause::TcpClosed, Fault::Garbled(error.to_string()))
}
