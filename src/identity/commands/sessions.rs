//! Signing in, staying in, signing out.

use super::{
    present_member, save_member,
    users::{covers, covers_person},
};
use crate::{
    base::{Actor, Error, Result, SessionId, TenantId, Timestamp, UserId},
    identity::{
        model::{
            Member, Membership, Presence, Revocation, RevokeReason, SESSIONS_BY_END, SESSIONS_BY_EXPIRY, SESSIONS_OF_USER,
            SESSIONS_PER_USER_MAX, SIBLING_WINDOW, Session, Tenant, User,
        },
        roles::{self, BuiltIn, USER_MANAGE},
    },
    platform::{
        journal::{Audience, NewEvent},
        store::{KeyRange, PlatformTx, Read, TenantScope, Write},
    },
};
use serde_json::json;
use std::time::Duration;

/// Ended sessions are kept until the longest-lived access token of theirs has run out.
pub(in crate::identity) const BLACKLIST_KEPT: Duration = Duration::from_secs(8 * 86_400);
/// Sessions purged in one command: each costs a step of a walk, a read and three deletions.
const PURGED_MAX: usize = 80;
/// Sessions that run out ended in one command: each is told of and may make somebody absent, which costs far more than a
/// purge.
const EXPIRED_MAX: usize = 8;
/// Characters kept of what a client calls itself.
const USER_AGENT_CHARS_MAX: usize = 200;

/// What is known of the client that signs in.
#[derive(Debug, Clone)]
pub struct Device {
    /// What it calls itself.
    pub user_agent: String,
    /// How long its session lives without being refreshed.
    pub lives: Duration,
}

/// What came of presenting a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The session goes on; make a token of its present generation.
    Goes(Box<Session>),
    /// The token was used before: the session has been ended.
    Reused,
}

/// Opens a session for `user` after their password was found right. Without `wanted` it is the tenant they joined first
/// and may still sign in to. `rehashed` replaces a password hash that has become too cheap.
///
/// # Errors
/// `Unauthenticated` with `invalid_credentials` when no tenant takes them: the same words as a wrong password.
pub fn sign_in(
    tx: &mut PlatformTx<'_, '_>,
    user: UserId,
    wanted: Option<TenantId>,
    device: &Device,
    rehashed: Option<(String, String)>,
) -> Result<Session> {
    let mut user: User = tx.get(&user)?.ok_or(Error::Unauthenticated("invalid_credentials"))?;
    if let Some((checked, new)) = rehashed
        && user.password.as_ref() == Some(&checked)
    {
        user.password = Some(new);
        tx.put(&user)?;
    }
    let tenants: Vec<TenantId> = memberships(tx, user.id)?;
    for tenant in tenants.into_iter().filter(|tenant| wanted.is_none_or(|wanted| wanted == *tenant)) {
        if tx.tenant(tenant, |tx| is_admitted(tx, user.id))? {
            return open_session(tx, user.id, tenant, device);
        }
    }
    Err(Error::Unauthenticated("invalid_credentials"))
}

/// Takes somebody who is signed in over to another firm of theirs: the session they came with ends, one begins there.
///
/// # Errors
/// `Unauthenticated` when the session they came with is over, or the password changed since. `NotFound` where they do not
/// belong to that firm, or may not sign in to it. `Conflict` `password_needed` where that firm has signed them out on every
/// device since they gave their password: who holds one of those devices may be somebody else.
pub fn go_over(tx: &mut PlatformTx<'_, '_>, user: UserId, from: SessionId, to: TenantId, device: &Device) -> Result<Session> {
    let now = tx.now();
    let over = || Error::Unauthenticated("session_over");
    let came: Session = tx.get(&from)?.filter(|session: &Session| session.user == user).ok_or_else(over)?;
    let account: User = tx.get(&user)?.ok_or_else(over)?;
    // The door let them in a moment ago; much may have happened since.
    if !came.is_live(now) || came.token_version != account.token_version {
        return Err(over());
    }
    let belongs = tx.get::<Membership>(&(user, to))?.is_some();
    if !belongs || !tx.tenant(to, |tx| is_admitted(tx, user))? {
        return Err(Error::NotFound("tenant"));
    }
    let signed_out = tx.tenant(to, |tx| Ok(present_member(tx, user)?.signed_out_at))?;
    if signed_out.is_some_and(|at| came.proved_at <= at) {
        let detail = "this firm signed them out on every device: they sign in with their password first";
        return Err(Error::conflict("password_needed", detail));
    }
    let (here, proved_at) = (came.tenant, came.proved_at);
    // First, so that it makes room for the new one.
    end(tx, came, RevokeReason::SignedOut)?;
    let session = open(tx, user, to, device, proved_at)?;
    note_leaving(tx, user, here, now)?;
    Ok(session)
}

/// May this user sign in to the tenant?
pub(in crate::identity) fn is_admitted(read: &impl Read<Scope = TenantScope>, user: UserId) -> Result<bool> {
    let open = read.get::<Tenant>(&())?.is_some_and(|tenant| tenant.is_active);
    Ok(open && present_member(read, user).is_ok_and(|member| member.is_active))
}

/// The tenants of a user, the first joined first.
pub(in crate::identity) fn memberships(
    read: &impl Read<Scope = crate::platform::store::PlatformScope>,
    user: UserId,
) -> Result<Vec<TenantId>> {
    let mut all: Vec<Membership> =
        read.all::<Membership>(KeyRange::prefix(user))?.map(|row| row.map(|(m, _)| m)).collect::<Result<_>>()?;
    all.sort_by_key(|membership| (membership.since, membership.tenant));
    Ok(all.into_iter().map(|membership| membership.tenant).collect())
}

/// Opens a session in a tenant for somebody who has just given their password, without asking whether they may; notes the
/// sign-in, which makes them present, and clears away what is over.
pub fn open_session(tx: &mut PlatformTx<'_, '_>, user: UserId, tenant: TenantId, device: &Device) -> Result<Session> {
    let now = tx.now();
    open(tx, user, tenant, device, now)
}

fn open(tx: &mut PlatformTx<'_, '_>, user: UserId, tenant: TenantId, device: &Device, proved_at: Timestamp) -> Result<Session> {
    let now = tx.now();
    let mut live = Vec::new();
    for old in sessions_of(tx, user)? {
        if old.is_live(now) {
            live.push(old);
        } else {
            // Run out, so no token of it counts any more, whether it is remembered or not.
            tx.delete::<Session>(&old.id)?;
        }
    }
    if live.len() >= SESSIONS_PER_USER_MAX
        && let Some(oldest) = live.into_iter().min_by_key(|session| session.last_used_at)
    {
        end(tx, oldest, RevokeReason::Crowded)?;
    }
    let token_version = tx.require::<User>(&user)?.token_version;
    let session = Session {
        id: tx.new_id(),
        user,
        tenant,
        generation: 1,
        rotated_at: Timestamp::EPOCH,
        token_version,
        user_agent: device.user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARS_MAX).collect(),
        address: tx.origin().address.map(|address| address.to_string()),
        created_at: now,
        proved_at,
        last_used_at: now,
        expires_at: now.plus(device.lives),
        revoked: None,
    };
    tx.insert(&session)?;
    tx.tenant(tenant, |tx| {
        let old = present_member(tx, user)?;
        let mut member = old.clone();
        member.last_login_at = Some(now);
        // Whoever said they are away is away on every device until they say otherwise.
        if member.presence == Presence::Offline {
            member.be(member.before_silence.unwrap_or(Presence::Online));
        }
        save_member(tx, Some(&old), &mut member)?;
        tx.emit(told("session.created", &session, json!({ "userId": user })))
    })?;
    Ok(session)
}

/// Renews a session by a refresh token of `generation` that we made. The one before the present stays good for a
/// minute and yields a sibling; an older one is a copy in other hands and ends the session.
///
/// # Errors
/// `Unauthenticated` when the session is over, or the password changed since.
pub fn rotate_session(tx: &mut PlatformTx<'_, '_>, id: SessionId, generation: u32, lives: Duration) -> Result<Rotation> {
    let now = tx.now();
    let over = || Error::Unauthenticated("session_over");
    let mut session: Session = tx.get(&id)?.filter(|session: &Session| session.is_live(now)).ok_or_else(over)?;
    let user: User = tx.get(&session.user)?.ok_or_else(over)?;
    if session.token_version != user.token_version {
        return Err(over());
    }
    if !tx.tenant(session.tenant, |tx| is_admitted(tx, session.user))? {
        return Err(over());
    }
    let before = session.generation - 1;
    if generation == session.generation {
        session.generation += 1;
        session.rotated_at = now;
    } else if generation != before || now > session.rotated_at.plus(SIBLING_WINDOW) {
        if generation < session.generation {
            end(tx, session, RevokeReason::Reuse)?;
            return Ok(Rotation::Reused);
        }
        // From after a restore of older data: not known here, and no sign of theft.
        return Err(over());
    }
    session.last_used_at = now;
    session.expires_at = now.plus(lives);
    session.address = tx.origin().address.map(|address| address.to_string());
    tx.put(&session)?;
    Ok(Rotation::Goes(Box::new(session)))
}

/// Ends the actor's own session and notes when they left.
pub fn sign_out(tx: &mut PlatformTx<'_, '_>, id: SessionId) -> Result<()> {
    let Some(session) = tx.get::<Session>(&id)?.filter(|session| session.revoked.is_none()) else { return Ok(()) };
    let (user, tenant, now) = (session.user, session.tenant, tx.now());
    end(tx, session, RevokeReason::SignedOut)?;
    note_leaving(tx, user, tenant, now)
}

/// Notes that somebody has signed out of a tenant, where they are there no more unless another device is.
fn note_leaving(tx: &mut PlatformTx<'_, '_>, user: UserId, tenant: TenantId, now: Timestamp) -> Result<()> {
    let elsewhere = is_elsewhere(tx, user, tenant, now)?;
    tx.tenant(tenant, |tx| {
        let Some(old) = tx.get::<Member>(&user)? else { return Ok(()) };
        let mut member = old.clone();
        member.last_logout_at = Some(now);
        if !elsewhere {
            member.be(Presence::Offline);
        }
        save_member(tx, Some(&old), &mut member)
    })
}

/// Ends one session: one's own, or a colleague's with `user.manage`.
///
/// # Errors
/// `NotFound` for sessions the actor may not know of, `Forbidden` for those of somebody who may do more.
pub fn revoke_session(tx: &mut PlatformTx<'_, '_>, actor: &Actor, id: SessionId) -> Result<()> {
    let session: Session = tx.require(&id)?;
    let mine = session.user == actor.user;
    let managed = session.tenant == actor.tenant && actor.grants.allows(USER_MANAGE);
    if !mine && !managed || session.revoked.is_some() {
        return Err(Error::NotFound("session"));
    }
    if !mine {
        let owner = tx.get::<User>(&session.user)?.is_some_and(|user| user.is_super_admin);
        tx.tenant(session.tenant, |tx| {
            let Some(member) = tx.get::<Member>(&session.user)? else { return Ok(()) };
            let held = if owner { BuiltIn::SuperAdmin.grants() } else { roles::grants_of(tx, &member)? };
            covers(actor, &held)
        })?;
    }
    let (user, tenant, now) = (session.user, session.tenant, tx.now());
    end(tx, session, RevokeReason::Ended)?;
    absent_unless_elsewhere(tx, user, tenant, now)
}

/// Ends all sessions of a colleague in the actor's tenant, so that a lost phone opens nothing; they may sign in again. A
/// phone that stands in another firm of theirs is left alone there, and does not come over here without a password. Needs
/// `user.manage`, and every permission they have.
///
/// # Errors
/// `NotFound`; `Forbidden` for somebody who may do more.
pub fn sign_out_everywhere(tx: &mut PlatformTx<'_, '_>, actor: &Actor, user: UserId) -> Result<()> {
    actor.require(USER_MANAGE)?;
    let account: User = tx.require(&user)?;
    tx.tenant(actor.tenant, |tx| covers_person(actor, tx, &account, &present_member(tx, user)?))?;
    revoke_sessions(tx, user, Some(actor.tenant), None, RevokeReason::Ended)?;
    let now = tx.now();
    tx.tenant(actor.tenant, |tx| {
        let old = present_member(tx, user)?;
        let mut member = Member { signed_out_at: Some(now), ..old.clone() };
        member.be(Presence::Offline);
        save_member(tx, Some(&old), &mut member)
    })
}

/// Whoever has no session left in a tenant is not there.
fn absent_unless_elsewhere(tx: &mut PlatformTx<'_, '_>, user: UserId, tenant: TenantId, now: Timestamp) -> Result<()> {
    if is_elsewhere(tx, user, tenant, now)? {
        return Ok(());
    }
    tx.tenant(tenant, |tx| {
        let Some(old) = tx.get::<Member>(&user)? else { return Ok(()) };
        let mut member = old.clone();
        member.be(Presence::Offline);
        save_member(tx, Some(&old), &mut member)
    })
}

/// Ends sessions that nobody renewed in time, a bounded number, so that nobody seems to be there who is not; says whether
/// there may be more.
pub fn expire_sessions(tx: &mut PlatformTx<'_, '_>) -> Result<bool> {
    let now = tx.now();
    let over: Vec<_> =
        tx.list(&SESSIONS_BY_EXPIRY, KeyRange::all().until(Timestamp(now.0 + 1)))?.take(EXPIRED_MAX).collect::<Result<_>>()?;
    let may_be_more = over.len() == EXPIRED_MAX;
    let mut left: Vec<(UserId, TenantId)> = Vec::new();
    for (session, _) in over {
        let who = (session.user, session.tenant);
        end(tx, session, RevokeReason::RanOut)?;
        if !left.contains(&who) {
            left.push(who);
        }
    }
    for (user, tenant) in left {
        absent_unless_elsewhere(tx, user, tenant, now)?;
    }
    Ok(may_be_more)
}

/// Has this user another live session in the tenant?
fn is_elsewhere(tx: &PlatformTx<'_, '_>, user: UserId, tenant: TenantId, now: Timestamp) -> Result<bool> {
    Ok(sessions_of(tx, user)?.iter().any(|other| other.is_live(now) && other.tenant == tenant))
}

/// Ends the sessions of a user, but for `except`; only those in `tenant`, if one is named.
pub fn revoke_sessions(
    tx: &mut PlatformTx<'_, '_>,
    user: UserId,
    tenant: Option<TenantId>,
    except: Option<SessionId>,
    reason: RevokeReason,
) -> Result<()> {
    let now = tx.now();
    for session in sessions_of(tx, user)? {
        let here = tenant.is_none_or(|tenant| tenant == session.tenant);
        if here && session.is_live(now) && Some(session.id) != except {
            end(tx, session, reason)?;
        }
    }
    Ok(())
}

/// Forgets sessions that have been over for [`BLACKLIST_KEPT`], a bounded number; says whether there may be more.
pub fn purge_sessions(tx: &mut PlatformTx<'_, '_>) -> Result<bool> {
    let range = KeyRange::all().until(tx.now().minus(BLACKLIST_KEPT));
    let over: Vec<_> = tx.scan(&SESSIONS_BY_END, range)?.take(PURGED_MAX).collect::<Result<_>>()?;
    for hit in &over {
        tx.delete::<Session>(&hit.key)?;
    }
    Ok(over.len() == PURGED_MAX)
}

/// The sessions of a user that were not ended, oldest first.
pub(in crate::identity) fn sessions_of(
    read: &impl Read<Scope = crate::platform::store::PlatformScope>,
    user: UserId,
) -> Result<Vec<Session>> {
    let hits: Vec<_> = read.scan(&SESSIONS_OF_USER, KeyRange::prefix(user))?.collect::<Result<_>>()?;
    hits.into_iter().map(|hit| read.require::<Session>(&hit.key)).collect()
}

fn end(tx: &mut PlatformTx<'_, '_>, mut session: Session, reason: RevokeReason) -> Result<()> {
    let old = session.clone();
    session.revoked = Some(Revocation { at: tx.now(), reason });
    tx.replace(Some(&old), &session)?;
    tx.tenant(session.tenant, |tx| {
        tx.emit(told("session.revoked", &session, json!({ "userId": session.user, "reason": reason })))
    })?;
    Ok(())
}

/// Told to those who manage people; sockets of the session itself are closed by the hub, whatever they may see.
fn told(kind: &'static str, session: &Session, data: serde_json::Value) -> NewEvent {
    let managers = Audience::holders(USER_MANAGE);
    let (before, after) = if session.revoked.is_some() { (managers, Audience::nobody()) } else { (Audience::nobody(), managers) };
    NewEvent { kind, subject: session.id.into(), before, after, data }
}

#[cfg(test)]
mod tests;
