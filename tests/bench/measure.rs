//! Runs of a load: what it saw, what it cost the server.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::cpu;
use crate::server::Server;
use crate::stopwatch;

/// Whoever waits longer for an answer repeats itself, as phones do; the
/// operation counts as lost.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// A client that hears nothing gives up after so many tries.
pub const TRIES: u32 = 8;

/// How an operation ended.
#[derive(Debug)]
pub enum Ended {
    /// Answered, and the answer is the right one.
    Well,
    /// Not answered.
    Never,
    /// Answered wrongly.
    Wrong(String),
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    pub ended: Ended,
    pub took: Duration,
    /// Longest time without a packet, when it is known apart.
    pub silence: Duration,
}

impl Operation {
    /// One that is one question and one answer.
    pub fn since(begun: Instant, ended: Ended) -> Self {
        let took = stopwatch::now() - begun;
        Self {
            ended,
            took,
            silence: took,
        }
    }
}

/// What a load saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Operations that ended well, the answer verified.
    pub done: u64,
    /// Operations in which someone had to repeat itself.
    pub lost: u64,
    /// Operations in which nothing came for a second.
    pub stalled: u64,
    wrong: u64,
    wrong_words: Option<String>,
    /// Of every operation that ended well, in microseconds.
    latencies: Vec<u32>,
}

impl Seen {
    pub fn count(&mut self, operation: Operation) {
        self.lost += u64::from(operation.silence >= PATIENCE);
        self.stalled += u64::from(operation.silence >= Duration::from_secs(1));
        match operation.ended {
            Ended::Well => {
                self.done += 1;
                let took = operation.took.as_micros();
                self.latencies.push(u32::try_from(took).unwrap_or(u32::MAX));
            }
            Ended::Never => {}
            Ended::Wrong(words) => {
                self.wrong += 1;
                self.wrong_words.get_or_insert(words);
            }
        }
    }

    pub fn add(&mut self, other: Self) {
        self.done += other.done;
        self.lost += other.lost;
        self.stalled += other.stalled;
        self.wrong += other.wrong;
        self.latencies.extend(other.latencies);
        self.wrong_words = self.wrong_words.take().or(other.wrong_words);
    }
}

/// One run of a load against one server.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Processor time of the server in milliseconds for 1,000 operations.
    pub cpu: f64,
    pub per_second: f64,
    pub done: u64,
    pub lost: u64,
    pub stalled: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Share of the run in which the load generator itself was busy.
    pub generator: f64,
}

/// Runs `load` once against `server`.
pub async fn sample(server: &Server, load: impl Future<Output = Seen>) -> Sample {
    let own = std::process::id();
    let (meter, own_before) = (server.meter().await, cpu::own(own));
    let begun = stopwatch::now();
    let mut seen = load.await;
    let seconds = begun.elapsed().as_secs_f64();
    let own_spent = cpu::own(own).saturating_sub(own_before);
    // What the server still does about it (closing, journal) is its cost too.
    stopwatch::pause(Duration::from_millis(100)).await;
    let spent = server.used(meter);
    if let Some(words) = &seen.wrong_words {
        panic!(
            "{}: {} wrong answers, the first: {words}",
            server.name, seen.wrong
        );
    }
    seen.latencies.sort_unstable();
    let percentile = |share: f64| {
        let at = (seen.latencies.len() as f64 * share) as usize;
        let at = at.min(seen.latencies.len().saturating_sub(1));
        let us = seen.latencies.get(at).copied();
        us.map_or(f64::NAN, |us| f64::from(us) / 1000.0)
    };
    Sample {
        cpu: spent.as_secs_f64() * 1e6 / seen.done as f64,
        per_second: seen.done as f64 / seconds,
        done: seen.done,
        lost: seen.lost,
        stalled: seen.stalled,
        p50_ms: percentile(0.5),
        p99_ms: percentile(0.99),
        generator: own_spent.as_secs_f64() / seconds,
    }
}

/// `clients` at once, each beginning its next operation when one is over,
/// until `time` is.
pub async fn closed<F>(clients: usize, time: Duration, client: impl Fn(usize, Instant) -> F) -> Seen
where
    F: Future<Output = Seen> + Send + 'static,
{
    let until = stopwatch::now() + time;
    let mut tasks = JoinSet::new();
    for number in 0..clients {
        tasks.spawn(client(number, until));
    }
    let mut seen = Seen::default();
    while let Some(part) = tasks.join_next().await {
        seen.add(part.unwrap());
    }
    seen
}

/// Begins `rate` operations a second for `time`, whatever became of the
/// earlier ones. `begin` gets the number of the operation; `None` when there
/// is nobody left who could ask, because all still wait: that one is lost.
pub async fn paced<F>(rate: f64, time: Duration, mut begin: impl FnMut(u64) -> Option<F>) -> Seen
where
    F: Future<Output = Operation> + Send + 'static,
{
    let begun = stopwatch::now();
    let mut tasks = JoinSet::new();
    let mut seen = Seen::default();
    let mut started = 0;
    loop {
        let passed = begun.elapsed();
        if passed >= time {
            break;
        }
        let due = (passed.as_secs_f64() * rate) as u64;
        while started < due {
            match begin(started) {
                Some(operation) => drop(tasks.spawn(operation)),
                None => seen.lost += 1,
            }
            started += 1;
        }
        while let Some(ended) = tasks.try_join_next() {
            seen.count(ended.unwrap());
        }
        stopwatch::pause(Duration::from_millis(1)).await;
    }
    while let Some(ended) = tasks.join_next().await {
        seen.count(ended.unwrap());
    }
    seen
}

/// The samples of one server under one load.
pub struct Series {
    pub server: &'static str,
    pub samples: Vec<Sample>,
    pub highest: Option<Highest>,
}

/// The highest offered rate at which nothing was lost.
#[derive(Clone, Copy, Debug)]
pub struct Highest {
    pub per_second: f64,
    /// The load generator was at its own end there.
    pub generator: bool,
}

impl Series {
    /// Median, least and greatest of a value.
    pub fn spread(&self, value: impl Fn(&Sample) -> f64) -> (f64, f64, f64) {
        let mut values: Vec<f64> = self.samples.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            at(middle)
        } else {
            f64::midpoint(at(middle.saturating_sub(1)), at(middle))
        };
        (median, at(0), at(values.len().saturating_sub(1)))
    }

    pub fn median(&self, value: impl Fn(&Sample) -> f64) -> f64 {
        self.spread(value).0
    }

    pub fn total(&self, value: impl Fn(&Sample) -> u64) -> u64 {
        self.samples.iter().map(value).sum()
    }
}

/// The servers that are compared, A-B-A-B, `rounds` times under `load`.
pub async fn alternate<T>(
    rounds: usize,
    contenders: &[(&Server, T)],
    load: impl AsyncFn(&T) -> Seen,
) -> Vec<Series> {
    let mut all: Vec<Series> = contenders
        .iter()
        .map(|(server, _)| Series {
            server: server.name,
            samples: Vec::new(),
            highest: None,
        })
        .collect();
    for _ in 0..rounds {
        for ((server, target), series) in contenders.iter().zip(&mut all) {
            let one = sample(server, load(target)).await;
            series.samples.push(one);
            // Sockets of the last run close before the next begins.
            stopwatch::pause(Duration::from_millis(100)).await;
        }
    }
    all
}

/// Offers more and more, from half of what a closed loop reached. A step that
/// fails is tried once more: the machine may have been busy otherwise.
pub async fn search<T>(
    series: &mut [Series],
    contenders: &[(&Server, T)],
    time: Duration,
    load: impl AsyncFn(&T, f64, Duration) -> Seen,
) {
    for ((server, target), series) in contenders.iter().zip(series) {
        let mut rate = series.median(|sample| sample.per_second) / 2.0;
        let mut best = Highest {
            per_second: 0.0,
            generator: false,
        };
        let mut failures = 0;
        for _ in 0..16 {
            let one = sample(server, load(target, rate, time)).await;
            stopwatch::pause(Duration::from_millis(100)).await;
            let offered = rate * time.as_secs_f64();
            if one.lost == 0 && one.done as f64 >= offered * 0.99 {
                failures = 0;
                best.per_second = rate;
                rate *= 1.15;
            } else {
                best.generator = one.generator > 0.9;
                failures += 1;
                if failures == 2 {
                    break;
                }
                if best.per_second == 0.0 {
                    rate /= 2.0;
                    failures = 0;
                }
            }
        }
        series.highest = Some(best);
    }
}
