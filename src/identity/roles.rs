//! Built-in roles as presets over permissions, and how a member's grants come about.
//!
//! Checks name permissions, never roles; this table is the only place that knows what a role may do.

use super::model::{Member, Role};
use crate::{
    base::{Check, Error, Grants, Permission, Reach, Result, UserId},
    platform::store::{Read, TenantScope},
};
use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

/// Seeing colleagues.
pub const USER_READ: Permission = Permission("user.read");
/// Making, changing, inviting and removing colleagues.
pub const USER_MANAGE: Permission = Permission("user.manage");
/// Seeing roles.
pub const ROLE_READ: Permission = Permission("role.read");
/// Making and changing roles.
pub const ROLE_MANAGE: Permission = Permission("role.manage");
/// Changing the facts of the tenant.
pub const TENANT_MANAGE: Permission = Permission("tenant.manage");

/// A role every tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// Everything, above tenants too.
    SuperAdmin,
    /// Everything in the tenant.
    Admin,
    /// Leads the team: all conversations, no settings.
    Supervisor,
    /// Works in queues.
    Agent,
    /// A customer's own access.
    Client,
    /// A telephony user: sees colleagues and contacts.
    User,
    /// A driver in the field; the sources also say dépanneur.
    Driver,
}

use BuiltIn::{Admin, Agent, Client, Driver, SuperAdmin, Supervisor, User};

/// What each permission reaches, by role: admin, supervisor, agent, client, user. A super admin holds `*`;
/// a driver's permissions come with the rooms a driver works in.
const PRESETS: &[(&str, [Option<Reach>; 5])] = {
    const ALL: Option<Reach> = Some(Reach::Tenant);
    const QUE: Option<Reach> = Some(Reach::Queue);
    const OWN: Option<Reach> = Some(Reach::Own);
    const NOT: Option<Reach> = None;
    &[
        ("conversation.read", [ALL, ALL, QUE, OWN, OWN]),
        ("conversation.reply", [ALL, ALL, QUE, OWN, OWN]),
        ("conversation.assign", [ALL, ALL, QUE, NOT, NOT]),
        ("conversation.resolve", [ALL, ALL, QUE, NOT, NOT]),
        ("conversation.archive", [ALL, ALL, NOT, NOT, NOT]),
        ("contact.read", [ALL, ALL, ALL, OWN, ALL]),
        ("contact.write", [ALL, ALL, ALL, NOT, NOT]),
        ("user.read", [ALL, ALL, ALL, NOT, ALL]),
        ("user.manage", [ALL, NOT, NOT, NOT, NOT]),
        ("role.read", [ALL, ALL, NOT, NOT, NOT]),
        ("role.manage", [ALL, NOT, NOT, NOT, NOT]),
        ("queue.read", [ALL, ALL, ALL, NOT, ALL]),
        ("queue.manage", [ALL, NOT, NOT, NOT, NOT]),
        ("channel.read", [ALL, ALL, ALL, NOT, NOT]),
        ("channel.manage", [ALL, NOT, NOT, NOT, NOT]),
        ("template.read", [ALL, ALL, ALL, NOT, ALL]),
        ("template.manage", [ALL, NOT, NOT, NOT, NOT]),
        ("settings.read", [ALL, ALL, NOT, NOT, NOT]),
        ("settings.manage", [ALL, NOT, NOT, NOT, NOT]),
        ("deadletter.manage", [ALL, ALL, NOT, NOT, NOT]),
        ("job.read", [ALL, ALL, NOT, NOT, NOT]),
        ("job.manage", [ALL, NOT, NOT, NOT, NOT]),
        ("tenant.manage", [ALL, NOT, NOT, NOT, NOT]),
        ("system.read", [ALL, ALL, NOT, NOT, NOT]),
    ]
};

static GRANTS: LazyLock<[Arc<Grants>; 7]> = LazyLock::new(|| BuiltIn::ALL.map(|role| Arc::new(Grants::from_pairs(role.pairs()))));

impl BuiltIn {
    /// All of them, widest first.
    pub const ALL: [BuiltIn; 7] = [SuperAdmin, Admin, Supervisor, Agent, Client, User, Driver];

    /// As the API writes it.
    pub const fn key(self) -> &'static str {
        match self {
            SuperAdmin => "SUPER_ADMIN",
            Admin => "ADMIN",
            Supervisor => "SUPERVISOR",
            Agent => "AGENT",
            Client => "CLIENT",
            User => "USER",
            Driver => "DEPANNEUR",
        }
    }
    /// The role of this key, in any case; `driver` is another word for `DEPANNEUR`.
    pub fn from_key(key: &str) -> Option<Self> {
        let key = key.trim();
        let driver = key.eq_ignore_ascii_case("driver").then_some(Driver);
        driver.or_else(|| Self::ALL.into_iter().find(|role| role.key().eq_ignore_ascii_case(key)))
    }
    /// The role number of the dispatch source: 1 administrator, 2 staff, 3 own resources only (CNF-01).
    pub const fn tipo_id(self) -> u8 {
        match self {
            SuperAdmin | Admin => 1,
            Supervisor | Agent | User => 2,
            Client | Driver => 3,
        }
    }
    /// The role a number stands for when given in.
    pub const fn from_tipo_id(tipo_id: u8) -> Option<Self> {
        match tipo_id {
            1 => Some(Admin),
            2 => Some(Agent),
            3 => Some(Client),
            _ => None,
        }
    }
    /// What it may do.
    pub fn grants(self) -> Arc<Grants> {
        GRANTS[self as usize].clone()
    }
    fn pairs(self) -> Vec<(Cow<'static, str>, Reach)> {
        let column = match self {
            SuperAdmin => return vec![("*".into(), Reach::Tenant)],
            Driver => return Vec::new(),
            Admin => 0,
            Supervisor => 1,
            Agent => 2,
            Client => 3,
            User => 4,
        };
        PRESETS.iter().filter_map(|(name, reaches)| reaches[column].map(|reach| (Cow::Borrowed(*name), reach))).collect()
    }
}

/// Permissions over records that are somebody's, so that less than the whole firm's means something. Held
/// narrower, any other would open all of its records, or none.
fn can_be_narrowed(name: &str) -> bool {
    name.starts_with("conversation.") || matches!(name, "contact.read" | "user.read")
}

/// Is there a permission of this name that a role may hold this far?
pub fn may_be_given(name: &str, reach: Reach) -> bool {
    is_permission(name) && (reach == Reach::Tenant || can_be_narrowed(name))
}

/// Is there a permission of this name that a role may hold?
pub fn is_permission(name: &str) -> bool {
    PRESETS.iter().any(|(known, _)| *known == name)
}

/// Refuses permissions that are none, or that can't be narrowed as asked.
pub(super) fn check_given(check: &mut Check, given: &[(String, Reach)]) {
    let known = given.iter().all(|(name, _)| is_permission(name));
    check.that(known, "permissions", "unknown", "give permissions listed in GET /roles");
    for (name, reach) in given.iter().filter(|(name, reach)| is_permission(name) && !may_be_given(name, *reach)) {
        let word = serde_json::to_value(reach).ok().and_then(|word| Some(word.as_str()?.to_owned())).unwrap_or_default();
        let detail = format!("{name} reaches the whole firm (tenant) or is not given: there is no {word} of it");
        check.that(false, format!("permissions.{name}"), "out_of_range", detail);
    }
}

/// All permissions a role may hold.
pub fn permissions() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// The key as stored, of a role that exists: built in or the tenant's own.
pub(super) fn known_key(read: &impl Read<Scope = TenantScope>, key: &str) -> Result<String> {
    if let Some(role) = BuiltIn::from_key(key) {
        return Ok(role.key().to_owned());
    }
    let own = read.find(&super::model::ROLES_BY_KEY, key.trim().to_uppercase().as_str())?;
    own.map(|role: Role| role.key).ok_or_else(|| Error::invalid("role", "unknown", "give the key of a role in GET /roles"))
}

/// What a role may do; nothing if it is gone.
pub(super) fn grants_of_role(read: &impl Read<Scope = TenantScope>, key: &str) -> Result<Arc<Grants>> {
    if let Some(role) = BuiltIn::from_key(key) {
        return Ok(role.grants());
    }
    let own = read.find(&super::model::ROLES_BY_KEY, key)?;
    Ok(Arc::new(own.map(|role: Role| role.grants()).unwrap_or_default()))
}

/// What somebody may do here; `None` where they don't work here (any more).
///
/// # Errors
/// The store's.
pub fn grants_of_user(read: &impl Read<Scope = TenantScope>, user: UserId) -> Result<Option<Arc<Grants>>> {
    let member = read.get::<Member>(&user)?.filter(|member| member.is_active && member.left_at.is_none());
    member.map(|member| grants_of(read, &member)).transpose()
}

/// What a member may do: their role and what they were given beyond it.
pub(super) fn grants_of(read: &impl Read<Scope = TenantScope>, member: &Member) -> Result<Arc<Grants>> {
    let role = grants_of_role(read, &member.role)?;
    if member.extra.is_empty() {
        return Ok(role);
    }
    Ok(Arc::new(join(&role, &member.extra)))
}

/// `grants` and more.
pub(super) fn join(grants: &Grants, more: &[(String, Reach)]) -> Grants {
    let own = grants.pairs().map(|(name, reach)| (Cow::Owned(name.to_owned()), reach));
    let more = more.iter().filter(|(name, reach)| may_be_given(name, *reach));
    Grants::from_pairs(own.chain(more.map(|(name, reach)| (Cow::Owned(name.clone()), *reach))))
}

/// The role number of whatever role.
pub(super) fn tipo_id(read: &impl Read<Scope = TenantScope>, key: &str) -> Result<u8> {
    if let Some(role) = BuiltIn::from_key(key) {
        return Ok(role.tipo_id());
    }
    let own: Option<Role> = read.find(&super::model::ROLES_BY_KEY, key)?;
    Ok(own.and_then(|role| BuiltIn::from_key(&role.base?)).map_or(2, BuiltIn::tipo_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_roles_cover_narrower_ones() {
        for pair in [SuperAdmin, Admin, Supervisor, Agent, Client].windows(2) {
            let covers = pair[0].grants().covers(&pair[1].grants());
            assert!(covers, "{:?} covers {:?}", pair[0], pair[1]);
            assert!(!pair[1].grants().covers(&pair[0].grants()));
        }
    }

    #[test]
    fn words_and_numbers_of_the_sources_name_roles() {
        for (word, role) in [("ADMIN", Admin), ("admin", Admin), ("driver", Driver), ("depanneur", Driver), ("user", User)] {
            assert_eq!(BuiltIn::from_key(word), Some(role));
        }
        assert_eq!(BuiltIn::from_key("owner"), None);
        let numbers = BuiltIn::ALL.map(|role| (role.key(), role.tipo_id()));
        assert_eq!(
            numbers,
            [("SUPER_ADMIN", 1), ("ADMIN", 1), ("SUPERVISOR", 2), ("AGENT", 2), ("CLIENT", 3), ("USER", 2), ("DEPANNEUR", 3)]
        );
        for number in 1..=3 {
            assert_eq!(BuiltIn::from_tipo_id(number).unwrap().tipo_id(), number);
        }
    }
}
