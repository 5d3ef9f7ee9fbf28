//! People the firm speaks with, and the addresses they use.
//!
//! A contact has any number of identities (phone, WhatsApp id, business-scoped id, e-mail, …); each is
//! a unique key to exactly one contact, taken in the transaction that first sees it, so a hundred copies
//! of one webhook make one contact.
//!
//! Contacts that people say are one person become parts of one of them ([`merge`]), and can be taken apart again: each keeps
//! its record and number, which lead on to the whole ([`current`]); addresses move and remember whose they were.
//!
//! Invariants: an identity is attached, never overwritten; what a person typed is never replaced by what
//! a provider's profile says; two contacts that turn out to be one are suggested to people, never merged
//! by themselves. Deliberately absent: a phone column that decides who somebody is.
//!
//! Other rooms use [`resolve`], [`relink`] and read [`Contact`] by its id.

mod api;
mod commands;
mod consent;
mod identity;
mod kin;
mod merge_api;
mod model;
mod suggestions;
#[cfg(test)]
mod tests;
mod words;

pub use api::{ContactFrames, ContactView, contact_named, find, routes, sees_all};
pub use commands::{
    ContactChange, GroupChange, Lookalikes, MERGED_AT_ONCE_MAX, NewContact, Observed, Resolved, Unmerged, create, dismiss,
    find_by_identity, merge, merges_of, relink, require_contact, resolve, resolve_group, set_blocked, set_consent, touch,
    unmerge, update,
};
pub use consent::{CONSENTS_MAX, Consent, ConsentSource, Group, MEMBERS_MAX, Member, Purpose};
pub use identity::{Identity, IdentityKind, canonical, phone_of};
pub use kin::{FAMILY_MAX, Merge, current, family};
pub use model::{
    ACTIVITY_GRAIN, CONTACT_CREATED, CONTACT_DUPLICATE_SUGGESTED, CONTACT_MERGED, CONTACT_READ, CONTACT_SUGGESTED,
    CONTACT_UNMERGED, CONTACT_UPDATED, CONTACT_WRITE, CONTACTS_BY_ACTIVITY, CONTACTS_BY_NAME, CONTACTS_BY_WORD, Contact,
    NUMBER_TO_CONTACT, NameSource,
};
pub use suggestions::{Pair, Reason, Suggestion};
pub use words::ContactWords;
