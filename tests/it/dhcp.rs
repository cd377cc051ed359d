//! What `embody dhcp` prints, judged by the DHCP servers that read it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::daemon::BINARY;

fn embody(arguments: &[&str]) -> Output {
    Command::new(BINARY)
        .arg("dhcp")
        .args(arguments)
        .output()
        .unwrap()
}

/// What is printed for one server, with nothing to warn of.
fn printed(server: &str) -> String {
    // Loopback is the one address that every host of these tests has; phones
    // cannot reach it, which is said beside the text and not in it.
    let output = embody(&["--for", server, "--address", "127.0.0.1"]);
    assert!(output.status.success(), "{output:?}");
    let warnings = String::from_utf8(output.stderr).unwrap();
    assert_eq!(warnings.lines().count(), 1, "{warnings}");
    assert!(warnings.contains("asks itself"), "{warnings}");
    String::from_utf8(output.stdout).unwrap()
}

/// Lets a server check its configuration; the path comes last.
fn judged(judge: &str, arguments: &[&str], text: &str) -> (bool, String) {
    // Programs may be run from there, as this test is.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("snippet.conf");
    fs::write(&file, text).unwrap();
    let output = Command::new(copied(judge, folder.path()))
        .args(arguments)
        .arg(&file)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// The program of a server, in our own folder: at its own place AppArmor lets
/// it read `/etc` alone (apparmor.d(5): profiles go by the path of a program).
fn copied(judge: &str, folder: &Path) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let found = places
        .map(|place| place.join(judge))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("{judge} is not installed; tests/run does that"));
    let copy = folder.join(judge);
    // Not by ourselves: a test beside this one that starts a program would keep
    // the copy open for writing, and nothing can be run that is.
    let done = Command::new("cp").arg(&found).arg(&copy).status().unwrap();
    assert!(done.success(), "cp {}", found.display());
    copy
}

/// The server takes the text, and would not take it with a slip in it: so it
/// was read.
fn is_read_by(judge: &str, arguments: &[&str], text: &str, slip: (&str, &str)) {
    let (taken, said) = judged(judge, arguments, text);
    assert!(taken, "{judge}: {said}\n{text}");
    assert!(text.contains(slip.0), "{text}");
    let (taken, said) = judged(judge, arguments, &text.replace(slip.0, slip.1));
    assert!(!taken, "{judge} took a slip: {said}");
}

#[test]
fn dnsmasq_reads_its_text() {
    let text = printed("dnsmasq");
    is_read_by(
        "dnsmasq",
        &["--test", "-C"],
        &text,
        ("dhcp-option=", "dhcp-optoin="),
    );
}

#[test]
fn kea_reads_its_text() {
    let text = printed("kea");
    is_read_by("kea-dhcp4", &["-t"], &text, ("ipv4-address", "ipv4-adress"));
}

#[test]
fn isc_dhcpd_reads_its_text() {
    let text = printed("isc-dhcpd");
    is_read_by(
        "dhcpd",
        &["-t", "-cf"],
        &text,
        ("array of ip-address", "array of ip-adress"),
    );
}

#[test]
fn without_a_name_all_servers_are_printed_for_the_configured_address() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("embody.toml");
    let lines = "[listen]\nadvertised_address = \"192.0.2.10\"\ntftp = 6969\n";
    fs::write(&config, lines).unwrap();
    let output = embody(&["--config", config.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text.lines().filter(|line| line.starts_with("=== ")).count(),
        5,
        "{text}"
    );
    assert_eq!(text.matches("192.0.2.10").count(), 10, "twice each: {text}");
    let warnings = String::from_utf8(output.stderr).unwrap();
    assert!(warnings.contains("DHCP cannot name a port"), "{warnings}");
    assert!(warnings.contains("no address of this host"), "{warnings}");
}

/// The README of contrib names every file that there is, and no other.
#[test]
fn contrib_names_its_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/dhcp");
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let mut files = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "README.md" {
            files += 1;
            assert!(readme.contains(&format!("({name})")), "{name}");
        }
    }
    assert_eq!(files, 5);
}
