//! A signed file in words.

use std::fmt::Write as _; // writing to a String cannot fail
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::certificate::Certificate;
use super::header::{Header, SignedFile, Unreadable};
use super::record::{Record, read_records};

/// The header and the records of a file, a line each. Whether the signature is
/// right is not looked at.
///
/// # Errors
/// [`Unreadable`] when a trust list has unreadable records.
pub fn describe(file: &SignedFile<'_>) -> Result<String, Unreadable> {
    let mut text = of_header(&file.header);
    if !file.is_trust_list() {
        let _ = writeln!(text, "body       {} octets, as they are", file.body.len());
        return Ok(text);
    }
    let records = read_records(file.body)?;
    for (number, record) in records.iter().enumerate() {
        of_record(&mut text, number.saturating_add(1), record);
    }
    if !records.iter().any(|record| record.role.signs_files()) {
        text.push_str("nobody in it signs files: phones that take it ask for unsigned ones\n");
    }
    Ok(text)
}

fn of_header(header: &Header) -> String {
    let mut text = format!("version    {}\n", header.version);
    if let Some(version) = header.signer_version {
        let _ = writeln!(text, "signer     version {version}");
    }
    let signer = &header.signer;
    let _ = writeln!(text, "signed by  {}", signer.subject);
    let _ = writeln!(text, "issuer     {}", signer.issuer);
    let _ = writeln!(text, "serial     {}", hex(&signer.serial));
    let _ = writeln!(
        text,
        "signature  RSA of {} bits with {}, {} octets",
        header.modulus.bits(),
        header.hash,
        header.signature.len()
    );
    if let Some(name) = &header.file_name {
        let _ = writeln!(text, "file name  {name}");
    }
    if let Some(time) = header.timestamp {
        let _ = writeln!(
            text,
            "signed at  {}",
            date(Duration::from_secs(time.into()))
        );
    }
    for (tag, value) in &header.others {
        let _ = writeln!(text, "tag {tag}     {} octets", value.len());
    }
    text
}

fn of_record(text: &mut String, number: usize, record: &Record) {
    let _ = writeln!(text, "record {number}   {}", record.role);
    let _ = writeln!(text, "  subject  {}", record.subject);
    let _ = writeln!(text, "  issuer   {}", record.issuer);
    let _ = writeln!(text, "  serial   {}", hex(&record.serial));
    if let Some(name) = &record.dns_name {
        let _ = writeln!(text, "  host     {name}");
    }
    if let Some(address) = record.address {
        let _ = writeln!(text, "  address  {address}");
    }
    let Some(der) = &record.certificate else {
        text.push_str("  no certificate, only its key\n");
        return;
    };
    let _ = writeln!(text, "  SHA-256  {}", hex(&Sha256::digest(der)));
    match Certificate::from_der(der) {
        Ok(certificate) => {
            let _ = writeln!(text, "  valid    until {}", date(certificate.not_after()));
        }
        Err(why) => {
            let _ = writeln!(text, "  certificate: {why}");
        }
    }
}

fn hex(octets: &[u8]) -> String {
    let pairs: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
    pairs.join(":")
}

fn date(since_1970: Duration) -> String {
    i64::try_from(since_1970.as_secs())
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map_or_else(
            || "a time that is none".to_owned(),
            |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        )
}
