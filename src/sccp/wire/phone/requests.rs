//! What a phone asks for while it registers. Most requests are a number or nothing
//! and need no type of their own.

use crate::sccp::wire::MessageId;
use crate::sccp::wire::buffer::{Reader, Writer};
use crate::sccp::wire::number::Instance;

/// Asks what a feature button is called and shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureStatReq {
    /// Which feature.
    pub index: Instance,
    /// 1 from phones that can show presence; 0 where left off.
    pub capabilities: u32,
}

impl FeatureStatReq {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            index: Instance(r.or_zero()),
            capabilities: r.or_zero(),
        }
    }

    pub(super) fn write(self, w: &mut Writer) -> MessageId {
        w.words([self.index.0, self.capabilities]);
        MessageId::FEATURE_STAT_REQ
    }
}
