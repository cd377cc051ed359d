//! Alarms: the best evidence of why a phone came back. They come before
//! Register, as text or (from firmware 9.1) as XML.

/// What an alarm says, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmReport {
    /// The load that is running.
    pub load: Option<String>,
    /// What happened last, in the phone's words (`Reset-Restart`).
    pub last: Option<String>,
    /// The number of the reason, where XML gives one (22 reset, 23 restart).
    pub reason: Option<u32>,
}

impl AlarmReport {
    /// Reads the text form: `25: Name=SEP.. Load=.. Last=Reset-Restart`.
    pub fn from_text(text: &str) -> Self {
        let word = |key: &str| {
            text.split_whitespace()
                .find_map(|word| word.strip_prefix(key))
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
        };
        Self {
            load: word("Load="),
            last: word("Last="),
            reason: None,
        }
    }

    /// Reads the XML form leniently: the reason, the load, and what was
    /// received last.
    pub fn from_xml(xml: &str) -> Self {
        let value = |name: &str| {
            let at = xml.find(&format!("name=\"{name}\""))?;
            let rest = xml.get(at..)?;
            let inner = rest.get(rest.find('>')? + 1..)?;
            let inner = inner.get(..inner.find('<')?)?.trim();
            (!inner.is_empty()).then(|| inner.to_owned())
        };
        Self {
            load: value("ActiveLoad").or_else(|| value("Load")),
            last: value("LastProtocolEventReceived"),
            reason: value("ReasonForOutOfService").and_then(|number| number.parse().ok()),
        }
    }

    /// Whether it says that the phone obeyed a restart (`Last=Reset-Restart`,
    /// reason 23).
    pub fn restarted(&self) -> bool {
        self.reason == Some(23) || self.last_is("Reset-Restart")
    }

    /// Whether it says that the phone obeyed a reset (`Last=Reset-Reset`,
    /// reason 22).
    pub fn was_reset(&self) -> bool {
        self.reason == Some(22) || self.last_is("Reset-Reset")
    }

    fn last_is(&self, what: &str) -> bool {
        self.last
            .as_ref()
            .is_some_and(|last| last.eq_ignore_ascii_case(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_tell_why_a_phone_came_back() {
        let text =
            AlarmReport::from_text("25: Name=SEP001122334455 Load=8.1(2.0) Last=Reset-Restart");
        assert_eq!(text.load.as_deref(), Some("8.1(2.0)"));
        assert!(text.restarted() && !text.was_reset());
        let xml = AlarmReport::from_xml(
            "<x-cisco-alarm><Alarm Name=\"LastOutOfServiceInformation\"><ParameterList>\
             <Enum name=\"ReasonForOutOfService\">22</Enum>\
             <String name=\"LastProtocolEventReceived\">159:Reset</String></ParameterList>\
             </Alarm></x-cisco-alarm>",
        );
        assert!(xml.was_reset() && !xml.restarted());
        assert_eq!(
            AlarmReport::from_xml("<a name=\"Load\""),
            AlarmReport::default()
        );
    }
}
