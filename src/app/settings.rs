//! Turns the configuration into what the platform's parts are set to; they never see the configuration itself.

use crate::{
    config::{Config, Environment},
    platform::http::{
        HttpSettings,
        settings::{BodyLimits, CorsSettings, Rate, RateSettings, Timeouts},
    },
};

/// What the doors are set to.
pub fn http(config: &Config) -> HttpSettings {
    HttpSettings {
        development: config.environment != Environment::Production,
        public_url: config.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
        trusted_proxies: config.trusted_proxies.clone(),
        cors: CorsSettings {
            origins: config.cors_origins.clone(),
            methods: config.cors_methods.clone(),
            headers: config.cors_headers.clone(),
            credentials: config.cors_credentials,
        },
        rates: RateSettings {
            enabled: config.rate_enabled,
            session: Rate::per_minute(config.rate_session_per_minute, config.rate_session_burst),
            form: Rate::per_minute(config.rate_public_per_minute, config.rate_public_burst),
            webhook: Rate::per_second(config.rate_webhook_per_second),
            ..RateSettings::default()
        },
        timeouts: Timeouts {
            connect: config.timeouts_connect,
            request: config.timeouts_request,
            socket: config.timeouts_socket,
            upload: config.timeouts_upload,
        },
        bodies: BodyLimits { request: config.limits_body.0 as usize, upload: config.limits_upload.0 as usize },
        metrics_token: config.metrics_token.as_ref().map(|token| token.expose().to_owned()),
    }
}
