//! One provider or host that calls to the outside treat differently, as a line that people can type.

use super::lines::Line;
use crate::platform::outbound::CallTimes;
use std::{fmt, str::FromStr, time::Duration};

/// Written `NAME connect=SECONDS answer=SECONDS`; NAME is a provider such as `whatsapp_cloud`, or a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The provider or host.
    pub name: String,
    /// Where it differs.
    pub times: CallTimes,
}

const HELP: &str = "write whatsapp_cloud connect=5 answer=20, or a host such as graph.facebook.com connect=5";
/// In seconds. Longer than this nobody waits for one call.
const SECONDS_MAX: u64 = 3_600;

impl FromStr for Provider {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default().to_ascii_lowercase();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if name.is_empty() || !name.chars().all(fits) {
            return Err(HELP.to_owned());
        }
        let mut times = CallTimes::default();
        for word in words {
            let (key, value) = word.split_once('=').ok_or(HELP)?;
            let number = value.parse::<u64>().ok().filter(|n| (1..=SECONDS_MAX).contains(n));
            let number = number.ok_or_else(|| format!("{key} wants a number from 1 to {SECONDS_MAX}"))?;
            *match key {
                "connect" => &mut times.connect,
                "answer" => &mut times.answer,
                _ => return Err(format!("{key} is not known: {HELP}")),
            } = Some(Duration::from_secs(number));
        }
        if times == CallTimes::default() {
            return Err(HELP.to_owned());
        }
        Ok(Self { name, times })
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (key, time) in [("connect", self.times.connect), ("answer", self.times.answer)] {
            if let Some(time) = time {
                write!(f, " {key}={}", time.as_secs())?;
            }
        }
        Ok(())
    }
}

impl Line for Provider {
    const EXAMPLE: &str = "whatsapp_cloud connect=5 answer=20";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_written_back() {
        for (line, back) in [
            ("whatsapp_cloud answer=20 connect=5", Ok("whatsapp_cloud connect=5 answer=20")),
            ("Graph.Facebook.com connect=5", Ok("graph.facebook.com connect=5")),
            ("127.0.0.1:3000 answer=1", Ok("127.0.0.1:3000 answer=1")),
            ("whatsapp_cloud", Err(())),
            ("whatsapp_cloud connect=0", Err(())),
            ("whatsapp_cloud pace=3", Err(())),
            ("https://graph.facebook.com/ connect=5", Err(())),
            ("", Err(())),
        ] {
            let read = line.parse::<Provider>().map(|provider| provider.to_string()).map_err(drop);
            assert_eq!(read, back.map(str::to_owned), "{line}");
        }
    }
}
