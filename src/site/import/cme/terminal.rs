//! What a terminal put into a capture of `show running-config`: the pager's
//! words, the backspaces that took them away, and escape sequences.

use std::borrow::Cow;

/// The pager's words (*Cisco IOS Configuration Fundamentals*, `terminal
/// length`).
const PAGER: &str = "--More--";
/// Blanks that a terminal writes over the pager's words and the one after them.
/// A capture without backspaces has them before the line.
const BLANKED: usize = 9;
/// The longest line that is looked into, in bytes; none that is longer is a
/// command.
const LONGEST: usize = 64 << 10;

/// The text as it stood on the screen when all of it had gone by. Lines keep
/// their numbers.
pub(super) fn as_printed(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(['\u{8}', '\u{1b}']) && !text.contains(PAGER) {
        return text;
    }
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(line).collect();
    lines.join("\n").into()
}

fn line(line: &str) -> Cow<'_, str> {
    if line.len() > LONGEST {
        return line.into();
    }
    let rest = without_pager(line);
    let ended = rest.trim_end_matches('\r');
    if ended.contains(['\u{8}', '\u{1b}', '\r']) {
        return overwritten(ended).into();
    }
    rest.into()
}

/// A line without the pager's words before it. They are the first on their
/// line; elsewhere they are somebody's text.
fn without_pager(line: &str) -> &str {
    let mut line = line;
    while let Some(rest) = blank(line).strip_prefix(PAGER) {
        let kept = blank(rest);
        let run = rest.get(..rest.len() - kept.len()).unwrap_or_default();
        // Blanks behind the last backspace are the line's own.
        line = match run.rfind(|c: char| c != ' ') {
            Some(last) => rest.get(last + 1..).unwrap_or(kept),
            None => rest.get(run.len().min(BLANKED)..).unwrap_or(kept),
        };
    }
    line
}

/// What follows blanks, backspaces, returns and escape sequences.
fn blank(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\u{8}', '\r']);
        match sequence(rest) {
            Some((.., after)) => rest = after,
            None => return rest,
        }
    }
}

/// A control sequence (ECMA-48, section 5.4) at the beginning of a text: its
/// parameter, its final letter, and what follows.
fn sequence(text: &str) -> Option<(usize, char, &str)> {
    let body = text.strip_prefix("\u{1b}[")?;
    let end = body.find(|c: char| ('@'..='~').contains(&c))?;
    let (parameter, rest) = body.split_at_checked(end)?;
    if !parameter
        .chars()
        .all(|c| matches!(c, '0'..='9' | ';' | '?'))
    {
        return None;
    }
    let mut after = rest.chars();
    let last = after.next()?;
    Some((parameter.parse().unwrap_or(0), last, after.as_str()))
}

/// A line on a screen: what is written later stands over what was there.
fn overwritten(line: &str) -> String {
    let mut cells: Vec<char> = Vec::new();
    let mut at = 0usize;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if let Some((count, what, after)) = sequence(rest) {
            match what {
                'D' => at = at.saturating_sub(count.max(1)),
                'K' => cells.truncate(at),
                _ => {}
            }
            rest = after;
            continue;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\u{8}' => at = at.saturating_sub(1),
            '\r' => at = 0,
            '\u{1b}' => {}
            c => {
                match cells.get_mut(at) {
                    Some(cell) => *cell = c,
                    None => cells.push(c),
                }
                at += 1;
            }
        }
    }
    cells.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printed(text: &str) -> String {
        as_printed(text.into()).into_owned()
    }

    /// As IOS writes them: nine back, eight blanks, nine back.
    fn paged(line: &str) -> String {
        let back = "\u{8}".repeat(9);
        format!(" --More-- {back}        {back}{line}")
    }

    #[test]
    fn the_pager_leaves_no_trace_and_lines_keep_their_blanks() {
        for line in ["ephone 1", " type 7960", "!", "  deep", ""] {
            assert_eq!(printed(&paged(line)), line);
            assert_eq!(
                printed(&format!("{}\r", paged(line))).trim_end(),
                line.trim_end()
            );
            // Twice on one line, as when somebody pressed Return.
            assert_eq!(printed(&paged(&paged(line))), line);
        }
        for pager in [
            " --More-- \r          \r",
            " --More--\r\u{1b}[K",
            "--More--\u{1b}[42D          \u{1b}[42D",
            " --More--         ",
        ] {
            for line in ["ephone 1", " type 7960"] {
                let read = printed(&format!("{pager}{line}"));
                assert_eq!(read, line, "{pager:?}");
            }
        }
    }

    #[test]
    fn what_was_typed_over_is_not_read() {
        assert_eq!(printed("ephonr\u{8}e 1"), "ephone 1");
        assert_eq!(printed("x\nephone 12\u{8}\u{1b}[K\ny"), "x\nephone 1\ny");
        let text = " description press --More-- for help";
        assert_eq!(printed(text), text);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_keeps_its_lines(
            text in "([ a1!\u{8}\r\n]|--More--|\u{1b}\\[[0-9]*[A-Z]|\u{1b}|ä){0,40}",
        ) {
            let read = printed(&text);
            prop_assert_eq!(read.matches('\n').count(), text.matches('\n').count());
            prop_assert!(read.len() <= text.len());
        }
    }
}
