//! One clear sentence, and an exit code that is not 0, for everything that
//! keeps the daemon from starting.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::daemon::{BINARY, Daemon, Site, private_folder};

/// Starts `serve` that is bound to fail; what it says on standard error.
fn refused(folder: &Path, config: &str, site: Option<&str>, uid: Option<u32>) -> String {
    fs::write(folder.join("embody.toml"), config).unwrap();
    let mut command = Command::new(BINARY);
    command
        .args(["serve", "--config"])
        .arg(folder.join("embody.toml"));
    command.arg("--data").arg(folder.join("data"));
    if let Some(site) = site {
        fs::write(folder.join("site.toml"), site).unwrap();
        command.arg("--site").arg(folder.join("site.toml"));
    }
    if let Some(uid) = uid {
        command.uid(uid).gid(uid);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    let sentence = text
        .lines()
        .find(|line| line.starts_with("embody: "))
        .unwrap_or(&text);
    sentence.to_owned()
}

const FREE: &str = "[listen]\naddress = \"127.0.0.1\"\ntftp = 0\nconfig_http = 0\n\
                    services_http = 0\nsccp = 0\nsip = 0\nadmin_http = 0\n";

/// A user without rights; only root can become one.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// A folder that `nobody` owns and reaches (the binary is copied beside it,
/// because the build folder may be out of his reach).
fn folder_of_nobody() -> tempfile::TempDir {
    let folder = private_folder();
    if is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    folder
}

#[test]
fn a_taken_port_is_named_with_its_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = private_folder();
    let config = FREE.replace("sccp = 0", &format!("sccp = {port}"));
    let said = refused(folder.path(), &config, None, None);
    assert!(
        said.contains(&format!("SCCP cannot listen on 127.0.0.1:{port}")),
        "{said}"
    );
    assert!(said.contains("another program has this port"), "{said}");
    assert!(said.contains("[listen] sccp"), "{said}");
}

#[test]
fn port_69_without_rights_names_setcap() {
    let privileged = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start")
        .is_ok_and(|start| start.trim().parse::<u32>().is_ok_and(|start| start > 69));
    assert!(
        privileged,
        "this kernel gives port 69 to everybody: run where it does not"
    );
    let folder = folder_of_nobody();
    let config = FREE.replace("tftp = 0", "tftp = 69");
    let said = as_nobody(&folder, &config);
    assert!(
        said.contains("TFTP cannot listen on 127.0.0.1:69"),
        "{said}"
    );
    assert!(said.contains("setcap cap_net_bind_service"), "{said}");
}

/// Runs `serve` as somebody without rights, from a place he can reach.
fn as_nobody(folder: &tempfile::TempDir, config: &str) -> String {
    if !is_root() {
        return refused(folder.path(), config, None, None);
    }
    fs::write(folder.path().join("embody.toml"), config).unwrap();
    let binary = folder.path().join("embody");
    fs::copy(BINARY, &binary).unwrap();
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(&binary)
        .args(["serve", "--config"])
        .arg(folder.path().join("embody.toml"))
        .arg("--data")
        .arg(folder.path().join("data"))
        .uid(NOBODY)
        .gid(NOBODY)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_broken_site_file_is_told_with_line_and_column() {
    let folder = private_folder();
    let said = refused(
        folder.path(),
        FREE,
        Some("version = 1\n[[phone]]\nnmae = \"x\"\n"),
        None,
    );
    assert!(said.contains("site.toml: line 3, column 1"), "{said}");
    assert!(said.contains("nmae"), "{said}");
}

#[test]
fn an_unknown_profile_is_named_with_its_line() {
    let site = "version = 1\n[[user]]\nid = \"alice\"\npin = \"58213\"\nprofiles = [\"ghost\"]\n";
    let folder = private_folder();
    let output = refused(folder.path(), FREE, Some(site), None);
    let text = output.clone();
    assert!(text.contains("site.toml"), "{text}");
    let check = Command::new(BINARY)
        .args(["check", "--site"])
        .arg(folder.path().join("site.toml"))
        .output()
        .unwrap();
    let said = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1));
    assert!(said.contains("line 2") && said.contains("ghost"), "{said}");
}

#[test]
fn a_broken_configuration_is_told_with_line_and_column() {
    let folder = private_folder();
    let said = refused(folder.path(), "[listen]\ntfpt = 69\n", None, None);
    assert!(
        said.contains("embody.toml: line 2, column 1: unknown field `tfpt`"),
        "{said}"
    );
}

#[test]
fn a_data_folder_that_others_may_read_is_refused() {
    let folder = private_folder();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let said = refused(folder.path(), FREE, None, None);
    assert!(
        said.contains("open to other users") && said.contains("chmod 700"),
        "{said}"
    );
}

#[test]
fn a_read_only_data_folder_is_refused() {
    let folder = folder_of_nobody();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    if is_root() {
        chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    fs::set_permissions(&data, fs::Permissions::from_mode(0o500)).unwrap();
    let said = as_nobody(&folder, FREE);
    assert!(said.contains("cannot be written"), "{said}");
}

#[test]
fn a_second_daemon_on_the_same_folder_is_refused() {
    let first = Daemon::start(Site::Empty);
    let output = Command::new(BINARY)
        .args(["serve", "--data"])
        .arg(first.data())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("is in use by another embody"), "{said}");
}

#[test]
fn a_command_without_a_daemon_says_so() {
    let folder = private_folder();
    let output = Command::new(BINARY)
        .args(["status", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("no daemon runs on"), "{said}");
}
