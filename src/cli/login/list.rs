//! Lists of logins and logouts: CSV in (RFC 4180), CSV out, a line for each
//! line, so that a program can go on with what was refused.

use std::io::Read as _;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::word;
use crate::cli::Outcome;
use crate::cli::client::Client;
use crate::site::import::Source;

/// The largest list, bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The most lines of a list.
const LINES: usize = 100_000;

/// Lines that are sent at one time; the next go when these are answered.
const PART: usize = 250;

/// What `login --file` does; `all` is what holds for every line.
pub(super) async fn login(client: &Client, file: &str, all: &Value) -> Outcome {
    let lines = lines(&read(file)?)?;
    let items = lines.iter().map(|line| {
        let mut item = all.as_object().cloned().unwrap_or_default();
        item.insert("device".to_owned(), json!(line.device));
        item.insert("user".to_owned(), json!(line.user));
        if let Some(profile) = &line.profile {
            item.insert("profile".to_owned(), json!(profile));
        }
        if let Some(minutes) = line.minutes {
            item.remove("indefinite");
            item.insert("minutes".to_owned(), json!(minutes));
        }
        item
    });
    send(client, "/sessions/login", items.collect()).await
}

/// What `logout --file` does.
pub(super) async fn logout(client: &Client, file: &str) -> Outcome {
    let lines = lines(&read(file)?)?;
    let items = lines.iter().map(|line| {
        let mut item = Map::new();
        item.insert("device".to_owned(), json!(line.device));
        item.insert("user".to_owned(), json!(line.user));
        item
    });
    send(client, "/sessions/logout", items.collect()).await
}

/// Sends a list in parts and prints what became of each line. Ends with 3 when
/// some were refused.
async fn send(client: &Client, path: &str, items: Vec<Map<String, Value>>) -> Outcome {
    println!("device,user,result,code,detail");
    let mut refused = 0;
    for part in items.chunks(PART) {
        let done = client.post(path, &json!({"items": part})).await?;
        for line in done["results"].as_array().into_iter().flatten() {
            let ok = line["ok"] == true;
            refused += usize::from(!ok);
            let code = line["code"].as_u64();
            println!(
                "{},{},{},{},{}",
                field(word(&line["device"])),
                field(word(&line["user"])),
                if ok { "ok" } else { "refused" },
                code.map(|code| code.to_string()).unwrap_or_default(),
                field(word(&line["detail"])),
            );
        }
    }
    Ok(if refused == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

/// The text of a list, in whichever coding a spreadsheet wrote it.
fn read(file: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = if file == "-" {
        std::io::stdin().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(LARGEST + 1).read_to_end(&mut bytes))
    };
    match read {
        Err(error) => Err(format!("{file} cannot be read: {error}")),
        Ok(length) if length as u64 > LARGEST => {
            Err(format!("{file} is larger than {LARGEST} bytes; split it"))
        }
        Ok(_) => Ok(Source::text_file(file.to_owned(), bytes)
            .text()
            .into_owned()),
    }
}

/// One line of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Line {
    device: String,
    user: String,
    profile: Option<String>,
    minutes: Option<u32>,
}

/// What stands in a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Device,
    User,
    Profile,
    Minutes,
    /// Not ours; left alone, so that lists of other programs can be used.
    Other,
}

impl Column {
    fn named(name: &str) -> Self {
        match name.trim().to_ascii_lowercase().as_str() {
            "device" | "phone" | "devicename" => Self::Device,
            "user" | "userid" | "name" => Self::User,
            "profile" => Self::Profile,
            "minutes" => Self::Minutes,
            _ => Self::Other,
        }
    }
}

/// What stands between the fields: spreadsheets write semicolons or tabs in
/// some countries. Of those that the first line has, the most frequent.
fn separator(first: &str) -> char {
    let count = |separator: &char| -> usize {
        let unquoted = first.split('"').step_by(2);
        unquoted.map(|part| part.matches(*separator).count()).sum()
    };
    let most = [';', '\t', ','].into_iter().max_by_key(count);
    most.unwrap_or(',')
}

/// Reads a list. A first line that names columns settles them; else they are
/// device, user. Empty lines and lines that begin with `#` are passed over.
fn lines(text: &str) -> Result<Vec<Line>, String> {
    let mut columns = vec![Column::Device, Column::User];
    let mut lines = Vec::new();
    let mut between = None;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, raw) in text.lines().enumerate() {
        if raw.trim().is_empty() || raw.starts_with('#') {
            continue;
        }
        let number = index + 1;
        let between = *between.get_or_insert_with(|| separator(raw));
        let fields = fields(raw, between).map_err(|why| format!("line {number}: {why}"))?;
        let named: Vec<Column> = fields.iter().map(|name| Column::named(name)).collect();
        if lines.is_empty() && named.contains(&Column::Device) {
            columns = named;
            continue;
        }
        if lines.len() == LINES {
            return Err(format!("{LINES} lines are the most; split the list"));
        }
        lines.push(line(&columns, fields).map_err(|why| format!("line {number}: {why}"))?);
    }
    Ok(lines)
}

fn line(columns: &[Column], fields: Vec<String>) -> Result<Line, String> {
    let mut line = Line::default();
    for (column, field) in columns.iter().zip(fields) {
        let field = field.trim().to_owned();
        match column {
            Column::Device => line.device = field,
            Column::User => line.user = field,
            Column::Profile => line.profile = Some(field).filter(|field| !field.is_empty()),
            Column::Minutes if field.is_empty() => {}
            Column::Minutes => {
                let minutes = field.parse();
                line.minutes =
                    Some(minutes.map_err(|_| format!("{field:?} is no number of minutes"))?);
            }
            Column::Other => {}
        }
    }
    Ok(line)
}

/// The fields of one line; a quoted one may hold separators and doubled quotes.
fn fields(line: &str, separator: char) -> Result<Vec<String>, String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, quoted) {
            ('"', true) if rest.peek() == Some(&'"') => {
                rest.next();
                field.push('"');
            }
            ('"', _) => quoted = !quoted,
            (c, false) if c == separator => fields.push(std::mem::take(&mut field)),
            (c, _) => field.push(c),
        }
    }
    if quoted {
        return Err("a quoted field does not end".to_owned());
    }
    fields.push(field);
    Ok(fields)
}

/// Text as a field.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn one(device: &str, user: &str) -> Line {
        Line {
            device: device.to_owned(),
            user: user.to_owned(),
            ..Line::default()
        }
    }

    #[test]
    fn a_list_has_two_columns_or_those_that_it_names() {
        let plain = "SEP1,alice\r\n\n# the second floor\nSEP2 , bob\n";
        assert_eq!(
            lines(plain).unwrap(),
            [one("SEP1", "alice"), one("SEP2", "bob")]
        );
        let named = "\u{feff}User,Device,Floor,Minutes,Profile\nalice,SEP1,2,60,\"a, b\"\n";
        let line = Line {
            profile: Some("a, b".to_owned()),
            minutes: Some(60),
            ..one("SEP1", "alice")
        };
        assert_eq!(lines(named).unwrap(), [line]);
        assert_eq!(lines("SEP1").unwrap(), [one("SEP1", "")], "a phone alone");
        assert_eq!(lines("").unwrap(), []);
    }

    /// As a spreadsheet writes them where the comma stands in numbers.
    #[test]
    fn a_list_may_have_semicolons_or_tabs() {
        let both = [one("SEP1", "alice"), one("SEP2", "bob, jr")];
        for text in [
            "\u{feff}Device;User;Floor\r\nSEP1;alice;2\r\nSEP2;bob, jr;3\r\n",
            "\"SEP1\";\"alice\"\nSEP2;\"bob, jr\"\n",
            "# list\nuser\tdevice\nalice\tSEP1\nbob, jr\tSEP2\n",
        ] {
            assert_eq!(lines(text).unwrap(), both, "{text}");
        }
    }

    /// A spreadsheet's *Unicode text*, and the code page of an old one.
    #[test]
    fn a_list_is_read_in_every_coding_that_spreadsheets_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let wide = |text: &str| -> Vec<u8> {
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        };
        let utf8 = b"\xEF\xBB\xBFSEP1;m\xC3\xBCller\n".to_vec();
        for bytes in [utf8, b"SEP1;m\xFCller\n".to_vec(), wide("SEP1\tmüller\n")] {
            std::fs::write(&path, bytes).unwrap();
            let text = read(path.to_str().unwrap()).unwrap();
            assert_eq!(lines(&text).unwrap(), [one("SEP1", "müller")]);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let wrong = |text: &str| lines(text).unwrap_err();
        assert_eq!(wrong("SEP1,\"al"), "line 1: a quoted field does not end");
        assert_eq!(
            wrong("device,minutes\nSEP1,soon"),
            "line 2: \"soon\" is no number of minutes"
        );
        let long = "SEP1,alice\n".repeat(LINES + 1);
        assert!(wrong(&long).contains("split the list"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = lines(&text);
        }

        #[test]
        fn fields_come_back_as_they_were(texts in proptest::collection::vec("[^\r\n]{0,20}", 1..5)) {
            let written: Vec<String> = texts.iter().map(|text| field(text)).collect();
            prop_assert_eq!(fields(&written.join(","), ',').unwrap(), texts);
        }
    }
}
