//! Names that nobody else uses: Call-IDs, tags, branches.

/// `digits` random hexadecimal digits, 32 at most. Should the system have no
/// randomness they are zeros: a virtual phone guards no secrets.
pub(super) fn hex(digits: usize) -> String {
    let mut bytes = [0; 16];
    let _ = getrandom::fill(&mut bytes);
    let mut text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(digits);
    text
}
