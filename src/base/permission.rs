//! Permissions: `resource.action` with how far it reaches. Checks name permissions, never roles.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

/// One thing a person may be allowed to do, e.g. `conversation.assign`. Each room declares its own as constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(pub &'static str);

/// How far a permission reaches. A wider reach includes every narrower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// What is mine: assigned to me, made by me.
    Own,
    /// What lies in a queue I work in.
    Queue,
    /// What belongs to my organisation (a client company inside the tenant).
    Organisation,
    /// Everything of the tenant.
    Tenant,
}

/// What one person may do in one tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants(BTreeMap<Cow<'static, str>, Reach>);

impl Grants {
    /// Grants from pairs; the widest reach of a permission counts.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (Cow<'static, str>, Reach)>) -> Self {
        let mut map = BTreeMap::new();
        for (name, reach) in pairs {
            let entry = map.entry(name).or_insert(reach);
            *entry = (*entry).max(reach);
        }
        Self(map)
    }
    /// How far `permission` reaches, if it is held at all. The permission `*` stands for all.
    pub fn reach(&self, permission: Permission) -> Option<Reach> {
        self.0.get(permission.0).or_else(|| self.0.get("*")).copied()
    }
    /// Is `permission` held, at whatever reach?
    pub fn allows(&self, permission: Permission) -> bool {
        self.reach(permission).is_some()
    }
    /// All pairs, by name.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, Reach)> {
        self.0.iter().map(|(name, reach)| (name.as_ref(), *reach))
    }
    /// Does this hold everything that `other` holds, as far as it reaches? (Nobody hands out more than they have.)
    pub fn covers(&self, other: &Grants) -> bool {
        other.0.iter().all(|(name, reach)| self.0.get(name).or_else(|| self.0.get("*")).is_some_and(|mine| mine >= reach))
    }
}
