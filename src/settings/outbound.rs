//! Settings of calls to the outside. All of them global; each takes effect with the next call.

use super::{AnySetting, Level, Setting, get_global, lines::Lines, provider::Provider};
use crate::{
    base::{Error, Result},
    platform::{
        outbound::{CONNECT_TIMEOUT, Patience},
        shared::Shared,
    },
};
use std::time::Duration;

const GLOBAL: &[Level] = &[Level::Global];

/// How long a connection to the outside may take to be made, in seconds.
pub static CONNECT: Setting<u32> =
    Setting::new("outbound.connectSecs", "Longest time for a connection to a provider to be made, in seconds", GLOBAL, || {
        CONNECT_TIMEOUT.as_secs() as u32
    })
    .checked(|secs| in_range((1..=300).contains(secs), "give between 1 and 300 seconds"));
/// Providers and hosts that differ, one a line.
pub static PROVIDERS: Setting<Lines<Provider>> = Setting::new(
    "outbound.providers",
    "Time-outs of single providers or hosts: whatsapp_cloud connect=5 answer=20",
    GLOBAL,
    Lines::default,
)
.checked(|all| in_range(all.0.len() <= PROVIDERS_MAX, "name at most 50 providers"));

/// Providers that may differ; a box speaks to a handful.
const PROVIDERS_MAX: usize = 50;

/// All keys of calls to the outside.
pub fn keys() -> [&'static dyn AnySetting; 2] {
    [&CONNECT, &PROVIDERS]
}

/// How long calls may take: what is set in the store over `connect`, unless the configuration has fixed that.
pub fn patience(read: &impl Shared, connect: Duration, is_fixed: bool) -> Result<Patience> {
    let set = get_global(read, &CONNECT)?.filter(|_| !is_fixed);
    let providers = get_global(read, &PROVIDERS)?.unwrap_or_default().0;
    Ok(Patience {
        connect: set.map_or(connect, |secs| Duration::from_secs(secs.into())),
        by_name: providers.into_iter().map(|provider| (provider.name, provider.times)).collect(),
    })
}

fn in_range(ok: bool, detail: &'static str) -> Result<()> {
    if ok { Ok(()) } else { Err(Error::invalid("value", "out_of_range", detail)) }
}
