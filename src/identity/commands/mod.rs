//! All writes of this room, by what they are about.

mod invitations;
mod roles;
mod sessions;
mod setup;
mod tenants;
mod users;

pub(super) use invitations::open_invitation;
pub use invitations::{
    AcceptInvitation, INVITATION_EXPIRES, NewInvitation, accept_invitation, create_invitation, expire_invitation,
    read_invitation_token, withdraw_invitation,
};
pub use roles::{RoleChange, create_role, delete_role, update_role};
pub(super) use sessions::{BLACKLIST_KEPT, is_admitted, memberships, sessions_of};
pub use sessions::{
    Device, Rotation, expire_sessions, go_over, open_session, purge_sessions, revoke_session, revoke_sessions, rotate_session,
    sign_in, sign_out, sign_out_everywhere,
};
pub use setup::{Founded, Founding, FoundingStep, check as check_founding, found, needs_founding};
pub use tenants::{TenantChange, create_tenant, switch_tenant, update_tenant};
pub(super) use users::LEAVING_MAX;
pub use users::{
    NewUser, UserChange, break_silence, change_own_password, create_user, delete_user, fall_silent, join_queue, leave_queue,
    reset_password, update_user,
};

use super::model::{ACTIVE_BY_ROLE, Member};
use super::roles::BuiltIn;
use crate::{
    base::{Check, Error, Result, UserId},
    platform::{
        journal::NewEvent,
        store::{KeyRange, Read, Tx, Write},
    },
};
use serde_json::json;

/// Most queues one person works in.
const QUEUES_MAX: usize = 50;

/// Stores a changed member and tells who may see colleagues. Writes nothing where nothing changed.
pub(super) fn save_member(tx: &mut Tx<'_, '_>, old: Option<&Member>, member: &mut Member) -> Result<()> {
    if old == Some(&*member) {
        return Ok(());
    }
    // The name is no right, but sockets carry it along with them.
    let rights = old.is_none_or(|old| {
        (&old.role, &old.extra, &old.queues, &old.name) != (&member.role, &member.extra, &member.queues, &member.name)
            || (old.is_active, old.left_at) != (member.is_active, member.left_at)
    });
    store_member(tx, old, member, rights)
}

/// What somebody may do changed by what happened in another firm: told here too, so that whoever was away hears of it.
pub(super) fn tell_rights_changed(tx: &mut Tx<'_, '_>, user: UserId) -> Result<()> {
    let Some(old) = tx.get::<Member>(&user)?.filter(|member| member.left_at.is_none()) else { return Ok(()) };
    store_member(tx, Some(&old), &mut old.clone(), true)
}

/// Events say whether the change touched what they may do; a sign-in or a pause does not.
fn store_member(tx: &mut Tx<'_, '_>, old: Option<&Member>, member: &mut Member, rights: bool) -> Result<()> {
    member.rev = tx.next_rev();
    if old.is_some() {
        member.updated_at = tx.now();
    }
    tx.replace(old, member)?;
    let kind = if old.is_none() { "user.created" } else { "user.updated" };
    let gone = member.left_at.is_some();
    tx.emit(NewEvent {
        kind: if gone { "user.deleted" } else { kind },
        subject: member.user.into(),
        before: if old.is_none() { Default::default() } else { Member::audience() },
        after: if gone { Default::default() } else { Member::audience() },
        data: json!({
            "number": member.number, "role": member.role, "status": member.presence, "isActive": member.is_active,
            "queueIds": member.queues, "rights": rights,
        }),
    })?;
    Ok(())
}

/// The member, if they have not left.
pub(super) fn present_member(read: &impl Read<Scope = crate::platform::store::TenantScope>, user: UserId) -> Result<Member> {
    read.get::<Member>(&user)?.filter(|member| member.left_at.is_none()).ok_or(Error::NotFound("user"))
}

/// Refuses a change that would leave the tenant with nobody to manage it.
fn keep_an_owner(tx: &Tx<'_, '_>, member: &Member) -> Result<()> {
    let is_owner = |role: &str| matches!(BuiltIn::from_key(role), Some(BuiltIn::SuperAdmin | BuiltIn::Admin));
    if !is_owner(&member.role) || !member.is_active {
        return Ok(());
    }
    for role in [BuiltIn::SuperAdmin, BuiltIn::Admin] {
        for hit in tx.scan(&ACTIVE_BY_ROLE, KeyRange::prefix(role.key()))? {
            if hit?.key != member.user {
                return Ok(());
            }
        }
    }
    Err(Error::conflict("last_owner", "this is the last administrator; make somebody else one first"))
}

/// Is this an e-mail address we can take? No more than its shape; only a mail proves one.
pub(super) fn check_email(check: &mut Check, field: &'static str, email: &str) {
    let parts = email.split_once('@');
    let shaped = parts.is_some_and(|(name, host)| {
        let clean = |part: &str| {
            !part.is_empty() && part.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"@<>,;\"".contains(c))
        };
        clean(name) && clean(host) && name.len() <= 64 && !host.starts_with('.') && !host.ends_with('.') && !host.contains("..")
    });
    check.that(!email.is_empty(), field, "required", "must not be empty");
    check.that(email.is_empty() || shaped && email.len() <= 254, field, "format", "give an address such as ana@example.com");
}
