//! The command line: one verb, one file (or one family of verbs).
//!
//! A verb reads its arguments, does one thing, and ends with a code that scripts can rely on
//! ([`Exit`]). What it prints on standard output is its answer; logs and complaints go to standard
//! error. Verbs that touch data speak to the running server over `DATA/admin.sock` or, when none
//! runs, open the store themselves: the same functions answer in both cases.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the one room that talks to a terminal")]

pub mod admin;
mod backup;
mod bench;
mod contract;
mod deadletters;
mod demo;
mod doctor;
mod failure;
mod house;
mod jobs;
mod keys;
mod licences;
mod options;
mod output;
mod people;
mod reach;
pub mod references;
mod reindex;
mod serve;
mod settings;
mod setup;

pub use admin::{Door, Verbs};
pub use failure::{Exit, Failure, Outcome};
pub use house::House;
pub use options::Options;

use clap::{Parser, Subcommand};
use std::{ffi::OsString, io::Write, process::ExitCode};

/// Call centre, inbox, dispatch desk and billing office of a small firm, in one program
#[derive(Debug, Parser)]
#[command(name = "farol", version, propagate_version = true, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the box
    Serve,
    /// Set the box up without a browser
    Setup(setup::Setup),
    /// Try it: a fictional firm with a year behind it and customers writing now
    Demo(demo::Demo),
    /// Measure this box beside what the machine allows
    Bench(bench::Bench),
    /// Print the setup address with a new one-time code
    SetupCode,
    /// Change people's accounts
    User {
        #[command(subcommand)]
        verb: people::Verb,
    },
    /// See and decide on what could not be read, sent or done
    Deadletters {
        #[command(subcommand)]
        verb: deadletters::Verb,
    },
    /// See timers, deliveries and bulk work
    Jobs(jobs::Jobs),
    /// Copy everything into one file while the server runs
    Backup(backup::Backup),
    /// Prove that a backup or a data folder is whole
    Verify(backup::Verify),
    /// Fill an empty folder from a backup
    Restore(backup::Restore),
    /// Look for what needs mending and say how
    Doctor(doctor::Doctor),
    /// Go on without the secrets after the key file was lost
    NewKeys,
    /// Build the search index anew from the records
    Reindex,
    /// Print the contract of the API (OpenAPI)
    Openapi,
    /// Print, check or start a configuration
    Config {
        #[command(subcommand)]
        verb: settings::Verb,
    },
    /// Print the licences of everything inside this program
    Licences,
}

/// Everything the command line may ask of the house.
pub fn verbs(house: &House) -> Verbs {
    let mut verbs = Verbs::default();
    deadletters::register(&mut verbs, house);
    jobs::register(&mut verbs, house);
    backup::register(&mut verbs, house);
    people::register(&mut verbs, house);
    setup::register(&mut verbs, house);
    reindex::register(&mut verbs, house);
    doctor::register(&mut verbs, house);
    settings::register(&mut verbs, house);
    verbs
}

/// Runs the command line `args` (with the program's name first) and says what the process should end with.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(told) => {
            // Help and version are answers, everything else is a mistake in the arguments.
            let code = if told.use_stderr() { Exit::Usage as u8 } else { 0 };
            let _ = told.print();
            return ExitCode::from(code);
        }
    };
    let outcome = match &cli.verb {
        Verb::Serve => serve::run(&cli.options),
        Verb::Setup(args) => setup::run(args, &cli.options),
        Verb::Doctor(args) => doctor::run(args, &cli.options),
        Verb::Reindex => reindex::run(&cli.options),
        Verb::NewKeys => keys::renew(&cli.options),
        Verb::Openapi => contract::run(),
        Verb::Demo(verb) => demo::run(verb, &cli.options),
        Verb::Bench(verb) => bench::run(verb, &cli.options),
        Verb::SetupCode => people::setup_code(&cli.options),
        Verb::User { verb } => people::run(verb, &cli.options),
        Verb::Deadletters { verb } => deadletters::run(verb, &cli.options),
        Verb::Jobs(args) => jobs::run(args, &cli.options),
        Verb::Backup(args) => backup::run(args, &cli.options),
        Verb::Verify(args) => backup::verify(args, &cli.options),
        Verb::Restore(args) => backup::restore(args),
        Verb::Config { verb } => settings::run(verb, &cli.options),
        Verb::Licences => licences::run(),
    };
    let _ = std::io::stdout().flush();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("farol: {}", failure.text);
            ExitCode::from(failure.exit as u8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
