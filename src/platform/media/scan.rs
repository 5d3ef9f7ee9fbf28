//! The owner's virus scanner: a program that is given a file and says by its exit code what it thinks.

use super::process::{Ended, run};
use crate::base::{Error, Result};
use std::{ffi::OsStr, path::Path, time::Duration};

/// A scanner that takes longer has hung.
const PATIENCE: Duration = Duration::from_secs(60);

/// A scanner's command: a program and its first arguments; the file's path is added. Exit code 0 is clean, 1 infected
/// (as `clamdscan --fdpass --no-summary` has it), anything else a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanner {
    words: Vec<String>,
    patience: Duration,
}

impl Scanner {
    /// From a command line without quotes; `None` where it is empty.
    pub fn new(command: &str) -> Option<Self> {
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        (!words.is_empty()).then_some(Self { words, patience: PATIENCE })
    }

    /// The same with other patience.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Is the file clean? Blocks while the scanner works.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the scanner fails: a file nobody looked at is not shown, and tried again.
    pub fn is_clean(&self, file: &Path) -> Result<bool> {
        let [program, first @ ..] = self.words.as_slice() else { return Ok(true) };
        let arguments = first.iter().map(OsStr::new).chain([file.as_os_str()]);
        let failed = |why: String| Error::unavailable(format!("the virus scanner `{program}` {why}"));
        match run(Path::new(program), arguments, self.patience) {
            Err(e) => Err(failed(format!("can't be started: {e}"))),
            Ok(Ended::TooLong) => Err(failed(format!("did not answer within {} s", self.patience.as_secs()))),
            Ok(Ended::With(status)) => match status.code() {
                Some(0) => Ok(true),
                Some(1) => Ok(false),
                _ => Err(failed(format!("failed: {status}"))),
            },
        }
    }
}
