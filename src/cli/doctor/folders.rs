//! The data folder and the folder of static files: rights, and what lies there
//! that would hurt phones.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::finding::{Check, Finding, Grade};
use crate::app::{Config, Port};
use crate::http::server::Encryption;
use crate::provision::trust::TrustFolder;
use crate::store::OpenError;

/// The most files that are looked at.
const MOST_FILES: usize = 50_000;
/// Folders inside folders.
const DEEPEST: usize = 8;
/// The most files that a line names.
const NAMED: usize = 5;

/// What to do about what this user may not see and the daemon may.
const LOOK_AS_ANOTHER: &str = "run this as root, or as the user that runs Embody";

/// The folder that holds the store.
pub(super) fn data(folder: &Path) -> Vec<Finding> {
    let shown = folder.display();
    let found = match fs::metadata(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return vec![Finding::ok(
                Check::Data,
                format!("there is no {shown} yet; `embody serve` makes it"),
            )];
        }
        Err(error) => return vec![unseen(folder, &error)],
    };
    let dir = folder.to_owned();
    if !found.is_dir() {
        let sentence = OpenError::NotAFolder { dir }.to_string();
        return vec![Finding::fault(
            Check::Data,
            sentence,
            "name another one with --data",
        )];
    }
    let own = rustix::process::geteuid().as_raw();
    let mode = found.permissions().mode() & 0o777;
    rights(folder, found.uid(), mode, own)
}

/// The shipped unit has its folder inside one that root alone may enter.
fn unseen(folder: &Path, error: &io::Error) -> Finding {
    let what = format!("{} cannot be looked at: {error}", folder.display());
    if error.kind() == io::ErrorKind::PermissionDenied {
        Finding::warning(Check::Data, what, LOOK_AS_ANOTHER)
    } else {
        let remedy = "name a folder on a file system that can be read";
        Finding::fault(Check::Data, what, remedy)
    }
}

/// A folder of user `owner` as user `own` sees it.
fn rights(folder: &Path, owner: u32, mode: u32, own: u32) -> Vec<Finding> {
    let shown = folder.display();
    let is_root = own == 0;
    let mut findings = Vec::new();
    if mode & 0o077 != 0 {
        let dir = folder.to_owned();
        let sentence = OpenError::Exposed { dir, mode }.to_string();
        findings.push(Finding::of(Check::Data, Grade::Fault, sentence));
    }
    if owner != own && !is_root {
        findings.push(Finding::warning(
            Check::Data,
            format!("{shown} belongs to user {owner}, and this is user {own}"),
            LOOK_AS_ANOTHER,
        ));
    } else if let Err(why) = can_be_written(folder) {
        findings.push(Finding::fault(
            Check::Data,
            format!("{shown} cannot be written: {why}"),
            "give the data folder to the user that runs Embody, on a file system with room that \
             is mounted read-write",
        ));
    }
    if findings.is_empty() {
        let what = if owner == own {
            format!("{shown} is for its owner alone, who can write it")
        } else {
            // So it is with contrib/systemd/embody.service, whose user has
            // another number at every installation.
            format!("{shown} is for user {owner} alone, who must be the one that runs Embody")
        };
        findings.push(Finding::ok(Check::Data, what));
    }
    findings
}

/// The site key, where files are signed: without it the daemon does not start.
pub(super) fn site_key(data: &Path, config: &Config) -> Option<Finding> {
    if !config.files.sign {
        return None;
    }
    let folder = TrustFolder::of(data);
    let shown = folder.path().display();
    // What may not be looked at is not missing.
    if let Err(error) = fs::metadata(folder.path())
        && error.kind() == io::ErrorKind::PermissionDenied
    {
        return Some(Finding::warning(
            Check::Data,
            format!("[files] sign is set, and the site key in {shown} cannot be seen: {error}"),
            LOOK_AS_ANOTHER,
        ));
    }
    let https = config.listen.config_https != Port::Off;
    Some(match can_sign(&folder, https) {
        Ok(()) => Finding::ok(Check::Data, format!("the site key in {shown} can sign")),
        Err(error) => Finding::of(
            Check::Data,
            Grade::Fault,
            format!("[files] sign is set, and the daemon does not start: {error}"),
        ),
    })
}

/// As the daemon reads it at its start.
fn can_sign(folder: &TrustFolder, https: bool) -> Result<(), String> {
    let site = folder.load().map_err(|error| error.to_string())?;
    if !https {
        return Ok(());
    }
    let web = site.web();
    let encryption = Encryption::new(web.certificate.der(), &web.key);
    encryption.map(drop).map_err(|why| {
        let folder = folder.path().display();
        format!("{folder}/https.key cannot be used: {why}")
    })
}

/// Tries it with a file that is gone at once.
fn can_be_written(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".embody-doctor-{}", std::process::id()));
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&probe);
    let _ = fs::remove_file(&probe);
    made.map(drop)
}

/// What was seen in the folder of static files.
#[derive(Debug, Default)]
struct Seen {
    files: usize,
    /// Cut at [`MOST_FILES`].
    not_all: bool,
    /// Cannot be read, and why.
    unreadable: Vec<String>,
    /// Empty, and phones would stumble over it elsewhere.
    empty: Vec<String>,
    /// Never served: Embody makes these itself.
    shadowed: Vec<String>,
    /// Served, where Embody would make one of its own.
    standing: Vec<String>,
    /// Names by their lower case.
    names: HashMap<String, Vec<String>>,
}

/// The folder of static files, if there is one.
pub(super) fn files(folder: Option<&Path>) -> Vec<Finding> {
    let Some(folder) = folder else {
        return vec![Finding::ok(
            Check::Files,
            "[files] folder is not set: no firmware, rings or locales are served",
        )];
    };
    let shown = folder.display();
    let mut seen = Seen::default();
    let root = match folder
        .canonicalize()
        .and_then(|root| fs::read_dir(&root).map(|_| root))
    {
        Ok(root) => root,
        Err(error) => {
            return vec![Finding::fault(
                Check::Files,
                format!("[files] folder {shown} cannot be read: {error}"),
                "make the folder, or let the user that runs Embody read it (chmod o+rx)",
            )];
        }
    };
    walk(&root, &root, 0, &mut seen);
    told(&seen, &shown.to_string())
}

fn walk(root: &Path, folder: &Path, depth: usize, seen: &mut Seen) {
    let name_of = |path: &Path| {
        let relative = path.strip_prefix(root).unwrap_or(path);
        relative.display().to_string()
    };
    let Ok(entries) = fs::read_dir(folder) else {
        seen.unreadable.push(name_of(folder));
        return;
    };
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let name = name_of(&path);
        let Ok(data) = fs::metadata(&path) else {
            seen.unreadable.push(name);
            continue;
        };
        if data.is_dir() {
            folders.push(path);
            continue;
        }
        if seen.files >= MOST_FILES {
            seen.not_all = true;
            return;
        }
        seen.files += 1;
        if data.is_file() && data.len() > 0 && File::open(&path).is_err() {
            seen.unreadable.push(name.clone());
        }
        note(&name, data.len(), seen);
    }
    for inner in folders.iter().filter(|_| depth < DEEPEST) {
        walk(root, inner, depth + 1, seen);
    }
}

fn note(name: &str, size: u64, seen: &mut Seen) {
    let lower = name.to_lowercase();
    if size == 0 && is_for_phones(&lower) {
        seen.empty.push(name.to_owned());
    } else if stands_before_ours(&lower) {
        seen.standing.push(name.to_owned());
    } else if is_made_by_us(&lower) {
        seen.shadowed.push(name.to_owned());
    }
    seen.names.entry(lower).or_default().push(name.to_owned());
}

/// A configuration or trust list, of one phone or of all.
fn is_for_phones(lower: &str) -> bool {
    let begins = ["sep", "ata", "sip", "ctl", "itl", "xmldefault", "vgc"];
    let ends = [".cnf.xml", ".cnf", ".tlv", ".sgn"];
    begins.iter().any(|begin| lower.starts_with(begin))
        && ends.iter().any(|end| lower.ends_with(end))
        || stands_before_ours(lower)
}

/// What Embody makes only where nobody has one of his own in the folder.
fn stands_before_ours(lower: &str) -> bool {
    let is_mac = |mac: &str| mac.len() == 12 && mac.bytes().all(|b| b.is_ascii_hexdigit());
    let records = lower
        .strip_prefix("sep")
        .and_then(|rest| rest.strip_suffix(".cnf"));
    let profile = lower.strip_prefix("ata");
    records.into_iter().chain(profile).any(is_mac)
        || ["sepdefault.cnf", "wlandefault.xml"].contains(&lower)
}

/// What Embody answers from its own store, whatever lies in the folder.
fn is_made_by_us(lower: &str) -> bool {
    let Some(stem) = lower.strip_suffix(".cnf.xml") else {
        return false;
    };
    let mac = stem.strip_prefix("sep").unwrap_or_default();
    let is_mac = mac.len() == 12 && mac.bytes().all(|b| b.is_ascii_hexdigit());
    stem == "xmldefault" || is_mac
}

fn told(seen: &Seen, folder: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !seen.unreadable.is_empty() {
        findings.push(Finding::fault(
            Check::Files,
            format!("{} in {folder} cannot be read", some(&seen.unreadable)),
            "let the user that runs Embody read them (chmod -R o+rX), and mend links that lead \
             nowhere",
        ));
    }
    if !seen.empty.is_empty() {
        findings.push(Finding::warning(
            Check::Files,
            format!(
                "{} in {folder} are empty: Embody answers that there is no such file, and another \
                 TFTP server would hand phones nothing, over which old ones never start again",
                some(&seen.empty)
            ),
            "remove them",
        ));
    }
    if !seen.shadowed.is_empty() {
        findings.push(Finding::warning(
            Check::Files,
            format!(
                "{} in {folder} are never served: Embody makes these files itself",
                some(&seen.shadowed)
            ),
            "take what is in them into the site file, and remove them",
        ));
    }
    if !seen.standing.is_empty() {
        findings.push(Finding::warning(
            Check::Files,
            format!(
                "{} in {folder} stand before the files that Embody makes for such devices",
                some(&seen.standing)
            ),
            "remove them if they are left over from another call manager: phones go where they say",
        ));
    }
    let mut twice: Vec<String> = seen
        .names
        .values()
        .filter(|names| names.len() > 1)
        .map(|names| {
            let mut names = names.clone();
            names.sort();
            names.join(" and ")
        })
        .collect();
    twice.sort();
    if !twice.is_empty() {
        findings.push(Finding::warning(
            Check::Files,
            format!(
                "{} in {folder} differ in letter case alone: which one a phone gets depends on \
                 how its load spells the name",
                some(&twice)
            ),
            "keep one of each; Embody finds it in any case",
        ));
    }
    let count = match (seen.files, seen.not_all) {
        (files, true) => format!("only the first {files} files of {folder} were looked at"),
        (1, false) => format!("1 file in {folder}"),
        (files, false) => format!("{files} files in {folder}"),
    };
    findings.push(Finding::ok(Check::Files, count));
    findings
}

/// Some names, and how many more.
fn some(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    let left = names.len().saturating_sub(NAMED);
    match left {
        0 => shown.join(", "),
        _ => format!("{} and {left} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::Timestamp;
    use crate::provision::trust::Owner;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn about(files: &[(&str, &str)]) -> Vec<String> {
        let folder = folder(files);
        let findings = super::files(Some(folder.path()));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_hurts_phones_is_named() {
        let said = about(&[
            ("SEP001122334455.cnf.xml", ""),
            ("CTLSEP001122334455.tlv", ""),
            ("SEP001122334466.cnf.xml", "<device/>"),
            ("sub/Ringlist.xml", "<x/>"),
            ("sub/RINGLIST.XML", "<x/>"),
            ("dialplan-empty.xml", ""),
            ("SCCP41.loads", "x"),
            (".hidden", ""),
        ]);
        let [empty, shadowed, twice, count] = said.as_slice() else {
            panic!("{said:?}");
        };
        assert!(
            empty.contains("CTLSEP001122334455.tlv") && empty.contains("SEP001122334455.cnf.xml")
        );
        assert!(!empty.contains("dialplan"), "{empty}");
        assert!(
            shadowed.contains("SEP001122334466.cnf.xml") && !shadowed.contains("4455"),
            "{shadowed}"
        );
        assert!(
            twice.contains("sub/RINGLIST.XML and sub/Ringlist.xml"),
            "{twice}"
        );
        assert!(
            count.starts_with("ok") && count.contains("7 files"),
            "{count}"
        );
    }

    /// Files that `cfgfmt` or an earlier call manager made.
    #[test]
    fn what_stands_before_ours_is_named() {
        let said = about(&[
            ("SEP001122334455.cnf", "x"),
            ("ata001122334455", "x"),
            ("WLANDefault.xml", "x"),
            ("ata001122334466", ""),
            ("ata-readme", "x"),
        ]);
        let [empty, standing, _] = said.as_slice() else {
            panic!("{said:?}");
        };
        assert!(empty.contains("ata001122334466"), "{empty}");
        for name in ["SEP001122334455.cnf", "ata001122334455", "WLANDefault.xml"] {
            assert!(standing.contains(name), "{standing}");
        }
        assert!(
            !standing.contains("readme") && !standing.contains("4466"),
            "{standing}"
        );
    }

    #[test]
    fn a_good_folder_is_one_line_and_a_missing_one_a_fault() {
        assert_eq!(about(&[("a.loads", "x")]).len(), 1);
        let missing = files(Some(Path::new("/nonexistent/tftp")));
        assert_eq!(missing[0].grade, Grade::Fault);
        assert_eq!(files(None)[0].grade, Grade::Ok);
        let link = folder(&[]);
        std::os::unix::fs::symlink("nowhere", link.path().join("jar41.sbn")).unwrap();
        let findings = files(Some(link.path()));
        assert!(
            findings[0].what.starts_with("jar41.sbn in"),
            "{}",
            findings[0]
        );
    }

    #[test]
    fn the_data_folder_is_for_its_owner_alone() {
        let folder = folder(&[]);
        let chmod =
            |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        chmod(0o755);
        let open = data(folder.path());
        assert_eq!(open[0].grade, Grade::Fault);
        assert!(open[0].what.contains("chmod 700"), "{}", open[0]);
        chmod(0o700);
        let closed = data(folder.path());
        assert_eq!(closed.len(), 1);
        assert_eq!(closed[0].grade, Grade::Ok, "{}", closed[0]);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            0,
            "nothing is left"
        );
        assert_eq!(data(&folder.path().join("none"))[0].grade, Grade::Ok);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(data(&file)[0].grade, Grade::Fault);
    }

    /// The shipped unit has a user of its own, and root looks.
    #[test]
    fn a_folder_of_the_daemons_own_user_is_well() {
        let folder = folder(&[]);
        let seen = rights(folder.path(), 64_321, 0o700, 0);
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].grade, Grade::Ok, "{}", seen[0]);
        assert!(seen[0].what.contains("for user 64321 alone"), "{}", seen[0]);
        assert_eq!(seen[0].remedy, None);
        let open = rights(folder.path(), 64_321, 0o755, 0);
        assert_eq!(open[0].grade, Grade::Fault);
        let foreign = rights(folder.path(), 64_321, 0o700, 1000);
        assert_eq!(foreign.len(), 1);
        assert_eq!(foreign[0].grade, Grade::Warning, "{}", foreign[0]);
        let inside = super::unseen(folder.path(), &io::ErrorKind::PermissionDenied.into());
        assert_eq!(inside.grade, Grade::Warning, "{inside}");
        let broken = super::unseen(folder.path(), &io::ErrorKind::Other.into());
        assert_eq!(broken.grade, Grade::Fault, "{broken}");
    }

    #[test]
    fn a_key_that_signs_is_there_and_is_one() {
        let data = folder(&[]);
        let without = Config::default();
        assert_eq!(site_key(data.path(), &without), None);
        let with = Config::parse("[files]\nsign = true\n").unwrap();
        let missing = site_key(data.path(), &with).unwrap();
        assert_eq!(missing.grade, Grade::Fault);
        assert!(missing.what.contains("embody trust init"), "{missing}");
        let trust = TrustFolder::of(data.path());
        let owner = Owner {
            name: "site".to_owned(),
            unit: "Phones".to_owned(),
            organization: "Example".to_owned(),
        };
        trust.create(&owner, Timestamp(0)).unwrap();
        assert_eq!(site_key(data.path(), &with).unwrap().grade, Grade::Ok);
        // The key of HTTPS is another one, for which only its port asks.
        let encrypted = "[listen]\nconfig_https = 6971\n[files]\nsign = true\n";
        let encrypted = Config::parse(encrypted).unwrap();
        let seen = site_key(data.path(), &encrypted).unwrap();
        assert_eq!(seen.grade, Grade::Ok, "{seen}");
        let other = folder(&[]);
        let foreign = TrustFolder::of(other.path());
        foreign.create(&owner, Timestamp(0)).unwrap();
        let web_key = "https.key";
        fs::copy(foreign.path().join(web_key), trust.path().join(web_key)).unwrap();
        assert_eq!(site_key(data.path(), &with).unwrap().grade, Grade::Ok);
        let seen = site_key(data.path(), &encrypted).unwrap();
        assert_eq!(seen.grade, Grade::Fault, "{seen}");
        assert!(seen.what.contains("https.key cannot be used"), "{seen}");
        let key = trust.path().join("site.key");
        fs::write(&key, "no key").unwrap();
        let broken = site_key(data.path(), &with).unwrap();
        assert_eq!(broken.grade, Grade::Fault, "{broken}");
    }

    #[test]
    fn many_names_are_shortened() {
        let names: Vec<String> = (0..8).map(|n| format!("f{n}")).collect();
        assert_eq!(some(&names), "f0, f1, f2, f3, f4 and 3 more");
        assert_eq!(some(&names[..2]), "f0, f1");
    }
}
