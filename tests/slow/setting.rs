//! Sizes and lengths, each to be set by an environment variable.

/// The number in an environment variable, or this one.
pub fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}"))
    })
}

/// Makes sure that a process may have so many connections; what is said when
/// it may not is the remedy.
pub fn enough_handles(connections: u32) {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let soft = limits
        .lines()
        .find(|line| line.starts_with("Max open files"))
        .and_then(|line| line.split_whitespace().nth(3)?.parse::<u32>().ok())
        .unwrap_or(u32::MAX);
    let needed = connections + connections / 2 + 500;
    assert!(
        soft >= needed,
        "{connections} phones need {needed} file handles and the limit is {soft}: raise it with \
         `ulimit -n {needed}`"
    );
}
