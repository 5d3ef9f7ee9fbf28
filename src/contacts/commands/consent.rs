//! What somebody wants to receive, noted.

use super::{
    super::{
        consent::{CONSENTS_MAX, Consent},
        kin::current,
        model::Contact,
    },
    save,
};
use crate::{
    base::{ContactId, Error, Result},
    platform::store::{Read, Tx, Write},
};

/// Notes what somebody wants. Of two statements about the same the newer one stands. `id` may name a contact that became
/// part of another: both know it then.
///
/// # Errors
/// `NotFound`; conflict `too_many` where they have decided about too many channels.
pub fn set_consent(tx: &mut Tx<'_, '_>, id: ContactId, consent: Consent) -> Result<Contact> {
    let named = tx.require::<Contact>(&id)?;
    if !named.is_part() {
        let mut contact = named.clone();
        contact.tell(|facts| note_consent(&mut facts.consents, &consent));
        check_consents(&contact)?;
        return save(tx, Some(&named), contact);
    }
    let old = current(tx, id)?;
    let (mut part, mut contact) = (named.clone(), old.clone());
    part.tell(|facts| note_consent(&mut facts.consents, &consent));
    tx.replace(Some(&named), &part)?;
    note_consent(&mut contact.consents, &consent);
    check_consents(&contact)?;
    save(tx, Some(&old), contact)
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
