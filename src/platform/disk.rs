//! Free room on the disk that holds the data: measured in the background, known to every door.
//!
//! A store that can't grow ends the process. So new work is refused before it comes to that, the least
//! needed first: files, then all writes but messages and sign-in, and at last every write; the house's own
//! bookkeeping then waits. Nothing that was acknowledged is ever given up.

use super::store::{Store, shut};
use crate::base::{Env, Error, Result};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;

/// With less than this nothing is written any more: one commit at its largest, and the log, still fit.
const SPENT_BYTES: u64 = 32 << 20;
/// The least the owner may set [`DiskLimits::full`] to.
pub const FULL_BYTES_MIN: u64 = 2 * SPENT_BYTES;
/// redb doubles its file until it is this long, then grows by this much at a time.
const GROWTH_BYTES_MAX: u64 = 4 << 30;
/// Between two looks while there is room.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Between two looks once there is little.
const LOOK_CLOSELY_EVERY: Duration = Duration::from_secs(5);

/// How much room there is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// Enough.
    Ample,
    /// The store could not grow twice more. Nothing is refused.
    Tight,
    /// Files are refused.
    Low,
    /// Only messages and sign-in are taken.
    Full,
    /// Nothing is written.
    Spent,
}

/// How much somebody's write is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Files and bulk work.
    Bulk,
    /// What people do all day.
    Ordinary,
    /// Messages, sign-in, and what an owner needs to mend things.
    Essential,
}

/// Below which free bytes room counts as low and as full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskLimits {
    /// Files are refused below this.
    pub low: u64,
    /// All but messages and sign-in are refused below this; at least [`FULL_BYTES_MIN`].
    pub full: u64,
}

/// What a look at the disk showed, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Space {
    /// Free for us.
    pub free: u64,
    /// Size of the disk.
    pub total: u64,
    /// Length of the store's file.
    pub store: u64,
}

type Look = dyn Fn(&Path) -> Option<Space> + Send + Sync;

/// Knows how much room there is. Clones share it.
#[derive(Clone)]
pub struct DiskGuard(Arc<Inner>);

struct Inner {
    data: PathBuf,
    store: Store,
    look: Box<Look>,
    limits: ArcSwap<DiskLimits>,
    space: Mutex<Option<Space>>,
    room: watch::Sender<Room>,
}

impl DiskGuard {
    /// Watches the disk of the folder `data`, and has looked once when it returns.
    pub fn new(store: Store, data: &Path, limits: DiskLimits) -> Self {
        Self::looking(store, data, limits, look)
    }

    /// The same by another way of looking, for tests.
    pub fn looking(
        store: Store,
        data: &Path,
        limits: DiskLimits,
        look: impl Fn(&Path) -> Option<Space> + Send + Sync + 'static,
    ) -> Self {
        let guard = Self(Arc::new(Inner {
            data: data.to_owned(),
            store,
            look: Box::new(look),
            limits: ArcSwap::from_pointee(limits),
            space: Mutex::default(),
            room: watch::Sender::new(Room::Ample),
        }));
        guard.measure();
        guard
    }

    /// Looks at the disk. Takes microseconds on a local disk, longer on a remote one.
    pub fn measure(&self) -> Room {
        // A disk that can't be asked is no reason to refuse anything: the write itself will tell.
        if let Some(space) = (self.0.look)(&self.0.data) {
            *self.0.space.lock() = Some(space);
            metrics::gauge!("farol_disk_free_bytes").set(space.free as f64);
            metrics::gauge!("farol_store_file_bytes").set(space.store as f64);
        }
        self.judge()
    }

    /// Other limits, in force at once.
    pub fn set_limits(&self, limits: DiskLimits) {
        self.0.limits.store(Arc::new(limits));
        self.judge();
    }

    /// How much room there was at the last look.
    pub fn room(&self) -> Room {
        *self.0.room.borrow()
    }

    /// May a write that is needed this much begin?
    ///
    /// # Errors
    /// [`Error::NoRoom`] with the code `disk_low` or `disk_full`.
    pub fn admit(&self, need: Need) -> Result<()> {
        let refused_from = match need {
            Need::Bulk => Room::Low,
            Need::Ordinary => Room::Full,
            Need::Essential => Room::Spent,
        };
        let room = self.room();
        if room >= refused_from { Err(Error::NoRoom(code(room))) } else { Ok(()) }
    }

    /// What the owner should read: a stable code and the figures.
    pub fn warning(&self) -> Option<(&'static str, String)> {
        let room = self.room();
        let space = (*self.0.space.lock())?;
        (room > Room::Ample).then(|| (code(room), megabytes(space)))
    }

    /// Why the box can't serve as it should.
    pub fn unreadiness(&self) -> Result<(), String> {
        let space = self.0.space.lock().unwrap_or_default();
        if self.room() >= Room::Full { Err(format!("the disk is full: {}", megabytes(space))) } else { Ok(()) }
    }

    /// Looks again and again until `shutdown`; `tell` hears of each change.
    pub async fn run(self, env: Env, mut shutdown: watch::Receiver<bool>, tell: impl Fn(Room) + Send) {
        let mut room = self.0.room.subscribe();
        let mut next = env.now();
        loop {
            tokio::select! {
                () = shut(&mut shutdown) => return,
                Ok(()) = room.changed() => tell(*room.borrow_and_update()),
                () = env.clock.sleep_until(next) => {
                    let own = self.clone();
                    // A remote disk may take its time.
                    let room = tokio::task::spawn_blocking(move || own.measure()).await.unwrap_or(Room::Ample);
                    next = env.now().plus(if room == Room::Ample { LOOK_EVERY } else { LOOK_CLOSELY_EVERY });
                }
            }
        }
    }

    fn judge(&self) -> Room {
        let Some(space) = *self.0.space.lock() else { return self.room() };
        let limits = **self.0.limits.load();
        let before = self.room();
        let mut room = room_of(space, limits);
        if room < before {
            // Only clearly more room counts as better, or doors would open and shut with every commit.
            room = room_of(Space { free: space.free / 10 * 9, ..space }, limits).min(before);
        }
        self.0.store.hold(room == Room::Spent);
        if room != before {
            let free_mb = space.free >> 20;
            if room > before {
                tracing::warn!(?room, free_mb, "room on the disk runs out");
            } else {
                tracing::info!(?room, free_mb, "there is more room on the disk");
            }
            self.0.room.send_replace(room);
        }
        room
    }
}

fn room_of(space: Space, limits: DiskLimits) -> Room {
    let Space { free, store, .. } = space;
    let full = limits.full.max(FULL_BYTES_MIN);
    if free < SPENT_BYTES {
        Room::Spent
    } else if free < full {
        Room::Full
    } else if free < limits.low {
        Room::Low
    } else if free < 2 * store.min(GROWTH_BYTES_MAX) {
        Room::Tight
    } else {
        Room::Ample
    }
}

fn code(room: Room) -> &'static str {
    if room >= Room::Full { "disk_full" } else { "disk_low" }
}

fn megabytes(space: Space) -> String {
    format!("{} MB free of {} MB", space.free >> 20, space.total >> 20)
}

/// What the operating system says of the disk under `data`.
fn look(data: &Path) -> Option<Space> {
    let disk = rustix::fs::statvfs(data).ok()?;
    let store = std::fs::metadata(data.join("farol.redb")).map_or(0, |file| file.len());
    Some(Space { free: disk.f_bavail.saturating_mul(disk.f_frsize), total: disk.f_blocks.saturating_mul(disk.f_frsize), store })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Origin, Timestamp},
        platform::store::Lane,
    };
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    const MB: u64 = 1 << 20;
    const LIMITS: DiskLimits = DiskLimits { low: 1_024 * MB, full: 256 * MB };

    #[test]
    fn room_is_judged_by_free_bytes_and_by_the_next_steps_of_the_file() {
        for (free_mb, store_mb, room) in [
            (5_000, 10, Room::Ample),
            (5_000, 3_000, Room::Tight),
            // Beyond 4 GiB the file no longer doubles.
            (9_000, 90_000, Room::Ample),
            (8_000, 90_000, Room::Tight),
            (1_023, 10, Room::Low),
            (255, 10, Room::Full),
            (31, 10, Room::Spent),
            (0, 0, Room::Spent),
        ] {
            let space = Space { free: free_mb * MB, total: 100_000 * MB, store: store_mb * MB };
            assert_eq!(room_of(space, LIMITS), room, "{free_mb} MB free, file of {store_mb} MB");
        }
        // Whatever the owner sets, there is a step between full and spent.
        assert_eq!(room_of(Space { free: 63 * MB, ..Space::default() }, DiskLimits { low: 0, full: 0 }), Room::Full);
    }

    #[tokio::test]
    async fn the_least_needed_is_refused_first_and_the_houses_own_work_waits() {
        let (env, clock) = Env::simulated(Timestamp(1_700_000_000_000), 1);
        let store = Store::in_memory(env.clone());
        let free = Arc::new(AtomicU64::new(9_000 * MB));
        let seen = free.clone();
        let look = move |_: &Path| Some(Space { free: seen.load(SeqCst), total: 10_000 * MB, store: MB });
        let guard = DiskGuard::looking(store.clone(), Path::new("/nowhere"), LIMITS, look);
        let (stop, stopped) = watch::channel(false);
        let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
        let running = tokio::spawn(guard.clone().run(env.clone(), stopped, move |room| told.send(room).unwrap()));

        for (free_mb, room, refused) in [
            (900, Room::Low, [true, false, false]),
            (200, Room::Full, [true, true, false]),
            // A little more is not yet enough.
            (257, Room::Full, [true, true, false]),
            (10, Room::Spent, [true, true, true]),
            (9_000, Room::Ample, [false, false, false]),
        ] {
            free.store(free_mb * MB, SeqCst);
            clock.advance(LOOK_EVERY);
            while guard.room() != room {
                tokio::task::yield_now().await;
            }
            let answers = [Need::Bulk, Need::Ordinary, Need::Essential].map(|need| guard.admit(need).is_err());
            assert_eq!(answers, refused, "{free_mb} MB");
            if free_mb == 257 {
                continue;
            }
            assert_eq!(hears.recv().await, Some(room));
            assert_eq!(
                guard.warning().map(|(code, _)| code),
                match room {
                    Room::Ample => None,
                    Room::Low => Some("disk_low"),
                    _ => Some("disk_full"),
                }
            );
            assert_eq!(guard.unreadiness().is_err(), room >= Room::Full);
        }

        free.store(10 * MB, SeqCst);
        guard.measure();
        let refused = store.write_platform(Lane::People, Origin::system(), |_| Ok(())).await;
        assert!(matches!(refused, Err(Error::NoRoom("disk_full"))), "{refused:?}");
        let waits = tokio::spawn({
            let store = store.clone();
            async move { store.write_platform(Lane::Reactions, Origin::system(), |_| Ok(7)).await }
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!waits.is_finished(), "the house's own work waits for room");
        free.store(9_000 * MB, SeqCst);
        guard.measure();
        assert_eq!(waits.await.unwrap().unwrap(), 7);
        stop.send_replace(true);
        running.await.unwrap();
    }
}
