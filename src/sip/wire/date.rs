//! The `Date` header: RFC 1123 dates in GMT (RFC 3261 section 20.17). Phones set their clocks by it.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// The date as SIP writes it, such as `Sat, 09 Mar 2019 18:33:00 GMT`.
pub fn date_text(at: Timestamp) -> String {
    // The same form as in HTTP; only years beyond 9999 or before 0 have none.
    rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&at)
        .unwrap_or_else(|_| at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

/// Reads a SIP date. Any other zone than GMT is refused, as the grammar does.
pub fn parse_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if !text.ends_with(" GMT") {
        return None;
    }
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dates_are_written_as_cisco_writes_them_and_read_back() {
        let at = parse_date("Sat, 09 Mar 2019 18:33:00 GMT").unwrap();
        assert_eq!(at.as_second(), 1_552_156_380);
        assert_eq!(date_text(at), "Sat, 09 Mar 2019 18:33:00 GMT");
    }

    #[test]
    fn other_zones_and_nonsense_are_refused() {
        assert_eq!(parse_date("Fri, 01 Jan 2010 16:00:00 EST"), None);
        assert_eq!(parse_date("yesterday GMT"), None);
        assert_eq!(parse_date(""), None);
    }
}
