//! The little that boot files of text lines need: values that stay within
//! their quotes, and the check that what was rendered is made of settings.
//! Phones skip a line that they do not understand, and say nothing.

/// A value as it may stand between double quotes: there is no way to write a
/// quote itself, and a line ends where it ends.
pub(super) fn quotable(value: &str) -> String {
    let plain = |c: char| match c {
        '"' => '\'',
        c if c.is_control() => ' ',
        c => c,
    };
    value.chars().map(plain).collect()
}

/// Checks that `text` is made of comments (`#`) and of settings, `name: value`
/// with a value in quotes or of one word, and has one setting at least.
///
/// The reason names a line, never content: files hold secrets.
pub(super) fn well_formed(text: &str) -> Result<(), String> {
    let mut settings = 0_usize;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !is_setting(line) {
            return Err(format!("line {} is no setting", at + 1));
        }
        settings += 1;
    }
    if settings == 0 {
        return Err("it has no setting".to_owned());
    }
    Ok(())
}

fn is_setting(line: &str) -> bool {
    let Some((name, value)) = line.split_once(": ") else {
        return false;
    };
    let named = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let quoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let sound = match quoted {
        Some(inner) => !inner.contains('"'),
        None => !value.is_empty() && !value.contains([' ', '"']),
    };
    named && sound && !line.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_leaves_its_quotes_or_its_line() {
        let line = format!("line1_name: \"{}\"", quotable("a\"\nproxy1: evil\r"));
        assert_eq!(line.lines().count(), 1);
        assert_eq!(well_formed(&line), Ok(()));
    }

    #[test]
    fn what_is_no_setting_is_told_by_its_line() {
        for (text, why) in [
            ("", "it has no setting"),
            ("# only words\n", "it has no setting"),
            ("a: 1\nb = 2\n", "line 2 is no setting"),
            ("a: two words\n", "line 1 is no setting"),
            ("a: \"open\n", "line 1 is no setting"),
            ("a: \"one\" \"two\"\n", "line 1 is no setting"),
            ("a b: 1\n", "line 1 is no setting"),
            ("a: \n", "line 1 is no setting"),
        ] {
            assert_eq!(well_formed(text), Err(why.to_owned()), "{text:?}");
        }
        assert_eq!(well_formed("# c\n\na: 1\nb: \"\"\nC_d: \"x y\"\n"), Ok(()));
    }
}
