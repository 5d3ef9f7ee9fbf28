//! The room's own housekeeping.

use super::{
    commands::{BLACKLIST_KEPT, LEAVING_MAX, expire_sessions, leave_queue, purge_sessions},
    model::{SESSIONS_BY_END, SESSIONS_BY_EXPIRY, Session},
};
use crate::{
    base::{QueueId, Result, Timestamp},
    platform::{
        jobs::{Chore, Job, JobKind, Progress},
        store::{KeyRange, PlatformTx, PlatformView, Read, Tx},
    },
};
use serde_json::json;

/// The kind of [`LeaveQueue`].
const LEAVE_QUEUE: &str = "identity.leave_queue";

/// A queue is gone: everybody leaves it, at once or, where they are many, in bounded steps.
pub fn empty_queue(tx: &mut Tx<'_, '_>, queue: QueueId) -> Result<()> {
    if leave_queue(tx, queue)? == LEAVING_MAX {
        tx.start_job(LEAVE_QUEUE, json!({ "queue": queue }))?;
    }
    Ok(())
}

/// Takes people out of a queue that is gone.
pub struct LeaveQueue;

impl JobKind for LeaveQueue {
    fn name(&self) -> &'static str {
        LEAVE_QUEUE
    }
    fn step(&self, tx: &mut Tx<'_, '_>, job: &mut Job) -> Result<Progress> {
        let gone = leave_queue(tx, job.subject("queue")?)?;
        job.done += gone as u64;
        Ok(if gone == 0 { Progress::Done } else { Progress::More })
    }
}

/// Ends sessions that have run out.
pub struct ExpireSessions;

impl Chore for ExpireSessions {
    fn name(&self) -> &'static str {
        "expire sessions"
    }
    fn due(&self, view: &PlatformView, _now: Timestamp) -> Result<Option<Timestamp>> {
        let first = view.list(&SESSIONS_BY_EXPIRY, KeyRange::all())?.next().transpose()?;
        Ok(first.map(|(session, _)| session.expires_at))
    }
    fn step(&self, tx: &mut PlatformTx<'_, '_>) -> Result<Progress> {
        Ok(if expire_sessions(tx)? { Progress::More } else { Progress::Done })
    }
}

/// Forgets sessions whose last token has long run out.
pub struct PurgeSessions;

impl Chore for PurgeSessions {
    fn name(&self) -> &'static str {
        "purge sessions"
    }
    fn due(&self, view: &PlatformView, _now: Timestamp) -> Result<Option<Timestamp>> {
        let first = view.list(&SESSIONS_BY_END, KeyRange::all())?.next().transpose()?;
        let ended = |session: Session| session.revoked.map_or(session.expires_at, |ended| ended.at);
        Ok(first.map(|(session, _)| ended(session).plus(BLACKLIST_KEPT)))
    }
    fn step(&self, tx: &mut PlatformTx<'_, '_>) -> Result<Progress> {
        Ok(if purge_sessions(tx)? { Progress::More } else { Progress::Done })
    }
}
