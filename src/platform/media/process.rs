//! Programs of the owner's that look at a file or convert it: run with a time limit, never through a shell.

use std::{
    io,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

/// Between two looks whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How a program ended.
#[derive(Debug)]
pub enum Ended {
    /// By itself.
    With(ExitStatus),
    /// It took too long and was ended.
    TooLong,
}

/// Runs `program` with `arguments`, in words, and waits for it. Blocks: call it where waiting is allowed.
///
/// # Errors
/// Where it can't be started.
pub fn run<'a>(
    program: &Path,
    arguments: impl IntoIterator<Item = &'a std::ffi::OsStr>,
    patience: Duration,
) -> io::Result<Ended> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let looks = patience.as_millis() / LOOK_EVERY.as_millis();
    for _ in 0..looks {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::With(status));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    child.kill()?;
    child.wait()?;
    Ok(Ended::TooLong)
}
