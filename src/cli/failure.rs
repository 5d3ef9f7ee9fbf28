//! How a verb fails: with words for the one at the terminal and a number for the script.

use crate::{base, config::ConfigError, platform::store::OpenError};
use std::fmt;

/// Exit codes, fixed for scripts and units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did not work; the text says why.
    Failed = 1,
    /// Bad arguments or configuration: names the key and the remedy.
    Usage = 2,
    /// The data is newer than the program.
    Newer = 3,
    /// The data folder is in use.
    InUse = 4,
    /// The data is damaged: names the command that helps.
    Damaged = 5,
    /// There is no room on the disk: starting again helps once there is some.
    Full = 6,
}

/// A verb that did not work.
#[derive(Debug)]
pub struct Failure {
    /// What the process ends with.
    pub exit: Exit,
    /// What to tell, without a full stop's worth of blame.
    pub text: String,
}

/// What a verb ends with.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// It did not work.
    pub fn new(text: impl fmt::Display) -> Self {
        Self { exit: Exit::Failed, text: text.to_string() }
    }
    /// It was asked for in a way that can't be done.
    pub fn usage(text: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, text: text.to_string() }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Failure::usage(error)
    }
}
impl From<base::Error> for Failure {
    fn from(error: base::Error) -> Self {
        match error {
            base::Error::Invalid(_) => Failure::usage(error),
            other => Failure::new(other),
        }
    }
}
impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let exit = match error {
            OpenError::InUse => Exit::InUse,
            OpenError::Newer { .. } => Exit::Newer,
            OpenError::Damaged(_) => Exit::Damaged,
            OpenError::Full(_) => Exit::Full,
            OpenError::Io(_) => Exit::Failed,
        };
        Failure { exit, text: error.to_string() }
    }
}
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::new(error)
    }
}
