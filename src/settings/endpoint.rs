//! One endpoint that differs from the house, as a line that people can type.

use super::lines::Line;
use crate::platform::http::settings::{EndpointSettings, Rate};
use std::{fmt, str::FromStr, time::Duration};

/// Written `METHOD PATH requests=N window=SECONDS burst=N timeout=SECONDS`; what is left out stays the house's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Method and path template, e.g. `POST /api/v1/messages/send`.
    pub name: String,
    /// Where it differs.
    pub settings: EndpointSettings,
}

const HELP: &str = "write METHOD /path requests=600 window=60 burst=100 timeout=30";
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Windows and time-outs, in seconds.
const SECONDS_MAX: u32 = 86_400;

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let method = words.next().unwrap_or_default().to_ascii_uppercase();
        let path = words.next().unwrap_or_default();
        if !METHODS.contains(&method.as_str()) || !path.starts_with('/') {
            return Err(HELP.to_owned());
        }
        let (mut requests, mut window, mut burst, mut timeout) = (None, None, None, None);
        for word in words {
            let (key, value) = word.split_once('=').ok_or(HELP)?;
            let number = value.parse::<u32>().ok().filter(|n| (1..=SECONDS_MAX).contains(n));
            let number = number.ok_or_else(|| format!("{key} wants a number from 1 to {SECONDS_MAX}"))?;
            *match key {
                "requests" => &mut requests,
                "window" => &mut window,
                "burst" => &mut burst,
                "timeout" => &mut timeout,
                _ => return Err(format!("{key} is not known: {HELP}")),
            } = Some(number);
        }
        if requests.is_none() && (window.is_some() || burst.is_some()) {
            return Err(format!("name the requests too: {HELP}"));
        }
        let secs = |n: u32| Duration::from_secs(n.into());
        let rate = requests.map(|requests| Rate {
            requests,
            window: secs(window.unwrap_or(60)),
            burst: burst.unwrap_or_else(|| (requests / 3).max(1)),
        });
        // The bare mount answers the same endpoint; one name stands for both.
        let canonical = path.strip_prefix("/api/").filter(|rest| !rest.starts_with("v1/"));
        let path = canonical.map_or_else(|| path.to_owned(), |rest| format!("/api/v1/{rest}"));
        Ok(Self { name: format!("{method} {path}"), settings: EndpointSettings { rate, timeout: timeout.map(secs) } })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(Rate { requests, window, burst }) = self.settings.rate {
            write!(f, " requests={requests} window={} burst={burst}", window.as_secs())?;
        }
        self.settings.timeout.map_or(Ok(()), |timeout| write!(f, " timeout={}", timeout.as_secs()))
    }
}

impl Line for Endpoint {
    const EXAMPLE: &str = "POST /api/v1/messages/send requests=600 window=60 burst=100 timeout=30";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_written_back() {
        for (line, back) in [
            ("post /api/v1/messages/send requests=600", Ok("POST /api/v1/messages/send requests=600 window=60 burst=200")),
            ("GET /api/conversations timeout=5", Ok("GET /api/v1/conversations timeout=5")),
            (
                "POST /webhooks/whatsapp burst=5 requests=9 window=1 timeout=2",
                Ok("POST /webhooks/whatsapp requests=9 window=1 burst=5 timeout=2"),
            ),
            ("GET /api/v1/users", Ok("GET /api/v1/users")),
            ("FETCH /api/v1/users", Err(())),
            ("GET users", Err(())),
            ("GET /api/v1/users burst=5", Err(())),
            ("GET /api/v1/users requests=0", Err(())),
            ("GET /api/v1/users pace=3", Err(())),
            ("", Err(())),
        ] {
            let read = line.parse::<Endpoint>().map(|endpoint| endpoint.to_string()).map_err(drop);
            assert_eq!(read, back.map(str::to_owned), "{line}");
        }
    }
}
