//! What the outside of the house is set to: origins, proxies, rates, time-outs, sizes.

use ipnet::IpNet;
use std::{collections::BTreeMap, time::Duration};

/// Everything the doors are set to. Replaced as a whole at run time.
#[derive(Debug, Clone, Default)]
pub struct HttpSettings {
    /// A developer's machine: any origin may call.
    pub development: bool,
    /// The address people type, without a trailing slash, e.g. `https://farol.example.com`.
    pub public_url: Option<String>,
    /// Peers whose `X-Forwarded-*` headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// Which other web sites' scripts may call.
    pub cors: CorsSettings,
    /// How often one may ask.
    pub rates: RateSettings,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// How much may be sent.
    pub bodies: BodyLimits,
    /// Where single endpoints differ, by method and path template, e.g. `POST /api/v1/messages/send`.
    pub endpoints: BTreeMap<String, EndpointSettings>,
    /// Who shows this as a bearer token may read `/metrics` from anywhere; without it only loopback may.
    pub metrics_token: Option<String>,
}

/// Cross-origin calls (Fetch standard, CORS protocol).
#[derive(Debug, Clone)]
pub struct CorsSettings {
    /// Origins such as `https://desk.example.com`; `*` counts only in development.
    pub origins: Vec<String>,
    /// Methods named in the answer to a preflight.
    pub methods: Vec<String>,
    /// Request headers named there.
    pub headers: Vec<String>,
    /// May cookies ride along?
    pub credentials: bool,
}

/// One token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many the window refills.
    pub requests: u32,
    /// Length of the window.
    pub window: Duration,
    /// How many may come at once.
    pub burst: u32,
}

/// Where one endpoint differs from the house.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndpointSettings {
    /// A rate of its own, for each session or, without sign-in, each address.
    pub rate: Option<Rate>,
    /// Its own longest time to an answer.
    pub timeout: Option<Duration>,
}

/// Rate limits by who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateSettings {
    /// Off in the demo and under load tests.
    pub enabled: bool,
    /// Per signed-in session.
    pub session: Rate,
    /// Per signed-in person, all their sessions together.
    pub user: Rate,
    /// Per address, for what needs no sign-in.
    pub address: Rate,
    /// Per address, for sign-in, setup and public forms.
    pub form: Rate,
    /// Per webhook path, i.e. per channel.
    pub webhook: Rate,
}

/// Longest times.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// From accepting a connection to a whole request head, TLS handshake included.
    pub connect: Duration,
    /// From a request's head to its answer's head.
    pub request: Duration,
    /// A connection on which nothing moves.
    pub socket: Duration,
    /// As `request`, for routes that take files.
    pub upload: Duration,
}

/// Largest bodies, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Ordinary requests.
    pub request: usize,
    /// Routes that take files.
    pub upload: usize,
}

impl Default for CorsSettings {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            methods: ["GET", "POST", "PUT", "PATCH", "DELETE"].map(str::to_owned).to_vec(),
            headers: ["authorization", "content-type", "x-request-id"].map(str::to_owned).to_vec(),
            credentials: false,
        }
    }
}

impl Rate {
    /// So many a minute, so many at once.
    pub const fn per_minute(requests: u32, burst: u32) -> Self {
        Self { requests, window: Duration::from_secs(60), burst }
    }
    /// So many a second, all of them at once if need be.
    pub const fn per_second(requests: u32) -> Self {
        Self { requests, window: Duration::from_secs(1), burst: requests }
    }
}

impl Default for RateSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            session: Rate::per_minute(6_000, 1_000),
            user: Rate::per_minute(12_000, 2_000),
            address: Rate::per_minute(6_000, 1_000),
            form: Rate::per_minute(60, 20),
            webhook: Rate::per_second(1_000),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            request: Duration::from_secs(60),
            socket: Duration::from_secs(120),
            upload: Duration::from_secs(300),
        }
    }
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { request: 1 << 20, upload: 100 << 20 }
    }
}
