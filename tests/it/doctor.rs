//! `embody doctor` as an operator runs it: on a host that is well, on one that
//! is not, beside a running daemon, and for a script.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::daemon::{BINARY, Ports, private_folder};
use crate::support::{Daemon, Site};

/// Runs it; exit code and findings.
fn examined(arguments: &[&str], data: &Path) -> (i32, Vec<Value>) {
    let output = Command::new(BINARY)
        .args(["doctor", "--json", "--data"])
        .arg(data)
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{:?}", output.stderr));
    let code = output.status.code().unwrap();
    let verdict = ["ok", "warning", "fault"][usize::try_from(code).unwrap()];
    assert_eq!(said["verdict"], verdict);
    (code, said["findings"].as_array().unwrap().clone())
}

/// The findings of one check with one grade, and their remedies.
fn about(findings: &[Value], check: &str, grade: &str) -> Vec<String> {
    findings
        .iter()
        .filter(|one| one["check"] == check && one["grade"] == grade)
        .map(|one| {
            let remedy = one["remedy"].as_str().unwrap_or_default();
            format!("{} -> {remedy}", one["what"].as_str().unwrap())
        })
        .collect()
}

/// A configuration in which nothing is odd but what `more` says.
fn config(folder: &Path, more: &str) -> PathBuf {
    let file = folder.join("embody.toml");
    fs::write(&file, more).unwrap();
    file
}

/// A configuration of ports of loopback that are free, and stay so: nobody is
/// given one of them without asking for it.
fn free_ports() -> String {
    Ports::free(Ipv4Addr::LOCALHOST.into()).config("[sip]\ntransports = [\"tcp\"]\n")
}

#[test]
fn three_virtual_phones_boot_and_sign_in_and_out_on_a_store_of_their_own() {
    let folder = private_folder();
    let file = config(folder.path(), &free_ports());
    let data = folder.path().join("data");
    let (_, findings) = examined(&["--config", file.to_str().unwrap()], &data);
    let phones = about(&findings, "phones", "ok");
    for phone in ["7960 (SCCP)", "7961 (SCCP)", "8841 (SIP)"] {
        let seen = phones.iter().filter(|one| one.contains(phone)).count();
        assert_eq!(seen, 1, "{phone}: {phones:?}");
    }
    assert_eq!(about(&findings, "ports", "ok").len(), 6, "{findings:?}");
    assert_eq!(about(&findings, "phones", "fault"), Vec::<String>::new());
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn what_is_wrong_with_a_host_is_named_with_its_remedy() {
    let folder = private_folder();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let tftpboot = folder.path().join("tftpboot");
    fs::create_dir(&tftpboot).unwrap();
    fs::write(tftpboot.join("XMLDefault.cnf.xml"), "").unwrap();
    fs::write(tftpboot.join("SEP001122334455.cnf.xml"), "<device/>").unwrap();
    // Another program has the SCCP port.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().port();
    let listen = format!(
        "[listen]\naddress = \"127.0.0.1\"\nadvertised_address = \"192.0.2.77\"\ntftp = 0\n\
         config_http = false\nservices_http = false\nsccp = {taken}\nsip = false\n\
         admin_http = false\n[files]\nfolder = {tftpboot:?}\n"
    );
    let file = config(folder.path(), &listen);
    let arguments = ["--no-phones", "--config", file.to_str().unwrap()];
    let (code, findings) = examined(&arguments, &data);
    assert_eq!(code, 2);
    let one = |check: &str, grade: &str, words: &[&str]| {
        let found = about(&findings, check, grade);
        let has = |text: &String| words.iter().all(|word| text.contains(word));
        assert!(
            found.iter().any(has),
            "{check} {grade} {words:?}: {findings:#?}"
        );
    };
    let own = format!("(pid {}) has it", std::process::id());
    one(
        "ports",
        "fault",
        &["SCCP", &taken.to_string(), &own, "[listen] sccp"],
    );
    one("ports", "warning", &["TFTP", "any free port"]);
    one("data", "fault", &["755", "chmod 700"]);
    one(
        "files",
        "warning",
        &["XMLDefault.cnf.xml", "empty", "remove"],
    );
    one(
        "files",
        "warning",
        &["SEP001122334455.cnf.xml", "never served"],
    );
    one(
        "addresses",
        "warning",
        &["192.0.2.77", "advertised_address"],
    );
    assert_eq!(about(&findings, "phones", "ok"), Vec::<String>::new());
}

#[test]
fn a_configuration_that_cannot_be_read_is_a_fault_with_its_place() {
    let folder = private_folder();
    let file = config(folder.path(), "[listen]\ntfpt = 69\n");
    let arguments = ["--config", file.to_str().unwrap()];
    let (code, findings) = examined(&arguments, folder.path());
    assert_eq!(code, 2);
    let found = about(&findings, "configuration", "fault");
    assert!(found[0].contains("line 2, column 1"), "{found:?}");
}

#[test]
fn a_running_daemon_is_asked_as_a_phone_asks_and_nothing_of_it_changes() {
    let daemon = Daemon::start(Site::Sample);
    let before = daemon.admin().get("/audit");
    let (code, findings) = examined(&["--no-phones"], &daemon.data());
    assert!(code < 2, "{findings:#?}");
    let found = about(&findings, "daemon", "ok");
    assert!(
        found[0].contains(&format!("pid {}", daemon.pid())),
        "{found:?}"
    );
    let ports = about(&findings, "ports", "ok");
    assert_eq!(ports.len(), 7, "SIP over both: {ports:?}");
    assert!(
        ports.iter().all(|one| one.contains("the daemon has")),
        "{ports:?}"
    );
    let phones = about(&findings, "phones", "ok");
    for service in [
        "over TFTP",
        "over HTTP",
        "services answer",
        "SCCP takes",
        "SIP takes",
    ] {
        let seen = phones.iter().filter(|one| one.contains(service)).count();
        assert_eq!(seen, 1, "{service}: {phones:?}");
    }
    assert!(
        phones[0].contains("phones are told 127.0.0.1"),
        "{phones:?}"
    );
    assert_eq!(daemon.admin().get("/audit"), before, "nobody did anything");
}

/// `run.json` says a place and not what carries SIP there.
#[test]
fn sip_over_datagrams_alone_is_not_asked_over_connections() {
    let only_udp = "[sip]\ntransports = [\"udp\"]\n";
    let daemon = Daemon::start_with(Site::Sample, only_udp, &[]);
    let file = daemon.folder.path().join("embody.toml");
    for arguments in [
        &["--no-phones"][..],
        &["--no-phones", "--config", file.to_str().unwrap()],
    ] {
        let (_, findings) = examined(arguments, &daemon.data());
        let ports = about(&findings, "ports", "ok");
        assert_eq!(ports.len(), 6, "{ports:?}");
        assert!(
            ports.iter().all(|one| one.contains("the daemon has")),
            "{ports:?}"
        );
        for check in ["ports", "phones"] {
            let warnings = about(&findings, check, "warning");
            assert_eq!(warnings, Vec::<String>::new());
        }
        let asked = about(&findings, "phones", "ok");
        assert!(!asked.iter().any(|one| one.contains("SIP")), "{asked:?}");
    }
}

/// The default --data is not where the daemon of this host has its store.
#[test]
fn a_daemon_of_another_folder_is_not_to_be_stopped() {
    let daemon = Daemon::start(Site::Empty);
    let file = daemon.folder.path().join("embody.toml");
    let elsewhere = private_folder();
    let arguments = ["--no-phones", "--config", file.to_str().unwrap()];
    let (_, findings) = examined(&arguments, elsewhere.path());
    assert_eq!(about(&findings, "ports", "fault"), Vec::<String>::new());
    let ports = about(&findings, "ports", "warning");
    let own = format!("an Embody daemon (pid {}) has", daemon.pid());
    assert_eq!(ports.len(), 7, "{ports:?}");
    for port in &ports {
        assert!(port.contains(&own) && port.contains("--data"), "{port}");
        assert!(!port.contains("stop"), "{port}");
    }
}

#[test]
fn a_daemon_that_died_is_told_from_one_that_does_not_run() {
    let mut daemon = Daemon::start(Site::Empty);
    daemon.kill();
    let (_, findings) = examined(&["--no-phones"], &daemon.data());
    let found = about(&findings, "daemon", "warning");
    assert!(found[0].contains("died without a word"), "{found:?}");
    fs::remove_file(daemon.data().join("run.json")).unwrap();
    let (_, findings) = examined(&["--no-phones"], &daemon.data());
    assert!(about(&findings, "daemon", "ok")[0].contains("none runs"));
}

#[test]
fn an_operator_reads_lines_and_a_sum() {
    let folder = private_folder();
    let file = config(folder.path(), &free_ports());
    let output = Command::new(BINARY)
        .args(["doctor", "--no-phones", "--config"])
        .arg(&file)
        .arg("--data")
        .arg(folder.path().join("data"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("ok       ports         TFTP: 127.0.0.1:"),
        "{text}"
    );
    let graded = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
    let many = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    let (warnings, faults) = (graded("warning "), graded("FAULT "));
    let sum = format!(
        "{} ok, {}, {}",
        graded("ok "),
        many(warnings, "warning"),
        many(faults, "fault")
    );
    assert_eq!(text.lines().last(), Some(sum.as_str()), "{text}");
    for line in text.lines().filter(|line| line.starts_with(' ')) {
        assert!(line.trim_start().starts_with("-> "), "{line}");
    }
}
