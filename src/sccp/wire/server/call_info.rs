//! Who talks with whom, as the phone shows and remembers it.

use crate::sccp::wire::MessageId;
use crate::sccp::wire::buffer::{
    DYNAMIC_LABEL, NAME, NUMBER, Reader, Writer, gap_before_call, gap_before_line,
};
use crate::sccp::wire::layout::{Field, layouts};
use crate::sccp::wire::number::{
    CallRef, CallSecurity, CallType, Instance, StatsProcessing, SubscribedFeature,
    SubscriptionCause,
};
use crate::sccp::wire::text::Text;

/// A party of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// Their name.
    pub name: Text,
    /// Their number.
    pub number: String,
    /// Their voice mail box.
    pub voice_mail_box: String,
}

/// The parties of a call (`CallInfo`): a message of fixed size below version 7, of
/// dynamic strings from there on, twelve of them below version 16.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallInfo {
    /// On this line.
    pub line: Instance,
    /// The call.
    pub call: CallRef,
    /// Which way it came.
    pub kind: CallType,
    /// Who calls.
    pub calling: Party,
    /// Another number of the caller; from version 16 on.
    pub alternate_calling: String,
    /// Who is called.
    pub called: Party,
    /// Who was called at first.
    pub original_called: Party,
    /// Who passed the call on.
    pub last_redirecting: Party,
    /// Why it was passed on at first.
    pub original_reason: u32,
    /// Why it was passed on last.
    pub last_reason: u32,
    /// Which of the calls on the line.
    pub instance: u32,
    /// How well it is protected.
    pub security: CallSecurity,
    /// What the phone must not show: pairs of bits for name and number of each party, in
    /// the order above.
    pub restrictions: u32,
    /// Number of the hunt group through which it came; from version 16 on.
    pub hunt_pilot_number: String,
    /// Its name.
    pub hunt_pilot_name: Text,
}

impl CallInfo {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let mut info = Self::default();
        for party in [&mut info.calling, &mut info.called] {
            party.name = r.text(NAME);
            party.number = r.string(NUMBER);
        }
        info.line = Field::read(r);
        info.call = Field::read(r);
        info.kind = Field::read(r);
        for party in [&mut info.original_called, &mut info.last_redirecting] {
            party.name = r.text(NAME);
            party.number = r.string(NUMBER);
        }
        info.original_reason = r.or_zero();
        info.last_reason = r.or_zero();
        for party in info.parties_mut() {
            party.voice_mail_box = r.string(NUMBER);
        }
        info.read_end(r);
        info
    }

    pub(super) fn read_dynamic(r: &mut Reader<'_>) -> Self {
        let mut info = Self {
            line: Field::read(r),
            call: Field::read(r),
            kind: Field::read(r),
            original_reason: r.or_zero(),
            last_reason: r.or_zero(),
            ..Self::default()
        };
        info.read_end(r);
        let has_more = r.dialect.version.has_hunt_pilots();
        info.calling.number = r.dynamic();
        if has_more {
            info.alternate_calling = r.dynamic();
        }
        info.called.number = r.dynamic();
        info.original_called.number = r.dynamic();
        info.last_redirecting.number = r.dynamic();
        for party in info.parties_mut() {
            party.voice_mail_box = r.dynamic();
        }
        for party in info.parties_mut() {
            party.name = r.dynamic_text();
        }
        if has_more {
            info.hunt_pilot_number = r.dynamic();
            info.hunt_pilot_name = r.dynamic_text();
        }
        info
    }

    fn read_end(&mut self, r: &mut Reader<'_>) {
        self.instance = r.or_zero();
        self.security = Field::read(r);
        self.restrictions = r.or_zero();
    }

    fn parties(&self) -> [&Party; 4] {
        [
            &self.calling,
            &self.called,
            &self.original_called,
            &self.last_redirecting,
        ]
    }

    fn parties_mut(&mut self) -> [&mut Party; 4] {
        [
            &mut self.calling,
            &mut self.called,
            &mut self.original_called,
            &mut self.last_redirecting,
        ]
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        if w.is_dynamic(w.dialect.version.has_dynamic_call_info()) {
            self.write_dynamic(w);
            return MessageId::CALL_INFO_V2;
        }
        let [calling, called, original_called, last_redirecting] = self.parties();
        for party in [calling, called] {
            w.string(&party.name, NAME);
            w.string(&party.number, NUMBER);
        }
        w.words([self.line.0, self.call.0, self.kind.0]);
        for party in [original_called, last_redirecting] {
            w.string(&party.name, NAME);
            w.string(&party.number, NUMBER);
        }
        w.words([self.original_reason, self.last_reason]);
        for party in self.parties() {
            w.string(&party.voice_mail_box, NUMBER);
        }
        w.words([self.instance, self.security.0, self.restrictions]);
        MessageId::CALL_INFO
    }

    fn write_dynamic(&self, w: &mut Writer) {
        let number = w.dialect.version.number_size();
        let has_more = w.dialect.version.has_hunt_pilots();
        w.words([self.line.0, self.call.0, self.kind.0]);
        w.words([self.original_reason, self.last_reason]);
        w.words([self.instance, self.security.0, self.restrictions]);
        w.dynamic(&self.calling.number, number);
        if has_more {
            w.dynamic(&self.alternate_calling, number);
        }
        w.dynamic(&self.called.number, number);
        w.dynamic(&self.original_called.number, number);
        w.dynamic(&self.last_redirecting.number, number);
        for party in self.parties() {
            w.dynamic(&party.voice_mail_box, number);
        }
        for party in self.parties() {
            w.dynamic(&party.name, DYNAMIC_LABEL);
        }
        if has_more {
            w.dynamic(&self.hunt_pilot_number, number);
            w.dynamic(&self.hunt_pilot_name, DYNAMIC_LABEL);
        }
    }
}

/// What was dialled, for the phone's list of placed calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DialedNumber {
    /// The number.
    pub number: String,
    /// On this line.
    pub line: Instance,
    /// The call.
    pub call: CallRef,
}

impl DialedNumber {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            number: r.leading_number(2, gap_before_line),
            line: Field::read(r),
            call: Field::read(r),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.string(&self.number, w.dialect.version.number_size());
        w.words([self.line.0, self.call.0]);
        MessageId::DIALED_NUMBER
    }
}

/// Asks for the counters of a call (`ConnectionStatisticsRes`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectionStatisticsReq {
    /// The number of the other party.
    pub number: String,
    /// The call.
    pub call: CallRef,
    /// What becomes of the counters.
    pub processing: StatsProcessing,
}

impl ConnectionStatisticsReq {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            number: r.leading_number(2, gap_before_call),
            call: Field::read(r),
            processing: Field::read(r),
        }
    }

    /// From version 18 on the number takes 25 bytes, and three more up to the next
    /// word.
    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.string(&self.number, w.dialect.version.number_size());
        w.align();
        w.words([self.call.0, self.processing.0]);
        MessageId::CONNECTION_STATISTICS_REQ
    }
}

layouts! {
    /// Whether a call is among those that the user selected.
    CallSelectStat {
        /// 1 is selected.
        status: u32;
        /// The call.
        call: CallRef;
        /// On this line.
        line: Instance;
    }

    /// How a subscription went.
    SubscriptionStat {
        /// As in the request.
        transaction: u32;
        /// As in the request.
        feature: SubscribedFeature;
        /// Seconds for which it holds.
        timer: u32;
        /// How it went.
        cause: SubscriptionCause;
    }
}

/// What a phone subscribed to has changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notification {
    /// As in the request.
    pub transaction: u32,
    /// As in the request.
    pub feature: SubscribedFeature,
    /// Depends on the feature.
    pub status: u32,
    /// In words (96 bytes).
    pub text: Text,
}

impl Notification {
    const TEXT: usize = 97;

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            transaction: r.or_zero(),
            feature: Field::read(r),
            status: r.or_zero(),
            text: r.text(Self::TEXT),
        }
    }

    pub(super) fn write(&self, w: &mut Writer) -> MessageId {
        w.words([self.transaction, self.feature.0, self.status]);
        w.string(&self.text, Self::TEXT);
        MessageId::NOTIFICATION
    }
}
