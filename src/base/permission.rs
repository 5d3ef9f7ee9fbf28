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

impl Reach {
    /// All of them, the narrowest first.
    pub const ALL: [Reach; 4] = [Reach::Own, Reach::Queue, Reach::Organisation, Reach::Tenant];
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
        self.widest(permission.0)
    }
    /// As [`Grants::reach`], for a permission that is known by name alone.
    pub fn widest(&self, name: &str) -> Option<Reach> {
        self.0.get(name).max(self.0.get("*")).copied()
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
        other.0.iter().all(|(name, reach)| self.widest(name).is_some_and(|mine| mine >= *reach))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 4] = ["*", "conversation.read", "user.manage", "queue.read"];

    fn grants() -> impl Strategy<Value = Grants> {
        let reach = prop_oneof![Just(Reach::Own), Just(Reach::Queue), Just(Reach::Organisation), Just(Reach::Tenant)];
        proptest::collection::vec((proptest::sample::select(&NAMES[..]), reach), 0..6)
            .prop_map(|pairs| Grants::from_pairs(pairs.into_iter().map(|(name, reach)| (name.into(), reach))))
    }

    proptest! {
        #[test]
        fn who_covers_another_can_do_all_the_other_can(mine in grants(), yours in grants()) {
            if mine.covers(&yours) {
                for name in NAMES {
                    prop_assert!(mine.reach(Permission(name)) >= yours.reach(Permission(name)));
                }
            }
        }

        #[test]
        fn covering_is_reflexive_and_transitive(a in grants(), b in grants(), c in grants()) {
            prop_assert!(a.covers(&a));
            prop_assert!(a.covers(&Grants::default()));
            if a.covers(&b) && b.covers(&c) {
                prop_assert!(a.covers(&c));
            }
        }

        #[test]
        fn giving_more_never_takes_away(a in grants(), b in grants()) {
            let own = |g: &Grants| g.pairs().map(|(n, r)| (n.to_owned().into(), r)).collect::<Vec<_>>();
            let both = Grants::from_pairs(own(&a).into_iter().chain(own(&b)));
            prop_assert!(both.covers(&a) && both.covers(&b));
        }

        #[test]
        fn only_all_covers_all(a in grants()) {
            let all = Grants::from_pairs([("*".into(), Reach::Tenant)]);
            prop_assert!(all.covers(&a));
            prop_assert_eq!(a.covers(&all), a.reach(Permission("*")) == Some(Reach::Tenant));
        }
    }
}
