//! What a socket missed: read from the journal, judged by the rights of now.

use super::{
    frame::{Frame, Resync},
    hub::{Hub, Verdict},
    socket::Resume,
};
use crate::{
    base::{Actor, Result},
    platform::journal,
};

/// A client that missed more events than this fetches anew: that is faster than being told one by one.
pub const REPLAY_EVENTS_MAX: usize = 5_000;
/// Events read from the journal in one go.
const SLICE_EVENTS_MAX: usize = 128;

/// Some of what was missed.
pub struct Slice {
    /// In order.
    pub frames: Vec<Frame>,
    /// Read up to here.
    pub reached: u64,
    /// Was this all there is by now?
    pub done: bool,
    /// The rest can't be told: fetch anew.
    pub resync: Option<Resync>,
}

impl Hub {
    /// Where a client's frames may begin, or why it must fetch anew.
    pub(super) fn can_resume(&self, actor: &Actor, resume: &Resume) -> Result<Result<Option<u64>, Resync>> {
        let inner = self.inner();
        if resume.epoch.as_ref().is_some_and(|epoch| *epoch != inner.epoch) {
            return Ok(Err(Resync::Epoch));
        }
        let Some(after) = resume.after else { return Ok(Ok(None)) };
        let head = inner.store.head();
        if after > head {
            // Nobody can have seen what has not happened: this sequence is of another store.
            return Ok(Err(Resync::Epoch));
        }
        let oldest = inner.store.view_platform(journal::oldest)?;
        if after.saturating_add(1) < oldest {
            return Ok(Err(Resync::TooOld));
        }
        let missed = journal::count_concerning_after(&inner.store, actor.tenant, after, REPLAY_EVENTS_MAX + 1)?;
        Ok(if missed > REPLAY_EVENTS_MAX { Err(Resync::TooOld) } else { Ok(Some(after)) })
    }

    /// Events behind `after`, up to and including `until`, as `actor` may see them.
    pub(super) fn missed(&self, actor: &Actor, after: u64, until: u64) -> Result<Slice> {
        let inner = self.inner();
        let events = journal::read_concerning_after(&inner.store, actor.tenant, after, SLICE_EVENTS_MAX)?;
        let mut slice = Slice { frames: Vec::new(), reached: until, done: events.len() < SLICE_EVENTS_MAX, resync: None };
        let view = inner.store.read(actor.tenant)?;
        for event in &events {
            if event.seq > until {
                slice.done = true;
                return Ok(slice);
            }
            if inner.rights.touches(event).concerns(actor) {
                // The client's cache was filled under other rights.
                slice.resync = Some(Resync::Rights);
                return Ok(slice);
            }
            if event.tenant == Some(actor.tenant) || self.speaks_to_all(event) {
                match self.show(event, actor, &view) {
                    Verdict::Nothing => {}
                    Verdict::Frame(frame) => slice.frames.push(frame),
                    Verdict::Failed => {
                        slice.resync = Some(Resync::Failed);
                        return Ok(slice);
                    }
                }
            }
            if !slice.done {
                slice.reached = event.seq;
            }
        }
        Ok(slice)
    }
}
