//! ISO-8859-1 stand-ins for characters that it lacks, for phones that know no other
//! character set. Names must stay readable; a question mark is the last resort.

/// U+0100 to U+017F, Latin Extended-A.
#[rustfmt::skip]
const LATIN_EXTENDED_A: [&str; 128] = [
    "A", "a", "A", "a", "A", "a", "C", "c", "C", "c", "C", "c", "C", "c", "D", "d",
    "D", "d", "E", "e", "E", "e", "E", "e", "E", "e", "E", "e", "G", "g", "G", "g",
    "G", "g", "G", "g", "H", "h", "H", "h", "I", "i", "I", "i", "I", "i", "I", "i",
    "I", "i", "IJ", "ij", "J", "j", "K", "k", "k", "L", "l", "L", "l", "L", "l", "L",
    "l", "L", "l", "N", "n", "N", "n", "N", "n", "'n", "N", "n", "O", "o", "O", "o",
    "O", "o", "OE", "oe", "R", "r", "R", "r", "R", "r", "S", "s", "S", "s", "S", "s",
    "S", "s", "T", "t", "T", "t", "T", "t", "U", "u", "U", "u", "U", "u", "U", "u",
    "U", "u", "U", "u", "W", "w", "Y", "y", "Y", "Z", "z", "Z", "z", "Z", "z", "s",
];

/// What to write for a character above U+00FF. Empty for marks that have no width.
pub(super) fn stand_in(c: char) -> &'static str {
    let code = c as usize;
    if let Some(letters) = code
        .checked_sub(0x100)
        .and_then(|i| LATIN_EXTENDED_A.get(i))
    {
        return letters;
    }
    match c {
        'Ș' => "S",
        'ș' => "s",
        'Ț' => "T",
        'ț' => "t",
        'ẞ' => "SS",
        '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{2039}' | '\u{203A}' | '\u{02BC}' => "'",
        '\u{201C}'..='\u{201F}' | '\u{2033}' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2022}' | '\u{2219}' => "*",
        '\u{2026}' => "...",
        '€' => "EUR",
        '™' => "(TM)",
        '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => " ",
        // Combining accents follow their letter; zero-width marks and variation selectors.
        '\u{0300}'..='\u{036F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' => "",
        _ => full_width(c).unwrap_or("?"),
    }
}

/// The ASCII twin of a full-width form (U+FF01 to U+FF5E).
fn full_width(c: char) -> Option<&'static str> {
    const ASCII: &str = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    let index = (c as usize).checked_sub(0xFF01)?;
    ASCII.get(index..=index)
}

#[cfg(test)]
mod tests {
    use super::stand_in;

    fn written(text: &str) -> String {
        text.chars().map(stand_in).collect()
    }

    #[test]
    fn names_from_all_over_europe_stay_readable() {
        assert_eq!(written("ŁŚżđőřşğıŞșȚŒ"), "LSzdorsgiSsTOE");
    }

    #[test]
    fn typographers_marks_become_typewriter_marks() {
        assert_eq!(written("\u{201C}\u{2019}\u{2013}\u{2026}€"), "\"'-...EUR");
    }

    #[test]
    fn a_decomposed_letter_keeps_its_base() {
        assert_eq!(written("\u{0301}"), "");
    }

    #[test]
    fn full_width_forms_have_twins() {
        assert_eq!(written("ＡＺａｚ～！"), "AZaz~!");
    }

    #[test]
    fn what_nothing_resembles_is_a_question_mark() {
        assert_eq!(written("日я\u{FFFD}\u{FF5F}"), "????");
    }
}
