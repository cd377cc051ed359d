//! Traps on the way to a file.

use std::time::Duration;

use super::{BOOT, NEXT_FILE, Scene};
use crate::journal::diagnosis::finding::{Finding, Gravity, Rule};
use crate::journal::diagnosis::keys::erase_trust_list;
use crate::journal::trail::{Mark, Seen};
use crate::journal::words::clean;
use crate::model::Protocol;
use crate::ports::Sign;

/// A boot asks for three trust lists at most before it goes on.
const LISTS: u32 = 6;

/// One boot asks for its lists within less than this time.
const ONE_BOOT: Duration = Duration::from_secs(30);

/// A boot asks for `.cnf.xml.enc.sgn` and `.cnf.xml.sgn` before it goes on, for
/// both over HTTP and over TFTP.
const SIGNED: u32 = 4;

/// From a request to the moment when TFTP gives up on it, with some room.
const GIVE_UP: Duration = Duration::from_secs(40);

/// Once may be an upgrade that goes well.
const AGAIN: u32 = 3;

pub(super) fn signed_files_only(scene: &Scene<'_>) -> Option<Finding> {
    let kind = (Rule::SignedFilesOnly, Gravity::Stops);
    let means = "It holds the trust list (ITL or CTL) of another call manager: it takes no file \
                 that was not signed by those that the list names, and says nothing on its \
                 display.";
    let remedy = erase_trust_list(scene.model());
    if scene.is_registered() {
        return None;
    }
    let asked = Mark::Sign(Sign::BootFileAsked);
    if let Some(seen) = scene.open_sign(Sign::SignedMissing)
        && (seen.count > SIGNED || scene.now.since(seen.last) > NEXT_FILE)
        && scene.not_since(asked, seen)
        && scene.not_since(Mark::Sign(Sign::SignedSent), seen)
    {
        let seen = format!(
            "{} asked for {} {}, and not for the plain file.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        );
        return Some(Finding::new(kind, seen, means, remedy));
    }
    let seen = scene.open_sign(Sign::SignedSent).filter(|seen| {
        seen.count >= AGAIN
            && [asked, Mark::Registered]
                .into_iter()
                .all(|mark| scene.not_since_first(mark, seen))
    })?;
    let seen = format!(
        "{} was sent {} {}, and never registered.",
        scene.who,
        seen.detail,
        scene.how_often(seen)
    );
    Some(Finding::new(kind, seen, means, remedy))
}

pub(super) fn trust_list_loop(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene
        .open_sign(Sign::TrustListAsked)
        .filter(|seen| seen.count >= LISTS && seen.last.since(seen.first) >= ONE_BOOT)?;
    let goes_on = [Sign::BootFileAsked, Sign::SignedMissing, Sign::SignedSent]
        .into_iter()
        .any(|sign| !scene.not_since_first(Mark::Sign(sign), seen));
    if goes_on {
        return None;
    }
    Some(Finding::new(
        (Rule::TrustListLoop, Gravity::Stops),
        format!(
            "{} asked for trust lists (last {}) {}, and never for its own file.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        ),
        "It does not go on from the answer that there is no trust list: some old loads do not, \
         nor does a phone whose file told it to be secure (deviceSecurityMode).",
        format!(
            "{} If it goes on like this, give it another load of its series: put the firmware \
             into the folder of static files and reset it to what it left the factory with.",
            erase_trust_list(scene.model())
        ),
    ))
}

pub(super) fn no_firmware(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.open_sign(Sign::FactoryLoadMissing)?;
    Some(Finding::new(
        (Rule::NoFirmware, Gravity::Stops),
        format!(
            "{} asked for {} {}, which is not there.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        ),
        "It has no firmware that it can start, after a factory reset or an upgrade that was \
         interrupted, and asks for it until it gets it.",
        format!(
            "Unpack the firmware of its series into the folder of static files ([files] folder): \
             {} and every file that is listed in it, at the top of the folder, then restart \
             Embody. The phone goes on by itself.",
            seen.detail
        ),
    ))
}

pub(super) fn firmware_loop(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene
        .open_sign(Sign::FactoryLoadSent)
        .filter(|seen| seen.count >= AGAIN)?;
    Some(Finding::new(
        (Rule::FirmwareLoop, Gravity::Stops),
        format!(
            "{} was sent {} {}, and begins anew each time.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        ),
        "The firmware that the file lists does not start on it: too new or too old for its boot \
         loader, for another model, or a part of it is missing.",
        "Look for files that are asked for and not there; else stage an older load of its series \
         first (79x1: 8.x, and through 8.5(2) before any 9.x), let it start, then the next.",
    ))
}

pub(super) fn blank_in_name(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.lately(Sign::BlankInName)?;
    Some(Finding::new(
        (Rule::BlankInName, scene.gravity()),
        format!(
            "{} asked for {} {}.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        ),
        "It read the name in a text file that was saved with a blank or another line end behind \
         it: OS79XX.TXT, or a list of a load.",
        "Save OS79XX.TXT anew as one line without anything behind the name (`printf P0030801SR02 \
         > OS79XX.TXT`), or unpack the .loads file again, untouched.",
    ))
}

pub(super) fn wrong_protocol(scene: &Scene<'_>) -> Option<Finding> {
    let phone = scene.evidence?.phone.as_ref()?;
    if let Some(asked) = asks_for_xml_in_vain(scene) {
        return Some(Finding::new(
            (Rule::WrongProtocol, Gravity::Stops),
            format!(
                "{} asked for the file of an SCCP load {}, and never for SIP<MAC>.cnf, from which \
                 it is to boot.",
                scene.who,
                scene.how_often(asked)
            ),
            if phone.protocol.is_some() {
                "It is configured with SIP, and runs an SCCP load."
            } else {
                "It registered with a SIP load before, and runs an SCCP load now."
            },
            "Set `protocol = \"sccp\"` in its [[phone]] block, or give it a SIP load (P0S3..).",
        ));
    }
    let configured = phone.protocol?;
    let shown = phone
        .observed_protocol
        .filter(|shown| *shown != configured)?;
    let remedy = format!(
        "Set `protocol = \"{}\"` in its [[phone]] block, or give it an {configured} load.",
        shown.to_string().to_ascii_lowercase()
    );
    if scene.is_registered() {
        return Some(Finding::new(
            (Rule::WrongProtocol, Gravity::Hint),
            format!(
                "{} is configured with {configured} and speaks {shown}.",
                scene.who
            ),
            "It is served as what it is.",
            remedy,
        ));
    }
    scene.trail.of(Mark::FileSent)?;
    let sign = match shown {
        Protocol::Sip => Sign::LocaleOfSip,
        Protocol::Sccp => Sign::LocaleOfSccp,
    };
    let asked = scene
        .open_sign(sign)
        .or_else(|| scene.open_sign(Sign::TextFileMissing))
        .filter(|seen| scene.not_since(Mark::FileSent, seen))?;
    Some(Finding::new(
        (Rule::WrongProtocol, Gravity::Stops),
        format!(
            "{} took the file of an {configured} load and then asked for {} {}, as {shown} loads \
             do.",
            scene.who,
            asked.detail,
            scene.how_often(asked)
        ),
        format!(
            "Its load speaks {shown}. From now on it is served so; what it holds is the \
                 other file."
        ),
        format!("Restart it at the phone: it takes the right file. {remedy}"),
    ))
}

/// A 7940 or 7960 that is configured with SIP is told that there is no XML file,
/// and asks for nothing else: its SIP loads would.
fn asks_for_xml_in_vain<'a>(scene: &Scene<'a>) -> Option<&'a Seen> {
    scene
        .open(Mark::FileDenied)
        .filter(|_| !scene.is_registered())
        .filter(|seen| {
            seen.detail
                .starts_with("not found: its boot file is that of a SIP")
        })
        .filter(|seen| scene.stays(seen) && scene.not_since_first(Mark::FileSent, seen))
}

pub(super) fn text_file_missing(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene
        .open_sign(Sign::TextFileMissing)
        .filter(|seen| scene.stays(seen) && scene.not_since(Mark::FileSent, seen))?;
    Some(Finding::new(
        (Rule::TextFileMissing, scene.gravity()),
        format!(
            "{} asked for {} {}, which is not there.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        ),
        if scene.is_configured() {
            "It runs a SIP load of the 7940 and 7960 that reads text files, and is configured as \
             something else."
        } else {
            "It runs a SIP load of the 7940 and 7960 that reads text files, and nobody configured \
             it. Such loads do not try to register without their file: `embody status` does not \
             show them."
        },
        "Configure it with `protocol = \"sip\"`, or give it an SCCP load (P003..).",
    ))
}

/// SCCP loads of 7905 and 7912 ask for such a profile too, but behind the file
/// that they boot from.
pub(super) fn other_form(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene
        .open_sign(Sign::OtherFormMissing)
        .filter(|seen| scene.not_since(Mark::FileSent, seen))?;
    if scene.is_registered() || scene.open_sign(Sign::BootFileAsked).is_some() {
        return None;
    }
    Some(Finding::new(
        (Rule::OtherForm, Gravity::Stops),
        format!(
            "{} asked for {} {}, which is not there.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        ),
        "It boots from a file that is compiled. Phones that are configured as 7910, 7935, 7936, an \
         earlier one (12SP+, 30VIP ..), or as 7940 or 7960 with SCCP, are given theirs \
         (SEP<MAC>.cnf), so are a 7905 (ld<mac>) and a 7912 (gk<mac>) with SIP loads, and an ATA \
         186 with an SCCP load (ata<mac>).",
        format!(
            "Configure it as the model that it is; give an ATA 186 an SCCP load. Or put a file of \
             your own as {} into the folder of static files ([files] folder), with Embody's \
             address in it.",
            seen.detail
        ),
    ))
}

pub(super) fn answer_not_heard(scene: &Scene<'_>) -> Option<Finding> {
    if scene.is_registered() {
        return None;
    }
    // It is told when TFTP gives up: many phones ask twice for one file and take
    // it on the second time, which is over by then.
    let seen = scene.open_sign(Sign::NotAcknowledged).filter(|seen| {
        scene.trail.of(Mark::FileDelivered).is_none_or(|delivered| {
            !delivered.is_after_first(seen) && seen.first.since(delivered.last) > GIVE_UP
        })
    })?;
    Some(Finding::new(
        (Rule::AnswerNotHeard, Gravity::Stops),
        format!(
            "{} asked for {} over TFTP {}, and acknowledged nothing of what was sent.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        ),
        "Our answer does not reach it, or another TFTP server was quicker: it asks on port 69, \
         the answer comes from a port of its own.",
        "Let UDP from this host to the phones through the firewall ([tftp] ports narrows the \
         range), check the way back to its network, and see that no other TFTP server answers \
         for this address and that DHCP option 150 names Embody alone.",
    ))
}

pub(super) fn transfer_turned_away(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene
        .open_sign(Sign::TurnedAway)
        // A call or a key ends the loading of a ring or a picture.
        .filter(|seen| seen.count > 1 || !scene.is_registered())
        .filter(|seen| scene.not_since(Mark::FileDelivered, seen))?;
    let full = seen.detail.contains("disk full");
    let (means, remedy) = if full {
        (
            "It has no room for the file.",
            "Give it a load for its hardware; a factory reset makes room.",
        )
    } else {
        (
            "It takes the file from another server, or gave up on ours.",
            "Let DHCP option 150 name Embody alone, and see that no other TFTP server answers in \
             its network.",
        )
    };
    Some(Finding::new(
        (Rule::TransferTurnedAway, scene.gravity()),
        format!(
            "{} ended a transfer {}: {}.",
            scene.who,
            scene.how_often(seen),
            seen.detail
        ),
        means,
        remedy,
    ))
}

pub(super) fn file_not_given(scene: &Scene<'_>) -> Option<Finding> {
    scene.evidence?.phone.as_ref()?;
    let seen = scene
        .open(Mark::FileDenied)
        // It was not configured then.
        .filter(|seen| !seen.detail.starts_with("not found"))
        .filter(|seen| scene.not_since(Mark::FileSent, seen))?;
    if seen.detail.contains("starting") && scene.now.since(seen.last) < BOOT {
        return None;
    }
    let (means, remedy) = if seen.detail.starts_with("refused") {
        (
            "Files with secrets go to the address alone from which their phone is registered \
             ([files] restrict_files).",
            "If it has moved: restart it, or wait until its old registration ends. If it has \
             not: somebody else asks for its file.",
        )
    } else {
        (
            "The file exists and cannot be made now; the phone goes on with what it has.",
            "Run `embody check`, and look into the log for what it says of this phone.",
        )
    };
    let gravity = match scene.gravity() {
        // Whoever asks for the file of a phone that is well is another.
        Gravity::Disturbs => Gravity::Hint,
        gravity => gravity,
    };
    Some(Finding::new(
        (Rule::FileNotGiven, gravity),
        format!(
            "{} asked for its file {}; the answer was: {}.",
            scene.who,
            scene.how_often(seen),
            clean(&seen.detail)
        ),
        means,
        remedy,
    ))
}

pub(super) fn load_missing(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene
        .lately(Sign::LoadMissing)
        .filter(|seen| seen.count > 1)?;
    Some(Finding::new(
        (Rule::LoadMissing, scene.gravity()),
        format!(
            "{} asked for {} {}, which is not there.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        ),
        "It was told to run a load that is not staged, or a part of a load is missing: it keeps \
         the one that it has, and some loads ask for ever.",
        "Put the whole load into the folder of static files ([files] folder), every part that \
         its .loads file lists, or take the load out of the file that names it.",
    ))
}

pub(super) fn locale_missing(scene: &Scene<'_>) -> Option<Finding> {
    let seen = scene.lately(Sign::LocaleMissing)?;
    let folder = seen
        .detail
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    Some(Finding::new(
        (Rule::LocaleMissing, Gravity::Hint),
        format!(
            "{} asked for {} {}, which is not there.",
            scene.who,
            seen.detail,
            scene.how_often(seen)
        ),
        "Its file names a locale whose files are not staged: it shows English, and waits some \
         seconds at each boot.",
        format!(
            "Put the locale files of its series into a folder `{folder}` at the top of the \
             static files, or take `locale` out of its configuration.",
        ),
    ))
}
