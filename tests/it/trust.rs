//! Trust lists and signed files, as an operator turns them on and as phones
//! ask for them. A second reader and OpenSSL judge every octet.

mod reader;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::daemon::BINARY;
use crate::support::tools::{curl, run};
use crate::support::{Daemon, Site};
use reader::{openssl, public_key, read};

const PHONE: &str = "SEP001122334466";

/// A daemon whose operator has made a site key and turned signing on.
fn signing_daemon(listen: &str, files: &str) -> Daemon {
    let mut daemon = Daemon::start(Site::Sample);
    daemon.says(&["trust", "init"]);
    configure(&daemon, listen, files);
    daemon.start_again_with(&[]);
    daemon
}

/// Adds to what a new daemon's `embody.toml` says, which ends in `[listen]`.
fn configure(daemon: &Daemon, listen: &str, files: &str) {
    let path = daemon.folder.path().join("embody.toml");
    let text = fs::read_to_string(&path).unwrap();
    let first = text.split("# signing\n").next().unwrap();
    let text = format!("{first}# signing\n{listen}\n[files]\nsign = true\n{files}\n");
    fs::write(path, text).unwrap();
}

fn key_folder(daemon: &Daemon) -> PathBuf {
    daemon.data().join("trust")
}

fn http(daemon: &Daemon, name: &str) -> Vec<u8> {
    let url = format!("http://{}/{name}", daemon.ports.config_http);
    let said = run("curl", &["-sf", "--max-time", "20", &url]);
    assert!(said.status.success(), "{name}: {said:?}");
    said.stdout
}

fn status(daemon: &Daemon, name: &str) -> String {
    let url = format!("http://{}/{name}", daemon.ports.config_http);
    curl(&["-o", "/dev/null", "-w", "%{http_code}", &url])
}

fn tftp(daemon: &Daemon, name: &str, to: &Path) -> Vec<u8> {
    let _ = fs::remove_file(to);
    let port = daemon.ports.tftp.port().to_string();
    let to_text = to.to_str().unwrap();
    let arguments = ["--get", "-r", name, "-l", to_text, "127.0.0.1", &port];
    let said = run("atftp", &arguments);
    assert!(said.status.success(), "{name}: {said:?}");
    fs::read(to).unwrap()
}

/// The public key of the site, as OpenSSL takes it from its certificate.
fn site_key(daemon: &Daemon, scratch: &Path) -> PathBuf {
    let pem = fs::read(key_folder(daemon).join("site.pem")).unwrap();
    let key = openssl(&["x509", "-in", "FILE", "-noout", "-pubkey"], &pem, scratch);
    let path = scratch.join("key.pem");
    fs::write(&path, key).unwrap();
    path
}

#[test]
fn an_operator_makes_a_site_key_once_and_is_told_what_it_means() {
    let daemon = Daemon::start(Site::Sample);
    let told = daemon.says(&[
        "trust",
        "init",
        "--name",
        "hq",
        "--unit",
        "IT",
        "--organization",
        "Acme",
    ]);
    for sentence in [
        "CN=hq;OU=IT;O=Acme",
        "set [files] sign = true in embody.toml",
        "only with the signature of this key",
        "Keep a backup",
        "**#",
        "Reset security settings",
        "factory reset",
    ] {
        assert!(told.contains(sentence), "{sentence:?} is missing:\n{told}");
    }
    let folder = key_folder(&daemon);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("site.key")), 0o600);
    let key = fs::read(folder.join("site.key")).unwrap();
    let again = daemon.command(&["trust", "init"]);
    assert!(!again.status.success());
    let again = String::from_utf8(again.stderr).unwrap();
    assert!(again.contains("nothing was changed"), "{again}");
    assert_eq!(fs::read(folder.join("site.key")).unwrap(), key);

    // OpenSSL takes key and certificates for what they are called.
    let scratch = tempfile::tempdir().unwrap();
    let checked = openssl(
        &["pkey", "-in", "FILE", "-check", "-noout"],
        &key,
        scratch.path(),
    );
    assert!(String::from_utf8_lossy(&checked).contains("is valid"));
    for (name, kind) in [("site", "rsaEncryption"), ("https", "prime256v1")] {
        let pem = fs::read(folder.join(format!("{name}.pem"))).unwrap();
        let text = openssl(
            &["x509", "-in", "FILE", "-noout", "-text"],
            &pem,
            scratch.path(),
        );
        let text = String::from_utf8(text).unwrap();
        for part in [kind, "OU = IT", "O = Acme", "CA:FALSE", "Digital Signature"] {
            assert!(text.contains(part), "{part:?} is missing in\n{text}");
        }
        let itself = folder.join(format!("{name}.pem"));
        let itself = itself.to_str().unwrap();
        let verified = run(
            "openssl",
            &["verify", "-CAfile", itself, "-check_ss_sig", itself],
        );
        assert!(verified.status.success(), "{verified:?}");
    }
}

#[test]
fn nothing_changes_until_signing_is_turned_on() {
    let daemon = Daemon::start(Site::Sample);
    daemon.says(&["trust", "init"]);
    for name in [
        format!("ITL{PHONE}.tlv"),
        "ITLFile.tlv".to_owned(),
        format!("CTL{PHONE}.tlv"),
        format!("{PHONE}.cnf.xml.sgn"),
        "softkeys.xml.sgn".to_owned(),
    ] {
        assert_eq!(status(&daemon, &name), "404", "{name}");
    }
    let why = daemon.admin().get(&format!("/phones/{PHONE}/timeline")).1;
    assert!(
        why.to_string().contains("erase its security settings"),
        "{why}"
    );
}

#[test]
fn openssl_agrees_with_every_signature_whatever_the_hash() {
    let folder = tempfile::tempdir().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    for (name, body) in [
        ("Ringlist-wb.xml", "<CiscoIPPhoneRingList/>"),
        ("Desktops/320x196x4/List.xml", "<CiscoIPPhoneImageList/>"),
        ("English_United_States/gh-sip.jar", "PK and so on"),
        ("term41.default.loads", "jar41sip.sbn"),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, body).unwrap();
    }
    let folder = format!("folder = {:?}", folder.path());
    let mut daemon = signing_daemon("", &folder);
    let key = site_key(&daemon, scratch.path());
    for hash in ["sha1", "sha256"] {
        configure(&daemon, "", &format!("{folder}\nsign_hash = {hash:?}"));
        daemon.start_again_with(&[]);
        for plain in [
            format!("{PHONE}.cnf.xml").as_str(),
            "XMLDefault.cnf.xml",
            "dialplan.xml",
            "softkeys.xml",
            "Ringlist-wb.xml",
            "Desktops/320x196x4/List.xml",
            "English_United_States/gh-sip.jar",
        ] {
            let name = format!("{plain}.sgn");
            let signed = http(&daemon, &name);
            let walked = read(&signed);
            assert_eq!(walked.tags, [1, 2, 3, 7, 12, 14, 15], "{name}");
            assert_eq!(walked.field(1), [1, 0]);
            assert_eq!(walked.name(), name);
            assert_eq!(walked.body, http(&daemon, plain), "{name}");
            assert!(walked.is_signed_by(&key, scratch.path()), "{name}, {hash}");
            let mut other = signed.clone();
            *other.last_mut().unwrap() ^= 1;
            let other = read(&other);
            assert!(!other.is_signed_by(&key, scratch.path()), "one bit changed");
            let over_tftp = tftp(&daemon, &name, &scratch.path().join("fetched"));
            assert_eq!(over_tftp, signed, "{name} over TFTP");
        }
        assert_eq!(status(&daemon, "term41.default.loads.sgn"), "404");
        assert_eq!(status(&daemon, &format!("CTL{PHONE}.tlv")), "404");

        let list = http(&daemon, &format!("ITL{PHONE}.tlv"));
        assert_eq!(http(&daemon, "ITLFile.tlv"), list);
        let walked = read(&list);
        assert_eq!(walked.tags, [1, 2, 28, 3, 7, 12, 14, 15]);
        assert_eq!(
            (walked.field(1), walked.field(28)),
            (&[1, 2][..], &[1, 0][..])
        );
        assert_eq!(walked.name(), "ITLFile.tlv");
        assert!(
            walked.is_signed_by(&key, scratch.path()),
            "the list, {hash}"
        );
        judge_records(&daemon, &list, &[0, 2], scratch.path());
    }
}

/// Every record is of the certificate in it, and the first of the signer.
fn judge_records(daemon: &Daemon, list: &[u8], roles: &[u8], scratch: &Path) {
    let walked = read(list);
    let records = walked.records();
    let told: Vec<u8> = records.iter().map(|record| record[&4][1]).collect();
    assert_eq!(told, roles);
    for record in &records {
        let order: Vec<u8> = record.keys().copied().collect();
        assert_eq!(order, [1, 3, 4, 5, 6, 7, 8, 9]);
        let certificate = &record[&9];
        let x509 = |what: &[&str]| {
            let mut arguments = vec!["x509", "-inform", "DER", "-in", "FILE", "-noout"];
            arguments.extend(what);
            String::from_utf8(openssl(&arguments, certificate, scratch)).unwrap()
        };
        let hex: Vec<String> = record[&6]
            .iter()
            .map(|octet| format!("{octet:02X}"))
            .collect();
        let hex = hex.concat();
        assert_eq!(x509(&["-serial"]), format!("serial={hex}\n"));
        let name = String::from_utf8(record[&3].clone()).unwrap();
        let name = name.strip_suffix('\0').unwrap();
        // Both tell the last part of a name first.
        let subject = x509(&["-subject", "-nameopt", "RFC2253"]);
        assert_eq!(subject, format!("subject={}\n", name.replace(';', ",")));
        assert_eq!(record[&5], record[&3], "it signed itself");
        let key = public_key(certificate, scratch);
        let arguments: &[&str] = if record[&7].len() == 65 {
            // The last 65 octets of its SubjectPublicKeyInfo are the point.
            &[
                "pkey", "-pubin", "-in", "FILE", "-outform", "DER", "-pubout",
            ]
        } else {
            &[
                "rsa",
                "-pubin",
                "-in",
                "FILE",
                "-outform",
                "DER",
                "-RSAPublicKey_out",
            ]
        };
        let key = openssl(arguments, &key, scratch);
        assert!(key.ends_with(&record[&7]), "the public key");
        assert!(certificate.ends_with(&record[&8]), "the signature");
    }
    let signer = walked.signer();
    let tags: Vec<u8> = signer.iter().map(|field| field.0).collect();
    assert_eq!(tags, [4, 5, 6]);
    let first = &records[0];
    assert_eq!(signer[0].1, first[&3], "the signer comes first");
    assert_eq!(signer[1].1, first[&6]);
    assert_eq!(signer[2].1, first[&5]);
    let pem = fs::read(key_folder(daemon).join("site.pem")).unwrap();
    let der = openssl(&["x509", "-in", "FILE", "-outform", "DER"], &pem, scratch);
    assert_eq!(first[&9], der);
}

#[test]
fn phones_keep_their_list_over_a_restart_and_a_lost_key_is_said_at_once() {
    let mut daemon = signing_daemon("", "");
    let list = http(&daemon, "ITLFile.tlv");
    daemon.start_again_with(&[]);
    assert_eq!(http(&daemon, "ITLFile.tlv"), list);

    daemon.kill();
    fs::remove_dir_all(key_folder(&daemon)).unwrap();
    let folder = daemon.folder.path();
    let said = Command::new(BINARY)
        .arg("serve")
        .arg("--config")
        .arg(folder.join("embody.toml"))
        .arg("--data")
        .arg(daemon.data())
        .output()
        .unwrap();
    assert!(
        !said.status.success(),
        "without the key no phone could boot"
    );
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("there is no site key"), "{said}");
    assert!(said.contains("embody trust init"), "{said}");
}

#[test]
fn over_https_a_phone_gets_the_unsigned_file_from_whom_its_list_names() {
    let scratch = tempfile::tempdir().unwrap();
    let daemon = signing_daemon("config_https = 0", "sign_hash = \"sha512\"");
    let run_file = fs::read(daemon.data().join("run.json")).unwrap();
    let run_file: Value = serde_json::from_slice(&run_file).unwrap();
    let at = run_file["listen"]["config_https"].as_str().unwrap();
    let port = at.rsplit(':').next().unwrap();

    let list = http(&daemon, &format!("ITL{PHONE}.tlv"));
    let walked = read(&list);
    assert_eq!(walked.field(28), [1, 1], "phones go to 6971 for this alone");
    let key = site_key(&daemon, scratch.path());
    assert!(walked.is_signed_by(&key, scratch.path()), "SHA-512");
    judge_records(&daemon, &list, &[0, 2, 3], scratch.path());

    // What a phone checks the connection against comes out of its list.
    let certificate = walked.records()[2][&9].clone();
    let x509 = ["x509", "-inform", "DER", "-in", "FILE"];
    let pem = openssl(&x509, &certificate, scratch.path());
    let trusted = scratch.path().join("trusted.pem");
    fs::write(&trusted, pem).unwrap();
    let subject = String::from_utf8(walked.records()[2][&3].clone()).unwrap();
    let host = subject.split(['=', ';']).nth(1).unwrap();
    let connect = format!("{host}:{port}:{at}");
    let trusted = trusted.to_str().unwrap();
    let secure = |options: &[&str], name: &str| {
        let url = format!("https://{host}:{port}/{name}");
        let mut arguments = vec!["-sf", "--max-time", "20", "--cacert", trusted];
        arguments.extend(["--connect-to", &connect]);
        arguments.extend(options);
        arguments.push(&url);
        let said = run("curl", &arguments);
        said.status.success().then_some(said.stdout)
    };
    let plain = http(&daemon, &format!("{PHONE}.cnf.xml"));
    assert!(plain.starts_with(b"<?xml") || plain.starts_with(b"<device"));
    for options in [&["--tls-max", "1.2"][..], &["--tlsv1.3"], &["--http1.0"]] {
        let body = secure(options, &format!("{PHONE}.cnf.xml.sgn"));
        assert_eq!(body.as_ref(), Some(&plain), "{options:?}");
    }
    let plain_name = format!("{PHONE}.cnf.xml");
    assert_eq!(
        secure(&[], &plain_name),
        Some(plain),
        "both names are the same"
    );
    let again = secure(&[], &format!("ITL{PHONE}.tlv"));
    assert_eq!(again, Some(list), "the list is asked for again here");
    assert_eq!(secure(&[], "nothing.xml"), None);
    // A phone of the years of TLS 1.0, and whoever trusts somebody else.
    let old = ["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"];
    assert_eq!(secure(&old, &plain_name), None);
    let other = key_folder(&daemon).join("site.pem");
    let stranger = ["--cacert", other.to_str().unwrap()];
    assert_eq!(secure(&stranger, &plain_name), None);
    // Plain words to an encrypted port do no harm.
    let confused = curl(&["--max-time", "5", &format!("http://{at}/{plain_name}")]);
    assert_eq!(confused, "");
    assert!(secure(&[], &plain_name).is_some());
    let told = daemon.admin().get(&format!("/phones/{PHONE}/timeline")).1;
    assert!(told.to_string().contains("https"), "{told}");
}

#[test]
fn a_signed_file_is_shown_and_checked_by_hand() {
    let scratch = tempfile::tempdir().unwrap();
    let daemon = signing_daemon("", "");
    let file = |name: &str| {
        let path = scratch.path().join(name);
        fs::write(&path, http(&daemon, name)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (list, signed) = (file("ITLFile.tlv"), file("softkeys.xml.sgn"));
    let shown = run(BINARY, &["trust", "show", &list]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    for line in [
        "record 1   SAST",
        "record 2   CCM+TFTP",
        "file name  ITLFile.tlv",
    ] {
        assert!(shown.contains(line), "{line:?} is missing:\n{shown}");
    }
    let shown = run(BINARY, &["trust", "show", &signed]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("file name  softkeys.xml.sgn\n"), "{shown}");
    for file in [&list, &signed] {
        let right = daemon.says(&["trust", "verify", file]);
        assert!(right.contains(": right, signed by CN=embody-"), "{right}");
    }

    // Elsewhere nobody knows the signer, save who is given his certificate.
    let elsewhere = scratch.path().join("elsewhere");
    let verify = |arguments: &[&str]| {
        let mut all = vec!["trust", "verify", "--data", elsewhere.to_str().unwrap()];
        all.extend(arguments);
        let said = run(BINARY, &all);
        let text = String::from_utf8([said.stdout, said.stderr].concat()).unwrap();
        (said.status.success(), text)
    };
    let (right, text) = verify(&[&list]);
    assert!(right && text.contains("right in itself"), "{text}");
    let (right, text) = verify(&[&signed]);
    assert!(!right && text.contains("--certificate"), "{text}");
    let certificate = key_folder(&daemon).join("site.pem");
    let certificate = certificate.to_str().unwrap();
    let (right, text) = verify(&["--certificate", certificate, &signed]);
    assert!(right, "{text}");
    let mut octets = fs::read(&signed).unwrap();
    *octets.last_mut().unwrap() ^= 1;
    fs::write(&signed, octets).unwrap();
    let (right, text) = verify(&["--certificate", certificate, &signed]);
    assert!(!right && text.contains("not over this file"), "{text}");
    let (right, text) = verify(&["Cargo.toml"]);
    assert!(!right && text.contains("no signed file"), "{text}");
}

#[test]
fn check_says_which_phones_signing_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("embody.toml");
    let check = |text: &str| {
        fs::write(&config, text).unwrap();
        let said = run(BINARY, &["check", "--config", config.to_str().unwrap()]);
        let text = String::from_utf8([said.stdout, said.stderr].concat()).unwrap();
        (said.status.success(), text)
    };
    let (right, text) = check("[files]\nsign = true\n");
    assert!(right && !text.contains("79xx"), "SHA-1 is for all: {text}");
    let all = "[listen]\nconfig_https = 7000\n[files]\nsign = true\nsign_hash = \"sha512\"\n";
    let (right, text) = check(all);
    assert!(right, "{text}");
    for sentence in [
        "79xx phones know SHA-1 alone and take nothing signed with SHA-512",
        "79xx phones know nothing newer than TLS 1.0",
        "phones come to port 6971, whatever is set here",
    ] {
        assert!(text.contains(sentence), "{sentence:?} is missing:\n{text}");
    }
    let (right, text) = check("[listen]\nconfig_https = 6971\n");
    assert!(!right && text.contains("set [files] sign = true"), "{text}");
}
