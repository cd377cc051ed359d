//! What is served.

use bytes::Bytes;

use super::*;

fn settings(hash: HashAlgorithm) -> SigningSettings {
    SigningSettings { hash, https: false }
}

#[test]
fn a_list_is_signed_by_whom_it_names_first() {
    for hash in [
        HashAlgorithm::Sha1,
        HashAlgorithm::Sha256,
        HashAlgorithm::Sha512,
    ] {
        let data = data();
        let list = open(data.path(), settings(hash), &Wall::new()).trust_list();
        let read = SignedFile::read(&list).unwrap();
        let header = &read.header;
        assert_eq!((header.version, header.hash), (Version(1, 2), hash));
        assert_eq!(header.signer_version, Some(Version(1, 0)));
        assert!(header.file_name.as_ref().unwrap().is("ITLFile.tlv"));
        assert_eq!(i64::from(header.timestamp.unwrap()), NOON);
        let records = read_records(read.body).unwrap();
        let roles: Vec<Role> = records.iter().map(|record| record.role).collect();
        assert_eq!(roles, [Role::Sast, Role::CcmTftp]);
        assert_eq!(records[0].serial, header.signer.serial);
        assert_eq!(verify(&read, None), Ok(Verdict::RightInItself));
        let own = TrustFolder::of(data.path()).certificate().unwrap();
        assert_eq!(verify(&read, Some(&own)), Ok(Verdict::Right));
    }
}

#[test]
fn a_list_is_a_new_one_only_when_it_says_something_else() {
    let data = data();
    let clock = Wall::new();
    let first = open(data.path(), settings(HashAlgorithm::Sha1), &clock).trust_list();
    clock.pass(86_400);
    let again = open(data.path(), settings(HashAlgorithm::Sha1), &clock).trust_list();
    assert_eq!(again, first, "a day later");

    let https = SigningSettings {
        https: true,
        ..settings(HashAlgorithm::Sha1)
    };
    let list = open(data.path(), https, &clock).trust_list();
    let read = SignedFile::read(&list).unwrap();
    assert_eq!(read.header.signer_version, Some(Version::ADVANCED_SIGNER));
    assert_eq!(i64::from(read.header.timestamp.unwrap()), NOON + 86_400);
    let records = read_records(read.body).unwrap();
    let roles: Vec<Role> = records.iter().map(|record| record.role).collect();
    assert_eq!(roles, [Role::Sast, Role::CcmTftp, Role::Tftp]);
    assert_eq!(records[2].public_key.len(), 65, "a point of P-256");

    // What somebody did to the file is not served.
    let kept = TrustFolder::of(data.path()).path().join("ITLFile.tlv");
    let mut octets = std::fs::read(&kept).unwrap();
    assert_eq!(octets, list);
    octets[0x70] ^= 1;
    std::fs::write(&kept, &octets).unwrap();
    let mended = open(data.path(), https, &clock).trust_list();
    assert_eq!(mended, list);
    let other = open(data.path(), settings(HashAlgorithm::Sha256), &clock).trust_list();
    assert_ne!(other, first);
}

#[test]
fn a_file_is_signed_once_under_every_name() {
    let data = data();
    let clock = Wall::new();
    let signing = open(data.path(), settings(HashAlgorithm::Sha1), &clock);
    let body = Bytes::from_static(b"<CiscoIPPhoneImageList/>");
    let name = "Desktops/320x196x4/List.xml.sgn";
    let first = signing.signed(name, &body).unwrap();
    let read = SignedFile::read(&first).unwrap();
    assert_eq!(read.body, &body[..]);
    assert_eq!(read.header.signer_version, None);
    assert!(read.header.file_name.as_ref().unwrap().is(name));
    let own = TrustFolder::of(data.path()).certificate().unwrap();
    assert_eq!(verify(&read, Some(&own)), Ok(Verdict::Right));

    clock.pass(60);
    assert_eq!(signing.signed(name, &body).unwrap(), first, "kept");
    let other = signing.signed("List.xml.sgn", &body).unwrap();
    let other = SignedFile::read(&other).unwrap();
    assert!(other.header.file_name.as_ref().unwrap().is("List.xml.sgn"));
    assert_eq!(i64::from(other.header.timestamp.unwrap()), NOON + 60);
    let changed = signing.signed(name, &Bytes::from_static(b"<x/>")).unwrap();
    assert!(changed.ends_with(b"<x/>"));
    assert_eq!(
        verify(&SignedFile::read(&changed).unwrap(), Some(&own)),
        Ok(Verdict::Right)
    );
    // The name and the body cannot be taken for one another.
    let whole = signing.signed("a", &Bytes::from_static(b"b\0c")).unwrap();
    assert_ne!(
        signing.signed("a\0b", &Bytes::from_static(b"c")).unwrap(),
        whole
    );
    assert!(!format!("{signing:?}").contains("RsaKey"), "{signing:?}");
}

#[test]
fn a_large_file_is_there_once_however_many_ask_and_a_larger_one_is_not_signed() {
    let data = data();
    let signing = open(data.path(), settings(HashAlgorithm::Sha256), &Wall::new());
    let jar = Bytes::from(vec![7; 1 << 20]);
    let one = signing.signed("gh-sip.jar.sgn", &jar).unwrap();
    let two = signing.signed("gh-sip.jar.sgn", &jar).unwrap();
    assert_eq!(one.as_ptr(), two.as_ptr());
    let image = Bytes::from(vec![7; super::super::signing::LONGEST_SIGNED + 1]);
    let refused = signing.signed("image.sgn", &image);
    assert_eq!(refused, Err(SealError::TooLong));
}

#[test]
fn whatever_is_changed_is_noticed() {
    let data = data();
    let signing = open(data.path(), settings(HashAlgorithm::Sha1), &Wall::new());
    let own = TrustFolder::of(data.path()).certificate().unwrap();
    let file = signing
        .signed("x.xml.sgn", &Bytes::from_static(b"<x/>"))
        .unwrap();
    let name = file.windows(5).position(|part| part == b"x.xml").unwrap();
    for at in [4, name, 0x90, file.len() - 1] {
        let mut changed = file.to_vec();
        changed[at] ^= 0x20;
        let read = SignedFile::read(&changed).unwrap();
        assert_ne!(verify(&read, Some(&own)), Ok(Verdict::Right), "at {at}");
    }
    let read = SignedFile::read(&file).unwrap();
    assert_ne!(verify(&read, None), Ok(Verdict::RightInItself), "by whom?");

    // Another site's key is another signer.
    let other = tempfile::tempdir().unwrap();
    let made = TrustFolder::of(other.path())
        .create(
            &Owner {
                name: "other".to_owned(),
                ..owner()
            },
            Timestamp(NOON * 1_000),
        )
        .unwrap();
    let Ok(Verdict::Wrong(faults)) = verify(&read, Some(&made.certificate)) else {
        panic!("it was taken");
    };
    assert!(faults[0].contains("not by CN=other"), "{faults:?}");

    // A list with somebody else's key in the place of its signer's.
    let list = signing.trust_list();
    let read = SignedFile::read(&list).unwrap();
    let mut records = read_records(read.body).unwrap();
    records[0].public_key = made.certificate.record(Role::Sast).public_key;
    let body = write_records(&records).unwrap();
    let changed = [read.header.write().unwrap(), body].concat();
    let Ok(Verdict::Wrong(faults)) = verify(&SignedFile::read(&changed).unwrap(), None) else {
        panic!("it was taken");
    };
    assert!(faults[0].contains("public key in the record"), "{faults:?}");
}

#[test]
fn a_list_in_words_says_whom_phones_will_trust() {
    let data = data();
    let https = SigningSettings {
        https: true,
        ..SigningSettings::default()
    };
    let list = open(data.path(), https, &Wall::new()).trust_list();
    let text = describe(&SignedFile::read(&list).unwrap()).unwrap();
    for line in [
        "version    1.2\n",
        "signer     version 1.1\n",
        "signed by  CN=site;OU=Phones;O=Example\n",
        "signature  RSA of 2048 bits with SHA-1, 256 octets\n",
        "file name  ITLFile.tlv\n",
        "signed at  2026-11-22 12:00:00 UTC\n",
        "record 1   SAST (signs trust lists)\n",
        "record 2   CCM+TFTP (signalling, signs files)\n",
        "record 3   TFTP (signs files)\n",
        "  subject  CN=site-https;OU=Phones;O=Example\n",
        "  valid    until 2051-11-16 12:00:00 UTC\n",
    ] {
        assert!(text.contains(line), "{line:?} is missing:\n{text}");
    }
    // What is strange in it does no harm to a terminal.
    let odd = Header {
        file_name: Some(Text::new("\u{1b}[2J\r\nx")),
        ..SignedFile::read(&list).unwrap().header
    };
    let odd = odd.write().unwrap();
    let text = describe(&SignedFile::read(&odd).unwrap()).unwrap();
    assert!(text.contains("file name  \\u{1b}[2J\\r\\nx\n"), "{text}");
    assert!(text.contains("body       0 octets"), "{text}");
}
