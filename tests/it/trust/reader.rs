//! A second reader of signed files, which shares nothing with the first, and
//! OpenSSL, which says whether they are right.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::tools::run;

/// Tag, value.
type Field<'a> = (u8, &'a [u8]);

/// A file that was walked through.
pub struct Walked<'a> {
    pub tags: Vec<u8>,
    header: BTreeMap<u8, &'a [u8]>,
    pub body: &'a [u8],
    /// The file with the signature cut out, its tag and length too.
    rest: Vec<u8>,
}

fn number(octets: &[u8]) -> usize {
    octets
        .iter()
        .fold(0, |sum, octet| sum * 256 + usize::from(*octet))
}

/// The fields from `from` up to `to`, with where each begins. A 13 is padding
/// where `padded`.
fn walk(file: &[u8], from: usize, to: usize, padded: bool) -> Vec<(usize, Field<'_>)> {
    let mut at = from;
    let mut fields = Vec::new();
    while at < to {
        if padded && file[at] == 13 {
            at += 1;
            continue;
        }
        let length = number(&file[at + 1..at + 3]);
        fields.push((at, (file[at], &file[at + 3..at + 3 + length])));
        at += 3 + length;
    }
    assert_eq!(at, to, "the last field ends where it should");
    fields
}

pub fn read(file: &[u8]) -> Walked<'_> {
    assert_eq!(file[..3], [1, 0, 2], "the version first");
    assert_eq!(file[5..8], [2, 0, 2], "then the length of the header");
    let length = number(&file[8..10]);
    assert_eq!(length % 4, 0, "padded to a multiple of four");
    let fields = walk(file, 0, length, true);
    let (at, (_, signature)) = *fields.iter().find(|(_, field)| field.0 == 12).unwrap();
    let mut rest = file[..at].to_vec();
    rest.extend(&file[at + 3 + signature.len()..]);
    Walked {
        tags: fields.iter().map(|(_, field)| field.0).collect(),
        header: fields.iter().map(|(_, field)| *field).collect(),
        body: &file[length..],
        rest,
    }
}

impl Walked<'_> {
    pub fn field(&self, tag: u8) -> &[u8] {
        self.header[&tag]
    }

    /// The name in the header, without its NUL.
    pub fn name(&self) -> &str {
        let (last, name) = self.header[&14].split_last().unwrap();
        assert_eq!(*last, 0, "it ends with NUL");
        std::str::from_utf8(name).unwrap()
    }

    /// Name, serial number and issuer of the signer.
    pub fn signer(&self) -> Vec<Field<'_>> {
        let signer = self.header[&3];
        let fields = walk(signer, 0, signer.len(), false);
        fields.into_iter().map(|(_, field)| field).collect()
    }

    /// As `openssl dgst` calls it.
    fn digest(&self) -> &'static str {
        let info = self.header[&7];
        assert_eq!(info[4..], [9, 0, 8, 10, 0, 1, 0, 11, 0, 1, 2], "RSA, 2048");
        match info[..4] {
            [8, 0, 1, 1] => "-sha1",
            [8, 0, 1, 2] => "-sha256",
            [8, 0, 1, 3] => "-sha512",
            _ => panic!("a hash that nobody knows: {info:?}"),
        }
    }

    /// What `openssl dgst -verify` says with the public key in `key`.
    pub fn is_signed_by(&self, key: &Path, scratch: &Path) -> bool {
        let (rest, signature) = (scratch.join("rest"), scratch.join("signature"));
        fs::write(&rest, &self.rest).unwrap();
        fs::write(&signature, self.header[&12]).unwrap();
        let said = run(
            "openssl",
            &[
                "dgst",
                self.digest(),
                "-verify",
                key.to_str().unwrap(),
                "-signature",
                signature.to_str().unwrap(),
                rest.to_str().unwrap(),
            ],
        );
        let right = said.stdout.starts_with(b"Verified OK");
        assert_eq!(said.status.success(), right, "{said:?}");
        right
    }

    /// The fields of each record.
    pub fn records(&self) -> Vec<BTreeMap<u8, Vec<u8>>> {
        let mut records = Vec::new();
        let mut at = 0;
        while at < self.body.len() {
            assert_eq!(self.body[at..at + 3], [1, 0, 2], "a record's length");
            let length = number(&self.body[at + 3..at + 5]);
            let fields = walk(self.body, at, at + length, false);
            records.push(
                fields
                    .into_iter()
                    .map(|(_, (tag, value))| (tag, value.to_vec()))
                    .collect(),
            );
            at += length;
        }
        records
    }
}

/// Runs `openssl` on `input`, which is written into a file first: what it
/// printed. `FILE` in the arguments is that file.
pub fn openssl(arguments: &[&str], input: &[u8], scratch: &Path) -> Vec<u8> {
    let file = scratch.join("input");
    fs::write(&file, input).unwrap();
    let file = file.to_str().unwrap();
    let arguments: Vec<&str> = arguments
        .iter()
        .map(|one| if *one == "FILE" { file } else { one })
        .collect();
    let said = run("openssl", &arguments);
    assert!(said.status.success(), "{arguments:?}: {said:?}");
    said.stdout
}

/// The public key of a certificate in DER, in PEM.
pub fn public_key(certificate: &[u8], scratch: &Path) -> Vec<u8> {
    let arguments = ["x509", "-inform", "DER", "-in", "FILE", "-noout", "-pubkey"];
    openssl(&arguments, certificate, scratch)
}
