//! The contact record with its indexes, events and permissions.

use super::{
    consent::{Consent, Group},
    identity::{Identity, IdentityKind},
    kin::Kin,
};
use crate::{
    base::{ContactId, Permission, Timestamp, phone, text::fold},
    platform::store::{Index, Record, TableId, TenantScope},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// See contacts, their names and their full addresses.
pub const CONTACT_READ: Permission = Permission("contact.read");
/// Make and change contacts, block them.
pub const CONTACT_WRITE: Permission = Permission("contact.write");

/// A contact was made; listeners: realtime, search.
pub const CONTACT_CREATED: &str = "contact.created";
/// A contact's facts changed; listeners: realtime, search, conversations (the names on their cards).
pub const CONTACT_UPDATED: &str = "contact.updated";
/// A contact became part of another; listeners: realtime, search, conversations.
pub const CONTACT_MERGED: &str = "contact.merged";
/// A contact stands alone again; listeners: realtime, search, conversations.
pub const CONTACT_UNMERGED: &str = "contact.unmerged";
/// Two contacts look like one person, and nobody said yet what is so; listeners: realtime.
pub const CONTACT_SUGGESTED: &str = "contact.suggested";
/// One message named two contacts: they may be one person. Listeners: the suggestions.
pub const CONTACT_DUPLICATE_SUGGESTED: &str = "contact.duplicate_suggested";

/// Activity is kept to this grain, so that a burst of messages writes the contact once.
pub const ACTIVITY_GRAIN: Duration = Duration::from_secs(60);
/// Identities one contact may have; more is an attack or a mistake.
pub const IDENTITIES_MAX: usize = 50;
/// Suggested duplicates remembered on one contact.
pub const SUGGESTIONS_MAX: usize = 10;

/// Where a contact's name comes from; a higher one is never replaced by a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NameSource {
    /// Nobody told us; the address stands in.
    Address,
    /// The provider's profile.
    Profile,
    /// One of us typed it.
    Person,
}

/// Somebody the firm speaks with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Its running number in the tenant.
    pub number: u64,
    /// The name shown.
    pub name: String,
    /// Where the name comes from.
    pub name_source: NameSource,
    /// What the provider's profile says, whatever we call them.
    pub pushname: Option<String>,
    /// All addresses, oldest first, former ones included.
    pub identities: Vec<Identity>,
    /// A picture of them.
    pub avatar_url: Option<String>,
    /// The language they are written to in, as a BCP 47 tag.
    pub language: Option<String>,
    /// Messages from them are kept but call nobody; nothing is sent to them.
    pub is_blocked: bool,
    /// What they agreed to receive, as last heard of each channel and purpose.
    pub consents: Vec<Consent>,
    /// A group instead of a person.
    pub group: Option<Box<Group>>,
    /// Contacts that one message showed to be perhaps the same person.
    pub perhaps_same: Vec<ContactId>,
    /// How it stands to other contacts that are the same person; most stand alone.
    pub kin: Option<Box<Kin>>,
    /// The last message from or to them, to the grain of [`ACTIVITY_GRAIN`].
    pub last_activity_at: Timestamp,
    /// Since when we know them.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

impl Contact {
    /// The first current identity of a kind.
    pub fn identity(&self, kind: IdentityKind) -> Option<&str> {
        self.identities.iter().find(|i| i.kind == kind && i.is_current()).map(|i| i.value.as_str())
    }
    /// Their phone number in E.164.
    pub fn phone_number(&self) -> Option<&str> {
        self.identity(IdentityKind::Phone)
    }
    /// Their e-mail address.
    pub fn email(&self) -> Option<&str> {
        self.identity(IdentityKind::Email)
    }
    /// Does WhatsApp know them?
    pub fn is_on_whatsapp(&self) -> bool {
        [IdentityKind::Whatsapp, IdentityKind::Bsuid, IdentityKind::Lid].iter().any(|kind| self.identity(*kind).is_some())
    }
}

/// One contact per current identity.
pub static IDENTITY_TO_CONTACT: Index<Contact> = Index::unique(0x4001, "identity", |contact, entries| {
    for identity in contact.identities.iter().filter(|i| i.is_current()) {
        entries.add((identity.kind.code(), identity.channel, identity.value.as_str()));
    }
});
/// Running number to contact; one that became part of another keeps its own, which leads to the other.
pub static NUMBER_TO_CONTACT: Index<Contact> = Index::unique(0x4002, "number", |contact, entries| entries.add(contact.number));
/// Contacts by folded name. Like the two below without those that became part of another.
pub static CONTACTS_BY_NAME: Index<Contact> = Index::ordered(0x4003, "contacts by name", |contact, entries| {
    if !contact.is_part() {
        entries.add(clip(&fold(&contact.name)));
    }
});
/// Contacts by their last message.
pub static CONTACTS_BY_ACTIVITY: Index<Contact> = Index::ordered(0x4004, "contacts by activity", |contact, entries| {
    if !contact.is_part() {
        entries.add(contact.last_activity_at);
    }
});
/// Contacts by each word one may look them up with: words of the names, phone digits, e-mail, user name.
/// A walk with [`prefix_of`] finds what begins with the letters typed.
pub static CONTACTS_BY_WORD: Index<Contact> = Index::ordered(0x4005, "contacts by word", |contact, entries| {
    if !contact.is_part() {
        words(contact).into_iter().for_each(|word| entries.add(word));
    }
});

impl Record for Contact {
    type Key = ContactId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x4000);
    const NAME: &'static str = "contact";
    const INDEXES: &'static [&'static Index<Self>] =
        &[&IDENTITY_TO_CONTACT, &NUMBER_TO_CONTACT, &CONTACTS_BY_NAME, &CONTACTS_BY_ACTIVITY, &CONTACTS_BY_WORD];
    fn key(&self) -> ContactId {
        self.id
    }
}

/// Letters of one word that stand in an index; longer words are found by their beginning.
const WORD_LETTERS_MAX: usize = 40;
/// Words of one contact that stand in the index.
const WORDS_MAX: usize = 24;

fn clip(text: &str) -> String {
    text.chars().take(WORD_LETTERS_MAX).collect()
}

/// The words of a text as they stand in the index: folded, split where no letter or digit stands.
pub(super) fn folded_words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(clip).collect()
}

/// Everything one may look a contact up with.
pub(super) fn words(contact: &Contact) -> Vec<String> {
    let mut words = folded_words(&contact.name);
    words.extend(contact.pushname.as_deref().map(folded_words).unwrap_or_default());
    for identity in contact.identities.iter().filter(|i| i.is_current()) {
        match identity.kind {
            IdentityKind::Phone => words.extend(phone_words(&identity.value)),
            IdentityKind::Email | IdentityKind::Username => {
                words.push(clip(&fold(&identity.value)));
                words.extend(folded_words(&identity.value));
            }
            IdentityKind::Whatsapp => words.push(identity.value.clone()),
            _ => {}
        }
    }
    words.sort();
    words.dedup();
    words.truncate(WORDS_MAX);
    words
}

/// The ways people type a phone number: with country code, nationally without the leading zero, the last
/// eight and the last four digits.
fn phone_words(e164: &str) -> Vec<String> {
    let digits = e164.trim_start_matches('+');
    let mut words = vec![digits.to_owned()];
    words.extend(phone::national_digits(e164));
    words.extend([8, 4].iter().filter_map(|n| digits.len().checked_sub(*n)).map(|at| digits[at..].to_owned()));
    words
}

/// One typed word as it is looked up: folded; phone digits without plus, spaces and national zeros.
pub(super) fn lookup_words(typed: &str) -> Vec<String> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let phone_like =
        digits.len() >= 3 && typed.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '(' | ')' | '/'));
    if phone_like {
        let bare = digits.trim_start_matches('0');
        return if bare.is_empty() { vec![digits] } else { vec![bare.to_owned()] };
    }
    if typed.contains('@') {
        return vec![clip(&fold(typed.trim().trim_start_matches('@')))];
    }
    folded_words(typed)
}

/// The bytes every index entry of a word beginning with `letters` begins with.
pub(super) fn prefix_of(letters: &str) -> crate::platform::store::keys::Raw {
    crate::platform::store::keys::Raw(letters.as_bytes().to_vec())
}

#[cfg(test)]
mod golden {
    use super::*;
    use crate::platform::store::golden::check;

    #[test]
    fn stored_bytes_stay_as_they_are() {
        check::<Contact>();
    }
}
