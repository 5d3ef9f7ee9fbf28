//! The kinds of values an option can have: how each is read from text and written back.

use ipnet::IpNet;
use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

/// A value that stands as text on a command line, in the environment and in a file.
pub trait Value: Sized {
    /// What to give instead, said after "is not": `an address such as 127.0.0.1:8080`.
    const EXPECTED: &'static str;
    /// Shown masked, and never in a log.
    const SECRET: bool = false;
    /// Takes several, separated by commas (in TOML an array).
    const LIST: bool = false;
    /// On the command line `--key` alone means `true`.
    const SWITCH: bool = false;
    /// Stands without quotes in TOML.
    const BARE: bool = false;
    /// Reads trimmed text; `None` if it is not such a value.
    fn read(text: &str) -> Option<Self>;
    /// Writes it back so that `read` gives the same.
    fn write(&self) -> String;
}

impl Value for String {
    const EXPECTED: &'static str = "text";
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
    fn write(&self) -> String {
        self.clone()
    }
}

impl Value for PathBuf {
    const EXPECTED: &'static str = "a path";
    fn read(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.into())
    }
    fn write(&self) -> String {
        self.display().to_string()
    }
}

impl Value for bool {
    const EXPECTED: &'static str = "true or false";
    const SWITCH: bool = true;
    const BARE: bool = true;
    fn read(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Value for u32 {
    const EXPECTED: &'static str = "a whole number";
    const BARE: bool = true;
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Value for SocketAddr {
    const EXPECTED: &'static str = "an address and a port such as 127.0.0.1:8080 or [::]:443";
    fn read(text: &str) -> Option<Self> {
        match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}").parse().ok(),
            None => text.parse().ok(),
        }
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

impl Value for IpNet {
    const EXPECTED: &'static str = "an address or a range such as 10.0.0.5 or 172.18.0.0/16";
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
    }
    fn write(&self) -> String {
        self.to_string()
    }
}

/// Reads `500ms`, `30s`, `15m`, `24h`, `7d`; a bare number counts seconds.
impl Value for Duration {
    const EXPECTED: &'static str = "a duration such as 30s, 15m, 24h or 7d";
    fn read(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = (text[..digits].parse::<u64>().ok()?, text[digits..].trim());
        let millis = match unit {
            "ms" => 1,
            "" | "s" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        count.checked_mul(millis).map(Duration::from_millis)
    }
    fn write(&self) -> String {
        let millis = self.as_millis();
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
            if millis >= size && millis.is_multiple_of(size) {
                return format!("{}{unit}", millis / size);
            }
        }
        if millis == 0 { "0s".into() } else { format!("{millis}ms") }
    }
}

/// An amount of bytes. `KB`, `MB` and `GB` count by 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Value for Bytes {
    const EXPECTED: &'static str = "an amount of bytes such as 64MB or 1GB";
    fn read(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let shift = match text[digits..].trim().to_ascii_uppercase().trim_end_matches('B').trim_end_matches('I') {
            "" => 0,
            "K" => 10,
            "M" => 20,
            "G" => 30,
            _ => return None,
        };
        text[..digits].parse::<u64>().ok()?.checked_mul(1 << shift).map(Bytes)
    }
    fn write(&self) -> String {
        for (unit, shift) in [("GB", 30), ("MB", 20), ("KB", 10)] {
            if self.0 >= 1 << shift && self.0.is_multiple_of(1 << shift) {
                return format!("{}{unit}", self.0 >> shift);
            }
        }
        self.0.to_string()
    }
}

/// A value that is never shown: not by `config print`, not in a log, not by `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself, for the one who uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
impl Value for Secret {
    const EXPECTED: &'static str = "text";
    const SECRET: bool = true;
    fn read(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
    fn write(&self) -> String {
        self.0.clone()
    }
}

/// `http(s)://host[:port][/path]` without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl(String);

impl WebUrl {
    /// As text, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Is it this machine, which browsers trust without TLS?
    pub fn is_loopback(&self) -> bool {
        let host = self.0.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
        let host = host.trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
    /// Does the browser speak TLS to it?
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}
impl Value for WebUrl {
    const EXPECTED: &'static str = "an address such as https://desk.example.com";
    fn read(text: &str) -> Option<Self> {
        let uri: http::Uri = text.parse().ok()?;
        let known = matches!(uri.scheme_str(), Some("http" | "https"));
        let plain = known && uri.query().is_none() && uri.host().is_some_and(|h| !h.is_empty());
        (plain && !text.contains(['#', '@'])).then(|| Self(text.trim_end_matches('/').to_owned()))
    }
    fn write(&self) -> String {
        self.0.clone()
    }
}

impl<T: Value> Value for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const SECRET: bool = T::SECRET;
    const SWITCH: bool = T::SWITCH;
    const BARE: bool = T::BARE;
    fn read(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::read(text).map(Some) }
    }
    fn write(&self) -> String {
        self.as_ref().map(T::write).unwrap_or_default()
    }
}

impl<T: Value> Value for Vec<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const SECRET: bool = T::SECRET;
    const LIST: bool = true;
    fn read(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(T::read).collect()
    }
    fn write(&self) -> String {
        self.iter().map(T::write).collect::<Vec<_>>().join(",")
    }
}

/// An enum whose variants are words.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),* $(,)? } expected $expected:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant),* }
        impl Value for $name {
            const EXPECTED: &'static str = $expected;
            fn read(text: &str) -> Option<Self> {
                match text.to_ascii_lowercase().as_str() { $($word => Some($name::$variant),)* _ => None }
            }
            fn write(&self) -> String {
                match self { $($name::$variant => $word),* }.to_owned()
            }
        }
    };
}

words! {
    /// How much is told.
    LogLevel {
        /// What needs somebody.
        Error = "error",
        /// What may need somebody soon.
        Warn = "warn",
        /// What happened.
        Info = "info",
        /// Why it happened.
        Debug = "debug",
    } expected "error, warn, info or debug"
}
words! {
    /// What a line of the log looks like.
    LogFormat {
        /// JSON where standard error is not a terminal, text where it is.
        Auto = "auto",
        /// One JSON object a line.
        Json = "json",
        /// For people.
        Text = "text",
    } expected "auto, json or text"
}
words! {
    /// Who carries WhatsApp where a channel does not say.
    Provider {
        /// Meta's Cloud API.
        Meta = "meta",
        /// A WAHA server.
        Waha = "waha",
    } expected "meta or waha"
}
words! {
    /// What the box is for.
    Environment {
        /// Strict: other origins are named one by one.
        Production = "production",
        /// A developer's machine: any origin may call.
        Development = "development",
        /// As development; told apart in logs and metrics.
        Test = "test",
    } expected "production, development or test"
}
