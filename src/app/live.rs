//! What people change in the app and takes effect at once, where the configuration has not fixed it.

use crate::{
    base::Error,
    config::{self, Config, Origin},
    identity,
    platform::{
        disk::{DiskGuard, DiskLimits},
        http::{HttpSettings, Kit},
        jobs::Keep,
        outbound::{Outbound, Patience},
        realtime::Hub,
        store::Store,
        telemetry,
    },
    settings::{self, FixedBy, Fixture, Settings, system::DiskReserve},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// What the doors are set to: by the configuration, and where that is silent by the owner in the app.
pub fn doors(config: &Config, store: &Store) -> Result<HttpSettings, Error> {
    store.view_platform(|view| settings::http::apply(view, config.http(), |name| config.fixed(name).is_some()))
}

/// What lives outside the store and follows the settings.
pub struct Outside {
    /// Guards the room on the disk.
    pub disk: DiskGuard,
    /// Tells open screens.
    pub hub: Hub,
    /// Calls to the outside.
    pub outbound: Outbound,
}

/// Settings whose changes reach what lives outside the store at once.
pub fn settings(config: &Config, store: &Store, kit: &Arc<OnceLock<Kit>>, outside: Outside) -> Settings {
    let settings = Settings::new(super::registry(), fixtures(config));
    let (config, store, kit) = (config.clone(), store.clone(), kit.clone());
    let Outside { disk, hub, outbound } = outside;
    settings.on_change(move |_| {
        match (kit.get(), doors(&config, &store)) {
            (Some(kit), Ok(settings)) => kit.set_settings(settings),
            (Some(_), Err(error)) => tracing::error!(%error, "the doors keep their old settings"),
            (None, _) => {}
        }
        match room(&config, &store) {
            Ok(limits) => disk.set_limits(limits),
            Err(error) => tracing::error!(%error, "the disk keeps its old limits"),
        }
        match patience(&config, &store) {
            Ok(patience) => outbound.set_patience(patience),
            Err(error) => tracing::error!(%error, "outgoing calls keep their time-outs"),
        }
        set_log_level(&config, &store);
        // Address and warnings of the box may be others now.
        hub.announce("system.updated");
    });
    settings
}

/// The settings that flag, environment or file fix, with their values there.
fn fixtures(config: &Config) -> BTreeMap<&'static str, Fixture> {
    let DiskLimits { low, full } = config.disk();
    let mb = |bytes: u64| u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
    // A sign-in may be configured to last hours; as days they are one.
    let days = config.jwt_refresh_expiry.as_secs().div_ceil(86_400);
    let mut values = BTreeMap::from([
        settings::system::DISK.with(&DiskReserve { low_mb: mb(low), full_mb: mb(full) }),
        identity::ACCESS_LIFETIME.with(&config::Value::write(&config.jwt_expiry)),
        settings::outbound::CONNECT.with(&u32::try_from(config.outbound_connect.as_secs()).unwrap_or(u32::MAX)),
        identity::SESSION_DAYS.with(&u32::try_from(days).unwrap_or(u32::MAX)),
        (settings::system::LOG_LEVEL.name, config::Value::write(&config.log_level).into()),
    ]);
    values.extend(settings::http::values(&config.http()));
    values.retain(|name, _| config.fixed(name).is_some());
    let fixture = |(setting, value)| {
        let (option, origin) = config.fixed(setting)?;
        let (by, name) = match origin {
            Origin::Flag(name) => (FixedBy::Flag, name.clone()),
            Origin::Env(name) | Origin::EnvFile(name, _) => (FixedBy::Environment, name.clone()),
            Origin::File(path) => (FixedBy::File, path.display().to_string()),
            Origin::App | Origin::Default => return None,
        };
        Some((setting, Fixture { by, name, option, value }))
    };
    values.into_iter().filter_map(fixture).collect()
}

/// How much room the disk must keep: by the configuration, and where that is silent by the owner in the app.
pub fn room(config: &Config, store: &Store) -> Result<DiskLimits, Error> {
    let fixed = config.fixed(settings::system::DISK.name).is_some();
    let set = store.view_platform(|view| settings::get_global(view, &settings::system::DISK))?.filter(|_| !fixed);
    let bytes = |mb: u32| u64::from(mb) << 20;
    Ok(set.map_or(config.disk(), |set| DiskLimits { low: bytes(set.low_mb), full: bytes(set.full_mb) }))
}

/// How long calls to the outside may take: by the configuration, and where that is silent by the owner in the app.
pub fn patience(config: &Config, store: &Store) -> Result<Patience, Error> {
    let fixed = config.fixed(settings::outbound::CONNECT.name).is_some();
    store.view_platform(|view| settings::outbound::patience(view, config.outbound_connect, fixed))
}

/// Puts in force how much is logged: by the configuration, and where that is silent by the owner in the app.
pub fn set_log_level(config: &Config, store: &Store) {
    let fixed = config.fixed(settings::system::LOG_LEVEL.name).is_some();
    let set = store.view_platform(|view| settings::get_global(view, &settings::system::LOG_LEVEL));
    let name = |level| serde_json::to_value(level).ok().and_then(|name| name.as_str().map(config::directives_of));
    let directives = match set {
        Ok(level) => level.filter(|_| !fixed).and_then(name).unwrap_or_else(|| config.log_directives()),
        Err(error) => return tracing::error!(%error, "the log keeps its level"),
    };
    if let Err(error) = telemetry::set_level(&directives) {
        tracing::error!(%error, "the log keeps its level");
    }
}

/// How long what is over stays readable.
pub fn keep(store: &Store) -> Result<Keep, Error> {
    let set = store.view_platform(|view| settings::get_global(view, &settings::system::KEEP_DAYS))?;
    let days = set.unwrap_or_else(|| (settings::system::KEEP_DAYS.default)());
    let days_of = |n: u32| Duration::from_secs(u64::from(n) * 86_400);
    Ok(Keep { jobs: days_of(days.jobs), dead_letters: days_of(days.dead_letters) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Given;

    #[test]
    fn whatever_the_configuration_can_fix_is_a_setting_and_has_its_value() {
        let env = [
            ("FAROL_PUBLIC_URL", "https://farol.example.com"),
            ("FAROL_RATE_WINDOW", "30s"),
            ("FAROL_RATE_WEBHOOK_PER_SECOND", "5"),
            ("FAROL_TIMEOUTS_SOCKET", "20s"),
            ("FAROL_LIMITS_BODY", "2MB"),
            ("FAROL_CORS_CREDENTIALS", "true"),
            ("FAROL_DISK_LOW", "2GB"),
            ("FAROL_OUTBOUND_CONNECT", "5s"),
            ("FAROL_LOG_LEVEL", "warn"),
            ("JWT_EXPIRATION", "24h"),
            ("FAROL_JWT_REFRESH_EXPIRY", "12h"),
        ];
        let env = env.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let flags = BTreeMap::from([("data", vec!["/srv/farol".to_owned()])]);
        let config = Config::load(&Given { flags, env, ..Given::default() }).unwrap();
        let fixtures = fixtures(&config);
        assert_eq!(fixtures.keys().copied().collect::<std::collections::BTreeSet<_>>(), config.all_fixed().into_iter().collect());
        for (setting, fixture) in &fixtures {
            let setting = super::super::registry().find(setting).expect("it is a setting");
            assert_eq!(setting.accept(&fixture.value).unwrap(), fixture.value, "{}", setting.name());
            assert_eq!(fixture.by, FixedBy::Environment);
        }
        assert_eq!(fixtures["auth.accessTokenLifetime"].name, "JWT_EXPIRATION");
        assert_eq!(fixtures["auth.accessTokenLifetime"].value, "1d");
        assert_eq!(fixtures["http.rateForm"].value["windowSecs"], 30);
    }
}
