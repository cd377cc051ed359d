//! Comma-separated values (RFC 4180): quoted fields may hold commas, quotes
//! and line breaks.

/// The most records of a file.
const MOST_RECORDS: usize = 200_000;
/// The most fields of a record: all details of a phone with many lines are
/// some thousands.
const MOST_FIELDS: usize = 20_000;
/// The most bytes of a field.
const LONGEST_FIELD: usize = 16 << 10;

/// A record, and the line that it begins on.
pub(super) struct Record {
    pub(super) line: usize,
    pub(super) fields: Vec<String>,
}

/// The records of a text that are not blank.
pub(super) struct Records<'a> {
    rest: &'a str,
    separator: char,
    line: usize,
    count: usize,
    cut: bool,
    unclosed: Option<usize>,
}

/// Reads a text. Its separator is the one that its first line has most of:
/// spreadsheets write semicolons or tabs in some countries.
pub(super) fn records(text: &str) -> Records<'_> {
    let first = text.lines().next().unwrap_or_default();
    let separator = [',', ';', '\t']
        .into_iter()
        .rev()
        .max_by_key(|separator| first.matches(*separator).count())
        .unwrap_or(',');
    Records {
        rest: text,
        separator,
        line: 1,
        count: 0,
        cut: false,
        unclosed: None,
    }
}

impl Records<'_> {
    /// Whether something was left out at the end.
    pub(super) fn cut(&self) -> bool {
        self.cut
    }

    /// The line of the record with a quote that nothing closes. All that
    /// follows is one field of it.
    pub(super) fn unclosed(&self) -> Option<usize> {
        self.unclosed
    }

    fn record(&mut self) -> Record {
        let line = self.line;
        let mut fields = vec![String::new()];
        let mut quoted = false;
        let mut chars = self.rest.char_indices().peekable();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            if c == '\n' {
                self.line += 1;
            }
            let Some(field) = fields.last_mut() else {
                break;
            };
            match c {
                '"' if quoted => {
                    if chars.next_if(|(_, next)| *next == '"').is_some() {
                        field.push('"');
                    } else {
                        quoted = false;
                    }
                }
                '"' if field.trim().is_empty() => {
                    field.clear();
                    quoted = true;
                }
                '\n' if !quoted => {
                    end = at + 1;
                    break;
                }
                c if c == self.separator && !quoted => {
                    if fields.len() >= MOST_FIELDS {
                        self.cut = true;
                    } else {
                        fields.push(String::new());
                    }
                }
                '\r' if !quoted => {}
                c if field.len() < LONGEST_FIELD => field.push(c),
                _ => self.cut = true,
            }
        }
        if quoted {
            self.cut = true;
            self.unclosed = Some(line);
        }
        self.rest = self.rest.get(end..).unwrap_or_default();
        Record { line, fields }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while !self.rest.is_empty() {
            if self.count >= MOST_RECORDS {
                self.cut = true;
                return None;
            }
            let record = self.record();
            if record.fields.iter().any(|field| !field.trim().is_empty()) {
                self.count += 1;
                return Some(record);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, Vec<String>)> {
        records(text)
            .map(|record| (record.line, record.fields))
            .collect()
    }

    fn record(line: usize, fields: &[&str]) -> (usize, Vec<String>) {
        let fields = fields.iter().map(|field| (*field).to_owned());
        (line, fields.collect())
    }

    #[test]
    fn fields_may_be_quoted_and_hold_anything() {
        assert_eq!(
            read("a,b\r\n\"x, \"\"y\"\"\nz\",\"2\"\n\n,\nlast"),
            [
                record(1, &["a", "b"]),
                record(2, &["x, \"y\"\nz", "2"]),
                record(6, &["last"]),
            ]
        );
        assert_eq!(
            read("a;b\n1,5;2"),
            [record(1, &["a", "b"]), record(2, &["1,5", "2"])]
        );
        assert_eq!(read("\"open"), [record(1, &["open"])]);
        assert!(read("").is_empty());
    }

    #[test]
    fn a_quote_that_nothing_closes_is_told_with_its_line() {
        for (text, unclosed) in [
            ("a,b\nc,\"d\ne,f\ng", Some(2)),
            ("a,b\nc,\"d\"\n", None),
            ("a,\"b\"\"", Some(1)),
        ] {
            let mut records = records(text);
            while records.next().is_some() {}
            assert_eq!(records.unclosed(), unclosed, "{text}");
            assert_eq!(records.cut(), unclosed.is_some(), "{text}");
        }
    }
}
