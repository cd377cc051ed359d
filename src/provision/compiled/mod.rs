//! Boot files that are compiled: a template makes lines of text, and these
//! become octets. What the forms are, and how that is known, is told in
//! `contrib/docs/compiled-files.md`.
//!
//! Reasons name a line, never content.

mod parameters;
mod profile;
mod records;
#[cfg(test)]
mod tests;

pub(super) use parameters::Profiled;
pub(super) use profile::compile as profile;
pub(super) use records::compile as records;

/// The lines that are not comments, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines().map(str::trim_end))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn on(number: usize, why: &str) -> String {
    format!("line {number} of what it renders to {why}")
}
