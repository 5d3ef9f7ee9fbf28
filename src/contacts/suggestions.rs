//! Which contacts look like one person: noticed after the fact, decided by people.

use super::{
    commands::Observed,
    identity::{IdentityKind, other_spellings},
    kin::{current, family},
    model::{CONTACTS_BY_WORD, Contact, IDENTITY_TO_CONTACT, NameSource, folded_words, prefix_of},
};
use crate::{
    base::{ContactId, Error, Result, Timestamp, UserId},
    platform::store::{Index, KeyRange, Read, Record, TableId, TenantScope},
};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, fmt, str::FromStr};
use uuid::Uuid;

/// Contacts looked at for one fact they may share; more have it than would say anything.
const CANDIDATES_MAX: usize = 20;
/// Words and numbers of one contact that others are looked up by: one joined of many has dozens of addresses, and all of
/// them at once would not fit a command's budget.
const LOOKED_UP_MAX: usize = 6;
/// Contacts looked at by those words.
const LOOKED_AT_MAX: usize = 40;
/// Contacts looked at by the words of one name, when somebody asks.
const NAMESAKES_MAX: usize = 60;
/// Suggestions kept of one contact, and shown of one that is asked for.
pub(super) const SUGGESTED_MAX: usize = 20;
/// Names that share so much of their letters, in hundredths, are alike.
const NAMES_ALIKE: u8 = 80;

/// Two contacts, the older one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair(pub ContactId, pub ContactId);

impl Pair {
    /// The pair of two contacts in whatever order.
    pub fn of(a: ContactId, b: ContactId) -> Self {
        if a <= b { Self(a, b) } else { Self(b, a) }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.0.simple(), self.1.0.simple())
    }
}

impl FromStr for Pair {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let id = |part: Option<&str>| part.and_then(|digits| Uuid::try_parse(digits).ok()).map(ContactId);
        match (text.len(), id(text.get(..32)), id(text.get(32..))) {
            (64, Some(a), Some(b)) if a != b => Ok(Self::of(a, b)),
            _ => Err(Error::NotFound("suggestion")),
        }
    }
}

/// Why two contacts may be one person. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SuggestionReason)]
pub enum Reason {
    /// One message or one notice of a provider named both.
    NamedTogether,
    /// The same phone number, on another channel or in another spelling.
    SamePhone,
    /// The same mailbox.
    SameEmail,
    /// Names alike, and the last eight digits of their phone numbers are the same.
    NameAndDigits,
    /// Names alike, and the same name before the `@`.
    NameAndMailbox,
    /// Names alike, and the same picture.
    NameAndPicture,
    /// Names alike, nothing else. Never kept, only shown to who asks.
    Name,
}

impl Reason {
    /// How much it says, in hundredths; `alike` is how alike the names are.
    pub(super) fn score(self, alike: u8) -> u8 {
        match self {
            Self::NamedTogether => 99,
            Self::SamePhone => 95,
            Self::SameEmail => 90,
            Self::NameAndDigits | Self::NameAndPicture => 60 + alike / 5,
            Self::NameAndMailbox => 50 + alike / 4,
            Self::Name => alike / 2,
        }
    }
}

/// Two contacts that look like one person, and what was decided of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The older contact.
    pub a: ContactId,
    /// The younger one.
    pub b: ContactId,
    /// Why.
    pub reason: Reason,
    /// How much that says, in hundredths.
    pub score: u8,
    /// When it was noticed.
    pub at: Timestamp,
    /// Who said that they are two, and when.
    pub dismissed: Option<(UserId, Timestamp)>,
}

impl Suggestion {
    pub(super) fn is_open(&self) -> bool {
        self.dismissed.is_none()
    }
}

/// What nobody decided yet, by how much it says.
pub static OPEN_SUGGESTIONS: Index<Suggestion> = Index::ordered(0x4021, "open suggestions", |s, entries| {
    if s.is_open() {
        entries.add((s.score, s.at));
    }
});
/// What nobody decided yet of a contact.
pub static SUGGESTIONS_OF_CONTACT: Index<Suggestion> = Index::ordered(0x4022, "suggestions of contact", |s, entries| {
    if s.is_open() {
        entries.add((s.a, s.score));
        entries.add((s.b, s.score));
    }
});

impl Record for Suggestion {
    type Key = (ContactId, ContactId);
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x4020);
    const NAME: &'static str = "suggestion";
    const INDEXES: &'static [&'static Index<Self>] = &[&OPEN_SUGGESTIONS, &SUGGESTIONS_OF_CONTACT];
    fn key(&self) -> (ContactId, ContactId) {
        (self.a, self.b)
    }
}

/// Contacts that share with `contact` what only one person has, or a name and something beside it.
pub(super) fn lookalikes(source: &impl Read<Scope = TenantScope>, contact: &Contact) -> Result<Vec<(ContactId, Reason, u8)>> {
    let mut found: Vec<(ContactId, Reason, u8)> = Vec::new();
    if contact.group.is_some() {
        return Ok(found);
    }
    let is_number = |kind: IdentityKind| matches!(kind, IdentityKind::Phone | IdentityKind::Whatsapp);
    // The newest first: the older ones were looked up when they were new.
    let numbers = contact.identities.iter().rev().filter(|i| i.is_current() && is_number(i.kind));
    for identity in numbers.take(LOOKED_UP_MAX) {
        for address in spellings(&identity.value) {
            let holder = source.find(&IDENTITY_TO_CONTACT, (address.kind.code(), address.channel, address.value.as_str()))?;
            found.extend(holder.filter(|c| c.id != contact.id).map(|c| (c.id, Reason::SamePhone, 0)));
        }
    }
    let mut looked_at = HashSet::from([contact.id]);
    for word in shared_words(contact).into_iter().take(LOOKED_UP_MAX) {
        let begins = source.scan(&CONTACTS_BY_WORD, KeyRange::prefix(prefix_of(&word)))?.take(CANDIDATES_MAX);
        let ids: Vec<ContactId> = begins.map(|hit| Ok(hit?.key)).collect::<Result<_>>()?;
        for id in ids {
            if looked_at.len() > LOOKED_AT_MAX || !looked_at.insert(id) {
                continue;
            }
            let other = source.require::<Contact>(&id)?;
            found.extend(compared(contact, &other).map(|(reason, alike)| (id, reason, alike)));
        }
    }
    found.sort_by_key(|(id, reason, alike)| (*id, std::cmp::Reverse(reason.score(*alike))));
    found.dedup_by_key(|(id, ..)| *id);
    Ok(found)
}

/// A number as a phone and as WhatsApp's id, and both as the same person may be known otherwise.
fn spellings(value: &str) -> Vec<Observed> {
    let phone = format!("+{}", value.trim_start_matches('+'));
    let other = other_spellings(&phone);
    let each = [Some(phone), other].into_iter().flatten();
    each.flat_map(|phone| {
        let digits = phone.trim_start_matches('+').to_owned();
        [Observed::new(IdentityKind::Phone, phone), Observed::new(IdentityKind::Whatsapp, digits)]
    })
    .collect()
}

/// Words under which the index holds who may share a mailbox or the end of a phone number.
fn shared_words(contact: &Contact) -> Vec<String> {
    let mut words = Vec::new();
    for identity in contact.identities.iter().rev().filter(|i| i.is_current()) {
        match identity.kind {
            IdentityKind::Email => {
                let mailbox = mailbox(&identity.value).0;
                words.extend([format!("{mailbox}@"), format!("{mailbox}+")]);
            }
            IdentityKind::Phone => words.extend(last_digits(&identity.value)),
            _ => {}
        }
    }
    words
}

fn last_digits(phone: &str) -> Option<String> {
    phone.len().checked_sub(8).and_then(|at| phone.get(at..)).map(str::to_owned)
}

/// An e-mail address as local part without what follows a plus, and host.
fn mailbox(email: &str) -> (String, String) {
    let (local, host) = email.split_once('@').unwrap_or((email, ""));
    (local.split('+').next().unwrap_or_default().to_owned(), host.to_owned())
}

/// The strongest reason why the two may be one, and how alike their names are.
fn compared(a: &Contact, b: &Contact) -> Option<(Reason, u8)> {
    if b.group.is_some() {
        return None;
    }
    let of = |contact: &Contact, kind: IdentityKind| -> Vec<String> {
        contact.identities.iter().filter(|i| i.is_current() && i.kind == kind).map(|i| i.value.clone()).collect()
    };
    let (mail_a, mail_b) = (of(a, IdentityKind::Email), of(b, IdentityKind::Email));
    let boxes: Vec<_> = mail_b.iter().map(|mail| mailbox(mail)).collect();
    let alike = names_alike(a, b);
    if mail_a.iter().any(|mail| boxes.contains(&mailbox(mail))) {
        return Some((Reason::SameEmail, alike));
    }
    if alike < NAMES_ALIKE {
        return None;
    }
    let (phones_a, phones_b) = (of(a, IdentityKind::Phone), of(b, IdentityKind::Phone));
    let digits: Vec<_> = phones_b.iter().filter_map(|phone| last_digits(phone)).collect();
    if phones_a.iter().filter_map(|phone| last_digits(phone)).any(|end| digits.contains(&end)) {
        return Some((Reason::NameAndDigits, alike));
    }
    if a.avatar_url.is_some() && a.avatar_url == b.avatar_url {
        return Some((Reason::NameAndPicture, alike));
    }
    let same_local = mail_a.iter().any(|mail| boxes.iter().any(|(local, _)| *local == mailbox(mail).0));
    Some((if same_local { Reason::NameAndMailbox } else { Reason::Name }, alike))
}

/// How alike two contacts' names are, in hundredths; an address that stands in for a name is none.
fn names_alike(a: &Contact, b: &Contact) -> u8 {
    if a.name_source == NameSource::Address || b.name_source == NameSource::Address {
        return 0;
    }
    alike(&a.name, &b.name)
}

/// Twice the pairs of neighbouring letters both have among all of them, in hundredths, whatever the order of the words.
pub(super) fn alike(a: &str, b: &str) -> u8 {
    let pairs = |name: &str| -> Vec<(char, char)> {
        let mut words = folded_words(name);
        words.sort();
        let letters: Vec<char> = words.join(" ").chars().collect();
        letters.windows(2).map(|two| (two[0], two[1])).collect()
    };
    let (a, mut b) = (pairs(a), pairs(b));
    let all = a.len() + b.len();
    if all == 0 {
        return 0;
    }
    let mut shared = 0;
    for pair in a {
        if let Some(at) = b.iter().position(|other| *other == pair) {
            b.swap_remove(at);
            shared += 1;
        }
    }
    u8::try_from(200 * shared / all).unwrap_or(100)
}

/// What is to be shown of `contact`: what was noticed, then who has a name like theirs.
pub(super) fn suggestions_of(source: &impl Read<Scope = TenantScope>, contact: &Contact) -> Result<Vec<Suggestion>> {
    let mut found: Vec<Suggestion> = Vec::new();
    for id in family(source, contact)? {
        for hit in source.list(&SUGGESTIONS_OF_CONTACT, KeyRange::prefix(id).reverse())?.take(SUGGESTED_MAX) {
            found.extend(as_now(source, hit?.0)?);
        }
    }
    if contact.group.is_none() {
        found.extend(namesakes(source, contact)?);
    }
    found.sort_by_key(|s| std::cmp::Reverse((s.score, s.at)));
    let mut seen = HashSet::new();
    found.retain(|s| seen.insert((s.a, s.b)));
    found.truncate(SUGGESTED_MAX);
    Ok(found)
}

/// A suggestion between whoever its contacts are part of now; `None` where they are one or were told apart.
pub(super) fn as_now(source: &impl Read<Scope = TenantScope>, kept: Suggestion) -> Result<Option<Suggestion>> {
    let Pair(a, b) = Pair::of(current(source, kept.a)?.id, current(source, kept.b)?.id);
    if a == b {
        return Ok(None);
    }
    if (a, b) != (kept.a, kept.b) && source.get::<Suggestion>(&(a, b))?.is_some_and(|known| !known.is_open()) {
        return Ok(None);
    }
    Ok(Some(Suggestion { a, b, ..kept }))
}

fn namesakes(source: &impl Read<Scope = TenantScope>, contact: &Contact) -> Result<Vec<Suggestion>> {
    if contact.name_source == NameSource::Address {
        return Ok(Vec::new());
    }
    let mut ids = HashSet::new();
    for word in folded_words(&contact.name).iter().filter(|word| word.chars().count() > 2).take(4) {
        // A slip of the pen stands rather at the end of a word.
        let begins: String = word.chars().take(4).collect();
        for hit in source.scan(&CONTACTS_BY_WORD, KeyRange::prefix(prefix_of(&begins)))?.take(NAMESAKES_MAX) {
            ids.insert(hit?.key);
        }
    }
    let mut found = Vec::new();
    for id in ids.into_iter().filter(|id| *id != contact.id) {
        let other = source.require::<Contact>(&id)?;
        let Some((reason, alike)) = compared(contact, &other) else { continue };
        let Pair(a, b) = Pair::of(contact.id, id);
        if source.get::<Suggestion>(&(a, b))?.is_none() {
            found.push(Suggestion { a, b, reason, score: reason.score(alike), at: other.created_at, dismissed: None });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::store::golden::check;

    #[test]
    fn stored_bytes_stay_as_they_are() {
        check::<Suggestion>();
    }

    #[test]
    fn names_are_compared_whatever_their_order_and_accents() {
        for (a, b, expected) in [
            ("Ana Lima", "LIMA Ana", 100),
            ("Ângela Conceição", "Angela Conceicao", 100),
            ("Ana Lima", "Ana Lime", 85),
            ("Ana Lima", "Bea Costa", 13),
            ("", "", 0),
        ] {
            assert_eq!(alike(a, b), expected, "{a} / {b}");
        }
    }

    #[test]
    fn a_pair_is_named_by_both_whatever_the_order() {
        let (a, b) = (ContactId(Uuid::from_u128(1)), ContactId(Uuid::from_u128(2)));
        let pair = Pair::of(b, a);
        assert_eq!((pair, pair.to_string().parse::<Pair>().unwrap()), (Pair(a, b), pair));
        assert!("01a20224-0000-7000-8000-00000000dead".parse::<Pair>().is_err());
        assert!("é".repeat(32).parse::<Pair>().is_err());
    }
}
