//! `farol config`: what is in force and why, whether it is good, and a sample to start from.

use super::{Outcome, options::Options};
use crate::config;
use clap::Subcommand;

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Print every option with its value; secrets are masked
    Print {
        /// Also say where each value comes from
        #[arg(long)]
        origin: bool,
    },
    /// Say whether the configuration is good, without starting anything
    Check,
    /// Print a configuration file with every option and its default
    Sample,
}

/// Runs it.
pub fn run(verb: &Verb, options: &Options) -> Outcome {
    match verb {
        Verb::Print { origin } => {
            print!("{}", options.load()?.print(*origin));
        }
        Verb::Check => {
            let config = options.load()?;
            for note in &config.notes {
                println!("note: {note}");
            }
            println!("the configuration is good");
        }
        Verb::Sample => print!("{}", config::sample()),
    }
    Ok(())
}
