//! People the firm speaks with, and the addresses they use.
//!
//! A contact has any number of identities (phone, WhatsApp id, business-scoped id, e-mail, …); each is
//! a unique key to exactly one contact, taken in the transaction that first sees it, so a hundred copies
//! of one webhook make one contact.
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
mod model;
#[cfg(test)]
mod tests;
mod words;

pub use api::{ContactFrames, ContactView, contact_named, find, routes, sees_all};
pub use commands::{
    ContactChange, GroupChange, NewContact, Observed, Resolved, create, find_by_identity, relink, require_contact, resolve,
    resolve_group, set_blocked, set_consent, touch, update,
};
pub use consent::{CONSENTS_MAX, Consent, ConsentSource, Group, MEMBERS_MAX, Member, Purpose};
pub use identity::{Identity, IdentityKind, canonical, phone_of};
pub use model::{
    ACTIVITY_GRAIN, CONTACT_CREATED, CONTACT_DUPLICATE_SUGGESTED, CONTACT_READ, CONTACT_UPDATED, CONTACT_WRITE,
    CONTACTS_BY_ACTIVITY, CONTACTS_BY_NAME, CONTACTS_BY_WORD, Contact, NUMBER_TO_CONTACT, NameSource,
};
pub use words::ContactWords;
