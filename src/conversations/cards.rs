//! When a contact changes, its conversations' cards follow: the newest at once, the older ones by a job.

use super::commands::refresh_cards;
use crate::{
    base::{ContactId, Error, Result},
    contacts::CONTACT_UPDATED,
    platform::{
        jobs::{Job, JobKind, Progress},
        journal::{Event, Reaction},
        store::Tx,
    },
};
use serde_json::json;

/// The job that takes what the reaction left over.
const OLDER_CARDS: &str = "conversations.older_cards";

/// Takes a contact's new name, number, picture or block over to its newest conversations.
#[derive(Debug, Default)]
pub struct ContactCards;

impl Reaction for ContactCards {
    fn name(&self) -> &'static str {
        "conversations.contact_cards"
    }
    fn wants(&self, event: &Event) -> bool {
        event.kind == CONTACT_UPDATED
    }
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
        if let Some(at) = refresh_cards(tx, ContactId(event.subject), None)? {
            tx.start_job(OLDER_CARDS, json!({ "contact": event.subject, "after": hex::encode(at) }))?;
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
        let unreadable = || Error::internal(format!("read where job {} stands", job.number));
        let after = job.place().or_else(newest).ok_or_else(unreadable)?;
        let last = refresh_cards(tx, job.subject("contact")?, Some(after))?;
        job.done += 1;
        Ok(job.walk_on(last))
    }
}
