//! Passwords: which are good enough, and hashing them without stalling anybody.
//!
//! Argon2id (RFC 9106) on the blocking pool, a few at a time; who comes when too many wait is told to
//! come back. A name nobody has is checked against a dummy hash, so that it costs the same.

use crate::base::{Error, Result, chance};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use parking_lot::RwLock;
use std::{
    collections::HashSet,
    sync::{
        Arc, LazyLock, OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Fewest characters. Forms ask for twelve.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Most characters. Nothing is cut off.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Hashes at once: each takes 19 MiB and a core, and half of the cores are everybody else's.
fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
}
/// Hashes that may wait; some three seconds' worth.
const WAITING_MAX: usize = 64;
/// A hash should take a guesser at least this long; passes are added at start-up until it does.
const COST_WANTED: Duration = Duration::from_millis(40);
/// Passes are not raised beyond this on machines of whatever speed.
const PASSES_MAX: u32 = 6;

/// How dear a hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// OWASP's minimum, and ours.
    pub const FLOOR: Cost = Cost { memory_kib: 19 * 1024, passes: 2 };
    /// For tests and throw-away data alone.
    pub const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };

    fn argon2(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, 1, None).expect("the constants above are valid parameters");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Hashes and verifies. Clones share the permits.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    cost: RwLock<Cost>,
    permits: Semaphore,
    waiting: AtomicUsize,
    dummy: OnceLock<String>,
    hashed: AtomicU64,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Is it the password?
    pub right: bool,
    /// Was it hashed cheaper than passwords are today?
    pub outdated: bool,
}

impl Passwords {
    /// Hashing at `cost`.
    pub fn new(cost: Cost) -> Self {
        Self(Arc::new(Inner {
            cost: RwLock::new(cost),
            permits: Semaphore::new(at_once()),
            waiting: AtomicUsize::new(0),
            dummy: OnceLock::new(),
            hashed: AtomicU64::new(0),
        }))
    }

    /// Adds passes until one hash takes long enough on this machine. Run once after the start, off the async threads.
    pub fn tune(&self, measure: impl Fn(&mut dyn FnMut()) -> Duration) -> Cost {
        let mut cost = *self.0.cost.read();
        while cost.passes < PASSES_MAX && measure(&mut || drop(hash_now(cost, b"how fast is this machine"))) < COST_WANTED {
            cost.passes += 1;
        }
        *self.0.cost.write() = cost;
        cost
    }

    /// The PHC text of `password`.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let (cost, password) = (*self.0.cost.read(), normal(password));
        self.work(move |_| hash_now(cost, password.as_bytes())).await?
    }

    /// Is `password` the one hashed in `stored`? Without a stored hash it costs the same and is never right.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verdict> {
        let (cost, password, stored) = (*self.0.cost.read(), password.to_owned(), stored.map(str::to_owned));
        self.work(move |inner| {
            let known = stored.is_some();
            let dummy = || inner.dummy.get_or_init(|| hash_now(cost, b"nobody has this one").unwrap_or_default()).clone();
            let phc = stored.unwrap_or_else(dummy);
            let Ok(parsed) = PasswordHash::new(&phc) else { return Verdict { right: false, outdated: false } };
            let is = |password: &str| cost.argon2().verify_password(password.as_bytes(), &parsed).is_ok();
            let normal = normal(&password);
            let fits = is(&normal);
            // Hashed as it was typed, before passwords were brought to one form.
            let as_typed = !fits && normal != password && is(&password);
            Verdict { right: known && (fits || as_typed), outdated: as_typed || is_cheaper(&parsed, cost) }
        })
        .await
    }

    /// Hashes computed so far, checks included.
    pub fn hashed(&self) -> u64 {
        self.0.hashed.load(Ordering::SeqCst)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce(&Inner) -> T + Send + 'static) -> Result<T> {
        /// Counts who waits, also when the caller goes away meanwhile.
        struct Waiting<'a>(&'a AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let inner = self.0.clone();
        let ahead = inner.waiting.fetch_add(1, Ordering::SeqCst);
        let waiting = Waiting(&inner.waiting);
        if ahead >= WAITING_MAX {
            return Err(Error::unavailable("too many people are signing in at once"));
        }
        let permit = inner.permits.acquire().await.map_err(|_| Error::unavailable("the process is stopping"))?;
        let own = inner.clone();
        let done = tokio::task::spawn_blocking(move || {
            own.hashed.fetch_add(1, Ordering::SeqCst);
            work(&own)
        })
        .await
        .map_err(|e| Error::internal(format!("hash a password: {e}")));
        drop((permit, waiting));
        done
    }
}

/// One form of a password whatever keyboard typed it: an accented letter may be one character or two
/// (NFC, as RFC 8265 section 4.2 asks).
fn normal(password: &str) -> String {
    password.nfc().collect()
}

fn hash_now(cost: Cost, password: &[u8]) -> Result<String> {
    let salt: [u8; 16] = chance::secret_bytes();
    let hash = cost.argon2().hash_password_with_salt(password, &salt);
    hash.map(|phc| phc.to_string()).map_err(|e| Error::internal(format!("hash a password: {e}")))
}

fn is_cheaper(hash: &PasswordHash, cost: Cost) -> bool {
    let params = Params::try_from(hash);
    hash.algorithm.as_str() != "argon2id" || params.is_ok_and(|p| p.m_cost() < cost.memory_kib || p.t_cost() < cost.passes)
}

/// Passwords everybody tries first, in lower case.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// Refuses passwords that are too short, too long, or among the first anybody tries. No rules about kinds of
/// characters: they make passwords worse (ASVS 5.0, 6.2.5). `about` are words of the person: e-mail, name, firm.
pub fn check_password(field: &'static str, password: &str, about: &[&str]) -> Result<()> {
    let chars = password.chars().count();
    if chars < PASSWORD_CHARS_MIN {
        return Err(Error::invalid(field, "too_short", format!("give at least {PASSWORD_CHARS_MIN} characters")));
    }
    if chars > PASSWORD_CHARS_MAX {
        return Err(Error::invalid(field, "too_long", format!("give at most {PASSWORD_CHARS_MAX} characters")));
    }
    let lower = password.to_lowercase();
    let personal = about.iter().flat_map(|word| [*word, word.split('@').next().unwrap_or_default()]);
    let guessable = COMMON.contains(lower.as_str())
        || is_common_with_tail(&lower)
        || is_one_step(&lower)
        || personal
            .map(|word| word.trim().to_lowercase())
            .any(|word| word.chars().count() >= 4 && is_word_with_tail(&lower, &word));
    if guessable {
        return Err(Error::invalid(field, "too_common", "this is among the first that anybody tries; choose another"));
    }
    Ok(())
}

/// A common word with digits or marks behind it: `sunshine2024!`.
fn is_common_with_tail(lower: &str) -> bool {
    const WORDS: &[&str] = &[
        "password",
        "passw0rd",
        "p@ssw0rd",
        "p@ssword",
        "senha",
        "motdepasse",
        "contraseña",
        "contrasena",
        "clave",
        "admin",
        "administrator",
        "administrador",
        "administrateur",
        "welcome",
        "bienvenue",
        "bemvindo",
        "bienvenido",
        "qwerty",
        "qwertyuiop",
        "azerty",
        "azertyuiop",
        "letmein",
        "iloveyou",
        "teamo",
        "tequiero",
        "jetaime",
        "changeme",
        "secret",
        "segredo",
        "farol",
        "login",
        "teste",
        "test",
        "demo",
        "root",
        "user",
        "usuario",
        "utilisateur",
        "bonjour",
        "soleil",
        "brasil",
        "portugal",
        "france",
        "marseille",
        "paris",
        "lisboa",
        "benfica",
        "flamengo",
        "corinthians",
        "sporting",
        "futebol",
        "football",
        "abcdef",
        "abcd",
        "abc",
        "summer",
        "winter",
        "spring",
        "autumn",
        "verano",
        "verao",
        "company",
    ];
    let stem = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let tail = lower.len() - stem.len();
    // A long tail is a password of its own.
    tail <= 5 && (WORDS.contains(&stem) || COMMON.contains(stem))
}

/// A word of the person with at most four characters more.
fn is_word_with_tail(lower: &str, word: &str) -> bool {
    lower.strip_prefix(word).is_some_and(|tail| tail.chars().count() <= 4)
}

/// One character over and over, or a run up or down: `aaaaaaaa`, `12345678`, `hgfedcba`.
fn is_one_step(lower: &str) -> bool {
    let codes: Vec<i64> = lower.chars().map(|c| c as i64).collect();
    let mut steps = codes.windows(2).map(|pair| pair[1] - pair[0]);
    steps.next().is_some_and(|first| (-1..=1).contains(&first) && steps.all(|step| step == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<String> {
        match check_password("password", password, &["ana@example.com", "Ana Prates", "Reboques Silva"]) {
            Ok(()) => None,
            Err(Error::Invalid(fields)) => Some(fields[0].code.to_string()),
            Err(other) => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn a_password_is_the_same_on_every_keyboard() {
        let passwords = Passwords::new(Cost::CHEAP);
        let (one, two) = ("caf\u{e9} da manh\u{e3}", "cafe\u{301} da manha\u{303}");
        for (set, given) in [(one, two), (two, one), (two, two)] {
            let stored = passwords.hash(set).await.unwrap();
            let verdict = passwords.verify(given, Some(&stored)).await.unwrap();
            assert_eq!(verdict, Verdict { right: true, outdated: false });
        }
        let as_typed = hash_now(Cost::CHEAP, two.as_bytes()).unwrap();
        assert_eq!(passwords.verify(two, Some(&as_typed)).await.unwrap(), Verdict { right: true, outdated: true });
    }

    #[test]
    fn common_short_and_personal_passwords_are_refused() {
        let long = "a good long one ".repeat(9);
        for (password, expected) in [
            ("", Some("too_short")),
            ("7 chars", Some("too_short")),
            ("éàüçñ漢字", Some("too_short")),
            (long.as_str(), Some("too_long")),
            ("password", Some("too_common")),
            ("PASSWORD", Some("too_common")),
            ("Password123!", Some("too_common")),
            ("qwertyuiop", Some("too_common")),
            ("azerty1234", Some("too_common")),
            ("motdepasse1", Some("too_common")),
            ("senha2024", Some("too_common")),
            ("iloveyou", Some("too_common")),
            ("sunshine99", Some("too_common")),
            ("aaaaaaaaaaaa", Some("too_common")),
            ("12345678", Some("too_common")),
            ("987654321", Some("too_common")),
            ("abcdefghij", Some("too_common")),
            ("Ana Prates", Some("too_common")),
            ("reboques silva1", Some("too_common")),
            ("ana@example.com", Some("too_common")),
            ("correct horse battery staple", None),
            ("漢字漢字漢字漢字漢x", None),
            ("kZ9#vLq2", None),
            (" leading and trailing ", None),
        ] {
            assert_eq!(code(password).as_deref(), expected, "{password}");
        }
        assert_eq!(code(&"xY3".repeat(42)), None);
    }

    #[test]
    fn the_list_holds_thousands_and_each_is_refused() {
        assert!(COMMON.len() > 3_000);
        for password in COMMON.iter() {
            assert_eq!(code(password).as_deref(), Some("too_common"), "{password}");
        }
    }

    #[tokio::test]
    async fn nothing_is_cut_off_and_unknown_people_cost_one_hash_too() {
        let passwords = Passwords::new(Cost::CHEAP);
        let long = "x".repeat(127);
        let stored = passwords.hash(&format!("{long}a")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
        let before = passwords.hashed();
        assert!(passwords.verify(&format!("{long}a"), Some(&stored)).await.unwrap().right);
        assert!(!passwords.verify(&format!("{long}b"), Some(&stored)).await.unwrap().right);
        assert_eq!(passwords.hashed() - before, 2);
        assert!(!passwords.verify("nobody has this one", None).await.unwrap().right);
        assert_eq!(passwords.hashed() - before, 3);
    }

    #[tokio::test]
    async fn a_cheaper_hash_is_outdated_and_a_dearer_one_is_not() {
        let old = Passwords::new(Cost::CHEAP).hash("correct horse").await.unwrap();
        let dear = Passwords::new(Cost { memory_kib: 128, passes: 2 });
        assert_eq!(dear.verify("correct horse", Some(&old)).await.unwrap(), Verdict { right: true, outdated: true });
        let new = dear.hash("correct horse").await.unwrap();
        let back = Passwords::new(Cost::CHEAP).verify("correct horse", Some(&new)).await.unwrap();
        assert_eq!(back, Verdict { right: true, outdated: false });
    }

    #[tokio::test]
    async fn too_many_at_once_are_told_to_come_back() {
        let passwords = Passwords::new(Cost::CHEAP);
        let held = passwords.0.permits.acquire_many(at_once() as u32).await.unwrap();
        let mut queue = Vec::new();
        for _ in 0..WAITING_MAX {
            let mut job = Box::pin({
                let passwords = passwords.clone();
                async move { passwords.verify("x", None).await }
            });
            assert!(futures_util::poll!(&mut job).is_pending());
            queue.push(job);
        }
        assert!(matches!(passwords.verify("x", None).await, Err(Error::Unavailable(_))));
        queue.clear();
        drop(held);
        passwords.verify("x", None).await.unwrap();
    }

    #[test]
    fn passes_rise_until_the_machine_is_slow_enough() {
        let fast = Passwords::new(Cost::CHEAP);
        assert_eq!(fast.tune(|_| Duration::from_millis(1)).passes, PASSES_MAX);
        let slow = Passwords::new(Cost::CHEAP);
        assert_eq!(slow.tune(|_| Duration::from_millis(60)), Cost::CHEAP);
    }
}
