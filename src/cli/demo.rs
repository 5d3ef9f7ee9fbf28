//! `farol demo`: a fictional firm with history and live traffic, in a throw-away folder.

use super::{Failure, Outcome, options::Options};
use crate::{
    app::StartError,
    platform::telemetry,
    simulator::demo::{self, DemoOptions},
};
use std::io::Write;

/// How the demo is to be.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// The same seed tells the same year
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times faster than life customers write
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// About so many messages of history
    #[arg(long, default_value_t = 30_000)]
    messages: usize,
    /// Nobody writes: history alone
    #[arg(long)]
    quiet: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| (0.01..=100.0).contains(speed));
    speed.ok_or_else(|| "give a number from 0.01 to 100".to_owned())
}

/// Runs until it is told to stop; the folder goes with it.
pub fn run(verb: &Demo, options: &Options) -> Outcome {
    let config = options.clone().or("log.level", "warn").load()?;
    telemetry::start(&config.log_directives(), config.log_format())?;
    telemetry::start_metrics();
    let wanted = DemoOptions { seed: verb.seed, speed: verb.speed, messages: verb.messages.min(1_000_000), live: !verb.quiet };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let demo = demo::start(config, wanted).await.map_err(|error| match error {
            StartError::Store(error) => Failure::from(error),
            StartError::Other(error) => Failure::from(error),
        })?;
        println!("This is a demo: a fictional firm in {}, gone when you stop it.", demo.folder.display());
        println!(
            "{} messages of the past year; customers {}.",
            demo.messages,
            if verb.quiet { "are silent" } else { "are writing now" }
        );
        println!();
        for sign_in in &demo.sign_ins {
            println!("  {:<16} {:<12} {:<24} {}", sign_in.name, sign_in.role, sign_in.email, sign_in.password);
        }
        println!();
        println!("ready {}", demo.url);
        std::io::stdout().flush()?;
        demo.run().await;
        Ok(())
    })
}
