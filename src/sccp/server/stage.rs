//! How far a connection came: what the journal is told of one that ends before
//! its phone was in service.

use crate::ports::Sign;
use crate::sccp::wire::PhoneMessage;

/// How far it came.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// It sent a Register.
    registers: bool,
    /// It sends keepalives without one: the standby connection of a phone.
    stands_by: bool,
    /// It had its last answer of a boot since it registered.
    in_service: bool,
    /// It said something else than SCCP.
    garbled: bool,
}

impl Stage {
    pub(super) fn heard(&mut self, message: &PhoneMessage) {
        match message {
            PhoneMessage::Register(_) => (self.registers, self.in_service) = (true, false),
            PhoneMessage::KeepAlive | PhoneMessage::RegisterTokenReq(_) => self.stands_by = true,
            _ => {}
        }
    }

    pub(super) fn garbled(&mut self) {
        self.garbled = true;
    }

    pub(super) fn in_service(&mut self) {
        self.in_service = true;
    }

    /// What the end of the connection is a sign of. `registered`: it carries a
    /// registration still; `by_phone`: the phone ended it.
    pub(super) fn ends(&self, registered: bool, by_phone: bool) -> Option<Sign> {
        if self.garbled {
            Some(Sign::NotSccp)
        } else if registered && by_phone && !self.in_service {
            Some(Sign::NeverInService)
        } else if by_phone && !self.registers && !self.stands_by {
            Some(Sign::NoSccpRegister)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_ends_tells_how_far_it_came() {
        let mut stage = Stage::default();
        assert_eq!(stage.ends(false, true), Some(Sign::NoSccpRegister));
        assert_eq!(stage.ends(false, false), None, "we ended it");
        stage.heard(&PhoneMessage::KeepAlive);
        assert_eq!(stage.ends(false, true), None, "a standby connection");
        stage.in_service();
        assert_eq!(stage.ends(true, true), None);
        let early = Stage::default();
        assert_eq!(early.ends(true, true), Some(Sign::NeverInService));
        stage.garbled();
        assert_eq!(stage.ends(false, false), Some(Sign::NotSccp));
    }
}
