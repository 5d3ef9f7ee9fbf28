//! Keeping which contacts look like one person, and what people decided of them.

use super::super::{
    kin::current,
    model::{
        CONTACT_CREATED, CONTACT_DUPLICATE_SUGGESTED, CONTACT_READ, CONTACT_SUGGESTED, CONTACT_UPDATED, CONTACT_WRITE, Contact,
    },
    suggestions::{Pair, Reason, SUGGESTED_MAX, SUGGESTIONS_OF_CONTACT, Suggestion, lookalikes},
};
use crate::{
    base::{Actor, ContactId, Error, Result},
    platform::{
        journal::{Audience, Event, NewEvent, Reaction},
        store::{KeyRange, Read, Tx, Write},
    },
};
use serde_json::json;

/// Pairs kept of one event, the likeliest first: what they write must stay within a command's budget.
const KEPT_AT_ONCE_MAX: usize = 5;

/// Looks for others like whoever is new or got a new address or name, and keeps what it finds.
#[derive(Debug, Default)]
pub struct Lookalikes;

impl Reaction for Lookalikes {
    fn name(&self) -> &'static str {
        "contacts.lookalikes"
    }
    fn wants(&self, event: &Event) -> bool {
        let says_who = |field: &serde_json::Value| matches!(field.as_str(), Some("identities" | "name" | "avatarUrl"));
        match &*event.kind {
            CONTACT_CREATED | CONTACT_DUPLICATE_SUGGESTED => true,
            CONTACT_UPDATED => event.data["changed"].as_array().is_some_and(|changed| changed.iter().any(says_who)),
            _ => false,
        }
    }
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
        let Some(contact) = tx.get::<Contact>(&ContactId(event.subject))? else { return Ok(()) };
        let contact = current(tx, contact.id)?;
        if event.kind == CONTACT_DUPLICATE_SUGGESTED {
            let other = event.data["other"].as_str().and_then(|id| id.parse::<ContactId>().ok());
            let Some(other) = other else { return Ok(()) };
            let kept = open_of(tx, contact.id)?;
            return keep(tx, (contact.id, kept), other, Reason::NamedTogether, 0).map(drop);
        }
        let mut found = lookalikes(tx, &contact)?;
        found.sort_by_key(|(_, reason, alike)| std::cmp::Reverse(reason.score(*alike)));
        if found.is_empty() {
            return Ok(());
        }
        let mut kept = open_of(tx, contact.id)?;
        for (other, reason, alike) in found.into_iter().take(KEPT_AT_ONCE_MAX) {
            kept += usize::from(keep(tx, (contact.id, kept), other, reason, alike)?);
        }
        Ok(())
    }
}

/// Open suggestions of a contact, counted no further than there may be.
fn open_of(tx: &Tx<'_, '_>, id: ContactId) -> Result<usize> {
    Ok(tx.scan(&SUGGESTIONS_OF_CONTACT, KeyRange::prefix(id))?.take(SUGGESTED_MAX).count())
}

/// Keeps a suggestion of `one`, who stands for itself and has so many open ones, unless somebody decided about the two or a
/// stronger reason is known. Says whether it is one more.
fn keep(tx: &mut Tx<'_, '_>, (one, kept): (ContactId, usize), other: ContactId, reason: Reason, alike: u8) -> Result<bool> {
    if kept >= SUGGESTED_MAX || tx.get::<Contact>(&other)?.is_none() {
        return Ok(false);
    }
    let other = current(tx, other)?.id;
    if one == other {
        return Ok(false);
    }
    let Pair(a, b) = Pair::of(one, other);
    let score = reason.score(alike);
    let old = tx.get::<Suggestion>(&(a, b))?;
    if old.as_ref().is_some_and(|old| !old.is_open() || old.score >= score) {
        return Ok(false);
    }
    if open_of(tx, other)? >= SUGGESTED_MAX {
        return Ok(false);
    }
    let at = tx.now();
    tx.replace(old.as_ref(), &Suggestion { a, b, reason, score, at, dismissed: None })?;
    let audience = Audience::holders(CONTACT_READ);
    let data = json!({ "contacts": [a, b], "reason": reason });
    tx.emit(NewEvent { kind: CONTACT_SUGGESTED, subject: a.into(), before: audience.clone(), after: audience, data })?;
    Ok(old.is_none())
}

/// Somebody says that the two are two; they are not suggested again.
///
/// # Errors
/// `Forbidden`; `NotFound` where one of them is not there.
pub fn dismiss(tx: &mut Tx<'_, '_>, actor: &Actor, pair: Pair) -> Result<()> {
    actor.require(CONTACT_WRITE)?;
    let (a, b) = (tx.get::<Contact>(&pair.0)?, tx.get::<Contact>(&pair.1)?);
    if a.is_none() || b.is_none() {
        return Err(Error::NotFound("suggestion"));
    }
    set_apart(tx, actor, (pair.0, pair.1))
}

/// Notes that the two are two.
pub(super) fn set_apart(tx: &mut Tx<'_, '_>, actor: &Actor, (a, b): (ContactId, ContactId)) -> Result<()> {
    let Pair(a, b) = Pair::of(a, b);
    let (old, at) = (tx.get::<Suggestion>(&(a, b))?, tx.now());
    if old.as_ref().is_some_and(|old| !old.is_open()) {
        return Ok(());
    }
    let blank = Suggestion { a, b, reason: Reason::Name, score: 0, at, dismissed: None };
    let dismissed = Some((actor.user, at));
    tx.replace(old.as_ref(), &Suggestion { dismissed, ..old.clone().unwrap_or(blank) })?;
    let audience = Audience::holders(CONTACT_READ);
    let data = json!({ "contacts": [a, b], "dismissed": true });
    tx.emit(NewEvent { kind: CONTACT_SUGGESTED, subject: a.into(), before: audience.clone(), after: audience, data })?;
    Ok(())
}
