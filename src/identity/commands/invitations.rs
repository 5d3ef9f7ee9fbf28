//! Inviting colleagues by a link.

use super::{
    QUEUES_MAX, check_email, save_member,
    sessions::memberships,
    tell_rights_changed,
    users::{acts_as_super_admin, covers, is_super_admin_outside, new_member},
};
use crate::{
    base::{Actor, Check, Error, InvitationId, QueueId, Result, TenantId, UserId, chance},
    identity::{
        model::{INVITATION_LIVES, INVITATIONS_BY_EMAIL, Invitation, Member, Membership, USERS_BY_EMAIL, User},
        roles::{self, BuiltIn, USER_MANAGE},
    },
    platform::{
        journal::{Audience, NewEvent},
        store::{PlatformTx, Read, Tx, Write},
        timers::TimerKey,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Whom to invite as what.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Their e-mail.
    pub email: String,
    /// Their name, if known.
    pub name: Option<String>,
    /// Key of their role.
    pub role: String,
    /// The queues they will work in.
    pub queues: Vec<QueueId>,
}

/// How an invitation is taken up.
#[derive(Debug, Clone)]
pub struct AcceptInvitation {
    /// Their name.
    pub name: String,
    /// Hash of their new password; none when the e-mail signs in already and its password was right.
    pub password_hash: Option<String>,
    /// The account that e-mail had when the password was checked.
    pub account: Option<UserId>,
}

/// Invites somebody; gives the invitation and the token of its link, which is stored nowhere. An open invitation to the
/// same e-mail is replaced. Needs `user.manage` and every permission the role gives.
pub fn create_invitation(tx: &mut Tx<'_, '_>, actor: &Actor, new: NewInvitation) -> Result<(Invitation, String)> {
    actor.require(USER_MANAGE)?;
    let email = new.email.trim().to_owned();
    let mut check = Check::new();
    check_email(&mut check, "email", &email);
    check.length("name", new.name.as_deref().unwrap_or_default(), 0, 100);
    let mut queues = new.queues;
    let mut seen = HashSet::new();
    queues.retain(|queue| seen.insert(*queue));
    check.that(queues.len() <= QUEUES_MAX, "queueIds", "out_of_range", format!("give at most {QUEUES_MAX} queues"));
    let role = check.absorb(roles::known_key(tx, &new.role))?.unwrap_or_default();
    check.done()?;
    covers(actor, roles::grants_of_role(tx, &role)?.as_ref())?;
    if let Some(old) = tx.find(&INVITATIONS_BY_EMAIL, email.to_lowercase())? {
        forget(tx, &old)?;
    }
    let secret: [u8; 32] = chance::secret_bytes();
    let now = tx.now();
    let invitation = Invitation {
        id: tx.new_id(),
        email,
        name: new.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
        role,
        queues,
        secret_hash: Sha256::digest(secret).into(),
        invited_by: actor.user,
        created_at: now,
        expires_at: now.plus(INVITATION_LIVES),
        rev: tx.next_rev(),
    };
    tx.insert(&invitation)?;
    tx.at(TimerKey::new(INVITATION_EXPIRES, invitation.id.into()), invitation.expires_at, Value::Null)?;
    tx.emit(told("invitation.created", &invitation))?;
    let token = [tx.tenant().as_bytes().as_slice(), invitation.id.as_bytes(), &secret].concat();
    Ok((invitation, URL_SAFE_NO_PAD.encode(token)))
}

/// Takes an invitation back.
pub fn withdraw_invitation(tx: &mut Tx<'_, '_>, actor: &Actor, id: InvitationId) -> Result<()> {
    actor.require(USER_MANAGE)?;
    let invitation: Invitation = tx.require(&id)?;
    forget(tx, &invitation)?;
    tx.emit(told("invitation.deleted", &invitation))?;
    Ok(())
}

/// The timer that removes an invitation nobody took up.
pub const INVITATION_EXPIRES: &str = "identity.invitation_expires";

/// Removes an invitation whose time is over.
pub fn expire_invitation(tx: &mut Tx<'_, '_>, id: InvitationId) -> Result<()> {
    match tx.get::<Invitation>(&id)? {
        Some(invitation) if invitation.expires_at <= tx.now() => {
            forget(tx, &invitation)?;
            tx.emit(told("invitation.deleted", &invitation)).map(drop)
        }
        _ => Ok(()),
    }
}

fn forget(tx: &mut Tx<'_, '_>, invitation: &Invitation) -> Result<()> {
    tx.clear(&TimerKey::new(INVITATION_EXPIRES, invitation.id.into()))?;
    tx.delete::<Invitation>(&invitation.id).map(drop)
}

/// Tenant and invitation a link's token names, and the hash its secret must have.
pub fn read_invitation_token(token: &str) -> Option<(TenantId, InvitationId, [u8; 32])> {
    let bytes: [u8; 64] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    let id = |at: usize| Uuid::from_slice(&bytes[at..at + 16]).ok();
    Some((TenantId(id(0)?), InvitationId(id(16)?), Sha256::digest(&bytes[32..]).into()))
}

/// The invitation of a link, if it can still be accepted.
pub(in crate::identity) fn open_invitation(
    read: &impl Read<Scope = crate::platform::store::TenantScope>,
    id: InvitationId,
    secret_hash: &[u8; 32],
    now: crate::base::Timestamp,
) -> Result<Invitation> {
    let invitation = read.get::<Invitation>(&id)?;
    let open = invitation.filter(|i| bool::from(i.secret_hash.ct_eq(secret_hash)) && now < i.expires_at);
    open.ok_or(Error::NotFound("invitation"))
}

/// Makes the invited person a member. The link works once.
///
/// # Errors
/// `NotFound` for a link that is wrong, used or too old; `Conflict` `changed` when the account behind the e-mail changed
/// meanwhile, `already_member` when they belong to the firm: an old link must not change what they are by now.
pub fn accept_invitation(tx: &mut PlatformTx<'_, '_>, token: &str, accept: AcceptInvitation) -> Result<(Member, TenantId)> {
    let (tenant, id, secret_hash) = read_invitation_token(token).ok_or(Error::NotFound("invitation"))?;
    let now = tx.now();
    let invitation = tx.tenant(tenant, |tx| open_invitation(tx, id, &secret_hash, now))?;
    let known: Option<User> = tx.find(&USERS_BY_EMAIL, invitation.email.to_lowercase())?;
    require_inviter(tx, tenant, &invitation)?;
    if known.as_ref().map(|user| user.id) != accept.account {
        return Err(Error::conflict("changed", "this e-mail's account changed meanwhile; open the link again"));
    }
    let user = match known {
        Some(user) => user,
        None => {
            let mut check = Check::new();
            check.length("name", &accept.name, 1, 100);
            check.done()?;
            let user = User {
                id: tx.new_id(),
                email: invitation.email.clone(),
                name: accept.name.trim().to_owned(),
                password: accept.password_hash,
                token_version: 1,
                is_super_admin: false,
                created_at: now,
                updated_at: now,
            };
            tx.insert(&user)?;
            user
        }
    };
    if tx.get::<Membership>(&(user.id, tenant))?.is_some() {
        return Err(Error::conflict("already_member", "they belong to this firm already"));
    }
    tx.insert(&Membership { user: user.id, tenant, since: now })?;
    let member = tx.tenant(tenant, |tx| {
        forget(tx, &invitation)?;
        tx.emit(told("invitation.accepted", &invitation))?;
        let old = tx.get::<Member>(&user.id)?;
        let mut member = match &old {
            // Somebody who was here before: the same person, with what the invitation says and nothing they once had.
            Some(old) => Member {
                name: user.name.clone(),
                email: user.email.clone(),
                role: roles::known_key(tx, &invitation.role)?,
                extra: Vec::new(),
                left_at: None,
                is_active: true,
                ..old.clone()
            },
            None => new_member(tx, user.id, &user.name, &user.email, &invitation.role)?,
        };
        member.queues.clone_from(&invitation.queues);
        save_member(tx, old.as_ref(), &mut member)?;
        Ok(member)
    })?;
    let is_super_admin = acts_as_super_admin(&member) || is_super_admin_outside(tx, user.id, tenant)?;
    if is_super_admin != user.is_super_admin {
        tx.replace(Some(&user), &User { is_super_admin, ..user.clone() })?;
        for other in memberships(tx, user.id)?.into_iter().filter(|other| *other != tenant) {
            tx.tenant(other, |tx| tell_rights_changed(tx, user.id))?;
        }
    }
    Ok((member, tenant))
}

/// A link gives what its maker may give on the day it is used, not on the day it was made: whoever left or lost
/// the right takes their open invitations along.
fn require_inviter(tx: &mut PlatformTx<'_, '_>, tenant: TenantId, invitation: &Invitation) -> Result<()> {
    let owner = tx.get::<User>(&invitation.invited_by)?.is_some_and(|user| user.is_super_admin);
    let may = tx.tenant(tenant, |tx| {
        let inviter = tx.get::<Member>(&invitation.invited_by)?.filter(|member| member.is_active && member.left_at.is_none());
        let Some(inviter) = inviter else { return Ok(false) };
        let held = if owner { BuiltIn::SuperAdmin.grants() } else { roles::grants_of(tx, &inviter)? };
        Ok(held.allows(USER_MANAGE) && held.covers(roles::grants_of_role(tx, &invitation.role)?.as_ref()))
    })?;
    let detail = "whoever invited you may no longer do so: ask for a new invitation";
    if may { Ok(()) } else { Err(Error::conflict("inviter_gone", detail)) }
}

fn told(kind: &'static str, invitation: &Invitation) -> NewEvent {
    let managers = Audience::holders(USER_MANAGE);
    let (before, after) =
        if kind == "invitation.created" { (Audience::nobody(), managers) } else { (managers, Audience::nobody()) };
    NewEvent { kind, subject: invitation.id.into(), before, after, data: json!({ "role": invitation.role }) }
}
