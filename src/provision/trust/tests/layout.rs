//! The octets.

use proptest::prelude::*;

use super::*;

fn header() -> Header {
    Header {
        version: Version::SIGNED_FILE,
        signer_version: None,
        signer: Signer {
            subject: Text::new("CN=tftp;OU=phones;O=emb"),
            issuer: Text::new("CN=tftp;OU=phones;O=emb"),
            serial: vec![0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef],
        },
        hash: HashAlgorithm::Sha1,
        modulus: Modulus::Bits2048,
        signature: vec![0xaa; 256],
        file_name: Some(Text::new("SEP001122334455.cnf.xml.sgn")),
        timestamp: Some(0x6b01_0203),
        others: Vec::new(),
    }
}

#[test]
fn a_header_stands_where_phones_look_for_it() {
    let written = header().write().unwrap();
    let at = |offset: usize, octets: &[u8]| {
        let there = written.get(offset..offset + octets.len()).unwrap();
        assert_eq!(there, octets, "at {offset:#x}");
    };
    assert_eq!(written.len(), 0x18c);
    at(0x00, &[1, 0, 2, 1, 0]);
    at(0x05, &[2, 0, 2, 0x01, 0x8c]);
    at(0x0a, &[3, 0, 65, 4, 0, 24]);
    at(0x10, b"CN=tftp;OU=phones;O=emb\0");
    at(
        0x28,
        &[5, 0, 8, 0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef],
    );
    at(0x33, &[6, 0, 24]);
    at(
        0x4e,
        &[7, 0, 15, 8, 0, 1, 1, 9, 0, 8, 10, 0, 1, 0, 11, 0, 1, 2],
    );
    at(0x60, &[12, 1, 0, 0xaa]);
    at(0x163, &[14, 0, 28]);
    at(0x166, b"SEP001122334455.cnf.xml.sgn\0");
    at(0x182, &[15, 0, 4, 0x6b, 1, 2, 3]);
    at(0x189, &[13, 13, 13]);
}

#[test]
fn what_is_signed_is_the_file_without_the_signature() {
    let file = [header().write().unwrap(), b"<device/>".to_vec()].concat();
    let read = SignedFile::read(&file).unwrap();
    assert_eq!(read.body, b"<device/>");
    let signed = read.signed_octets();
    assert_eq!(signed.len(), file.len() - 259);
    assert_eq!(signed, [&file[..0x60], &file[0x163..]].concat());
}

#[test]
fn a_trust_list_tells_the_version_of_its_signer_before_him() {
    let list = Header {
        version: Version::TRUST_LIST,
        signer_version: Some(Version::ADVANCED_SIGNER),
        ..header()
    };
    let written = list.write().unwrap();
    assert_eq!(written[..5], [1, 0, 2, 1, 2]);
    assert_eq!(written[10..16], [28, 0, 2, 1, 1, 3]);
}

/// The descriptor of a load: another order inside the signer, no time, and a
/// body of lines.
#[test]
fn the_descriptor_of_a_load_is_read_too() {
    let mut signer = Vec::new();
    for (tag, value) in [
        (4, &b"CN=someSigner;OU=someOrgUnit;O=someOrg\0"[..]),
        (6, b"CN=someSigner;OU=someOrgUnit;O=someOrg\0"),
        (5, &[0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xef]),
    ] {
        super::super::tlv::put(&mut signer, tag, value).unwrap();
    }
    let mut file = vec![1, 0, 2, 1, 2, 2, 0, 2, 0, 0];
    super::super::tlv::put(&mut file, 3, &signer).unwrap();
    file.extend([7, 0, 15, 8, 0, 1, 1, 9, 0, 8, 10, 0, 1, 0, 11, 0, 1, 1]);
    super::super::tlv::put(&mut file, 12, &[7; 128]).unwrap();
    super::super::tlv::put(&mut file, 14, b"SCCP41.9-4-2SR3-1S.loads\0").unwrap();
    file.extend([13; 3]);
    let length = u16::try_from(file.len()).unwrap().to_be_bytes();
    file[8..10].copy_from_slice(&length);
    file.extend(b"jar41sccp.9-4-2ES26.sbn  \r\ncnu41.9-4-2ES26.sbn\r\n");
    let read = SignedFile::read(&file).unwrap();
    assert!(
        read.header
            .file_name
            .as_ref()
            .unwrap()
            .is("SCCP41.9-4-2SR3-1S.loads")
    );
    assert_eq!(read.header.timestamp, None);
    assert_eq!(read.header.modulus.bits(), 1024);
    assert!(read.body.starts_with(b"jar41sccp"));
    assert!(!read.is_trust_list());
    let text = describe(&read).unwrap();
    assert!(
        text.contains("signed by  CN=someSigner;OU=someOrgUnit;O=someOrg\n"),
        "{text}"
    );
    assert!(
        text.contains("serial     12:34:56:78:90:AB:CD:EF\n"),
        "{text}"
    );
    assert!(
        text.contains("RSA of 1024 bits with SHA-1, 128 octets"),
        "{text}"
    );
}

#[test]
fn what_is_no_signed_file_is_told_as_such() {
    let good = header().write().unwrap();
    let damaged = |at: usize, octet: u8| {
        let mut file = good.clone();
        file[at] = octet;
        SignedFile::read(&file).map(drop).unwrap_err()
    };
    assert_eq!(
        SignedFile::read(b"<device/>").map(drop),
        Err(Unreadable::NotSigned)
    );
    assert_eq!(SignedFile::read(b"").map(drop), Err(Unreadable::NotSigned));
    assert_eq!(damaged(8, 9), Unreadable::HeaderLength(0x98c));
    assert_eq!(
        SignedFile::read(&good[..0x180]).map(drop),
        Err(Unreadable::HeaderLength(0x18c))
    );
    let mut short = good.clone();
    short[8..10].copy_from_slice(&[0, 9]);
    assert_eq!(
        SignedFile::read(&short).map(drop),
        Err(Unreadable::HeaderLength(9))
    );
    assert_eq!(damaged(0x54, 9), Unreadable::Unknown(8, 9), "a hash");
    assert_eq!(damaged(0x5b, 1), Unreadable::Unknown(10, 1), "not RSA");
    assert_eq!(damaged(0x5f, 4), Unreadable::Unknown(11, 4), "a size");
    assert_eq!(damaged(0x60, 99), Unreadable::Missing(12, "the signature"));
    assert_eq!(damaged(0x163, 15), Unreadable::Length(15, 28));
    assert_eq!(
        damaged(0x182, 3),
        Unreadable::CutShort(0),
        "a second signer"
    );
    assert_eq!(damaged(0x184, 90), Unreadable::CutShort(0x182));
}

fn text() -> impl Strategy<Value = Text> {
    prop::collection::vec(any::<u8>(), 0..40).prop_map(|octets| Text::read(&octets))
}

fn octets(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

fn any_header() -> impl Strategy<Value = Header> {
    let hash = prop::sample::select(vec![
        HashAlgorithm::Sha1,
        HashAlgorithm::Sha256,
        HashAlgorithm::Sha512,
    ]);
    let modulus = prop::sample::select(vec![
        Modulus::Bits512,
        Modulus::Bits1024,
        Modulus::Bits2048,
        Modulus::Bits4096,
    ]);
    let version = || any::<(u8, u8)>().prop_map(|(major, minor)| Version(major, minor));
    (
        (version(), prop::option::of(version())),
        (text(), text(), octets(24)),
        (hash, modulus, octets(600)),
        (prop::option::of(text()), prop::option::of(any::<u32>())),
        prop::collection::vec((100..=255_u8, octets(30)), 0..4),
    )
        .prop_map(|(versions, signer, signature, name, others)| Header {
            version: versions.0,
            signer_version: versions.1,
            signer: Signer {
                subject: signer.0,
                issuer: signer.1,
                serial: signer.2,
            },
            hash: signature.0,
            modulus: signature.1,
            signature: signature.2,
            file_name: name.0,
            timestamp: name.1,
            others,
        })
}

fn any_record() -> impl Strategy<Value = Record> {
    let role = prop_oneof![
        prop::sample::select(vec![
            Role::Sast,
            Role::Ccm,
            Role::CcmTftp,
            Role::Tftp,
            Role::Capf,
            Role::AppServer,
            Role::Tvs,
        ]),
        (30..u16::MAX).prop_map(Role::Other),
    ];
    (
        (prop::option::of(text()), text(), role, text(), octets(24)),
        (octets(300), octets(300), prop::option::of(octets(900))),
        prop::option::of(any::<std::net::IpAddr>()),
        (prop::option::of(octets(40)), prop::option::of(any::<u8>())),
        prop::collection::vec((13..=255_u8, octets(30)), 0..4),
    )
        .prop_map(|(who, keys, address, hash, others)| Record {
            dns_name: who.0,
            subject: who.1,
            role: who.2,
            issuer: who.3,
            serial: who.4,
            public_key: keys.0,
            signature: keys.1,
            certificate: keys.2,
            address,
            certificate_hash: hash.0,
            hash_algorithm: hash.1,
            others,
        })
}

proptest! {
    #[test]
    fn a_header_is_read_as_it_was_written(header in any_header(), body in octets(60)) {
        let file = [header.write().unwrap(), body.clone()].concat();
        prop_assert_eq!((file.len() - body.len()) % 4, 0);
        let read = SignedFile::read(&file).unwrap();
        prop_assert_eq!(&read.header, &header);
        prop_assert_eq!(read.body, &body[..]);
        let rest = read.signed_octets();
        prop_assert_eq!(rest.len() + 3 + header.signature.len(), file.len());
    }

    #[test]
    fn records_are_read_as_they_were_written(
        records in prop::collection::vec(any_record(), 0..5),
    ) {
        let body = write_records(&records).unwrap();
        prop_assert_eq!(read_records(&body).unwrap(), records);
        if let Some(short) = body.len().checked_sub(1) {
            prop_assert!(read_records(&body[..short]).is_err());
        }
    }

    #[test]
    fn no_octets_do_harm(
        header in any_header(),
        at in any::<prop::sample::Index>(),
        octet in any::<u8>(),
        noise in octets(400),
    ) {
        let mut file = header.write().unwrap();
        let at = at.index(file.len());
        file[at] = octet;
        for file in [&file[..], &file[..at], &noise] {
            if let Ok(read) = SignedFile::read(file) {
                let _ = (describe(&read), verify(&read, None));
            }
            let _ = read_records(file);
        }
    }
}

#[test]
fn more_records_than_any_phone_takes_are_refused() {
    let small = Record {
        dns_name: None,
        subject: Text::new("x"),
        role: Role::Sast,
        issuer: Text::default(),
        serial: Vec::new(),
        public_key: Vec::new(),
        signature: Vec::new(),
        certificate: None,
        address: None,
        certificate_hash: None,
        hash_algorithm: None,
        others: Vec::new(),
    };
    let body = write_records(&vec![small.clone(); 256]).unwrap();
    assert_eq!(read_records(&body).unwrap().len(), 256);
    let body = write_records(&vec![small.clone(); 257]).unwrap();
    assert_eq!(
        read_records(&body),
        Err(Unreadable::TooMany(256, "records"))
    );
    let large = Record {
        certificate: Some(vec![0; 65_530]),
        ..small
    };
    assert_eq!(write_records(&[large]), Err(Unwritable));
}
