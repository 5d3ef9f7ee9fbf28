//! What every bench needs: rounds, percentiles, the machine's own limits, and figures that are judged.
//!
//! A figure stands beside its limit or rival, measured in the same run on the same machine; a figure alone
//! says more about the machine than about us.
#![allow(dead_code, reason = "each bench uses some of it")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "benches measure and print")]

pub use farol::simulator::report::{Figure, Report, millis, short};
use std::time::{Duration, Instant};

/// Durations of one operation, many times.
#[derive(Default, Clone)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Runs `work` and notes how long it took.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let out = std::hint::black_box(work());
        self.0.push(began.elapsed());
        out
    }
    /// Waits for `work` and notes how long it took.
    pub async fn time_async<T>(&mut self, work: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let out = work.await;
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
    /// The longest.
    pub fn worst(&mut self) -> Duration {
        self.percentile(1.0)
    }
    /// `p50 / p99`.
    pub fn show(&mut self) -> String {
        format!("{} / {}", millis(self.percentile(0.5)), millis(self.percentile(0.99)))
    }
}

/// A report that prints as it goes.
pub fn report(group: &'static str) -> Report {
    Report::begin(group, |line| println!("{line}"))
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A time in milliseconds, judged as such.
pub fn in_millis(operation: impl Into<String>, took: Duration) -> Figure {
    Figure::less(operation, millis(took), took.as_secs_f64() * 1e3, "ms")
}

/// A size in MB of 2^20 bytes, judged as such.
pub fn in_mb(operation: impl Into<String>, bytes: u64) -> Figure {
    let mb = bytes as f64 / f64::from(1 << 20);
    Figure::less(operation, format!("{} MB", short(mb)), mb, "MB")
}

/// A time as a multiple of the limit `S`, in seconds.
pub fn in_s(operation: impl Into<String>, took: Duration, s: f64) -> Figure {
    Figure::less(operation, millis(took), took.as_secs_f64() / s.max(1e-9), "S")
}

/// Resident memory of this process in bytes.
pub fn resident() -> u64 {
    memory("self").resident
}

/// What a process holds.
pub struct Memory {
    /// All of it.
    pub resident: u64,
    /// Its part of what it shares with others.
    pub proportional: u64,
    /// What stands in no file.
    pub anonymous: u64,
}

impl Memory {
    /// All but the resident part, in words.
    pub fn more(&self) -> String {
        let mb = |bytes: u64| short(bytes as f64 / f64::from(1 << 20));
        format!("PSS {} MB, anonymous {} MB", mb(self.proportional), mb(self.anonymous))
    }
}

/// Memory of a process (`self`, or its number).
pub fn memory(process: &str) -> Memory {
    let told = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let of = |name: &str| {
        let line = told.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) * 1024
    };
    Memory { resident: of("Rss:"), proportional: of("Pss:"), anonymous: of("Anonymous:") }
}

/// CPU time this process has used.
pub fn cpu() -> Duration {
    farol::simulator::load::process_cpu("self")
}

/// A whole number from the environment, or the usual one.
pub fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Was `--long` asked for?
pub fn is_long() -> bool {
    std::env::args().any(|arg| arg == "--long")
}

/// The limit `S`: the median of a durable append of 200 bytes (write and fdatasync) in `folder`, in seconds.
pub fn durable_append(folder: &std::path::Path) -> f64 {
    let times = farol::simulator::load::synced_appends(folder, 300).expect("the folder can be written");
    times[times.len() / 2].as_secs_f64()
}

/// As [`durable_append`], each after so long a rest: the limit of an operation that comes now and then.
pub fn spaced_append(folder: &std::path::Path, rest: Duration) -> f64 {
    let times = farol::simulator::load::spaced_appends(folder, 60, rest).expect("the folder can be written");
    times[times.len() / 2].as_secs_f64()
}

/// Tells the limit `S` of five rounds.
pub fn limit_s(report: &mut Report, folder: &std::path::Path) -> f64 {
    let rounds: Vec<f64> = (0..5).map(|_| durable_append(folder)).collect();
    report.steady("S", &rounds);
    let s = median(rounds);
    report.limit("S", "synced append of 200 bytes, p50", &format!("{} ms", short(s * 1e3)), s);
    s
}
