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
    ] {
        let output = embody(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said.contains(sentence), "{arguments:?}: {said}");
    }
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
