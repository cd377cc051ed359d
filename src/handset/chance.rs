//! Names that nobody else uses: Call-IDs, tags, branches.

/// `digits` random hexadecimal digits, 32 at most. Should the system have no
/// randomness they are zeros: a virtual phone guards no secrets.
pub(super) fn hex(digits: usize) -> String {
    let mut bytes = [0; 16];
    let _ = getrandom::fill(&mut bytes);
    let text = format!("{:032x}", u128::from_be_bytes(bytes));
    text.get(..digits).unwrap_or(&text).to_owned()
}
