//! Is a signed file right?

use super::certificate::Certificate;
use super::header::{SignedFile, Unreadable};
use super::key::is_signed_by;
use super::record::{Record, Role, read_records};

/// Signers of trust lists that phones take, at most.
const MOST_SASTS: usize = 2;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Signed by the certificate that was given.
    Right,
    /// A trust list that is signed by somebody in it; who trusts him is
    /// another question.
    RightInItself,
    /// Wrong, with the reasons.
    Wrong(Vec<String>),
}

/// Checks the signature of a file against a certificate, or a trust list
/// against itself, and whether phones would take a list's records.
///
/// # Errors
/// [`Unreadable`] when a trust list has unreadable records.
pub fn verify(
    file: &SignedFile<'_>,
    certificate: Option<&Certificate>,
) -> Result<Verdict, Unreadable> {
    let records = if file.is_trust_list() {
        Some(read_records(file.body)?)
    } else {
        None
    };
    let own = records.as_deref().and_then(|records| signer(file, records));
    let mut faults = Vec::new();
    if let Some(records) = &records {
        faults.extend(of_list(records, own.is_some()));
    }
    let key = match (certificate, own) {
        (Some(certificate), _) => Some(certificate.public_key()),
        (None, Some(record)) => Some(record.public_key.as_slice()),
        (None, None) => None,
    };
    let header = &file.header;
    match key {
        None => faults.push(format!(
            "there is no certificate of its signer, {}, to check it with; name one with \
             --certificate",
            header.signer.subject
        )),
        Some(key) => {
            if let Some(certificate) = certificate.filter(|one| one.signer() != header.signer) {
                faults.push(format!(
                    "it is signed by {}, not by {}",
                    header.signer.subject,
                    certificate.subject()
                ));
            }
            let octets = file.signed_octets();
            if !is_signed_by(key, header.hash, &octets, &header.signature) {
                faults.push("the signature is not over this file, or not of this key".to_owned());
            }
        }
    }
    Ok(if !faults.is_empty() {
        Verdict::Wrong(faults)
    } else if certificate.is_some() {
        Verdict::Right
    } else {
        Verdict::RightInItself
    })
}

impl SignedFile<'_> {
    /// Whether the body is records, as only that of a trust list is.
    pub fn is_trust_list(&self) -> bool {
        // The first tag of a record and the length of its value; no text
        // begins so.
        self.body.starts_with(&[1, 0, 2])
    }
}

/// The record of whoever signed a list.
fn signer<'a>(file: &SignedFile<'_>, records: &'a [Record]) -> Option<&'a Record> {
    let signer = &file.header.signer;
    records.iter().find(|record| {
        record.role == Role::Sast
            && record.serial == signer.serial
            && record.issuer == signer.issuer
            && record.subject == signer.subject
    })
}

fn of_list(records: &[Record], has_signer: bool) -> Vec<String> {
    let mut faults: Vec<String> = records.iter().flat_map(Certificate::faults).collect();
    if !has_signer {
        faults.push("its signer does not stand in it as SAST".to_owned());
    }
    let sasts = records.iter().filter(|record| record.role == Role::Sast);
    let sasts = sasts.count();
    if sasts > MOST_SASTS {
        faults.push(format!(
            "{sasts} SASTs are more than the two that phones take"
        ));
    }
    faults
}
