//! Which options stand behind which of the app's own settings.
//!
//! What flag, environment or file say of one of these options fixes the whole setting: nobody changes it in the app.
//! Where they are silent, the app's value is the option's.

use super::{Bytes, Config, Origin, Value};
use serde_json::Value as Json;
use std::time::Duration;

/// How a part of a setting is written as its option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Plain,
    Seconds,
    Days,
    Kilobytes,
    Megabytes,
    /// Several settings have a part of their own where the configuration has one for all: it fixes and is not written.
    Shared,
}
use Unit::{Days, Kilobytes, Megabytes, Plain, Seconds, Shared};

/// Setting, the part of its value (JSON pointer), option.
const PARTS: &[(&str, &str, &str, Unit)] = &[
    ("http.publicUrl", "", "public_url", Plain),
    ("http.timeouts", "/connect", "timeouts.connect", Seconds),
    ("http.timeouts", "/request", "timeouts.request", Seconds),
    ("http.timeouts", "/socket", "timeouts.socket", Seconds),
    ("http.timeouts", "/upload", "timeouts.upload", Seconds),
    ("http.bodies", "/requestKb", "limits.body", Kilobytes),
    ("http.bodies", "/uploadMb", "limits.upload", Megabytes),
    ("http.rateSession", "/requests", "rate.session_requests", Plain),
    ("http.rateSession", "/burst", "rate.session_burst", Plain),
    ("http.rateSession", "/windowSecs", "rate.window", Shared),
    ("http.rateUser", "/requests", "rate.user_requests", Plain),
    ("http.rateUser", "/burst", "rate.user_burst", Plain),
    ("http.rateUser", "/windowSecs", "rate.window", Shared),
    ("http.rateAddress", "/requests", "rate.address_requests", Plain),
    ("http.rateAddress", "/burst", "rate.address_burst", Plain),
    ("http.rateAddress", "/windowSecs", "rate.window", Shared),
    ("http.rateForm", "/requests", "rate.form_requests", Plain),
    ("http.rateForm", "/burst", "rate.form_burst", Plain),
    ("http.rateForm", "/windowSecs", "rate.window", Shared),
    ("http.rateWebhook", "", "rate.webhook_per_second", Shared),
    ("http.cors", "/origins", "cors.origins", Plain),
    ("http.cors", "/methods", "cors.methods", Plain),
    ("http.cors", "/headers", "cors.headers", Plain),
    ("http.cors", "/credentials", "cors.credentials", Plain),
    ("outbound.connectSecs", "", "outbound.connect", Seconds),
    ("system.disk", "/lowMb", "disk.low", Megabytes),
    ("system.disk", "/fullMb", "disk.full", Megabytes),
    ("system.logLevel", "", "log.level", Plain),
    ("auth.accessTokenLifetime", "", "jwt.expiry", Plain),
    ("auth.sessionDays", "", "jwt.refresh_expiry", Days),
];

impl Config {
    /// What fixes this setting of the app from outside: the option and where it was given.
    pub fn fixed(&self, setting: &str) -> Option<(&'static str, &Origin)> {
        let options = PARTS.iter().filter(|part| part.0 == setting).map(|part| (part.2, self.origin(part.2)));
        options.into_iter().find(|(_, origin)| !matches!(origin, Origin::Default | Origin::App))
    }

    /// The settings of the app that something outside fixes.
    pub fn all_fixed(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = PARTS.iter().map(|part| part.0).filter(|name| self.fixed(name).is_some()).collect();
        names.dedup();
        names
    }

    /// Takes over what is set in the app, for showing it beside the rest. `false`: no option says all of it.
    pub fn take_app_setting(&mut self, setting: &str, value: &Json) -> bool {
        let fixed = self.fixed(setting).is_some();
        let mut whole = true;
        for (_, pointer, option, unit) in PARTS.iter().filter(|part| part.0 == setting) {
            let text = value.pointer(pointer).and_then(|part| written(part, *unit));
            whole &= text.is_some_and(|text| fixed || self.apply_app_setting(option, &text));
        }
        whole && PARTS.iter().any(|part| part.0 == setting)
    }
}

fn written(part: &Json, unit: Unit) -> Option<String> {
    let number = part.as_u64();
    Some(match unit {
        Plain => match part {
            Json::String(text) => text.clone(),
            Json::Array(items) => items.iter().map(Json::as_str).collect::<Option<Vec<_>>>()?.join(","),
            other => other.to_string(),
        },
        Seconds => Duration::from_secs(number?).write(),
        Days => Duration::from_secs(number? * 86_400).write(),
        Kilobytes => Bytes(number? << 10).write(),
        Megabytes => Bytes(number? << 20).write(),
        Shared => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{super::*, PARTS};
    use serde_json::json;

    fn given(flags: &[(&'static str, &str)]) -> Config {
        let flags = [("data", "/srv/farol")].iter().chain(flags).map(|(key, text)| (*key, vec![(*text).to_owned()])).collect();
        Config::load(&Given { flags, ..Given::default() }).unwrap()
    }

    #[test]
    fn the_options_behind_settings_are_those_that_may_change_while_the_server_runs() {
        for (setting, _, option, _) in PARTS {
            assert!(Opt::find(option).is_some_and(|option| option.live), "{setting}: {option}");
        }
        for option in OPTIONS.iter().filter(|option| option.live) {
            assert!(PARTS.iter().any(|part| part.2 == option.key), "no setting of the app changes {}", option.key);
        }
    }

    #[test]
    fn one_given_option_fixes_the_whole_setting() {
        let config = given(&[("timeouts.upload", "10s"), ("rate.window", "30s")]);
        assert_eq!(config.fixed("http.timeouts"), Some(("timeouts.upload", &Origin::Flag("--timeouts-upload".into()))));
        assert_eq!(config.fixed("http.cors"), None);
        let rates = ["http.rateSession", "http.rateUser", "http.rateAddress", "http.rateForm"];
        assert_eq!(config.all_fixed(), [&["http.timeouts"], &rates[..]].concat());
    }

    #[test]
    fn what_is_set_in_the_app_shows_as_its_options() {
        let mut config = given(&[("disk.low", "2GB")]);
        let times = json!({"connect": 5, "request": 90, "socket": 120, "upload": 300});
        assert!(config.take_app_setting("http.timeouts", &times));
        assert!(config.take_app_setting("http.bodies", &json!({"requestKb": 2_048, "uploadMb": 1})));
        assert!(config.take_app_setting(
            "http.cors",
            &json!({"origins": ["https://a.example.com", "https://b.example.com"],
            "methods": ["GET"], "headers": [], "credentials": true})
        ));
        assert!(config.take_app_setting("auth.sessionDays", &json!(7)));
        assert!(config.take_app_setting("system.disk", &json!({"lowMb": 9, "fullMb": 8})), "fixed: nothing is hidden");
        assert!(!config.take_app_setting("http.endpoints", &json!(["GET /x timeout=1"])), "no option says it");
        assert!(!config.take_app_setting("http.rateForm", &json!({"requests": 7, "windowSecs": 9, "burst": 2})));
        let printed = config.print(true);
        for line in [
            "timeouts.request = \"90s\" # app settings",
            "limits.body = \"2MB\" # app settings",
            "cors.origins = [\"https://a.example.com\", \"https://b.example.com\"] # app settings",
            "cors.credentials = true # app settings",
            "jwt.refresh_expiry = \"7d\" # app settings",
            "rate.form_requests = 7 # app settings",
            "disk.low = \"2GB\" # flag --disk-low",
        ] {
            let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(printed.lines().any(|l| squeezed(l) == line), "{line}\n{printed}");
        }
    }
}
