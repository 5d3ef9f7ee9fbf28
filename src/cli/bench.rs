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
    /// Messages in the store before anything is measured; several numbers show how the figures grow
    #[arg(long, default_value = "10000", value_delimiter = ',')]
    messages: Vec<usize>,
    /// Seconds for each operation
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The same seed asks the same questions
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only operations whose name begins with this
    #[arg(long)]
    only: Option<String>,
}

/// Measures in a throw-away folder: a line for each operation as it is done, then a table and a line of JSON.
pub fn run(verb: &Bench, options: &Options) -> Outcome {
    // A port of its own: the figures must not depend on who else is there.
    let config = options.clone().or("log.level", "error").or("listen", "127.0.0.1:0").load()?;
    let wanted = BenchOptions {
        messages: verb.messages.clone(),
        time: Duration::from_secs(verb.seconds.clamp(1, 600)),
        seed: verb.seed,
        only: verb.only.clone(),
        say: |line| println!("{line}"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(bench::run(config, wanted)).map_err(|error| match error {
        StartError::Store(error) => Failure::from(error),
        StartError::Other(error) => Failure::from(error),
    })
}
