//! Ring lists: `Ringlist.xml` and its kin of the `.raw` files, `Ringlist-wb.xml`
//! of the `.rwb` files (*Custom Phone Rings*, Cisco Unified Communications
//! Manager feature guides).

use std::fmt::Write as _;

use bytes::Bytes;

use super::{LONGEST_NAME, Media, escaped, in_one_folder, shortened, stem};
use crate::provision::firmware::Listed;

/// The folder of rings, beside the top of the tree.
const FOLDER: &str = "rings";
/// Sizes of a ring of 8-bit samples, 8000 a second, in octets.
const RAW_SIZES: std::ops::RangeInclusive<u64> = 240..=16_080;
/// Such a ring is sent in packets of this many octets.
const RAW_STEP: u64 = 240;

/// One entry of a list.
struct Ring {
    title: String,
    file: String,
}

/// Adds the ring lists of a tree.
pub(super) fn add(media: &mut Media, files: &[Listed<'_>]) {
    let narrow = rings(media, files, ".raw", raw_fault);
    let wide = rings(media, files, ".rwb", wide_fault);
    if !narrow.is_empty() {
        let list = as_xml(&narrow);
        media.lists.insert("ringlist.xml".to_owned(), list);
        media
            .lists
            .insert("ringlist.dat".to_owned(), as_text(&narrow));
    }
    if !wide.is_empty() {
        media
            .lists
            .insert("ringlist-wb.xml".to_owned(), as_xml(&wide));
    }
}

fn rings(
    media: &mut Media,
    files: &[Listed<'_>],
    end: &str,
    fault: fn(u64) -> Option<String>,
) -> Vec<Ring> {
    let mut rings: Vec<Ring> = Vec::new();
    // Those at the top come first: they hide others of the same name.
    let top = files.iter().filter(|file| !file.name.contains('/'));
    let folder = files.iter().filter(|file| {
        in_one_folder(file.name).is_some_and(|(folder, _)| folder.eq_ignore_ascii_case(FOLDER))
    });
    for file in top.chain(folder) {
        let bare = in_one_folder(file.name).map_or(file.name, |(_, bare)| bare);
        let Some(title) = stem(bare, end).filter(|title| !title.contains(char::is_control)) else {
            continue;
        };
        if bare.chars().count() > LONGEST_NAME {
            media.remark(format!(
                "{} is not listed as a ring: its name is longer than {LONGEST_NAME} characters; \
                 give it a shorter one",
                file.name
            ));
            continue;
        }
        if let Some(fault) = fault(file.size) {
            media.remark(format!("{} is not listed as a ring: {fault}", file.name));
            continue;
        }
        if rings
            .iter()
            .any(|ring| ring.file.eq_ignore_ascii_case(bare))
        {
            media.remark(format!(
                "{} is hidden by the ring of the same name at the top of the folder",
                file.name
            ));
            continue;
        }
        if bare != file.name {
            media.bare.insert(bare.to_lowercase(), file.name.to_owned());
        }
        rings.push(Ring {
            title: shortened(&title.replace('_', " ")),
            file: bare.to_owned(),
        });
    }
    rings.sort_by_key(|ring| ring.file.to_lowercase());
    media.bounded(&format!("rings ({end})"), &mut rings);
    rings
}

fn raw_fault(size: u64) -> Option<String> {
    let fits = RAW_SIZES.contains(&size) && size.is_multiple_of(RAW_STEP);
    (!fits).then(|| {
        format!(
            "it has {size} octets; phones play 240 to 16080 octets, a multiple of 240 (u-law, \
             8000 Hz, no header)"
        )
    })
}

fn wide_fault(size: u64) -> Option<String> {
    (size == 0 || !size.is_multiple_of(2)).then(|| {
        format!("it has {size} octets; its samples have two octets each (16 bit, 16000 Hz)")
    })
}

fn as_xml(rings: &[Ring]) -> Bytes {
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CiscoIPPhoneRingList>\n");
    for Ring { title, file } in rings {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "  <Ring>\n    <DisplayName>{}</DisplayName>\n    <FileName>{}</FileName>\n  </Ring>",
            escaped(title),
            escaped(file)
        );
    }
    out.push_str("</CiscoIPPhoneRingList>\n");
    Bytes::from(out)
}

/// `RINGLIST.DAT` of old SIP loads: a title, a tab, a file.
fn as_text(rings: &[Ring]) -> Bytes {
    let mut out = String::new();
    for Ring { title, file } in rings {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{title}\t{file}");
    }
    Bytes::from(out)
}
