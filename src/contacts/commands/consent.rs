//! What somebody wants to receive, noted.

use super::{
    super::{
        consent::{CONSENTS_MAX, Consent},
        kin::{current, family},
        model::Contact,
    },
    save,
};
use crate::{
    base::{ContactId, Error, Result},
    platform::store::{Read, Tx, Write},
};

/// Notes what somebody wants. Of two statements about the same the newer one stands. `id` may name a contact that became
/// part of another: both know it then. It is the person that refuses, so each of their contacts notes that, whatever
/// becomes of the merge; an agreement takes back that refusal wherever it was noted, and nobody else's.
///
/// # Errors
/// `NotFound`; conflict `too_many` where they have decided about too many channels.
pub fn set_consent(tx: &mut Tx<'_, '_>, id: ContactId, consent: Consent) -> Result<Contact> {
    let named = tx.require::<Contact>(&id)?;
    let old = if named.is_part() { current(tx, id)? } else { named.clone() };
    let taken_back = refusal(&named, &consent).filter(|_| consent.is_granted);
    let notes = |member: &Contact| {
        let has_copy = || taken_back.is_some() && refusal(member, &consent) == taken_back;
        member.id == id || !consent.is_granted || has_copy()
    };
    let mut contact = old.clone();
    if notes(&old) {
        contact.tell(|facts| note_consent(&mut facts.consents, &consent));
    } else {
        note_consent(&mut contact.consents, &consent);
    }
    check_consents(&contact)?;
    for member in family(tx, &old)?.into_iter().skip(1) {
        let before = tx.require::<Contact>(&member)?;
        let mut part = before.clone();
        if notes(&before) {
            part.tell(|facts| note_consent(&mut facts.consents, &consent));
        }
        if part != before {
            tx.replace(Some(&before), &part)?;
        }
    }
    save(tx, Some(&old), contact)
}

/// What `contact` refuses by itself of what `consent` is about.
fn refusal(contact: &Contact, consent: &Consent) -> Option<Consent> {
    let is_it = |there: &Consent| there.channel == consent.channel && there.purpose == consent.purpose && !there.is_granted;
    contact.own().consents.into_iter().find(is_it)
}

fn note_consent(consents: &mut Vec<Consent>, consent: &Consent) {
    let same = |there: &&mut Consent| there.channel == consent.channel && there.purpose == consent.purpose;
    match consents.iter_mut().find(same) {
        Some(there) if there.at <= consent.at => *there = consent.clone(),
        Some(_) => {}
        None => consents.push(consent.clone()),
    }
}

fn check_consents(contact: &Contact) -> Result<()> {
    if contact.consents.len() > CONSENTS_MAX {
        return Err(Error::conflict("too_many", "this contact has decided about too many channels"));
    }
    Ok(())
}
