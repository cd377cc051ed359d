//! The running-config as blocks: a line that opens one, and the commands in it.

use super::flat;
use crate::model::VendorConfig;
use crate::site::import::draft::Draft;
use crate::site::import::report::Place;
use crate::site::import::{source, values};

/// The most commands of a block.
const MOST_COMMANDS: usize = 2000;

/// What a block configures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    TelephonyService,
    EphoneDn,
    EphoneTemplate,
    Ephone,
    RegisterGlobal,
    RegisterDn,
    RegisterTemplate,
    RegisterPool,
    LogoutProfile,
    UserProfile,
    /// Something else of telephony that is told as a whole.
    Other,
}

/// How blocks begin; the longer before the shorter.
const OPENERS: [(&str, Mode); 18] = [
    ("telephony-service", Mode::TelephonyService),
    ("ephone-dn-template", Mode::Other),
    ("ephone-dn", Mode::EphoneDn),
    ("ephone-template", Mode::EphoneTemplate),
    ("ephone-hunt", Mode::Other),
    ("ephone-type", Mode::Other),
    ("ephone", Mode::Ephone),
    ("voice register global", Mode::RegisterGlobal),
    ("voice register dn", Mode::RegisterDn),
    ("voice register template", Mode::RegisterTemplate),
    ("voice register pool-type", Mode::Other),
    ("voice register pool", Mode::RegisterPool),
    ("voice register dialplan", Mode::Other),
    ("voice register", Mode::Other),
    ("voice logout-profile", Mode::LogoutProfile),
    ("voice user-profile", Mode::UserProfile),
    ("voice hunt-group", Mode::Other),
    ("call-manager-fallback", Mode::Other),
];

/// A block.
pub(super) struct Block<'a> {
    pub(super) mode: Mode,
    /// How it begins, for notes.
    pub(super) title: &'static str,
    /// Its number.
    pub(super) tag: Option<u32>,
    pub(super) place: &'a Place,
    pub(super) line: usize,
    /// Commands with their lines, without blanks at their ends.
    pub(super) commands: Vec<(usize, &'a str)>,
}

/// Reads a configuration. Its commands are indented, as the router prints
/// them; of one that lost its blanks on the way, a command belongs to the
/// block before it until an exclamation mark.
pub(super) fn read<'a>(
    text: &'a str,
    place: &'a Place,
    blocks: &mut Vec<Block<'a>>,
    draft: &mut Draft<'_>,
) {
    let lines = source::lines(text, place, draft);
    let indented = lines
        .iter()
        .any(|(_, line)| line.starts_with(' ') && !line.trim().is_empty());
    let mut open = false;
    for (at, (number, line)) in lines.iter().enumerate() {
        let (number, command) = (*number, line.trim());
        if command.starts_with('!') {
            open = open && line.starts_with(' ');
            continue;
        }
        if command.is_empty() {
            continue;
        }
        let inside = open && (line.starts_with(' ') || !indented);
        let refers = inside && !indented && {
            let following = lines.get(at + 1..).unwrap_or_default();
            let following = following.iter().map(|(_, line)| line.trim());
            blocks
                .last()
                .is_some_and(|block| flat::is_reference(block, command, following))
        };
        match opener(command) {
            Some((title, mode)) if !line.starts_with(' ') && !refers => {
                let tag = command.get(title.len()..).unwrap_or_default();
                blocks.push(Block {
                    mode,
                    title,
                    tag: tag
                        .split_whitespace()
                        .next()
                        .and_then(|tag| tag.parse().ok()),
                    place,
                    line: number,
                    commands: Vec::new(),
                });
                open = true;
            }
            _ if inside => {
                if let Some(block) = blocks.last_mut()
                    && block.commands.len() < MOST_COMMANDS
                {
                    block.commands.push((number, command));
                }
            }
            _ => open = false,
        }
    }
}

pub(super) fn opener(command: &str) -> Option<(&'static str, Mode)> {
    OPENERS.into_iter().find(|(opener, _)| {
        command
            .strip_prefix(opener)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// Commands that say how the router does what Embody does in its own way, or
/// that only have something happen.
const NOTHING: [&str; 32] = [
    "no",
    "exit",
    "max-ephones",
    "max-dn",
    "max-pool",
    "ip",
    "source-address",
    "create",
    "reset",
    "restart",
    "mode",
    "device-security-mode",
    "codec",
    "vad",
    "dtmf-relay",
    "keepalive",
    "cnf-file",
    "cnf-file-location",
    "auto-reg-ephone",
    "session-transport",
    "session-server",
    "tftp-path",
    "max-conferences",
    "transfer-system",
    "log",
    "file",
    "voice-class",
    "registration-timer",
    "max-redirect",
    "emadmin",
    "web",
    "allow",
];

/// Commands about calls.
const CALLS: [&str; 31] = [
    "call-forward",
    "huntstop",
    "pickup-group",
    "pickup-call",
    "corlist",
    "cor",
    "translate",
    "translation-profile",
    "transfer-mode",
    "transfer-pattern",
    "transfer-park",
    "moh",
    "voicemail",
    "mwi",
    "mwi-type",
    "paging",
    "paging-dn",
    "park-slot",
    "intercom",
    "preference",
    "hold-alert",
    "dialplan-pattern",
    "secondary-dialtone",
    "after-hours",
    "after-hour",
    "no-reg",
    "shared-line",
    "night-service",
    "caller-id",
    "conference",
    "group",
];

/// Notes a command that has no place in a site file.
pub(super) fn not_carried(block: &Block<'_>, line: usize, word: &str, draft: &mut Draft<'_>) {
    if NOTHING.contains(&word) || word.is_empty() {
        return;
    }
    let at = block.place.line(line);
    if word == "service" {
        draft.note(
            &at,
            &format!("service of {}", block.title),
            "it switches a service of the router, or cannot be written into a boot file",
            "nothing, unless somebody misses it",
        );
        return;
    }
    if CALLS.contains(&word) {
        draft.note(
            &at,
            &format!("{} of {}", plain(word), block.title),
            "it is about calls, and Embody sets up none",
            "keep it in the system that sets up the calls",
        );
        return;
    }
    draft.note(
        &at,
        &format!("{} of {}", plain(word), block.title),
        "a site file has nothing of the kind",
        "nothing, unless somebody misses it",
    );
}

/// `service phone NAME VALUE`: an element of `vendorConfig` (*Unified CME
/// Command Reference*, `service phone`). Whether it is one and fits.
pub(super) fn phone_service(command: &str, switches: &mut VendorConfig) -> bool {
    let mut words = command.split_whitespace();
    let (Some("service"), Some("phone"), Some(name), Some(value), None) = (
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
    ) else {
        return false;
    };
    !values::is_secret(name) && switches.set(name, value).is_ok()
}

/// A word of the configuration as a note may repeat it: a command, and no
/// more.
pub(super) fn plain(word: &str) -> String {
    let clean: String = word
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(32)
        .collect();
    if clean.is_empty() {
        "a command".to_owned()
    } else {
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Options;
    use super::super::super::tests::catalogue;
    use super::*;

    fn commands(text: &str) -> Vec<(Mode, Option<u32>, Vec<String>)> {
        let catalogue = catalogue();
        let options = Options::default();
        let mut draft = Draft::new(&catalogue, &options);
        let place = Place::file("r1");
        let mut blocks = Vec::new();
        read(text, &place, &mut blocks, &mut draft);
        blocks
            .iter()
            .map(|block| {
                let commands = block.commands.iter().map(|(_, c)| (*c).to_owned());
                (block.mode, block.tag, commands.collect())
            })
            .collect()
    }

    #[test]
    fn a_block_ends_where_another_begins() {
        let read = commands(
            "hostname r1\nephone-dn  1  dual-line\n number 1001\n!\nephone  1\n type 7960\n button  \
             1:1\ninterface Vlan1\n ip address 192.0.2.1 255.255.255.0\nvoice register pool  3\n \
             type 8841\n",
        );
        assert_eq!(
            read,
            [
                (Mode::EphoneDn, Some(1), vec!["number 1001".to_owned()]),
                (
                    Mode::Ephone,
                    Some(1),
                    vec!["type 7960".to_owned(), "button  1:1".to_owned()]
                ),
                (Mode::RegisterPool, Some(3), vec!["type 8841".to_owned()]),
            ]
        );
    }

    #[test]
    fn a_configuration_that_lost_its_blanks_is_read() {
        let read = commands("ephone 1\ntype 7960\n!\nline vty 0 4\nephone 2\ntype 7940\n");
        assert_eq!(read.len(), 2);
        assert_eq!(read.first().map(|block| block.2.len()), Some(1));
    }

    /// `ephone-template` names a template inside a phone, and opens one outside.
    #[test]
    fn without_blanks_a_template_is_told_from_the_phone_that_has_it() {
        let read = commands(
            "ephone-dn 1\nnumber 1001\nephone-dn-template 2\nlabel One\n!\n\
             ephone-template 1\nsoftkeys idle Redial\nuser-locale 1\n!\n\
             ephone 1\nmac-address 0011.2233.4455\nephone-template 1\ntype 7960\nbutton 1:1\n!\n\
             ephone 2\nmac-address 0011.2233.4466\ntype 7960\nephone-template 1\n",
        );
        let modes: Vec<_> = read.iter().map(|(mode, tag, _)| (*mode, *tag)).collect();
        assert_eq!(
            modes,
            [
                (Mode::EphoneDn, Some(1)),
                (Mode::EphoneTemplate, Some(1)),
                (Mode::Ephone, Some(1)),
                (Mode::Ephone, Some(2)),
            ]
        );
        let lengths: Vec<_> = read.iter().map(|(_, _, commands)| commands.len()).collect();
        assert_eq!(lengths, [3, 2, 4, 3]);
    }

    /// Without blanks and without exclamation marks: `show run | section ephone`.
    #[test]
    fn a_template_behind_a_phone_is_one_where_its_commands_follow() {
        let of = |following: &str| {
            let read = commands(&format!(
                "ephone 1\nmac-address 0011.2233.4455\ntype 7960\nbutton 1:1\n\
                 ephone-template 2\n{following}"
            ));
            read.iter().map(|(mode, ..)| *mode).collect::<Vec<_>>()
        };
        let (phone, template) = (Mode::Ephone, Mode::EphoneTemplate);
        for following in [
            "softkeys idle Redial\n",
            "service phone webAccess 0\n",
            "feature-button 1 DND\nephone 2\ntype 7940\n",
            "conference drop-mode never\n",
        ] {
            assert_eq!(
                of(following).get(..2),
                Some(&[phone, template][..]),
                "{following}"
            );
        }
        for following in [
            "",
            "username \"a\"\nsoftkeys idle Redial\n",
            "ephone 2\ntype 7940\n",
        ] {
            assert!(!of(following).contains(&template), "{following}");
        }
        // Tied to a phone that is not through yet, by commands that both have.
        let read = commands(
            "ephone 1\nmac-address 0011.2233.4455\nephone-template 2\nfeature-button 1 DND\n\
             type 7960\nbutton 1:1\n",
        );
        assert_eq!(read.len(), 1, "{read:?}");
        assert_eq!(read.first().map(|block| block.2.len()), Some(5));
    }
}
