//! Making one contact of several, and taking them apart again.
//!
//! Conversations are left as they are: each names the contact its address belongs to by itself, which leads on to the one
//! that stands for all. So joining people with thousands of conversations writes a few records, and taking them apart
//! gives each what is theirs, what came in between included.

use super::{
    super::{
        consent::CONSENTS_MAX,
        kin::{FAMILY_MAX, Facts, Kin, MERGES_OF_CONTACT, Merge, Part, Undone, current, facts_of, family},
        model::{CONTACT_MERGED, CONTACT_READ, CONTACT_UNMERGED, CONTACT_WRITE, Contact, IDENTITIES_MAX},
    },
    save,
    suggest::set_apart,
};
use crate::{
    base::{Actor, ContactId, Error, MergeId, Reach, Result, error::Check},
    platform::{
        journal::{Audience, NewEvent},
        store::{KeyRange, Read, TenantScope, Tx, Write},
    },
};
use serde_json::{Value, json};

/// Contacts taken in by one command: what they write must stay within a command's budget.
pub const MERGED_AT_ONCE_MAX: usize = 5;
/// Merges of one contact that are listed.
const LISTED_MAX: usize = 200;

/// Who joins people reaches all of them.
fn may(actor: &Actor) -> Result<()> {
    match actor.require(CONTACT_WRITE)? {
        Reach::Tenant => Ok(()),
        _ => Err(Error::Forbidden(CONTACT_WRITE.0.into())),
    }
}

/// Makes `others` part of the contact `id`: their addresses move to it, what it does not know is filled from them, and
/// whatever names them leads to it. Those that are part of it already change nothing.
///
/// # Errors
/// `Invalid` naming `contactIds`; `NotFound`; conflict `not_mergeable` for groups, `too_many` where the whole would have too
/// many members, addresses or decisions.
pub fn merge(tx: &mut Tx<'_, '_>, actor: &Actor, id: ContactId, others: &[ContactId]) -> Result<Contact> {
    may(actor)?;
    let fits = (1..=MERGED_AT_ONCE_MAX).contains(&others.len());
    Check::new().that(fits, "contactIds", "range", "give one to five contacts").done()?;
    let old = current(tx, id)?;
    let mut whole = old.clone();
    let (mut taken, mut parts) = (Vec::<Contact>::new(), Vec::new());
    for other in others {
        let other = current(tx, *other)?;
        if other.id == whole.id || taken.iter().any(|there| there.id == other.id) {
            continue;
        }
        if other.group.is_some() || whole.group.is_some() {
            return Err(Error::conflict("not_mergeable", "a group is no person: only people become one contact"));
        }
        parts.push(Part { contact: other.id, identities: other.identities.iter().map(|identity| identity.id).collect() });
        take_in(&mut whole, &other);
        taken.push(other);
    }
    if taken.is_empty() {
        return Ok(old);
    }
    if whole.identities.len() > IDENTITIES_MAX || whole.consents.len() > CONSENTS_MAX {
        return Err(Error::conflict("too_many", "together they would have more addresses or decisions than one contact may"));
    }
    let merge = Merge { id: tx.new_id(), into: whole.id, parts, by: actor.user, at: tx.now(), undone: None };
    for other in &taken {
        let mut part = other.clone();
        part.identities.clear();
        part.kin.get_or_insert_default().into = Some(whole.id);
        part.rev = tx.next_rev();
        // First, so that the addresses are free for their new holder.
        tx.replace(Some(other), &part)?;
        tell(tx, CONTACT_MERGED, part.id, json!({ "into": whole.id, "merge": merge.id }))?;
    }
    let members = family(tx, &whole)?;
    if members.len() > FAMILY_MAX {
        return Err(Error::conflict("too_many", format!("one person has at most {FAMILY_MAX} contacts")));
    }
    tx.replace(None, &merge)?;
    save(tx, Some(&old), whole)
}

fn take_in(whole: &mut Contact, other: &Contact) {
    let own = Facts::of(whole);
    let kin = whole.kin.get_or_insert_default();
    kin.own.get_or_insert_with(|| own.clone());
    kin.parts.push(other.id);
    own.with(Facts::of(other)).put_on(whole);
    whole.last_activity_at = whole.last_activity_at.max(other.last_activity_at);
    for identity in &other.identities {
        let mut identity = identity.clone();
        identity.home.get_or_insert(other.id);
        whole.identities.push(identity);
    }
}

/// What became of a merge that was taken back.
#[derive(Debug, Clone)]
pub struct Unmerged {
    /// The contact that stood for all.
    pub contact: Contact,
    /// Those that stand alone again.
    pub restored: Vec<Contact>,
}

/// Takes a merge back: each contact gets its addresses and conversations again, those that came since included, and says
/// again what it said by itself. Taking back twice changes nothing.
///
/// # Errors
/// `NotFound` where the contact has no such merge.
pub fn unmerge(tx: &mut Tx<'_, '_>, actor: &Actor, id: ContactId, merge: MergeId) -> Result<Unmerged> {
    may(actor)?;
    let old = current(tx, id)?;
    let merged = tx.require::<Merge>(&merge)?;
    if !family(tx, &old)?.contains(&merged.into) {
        return Err(Error::NotFound("merge"));
    }
    if merged.undone.is_some() {
        return Ok(Unmerged { contact: old, restored: Vec::new() });
    }
    let leaving: Vec<ContactId> = merged.parts.iter().map(|part| part.contact).collect();
    let mut whole = old.clone();
    if merged.into == whole.id {
        let_go(&mut whole, &leaving);
    } else {
        let before = tx.require::<Contact>(&merged.into)?;
        let mut holder = before.clone();
        let_go(&mut holder, &leaving);
        tx.replace(Some(&before), &holder)?;
    }
    facts_of(tx, &whole)?.put_on(&mut whole);

    let mut back = Vec::new();
    for id in &leaving {
        let before = tx.require::<Contact>(id)?;
        let mut contact = before.clone();
        let theirs = family(tx, &before)?;
        let (own, rest) = whole.identities.into_iter().partition(|i| i.home.is_some_and(|home| theirs.contains(&home)));
        (contact.identities, whole.identities) = (own, rest);
        for identity in contact.identities.iter_mut().filter(|i| i.home == Some(*id)) {
            identity.home = None;
        }
        facts_of(tx, &before)?.put_on(&mut contact);
        contact.kin = contact.kin.take().map(|kin| Box::new(Kin { into: None, ..*kin })).filter(|k| !k.parts.is_empty());
        back.push((before, contact));
    }
    let whole = save(tx, Some(&old), whole)?;
    let mut restored = Vec::new();
    for (before, mut contact) in back {
        contact.updated_at = tx.now();
        contact.rev = tx.next_rev();
        tx.replace(Some(&before), &contact)?;
        tell(tx, CONTACT_UNMERGED, contact.id, json!({ "from": whole.id, "merge": merged.id }))?;
        // Whoever takes two apart has said that they are not the same.
        set_apart(tx, actor, (merged.into, contact.id))?;
        restored.push(contact);
    }
    let undone = Some(Undone { by: actor.user, at: tx.now() });
    tx.replace(Some(&merged), &Merge { undone, ..merged.clone() })?;
    Ok(Unmerged { contact: whole, restored })
}

fn let_go(holder: &mut Contact, leaving: &[ContactId]) {
    let Some(kin) = holder.kin.as_mut() else { return };
    kin.parts.retain(|id| !leaving.contains(id));
    if kin.parts.is_empty() {
        let (own, alone) = (kin.own.take(), kin.into.is_none());
        if alone {
            holder.kin = None;
        }
        if let Some(own) = own {
            own.put_on(holder);
        }
    }
}

/// Blocks, or lets in again, whoever is part of `contact`: it is the person that is blocked, whatever becomes of the merge.
pub(super) fn block_parts(tx: &mut Tx<'_, '_>, contact: &Contact) -> Result<()> {
    for id in family(tx, contact)?.into_iter().skip(1) {
        let before = tx.require::<Contact>(&id)?;
        let mut part = before.clone();
        part.tell(|facts| facts.is_blocked = contact.is_blocked);
        tx.replace(Some(&before), &part)?;
    }
    Ok(())
}

/// The merges that made `contact` what it is, and those taken back, newest first.
pub fn merges_of(source: &impl Read<Scope = TenantScope>, contact: &Contact) -> Result<Vec<Merge>> {
    let mut merges = Vec::new();
    for id in family(source, contact)? {
        for hit in source.list(&MERGES_OF_CONTACT, KeyRange::prefix(id).reverse())?.take(LISTED_MAX) {
            merges.push(hit?.0);
        }
    }
    merges.sort_by_key(|merge: &Merge| std::cmp::Reverse((merge.at, merge.id)));
    merges.truncate(LISTED_MAX);
    Ok(merges)
}

fn tell(tx: &mut Tx<'_, '_>, kind: &'static str, subject: ContactId, data: Value) -> Result<()> {
    let audience = Audience::holders(CONTACT_READ);
    tx.emit(NewEvent { kind, subject: subject.into(), before: audience.clone(), after: audience, data })?;
    Ok(())
}
