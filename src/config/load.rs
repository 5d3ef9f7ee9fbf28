//! Gathers what was given in each place, lets the strongest win, and says plainly what can't be taken.

use super::{
    ALIASES, Config, Meaning, OPTIONS, Origin,
    value::{Environment, Value},
};
use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// What the outside gives, as text.
#[derive(Debug, Default, Clone)]
pub struct Given {
    /// Flags by option key; a list option may have several.
    pub flags: BTreeMap<&'static str, Vec<String>>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// The file named by `--config`.
    pub config_file: Option<PathBuf>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The option, or what was taken for one.
    pub key: String,
    /// Where it was given.
    pub origin: Origin,
    /// What is wrong and what to do about it.
    pub remedy: String,
}

/// Why there is no configuration: every problem at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Problem>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, p) in self.0.iter().enumerate() {
            write!(f, "{}{} ({}): {}", if i == 0 { "" } else { "\n" }, p.key, p.origin, p.remedy)?;
        }
        Ok(())
    }
}
impl std::error::Error for ConfigError {}

/// Read when no other file is named and it is there.
const SYSTEM_FILE: &str = "/etc/farol/farol.toml";
/// Largest file that is read for a value or as configuration; anything longer is not what was meant.
const FILE_BYTES_MAX: u64 = 1 << 20;

type Values = BTreeMap<&'static str, (String, Origin)>;

impl Config {
    /// Reads everything that was given. Touches only files that were named, and the system's configuration file.
    pub fn load(given: &Given) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let mut notes = Vec::new();
        let mut values: Values = OPTIONS.iter().map(|o| (o.key, (o.default.to_owned(), Origin::Default))).collect();
        values.insert("data", (default_data(&given.env).display().to_string(), Origin::Default));
        if let Some(folder) = given.env.get("CREDENTIALS_DIRECTORY") {
            let key = Path::new(folder).join("farol-key");
            if key.exists() {
                values.insert("key_file", (key.display().to_string(), Origin::Default));
            }
        }

        // Weakest first: each place overwrites the one before.
        from_file(given, &mut values, &mut problems);
        from_aliases(&given.env, &mut values, &mut notes, &mut problems);
        from_env(&given.env, &mut values, &mut problems);
        for (key, texts) in &given.flags {
            let name = OPTIONS.iter().find(|o| o.key == *key).map(|o| o.flag()).unwrap_or_default();
            values.insert(key, (texts.join(","), Origin::Flag(name)));
        }

        for option in OPTIONS {
            let (text, origin) = &values[option.key];
            if !(option.accepts)(text) {
                let shown = if option.secret { "the value".to_owned() } else { format!("\"{text}\"") };
                problems.push(Problem {
                    key: option.key.into(),
                    origin: origin.clone(),
                    remedy: format!("{shown} is not {}", option.expected),
                });
            }
        }
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }
        let config = Config::build(values, notes).expect("every option has a value and every value was accepted");
        config.judge()
    }

    /// What single values can't tell: do they go together?
    fn judge(mut self) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let mut wrong = |key: &str, remedy: &str| {
            problems.push(Problem { key: key.into(), origin: self.origin(key).clone(), remedy: remedy.into() });
        };
        match (&self.tls_certificate, &self.tls_key) {
            (Some(_), None) => wrong("tls.certificate", "a certificate needs its private key: give tls.key too"),
            (None, Some(_)) => wrong("tls.key", "a private key needs its certificate: give tls.certificate too"),
            _ => {}
        }
        let ways = [self.tls_certificate.is_some(), !self.tls_lan_name.is_empty(), !self.tls_acme_domain.is_empty()];
        if ways.iter().filter(|way| **way).count() > 1 {
            wrong("tls.certificate", "choose one: tls.certificate with tls.key, tls.lan_name, or tls.acme_domain");
        }
        for (key, path) in [("tls.certificate", &self.tls_certificate), ("tls.key", &self.tls_key), ("key_file", &self.key_file)]
        {
            if let Some(path) = path
                && let Err(error) = std::fs::File::open(path)
            {
                wrong(key, &format!("{} can't be read: {error}", path.display()));
            }
        }
        if self.environment == Environment::Production && self.cors_origins.iter().any(|o| o == "*") {
            wrong("cors.origins", "`*` lets any page call the API: name the origins, or set environment = \"development\"");
        }
        let open = !self.has_tls() && !self.listen.ip().is_loopback() && self.trusted_proxies.is_empty();
        if open {
            wrong(
                "listen",
                "plain HTTP could be read by anybody on the network: listen on 127.0.0.1, name your reverse proxy in \
                 trusted_proxies, or give tls.certificate and tls.key, tls.lan_name, or tls.acme_domain",
            );
        }
        for (key, value) in [
            ("timeouts.connect", self.timeouts_connect),
            ("timeouts.request", self.timeouts_request),
            ("timeouts.socket", self.timeouts_socket),
            ("timeouts.upload", self.timeouts_upload),
            ("outbound.connect", self.outbound_connect),
            ("rate.window", self.rate_window),
            ("jwt.expiry", self.jwt_expiry),
            ("jwt.refresh_expiry", self.jwt_refresh_expiry),
        ] {
            if value.as_secs() == 0 {
                wrong(key, "must be at least one second");
            }
        }
        if self.journal_window < JOURNAL_WINDOW_MIN {
            wrong("journal.window", "must be at least 7d: what follows the journal may be that far behind after a stop");
        }
        // Beyond these the end of a token would be no date any more, or a stolen one would be good for ever.
        for (key, value, days) in [("jwt.expiry", self.jwt_expiry, 7), ("jwt.refresh_expiry", self.jwt_refresh_expiry, 366)] {
            if value > Duration::from_secs(days * 86_400) {
                wrong(key, &format!("must be at most {days}d"));
            }
        }
        if self.jwt_secret.as_ref().is_some_and(|s| s.expose().chars().count() < 32) {
            wrong("jwt.secret", "is shorter than 32 characters: make one with `openssl rand -base64 48`");
        }
        if self.session_secret.as_ref().is_some_and(|s| s.expose().chars().count() < 32) {
            wrong("session.secret", "is shorter than 32 characters: make one with `openssl rand -base64 48`");
        }
        if !(1..=65_535).contains(&self.mail_port) {
            wrong("mail.port", "is not a port between 1 and 65535");
        }
        for origin in self.cors_origins.iter().filter(|o| *o != "*") {
            if super::WebUrl::read(origin).is_none() {
                wrong("cors.origins", &format!("\"{origin}\" is not {}", super::WebUrl::EXPECTED));
            }
        }
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }
        if let Some(url) = &self.public_url
            && !url.is_https()
            && !url.is_loopback()
        {
            self.notes.push(format!(
                "public_url {} is plain HTTP: browsers switch off microphone, notifications, passkeys and offline use",
                url.as_str()
            ));
        }
        Ok(self)
    }
}

/// A shorter journal would be gone before what reads it comes back from a long week-end.
const JOURNAL_WINDOW_MIN: Duration = Duration::from_secs(7 * 86_400);

fn default_data(env: &BTreeMap<String, String>) -> PathBuf {
    if let Some(state) = env.get("STATE_DIRECTORY").and_then(|s| s.split(':').next()).filter(|s| !s.is_empty()) {
        return state.into();
    }
    if rustix::process::geteuid().is_root() {
        return "/var/lib/farol".into();
    }
    let base = env.get("XDG_DATA_HOME").filter(|s| !s.is_empty()).map(PathBuf::from);
    let home = || env.get("HOME").filter(|s| !s.is_empty()).map(|home| Path::new(home).join(".local/share"));
    base.or_else(home).map_or_else(|| "farol-data".into(), |base| base.join("farol"))
}

fn from_env(env: &BTreeMap<String, String>, values: &mut Values, problems: &mut Vec<Problem>) {
    for option in OPTIONS {
        let name = option.env();
        let file_name = format!("{name}_FILE");
        match (env.get(&name), env.get(&file_name)) {
            (Some(_), Some(_)) => problems.push(Problem {
                key: option.key.into(),
                origin: Origin::Env(name.clone()),
                remedy: format!("{name} and {file_name} are both set: keep one"),
            }),
            (Some(text), None) => {
                values.insert(option.key, (text.trim().to_owned(), Origin::Env(name)));
            }
            (None, Some(path)) => {
                let origin = Origin::EnvFile(file_name, path.into());
                match read(Path::new(path)) {
                    Ok(text) => {
                        values.insert(option.key, (text.trim().to_owned(), origin));
                    }
                    Err(why) => problems.push(Problem { key: option.key.into(), origin, remedy: why }),
                }
            }
            (None, None) => {}
        }
    }
    // A misspelt name would otherwise do nothing, silently.
    for name in env.keys().filter(|n| n.starts_with("FAROL_")) {
        let known = OPTIONS.iter().map(|o| o.env()).any(|n| n == *name || format!("{n}_FILE") == *name);
        if !known && !NOT_OPTIONS.contains(&name.as_str()) && !is_of_a_cluster(name, &env[name]) {
            let near = nearest(name, OPTIONS.iter().map(|o| o.env()));
            problems.push(Problem {
                key: name.clone(),
                origin: Origin::Env(name.clone()),
                remedy: format!("there is no such option{near}"),
            });
        }
    }
}

/// Kubernetes tells every container where services are; for one named `farol` the names look like ours.
fn is_of_a_cluster(name: &str, value: &str) -> bool {
    name.starts_with("FAROL_SERVICE_")
        || name.strip_prefix("FAROL_PORT_").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        || (name == "FAROL_PORT" && value.contains("://"))
}

/// Names in our own space that are no options: the configuration file, and what tests and tools use.
const NOT_OPTIONS: &[&str] = &["FAROL_CONFIG", "FAROL_LONG", "FAROL_CACHE", "FAROL_ADVISORY_DB", "FAROL_BIN", "FAROL_BACKEND"];

fn from_aliases(env: &BTreeMap<String, String>, values: &mut Values, notes: &mut Vec<String>, problems: &mut Vec<Problem>) {
    let mut spoken: Vec<&str> = Vec::new();
    for alias in ALIASES {
        for (name, text) in env.iter().filter(|(name, text)| alias.covers(name) && !text.is_empty()) {
            let key = match alias.meaning {
                Meaning::Ignored(why) => {
                    notes.push(format!("{name} is ignored: {why}"));
                    continue;
                }
                Meaning::Option(key) => key,
                Meaning::Port => "listen",
            };
            if spoken.contains(&key) {
                notes.push(format!("{name} is ignored: {key} was given by another name already"));
                continue;
            }
            spoken.push(key);
            let text = match alias.meaning {
                Meaning::Port => match text.trim().parse::<u16>() {
                    Ok(port) => {
                        let host = values["listen"].0.parse::<SocketAddr>().map_or([127, 0, 0, 1].into(), |a| a.ip());
                        SocketAddr::new(host, port).to_string()
                    }
                    Err(_) => {
                        problems.push(Problem {
                            key: key.into(),
                            origin: Origin::Env(name.clone()),
                            remedy: format!("\"{text}\" is not a port"),
                        });
                        continue;
                    }
                },
                _ => text.trim().to_owned(),
            };
            values.insert(key, (text, Origin::Env(name.clone())));
        }
    }
}

fn from_file(given: &Given, values: &mut Values, problems: &mut Vec<Problem>) {
    let named = given.config_file.clone().or_else(|| given.env.get("FAROL_CONFIG").map(PathBuf::from));
    let path = match named {
        Some(path) => path,
        None if Path::new(SYSTEM_FILE).exists() => SYSTEM_FILE.into(),
        None => return,
    };
    let origin = Origin::File(path.clone());
    let fail = |remedy: String| Problem { key: "configuration file".into(), origin: origin.clone(), remedy };
    let text = match read(&path) {
        Ok(text) => text,
        Err(why) => return problems.push(fail(why)),
    };
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => return problems.push(fail(format!("is not TOML: {error}"))),
    };
    let mut flat = BTreeMap::new();
    flatten(&table, "", &mut flat);
    for (key, value) in flat {
        let Some(option) = OPTIONS.iter().find(|o| o.key == key) else {
            let near = nearest(&key, OPTIONS.iter().map(|o| o.key.to_owned()));
            problems.push(Problem { key, origin: origin.clone(), remedy: format!("there is no such option{near}") });
            continue;
        };
        match as_text(value) {
            Some(text) => {
                values.insert(option.key, (text, origin.clone()));
            }
            None => {
                let remedy = format!("is not {}", option.expected);
                problems.push(Problem { key, origin: origin.clone(), remedy });
            }
        }
    }
}

fn flatten<'a>(table: &'a toml::Table, prefix: &str, into: &mut BTreeMap<String, &'a toml::Value>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(inner, &key, into),
            value => {
                into.insert(key, value);
            }
        }
    }
}

fn as_text(value: &toml::Value) -> Option<String> {
    Some(match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(yes) => yes.to_string(),
        toml::Value::Array(items) => items.iter().map(as_text).collect::<Option<Vec<_>>>()?.join(","),
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => return None,
    })
}

fn read(path: &Path) -> Result<String, String> {
    let fail = |why: &dyn fmt::Display| format!("{} can't be read: {why}", path.display());
    let size = std::fs::metadata(path).map_err(|e| fail(&e))?.len();
    if size > FILE_BYTES_MAX {
        return Err(fail(&"larger than 1 MB"));
    }
    std::fs::read_to_string(path).map_err(|e| fail(&e))
}

/// `: did you mean tls.cert?` where a known name differs by at most three letters.
fn nearest(name: &str, known: impl Iterator<Item = String>) -> String {
    known
        .map(|k| (distance(name, &k), k))
        .min()
        .filter(|(d, _)| *d <= 3)
        .map_or_else(|| ": see `farol config print`".into(), |(_, k)| format!(": did you mean {k}?"))
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}
