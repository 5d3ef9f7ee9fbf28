//! The setup code: proof that whoever opens the wizard can read this machine's files or its terminal.
//!
//! 128 bits, once, for an hour, in a file for the owner of the process alone. The running server reads the
//! file at each try, so `farol setup-code` needs no way to talk to it.

use super::throttle::Strikes;
use crate::{
    base::{Error, Result, Timestamp, chance},
    platform::private,
};
use std::{
    fmt, fs,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use subtle::ConstantTimeEq;

/// Name of the file in the data folder.
pub const SETUP_CODE_FILE: &str = "setup-code";
/// How long a code can be used.
const LIVES: Duration = Duration::from_secs(60 * 60);
/// Letters and digits nobody mistakes for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code as people read it: `7K2QX-…`.
#[derive(Clone, PartialEq, Eq)]
pub struct SetupCode(String);

impl fmt::Display for SetupCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes a new code and writes it to the data folder, in place of an older one.
pub fn issue_setup_code(data: &Path, now: Timestamp) -> Result<SetupCode> {
    let bits = u128::from_be_bytes(chance::secret_bytes());
    let letters: Vec<u8> = (0..26).map(|i| ALPHABET[((bits >> (i * 5)) & 31) as usize]).collect();
    let groups: Vec<&str> = letters.chunks(5).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let code = SetupCode(groups.join("-"));
    private::write(&data.join(SETUP_CODE_FILE), format!("{code}\n{now}\n"))?;
    Ok(code)
}

/// As typed, without what people add or mistake.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    letters.take(64).collect()
}

/// The wizard's door.
pub(super) struct SetupDesk {
    data: PathBuf,
    needed: AtomicBool,
    strikes: Strikes,
    /// One claim is worked on at a time, so that a thousand at once cost one hash.
    pub turn: tokio::sync::Mutex<()>,
}

impl SetupDesk {
    pub fn new(data: PathBuf, needed: bool) -> Self {
        Self { data, needed: AtomicBool::new(needed), strikes: Strikes::default(), turn: tokio::sync::Mutex::default() }
    }
    pub fn is_needed(&self) -> bool {
        self.needed.load(Ordering::Acquire)
    }
    /// There is an owner now; the code is worth nothing any more.
    pub fn done(&self) {
        self.needed.store(false, Ordering::Release);
        if let Err(e) = fs::remove_file(self.data.join(SETUP_CODE_FILE))
            && e.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(error = %e, "the used setup code could not be removed; it opens nothing any more");
        }
    }

    /// Passes if `code` is the one in force.
    ///
    /// # Errors
    /// `NotFound` once there is an owner; `Quota` in the pause after five wrong tries from one address;
    /// `Forbidden` for a code that is wrong or too old.
    pub fn check(&self, code: &str, address: Option<IpAddr>, now: Timestamp) -> Result<()> {
        if !self.is_needed() {
            return Err(Error::NotFound("setup"));
        }
        self.strikes.check(address, now)?;
        let file = fs::read_to_string(self.data.join(SETUP_CODE_FILE)).unwrap_or_default();
        let mut lines = file.lines();
        let (right, issued) = (plain(lines.next().unwrap_or_default()), lines.next().and_then(Timestamp::parse));
        let fresh = issued.is_some_and(|issued| now < issued.plus(LIVES));
        let typed = plain(code);
        if fresh && !right.is_empty() && bool::from(right.as_bytes().ct_eq(typed.as_bytes())) {
            return Ok(());
        }
        self.strikes.note(address, now);
        Err(Error::Forbidden(
            "to found this house: the code is wrong or older than an hour (`farol setup-code` makes another)".into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_763_812_800_000);

    #[test]
    fn a_code_opens_for_an_hour_however_it_is_typed() {
        let data = tempfile::tempdir().unwrap();
        let code = issue_setup_code(data.path(), NOON).unwrap().to_string();
        assert_eq!(plain(&code).len(), 26);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(data.path().join(SETUP_CODE_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let desk = SetupDesk::new(data.path().to_owned(), true);
        let check = |code: &str, now| desk.check(code, None, now);
        check(&code, NOON).unwrap();
        check(&code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l"), NOON).unwrap();
        assert!(matches!(check(&code[..25], NOON), Err(Error::Forbidden(_))));
        assert!(matches!(check("", NOON), Err(Error::Forbidden(_))));
        check(&code, NOON.plus(Duration::from_secs(3_599))).unwrap();
        assert!(check(&code, NOON.plus(LIVES)).is_err());
        let again = issue_setup_code(data.path(), NOON.plus(LIVES)).unwrap().to_string();
        check(&again, NOON.plus(LIVES)).unwrap();
        assert!(check(&code, NOON.plus(LIVES)).is_err());
        desk.done();
        assert!(matches!(check(&again, NOON.plus(LIVES)), Err(Error::NotFound(_))));
    }

    #[test]
    fn five_wrong_codes_pause_their_address_for_a_minute_and_nobody_else() {
        let data = tempfile::tempdir().unwrap();
        let code = issue_setup_code(data.path(), NOON).unwrap().to_string();
        let desk = SetupDesk::new(data.path().to_owned(), true);
        let (guesser, owner) = (Some(IpAddr::from([192, 0, 2, 1])), Some(IpAddr::from([192, 0, 2, 2])));
        for _ in 0..5 {
            assert!(matches!(desk.check("wrong", guesser, NOON), Err(Error::Forbidden(_))));
        }
        assert!(matches!(desk.check(&code, guesser, NOON), Err(Error::Quota { retry_after_secs: 60, .. })));
        desk.check(&code, owner, NOON).unwrap();
        desk.check(&code, guesser, NOON.plus(Duration::from_secs(60))).unwrap();
    }
}
