//! The circuit breaker: while the server does not answer, nobody waits for it.
//!
//! One failure opens it. Open, every question is refused at once; after a
//! pause one question is let through, and what becomes of it closes the
//! breaker or doubles the pause.

use std::time::Duration;

use crate::model::Timestamp;
use crate::ports::DirectoryOutage;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

#[derive(Debug, Default)]
pub(super) struct Breaker {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    outage: DirectoryOutage,
    /// Monotonic time of the next try.
    until: Duration,
    pause: Duration,
    /// A try is under way.
    trying: bool,
}

impl Breaker {
    /// Why it is open, if it is.
    pub(super) fn outage(&self) -> Option<&DirectoryOutage> {
        self.open.as_ref().map(|open| &open.outage)
    }

    /// Whether a question may be waited with: not while it is open, unless it
    /// is time for a try.
    pub(super) fn refuses(&self, now: Duration) -> Option<String> {
        let open = self.open.as_ref().filter(|open| now < open.until)?;
        Some(open.outage.why.clone())
    }

    /// The same just before asking. The try that is due is this one: others
    /// are refused for as long as it may `take`.
    pub(super) fn refuses_now(&mut self, now: Duration, take: Duration) -> Option<String> {
        let refused = self.refuses(now);
        if refused.is_none()
            && let Some(open) = &mut self.open
        {
            open.until = now.saturating_add(take);
            open.trying = true;
        }
        refused
    }

    /// The server answered; whether that is news.
    pub(super) fn answered(&mut self) -> bool {
        self.open.take().is_some()
    }

    /// It did not; whether that is news.
    pub(super) fn failed(&mut self, now: Duration, wall: Timestamp, why: &str) -> bool {
        let Some(open) = &mut self.open else {
            self.open = Some(Open {
                outage: DirectoryOutage {
                    since: wall,
                    why: why.to_owned(),
                },
                until: now.saturating_add(FIRST_PAUSE),
                pause: FIRST_PAUSE,
                trying: false,
            });
            return true;
        };
        // Questions that were asked before it opened fail too; the try alone
        // says something new.
        if open.trying {
            open.trying = false;
            open.pause = open.pause.saturating_mul(2).min(LONGEST_PAUSE);
            open.until = now.saturating_add(open.pause);
            why.clone_into(&mut open.outage.why);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAKE: Duration = Duration::from_secs(3);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn one_failure_opens_and_one_answer_closes() {
        let mut breaker = Breaker::default();
        assert_eq!(breaker.refuses_now(at(0), TAKE), None);
        assert!(breaker.failed(at(3), Timestamp(3), "silent"));
        assert!(!breaker.failed(at(3), Timestamp(3), "asked before it opened"));
        assert_eq!(breaker.refuses(at(3)).as_deref(), Some("silent"));
        assert_eq!(breaker.refuses(at(4)), None, "time for a try");
        assert_eq!(breaker.refuses_now(at(4), TAKE), None, "this one");
        assert!(breaker.refuses_now(at(4), TAKE).is_some(), "no other");
        assert!(breaker.answered());
        assert!(!breaker.answered(), "no news");
        assert_eq!(breaker.refuses(at(4)), None);
        assert_eq!(breaker.outage(), None);
    }

    #[test]
    fn each_try_in_vain_doubles_the_pause_up_to_a_quarter_of_a_minute() {
        let mut breaker = Breaker::default();
        breaker.failed(at(0), Timestamp(7), "silent");
        let mut now = at(0);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let pause = (0..100)
                .map(at)
                .find(|pause| breaker.refuses(now + *pause).is_none())
                .unwrap_or_default();
            pauses.push(pause.as_secs());
            now += pause;
            assert_eq!(breaker.refuses_now(now, TAKE), None);
            assert!(!breaker.failed(now, Timestamp(8), "still silent"));
        }
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15]);
        let outage = breaker
            .outage()
            .map(|outage| (outage.since, outage.why.as_str()));
        assert_eq!(outage, Some((Timestamp(7), "still silent")));
    }

    #[test]
    fn a_try_that_is_never_heard_of_again_is_followed_by_another() {
        let mut breaker = Breaker::default();
        breaker.failed(at(0), Timestamp(0), "silent");
        assert_eq!(breaker.refuses_now(at(1), TAKE), None);
        assert!(breaker.refuses(at(3)).is_some());
        assert_eq!(breaker.refuses_now(at(4), TAKE), None);
    }
}
