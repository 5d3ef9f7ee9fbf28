//! Colleagues: making, changing, removing them; their passwords and presence.

use super::{
    QUEUES_MAX, check_email, keep_an_owner, present_member, save_member,
    sessions::{memberships, revoke_sessions},
    tell_rights_changed,
};
use crate::{
    base::{Actor, Check, Error, Grants, QueueId, Result, SessionId, TenantId, UserId, locale::Language},
    identity::{
        model::{MEMBERS_BY_QUEUE, Member, Membership, Presence, RevokeReason, SUPER_ADMINS, Tenant, USERS_BY_EMAIL, User},
        roles::{self, BuiltIn, USER_MANAGE},
    },
    platform::store::{KeyRange, PlatformTx, Read, Tx, Write},
};
use std::time::Duration;

/// Characters of an extension and of a phone number (USR-05).
const PHONE_CHARS_MAX: usize = 20;
/// People taken out of a queue by one command.
pub(in crate::identity) const LEAVING_MAX: usize = 50;
/// Conversations one person can be set to take at once.
const TICKETS_MAX: u32 = 1_000;

/// A colleague to be made.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// Their id, if the caller needs to know it before.
    pub id: Option<UserId>,
    /// Their name.
    pub name: String,
    /// Their e-mail.
    pub email: String,
    /// Hash of their password.
    pub password_hash: Option<String>,
    /// Key of their role.
    pub role: String,
    /// Everything else.
    pub rest: UserChange,
}

/// What may change about a colleague; absent stays as it is, `Some(None)` clears.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail.
    pub email: Option<String>,
    /// Hash of a new password; ends all their sessions.
    pub password_hash: Option<String>,
    /// Key of their role.
    pub role: Option<String>,
    /// Permissions beyond the role's.
    pub extra: Option<Vec<(String, crate::base::Reach)>>,
    /// The queues they work in.
    pub queues: Option<Vec<QueueId>>,
    /// Telephony extension.
    pub extension: Option<Option<String>>,
    /// Their own phone.
    pub phone: Option<Option<String>>,
    /// Conversations they take at once; 0 for no limit.
    pub max_tickets: Option<u32>,
    /// Their language.
    pub language: Option<Option<Language>>,
    /// Are they there?
    pub presence: Option<Presence>,
    /// May they sign in?
    pub is_active: Option<bool>,
}

impl UserChange {
    /// What people may change about themselves without any permission.
    fn is_own_business(&self) -> bool {
        let Self { name: _, language: _, presence: _, phone: _, .. } = self;
        self.email.is_none()
            && self.password_hash.is_none()
            && self.role.is_none()
            && self.extra.is_none()
            && self.queues.is_none()
            && self.extension.is_none()
            && self.max_tickets.is_none()
            && self.is_active.is_none()
    }
}

/// Makes a colleague in the actor's tenant. Needs `user.manage`, and every permission the new one will have.
///
/// # Errors
/// `Conflict` with `taken` where the e-mail signs in already; `Invalid` with every wrong field.
pub fn create_user(tx: &mut PlatformTx<'_, '_>, actor: &Actor, new: NewUser) -> Result<Member> {
    actor.require(USER_MANAGE)?;
    let email = new.email.trim().to_owned();
    let mut check = Check::new();
    check.length("name", &new.name, 1, 100);
    check_email(&mut check, "email", &email);
    check.done()?;
    // Who may not give this role learns nothing of who signs in here.
    tx.tenant(actor.tenant, |tx| {
        let role = roles::known_key(tx, &new.role)?;
        covers(actor, roles::grants_of_role(tx, &role)?.as_ref())
    })?;
    if tx.find(&USERS_BY_EMAIL, email.to_lowercase())?.is_some() {
        return Err(Error::conflict_at("email", "taken", "this e-mail signs in already; invite its owner instead"));
    }
    let now = tx.now();
    let user = User {
        id: new.id.unwrap_or_else(|| tx.new_id()),
        email,
        name: new.name.trim().to_owned(),
        password: new.password_hash,
        token_version: 1,
        is_super_admin: BuiltIn::from_key(&new.role) == Some(BuiltIn::SuperAdmin) && new.rest.is_active != Some(false),
        created_at: now,
        updated_at: now,
    };
    tx.insert(&user)?;
    tx.insert(&Membership { user: user.id, tenant: actor.tenant, since: now })?;
    tx.tenant(actor.tenant, |tx| {
        let mut member = new_member(tx, user.id, &user.name, &user.email, &new.role)?;
        let rest = UserChange { name: None, email: None, password_hash: None, role: None, ..new.rest };
        apply(tx, &mut member, &rest)?;
        covers(actor, roles::grants_of(tx, &member)?.as_ref())?;
        save_member(tx, None, &mut member)?;
        Ok(member)
    })
}

/// A member that is not stored yet.
pub(super) fn new_member(tx: &mut Tx<'_, '_>, user: UserId, name: &str, email: &str, role: &str) -> Result<Member> {
    let now = tx.now();
    Ok(Member {
        user,
        number: tx.next_number("user")?,
        name: name.trim().to_owned(),
        email: email.to_owned(),
        role: roles::known_key(tx, role)?,
        extra: Vec::new(),
        queues: Vec::new(),
        extension: None,
        phone: None,
        max_tickets: 0,
        presence: Presence::Offline,
        before_silence: None,
        is_active: true,
        language: None,
        last_login_at: None,
        last_logout_at: None,
        signed_out_at: None,
        created_at: now,
        updated_at: now,
        left_at: None,
        rev: 0,
    })
}

/// Changes a colleague, or oneself. Colleagues need `user.manage` and every permission they have before and after;
/// about oneself, name, language, phone and presence are free.
///
/// # Errors
/// `Conflict` `last_owner` when nobody would be left to manage the tenant; `shared_user` when name, e-mail or
/// password of somebody who also belongs to another firm would change.
pub fn update_user(tx: &mut PlatformTx<'_, '_>, actor: &Actor, id: UserId, change: UserChange) -> Result<Member> {
    let mine = id == actor.user;
    if !(mine && change.is_own_business()) {
        actor.require(USER_MANAGE)?;
    }
    let touches_account = change.name.is_some() || change.email.is_some() || change.password_hash.is_some();
    let mut user: User = tx.require(&id)?;
    let before = user.clone();
    let (old, mut member) = tx.tenant(actor.tenant, |tx| {
        let old = present_member(tx, id)?;
        if !mine {
            covers_person(actor, tx, &before, &old)?;
        }
        let mut member = old.clone();
        apply(tx, &mut member, &change)?;
        let grants = roles::grants_of(tx, &member)?;
        if member.role != old.role || member.extra != old.extra {
            covers(actor, &grants)?;
        }
        if member.role != old.role || member.is_active != old.is_active {
            keep_an_owner(tx, &old).or_else(|e| if still_owns(&member) { Ok(()) } else { Err(e) })?;
        }
        Ok((old, member))
    })?;
    if touches_account {
        if !mine && memberships(tx, id)?.len() > 1 {
            return Err(Error::conflict("shared_user", "they belong to another firm too and change this themselves"));
        }
        member.name.clone_into(&mut user.name);
        member.email.clone_into(&mut user.email);
        if user.email.to_lowercase() != before.email.to_lowercase()
            && tx.find(&USERS_BY_EMAIL, user.email.to_lowercase())?.is_some()
        {
            return Err(Error::conflict_at("email", "taken", "this e-mail signs in already"));
        }
        if let Some(hash) = change.password_hash {
            user.password = Some(hash);
            user.token_version += 1;
        }
    }
    user.is_super_admin = acts_as_super_admin(&member) || is_super_admin_outside(tx, id, actor.tenant)?;
    let stays = acts_as_super_admin(&member) || may_act_as_super_admin(tx, id, Some(actor.tenant))?;
    keep_a_super_admin(tx, &before, stays)?;
    let reaches_further = user.is_super_admin != before.is_super_admin;
    if user != before {
        user.updated_at = tx.now();
        tx.replace(Some(&before), &user)?;
    }
    if user.token_version != before.token_version {
        revoke_sessions(tx, id, None, None, RevokeReason::PasswordChanged)?;
    }
    if old.is_active && !member.is_active {
        member.be(Presence::Offline);
        member.signed_out_at = Some(tx.now());
        revoke_sessions(tx, id, Some(actor.tenant), None, RevokeReason::Deactivated)?;
    }
    for tenant in memberships(tx, id)? {
        tx.tenant(tenant, |tx| {
            if tenant == actor.tenant {
                return save_member(tx, Some(&old), &mut member);
            }
            if reaches_further {
                tell_rights_changed(tx, id)?;
            }
            // Their name is theirs everywhere.
            let there = present_member(tx, id)?;
            let mut renamed = Member { name: user.name.clone(), email: user.email.clone(), ..there.clone() };
            save_member(tx, Some(&there), &mut renamed)
        })?;
    }
    Ok(member)
}

/// Removes a colleague from the actor's tenant and ends their sessions there. Their name stays on what they wrote; their
/// account goes when this was their last firm.
///
/// # Errors
/// `Conflict` `last_owner`; `Forbidden` when they may do what the actor may not.
pub fn delete_user(tx: &mut PlatformTx<'_, '_>, actor: &Actor, id: UserId) -> Result<()> {
    actor.require(USER_MANAGE)?;
    let before: User = tx.require(&id)?;
    let (old, mut member) = tx.tenant(actor.tenant, |tx| {
        let old = present_member(tx, id)?;
        covers_person(actor, tx, &before, &old)?;
        keep_an_owner(tx, &old)?;
        Ok((old.clone(), old))
    })?;
    let user = User { is_super_admin: is_super_admin_outside(tx, id, actor.tenant)?, ..before.clone() };
    let stays = may_act_as_super_admin(tx, id, Some(actor.tenant))?;
    keep_a_super_admin(tx, &before, stays)?;
    revoke_sessions(tx, id, Some(actor.tenant), None, RevokeReason::Deactivated)?;
    if memberships(tx, id)?.len() <= 1 {
        tx.delete::<User>(&id)?;
    } else if user != before {
        tx.replace(Some(&before), &user)?;
        for tenant in memberships(tx, id)?.into_iter().filter(|tenant| *tenant != actor.tenant) {
            tx.tenant(tenant, |tx| tell_rights_changed(tx, id))?;
        }
    }
    tx.delete::<Membership>(&(id, actor.tenant))?;
    tx.tenant(actor.tenant, |tx| {
        member.left_at = Some(tx.now());
        member.is_active = false;
        member.signed_out_at = member.left_at;
        member.be(Presence::Offline);
        save_member(tx, Some(&old), &mut member)
    })
}

/// Stores a new password of one's own and ends all other sessions; the present one goes on.
pub fn change_own_password(tx: &mut PlatformTx<'_, '_>, user: UserId, keep: Option<SessionId>, hash: String) -> Result<()> {
    let before: User = tx.require(&user)?;
    let mut user = before.clone();
    user.password = Some(hash);
    user.token_version += 1;
    user.updated_at = tx.now();
    tx.replace(Some(&before), &user)?;
    revoke_sessions(tx, user.id, None, keep, RevokeReason::PasswordChanged)?;
    if let Some(mut session) = keep.map(|id| tx.require::<crate::identity::model::Session>(&id)).transpose()? {
        session.token_version = user.token_version;
        tx.put(&session)?;
    }
    Ok(())
}

/// The owner of the machine sets somebody's password; ends all their sessions.
///
/// # Errors
/// `NotFound` where nobody signs in with this e-mail.
pub fn reset_password(tx: &mut PlatformTx<'_, '_>, email: &str, hash: String) -> Result<UserId> {
    let user: User = tx.find(&USERS_BY_EMAIL, email.trim().to_lowercase())?.ok_or(Error::NotFound("user"))?;
    change_own_password(tx, user.id, None, hash)?;
    Ok(user.id)
}

/// Nobody has seen them for `silence`: they are not there, and what they were is kept for when they come back. Does
/// nothing for those who have signed in since, are not there anyway, or have left.
pub fn fall_silent(tx: &mut Tx<'_, '_>, user: UserId, silence: Duration) -> Result<()> {
    let Some(old) = tx.get::<Member>(&user)?.filter(|old| old.left_at.is_none() && old.presence != Presence::Offline) else {
        return Ok(());
    };
    if old.last_login_at.is_some_and(|at| tx.now().since(at) < silence) {
        return Ok(());
    }
    let mut member = Member { presence: Presence::Offline, before_silence: Some(old.presence), ..old.clone() };
    save_member(tx, Some(&old), &mut member)
}

/// They are seen again: they are what they were before they fell silent. Does nothing for those whom silence did not send
/// away, or who have said since what they are.
pub fn break_silence(tx: &mut Tx<'_, '_>, user: UserId) -> Result<()> {
    let Some(old) = tx.get::<Member>(&user)?.filter(|old| old.left_at.is_none()) else { return Ok(()) };
    let Some(before) = old.before_silence else { return Ok(()) };
    let mut member = old.clone();
    member.be(before);
    save_member(tx, Some(&old), &mut member)
}

/// Lets a member work in a queue. The caller has seen to it that the queue exists.
pub fn join_queue(tx: &mut Tx<'_, '_>, user: UserId, queue: QueueId) -> Result<()> {
    let old = present_member(tx, user)?;
    let mut member = old.clone();
    if !member.queues.contains(&queue) {
        member.queues.push(queue);
    }
    save_member(tx, Some(&old), &mut member)
}

/// Takes people out of a queue that is gone, a bounded number; says how many.
pub fn leave_queue(tx: &mut Tx<'_, '_>, queue: QueueId) -> Result<usize> {
    let hits = tx.scan(&MEMBERS_BY_QUEUE, KeyRange::prefix(queue))?.take(LEAVING_MAX);
    let hits: Vec<_> = hits.collect::<Result<_>>()?;
    for hit in &hits {
        let old: Member = tx.require(&hit.key)?;
        let mut member = old.clone();
        member.queues.retain(|other| *other != queue);
        save_member(tx, Some(&old), &mut member)?;
    }
    Ok(hits.len())
}

/// Nobody hands out, or has power over, more than they hold.
pub(super) fn covers(actor: &Actor, grants: &Grants) -> Result<()> {
    if actor.grants.covers(grants) { Ok(()) } else { Err(Error::Forbidden("to act on somebody who may do more than you".into())) }
}

/// The same of somebody: what they hold here and, as a super administrator of the installation, everywhere.
pub(super) fn covers_person(actor: &Actor, tx: &Tx<'_, '_>, user: &User, member: &Member) -> Result<()> {
    if user.is_super_admin {
        covers(actor, &BuiltIn::SuperAdmin.grants())?;
    }
    covers(actor, roles::grants_of(tx, member)?.as_ref())
}

/// Does this membership make its holder a super administrator of the installation?
pub(super) fn acts_as_super_admin(member: &Member) -> bool {
    member.is_active && member.left_at.is_none() && BuiltIn::from_key(&member.role) == Some(BuiltIn::SuperAdmin)
}

/// Are they one by a firm other than `here`?
pub(super) fn is_super_admin_outside(tx: &mut PlatformTx<'_, '_>, user: UserId, here: TenantId) -> Result<bool> {
    for tenant in memberships(tx, user)?.into_iter().filter(|tenant| *tenant != here) {
        if tx.tenant(tenant, |tx| Ok(tx.get::<Member>(&user)?.is_some_and(|member| acts_as_super_admin(&member))))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Can they sign in as one to a firm other than `here`? One that is switched off lets nobody in.
pub(super) fn may_act_as_super_admin(tx: &mut PlatformTx<'_, '_>, user: UserId, here: Option<TenantId>) -> Result<bool> {
    for tenant in memberships(tx, user)?.into_iter().filter(|tenant| Some(*tenant) != here) {
        let may = tx.tenant(tenant, |tx| {
            let is_open = tx.get::<Tenant>(&())?.is_some_and(|tenant| tenant.is_active);
            Ok(is_open && tx.get::<Member>(&user)?.is_some_and(|member| acts_as_super_admin(&member)))
        })?;
        if may {
            return Ok(true);
        }
    }
    Ok(false)
}

fn still_owns(member: &Member) -> bool {
    member.is_active && matches!(BuiltIn::from_key(&member.role), Some(BuiltIn::SuperAdmin | BuiltIn::Admin))
}

/// Refuses a change that would leave the installation without a super administrator who can sign in. Who stands in the
/// index is one by a membership that is switched on, of a firm that may not be.
fn keep_a_super_admin(tx: &mut PlatformTx<'_, '_>, before: &User, stays: bool) -> Result<()> {
    if !before.is_super_admin || stays {
        return Ok(());
    }
    let all = tx.scan(&SUPER_ADMINS, KeyRange::all())?.map(|hit| Ok(hit?.key)).collect::<Result<Vec<UserId>>>()?;
    for other in all.into_iter().filter(|other| *other != before.id) {
        if may_act_as_super_admin(tx, other, None)? {
            return Ok(());
        }
    }
    Err(Error::conflict("last_owner", "this is the last super administrator; make somebody else one first"))
}

fn apply(tx: &Tx<'_, '_>, member: &mut Member, change: &UserChange) -> Result<()> {
    let mut check = Check::new();
    if let Some(name) = &change.name {
        check.length("name", name, 1, 100);
        name.trim().clone_into(&mut member.name);
    }
    if let Some(email) = &change.email {
        check_email(&mut check, "email", email.trim());
        email.trim().clone_into(&mut member.email);
    }
    if let Some(role) = &change.role
        && let Some(key) = check.absorb(roles::known_key(tx, role))?
    {
        member.role = key;
    }
    if let Some(extra) = &change.extra {
        roles::check_given(&mut check, extra);
        member.extra.clone_from(extra);
    }
    if let Some(queues) = &change.queues {
        check.that(queues.len() <= QUEUES_MAX, "queueIds", "out_of_range", format!("give at most {QUEUES_MAX} queues"));
        member.queues.clear();
        for queue in queues {
            if !member.queues.contains(queue) {
                member.queues.push(*queue);
            }
        }
    }
    let text = |value: &Option<String>| value.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(extension) = &change.extension {
        member.extension = text(extension);
        check.length("extension", member.extension.as_deref().unwrap_or_default(), 0, PHONE_CHARS_MAX);
    }
    if let Some(phone) = &change.phone {
        member.phone = text(phone);
        check.length("phone", member.phone.as_deref().unwrap_or_default(), 0, PHONE_CHARS_MAX);
    }
    if let Some(max) = change.max_tickets {
        check.that(max <= TICKETS_MAX, "maxTickets", "out_of_range", format!("give at most {TICKETS_MAX}"));
        member.max_tickets = max;
    }
    member.language = change.language.unwrap_or(member.language);
    if let Some(presence) = change.presence {
        member.be(presence);
    }
    member.is_active = change.is_active.unwrap_or(member.is_active);
    check.done()
}
