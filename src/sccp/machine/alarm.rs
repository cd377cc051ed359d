//! Alarms: the best evidence of why a phone came back. They come before
//! Register, as text or (from firmware 9.1) as XML.

/// What an alarm says, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlarmReport {
    /// The phone, as the alarm names it.
    pub name: Option<String>,
    /// The load that is running.
    pub load: Option<String>,
    /// What happened last, in the phone's words (`Reset-Restart`).
    pub last: Option<String>,
    /// The number of the reason (22 reset, 23 restart).
    pub reason: Option<u32>,
}

/// The values of an XML alarm that stand in a timeline, in this order.
const TOLD: [&str; 9] = [
    "DeviceName",
    "Name",
    "ReasonForOutOfService",
    "LastProtocolEventSent",
    "LastProtocolEventReceived",
    "TFTPCfgStatus",
    "ActiveLoad",
    "Load",
    "UnifiedCMIPAddress",
];

/// The most characters of a value of an XML alarm.
const VALUE: usize = 64;

impl AlarmReport {
    /// Reads the text form: `25: Name=SEP.. Load=.. Last=Reset-Restart`.
    pub fn from_text(text: &str) -> Self {
        let word = |key: &str| {
            text.split_whitespace()
                .find_map(|word| word.strip_prefix(key))
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
        };
        let number = text.split_once(':').map(|(number, _)| number.trim());
        Self {
            name: word("Name="),
            load: word("Load="),
            last: word("Last="),
            reason: number.and_then(|number| number.parse().ok()),
        }
    }

    /// Reads the XML form leniently: the reason, the load, and what was
    /// received last.
    pub fn from_xml(xml: &str) -> Self {
        let value = |name| value_of(xml, name).map(str::to_owned);
        Self {
            name: value("DeviceName").or_else(|| value("Name")),
            load: value("ActiveLoad").or_else(|| value("Load")),
            last: value("LastProtocolEventReceived"),
            reason: value("ReasonForOutOfService").and_then(|number| number.parse().ok()),
        }
    }

    /// What a timeline says of an XML alarm: the values that tell something,
    /// or its beginning where there are none.
    pub fn digest(xml: &str) -> String {
        let told: Vec<String> = TOLD
            .iter()
            .filter_map(|name| {
                let value: String = value_of(xml, name)?.chars().take(VALUE).collect();
                Some(format!("{name}={value}"))
            })
            .collect();
        if told.is_empty() {
            xml.split_whitespace().collect::<Vec<_>>().join(" ")
        } else {
            told.join(" ")
        }
    }

    /// Adds what a later alarm says. Loads that know both forms send one after
    /// the other, and neither says everything.
    pub(super) fn absorb(&mut self, later: Self) {
        self.name = later.name.or(self.name.take());
        self.load = later.load.or(self.load.take());
        self.last = later.last.or(self.last.take());
        self.reason = later.reason.or(self.reason);
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

/// The text of the element with this `name` attribute, in either kind of quotes.
fn value_of<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let at = ['"', '\'']
        .iter()
        .find_map(|quote| xml.find(&format!("name={quote}{name}{quote}")))?;
    let rest = xml.get(at..)?;
    let inner = rest.get(rest.find('>')? + 1..)?;
    let inner = inner.get(..inner.find('<')?)?.trim();
    (!inner.is_empty()).then_some(inner)
}
