//! What the files that are asked for tell of who asks: a layer over the one
//! resolver behind TFTP and HTTP. It changes no answer.

use std::sync::Arc;

use super::words::clean;
use crate::model::DeviceName;
use crate::ports::{
    Clock, Event, EventKind, FileAnswer, FileRequest, FileService, FileSource, Journal, Sign,
    Undelivered,
};

/// More of a name is not looked at, bytes: no name is longer that is served.
const LONGEST: usize = 255;

/// A source of files whose requests are read for signs.
pub struct ReadFiles {
    files: Arc<dyn FileSource>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
}

impl ReadFiles {
    /// Reads what is asked of `files`.
    pub fn new(
        files: Arc<dyn FileSource>,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            files,
            journal,
            clock,
        }
    }

    fn tell(&self, request: &FileRequest, name: &Name, sign: Sign, detail: String) {
        self.journal.record(Event {
            at: self.clock.now(),
            device: name.device(),
            kind: EventKind::Sign {
                sign,
                peer: request.peer,
                detail,
            },
        });
    }
}

impl FileSource for ReadFiles {
    fn fetch(&self, request: &FileRequest) -> FileAnswer {
        let answer = self.files.fetch(request);
        let name = Name::of(&request.name, request.service);
        for sign in name.signs(&answer).into_iter().flatten() {
            let detail = match sign {
                Sign::BootFileAsked => request.local.ip().to_canonical().to_string(),
                _ => name.shown(),
            };
            self.tell(request, &name, sign, detail);
        }
        answer
    }

    fn delivered(&self, request: &FileRequest, ticket: u64) {
        self.files.delivered(request, ticket);
    }

    fn undelivered(&self, request: &FileRequest, why: &Undelivered) {
        self.files.undelivered(request, why);
        let name = Name::of(&request.name, request.service);
        let (sign, detail) = match why {
            Undelivered::NotAcknowledged => (Sign::NotAcknowledged, name.shown()),
            Undelivered::TurnedAway(words) => {
                (Sign::TurnedAway, format!("{}: {words}", name.shown()))
            }
        };
        self.tell(request, &name, sign, detail);
    }
}

/// A name with slashes. Blanks and control characters stay: they tell something.
struct Name {
    /// As it was asked for.
    asked: String,
    /// The same in small letters: phones differ in that.
    lower: String,
}

impl Name {
    fn of(wire: &[u8], service: FileService) -> Self {
        let wire = wire.get(..LONGEST).unwrap_or(wire);
        let mut text = String::from_utf8_lossy(wire).into_owned();
        if service != FileService::Tftp {
            if let Some(query) = text.find('?') {
                text.truncate(query);
            }
            for (code, stands_for) in [
                ("%20", " "),
                ("%0d", "\r"),
                ("%0D", "\r"),
                ("%0a", "\n"),
                ("%0A", "\n"),
            ] {
                text = text.replace(code, stands_for);
            }
        }
        let text = text.replace('\\', "/");
        let asked = text.trim_start_matches('/').to_owned();
        let lower = asked.to_ascii_lowercase();
        Self { asked, lower }
    }

    /// As a sentence can hold it: a blank at its end would not be seen.
    fn shown(&self) -> String {
        if self.is_odd() {
            format!("{:?}", self.asked)
        } else {
            clean(&self.asked)
        }
    }

    fn base(&self) -> &str {
        self.lower.rsplit('/').next().unwrap_or_default()
    }

    /// The base without the ending of a signed file: a phone that holds a trust
    /// list asks for its locale and its load so.
    fn plain(&self) -> &str {
        let base = self.base();
        base.strip_suffix(".sgn").unwrap_or(base)
    }

    fn is_odd(&self) -> bool {
        self.lower.chars().any(char::is_control) || self.lower.trim() != self.lower
    }

    /// The phone that the name names: `SEP<MAC>..`, `CTLSEP<MAC>..`,
    /// `ITLSEP<MAC>..`, `SIP<MAC>.cnf`, `ATA<MAC>..`, `gk<mac>`, `ld<mac>`.
    fn device(&self) -> Option<DeviceName> {
        let base = self.base();
        let plain = ["ctl", "itl"]
            .iter()
            .find_map(|list| base.strip_prefix(list))
            .unwrap_or(base);
        let kinds = [("sep", "SEP"), ("sip", "SEP"), ("ata", "ATA")];
        let profiles = [("gk", "SEP"), ("ld", "SEP")];
        let (mac, kind) = kinds
            .iter()
            .chain(profiles.iter().filter(|_| self.is_profile()))
            .find_map(|(prefix, kind)| Some((plain.strip_prefix(prefix)?.get(..12)?, kind)))?;
        let hex = mac.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex.then(|| DeviceName::new(&format!("{kind}{mac}")).ok())?
    }

    /// `ata<mac>`, `gk<mac>` or `ld<mac>`: a profile that `cfgfmt` makes.
    fn is_profile(&self) -> bool {
        let mac = ["ata", "gk", "ld"]
            .iter()
            .find_map(|prefix| self.base().strip_prefix(prefix));
        mac.is_some_and(|mac| mac.len() == 12 && mac.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    /// What it tells that this was asked, and how it was answered.
    fn signs(&self, answer: &FileAnswer) -> [Option<Sign>; 2] {
        let (found, missing) = (
            matches!(answer, FileAnswer::Found { .. }),
            matches!(answer, FileAnswer::NotFound),
        );
        let (base, plain) = (self.base(), self.plain());
        let ends = |endings: &[&str]| endings.iter().any(|ending| base.ends_with(ending));
        let is = |endings: &[&str]| endings.iter().any(|ending| plain.ends_with(ending));
        let when = |so: bool, sign| so.then_some(sign);
        let first = if self.is_odd() && !found {
            Some(Sign::BlankInName)
        } else if ends(&[".tlv"]) {
            Some(Sign::TrustListAsked)
        } else if ends(&[".cnf.xml.sgn", ".cnf.xml.enc.sgn"]) {
            when(found, Sign::SignedSent).or(when(missing, Sign::SignedMissing))
        } else if base.starts_with("term") && ends(&[".default.loads"]) {
            when(found, Sign::FactoryLoadSent).or(when(missing, Sign::FactoryLoadMissing))
        } else if ends(&[".cnf.xml"]) {
            when(self.device().is_some(), Sign::BootFileAsked)
        } else if ends(&[".cnf"]) && base.starts_with("sip") {
            when(missing && self.device().is_some(), Sign::TextFileMissing)
        } else if ends(&[".cnf"]) || self.is_profile() {
            let of_phone = self.device().is_some();
            let profile_of_phone = self.is_profile() && !base.starts_with("ata");
            when(missing && of_phone, Sign::OtherFormMissing).or(when(
                found && of_phone && !profile_of_phone,
                Sign::BootFileAsked,
            ))
        } else if is(&[".loads", ".sbn", ".sb2", ".sbin", ".bin", ".zz", ".zup"]) {
            when(missing, Sign::LoadMissing)
        } else {
            // Without a folder the phone has no locale: it asks all the same,
            // and goes on without.
            let of_locale = is(&[".jar", "tones.xml", "dictionary.xml", "-font.xml"]);
            when(
                missing && of_locale && self.lower.contains('/'),
                Sign::LocaleMissing,
            )
        };
        [first, self.load()]
    }

    /// The load that asks for a `*-sip.jar` or `*-sccp.jar`. An archive for
    /// both (`*-sccp-sip.jar`) tells nothing.
    fn load(&self) -> Option<Sign> {
        let stem = self.plain().strip_suffix(".jar")?;
        match stem.strip_suffix("-sip") {
            Some(rest) if rest.ends_with("-sccp") => None,
            Some(_) => Some(Sign::LocaleOfSip),
            None => stem.ends_with("-sccp").then_some(Sign::LocaleOfSccp),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const MISSING: FileAnswer = FileAnswer::NotFound;

    fn found() -> FileAnswer {
        FileAnswer::Found {
            body: "x".into(),
            ticket: 0,
        }
    }

    fn signs(name: &str, answer: &FileAnswer) -> Vec<Sign> {
        let name = Name::of(name.as_bytes(), FileService::Tftp);
        name.signs(answer).into_iter().flatten().collect()
    }

    #[test]
    fn what_is_not_there_tells_what_the_phone_lacks() {
        for (name, sign) in [
            ("CTLSEP001122334455.tlv", Sign::TrustListAsked),
            ("ITLFile.tlv", Sign::TrustListAsked),
            ("SEP001122334455.cnf.xml.sgn", Sign::SignedMissing),
            ("SEP001122334455.cnf.xml", Sign::BootFileAsked),
            ("term06.default.loads", Sign::FactoryLoadMissing),
            ("SCCP41.9-4-2SR3-1S.loads", Sign::LoadMissing),
            ("CP7921G-1.4.8.LOADS", Sign::LoadMissing),
            ("SIP001122334455.cnf", Sign::TextFileMissing),
            ("SEP001122334455.cnf", Sign::OtherFormMissing),
            ("ATA001122334455.cnf.xml", Sign::BootFileAsked),
            ("ata001122334455", Sign::OtherFormMissing),
            ("gk001122334455", Sign::OtherFormMissing),
            ("Germany/g3-tones.xml", Sign::LocaleMissing),
            ("P0030801SR02 ", Sign::BlankInName),
            ("P0030801SR02\r", Sign::BlankInName),
        ] {
            assert_eq!(signs(name, &MISSING), [sign], "{name}");
        }
        assert_eq!(
            signs("/German_Germany/mk-sip.jar", &MISSING),
            [Sign::LocaleMissing, Sign::LocaleOfSip]
        );
    }

    #[test]
    fn signed_names_tell_the_same() {
        for (name, sign) in [
            ("SCCP41.9-4-2SR3-1S.loads.sgn", Sign::LoadMissing),
            ("BOOT69xx.0-0-0-14.zz.sgn", Sign::LoadMissing),
            ("Germany/g3-tones.xml.sgn", Sign::LocaleMissing),
        ] {
            assert_eq!(signs(name, &MISSING), [sign], "{name}");
            assert_eq!(signs(name, &found()), [], "{name}");
        }
        assert_eq!(
            signs("German_Germany/mk-sip.jar.sgn", &MISSING),
            [Sign::LocaleMissing, Sign::LocaleOfSip]
        );
        let sent = signs("German_Germany/mk-sccp.jar.sgn", &found());
        assert_eq!(sent, [Sign::LocaleOfSccp]);
        assert_eq!(signs("RINGLIST.XML.sgn", &MISSING), []);
    }

    #[test]
    fn what_phones_do_without_tells_nothing() {
        for name in [
            "/mk-sccp-sip.jar",
            "g3-tones.xml",
            "XMLDefault.cnf.xml",
            "SIPDefault.cnf",
            "SEPDefault.cnf",
            "lddefault.cfg",
            "OS79XX.TXT",
            "dialplan.xml",
            "RINGLIST.XML",
            "Desktops/320x212x12/List.xml",
        ] {
            assert_eq!(signs(name, &MISSING), [], "{name}");
        }
        assert_eq!(signs("SCCP41.9-4-2SR3-1S.loads", &found()), []);
        assert_eq!(signs("/mk-sip.jar", &MISSING), [Sign::LocaleOfSip]);
    }

    #[test]
    fn what_is_there_tells_something_too() {
        let sent = signs("term06.default.loads", &found());
        assert_eq!(sent, [Sign::FactoryLoadSent]);
        let sent = signs("SEP001122334455.cnf.xml.sgn", &found());
        assert_eq!(sent, [Sign::SignedSent]);
    }

    #[test]
    fn names_name_their_phone() {
        let device = DeviceName::new("SEP001122334455").unwrap();
        for name in [
            "CTLSEP001122334455.tlv",
            "/itlsep001122334455.tlv",
            "SEP001122334455.cnf.xml.sgn",
            "SIP001122334455.cnf",
            "gk001122334455",
        ] {
            let name = Name::of(name.as_bytes(), FileService::Http);
            assert_eq!(name.device().as_ref(), Some(&device));
        }
        let nobody = Name::of(b"SEPARATE-001122334455", FileService::Tftp);
        assert_eq!(nobody.device(), None);
    }

    #[test]
    fn over_http_a_blank_is_written_out_and_a_query_is_no_name() {
        let name = Name::of(b"/P0030801SR02%20?x=1", FileService::Http);
        assert_eq!(name.shown(), "\"P0030801SR02 \"");
        let [first, _] = name.signs(&MISSING);
        assert_eq!(first, Some(Sign::BlankInName));
    }

    proptest! {
        #[test]
        fn no_name_is_too_odd(wire in proptest::collection::vec(any::<u8>(), 0..400), http in any::<bool>()) {
            let service = if http { FileService::Http } else { FileService::Tftp };
            let name = Name::of(&wire, service);
            let _ = (name.device(), name.signs(&MISSING), name.signs(&found()));
            prop_assert!(!name.shown().chars().any(char::is_control));
        }
    }
}
