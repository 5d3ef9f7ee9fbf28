//! All writes on contacts.

mod consent;
mod merge;
mod suggest;

pub use consent::set_consent;
pub use merge::{MERGED_AT_ONCE_MAX, Unmerged, merge, merges_of, unmerge};
pub use suggest::{Lookalikes, dismiss};

use super::{
    consent::{MEMBERS_MAX, Member},
    identity::{Identity, IdentityKind, canonical, other_spellings, phone_of},
    kin::{Facts, current},
    model::{
        ACTIVITY_GRAIN, CONTACT_CREATED, CONTACT_DUPLICATE_SUGGESTED, CONTACT_READ, CONTACT_UPDATED, CONTACT_WRITE, Contact,
        IDENTITIES_MAX, IDENTITY_TO_CONTACT, NameSource, SUGGESTIONS_MAX,
    },
};
use crate::{
    base::{Actor, ChannelId, ContactId, Error, Result, error::Check},
    platform::{
        journal::{Audience, NewEvent},
        store::{Read, TenantScope, Tx, Write},
    },
};
use serde_json::json;

/// An address as a provider or a person named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// What it is.
    pub kind: IdentityKind,
    /// Its value.
    pub value: String,
    /// The channel it was seen on; kept for channel-scoped kinds only.
    pub channel: Option<ChannelId>,
}

impl Observed {
    /// An address that means the same on every channel.
    pub fn new(kind: IdentityKind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into(), channel: None }
    }
    /// An address seen on `channel`.
    pub fn on(channel: ChannelId, kind: IdentityKind, value: impl Into<String>) -> Self {
        Self { kind, value: value.into(), channel: Some(channel) }
    }
}

/// What [`resolve`] found.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The one they all belong to.
    pub contact: Contact,
    /// Was it made just now?
    pub created: bool,
    /// Whose the address was that decided: the contact itself, or one that became part of it.
    pub home: ContactId,
}

/// The contact that `observed` addresses belong to, made if there is none. Addresses seen for the first
/// time are attached; where they belong to two contacts, the more trustworthy address decides and the
/// other contact is suggested as a duplicate, once. A user name, which may be given up and taken by somebody
/// else, decides only where nothing else is known.
///
/// # Errors
/// `Invalid` if not one of the addresses can be read.
pub fn resolve(tx: &mut Tx<'_, '_>, observed: &[Observed], profile_name: Option<&str>) -> Result<Resolved> {
    let addresses = readable(observed);
    if addresses.is_empty() {
        return Err(Error::invalid("identities", "required", "give at least one address the contact can be known by"));
    }
    let mut known: Option<Contact> = None;
    let mut home = None;
    let mut rivals = Vec::new();
    let mut fresh = Vec::new();
    for address in addresses {
        match find_by_identity(tx, &address)? {
            // A user name changes hands: beside anything more trustworthy it is only what they are called now, and
            // whoever was called so is not any more. Alone, it is all there is.
            Some(holder)
                if address.kind == IdentityKind::Username
                    && known.as_ref().map_or(!fresh.is_empty(), |contact| contact.id != holder.id) =>
            {
                let mut former = holder.clone();
                let held = |i: &&mut Identity| i.is_current() && i.kind == address.kind && i.value == address.value;
                former.identities.iter_mut().filter(held).for_each(|i| i.until = Some(tx.now()));
                save(tx, Some(&holder), former)?;
                fresh.push(address);
            }
            Some(holder) => match &known {
                Some(contact) if contact.id != holder.id => rivals.push(holder.id),
                // Found by another spelling, or as the phone number behind a WhatsApp id: to be attached too.
                Some(_) => fresh.push(address),
                None => {
                    home = Some(holder.home_of(&address));
                    known = Some(holder);
                    fresh.push(address);
                }
            },
            None => fresh.push(address),
        }
    }
    let pushname =
        profile_name.map(str::trim).filter(|name| !name.is_empty()).map(|name| crate::base::text::shorten(name, NAME_MAX));
    let created = known.is_none();
    let old = known;
    let mut contact = match &old {
        Some(contact) => contact.clone(),
        None => stranger(tx, None)?,
    };
    let home = home.unwrap_or(contact.id);
    for address in fresh {
        // A spelling of the same number by which they were found is theirs, but is no second phone to show.
        let known_spelling = |kind| other_spellings_known(&contact, kind, &address.value);
        if address.kind == IdentityKind::Phone && known_spelling(IdentityKind::Phone) {
            continue;
        }
        attach(tx, &mut contact, address, home);
    }
    if let Some(pushname) = pushname {
        note_profile(&mut contact, pushname, home);
    }
    if contact.name.is_empty() {
        contact.name = contact.identities.iter().min_by_key(|i| shown_rank(i.kind)).map(|i| i.value.clone()).unwrap_or_default();
    }
    for rival in rivals {
        suggest(tx, &mut contact, rival)?;
    }
    let contact = save(tx, old.as_ref(), contact)?;
    Ok(Resolved { contact, created, home })
}

/// What a profile says names whoever was not named by one of us. The profile of one that became part of another only
/// fills what is empty: two profiles of one person must not take turns.
fn note_profile(contact: &mut Contact, pushname: String, home: ContactId) {
    let stands_alone = contact.kin.is_none();
    if home != contact.id {
        if contact.name_source == NameSource::Address {
            contact.name = pushname;
            contact.name_source = NameSource::Profile;
        }
        return;
    }
    let note = |facts: &mut Facts| {
        if facts.name_source <= NameSource::Profile {
            facts.name.clone_from(&pushname);
            facts.name_source = NameSource::Profile;
        }
        facts.pushname = Some(pushname.clone());
    };
    if !stands_alone {
        return contact.tell(note);
    }
    if contact.name_source <= NameSource::Profile {
        contact.name.clone_from(&pushname);
        contact.name_source = NameSource::Profile;
    }
    contact.pushname = Some(pushname);
}

/// Longest name kept, in characters.
const NAME_MAX: usize = 200;

/// Which address stands in for a missing name: what a person can read first.
fn shown_rank(kind: IdentityKind) -> usize {
    match kind {
        IdentityKind::Username => 0,
        IdentityKind::Phone => 1,
        IdentityKind::Email => 2,
        other => 3 + other.trust(),
    }
}

/// The addresses in canonical form, most trustworthy first; a WhatsApp id also vouches for a phone number.
/// What can't be read is left out: a provider's oddity must not lose the message.
fn readable(observed: &[Observed]) -> Vec<Observed> {
    let mut addresses: Vec<Observed> = Vec::with_capacity(observed.len() + 1);
    let mut add = |address: Observed| {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    };
    for seen in observed {
        let channel = if seen.kind.is_channel_scoped() { seen.channel } else { None };
        let value = match seen.kind {
            IdentityKind::Phone => {
                phone_of(&seen.value).ok_or(()).or_else(|()| canonical("phoneNumber", seen.kind, &seen.value, None))
            }
            kind => canonical("identity", kind, &seen.value, None),
        };
        let Ok(value) = value else { continue };
        if seen.kind == IdentityKind::Whatsapp
            && let Some(phone) = phone_of(&value)
        {
            add(Observed::new(IdentityKind::Phone, phone));
        }
        add(Observed { kind: seen.kind, value, channel });
    }
    addresses.sort_by_key(|address| address.kind.trust());
    addresses
}

/// The contact an address in canonical form belongs to now, other spellings of a phone number included.
pub fn find_by_identity(source: &impl Read<Scope = TenantScope>, address: &Observed) -> Result<Option<Contact>> {
    let find = |kind: IdentityKind, value: &str| source.find(&IDENTITY_TO_CONTACT, (kind.code(), address.channel, value));
    if let Some(contact) = find(address.kind, &address.value)? {
        return Ok(Some(contact));
    }
    let (plus, spelling) = match address.kind {
        IdentityKind::Phone => (address.value.clone(), None),
        IdentityKind::Whatsapp => match phone_of(&address.value) {
            // Somebody whose number we were told by hand before they first wrote.
            Some(phone) => (phone.clone(), Some(phone)),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    if let Some(phone) = spelling
        && let Some(contact) = find(IdentityKind::Phone, &phone)?
    {
        return Ok(Some(contact));
    }
    match other_spellings(&plus) {
        Some(other) => find(IdentityKind::Phone, &other),
        None => Ok(None),
    }
}

fn other_spellings_known(contact: &Contact, kind: IdentityKind, value: &str) -> bool {
    other_spellings(value)
        .is_some_and(|other| contact.identities.iter().any(|i| i.kind == kind && i.is_current() && i.value == other))
}

/// Adds an address, as one of `home`: the contact itself, or one that became part of it.
fn attach(tx: &mut Tx<'_, '_>, contact: &mut Contact, address: Observed, home: ContactId) {
    let held = contact
        .identities
        .iter()
        .any(|i| i.is_current() && i.kind == address.kind && i.value == address.value && i.channel == address.channel);
    if held || contact.identities.len() >= IDENTITIES_MAX {
        return;
    }
    contact.identities.push(Identity {
        id: tx.new_id(),
        kind: address.kind,
        value: address.value,
        channel: address.channel,
        since: tx.now(),
        until: None,
        home: (home != contact.id).then_some(home),
    });
}

/// Tells that two contacts may be one person.
fn suggest(tx: &mut Tx<'_, '_>, contact: &mut Contact, rival: ContactId) -> Result<()> {
    if contact.perhaps_same.contains(&rival) || contact.perhaps_same.len() >= SUGGESTIONS_MAX {
        return Ok(());
    }
    contact.perhaps_same.push(rival);
    tx.emit(NewEvent {
        kind: CONTACT_DUPLICATE_SUGGESTED,
        subject: contact.id.into(),
        before: Audience::holders(CONTACT_READ),
        after: Audience::holders(CONTACT_READ),
        data: json!({ "other": rival }),
    })?;
    Ok(())
}

/// A provider says that the person it names by `known` is now reached as `to`: the new address is attached, the old ones
/// of its kinds become former ones, so that whoever gets the old number is somebody else. Addresses of other kinds, which
/// the change says nothing of, stay. Where `to` belongs to another contact already, both stay and the pair is suggested.
pub fn relink(tx: &mut Tx<'_, '_>, known: &[Observed], to: &[Observed]) -> Result<Option<Contact>> {
    let named = readable(known);
    let (mut found, mut home) = (None, None);
    for address in &named {
        found = find_by_identity(tx, address)?;
        if let Some(holder) = &found {
            home = Some(holder.home_of(address));
            break;
        }
    }
    let Some(old) = found else { return Ok(None) };
    let home = home.unwrap_or(old.id);
    let mut contact = old.clone();
    let now = tx.now();
    let coming = readable(to);
    for identity in contact.identities.iter_mut().filter(|i| i.is_current()) {
        let same_kind = || coming.iter().filter(|a| a.kind == identity.kind);
        let changes = same_kind().count() > 0 && same_kind().all(|a| a.value != identity.value);
        let is_old = named.iter().any(|a| a.kind == identity.kind && a.value == identity.value);
        if is_old && changes {
            identity.until = Some(now);
        }
    }
    for address in coming {
        match find_by_identity(tx, &address)? {
            Some(holder) if holder.id != contact.id => suggest(tx, &mut contact, holder.id)?,
            _ => attach(tx, &mut contact, address, home),
        }
    }
    if contact.name_source == NameSource::Address {
        let shown = contact.identities.iter().filter(|i| i.is_current()).min_by_key(|i| shown_rank(i.kind));
        contact.name = shown.map(|i| i.value.clone()).unwrap_or(contact.name);
    }
    save(tx, Some(&old), contact).map(Some)
}

/// What was told about a group. A field that says nothing changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChange {
    /// What it is called.
    pub subject: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Who is in it.
    pub joined: Vec<Member>,
    /// Who left, by their addresses.
    pub left: Vec<String>,
    /// `joined` is all of them.
    pub is_whole: bool,
}

/// The contact that stands for a group, made if there is none, with what was told of it.
///
/// # Errors
/// `Invalid` if the id can't be read.
pub fn resolve_group(tx: &mut Tx<'_, '_>, channel: ChannelId, id: &str, change: &GroupChange) -> Result<Contact> {
    let address = Observed::on(channel, IdentityKind::Group, id);
    let old = resolve(tx, &[address], change.subject.as_deref())?.contact;
    let mut group = old.group.as_deref().cloned().unwrap_or_default();
    if change.is_whole {
        group.members.clear();
    }
    group.members.retain(|member| !change.left.contains(&member.address));
    for joined in &change.joined {
        match group.members.iter_mut().find(|member| member.address == joined.address) {
            Some(there) => {
                there.is_admin |= joined.is_admin;
                if joined.name.is_some() {
                    there.name.clone_from(&joined.name);
                }
            }
            None => group.members.push(joined.clone()),
        }
    }
    group.members.truncate(MEMBERS_MAX);
    if change.description.is_some() {
        group.description.clone_from(&change.description);
    }
    save(tx, Some(&old), Contact { group: Some(Box::new(group)), ..old.clone() })
}

/// A contact as a person enters it.
#[derive(Debug, Clone, Default)]
pub struct NewContact {
    /// Made by the client, so that sending twice makes one.
    pub id: Option<ContactId>,
    /// The name shown.
    pub name: String,
    /// A phone number, national or international.
    pub phone_number: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// BCP 47 tag of the language they are written to in.
    pub language: Option<String>,
    /// ISO 3166 alpha-2 code by which national phone numbers are read.
    pub country: Option<String>,
}

/// What a person changes on a contact. The outer `None` leaves a fact as it is, the inner one removes it.
#[derive(Debug, Clone, Default)]
pub struct ContactChange {
    /// The name shown.
    pub name: Option<String>,
    /// The phone number.
    pub phone_number: Option<Option<String>>,
    /// The e-mail address.
    pub email: Option<Option<String>>,
    /// A picture.
    pub avatar_url: Option<Option<String>>,
    /// BCP 47 tag of their language.
    pub language: Option<Option<String>>,
    /// Kept, but calls nobody.
    pub is_blocked: Option<bool>,
    /// ISO 3166 alpha-2 code by which national phone numbers are read.
    pub country: Option<String>,
}

/// Makes a contact; the same client-made id again gives the one that is there. Says whether it was made.
///
/// # Errors
/// `Invalid` naming `name`, `phoneNumber` or `email`, also where an address belongs to another contact.
pub fn create(tx: &mut Tx<'_, '_>, actor: &Actor, new: NewContact) -> Result<(Contact, bool)> {
    actor.require(CONTACT_WRITE)?;
    if let Some(id) = new.id
        && let Some(there) = tx.get::<Contact>(&id)?
    {
        return if there.name == new.name.trim() {
            Ok((there, false))
        } else {
            Err(Error::conflict("already_exists", "another contact was made under this id: take a new id"))
        };
    }
    let mut contact = Contact {
        name: new.name.trim().to_owned(),
        name_source: NameSource::Person,
        avatar_url: new.avatar_url,
        language: new.language,
        ..stranger(tx, new.id)?
    };
    let mut check = Check::new();
    check_facts(&mut check, &contact);
    let country = new.country.as_deref();
    if let Some(phone) = new.phone_number.as_deref().filter(|p| !p.trim().is_empty()) {
        let outcome = set_address(tx, &mut contact, "phoneNumber", IdentityKind::Phone, Some(phone), country);
        check.absorb(outcome)?;
    }
    if let Some(email) = new.email.as_deref().filter(|e| !e.trim().is_empty()) {
        let outcome = set_address(tx, &mut contact, "email", IdentityKind::Email, Some(email), country);
        check.absorb(outcome)?;
    }
    check.done()?;
    Ok((save(tx, None, contact)?, true))
}

/// Changes what a person may change. Changing nothing writes nothing.
///
/// # Errors
/// As [`create`]; `NotFound` where there is no such contact.
pub fn update(tx: &mut Tx<'_, '_>, actor: &Actor, id: ContactId, change: ContactChange) -> Result<Contact> {
    actor.require(CONTACT_WRITE)?;
    let old = current(tx, id)?;
    let mut contact = old.clone();
    contact.tell(|facts| {
        if let Some(name) = &change.name {
            facts.name = name.trim().to_owned();
            facts.name_source = NameSource::Person;
        }
        if let Some(avatar) = &change.avatar_url {
            facts.avatar_url.clone_from(avatar);
        }
        if let Some(language) = &change.language {
            facts.language.clone_from(language);
        }
        if let Some(is_blocked) = change.is_blocked {
            facts.is_blocked = is_blocked;
        }
    });
    if contact.is_blocked != old.is_blocked {
        merge::block_parts(tx, &contact)?;
    }
    let mut check = Check::new();
    check_facts(&mut check, &contact);
    let country = change.country.as_deref();
    let addresses = [("phoneNumber", IdentityKind::Phone, change.phone_number), ("email", IdentityKind::Email, change.email)];
    for (field, kind, value) in addresses {
        if let Some(value) = value {
            let value = value.filter(|v| !v.trim().is_empty());
            let outcome = set_address(tx, &mut contact, field, kind, value.as_deref(), country);
            check.absorb(outcome)?;
        }
    }
    check.done()?;
    save(tx, Some(&old), contact)
}

fn check_facts(check: &mut Check, contact: &Contact) {
    check.length("name", &contact.name, 1, NAME_MAX);
    if let Some(url) = &contact.avatar_url {
        check.length("avatarUrl", url, 1, 2_000);
        check.that(url.starts_with("https://") || url.starts_with("http://"), "avatarUrl", "format", "give an http address");
    }
    if let Some(language) = &contact.language {
        let known = crate::base::locale::Language::from_tag(language).is_some();
        check.that(known, "language", "unknown", "give a language such as pt-BR, fr, en or es");
    }
}

/// Makes `value` the contact's first address of a kind; a former first one becomes a former address.
fn set_address(
    tx: &mut Tx<'_, '_>,
    contact: &mut Contact,
    field: &'static str,
    kind: IdentityKind,
    value: Option<&str>,
    country: Option<&str>,
) -> Result<()> {
    let value = value.map(|value| canonical(field, kind, value, country)).transpose()?;
    if contact.identity(kind) == value.as_deref() {
        return Ok(());
    }
    if let Some(value) = &value {
        let holder = find_by_identity(tx, &Observed::new(kind, value.clone()))?;
        if holder.is_some_and(|holder| holder.id != contact.id) {
            return Err(Error::invalid(field, "taken", "another contact has this address: open that one instead"));
        }
    }
    let now = tx.now();
    // A number already held as a second one moves to the front instead of standing twice.
    let held = contact.identities.iter().position(|i| i.kind == kind && i.is_current() && Some(&i.value) == value.as_ref());
    let first = contact.identities.iter().position(|i| i.kind == kind && i.is_current());
    if let (Some(held), Some(first)) = (held, first) {
        contact.identities.swap(held, first);
        return Ok(());
    }
    if let Some(first) = first {
        contact.identities[first].until = Some(now);
    }
    if let Some(value) = value {
        let home = contact.id;
        attach(tx, contact, Observed::new(kind, value), home);
    }
    Ok(())
}

/// Blocks or unblocks somebody.
pub fn set_blocked(tx: &mut Tx<'_, '_>, actor: &Actor, id: ContactId, is_blocked: bool) -> Result<Contact> {
    update(tx, actor, id, ContactChange { is_blocked: Some(is_blocked), ..ContactChange::default() })
}

/// Notes that a message went to or came from them. Tells nobody: the conversation's own event does.
pub fn touch(tx: &mut Tx<'_, '_>, contact: &Contact) -> Result<()> {
    let now = tx.now();
    if now.since(contact.last_activity_at) < ACTIVITY_GRAIN {
        return Ok(());
    }
    tx.replace(Some(contact), &Contact { last_activity_at: now, ..contact.clone() })
}

/// The contact, or the one it became part of.
///
/// # Errors
/// `NotFound`.
pub fn require_contact(source: &impl Read<Scope = TenantScope>, id: ContactId) -> Result<Contact> {
    current(source, id)
}

/// Somebody of whom nothing is known yet, under the client's id where it made one.
fn stranger(tx: &mut Tx<'_, '_>, id: Option<ContactId>) -> Result<Contact> {
    let now = tx.now();
    Ok(Contact {
        id: id.unwrap_or_else(|| tx.new_id()),
        number: tx.next_number("contact")?,
        name: String::new(),
        name_source: NameSource::Address,
        pushname: None,
        identities: Vec::new(),
        avatar_url: None,
        language: None,
        is_blocked: false,
        consents: Vec::new(),
        group: None,
        perhaps_same: Vec::new(),
        kin: None,
        last_activity_at: now,
        created_at: now,
        updated_at: now,
        rev: 0,
    })
}

/// Stores what changed and tells; an unchanged contact is neither written nor told of.
pub(super) fn save(tx: &mut Tx<'_, '_>, old: Option<&Contact>, mut contact: Contact) -> Result<Contact> {
    if old == Some(&contact) {
        return Ok(contact);
    }
    contact.updated_at = tx.now();
    contact.rev = tx.next_rev();
    tx.replace(old, &contact)?;
    let after = Audience::holders(CONTACT_READ);
    let (kind, before, data) = match old {
        None => (CONTACT_CREATED, Audience::nobody(), json!({ "number": contact.number })),
        Some(old) => (CONTACT_UPDATED, after.clone(), json!({ "changed": changed(old, &contact) })),
    };
    tx.emit(NewEvent { kind, subject: contact.id.into(), before, after, data })?;
    Ok(contact)
}

fn changed(old: &Contact, new: &Contact) -> Vec<&'static str> {
    let facts = [
        ("name", old.name != new.name || old.pushname != new.pushname),
        ("phoneNumber", old.phone_number() != new.phone_number()),
        ("email", old.email() != new.email()),
        ("identities", old.identities != new.identities),
        ("avatarUrl", old.avatar_url != new.avatar_url),
        ("language", old.language != new.language),
        ("isBlocked", old.is_blocked != new.is_blocked),
        ("consents", old.consents != new.consents),
        ("group", old.group != new.group),
        ("perhapsSame", old.perhaps_same != new.perhaps_same),
    ];
    facts.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
