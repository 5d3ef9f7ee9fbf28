//! What every bench needs: rounds, percentiles, the machine's own limits, and a plain table.
//!
//! A figure stands beside its limit or rival, measured in the same run on the same machine; a figure alone
//! says more about the machine than about us.
#![allow(dead_code, reason = "each bench uses some of it")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "benches measure and print")]

use std::time::{Duration, Instant};

/// Durations of one operation, many times.
#[derive(Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Runs `work` and notes how long it took.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let out = std::hint::black_box(work());
        self.0.push(began.elapsed());
        out
    }
    /// Notes a duration measured elsewhere.
    pub fn add(&mut self, took: Duration) {
        self.0.push(took);
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// The duration that `share` of all stay below, e.g. 0.99.
    pub fn percentile(&mut self, share: f64) -> Duration {
        self.0.sort_unstable();
        let at = ((self.0.len() as f64 * share) as usize).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }
    /// `p50 / p99` in milliseconds.
    pub fn show(&mut self) -> String {
        format!("{} / {} ms", millis(self.percentile(0.5)), millis(self.percentile(0.99)))
    }
}

/// Milliseconds with three significant places.
pub fn millis(took: Duration) -> String {
    let ms = took.as_secs_f64() * 1e3;
    if ms >= 100.0 {
        format!("{ms:.0}")
    } else if ms >= 1.0 {
        format!("{ms:.1}")
    } else {
        format!("{ms:.3}")
    }
}

/// Prints what the figures below depend on.
pub fn machine(bench: &str) {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let build = if cfg!(debug_assertions) { "debug build: compare ratios, not times" } else { "release build" };
    println!(
        "# {bench}: {cores} cores, load {}, kernel {}, {build}",
        read("/proc/loadavg").trim(),
        read("/proc/sys/kernel/osrelease").trim()
    );
}

/// One row of the table.
pub fn row(what: &str, ours: &str, beside: &str) {
    println!("{what:<46} {ours:>24}   {beside}");
}

/// Resident memory of this process in bytes.
pub fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// CPU time this process has used.
pub fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.get(11..13).unwrap_or_default().iter().filter_map(|n| n.parse::<u64>().ok()).sum();
    // Linux counts in hundredths of a second on every architecture we build for.
    Duration::from_millis(ticks * 10)
}

/// A whole number from the environment, or the usual one.
pub fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The limit `S`: how long a durable append of 200 bytes (write and fdatasync) takes in `folder`.
pub fn durable_append(folder: &std::path::Path) -> Samples {
    use std::io::Write;
    let path = folder.join("limit");
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path).expect("the folder can be written");
    let mut samples = Samples::default();
    for _ in 0..300 {
        samples.time(|| file.write_all(&[7; 200]).and_then(|()| file.sync_data())).expect("the disk takes it");
    }
    let _ = std::fs::remove_file(path);
    samples
}

/// `p50 / p99` as multiples of a limit.
pub fn times(samples: &mut Samples, limit: Duration) -> String {
    let of = |took: Duration| took.as_secs_f64() / limit.as_secs_f64().max(1e-9);
    format!("{:.1} / {:.1} S", of(samples.percentile(0.5)), of(samples.percentile(0.99)))
}
