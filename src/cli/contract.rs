//! `farol openapi`: the contract of the API, as generated from the code.

use super::{Failure, Outcome};

/// Prints it as JSON.
pub fn run() -> Outcome {
    println!("{}", crate::app::openapi().to_pretty_json().map_err(Failure::new)?);
    Ok(())
}
