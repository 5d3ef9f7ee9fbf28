//! Firms.

use super::{
    present_member,
    setup::{Founding, FoundingStep, start},
    users::acts_as_super_admin,
};
use crate::{
    base::{
        Actor, Check, Error, Result, TenantId,
        locale::{Language, time_zone},
    },
    identity::{
        model::{PROTOCOL_FORMATS, Tenant, User},
        roles::{BuiltIn, TENANT_MANAGE},
    },
    platform::{
        journal::{Audience, NewEvent},
        store::{PlatformTx, Read, Tx, Write},
    },
    settings::PLATFORM_MANAGE,
};
use serde_json::json;

/// Telephony extensions of a new firm (TEN-03).
const EXTENSIONS_DEFAULT: u32 = 10;
/// Characters of a greeting.
const GREETING_CHARS_MAX: usize = 1_000;

/// What a new firm is.
pub(super) struct TenantFacts<'a> {
    pub name: &'a str,
    pub language: Language,
    pub timezone: &'a str,
    pub country: &'a str,
}

/// What may change about a firm; absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct TenantChange {
    /// Its name.
    pub name: Option<String>,
    /// Its language.
    pub language: Option<Language>,
    /// Its IANA zone.
    pub timezone: Option<String>,
    /// Its country.
    pub country: Option<String>,
    /// Its currency.
    pub currency: Option<String>,
    /// How protocol numbers are made.
    pub protocol_format: Option<String>,
    /// What a new customer is told; `Some(None)`: nothing.
    pub greeting_message: Option<Option<String>>,
    /// Telephony extensions it may have; only super administrators.
    pub max_extensions: Option<u32>,
    /// May people sign in to it? Only super administrators.
    pub is_active: Option<bool>,
}

/// A new firm's key space and record.
pub(super) fn found_tenant(tx: &mut PlatformTx<'_, '_>, facts: &TenantFacts<'_>) -> Result<TenantId> {
    let id: TenantId = tx.new_id();
    tx.register_tenant(id)?;
    let number = tx.next_number("tenant record")?;
    tx.tenant(id, |tx| {
        let now = tx.now();
        tx.insert(&Tenant {
            id,
            number,
            name: facts.name.trim().to_owned(),
            language: facts.language,
            timezone: facts.timezone.to_owned(),
            country: facts.country.to_uppercase(),
            currency: currency_of(&facts.country.to_uppercase()).to_owned(),
            protocol_format: PROTOCOL_FORMATS[0].to_owned(),
            greeting_message: None,
            is_active: true,
            max_extensions: EXTENSIONS_DEFAULT,
            created_at: now,
            updated_at: now,
            rev: tx.next_rev(),
        })?;
        tx.emit(told("tenant.created", id, Audience::nobody()))?;
        Ok(id)
    })
}

/// Makes another firm on this installation; its maker becomes its first administrator. Needs `platform.manage`.
pub fn create_tenant(
    tx: &mut PlatformTx<'_, '_>,
    actor: &Actor,
    mut founding: Founding,
    steps: &[FoundingStep],
) -> Result<TenantId> {
    actor.require(PLATFORM_MANAGE)?;
    let user: User = tx.require(&actor.user)?;
    founding.owner = user.id;
    (founding.owner_name, founding.owner_email) = (user.name, user.email);
    super::setup::check(&founding)?;
    start(tx, &founding, BuiltIn::SuperAdmin, steps)
}

/// As [`update_tenant`] of another firm, whether people can sign in to it among the rest. Who switches one off must still be
/// able to switch it on: two who switched off each other's at once would lock everybody out.
///
/// # Errors
/// `Unauthenticated` when the actor's own firm was switched off meanwhile, or they are no super administrator there any
/// more; as `update_tenant`.
pub fn switch_tenant(tx: &mut PlatformTx<'_, '_>, actor: &Actor, tenant: TenantId, change: TenantChange) -> Result<()> {
    let is_there = tx.tenant(actor.tenant, |tx| {
        let is_open = tx.get::<Tenant>(&())?.is_some_and(|tenant| tenant.is_active);
        Ok(is_open && present_member(tx, actor.user).is_ok_and(|member| acts_as_super_admin(&member)))
    })?;
    if !is_there {
        return Err(Error::Unauthenticated("session_over"));
    }
    tx.tenant(tenant, |tx| update_tenant(tx, actor, change).map(drop))
}

/// Changes facts of a firm: the actor's own with `tenant.manage`, another one with `platform.manage`.
///
/// # Errors
/// `Invalid` with every wrong field.
pub fn update_tenant(tx: &mut Tx<'_, '_>, actor: &Actor, change: TenantChange) -> Result<Tenant> {
    let is_own = tx.tenant() == actor.tenant;
    actor.require(if is_own { TENANT_MANAGE } else { PLATFORM_MANAGE })?;
    if change.max_extensions.is_some() || change.is_active.is_some() {
        actor.require(PLATFORM_MANAGE)?;
    }
    let old: Tenant = tx.require(&())?;
    let mut tenant = old.clone();
    let mut check = Check::new();
    if let Some(name) = change.name {
        check.length("name", &name, 1, 100);
        tenant.name = name.trim().to_owned();
    }
    if let Some(timezone) = change.timezone {
        check.absorb(time_zone("timezone", &timezone))?;
        tenant.timezone = timezone;
    }
    if let Some(country) = change.country {
        check_country(&mut check, &country);
        tenant.country = country.to_uppercase();
    }
    if let Some(currency) = change.currency {
        let shaped = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic());
        check.that(shaped, "currency", "format", "give an ISO 4217 code such as EUR");
        tenant.currency = currency.to_uppercase();
    }
    if let Some(format) = change.protocol_format {
        let known = PROTOCOL_FORMATS.contains(&format.as_str());
        check.that(known, "protocolFormat", "unknown", format!("give one of {}", PROTOCOL_FORMATS.join(", ")));
        tenant.protocol_format = format;
    }
    if let Some(greeting) = change.greeting_message {
        check.length("greetingMessage", greeting.as_deref().unwrap_or_default(), 0, GREETING_CHARS_MAX);
        tenant.greeting_message = greeting.filter(|text| !text.trim().is_empty());
    }
    tenant.language = change.language.unwrap_or(tenant.language);
    tenant.max_extensions = change.max_extensions.unwrap_or(tenant.max_extensions);
    tenant.is_active = change.is_active.unwrap_or(tenant.is_active);
    if is_own && !tenant.is_active {
        check.that(false, "isActive", "conflict", "a firm can't be switched off from inside; do it from another one");
    }
    check.done()?;
    if tenant != old {
        tenant.updated_at = tx.now();
        tenant.rev = tx.next_rev();
        tx.replace(Some(&old), &tenant)?;
        let everybody = Audience { exists: true, ..Audience::default() };
        tx.emit(told("tenant.updated", tenant.id, everybody))?;
    }
    Ok(tenant)
}

fn told(kind: &'static str, id: TenantId, before: Audience) -> NewEvent {
    let after = Audience { exists: true, ..Audience::default() };
    NewEvent { kind, subject: id.into(), before, after, data: json!({}) }
}

pub(super) fn check_country(check: &mut Check, country: &str) {
    let shaped = country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic());
    check.that(shaped, "country", "format", "give an ISO 3166 code such as FR");
}

/// The usual currency of a country we know; a firm elsewhere sets its own.
fn currency_of(country: &str) -> &'static str {
    match country {
        "BR" => "BRL",
        "GB" => "GBP",
        "US" => "USD",
        "CH" => "CHF",
        "AO" => "AOA",
        "MZ" => "MZN",
        "CV" => "CVE",
        "MX" => "MXN",
        "AR" => "ARS",
        "CL" => "CLP",
        "CO" => "COP",
        "CA" => "CAD",
        "MA" => "MAD",
        _ => "EUR",
    }
}
