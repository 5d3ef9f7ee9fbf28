//! When somebody leaves or may no longer sign in, what they attended to goes back to its queue.

use super::commands::{has_attended, put_back};
use crate::{
    base::{Result, UserId},
    platform::{
        jobs::{Job, JobKind, Progress},
        journal::{Event, Reaction},
        store::Tx,
    },
};
use serde_json::json;

/// The kind of [`PutBack`].
const PUT_BACK: &str = "conversations.put_back";

/// Orders [`PutBack`] for whoever is no more there.
#[derive(Debug, Default)]
pub struct Leavers;

impl Reaction for Leavers {
    fn name(&self) -> &'static str {
        "conversations.leavers"
    }
    fn wants(&self, event: &Event) -> bool {
        event.kind == "user.deleted" || event.kind == "user.updated" && event.data["isActive"] == false
    }
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
        if has_attended(tx, UserId(event.subject))? {
            tx.start_job(PUT_BACK, json!({ "user": event.subject }))?;
        }
        Ok(())
    }
}

/// Puts one person's conversations back, in bounded steps.
#[derive(Debug, Default)]
pub struct PutBack;

impl JobKind for PutBack {
    fn name(&self) -> &'static str {
        PUT_BACK
    }
    fn step(&self, tx: &mut Tx<'_, '_>, job: &mut Job) -> Result<Progress> {
        let gone = put_back(tx, job.subject("user")?)?;
        job.done += gone as u64;
        Ok(if gone == 0 { Progress::Done } else { Progress::More })
    }
}
