//! An operator stages firmware, rings and wallpapers, and phones and curl fetch
//! them.

use std::path::{Path, PathBuf};

use crate::support::daemon::{BINARY, sample_site};
use crate::support::tools::{curl, is_well_formed, run};
use crate::support::{Daemon, Site};

const DESK: &str = "SEP001122334466";
const LOAD: &str = "SCCP41.9-4-2SR3-1S";

/// A daemon whose 7961 should run a load, and its folder of static files.
fn daemon() -> (Daemon, PathBuf, tempfile::TempDir) {
    let name = format!("name = \"{DESK}\"");
    let site = sample_site().replace(&name, &format!("{name}\nload = \"{LOAD}\""));
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("static");
    std::fs::create_dir(&folder).unwrap();
    let config = format!("[files]\nfolder = {:?}\n", folder.to_str().unwrap());
    (
        Daemon::start_with(Site::Text(site), &config, &[]),
        folder,
        outer,
    )
}

fn put(root: &Path, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn url(daemon: &Daemon, name: &str) -> String {
    format!("http://{}/{name}", daemon.ports.config_http)
}

fn stage(daemon: &Daemon, more: &[&str]) -> (bool, String) {
    let config = daemon.folder.path().join("embody.toml");
    let mut all = vec!["stage", "--config", config.to_str().unwrap()];
    all.extend(more);
    let output = daemon.command(&all);
    let text = [output.stdout, output.stderr].map(|t| String::from_utf8_lossy(&t).into_owned());
    (output.status.success(), text.concat())
}

fn told_load(daemon: &Daemon) -> String {
    let file = curl(&[&url(daemon, &format!("{DESK}.cnf.xml"))]);
    let rest = file.split("\n  <loadInformation>").nth(1).unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[test]
fn a_phone_is_told_its_load_when_the_operator_has_staged_all_of_it() {
    let (daemon, folder, outer) = daemon();
    let inbox = outer.path().join("cmterm-7961.9-4-2");
    let list = format!("{LOAD}.loads");
    put(
        &inbox,
        &[
            (&list, b"jar41sccp.9-4-2.sbn  \r\ncnu41.9-4-2.sbn\r\n"),
            ("jar41sccp.9-4-2.sbn", b"jar"),
        ],
    );
    let zip = outer.path().join("load.zip");
    let pack = |name: &str| {
        let output = std::process::Command::new("zip")
            .args(["-q", "-r", zip.to_str().unwrap(), name])
            .current_dir(&inbox)
            .output()
            .expect("zip is needed (tests/run installs it)");
        assert!(output.status.success(), "{output:?}");
    };
    pack(".");
    assert_eq!(told_load(&daemon), "");
    let (whole, text) = stage(&daemon, &[zip.to_str().unwrap()]);
    assert!(
        !whole,
        "a part is missing, and the exit code says so: {text}"
    );
    assert!(text.contains("2 new, 0 replaced"), "{text}");
    assert!(
        text.contains(&format!("{LOAD} is not whole: cnu41.9-4-2.sbn missing")),
        "{text}"
    );
    assert!(
        text.contains(&format!("{DESK} is told to keep the load they run")),
        "{text}"
    );
    assert_eq!(told_load(&daemon), "");
    let why = daemon.command(&["why", DESK]).stdout;
    let why = String::from_utf8_lossy(&why).into_owned();
    assert!(why.contains("cnu41.9-4-2.sbn missing"), "{why}");

    put(&inbox, &[("cnu41.9-4-2.sbn", b"cnu")]);
    pack(".");
    let (whole, text) = stage(&daemon, &[zip.to_str().unwrap()]);
    assert!(whole, "{text}");
    assert!(
        text.contains(&format!("{LOAD} is whole: 3 files")),
        "{text}"
    );
    assert!(text.contains("8.5(2)"), "the way there is told: {text}");
    assert!(text.contains("the daemon serves 3 files"), "{text}");
    assert_eq!(told_load(&daemon), LOAD);
    assert!(folder.join("load").join(&list).is_file());
    // As the phone asks for it, over TFTP, without a folder.
    let port = daemon.ports.tftp.port();
    let part = format!("tftp://127.0.0.1:{port}/cnu41.9-4-2.sbn");
    assert_eq!(curl(&["--tftp-no-options", &part]), "cnu");
    let check = |with: &[&str]| {
        let site = daemon.site_file();
        let mut all = vec!["check", "--site", site.to_str().unwrap()];
        all.extend(with);
        String::from_utf8_lossy(&run(BINARY, &all).stdout).into_owned()
    };
    let config = daemon.folder.path().join("embody.toml");
    let with_folder = check(&["--config", config.to_str().unwrap()]);
    assert!(with_folder.contains("8.5(2) first"), "{with_folder}");
    assert!(!with_folder.contains("told to keep"), "{with_folder}");
    let without = check(&[]);
    let kept = format!("load {LOAD} is not staged: {DESK} is told to keep");
    assert!(without.contains(&kept), "{without}");
}

#[test]
fn rings_and_wallpapers_are_listed_as_they_are_staged() {
    let (daemon, _, outer) = daemon();
    let ringlist = url(&daemon, "Ringlist.xml");
    assert_eq!(
        curl(&["-o", "/dev/null", "-w", "%{http_code}", &ringlist]),
        "404"
    );
    let rings = outer.path().join("Rings");
    put(
        &rings,
        &[("Bell_Tower.raw", &[0x55; 480]), ("Broken.raw", &[0; 100])],
    );
    let (_, text) = stage(&daemon, &[rings.to_str().unwrap()]);
    assert!(
        text.contains("Rings/Broken.raw is not listed as a ring"),
        "{text}"
    );
    let list = curl(&["-i", &ringlist]);
    assert!(list.contains("Cache-Control: no-store"), "{list}");
    assert!(
        list.contains("<DisplayName>Bell Tower</DisplayName>"),
        "{list}"
    );
    let body = list.split("\r\n\r\n").nth(1).unwrap();
    assert!(is_well_formed(body.as_bytes()));
    let ring = url(&daemon, "Bell_Tower.raw");
    assert_eq!(
        curl(&["-o", "/dev/null", "-w", "%{size_download}", &ring]),
        "480"
    );
    let (code, text) = stage(&daemon, &["/nonexistent.zip"]);
    assert!(!code && text.contains("cannot be read"), "{text}");
}

#[test]
fn a_download_that_broke_off_goes_on_where_it_was() {
    let (daemon, folder, outer) = daemon();
    let bytes: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
    put(&folder, &[("kernel.sbn", &bytes)]);
    stage(&daemon, &[]);
    let url = url(&daemon, "kernel.sbn");
    let to = outer.path().join("kernel.sbn");
    std::fs::write(&to, &bytes[..40_000]).unwrap();
    let done = run(
        "curl",
        &[
            "-s",
            "-S",
            "-f",
            "-C",
            "-",
            "-o",
            to.to_str().unwrap(),
            &url,
        ],
    );
    assert!(done.status.success(), "{done:?}");
    assert!(std::fs::read(&to).unwrap() == bytes, "the same file");
    for (range, status, told) in [
        ("0-99", "206", "bytes 0-99/100000"),
        ("99990-", "206", "bytes 99990-99999/100000"),
        ("-10", "206", "bytes 99990-99999/100000"),
        ("50-999999", "206", "bytes 50-99999/100000"),
        ("100000-", "416", "bytes */100000"),
        ("0-1,5-6", "200", ""),
    ] {
        let head = curl(&[
            "-D",
            "-",
            "-o",
            to.to_str().unwrap(),
            "--range",
            range,
            &url,
        ]);
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{range}: {head}"
        );
        let got = std::fs::read(&to).unwrap_or_default();
        assert!(
            head.contains(&format!("Content-Length: {}", got.len())),
            "{range}: {head}"
        );
        if told.is_empty() {
            assert!(got == bytes && !head.contains("Content-Range"), "{head}");
        } else {
            assert!(
                head.contains(&format!("Content-Range: {told}\r\n")),
                "{range}: {head}"
            );
        }
    }
    let conditional = curl(&[
        "-i",
        "--range",
        "0-9",
        "-H",
        "If-Range: \"x\"",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        &url,
    ]);
    assert_eq!(conditional, "200", "a condition cannot be met");
}
