//! One line a minute for each phone about alarms of whoever did not register:
//! who names a phone is not known to be it, and must not wash out its timeline.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::model::{DeviceName, Timestamp};

/// For so long one line is enough.
const QUIET: Duration = Duration::from_secs(60);

/// Beyond so many phones those that are quiet no more are forgotten.
const MANY: usize = 1024;

/// When such a line was last told of a phone.
#[derive(Debug, Default)]
pub(super) struct EarlyLines(Mutex<HashMap<DeviceName, Timestamp>>);

impl EarlyLines {
    /// Whether a line about this configured phone may be told now; then it is.
    pub(super) fn take(&self, device: &DeviceName, now: Timestamp) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let quiet = |at: Timestamp| now.since(at) < QUIET;
        if told.get(device).is_some_and(|at| quiet(*at)) {
            return false;
        }
        if told.len() >= MANY {
            told.retain(|_, at| quiet(*at));
        }
        told.insert(device.clone(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_line_a_minute_for_each_phone() {
        let lines = EarlyLines::default();
        let device = |n: usize| DeviceName::new(&format!("SEP{n:012X}")).unwrap();
        assert!(lines.take(&device(1), Timestamp(0)));
        assert!(!lines.take(&device(1), Timestamp(59_999)));
        assert!(lines.take(&device(2), Timestamp(59_999)), "another phone");
        assert!(lines.take(&device(1), Timestamp(60_000)));
        for n in 0..5000 {
            let at = Timestamp(200_000 + i64::try_from(n).unwrap() * 1000);
            assert!(lines.take(&device(n), at));
        }
        assert!(
            lines.0.lock().unwrap().len() <= MANY,
            "none are kept for ever"
        );
    }
}
