//! The first owner and their firm, in one transaction that decides the winner.

use super::tenants::{TenantFacts, found_tenant};
use crate::{
    base::{Check, Error, Result, TenantId, UserId, locale::Language},
    identity::{
        model::{Member, Membership, User},
        roles::BuiltIn,
    },
    platform::store::{KeyRange, PlatformTx, Read, Tx, Write},
};
use std::sync::Arc;

/// What else a new firm gets from the rooms above, in the same transaction: its first queue, say.
pub type FoundingStep = Arc<dyn Fn(&mut Tx<'_, '_>, &Founding) -> Result<()> + Send + Sync>;

/// The wizard's answers.
#[derive(Debug, Clone)]
pub struct Founding {
    /// The owner; made by whoever asks, so that steps can name them.
    pub owner: UserId,
    /// Their name.
    pub owner_name: String,
    /// Their e-mail.
    pub owner_email: String,
    /// Hash of their password; none when the owner exists already.
    pub password_hash: Option<String>,
    /// Name of the firm.
    pub company: String,
    /// Its language.
    pub language: Language,
    /// Its IANA zone.
    pub timezone: String,
    /// Its country, ISO 3166 alpha-2.
    pub country: String,
    /// Name of its first queue.
    pub queue: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Founded {
    /// The owner.
    pub user: UserId,
    /// The firm.
    pub tenant: TenantId,
}

/// Is there nobody yet?
pub fn needs_founding(read: &impl Read<Scope = crate::platform::store::PlatformScope>) -> Result<bool> {
    Ok(read.all::<User>(KeyRange::all())?.next().transpose()?.is_none())
}

/// Makes the first owner, a super administrator, and their firm. However many ask at once, one wins.
///
/// # Errors
/// `NotFound` once there is an owner; `Invalid` with every wrong field.
pub fn found(tx: &mut PlatformTx<'_, '_>, founding: &Founding, steps: &[FoundingStep]) -> Result<Founded> {
    if !needs_founding(tx)? {
        return Err(Error::NotFound("setup"));
    }
    check(founding)?;
    let now = tx.now();
    tx.insert(&User {
        id: founding.owner,
        email: founding.owner_email.clone(),
        name: founding.owner_name.trim().to_owned(),
        password: founding.password_hash.clone(),
        token_version: 1,
        is_super_admin: true,
        created_at: now,
        updated_at: now,
    })?;
    let tenant = start(tx, founding, BuiltIn::SuperAdmin, steps)?;
    Ok(Founded { user: founding.owner, tenant })
}

/// The firm, its first member and the steps of the rooms above.
pub(super) fn start(tx: &mut PlatformTx<'_, '_>, founding: &Founding, role: BuiltIn, steps: &[FoundingStep]) -> Result<TenantId> {
    let facts = TenantFacts {
        name: &founding.company,
        language: founding.language,
        timezone: &founding.timezone,
        country: &founding.country,
    };
    let tenant = found_tenant(tx, &facts)?;
    tx.insert(&Membership { user: founding.owner, tenant, since: tx.now() })?;
    tx.tenant(tenant, |tx| {
        let mut member = super::users::new_member(tx, founding.owner, &founding.owner_name, &founding.owner_email, role.key())?;
        super::save_member(tx, None::<&Member>, &mut member)?;
        steps.iter().try_for_each(|step| step(tx, founding))
    })?;
    Ok(tenant)
}

/// Every wrong field at once, named as the wizard names them.
pub fn check(founding: &Founding) -> Result<()> {
    let mut check = Check::new();
    check.length("owner.name", &founding.owner_name, 1, 100);
    super::check_email(&mut check, "owner.email", &founding.owner_email);
    check.length("company.name", &founding.company, 1, 100);
    check.length("queue.name", &founding.queue, 1, 60);
    super::tenants::check_country(&mut check, &founding.country);
    check.absorb(crate::base::locale::time_zone("timezone", &founding.timezone))?;
    check.done()
}
