//! Contacts that are one person: what each says by itself, and what they say together.
//!
//! A contact that became part of another keeps its record, its number and what it said of itself; its addresses move to
//! the other one, each noting its home. Whoever names it is led on. What the whole says is always computed from what its
//! members say by themselves, so that joining and taking apart may happen in any order.

use super::{
    commands::Observed,
    consent::Consent,
    identity::{IdentityKind, other_spellings, phone_of},
    model::{Contact, NameSource},
};
use crate::{
    base::{ContactId, Error, IdentityId, MergeId, Result, Timestamp, UserId},
    platform::store::{Index, Read, Record, TableId, TenantScope},
};
use serde::{Deserialize, Serialize};

/// Contacts that may be one person, counting the one that stands for them.
pub const FAMILY_MAX: usize = 12;

/// What a contact says of itself, apart from its addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its name.
    pub name: String,
    /// Where the name comes from.
    pub name_source: NameSource,
    /// What the provider's profile says.
    pub pushname: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// The language they are written to in.
    pub language: Option<String>,
    /// Blocked by us?
    pub is_blocked: bool,
    /// What they agreed to receive.
    pub consents: Vec<Consent>,
}

/// How a contact stands to others that are the same person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kin {
    /// The contact it became part of.
    pub into: Option<ContactId>,
    /// The contacts that became part of it, in that order.
    pub parts: Vec<ContactId>,
    /// What it says by itself, where others are part of it.
    pub own: Option<Facts>,
}

/// One contact that a merge made part of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which.
    pub contact: ContactId,
    /// The addresses that moved.
    pub identities: Vec<IdentityId>,
}

/// Who took a merge back, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// One joining of contacts. Holds ids alone: names and addresses are read from the contacts as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Its id.
    pub id: MergeId,
    /// The contact that stands for all.
    pub into: ContactId,
    /// Those that became part of it.
    pub parts: Vec<Part>,
    /// Who joined them.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Taken back.
    pub undone: Option<Undone>,
}

/// A contact's merges, oldest first.
pub static MERGES_OF_CONTACT: Index<Merge> =
    Index::ordered(0x4011, "merges of contact", |merge, entries| entries.add(merge.into));

impl Record for Merge {
    type Key = MergeId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x4010);
    const NAME: &'static str = "merge";
    const INDEXES: &'static [&'static Index<Self>] = &[&MERGES_OF_CONTACT];
    fn key(&self) -> MergeId {
        self.id
    }
}

impl Facts {
    /// What a contact's record says.
    pub(super) fn of(contact: &Contact) -> Self {
        Self {
            name: contact.name.clone(),
            name_source: contact.name_source,
            pushname: contact.pushname.clone(),
            avatar_url: contact.avatar_url.clone(),
            language: contact.language.clone(),
            is_blocked: contact.is_blocked,
            consents: contact.consents.clone(),
        }
    }

    /// Writes them onto the record.
    pub(super) fn put_on(self, contact: &mut Contact) {
        let Self { name, name_source, pushname, avatar_url, language, is_blocked, consents } = self;
        contact.name = name;
        contact.name_source = name_source;
        contact.pushname = pushname;
        contact.avatar_url = avatar_url;
        contact.language = language;
        contact.is_blocked = is_blocked;
        contact.consents = consents;
    }

    /// Both together: `self` speaks first, `other` fills what is empty. Who blocked or refused on either side is blocked
    /// and has refused.
    pub(super) fn with(mut self, other: Self) -> Self {
        if self.name_source < other.name_source {
            self.name = other.name;
            self.name_source = other.name_source;
        }
        self.consents = both(&self.consents, &other.consents);
        Self {
            pushname: self.pushname.or(other.pushname),
            avatar_url: self.avatar_url.or(other.avatar_url),
            language: self.language.or(other.language),
            is_blocked: self.is_blocked || other.is_blocked,
            ..self
        }
    }
}

/// What one side said of a channel and purpose, by itself or of all channels.
fn said<'a>(side: &'a [Consent], about: &Consent) -> Option<&'a Consent> {
    let of = |channel| side.iter().find(|c| c.channel == channel && c.purpose == about.purpose);
    of(about.channel).or_else(|| of(None))
}

/// A refusal wins over an agreement, whichever is newer; of two alike the newer one is kept. What one side refused for all
/// channels is refused for each channel the other side agreed to.
fn both(a: &[Consent], b: &[Consent]) -> Vec<Consent> {
    let mut together: Vec<Consent> = Vec::new();
    for about in a.iter().chain(b) {
        if together.iter().any(|c| c.channel == about.channel && c.purpose == about.purpose) {
            continue;
        }
        let sides = [said(a, about), said(b, about)];
        let strongest = sides.into_iter().flatten().max_by_key(|c| (!c.is_granted, c.at));
        together.extend(strongest.map(|c| Consent { channel: about.channel, ..c.clone() }));
    }
    together
}

impl Contact {
    /// Did it become part of another?
    pub fn is_part(&self) -> bool {
        self.kin.as_ref().is_some_and(|kin| kin.into.is_some())
    }
    /// The contacts that became part of it.
    pub fn parts(&self) -> &[ContactId] {
        self.kin.as_ref().map_or(&[], |kin| &kin.parts)
    }
    /// What it says by itself.
    pub(super) fn own(&self) -> Facts {
        self.kin.as_ref().and_then(|kin| kin.own.clone()).unwrap_or_else(|| Facts::of(self))
    }
    /// Changes what it says by itself and what is shown alike.
    pub(super) fn tell(&mut self, change: impl Fn(&mut Facts)) {
        let mut shown = Facts::of(self);
        change(&mut shown);
        shown.put_on(self);
        if let Some(own) = self.kin.as_mut().and_then(|kin| kin.own.as_mut()) {
            change(own);
        }
    }
    /// Whose an address in canonical form is: its own, or that of a contact that became part of it.
    pub fn home_of(&self, address: &Observed) -> ContactId {
        if self.kin.is_none() {
            return self.id;
        }
        let mut current = self.identities.iter().filter(|i| i.is_current());
        let same = current.clone().find(|i| (i.kind, &i.value, i.channel) == (address.kind, &address.value, address.channel));
        let phone = || match address.kind {
            IdentityKind::Phone => Some(address.value.clone()),
            IdentityKind::Whatsapp => phone_of(&address.value),
            _ => None,
        };
        let found = same.or_else(|| {
            let phone = phone()?;
            let other = other_spellings(&phone);
            current.find(|i| i.kind == IdentityKind::Phone && (i.value == phone || Some(&i.value) == other.as_ref()))
        });
        found.and_then(|identity| identity.home).unwrap_or(self.id)
    }
}

/// The contact `id` names now: itself, or the one it became part of. One read where it stands alone.
///
/// # Errors
/// `NotFound`.
pub fn current(source: &impl Read<Scope = TenantScope>, id: ContactId) -> Result<Contact> {
    let mut contact = source.require::<Contact>(&id)?;
    for _ in 0..FAMILY_MAX {
        let Some(into) = contact.kin.as_ref().and_then(|kin| kin.into) else { return Ok(contact) };
        contact = source.require(&into)?;
    }
    Err(Error::internal(format!("contact {id} is part of itself")))
}

/// `contact` and all that became part of it, itself first. Reads nothing where it stands alone.
pub fn family(source: &impl Read<Scope = TenantScope>, contact: &Contact) -> Result<Vec<ContactId>> {
    let mut all = vec![contact.id];
    let mut waiting = contact.parts().to_vec();
    while let Some(id) = waiting.pop() {
        all.push(id);
        waiting.extend_from_slice(source.require::<Contact>(&id)?.parts());
    }
    Ok(all)
}

/// What `contact` and all that became part of it say together.
pub(super) fn facts_of(source: &impl Read<Scope = TenantScope>, contact: &Contact) -> Result<Facts> {
    contact.parts().iter().try_fold(contact.own(), |facts, id| {
        let part = source.require::<Contact>(id)?;
        Ok(facts.with(facts_of(source, &part)?))
    })
}

#[cfg(test)]
mod golden {
    use super::*;
    use crate::platform::store::golden::check;

    #[test]
    fn stored_bytes_stay_as_they_are() {
        check::<Merge>();
    }
}
