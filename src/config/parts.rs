//! What each part of the machinery is told of the configuration, in that part's own words.

use super::{Config, Environment, LogFormat, Secret, Value, WebUrl};
use crate::platform::{
    disk::DiskLimits,
    http::{
        HttpSettings, Ports,
        settings::{BodyLimits, CorsSettings, Rate, RateSettings, Timeouts},
        tls::{AcmeSettings, TlsMode},
    },
    store::StoreOptions,
    telemetry,
};
use std::{collections::BTreeMap, io::IsTerminal, net::SocketAddr};

impl Config {
    /// What the doors are set to. Made again whenever an app setting changes.
    pub fn http(&self) -> HttpSettings {
        let rate = |requests, burst| Rate { requests, window: self.rate_window, burst };
        HttpSettings {
            development: self.environment != Environment::Production,
            public_url: self.public_url.as_ref().map(|url| WebUrl::as_str(url).to_owned()),
            trusted_proxies: self.trusted_proxies.clone(),
            cors: CorsSettings {
                origins: self.cors_origins.clone(),
                methods: self.cors_methods.clone(),
                headers: self.cors_headers.clone(),
                credentials: self.cors_credentials,
            },
            rates: RateSettings {
                enabled: self.rate_enabled,
                session: rate(self.rate_session_requests, self.rate_session_burst),
                user: rate(self.rate_user_requests, self.rate_user_burst),
                address: rate(self.rate_address_requests, self.rate_address_burst),
                form: rate(self.rate_form_requests, self.rate_form_burst),
                webhook: Rate::per_second(self.rate_webhook_per_second),
            },
            timeouts: Timeouts {
                connect: self.timeouts_connect,
                request: self.timeouts_request,
                socket: self.timeouts_socket,
                upload: self.timeouts_upload,
            },
            bodies: BodyLimits { request: bytes(self.limits_body), upload: bytes(self.limits_upload) },
            endpoints: BTreeMap::new(),
            metrics_token: self.metrics_token.as_ref().map(|token| Secret::expose(token).to_owned()),
        }
    }

    /// Where to listen. With HTTPS, `listen` speaks it, and plain HTTP only answers ACME and points there.
    pub fn ports(&self) -> Ports {
        if !self.has_tls() {
            return Ports { plain: Some(self.listen), tls: None };
        }
        let acme = (!self.tls_acme_domain.is_empty()).then(|| SocketAddr::new(self.listen.ip(), 80));
        Ports { plain: self.tls_http_listen.or(acme), tls: Some(self.listen) }
    }

    /// Where the certificate comes from; nowhere without HTTPS.
    pub fn tls_mode(&self) -> Option<TlsMode> {
        if let (Some(certificate), Some(key)) = (self.tls_certificate.clone(), self.tls_key.clone()) {
            return Some(TlsMode::Files { certificate, key });
        }
        if !self.tls_lan_name.is_empty() {
            return Some(TlsMode::Lan { names: self.tls_lan_name.clone() });
        }
        (!self.tls_acme_domain.is_empty()).then(|| {
            TlsMode::Acme(AcmeSettings {
                directory: self.tls_acme_directory.as_str().to_owned(),
                domains: self.tls_acme_domain.clone(),
                contact_email: self.tls_acme_email.clone(),
                directory_root: self.tls_acme_root.clone(),
            })
        })
    }

    /// How the store is opened.
    pub fn store(&self) -> StoreOptions {
        StoreOptions { cache_bytes: bytes(self.store_cache), ..StoreOptions::default() }
    }

    /// How much room the disk must keep.
    pub fn disk(&self) -> DiskLimits {
        DiskLimits { low: self.disk_low.0, full: self.disk_full.0 }
    }

    /// What is logged, as directives: our own lines at the chosen level, libraries' only when something is wrong.
    pub fn log_directives(&self) -> String {
        directives_of(&self.log_level.write())
    }

    /// What lines of the log look like.
    pub fn log_format(&self) -> telemetry::LogFormat {
        let text = match self.log_format {
            LogFormat::Json => false,
            LogFormat::Text => true,
            LogFormat::Auto => std::io::stderr().is_terminal(),
        };
        if text { telemetry::LogFormat::Text } else { telemetry::LogFormat::Json }
    }
}

/// The directives of a level by its name.
pub fn directives_of(level: &str) -> String {
    if level == "error" { level.into() } else { format!("warn,farol={level}") }
}

fn bytes(amount: super::Bytes) -> usize {
    usize::try_from(amount.0).unwrap_or(usize::MAX)
}
