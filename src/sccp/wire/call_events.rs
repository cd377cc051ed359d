//! Small messages about a call whose direction the sources do not agree on: Wireshark
//! has the call manager send them, others the phone. Both are read and written.

use super::layout::layouts;
use super::number::{CallRef, HistoryDisposition, Instance};

layouts! {
    /// In which list of calls a call is entered.
    CallHistoryInfo {
        /// The list.
        disposition: HistoryDisposition;
        /// On this line.
        line: Instance;
        /// The call.
        call: CallRef;
    }

    /// Whether a call is being recorded.
    RecordingStatus {
        /// The call.
        call: CallRef;
        /// 1 while it is.
        status: u32;
    }
}
