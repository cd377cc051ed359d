//! Fetching a load: its list, and the files that it lists, as phones do for an
//! upgrade or when they have no firmware left. Nothing is run.

use super::boot;
use super::event::FileOutcome;
use super::phone::Phone;
use super::tftp::{Fetched, MAX_FILE};

/// Bytes of one file of a load; there is none of more.
const MOST: usize = 64 * 1024 * 1024;
/// Files of a load.
const MOST_PARTS: usize = 64;

/// A file of a load that came whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadPart {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why a load did not come.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} did not come: {outcome:?}")]
pub struct NotWhole {
    /// The file at which the phone gave up.
    pub name: String,
    /// What came of that.
    pub outcome: FileOutcome,
}

/// One file of at most 64 MiB, where and how the phone fetches those of its
/// boot.
pub(super) async fn file(phone: &Phone, name: &str) -> Result<Vec<u8>, NotWhole> {
    fetched(phone, name, MOST).await
}

/// The parts of a load, in the order of its list.
pub(super) async fn load(phone: &Phone, load: &str) -> Result<Vec<LoadPart>, NotWhole> {
    let list = fetched(phone, &format!("{load}.loads"), MAX_FILE).await?;
    let mut parts = Vec::new();
    for name in listed(&list) {
        let bytes = fetched(phone, &name, MOST).await?;
        parts.push(LoadPart { name, bytes });
    }
    Ok(parts)
}

async fn fetched(phone: &Phone, name: &str, most: usize) -> Result<Vec<u8>, NotWhole> {
    match boot::fetch_at_most(phone, name, most).await {
        Fetched::File(bytes) => Ok(bytes),
        other => Err(NotWhole {
            name: name.to_owned(),
            outcome: boot::outcome(&other),
        }),
    }
}

/// The names in a list: one a line, behind the header of a signed file.
fn listed(list: &[u8]) -> Vec<String> {
    let text = list.get(header_length(list)..).unwrap_or_default();
    String::from_utf8_lossy(text)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.contains('='))
        .take(MOST_PARTS)
        .map(str::to_owned)
        .collect()
}

/// The second field of the header says how long it is; a list that was written
/// by hand has none.
fn header_length(list: &[u8]) -> usize {
    match list {
        [1, 0, 2, _, _, 2, 0, 2, high, low, ..] => u16::from_be_bytes([*high, *low]).into(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_list_names_files_behind_its_header() {
        let text = b"# a remark\njar70sccp.sbn  \r\ncnu70.sbn\r\n\r\nLA_VERSION=PAS30831\n";
        let names = ["jar70sccp.sbn", "cnu70.sbn"];
        assert_eq!(listed(text), names);
        let header = [1, 0, 2, 1, 0, 2, 0, 2, 0, 12, 13, 13];
        assert_eq!(listed(&[&header[..], text].concat()), names);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_list(bytes: Vec<u8>) {
            prop_assert!(listed(&bytes).len() <= MOST_PARTS);
        }
    }
}
