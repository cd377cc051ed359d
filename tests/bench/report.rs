//! The table.

use std::fmt::Write as _;

use crate::measure::{Highest, Sample, Series};

/// Lines of Markdown, shown as they come.
#[derive(Default)]
pub struct Report {
    text: String,
}

impl Report {
    pub fn line(&mut self, line: &str) {
        #[allow(clippy::print_stdout)]
        {
            println!("{line}");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// A table begins.
    pub fn heading(&mut self, title: &str) {
        self.line(&format!("\n### {title}\n"));
        self.line(
            "| load | server | CPU-ms per 1,000: median (least to greatest) | to Embody | operations/s | p50, p99 ms | lost | stalled 1 s | highest offered rate without loss |",
        );
        self.line("|---|---|---|---|---|---|---|---|---|");
    }

    /// The servers under one load; the first one is ours. The fourth column
    /// says how many times our cost that is.
    pub fn rows(&mut self, load: &str, all: &[Series]) {
        let ours = all.first().map_or(f64::NAN, |series| series.median(cpu));
        for series in all {
            let (median, least, greatest) = series.spread(cpu);
            let mut row = String::new();
            if series.total(|sample| sample.done) == 0 {
                self.line(&format!(
                    "| {load} | {} | no answer | | | | {} | {} | |",
                    series.server,
                    series.total(|sample| sample.lost),
                    series.total(|sample| sample.stalled)
                ));
                continue;
            }
            let _ = write!(
                row,
                "| {load} | {} | {median:.0} ({least:.0} to {greatest:.0}) | {:.2} | {:.0} | {:.2}, {:.2} | {} | {} | {} |",
                series.server,
                median / ours,
                series.median(|sample| sample.per_second),
                series.median(|sample| sample.p50_ms),
                series.median(|sample| sample.p99_ms),
                series.total(|sample| sample.lost),
                series.total(|sample| sample.stalled),
                series.highest.map_or_else(|| "-".to_owned(), highest),
            );
            self.line(&row);
        }
    }
}

fn cpu(sample: &Sample) -> f64 {
    sample.cpu
}

fn highest(highest: Highest) -> String {
    // A plus: the load generator could not offer more.
    let more = if highest.generator { "+" } else { "" };
    format!("{:.0}/s{more}", highest.per_second)
}
