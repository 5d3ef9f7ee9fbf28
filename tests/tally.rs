//! What a long search for lost or doubled writes ends with: one line of figures, printed even where it fails.

use std::fmt::Write;

/// Counts of one search. Printed when it goes out of scope, so that a failed one tells how far it came.
pub struct Tally {
    what: &'static str,
    /// Kills, cuts or disconnections so far.
    pub rounds: usize,
    /// Writes that were answered with success.
    pub acknowledged: usize,
    /// Answered, and not there afterwards.
    pub lost: usize,
    /// There more often than they were asked for.
    pub doubled: usize,
    /// Anything else worth a figure.
    pub more: String,
}

impl Tally {
    /// Nothing counted yet.
    pub fn of(what: &'static str) -> Self {
        Self { what, rounds: 0, acknowledged: 0, lost: 0, doubled: 0, more: String::new() }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let Self { what, rounds, acknowledged, lost, doubled, more } = self;
        let violations = *lost + *doubled + usize::from(std::thread::panicking() && *lost + *doubled == 0);
        let mut line = format!(
            "tally: {what}: rounds {rounds}, acknowledged {acknowledged}, lost {lost}, doubled {doubled}, violations {violations}"
        );
        if !more.is_empty() {
            let _ = write!(line, "; {more}");
        }
        println!("{line}");
    }
}
