//! Settings of the doors: limits, time-outs, other web sites. All of them global.

use super::{AnySetting, Level, Setting, endpoint::Endpoint, get_global, lines::Lines};
use crate::{
    base::{Error, Result},
    platform::{
        http::{
            HttpSettings,
            settings::{BodyLimits, CorsSettings, Rate},
        },
        shared::Shared,
    },
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

const GLOBAL: &[Level] = &[Level::Global];

/// So many requests in a window, so many of them at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimit {
    /// Requests the window refills.
    pub requests: u32,
    /// Length of the window, in seconds.
    pub window_secs: u32,
    /// Requests that may come at once.
    pub burst: u32,
}

/// Longest times, in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeoutSeconds {
    /// From accepting a connection to a whole request head.
    pub connect: u32,
    /// From a request to its answer.
    pub request: u32,
    /// A connection on which nothing moves.
    pub socket: u32,
    /// As `request`, for uploads.
    pub upload: u32,
}

/// Which other web sites' scripts may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cors {
    /// Origins such as `https://desk.example.com`; `*` counts only in development.
    pub origins: Vec<String>,
    /// Accepted methods.
    pub methods: Vec<String>,
    /// Allowed headers.
    pub headers: Vec<String>,
    /// May cookies ride along?
    pub credentials: bool,
}

/// Requests of a signed-in session.
pub static RATE_SESSION: Setting<RateLimit> =
    Setting::new("http.rateSession", "Requests of one signed-in session", GLOBAL, || {
        limit(HttpSettings::default().rates.session)
    })
    .checked(check_rate);
/// Requests of one person, all sessions together.
pub static RATE_USER: Setting<RateLimit> =
    Setting::new("http.rateUser", "Requests of one person, all sessions together", GLOBAL, || {
        limit(HttpSettings::default().rates.user)
    })
    .checked(check_rate);
/// Requests of an address that is not signed in.
pub static RATE_ADDRESS: Setting<RateLimit> =
    Setting::new("http.rateAddress", "Requests of one address without sign-in", GLOBAL, || {
        limit(HttpSettings::default().rates.address)
    })
    .checked(check_rate);
/// Tries at sign-in, setup and public forms.
pub static RATE_FORM: Setting<RateLimit> =
    Setting::new("http.rateForm", "Tries at sign-in and public forms from one address", GLOBAL, || {
        limit(HttpSettings::default().rates.form)
    })
    .checked(check_rate);
/// Calls of one webhook.
pub static RATE_WEBHOOK: Setting<RateLimit> =
    Setting::new("http.rateWebhook", "Calls of one webhook address", GLOBAL, || limit(HttpSettings::default().rates.webhook))
        .checked(check_rate);
/// Longest times.
pub static TIMEOUTS: Setting<TimeoutSeconds> = Setting::new("http.timeouts", "Longest times in seconds", GLOBAL, || {
    let times = HttpSettings::default().timeouts;
    let secs = |time: Duration| time.as_secs() as u32;
    TimeoutSeconds {
        connect: secs(times.connect),
        request: secs(times.request),
        socket: secs(times.socket),
        upload: secs(times.upload),
    }
})
.checked(|times| {
    let all = [times.connect, times.request, times.socket, times.upload];
    in_range(all.iter().all(|secs| (1..=3_600).contains(secs)), "give between 1 and 3600 seconds")
});
/// Largest bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BodySizes {
    /// Ordinary requests, in kilobytes of 2^10 bytes.
    pub request_kb: u32,
    /// Uploads, in megabytes of 2^20 bytes.
    pub upload_mb: u32,
}

/// Largest bodies.
pub static BODIES: Setting<BodySizes> = Setting::new("http.bodies", "Largest requests and uploads", GLOBAL, || {
    let bodies = HttpSettings::default().bodies;
    BodySizes { request_kb: (bodies.request >> 10) as u32, upload_mb: (bodies.upload >> 20) as u32 }
})
.checked(|sizes| {
    let fits = (64..=65_536).contains(&sizes.request_kb) && (1..=4_096).contains(&sizes.upload_mb);
    in_range(fits, "give 64 to 65536 KB for requests and 1 to 4096 MB for uploads")
});
/// Endpoints that differ, one a line.
pub static ENDPOINTS: Setting<Lines<Endpoint>> = Setting::new(
    "http.endpoints",
    "Rates and time-outs of single endpoints: POST /api/v1/messages/send requests=600 window=60 burst=100 timeout=30",
    GLOBAL,
    Lines::default,
)
.checked(|all| in_range(all.0.len() <= ENDPOINTS_MAX, "name at most 100 endpoints"));

/// Endpoints that may differ; nobody keeps more in mind.
const ENDPOINTS_MAX: usize = 100;

/// Cross-origin calls.
pub static CORS: Setting<Cors> = Setting::new("http.cors", "Other web sites whose scripts may call", GLOBAL, || {
    let CorsSettings { origins, methods, headers, credentials } = CorsSettings::default();
    Cors { origins, methods, headers, credentials }
})
.checked(|cors| {
    let origin = |text: &String| text == "*" || text.starts_with("https://") || text.starts_with("http://");
    in_range(cors.origins.iter().all(origin), "give origins such as https://desk.example.com")
});
/// The address people type.
pub static PUBLIC_URL: Setting<String> = Setting::new(
    "http.publicUrl",
    "The address people type, from which links and webhook addresses are made",
    GLOBAL,
    String::new,
)
.checked(|url| {
    // Paths are written behind it: what ends in a query or a fragment would swallow them.
    let whole = |uri: ::http::Uri| {
        let host = uri.host().is_some_and(|host| !host.is_empty());
        host && uri.query().is_none() && matches!(uri.scheme_str(), Some("http" | "https"))
    };
    let fits = url.is_empty() || !url.contains(['#', '@']) && url.parse().is_ok_and(whole);
    in_range(fits, "give an address such as https://farol.example.com")
});

/// All keys of the doors.
pub fn keys() -> [&'static dyn AnySetting; 10] {
    [&RATE_SESSION, &RATE_USER, &RATE_ADDRESS, &RATE_FORM, &RATE_WEBHOOK, &ENDPOINTS, &TIMEOUTS, &BODIES, &CORS, &PUBLIC_URL]
}

/// Puts what is set in the store over `base`, but for the keys the configuration has fixed (`is_fixed(name)`):
/// flags, environment and file win over what is set by hand.
pub fn apply(read: &impl Shared, mut base: HttpSettings, is_fixed: impl Fn(&str) -> bool) -> Result<HttpSettings> {
    let rates = &mut base.rates;
    let targets = [
        (&RATE_SESSION, &mut rates.session),
        (&RATE_USER, &mut rates.user),
        (&RATE_ADDRESS, &mut rates.address),
        (&RATE_FORM, &mut rates.form),
        (&RATE_WEBHOOK, &mut rates.webhook),
    ];
    for (setting, target) in targets {
        if let Some(set) = get_global(read, setting)?.filter(|_| !is_fixed(setting.name)) {
            *target = Rate { requests: set.requests, window: secs(set.window_secs), burst: set.burst };
        }
    }
    if let Some(set) = get_global(read, &TIMEOUTS)?.filter(|_| !is_fixed(TIMEOUTS.name)) {
        let times = &mut base.timeouts;
        (times.connect, times.request) = (secs(set.connect), secs(set.request));
        (times.socket, times.upload) = (secs(set.socket), secs(set.upload));
    }
    if let Some(sizes) = get_global(read, &BODIES)?.filter(|_| !is_fixed(BODIES.name)) {
        base.bodies = BodyLimits { request: (sizes.request_kb as usize) << 10, upload: (sizes.upload_mb as usize) << 20 };
    }
    if let Some(all) = get_global(read, &ENDPOINTS)? {
        base.endpoints = all.0.into_iter().map(|endpoint| (endpoint.name, endpoint.settings)).collect();
    }
    if let Some(Cors { origins, methods, headers, credentials }) = get_global(read, &CORS)?.filter(|_| !is_fixed(CORS.name)) {
        base.cors = CorsSettings { origins, methods, headers, credentials };
    }
    if let Some(url) = get_global(read, &PUBLIC_URL)?.filter(|url| !url.is_empty() && !is_fixed(PUBLIC_URL.name)) {
        base.public_url = Some(url.trim_end_matches('/').to_owned());
    }
    Ok(base)
}

/// Each key that the configuration can fix, with the value it has there.
pub fn values(base: &HttpSettings) -> [(&'static str, serde_json::Value); 9] {
    let (rates, times) = (&base.rates, &base.timeouts);
    let whole = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
    let (connect, request) = (whole(times.connect), whole(times.request));
    let (socket, upload) = (whole(times.socket), whole(times.upload));
    let sizes = BodySizes { request_kb: (base.bodies.request >> 10) as u32, upload_mb: (base.bodies.upload >> 20) as u32 };
    let CorsSettings { origins, methods, headers, credentials } = base.cors.clone();
    [
        RATE_SESSION.with(&limit(rates.session)),
        RATE_USER.with(&limit(rates.user)),
        RATE_ADDRESS.with(&limit(rates.address)),
        RATE_FORM.with(&limit(rates.form)),
        RATE_WEBHOOK.with(&limit(rates.webhook)),
        TIMEOUTS.with(&TimeoutSeconds { connect, request, socket, upload }),
        BODIES.with(&sizes),
        CORS.with(&Cors { origins, methods, headers, credentials }),
        PUBLIC_URL.with(&base.public_url.clone().unwrap_or_default()),
    ]
}

fn secs(n: u32) -> Duration {
    Duration::from_secs(n.into())
}

fn limit(rate: Rate) -> RateLimit {
    RateLimit { requests: rate.requests, window_secs: rate.window.as_secs() as u32, burst: rate.burst }
}

fn check_rate(rate: &RateLimit) -> Result<()> {
    in_range(rate.requests > 0 && rate.burst > 0 && (1..=86_400).contains(&rate.window_secs), "give numbers above zero")
}

fn in_range(ok: bool, detail: &'static str) -> Result<()> {
    if ok { Ok(()) } else { Err(Error::invalid("value", "out_of_range", detail)) }
}
