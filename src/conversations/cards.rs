//! When a contact changes, its conversations' cards follow: the newest at once, the older ones by a job.

use super::commands::refresh_cards;
use crate::{
    base::{ContactId, Result},
    contacts::{self, CONTACT_MERGED, CONTACT_UNMERGED, CONTACT_UPDATED, Contact},
    platform::{
        jobs::{Job, JobKind, Progress},
        journal::{Event, Reaction},
        store::{Read, Tx},
    },
};
use serde_json::json;

/// The job that takes what the reaction left over.
const OLDER_CARDS: &str = "conversations.older_cards";

/// Takes a contact's new name, number, picture or block, or whom it is part of now, over to its newest conversations;
/// those of its parts follow by jobs.
#[derive(Debug, Default)]
pub struct ContactCards;

impl Reaction for ContactCards {
    fn name(&self) -> &'static str {
        "conversations.contact_cards"
    }
    fn wants(&self, event: &Event) -> bool {
        matches!(&*event.kind, CONTACT_UPDATED | CONTACT_MERGED | CONTACT_UNMERGED)
    }
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
        if let Some(at) = refresh_cards(tx, ContactId(event.subject), None)? {
            tx.start_job(OLDER_CARDS, json!({ "contact": event.subject, "after": hex::encode(at) }))?;
        }
        let contact = tx.require::<Contact>(&ContactId(event.subject))?;
        for part in contacts::family(tx, &contact)?.into_iter().skip(1) {
            tx.start_job(OLDER_CARDS, json!({ "contact": part }))?;
        }
        Ok(())
    }
}

/// Takes the same over to all older conversations, some in each step. Reads the contact as it is at each step, so that
/// of two changes in a row the later one stands, whichever job ends last.
#[derive(Debug, Default)]
pub struct OlderCards;

impl JobKind for OlderCards {
    fn name(&self) -> &'static str {
        OLDER_CARDS
    }
    fn step(&self, tx: &mut Tx<'_, '_>, job: &mut Job) -> Result<Progress> {
        let newest = || job.payload.0["after"].as_str().and_then(|place| hex::decode(place).ok());
        let after = job.place().or_else(newest);
        let last = refresh_cards(tx, job.subject("contact")?, after)?;
        job.done += 1;
        Ok(job.walk_on(last))
    }
}
