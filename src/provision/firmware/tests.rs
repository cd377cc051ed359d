//! An operator drops firmware in, and what phones find of it.
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::stage::inside;
use super::{Whole, stage};
use crate::model::LoadName;
use crate::provision::{FolderReport, StaticAnswer, StaticFiles};

const NINE: &str = "SIP41.9-4-2SR3-1S";
const LIST: &str = "jar41sip.9-4-2.sbn  \r\ncnu41.9-4-2.sbn\r\n#HARDWARE_COMP_1 5\r\n";

/// A folder of static files, and one beside it for what comes in.
struct Desk {
    _outer: tempfile::TempDir,
    root: PathBuf,
    inbox: PathBuf,
}

impl Desk {
    fn new(files: &[(&str, &str)]) -> Self {
        let outer = tempfile::tempdir().unwrap();
        let (root, inbox) = (outer.path().join("static"), outer.path().join("inbox"));
        std::fs::create_dir(&root).unwrap();
        std::fs::create_dir(&inbox).unwrap();
        put(&root, files);
        Self {
            _outer: outer,
            root,
            inbox,
        }
    }

    fn scan(&self) -> StaticFiles {
        StaticFiles::scan(&self.root).unwrap()
    }

    /// Every name in the folder, hidden ones too.
    fn everything(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                let name = path.strip_prefix(&self.root).unwrap();
                found.push(name.to_str().unwrap().to_owned());
            }
        }
        found.sort();
        found
    }

    /// A zip archive of these entries, packed with deflate.
    fn zip(&self, name: &str, entries: &[(&str, &[u8])]) -> PathBuf {
        let path = self.inbox.join(name);
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in entries {
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    fn refused(&self, source: &Path) -> String {
        let before = self.everything();
        let why = stage(source, &self.root, None).unwrap_err().to_string();
        assert_eq!(self.everything(), before, "nothing is left behind");
        why
    }
}

fn put(root: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn load(name: &str) -> LoadName {
    LoadName::new(name).unwrap()
}

fn said(files: &StaticFiles, name: &str) -> String {
    match files.read(name) {
        StaticAnswer::Found(body) => String::from_utf8_lossy(&body).into_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_parts_of_a_load_are_found_by_their_bare_names_however_deep_and_nothing_else_is() {
    let desk = Desk::new(&[
        ("a/b/c/SIP41.9-4-2SR3-1S.loads", LIST),
        ("a/b/c/jar41sip.9-4-2.sbn", "jar"),
        ("a/b/other/cnu41.9-4-2.SBN", "cnu"),
        ("a/b/c/stray.sbn", "no load names it"),
        ("a/b/c/notes.txt", "nor this"),
    ]);
    let files = desk.scan();
    assert_eq!(said(&files, "SIP41.9-4-2SR3-1S.loads"), LIST);
    assert_eq!(said(&files, "jar41sip.9-4-2.sbn"), "jar");
    assert_eq!(said(&files, "cnu41.9-4-2.sbn"), "cnu");
    for stray in [
        "stray.sbn",
        "notes.txt",
        "c/stray.sbn",
        "b/c/jar41sip.9-4-2.sbn",
    ] {
        assert_eq!(said(&files, stray), "Missing", "{stray}");
    }
    assert_eq!(said(&files, "a/b/c/stray.sbn"), "no load names it");
    assert_eq!(files.whole(&load(NINE)), Whole::Yes);
    // Without the list its parts are strays too.
    std::fs::remove_file(desk.root.join("a/b/c/SIP41.9-4-2SR3-1S.loads")).unwrap();
    assert_eq!(said(&desk.scan(), "jar41sip.9-4-2.sbn"), "Missing");
}

#[test]
fn what_is_missing_is_named() {
    let desk = Desk::new(&[
        ("SIP41.9-4-2SR3-1S.loads", LIST),
        ("jar41sip.9-4-2.sbn", "jar"),
        ("cnu41.9-4-2.sbn", ""),
    ]);
    let files = desk.scan();
    let missing = Whole::Missing(vec!["cnu41.9-4-2.sbn".to_owned()]);
    assert_eq!(files.whole(&load(NINE)), missing, "an empty file is none");
    assert_eq!(files.whole(&load("SIP41.8-5-4S")), Whole::NotStaged);
    let report = FolderReport::of(&files);
    assert_eq!(
        report.loads,
        [(
            "SIP41.9-4-2SR3-1S is not whole: cnu41.9-4-2.sbn missing (SIP41.9-4-2SR3-1S.loads)"
                .to_owned(),
            false
        )]
    );
    assert!(report.findings.is_empty(), "{report:?}");
}

#[test]
fn a_part_that_is_taken_away_makes_a_load_less_than_whole_without_a_new_look() {
    let desk = Desk::new(&[
        ("x/SIP41.9-4-2SR3-1S.loads", LIST),
        ("x/jar41sip.9-4-2.sbn", "jar"),
        ("x/cnu41.9-4-2.sbn", "cnu"),
    ]);
    let files = desk.scan();
    assert_eq!(files.whole(&load(NINE)), Whole::Yes);
    std::fs::remove_file(desk.root.join("x/cnu41.9-4-2.sbn")).unwrap();
    let missing = Whole::Missing(vec!["cnu41.9-4-2.sbn".to_owned()]);
    assert_eq!(files.whole(&load(NINE)), missing);
}

#[test]
fn of_two_versions_that_share_a_name_the_other_is_told() {
    let desk = Desk::new(&[
        ("8-5-4/term41.default.loads", "jar41sip.8-5-4.sbn\n"),
        ("8-5-4/jar41sip.8-5-4.sbn", "eight"),
        ("9-4-2/term41.default.loads", "jar41sip.9-4-2.sbn\r\n"),
        ("9-4-2/jar41sip.9-4-2.sbn", "nine"),
        (
            "9-4-2/SIP41.9-4-2S.loads",
            "jar41sip.9-4-2.sbn\nshared.sbn\n",
        ),
        (
            "8-5-4/SIP41.8-5-4S.loads",
            "jar41sip.8-5-4.sbn\nshared.sbn\n",
        ),
        ("9-4-2/shared.sbn", "the same"),
        ("8-5-4/shared.sbn", "the same"),
    ]);
    let files = desk.scan();
    assert_eq!(said(&files, "term41.default.loads"), "jar41sip.8-5-4.sbn\n");
    assert_eq!(files.whole(&load("SIP41.9-4-2S")), Whole::Yes);
    assert_eq!(files.whole(&load("SIP41.8-5-4S")), Whole::Yes);
    assert_eq!(files.whole(&load("term41.default")), Whole::Yes);
    let hidden = FolderReport::of(&files);
    let hidden: Vec<&str> = hidden
        .loads
        .iter()
        .filter(|(_, whole)| !whole)
        .map(|(what, _)| what.as_str())
        .collect();
    assert_eq!(
        hidden,
        [
            "term41.default is not whole: its list of files is hidden by \
             8-5-4/term41.default.loads, which differs (9-4-2/term41.default.loads)"
        ]
    );
    // A part at the top stands before the one that came with the load.
    put(&desk.root, &[("jar41sip.9-4-2.sbn", "an older one")]);
    let told = desk.scan().whole(&load("SIP41.9-4-2S")).to_string();
    assert!(
        told.contains("9-4-2/jar41sip.9-4-2.sbn (phones get jar41sip"),
        "{told}"
    );
}

#[test]
fn loads_of_one_file_are_whole_at_the_top() {
    let desk = Desk::new(&[
        ("P00307020300.bin", "x"),
        ("CP7912080004SCCP080108A.sbin", "x"),
        ("deep/P0S3-8-12-00.sbn", "x"),
    ]);
    let files = desk.scan();
    for name in ["P00307020300", "CP7912080004SCCP080108A"] {
        assert_eq!(files.whole(&load(name)), Whole::Yes, "{name}");
    }
    assert_eq!(files.whole(&load("P0S3-8-12-00")), Whole::NotStaged);
}

#[test]
fn an_archive_of_a_load_gets_its_own_folder_and_is_whole() {
    let desk = Desk::new(&[]);
    let archive = desk.zip(
        "cmterm-7961.9-4-2.zip",
        &[
            ("SIP41.9-4-2SR3-1S.loads", LIST.as_bytes()),
            ("inner\\jar41sip.9-4-2.sbn", b"jar"),
            ("cnu41.9-4-2.sbn", b"cnu"),
            ("__MACOSX/._cnu41.9-4-2.sbn", b"what an archiver adds"),
            ("./.DS_Store", b"likewise"),
        ],
    );
    let staged = stage(&archive, &desk.root, None).unwrap();
    let mut added = staged.added;
    added.sort();
    assert_eq!(
        added,
        [
            "cmterm-7961.9-4-2/SIP41.9-4-2SR3-1S.loads",
            "cmterm-7961.9-4-2/cnu41.9-4-2.sbn",
            "cmterm-7961.9-4-2/inner/jar41sip.9-4-2.sbn",
        ]
    );
    assert_eq!(desk.scan().whole(&load(NINE)), Whole::Yes);
    let again = stage(&archive, &desk.root, None).unwrap();
    assert_eq!(
        (again.added.len(), again.replaced.len(), again.same),
        (0, 0, 3)
    );
    assert!(!desk.everything().iter().any(|name| name.starts_with('.')));
}

#[test]
fn an_archive_of_locales_keeps_its_layout_and_a_folder_its_name() {
    let desk = Desk::new(&[("German_Germany/mk-sccp.jar", "old")]);
    let archive = desk.zip("locale.zip", &[("German_Germany/mk-sccp.jar", b"new")]);
    let staged = stage(&archive, &desk.root, None).unwrap();
    assert_eq!(staged.replaced, ["German_Germany/mk-sccp.jar"]);
    assert_eq!(said(&desk.scan(), "German_Germany/mk-sccp.jar"), "new");

    let folder = desk.inbox.join("French_France");
    put(
        &folder,
        &[("mk-sccp.jar", "fr"), (".hidden", "x"), ("more.zip", "x")],
    );
    symlink("/etc/passwd", folder.join("passwd")).unwrap();
    let staged = stage(&folder, &desk.root, None).unwrap();
    assert_eq!(staged.added, ["French_France/mk-sccp.jar"]);
    let mut left_out = staged.left_out;
    left_out.sort();
    assert!(
        left_out[0].starts_with("more.zip is left out"),
        "{left_out:?}"
    );
    assert!(
        left_out[1].starts_with("passwd is left out: it is a link"),
        "{left_out:?}"
    );
    let staged = stage(&folder, &desk.root, Some("")).unwrap();
    assert_eq!(staged.added, ["mk-sccp.jar"], "--under .");
    let staged = stage(&folder, &desk.root, Some("i18n/fr")).unwrap();
    assert_eq!(staged.added, ["i18n/fr/mk-sccp.jar"]);
    assert!(stage(&folder, &desk.root, Some("../fr")).is_err());
    assert!(stage(&desk.root, &desk.root, None).is_err());
}

#[test]
fn bombs_and_archives_that_lead_elsewhere_are_refused_with_their_reason() {
    let desk = Desk::new(&[("kept", "x")]);
    let zeros = vec![0_u8; 6 << 20];
    let bomb = desk.zip("bomb.zip", &[("a.loads", b"x"), ("zeros", &zeros)]);
    assert!(desk.refused(&bomb).contains("more than 60 times as large"));
    let many: Vec<String> = (0..10_001).map(|at| format!("f{at}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert!(
        desk.refused(&desk.zip("many.zip", &many))
            .contains("more than 10000 files")
    );
    for name in [
        "../out",
        "a/../../out",
        "/etc/out",
        "C:\\out",
        "..\\out",
        "a/b/c/d/e/f/g/h/i",
    ] {
        let why = desk.refused(&desk.zip("away.zip", &[("good", b"x"), (name, b"x")]));
        assert!(why.contains("leads out of the folder"), "{name}: {why}");
    }
    let link = desk.inbox.join("link.zip");
    let mut zip = ZipWriter::new(File::create(&link).unwrap());
    let options = SimpleFileOptions::default();
    zip.add_symlink("passwd", "/etc/passwd", options).unwrap();
    zip.finish().unwrap();
    assert!(desk.refused(&link).contains("is a link"));
    let broken = desk.inbox.join("broken.zip");
    std::fs::write(&broken, b"PK\x03\x04 and no more").unwrap();
    assert!(desk.refused(&broken).contains("no whole zip archive"));
    let whole = std::fs::read(desk.zip("cut.zip", &[("a", b"some text, some text")])).unwrap();
    let mut damaged = whole.clone();
    damaged[34] ^= 0xff;
    std::fs::write(&broken, &damaged).unwrap();
    assert!(
        desk.refused(&broken).contains("broken"),
        "{}",
        desk.refused(&broken)
    );
    assert!(
        desk.refused(&desk.inbox.join("nobody.zip"))
            .contains("cannot be read")
    );
}

#[test]
fn what_lies_in_the_folder_already_cannot_lead_a_new_file_out_of_it() {
    let desk = Desk::new(&[("taken/x", "x")]);
    symlink(&desk.inbox, desk.root.join("out")).unwrap();
    let archive = desk.zip("a.zip", &[("out/evil", b"x"), ("fine", b"x")]);
    assert!(desk.refused(&archive).contains("a link in the folder"));
    assert!(!desk.inbox.join("evil").exists());
    let archive = desk.zip("b.zip", &[("fine", b"x"), ("taken", b"x")]);
    assert!(desk.refused(&archive).contains("a folder of this name"));
}

/// Beyond what `Desk::refused` looks at: nothing is made outside either.
#[test]
fn what_is_refused_makes_no_folder_anywhere() {
    let desk = Desk::new(&[("taken", "x")]);
    symlink(&desk.inbox, desk.root.join("out")).unwrap();
    symlink(desk.inbox.join("nothing"), desk.root.join("nowhere")).unwrap();
    let archive = desk.zip("a.zip", &[("new/a", b"x"), ("out/new/b", b"x")]);
    assert!(desk.refused(&archive).contains("leads out of it"));
    assert!(!desk.inbox.join("new").exists());
    let archive = desk.zip("b.zip", &[("nowhere/new/b", b"x")]);
    assert!(desk.refused(&archive).contains("leads nowhere"));
    assert!(!desk.inbox.join("nothing").exists());
    let archive = desk.zip("c.zip", &[("new/a", b"x"), ("taken/deep/b", b"x")]);
    let why = desk.refused(&archive);
    assert!(why.contains("static/taken is refused: a file"), "{why}");
}

#[test]
fn a_source_with_a_file_and_a_folder_of_one_name_is_told_as_what_it_is() {
    let desk = Desk::new(&[("kept", "x")]);
    for entries in [["a", "a/b"], ["a/b", "a"], ["a/b", "a\\b"], ["a", "./a"]] {
        let entries = entries.map(|name| (name, &b"x"[..]));
        let why = desk.refused(&desk.zip("clash.zip", &entries));
        assert!(
            why.contains("the source has it twice"),
            "{entries:?}: {why}"
        );
    }
}

/// Another program's archive: what operators get is packed by others.
#[test]
fn an_archive_that_zip_made_is_read() {
    let desk = Desk::new(&[]);
    put(
        &desk.inbox,
        &[
            ("SIP41.9-4-2SR3-1S.loads", LIST),
            ("jar41sip.9-4-2.sbn", "jar"),
            ("sub/cnu41.9-4-2.sbn", &"cnu ".repeat(1000)),
        ],
    );
    let made = std::process::Command::new("zip")
        .args(["-q", "-r", "load.zip", "."])
        .current_dir(&desk.inbox)
        .status()
        .expect("zip is needed (tests/run installs it)");
    assert!(made.success());
    stage(&desk.inbox.join("load.zip"), &desk.root, None).unwrap();
    assert_eq!(desk.scan().whole(&load(NINE)), Whole::Yes);
}

#[test]
fn a_name_file_of_what_is_not_there_and_a_forgotten_archive_are_told() {
    let desk = Desk::new(&[
        ("OS79XX.TXT", "P0S3-8-12-00 \r\n"),
        ("P0S3-8-12-00.loads", "P0S3-8-12-00.sb2\n"),
        ("P0S3-8-12-00.sb2", "x"),
        ("new.zip", "x"),
        ("SCCP42.9-4-2SR3-1S.loads", "a.sbn\n"),
        ("a.sbn", "x"),
    ]);
    let told = FolderReport::of(&desk.scan()).findings;
    // What stands around the name is left out when it is served.
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("8.5(2) first"), "{told:?}");
    assert!(
        told[1].starts_with("new.zip lies in the folder"),
        "{told:?}"
    );
    std::fs::remove_file(desk.root.join("new.zip")).unwrap();
    assert_eq!(FolderReport::of(&desk.scan()).findings.len(), 1);
    for (text, why) in [
        ("P0S3-7-0-00\n", "is not served: load P0S3-7-0-00"),
        ("two words", "names no load"),
    ] {
        put(&desk.root, &[("OS79XX.TXT", text)]);
        let told = FolderReport::of(&desk.scan()).findings;
        assert!(told[1].contains(why), "{told:?}");
    }
    put(&desk.root, &[("OS79XX.TXT", "P0S3-8-12-00")]);
    std::fs::remove_file(desk.root.join("P0S3-8-12-00.sb2")).unwrap();
    let told = FolderReport::of(&desk.scan()).findings;
    assert!(
        told.iter()
            .any(|what| what.contains("OS79XX.TXT is not served")),
        "{told:?}"
    );
}

proptest! {
    #[test]
    fn no_name_in_an_archive_leads_out_of_the_folder(name in "([a-z.:/\\\\\0\n]|\\.\\./){0,24}") {
        if let Ok(Some(inner)) = inside(&name) {
            let path = Path::new(&inner);
            let plain = |part| matches!(part, std::path::Component::Normal(_));
            prop_assert!(path.components().all(plain), "{inner:?}");
            prop_assert!(!inner.is_empty() && !inner.starts_with('.'));
        }
    }
}
