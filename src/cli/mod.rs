//! The command line: one verb, one file (or one family of verbs).
//!
//! A verb reads its arguments, does one thing, and ends with a code that scripts can rely on
//! ([`Exit`]). What it prints on standard output is its answer; logs and complaints go to standard
//! error. Verbs that touch data speak to the running server over `DATA/admin.sock` or, when none
//! runs, open the store themselves: the same functions answer in both cases.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the one room that talks to a terminal")]

mod failure;
mod licences;
mod options;
mod settings;

pub use failure::{Exit, Failure, Outcome};
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
    /// Print, check or start a configuration
    Config {
        #[command(subcommand)]
        verb: settings::Verb,
    },
    /// Print the licences of everything inside this program
    Licences,
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
