//! The little of XML that boot files need: escaping, and the check that what
//! was rendered is well-formed. Phones have no recovery: a broken file is
//! silently thrown away.

mod check;

use std::fmt::{self, Write};

pub(super) use check::well_formed;

/// Writes text so that it stands for itself in an element or an attribute.
/// Characters that XML 1.0 cannot hold at all (section 2.2) are left out.
pub(super) fn escape(out: &mut dyn Write, text: &str) -> fmt::Result {
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| !stands_for_itself(*c)) {
        let (plain, from) = rest.split_at(at);
        out.write_str(plain)?;
        out.write_str(match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&apos;",
            _ => "",
        })?;
        rest = &from[c.len_utf8()..];
    }
    out.write_str(rest)
}

fn stands_for_itself(c: char) -> bool {
    match c {
        '&' | '<' | '>' | '"' | '\'' | '\u{fffe}' | '\u{ffff}' => false,
        '\t' | '\n' | '\r' => true,
        c => c >= ' ',
    }
}

#[cfg(test)]
mod tests;
