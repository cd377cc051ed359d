//! Says what was seen, one line a step, phone by phone.

/// One line about somebody.
pub(super) fn say(who: &str, what: &str) {
    println!("{who:<16} {what}");
}

/// A page, as that model draws it.
pub(super) fn draw(page: &str) {
    for line in page.lines() {
        println!("{:<16}   {line}", "");
    }
}
