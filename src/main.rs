//! Parses the command line and hands over.

fn main() -> std::process::ExitCode {
    farol::cli::run(std::env::args_os())
}
