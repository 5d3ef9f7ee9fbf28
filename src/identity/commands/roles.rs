//! Roles of the tenant's own.

use super::users::covers;
use crate::{
    base::{Actor, Check, Error, Reach, Result, RoleId, text::fold},
    identity::{
        model::{MEMBERS_BY_ROLE, ROLES_BY_KEY, Role},
        roles::{BuiltIn, ROLE_MANAGE, ROLE_READ, check_given},
    },
    platform::{
        journal::{Audience, NewEvent},
        store::{KeyRange, Read, Tx, Write},
    },
};
use serde_json::json;

/// Roles of one tenant.
const ROLES_MAX: usize = 50;

/// A role as asked for; absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// As people call it.
    pub name: Option<String>,
    /// The built-in role it extends; `Some(None)`: none.
    pub base: Option<Option<String>>,
    /// Permissions beyond the base's.
    pub permissions: Option<Vec<(String, Reach)>>,
}

/// Makes a role. Needs `role.manage` and every permission the role gives.
///
/// # Errors
/// `Conflict` `taken` when the key made of the name is; `Invalid` with every wrong field.
pub fn create_role(tx: &mut Tx<'_, '_>, actor: &Actor, new: RoleChange) -> Result<Role> {
    actor.require(ROLE_MANAGE)?;
    let now = tx.now();
    let name = new.name.clone().unwrap_or_default();
    let key = key_of(&name);
    if tx.all::<Role>(KeyRange::all())?.count() >= ROLES_MAX {
        return Err(Error::Quota { what: format!("{ROLES_MAX} roles").into(), retry_after_secs: 0 });
    }
    let mut role = Role {
        id: tx.new_id(),
        key: key.clone(),
        name: String::new(),
        base: None,
        permissions: Vec::new(),
        created_at: now,
        updated_at: now,
        rev: tx.next_rev(),
    };
    apply(&mut role, RoleChange { name: Some(name), ..new })?;
    if key.is_empty() || BuiltIn::from_key(&key).is_some() || tx.find(&ROLES_BY_KEY, key.as_str())?.is_some() {
        return Err(Error::invalid("name", "taken", "another role is called so"));
    }
    covers(actor, &role.grants())?;
    tx.insert(&role)?;
    tx.emit(told("role.created", &role, Audience::nobody(), Audience::holders(ROLE_READ)))?;
    Ok(role)
}

/// Changes a role; everybody who has it may do the new things with their next request. Needs `role.manage` and every
/// permission the role gave and will give.
pub fn update_role(tx: &mut Tx<'_, '_>, actor: &Actor, id: RoleId, change: RoleChange) -> Result<Role> {
    actor.require(ROLE_MANAGE)?;
    let old: Role = tx.require(&id)?;
    covers(actor, &old.grants())?;
    let mut role = old.clone();
    apply(&mut role, change)?;
    covers(actor, &role.grants())?;
    if role != old {
        (role.updated_at, role.rev) = (tx.now(), tx.next_rev());
        tx.replace(Some(&old), &role)?;
        tx.emit(told("role.updated", &role, Audience::holders(ROLE_READ), Audience::holders(ROLE_READ)))?;
    }
    Ok(role)
}

/// Removes a role that nobody has.
///
/// # Errors
/// `Conflict` `in_use` while somebody has it.
pub fn delete_role(tx: &mut Tx<'_, '_>, actor: &Actor, id: RoleId) -> Result<()> {
    actor.require(ROLE_MANAGE)?;
    let role: Role = tx.require(&id)?;
    covers(actor, &role.grants())?;
    if tx.scan(&MEMBERS_BY_ROLE, KeyRange::prefix(role.key.as_str()))?.next().transpose()?.is_some() {
        return Err(Error::conflict("in_use", "somebody has this role; give them another first"));
    }
    tx.delete::<Role>(&id)?;
    tx.emit(told("role.deleted", &role, Audience::holders(ROLE_READ), Audience::nobody()))?;
    Ok(())
}

fn apply(role: &mut Role, change: RoleChange) -> Result<()> {
    let mut check = Check::new();
    if let Some(name) = change.name {
        check.length("name", &name, 1, 60);
        name.trim().clone_into(&mut role.name);
    }
    if let Some(base) = change.base {
        let known = base.as_deref().map(BuiltIn::from_key);
        check.that(known != Some(None), "base", "unknown", "give the key of a built-in role");
        role.base = known.flatten().map(|role| role.key().to_owned());
    }
    if let Some(permissions) = change.permissions {
        check_given(&mut check, &permissions);
        role.permissions = permissions;
    }
    check.done()
}

/// `Équipe de nuit` becomes `EQUIPE_DE_NUIT`.
fn key_of(name: &str) -> String {
    let words: Vec<String> =
        fold(name).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_uppercase).collect();
    words.join("_")
}

fn told(kind: &'static str, role: &Role, before: Audience, after: Audience) -> NewEvent {
    NewEvent { kind, subject: role.id.into(), before, after, data: json!({ "key": role.key }) }
}
