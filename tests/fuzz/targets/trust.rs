//! Trust lists and signed files: what an operator lets us look into.

use embody::provision::trust::{SignedFile, describe, read_records, verify, write_records};

/// What is read is written and read again the same, what is signed is the
/// file without its signature, and nothing of it can harm a terminal.
pub(super) fn list(data: &[u8]) {
    records(data);
    let Ok(file) = SignedFile::read(data) else {
        return;
    };
    let signed = file.signed_octets();
    assert_eq!(signed.len() + 3 + file.header.signature.len(), data.len());
    records(file.body);
    // It may have become longer by a NUL at the end of a name.
    if let Ok(header) = file.header.write() {
        let written = [&header, file.body].concat();
        let again = SignedFile::read(&written).unwrap();
        assert_eq!(again.header, file.header);
        assert_eq!(again.body, file.body);
    }
    if let Ok(text) = describe(&file) {
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    }
    let _ = verify(&file, None);
}

fn records(body: &[u8]) {
    let Ok(read) = read_records(body) else {
        return;
    };
    if let Ok(written) = write_records(&read) {
        assert_eq!(read_records(&written).as_deref(), Ok(&read[..]));
    }
}
