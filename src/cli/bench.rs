//! `farol bench`: measures the house beside what the machine allows.

use super::{Failure, Outcome, options::Options};
use crate::{
    app::StartError,
    simulator::bench::{self, BenchOptions},
};
use std::time::Duration;

/// How the bench is to be.
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// Messages in the store before anything is measured
    #[arg(long, default_value_t = 10_000)]
    messages: usize,
    /// Seconds for each operation
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// The same seed asks the same questions
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only operations whose name begins with this
    #[arg(long)]
    only: Option<String>,
}

/// Measures in a throw-away folder and prints one line per operation.
pub fn run(verb: &Bench, options: &Options) -> Outcome {
    // A port of its own: the figures must not depend on who else is there.
    let config = options.clone().or("log.level", "error").or("listen", "127.0.0.1:0").load()?;
    let wanted = BenchOptions {
        messages: verb.messages,
        time: Duration::from_secs(verb.seconds.clamp(1, 600)),
        seed: verb.seed,
        only: verb.only.clone(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(bench::run(config, wanted)).map_err(|error| match error {
        StartError::Store(error) => Failure::from(error),
        StartError::Other(error) => Failure::from(error),
    })?;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{cores} cores, load {}", load.split_whitespace().next().unwrap_or("unknown"));
    println!("S  synced append of 200 bytes, p50   {:>9.3} ms", ms(report.s));
    println!("H1 hello, one client, p50            {:>9.3} ms", ms(report.h1));
    println!("H  hello, 64 clients                 {:>9.0} /s", report.h);
    println!();
    println!("{:<30} {:>7} {:>9} {:>9} {:>9}  beside the limit", "operation", "clients", "per s", "p50 ms", "p99 ms");
    for figure in &report.figures {
        println!(
            "{:<30} {:>7} {:>9.0} {:>9.3} {:>9.3}  {}",
            figure.name,
            figure.clients,
            figure.rate,
            ms(figure.p50),
            ms(figure.p99),
            figure.beside
        );
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
