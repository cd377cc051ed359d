//! CSV files of CUCM's Bulk Administration Tool (*Bulk Administration Guide*,
//! Text-based CSV files): phones, user device profiles, users, and phones with
//! their users. Columns are known by their names in the first row, in whatever
//! order; those of lines, speed dials and the like are numbered.

mod csv;
mod devices;
mod people;
mod row;

use self::row::{Columns, Row};
use super::draft::Draft;
use super::report::Place;
use super::source::Source;

/// Columns that name a phone.
const PHONE: [&str; 2] = ["DEVICE NAME", "MAC ADDRESS"];
/// Columns that name a user device profile.
const PROFILE: [&str; 4] = [
    "DEVICE PROFILE NAME",
    "USER DEVICE PROFILE NAME",
    "UDP NAME",
    "PROFILE NAME",
];
/// Columns that only files of users have.
const USER: [&str; 6] = [
    "PIN",
    "LAST NAME",
    "PRIMARY EXTENSION",
    "CONTROLLED DEVICE 1",
    "CONTROLLED PROFILE 1",
    "MANAGER USER ID",
];

/// Reads the files.
pub(super) fn read(sources: &[&Source], draft: &mut Draft<'_>) {
    for source in sources.iter().filter(|source| source.bytes.is_some()) {
        let place = source.place();
        let text = source.text();
        file(&text, &place, draft);
    }
}

fn file(text: &str, place: &Place, draft: &mut Draft<'_>) {
    let mut records = csv::records(text);
    let Some(header) = records.next() else {
        draft.note(place, "the file", "it is empty", "export it again");
        return;
    };
    let columns = Columns::of(&header.fields);
    let profiles = columns.any(&PROFILE);
    let phones = !profiles && columns.any(&PHONE);
    let users = columns.any(&USER) && columns.any(&["USER ID", "USERID", "USER ID 1"]);
    if !(profiles || phones || users) {
        draft.note(
            &place.line(header.line),
            "the file",
            "its first row names none of DEVICE NAME, MAC ADDRESS, DEVICE PROFILE NAME, or USER \
             ID with LAST NAME",
            "export phones, user device profiles or users with all details",
        );
        return;
    }
    let mut seen = row::Seen::default();
    for record in records.by_ref() {
        let row = Row::new(&columns, &record.fields, place.line(record.line));
        if row.is_blank() {
            continue;
        }
        if profiles {
            devices::profile(&row, draft);
        } else if phones {
            devices::phone(&row, draft);
        }
        if users {
            people::user(&row, draft);
        }
        seen.note(&row);
    }
    if let Some(line) = records.unclosed() {
        draft.note(
            &place.line(line),
            "what follows in the file",
            "a quote in this row is not closed, so it was taken for one field",
            "close it, or export the file again, and import again",
        );
    } else if records.cut() {
        draft.note(
            place,
            "the rest of the file",
            "it has too many rows, or a row has too many fields",
            "split the file",
        );
    }
    seen.tell(&columns, place, draft);
}
