//! File handles: every phone is a connection, and every transfer a socket.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Handles beside those of phones: ports, databases, operators.
const OTHERS: u64 = 256;

/// Raises this process's limit of open files to the most that it may have,
/// and tells that; `None` is without limit.
pub fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return limit.current;
    }
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::debug!(%error, "the limit of open files stays");
            limit.current
        }
    }
}

/// What an operator must know when so many phones need more handles than there
/// are: one for each phone, and one more for the file it fetches meanwhile.
pub(super) fn too_few(limit: Option<u64>, phones: usize) -> Option<String> {
    let needed = phones as u64 * 2 + OTHERS;
    let limit = limit.filter(|limit| *limit < needed)?;
    Some(format!(
        "{phones} phones may need {needed} open files and this process may have {limit}; raise it \
         with LimitNOFILE= of the systemd unit, or `ulimit -n` before the start"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_limit_is_raised_to_what_may_be_had() {
        let raised = raise();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert_eq!(raised, limit.maximum);
    }

    #[test]
    fn too_few_handles_are_told_with_the_remedy() {
        let sentence = too_few(Some(1024), 10_000).unwrap();
        assert!(sentence.contains("20256 open files"), "{sentence}");
        assert!(sentence.contains("LimitNOFILE"), "{sentence}");
        assert_eq!(too_few(Some(1024), 300), None);
        assert_eq!(too_few(None, 100_000), None);
    }
}
