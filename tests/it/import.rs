//! An operator moves his phones over: `embody import` makes a site file of
//! what he has, `check` finds nothing wrong, and his phones come up with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use embody::handset::{Handset, Kind};

use crate::support::daemon::{BINARY, private_folder};
use crate::support::phones::{first_key, open, plug_in, registered, submit};
use crate::support::{Daemon, Site};

const FORMATS: [&str; 4] = ["tftpboot", "chan-sccp", "cme", "bat"];

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import")
}

fn embody(arguments: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(arguments).stdin(Stdio::null());
    command.current_dir(samples()).output().unwrap()
}

/// The site file of a sample, and the report.
fn import(format: &str) -> (String, String) {
    let output = embody(&["import", format, format]);
    let report = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{report}");
    (String::from_utf8(output.stdout).unwrap(), report)
}

/// What each sample becomes, looked at once. To make one anew, in
/// tests/data/import: embody import FORMAT FORMAT > expected/FORMAT.toml
#[test]
fn each_sample_becomes_the_site_file_that_was_looked_at() {
    for format in FORMATS {
        let (made, report) = import(format);
        let path = samples().join("expected").join(format!("{format}.toml"));
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            made == expected,
            "{format} differs from {}:\n{made}",
            path.display()
        );
        // The report is at its end, line by line.
        for line in report
            .lines()
            .filter(|line| !line.contains("not carried over"))
        {
            assert!(made.contains(&format!("# {line}\n")), "{line}");
        }
    }
}

#[test]
fn what_is_made_passes_the_check_and_is_for_its_owner_alone() {
    let folder = private_folder();
    for format in FORMATS {
        let file = folder.path().join(format!("{format}.toml"));
        let name = file.to_str().unwrap();
        let output = embody(&["import", format, format, "--output", name]);
        let report = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.success() && output.stdout.is_empty(),
            "{report}"
        );
        assert!(report.contains("Next: embody check"), "{report}");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let check = embody(&["check", "--site", name]);
        let said = String::from_utf8_lossy(&check.stdout).into_owned();
        assert!(
            check.status.success() && !said.contains(": error"),
            "{format}: {said}"
        );

        let again = embody(&["import", format, format, "--output", name]);
        let said = String::from_utf8_lossy(&again.stderr).into_owned();
        assert!(
            !again.status.success() && said.contains("--force"),
            "{said}"
        );
    }
}

/// Whoever had made the file readable for all did not know what would be in it.
#[test]
fn a_file_that_is_written_over_is_for_its_owner_alone_from_then_on() {
    let folder = private_folder();
    let file = folder.path().join("site.toml");
    fs::write(&file, "# mine\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let name = file.to_str().unwrap();
    let output = embody(&["import", "bat", "bat", "--output", name, "--force"]);
    assert!(output.status.success());
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("pin = ") && !text.contains("# mine"));
}

#[test]
fn no_secret_of_the_input_is_in_a_report() {
    for format in FORMATS {
        let (made, report) = import(format);
        let comments = made.lines().filter(|line| line.starts_with('#'));
        let comments: String = comments.collect::<Vec<_>>().join("\n");
        for secret in [
            "canary", "4938271", "867530", "9999", "12345", "0000,", "8f4b3c2d", "AAF1B2C3",
        ] {
            assert!(!report.contains(secret), "{format}: {secret}: {report}");
            assert!(!comments.contains(secret), "{format}: {secret}: {comments}");
        }
    }
}

#[test]
fn what_is_not_there_is_told_in_one_sentence() {
    for (arguments, sentence) in [
        (&["import", "cme", "nowhere"][..], "cannot be read"),
        (
            &["import", "vax", "cme"][..],
            "there are tftpboot, chan-sccp, cme, bat",
        ),
        (&["import", "bat", "cme"][..], "nothing of the format bat"),
        (
            &["import", "cme", "cme", "--model", "a b"][..],
            "--model a b",
        ),
        (
            &["import", "cme", "cme", "--model", "9999"][..],
            "--model 9999: there is no model 9999; embody models prints",
        ),
        (
            &["import", "cme", "cme", "--model", "SEP001122334455=9999"][..],
            "there is no model 9999",
        ),
    ] {
        let output = embody(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said.contains(sentence), "{arguments:?}: {said}");
    }
}

/// `embody import .. 2>&1 | head -1`: the reader has gone, the work goes on.
#[test]
fn a_report_that_nobody_reads_stops_no_import() {
    let unread = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let run = |arguments: &[&str]| {
        let mut command = Command::new(BINARY);
        command.args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(unread());
        command
            .current_dir(samples())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap()
    };
    let made = run(&["import", "cme", "cme"]);
    assert_eq!(made.status.code(), Some(0));
    assert_eq!(String::from_utf8(made.stdout).unwrap(), import("cme").0);
    let refused = run(&["import", "cme", "nowhere"]);
    assert_eq!(refused.status.code(), Some(1));
}

/// A link to one file that many phones share is followed; the report names the
/// others.
#[test]
fn links_in_a_tftpboot_tree_are_followed_or_told() {
    let folder = private_folder();
    let at = |name: &str| folder.path().join(name);
    let sample = samples().join("tftpboot/7960/SEP001122334455.cnf.xml");
    fs::copy(sample, at("shared.xml")).unwrap();
    for (target, name) in [
        ("shared.xml", "SEP001122334455.cnf.xml"),
        ("gone.xml", "SEP001122334466.cnf.xml"),
        ("/", "SEP001122334477.cnf.xml"),
    ] {
        std::os::unix::fs::symlink(target, at(name)).unwrap();
    }
    let output = embody(&["import", "tftpboot", folder.path().to_str().unwrap()]);
    let report = String::from_utf8(output.stderr).unwrap();
    let made = String::from_utf8(output.stdout).unwrap();
    assert!(made.contains("name = \"SEP001122334455\""), "{report}");
    assert!(
        report.contains("SEP001122334466.cnf.xml: a link: it leads to nothing"),
        "{report}"
    );
    assert!(
        report.contains("SEP001122334477.cnf.xml: a link: it leads to a folder"),
        "{report}"
    );
}

/// What is no file of ours is not read until memory is out.
#[test]
fn a_site_file_without_end_is_refused() {
    let output = embody(&["check", "--site", "/dev/zero"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("/dev/zero is longer than 32 MB"), "{said}");
}

/// Which of our own ports are in each other's way is said by name, before and at
/// the start.
#[test]
fn two_ports_that_are_one_are_named_by_check_and_at_the_start() {
    let folder = private_folder();
    let config = folder.path().join("embody.toml");
    fs::write(&config, "[listen]\naddress = \"127.0.0.1\"\nsccp = 5060\n").unwrap();
    let config = config.to_str().unwrap();
    let sentence = "[listen] TCP port 5060: sccp and sip both ask for it";
    let check = embody(&["check", "--config", config]);
    let said = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1), "{said}");
    assert!(
        said.contains(sentence) && !said.contains("nothing is wrong"),
        "{said}"
    );
    let data = folder.path().join("data");
    let serve = embody(&[
        "serve",
        "--config",
        config,
        "--data",
        data.to_str().unwrap(),
    ]);
    let said = String::from_utf8(serve.stderr).unwrap();
    assert_eq!(serve.status.code(), Some(1), "{said}");
    assert!(said.contains(sentence), "{said}");
}

/// The transports stand in one file, the phones in the other.
#[test]
fn check_tells_which_phones_would_miss_their_transport() {
    let folder = private_folder();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let config = write("embody.toml", "[sip]\ntransports = [\"udp\"]\n");
    let site = "version = 1\n[[phone]]\nname = \"SEP001122334455\"\nmodel = \"8841\"\nline = [{ \
                number = \"1001\" }]\n";
    let site = write("site.toml", site);
    let check = embody(&["check", "--config", &config, "--site", &site]);
    let said = String::from_utf8(check.stdout).unwrap();
    assert!(
        said.contains("warning: [sip] transports has no \"tcp\""),
        "{said}"
    );
    assert!(
        said.contains("model 8841 register") && check.status.success(),
        "{said}"
    );
}

fn serve(format: &str) -> Daemon {
    Daemon::start(Site::Text(import(format).0))
}

/// The keys of a phone: number and label.
fn keys(phone: &Handset) -> Vec<(usize, String)> {
    let buttons = phone.buttons();
    let keys = buttons
        .iter()
        .map(|key| (usize::from(key.key), key.label.clone()));
    keys.collect()
}

fn key(number: usize, label: &str) -> (usize, String) {
    (number, label.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sip_phone_of_a_tftpboot_tree_comes_up_with_its_keys_where_they_were() {
    let daemon = serve("tftpboot");
    let phone = plug_in(&daemon, Kind::Cisco7961Sip);
    registered(&phone, 1).await;
    first_key(&phone, "Reception").await;
    assert_eq!(
        keys(&phone),
        [key(1, "Reception"), key(2, "Boss"), key(4, "Door")]
    );
    let menu = phone.press_services().await.unwrap().unwrap();
    for entry in ["Weather", "Canteen", "Extension Mobility"] {
        assert!(menu.draw().contains(entry), "{}", menu.draw());
    }
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_chan_sccp_comes_up_with_its_keys_where_they_were() {
    let daemon = serve("chan-sccp");
    let phone = plug_in(&daemon, Kind::Cisco7960);
    registered(&phone, 1).await;
    first_key(&phone, "Front desk").await;
    assert_eq!(
        keys(&phone),
        [
            key(1, "Front desk"),
            key(3, "Sales"),
            key(4, "Boss, first floor")
        ]
    );
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    phone.power_off().await;
}

/// With the password of digits that he had at the router.
#[tokio::test(flavor = "multi_thread")]
async fn who_signed_in_at_cme_signs_in_and_has_his_keys_in_cme_s_order() {
    let daemon = serve("cme");
    let phone = plug_in(&daemon, Kind::Cisco7960);
    registered(&phone, 1).await;
    first_key(&phone, "Desk").await;
    open(&phone).await;
    let page = submit(&phone, "me", "4938271").await;
    assert!(page.text.contains("Login Successful"), "{}", page.draw());
    registered(&phone, 2).await;
    first_key(&phone, "Me").await;
    let labels: Vec<String> = phone
        .buttons()
        .iter()
        .map(|key| key.label.clone())
        .collect();
    assert_eq!(
        labels.get(1..4).unwrap_or_default(),
        ["2002", "2003", "2004"]
    );
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_cucm_signs_in_with_his_pin() {
    let daemon = serve("bat");
    let phone = plug_in(&daemon, Kind::Cisco7961);
    registered(&phone, 1).await;
    first_key(&phone, "Lobby").await;
    open(&phone).await;
    let page = submit(&phone, "jmueller", "4938271").await;
    assert!(page.text.contains("Login Successful"), "{}", page.draw());
    registered(&phone, 2).await;
    first_key(&phone, "Jörg").await;
    phone.power_off().await;
}
