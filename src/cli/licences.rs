//! `farol licences`: what this program is made of, and on which terms.

use super::Outcome;

/// Written by `tests/licences.rs` from the dependency tree, and held equal to it.
const LIST: &str = include_str!("../../packaging/licences.txt");
const OWN: &str = include_str!("../../LICENSE");

/// Prints our own licence and the list.
pub fn run() -> Outcome {
    println!("Farol {} is licensed as follows.\n", env!("CARGO_PKG_VERSION"));
    println!("{OWN}\n\nIt contains these works, each under its own licence:\n\n{LIST}");
    Ok(())
}
