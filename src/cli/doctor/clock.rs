//! The clock of this host: phones take their time from it, over SIP and SCCP.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use super::finding::{Check, Finding};
use crate::model::Timestamp;

/// How far the clock may be behind a file that was written here.
const BEHIND: i64 = 24 * 60 * 60 * 1000;
/// How far ahead of this program's making it can be meant, milliseconds: ten
/// years.
const AHEAD: i64 = 10 * 366 * 24 * 60 * 60 * 1000;

/// How long `timedatectl` may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether the time is kept by somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// A time server sets it.
    Yes,
    /// None does.
    No,
    /// It does not show.
    Unknown,
}

/// Looks at the clock, beside what was written here before.
pub(super) async fn look(now: Timestamp, data: &Path) -> Vec<Finding> {
    let made = std::env::current_exe().ok().and_then(|file| written(&file));
    let newest = newest_in(data);
    let asking = tokio::task::spawn_blocking(kept);
    let kept = match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(kept)) => kept,
        _ => Kept::Unknown,
    };
    judge(now, made, newest, kept)
}

fn judge(
    now: Timestamp,
    made: Option<Timestamp>,
    newest: Option<Timestamp>,
    kept: Kept,
) -> Vec<Finding> {
    const REMEDY: &str = "set it (`timedatectl set-ntp true`, or chrony): phones show this time, and \
                          logins end by it";
    let shown = |at: Timestamp| {
        jiff::Timestamp::from_millisecond(at.0).map_or_else(
            |_| "an impossible time".to_owned(),
            |at| at.strftime("%F %H:%M UTC").to_string(),
        )
    };
    let past = [
        ("this program was made", made),
        ("the data folder was written", newest),
    ]
    .into_iter()
    .filter_map(|(what, at)| Some((what, at?)))
    .find(|(_, at)| at.0.saturating_sub(now.0) > BEHIND);
    if let Some((what, at)) = past {
        let what = format!("the clock says {}, and {what} at {}", shown(now), shown(at));
        return vec![Finding::fault(Check::Clock, what, REMEDY)];
    }
    if let Some(made) = made.filter(|made| now.0.saturating_sub(made.0) > AHEAD) {
        let what = format!(
            "the clock says {}, more than ten years after this program was made ({})",
            shown(now),
            shown(made)
        );
        return vec![Finding::warning(Check::Clock, what, REMEDY)];
    }
    let now = shown(now);
    vec![match kept {
        Kept::Yes => Finding::ok(Check::Clock, format!("{now}, kept by a time server")),
        Kept::No => Finding::warning(
            Check::Clock,
            format!("{now}; no time server keeps it"),
            REMEDY,
        ),
        Kept::Unknown => Finding::ok(
            Check::Clock,
            format!("{now}; whether a time server keeps it does not show here"),
        ),
    }]
}

fn written(file: &Path) -> Option<Timestamp> {
    let modified = fs::metadata(file).ok()?.modified().ok()?;
    let since = modified.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Timestamp)
}

/// When anything in the data folder was written last.
fn newest_in(data: &Path) -> Option<Timestamp> {
    let entries = fs::read_dir(data).ok()?.flatten();
    entries.filter_map(|entry| written(&entry.path())).max()
}

/// systemd-timesyncd leaves a file when it has set the clock; timedatectl knows
/// of all that tell the kernel (timedatectl(1), `NTPSynchronized`).
fn kept() -> Kept {
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Kept::Yes;
    }
    let asked = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match asked {
        Ok(said) if said.status.success() => read_kept(&said.stdout),
        _ => Kept::Unknown,
    }
}

fn read_kept(said: &[u8]) -> Kept {
    match said.trim_ascii() {
        b"yes" => Kept::Yes,
        b"no" => Kept::No,
        _ => Kept::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1000;
    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn at(days: i64) -> Timestamp {
        Timestamp(NOW.0 + days * DAY)
    }

    fn grade(
        made: impl Into<Option<Timestamp>>,
        newest: impl Into<Option<Timestamp>>,
        kept: Kept,
    ) -> (Grade, String) {
        let findings = judge(NOW, made.into(), newest.into(), kept);
        let [one] = findings.as_slice() else {
            unreachable!("one line about the clock");
        };
        (one.grade, one.to_string())
    }

    #[test]
    fn a_clock_behind_what_was_written_here_is_wrong() {
        let (fault, text) = grade(at(400), None, Kept::Yes);
        assert_eq!(fault, Grade::Fault, "{text}");
        assert!(
            text.contains("the clock says 2023-11-14 22:13 UTC"),
            "{text}"
        );
        assert_eq!(grade(at(-30), at(2), Kept::Yes).0, Grade::Fault);
        assert_eq!(
            grade(at(-4000), None, Kept::Yes).0,
            Grade::Warning,
            "far ahead"
        );
    }

    #[test]
    fn a_clock_that_nobody_keeps_is_warned_of() {
        assert_eq!(grade(at(-30), at(0), Kept::Yes).0, Grade::Ok);
        assert_eq!(grade(at(-30), at(0), Kept::No).0, Grade::Warning);
        let (ok, text) = grade(None, None, Kept::Unknown);
        assert_eq!(ok, Grade::Ok);
        assert!(text.contains("does not show"), "{text}");
        assert_eq!(read_kept(b"yes\n"), Kept::Yes);
        assert_eq!(read_kept(b"no\n"), Kept::No);
        assert_eq!(read_kept(b""), Kept::Unknown);
    }
}
