//! The room's own housekeeping.

use super::{
    commands::{BLACKLIST_KEPT, purge_sessions},
    model::{SESSIONS_BY_END, Session},
};
use crate::{
    base::{Result, Timestamp},
    platform::{
        jobs::{Chore, Progress},
        store::{KeyRange, PlatformTx, PlatformView, Read},
    },
};

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
