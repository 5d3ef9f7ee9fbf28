//! The one writer: takes all waiting commands into one durable commit, each atomic on its own.
//!
//! The batch grows by itself under load and never waits for more. Three bounded lanes feed it: people
//! go first, but of every sixteen commands two are reactions' and one is a job's if they wait, so that
//! nobody starves. Tenants take turns within a lane. A command that fails or panics leaves nothing behind and harms no neighbour.
//! A commit that fails ends the process: what stands in memory can then no longer be trusted.

use super::{
    engine::{Batch, Durability},
    keys,
    store::Inner,
    tenants::Tenants,
    tx::{Core, key_base, own},
};
use crate::base::{Env, Error, Origin, TenantId, Timestamp, time::Stopwatch};
use crate::platform::memory;
use parking_lot::{Condvar, Mutex};
use std::{
    collections::{HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

/// Commands in one commit, at most; keeps the wait of the last one bounded.
const BATCH_COMMANDS_MAX: usize = 1024;
/// Bytes in one commit, at most.
const BATCH_BYTES_MAX: usize = 8 << 20;

/// So long without a command, the engine brings what its log holds into its own file. Long enough that a person's
/// next click does not meet it, short enough that a crash finds little to apply.
const REST_AFTER: Duration = Duration::from_secs(1);

/// Which lane is asked first, command by command.
const TURNS: [Lane; 16] = {
    use Lane::{Jobs as J, People as P, Reactions as R};
    [P, P, P, P, P, P, R, P, P, P, P, P, P, R, P, J]
};
/// A difference between the wall clock and the time of commands that somebody should look at.
const CLOCK_JUMP_MS_MAX: i64 = 5 * 60 * 1000;

/// Who is asking: people wait for an answer, reactions can wait, jobs have time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// People and providers.
    People,
    /// Reactions, timers and hands.
    Reactions,
    /// Bulk work.
    Jobs,
}

impl Lane {
    pub(super) const ALL: [Lane; 3] = [Lane::People, Lane::Reactions, Lane::Jobs];
    /// Commands that may wait in this lane.
    pub const fn capacity(self) -> usize {
        match self {
            Lane::People => 4096,
            Lane::Reactions => 1024,
            Lane::Jobs => 64,
        }
    }
}

/// Something a service sleeps on until a commit touches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// A timer was set or cleared.
    Timers,
    /// A delivery was made or put right.
    Outbox,
    /// A job was made or changed.
    Jobs,
    /// A raw inbound body waits to be split.
    Inbound,
}
impl Topic {
    pub(super) const COUNT: usize = 4;
    pub(super) const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// Told after the commit; the error is the commit's.
pub(super) type Reply = Box<dyn FnOnce() + Send>;
/// The command itself: did it succeed, and whom to tell.
pub(super) type Run = Box<dyn FnOnce(&mut Core<'_>) -> (bool, Reply) + Send>;

pub(super) struct Command {
    pub tenant: u32,
    pub origin: Origin,
    pub cause: Option<u64>,
    pub depth: u8,
    /// May exceed the command budget.
    pub unbounded: bool,
    /// Tells of this moment in the past: relaxed durability, nothing reaches the outside.
    pub import: Option<Timestamp>,
    pub run: Run,
}

#[derive(Default)]
struct LaneQueue {
    waiting: HashMap<u32, VecDeque<Command>>,
    turns: VecDeque<u32>,
}

impl LaneQueue {
    fn push(&mut self, command: Command) {
        let queue = self.waiting.entry(command.tenant).or_default();
        if queue.is_empty() {
            self.turns.push_back(command.tenant);
        }
        queue.push_back(command);
    }
    fn pop(&mut self) -> Option<Command> {
        let tenant = self.turns.pop_front()?;
        let queue = self.waiting.get_mut(&tenant)?;
        let command = queue.pop_front();
        if queue.is_empty() {
            self.waiting.remove(&tenant);
        } else {
            self.turns.push_back(tenant);
        }
        command
    }
}

#[derive(Default)]
struct Waiting {
    lanes: [LaneQueue; 3],
    turn: usize,
    closed: bool,
}

impl Waiting {
    fn pop(&mut self) -> Option<Command> {
        self.turn = (self.turn + 1) % TURNS.len();
        let favoured = TURNS[self.turn];
        std::iter::once(favoured).chain(Lane::ALL).find_map(|lane| self.lanes[lane as usize].pop())
    }
}

/// Where commands wait for the writer.
#[derive(Default)]
pub(super) struct Gate {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

impl Gate {
    pub fn submit(&self, lane: Lane, command: Command) -> Result<(), Error> {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(Error::unavailable("the store is closing"));
        }
        waiting.lanes[lane as usize].push(command);
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }
    pub fn close(&self) {
        self.waiting.lock().closed = true;
        self.arrived.notify_all();
    }
    /// Lets go of everything that waits; its callers learn it by their dropped answer.
    pub fn drain(&self) {
        let dropped = {
            let mut waiting = self.waiting.lock();
            waiting.closed = true;
            std::mem::take(&mut waiting.lanes)
        };
        drop(dropped);
    }
    /// The next command by lane and turn; `None` when none waits.
    fn try_take(&self) -> Option<Command> {
        self.waiting.lock().pop()
    }
    /// Waits for a command, if told so no longer than `patience`.
    fn take(&self, patience: Option<Duration>) -> Next {
        let mut waiting = self.waiting.lock();
        loop {
            if let Some(command) = waiting.pop() {
                return Next::Command(command);
            }
            if waiting.closed {
                return Next::Closed;
            }
            match patience {
                None => self.arrived.wait(&mut waiting),
                Some(patience) if self.arrived.wait_for(&mut waiting, patience).timed_out() => {
                    return waiting.pop().map_or(Next::Quiet, Next::Command);
                }
                Some(_) => {}
            }
        }
    }
}

/// What comes out of the gate.
enum Next {
    Command(Command),
    /// Nothing for as long as one was ready to wait.
    Quiet,
    /// Nothing, and nothing will come any more.
    Closed,
}

pub(super) struct Writer {
    pub inner: Arc<Inner>,
    pub env: Env,
    pub seq: u64,
    /// Runs since the wall clock said `watched_since`: shows when somebody sets it.
    pub watch: Stopwatch,
    pub watched_since: Timestamp,
}

impl Writer {
    /// Runs until the gate is closed and empty, or a commit has failed.
    pub fn run(mut self) {
        // A start leaves much behind that is no longer needed.
        let mut restless = true;
        loop {
            let outcome = match self.inner.gate.take(restless.then_some(REST_AFTER)) {
                Next::Command(first) => {
                    restless = true;
                    self.batch(first)
                }
                next => {
                    restless = false;
                    let rested = self.inner.engine(|engine| engine.rest()).map_err(|e| {
                        self.inner.mark_failed();
                        format!("bring the log into the store: {e}")
                    });
                    if matches!(next, Next::Closed) && rested.is_ok() {
                        return;
                    }
                    if matches!(next, Next::Quiet) {
                        memory::give_back();
                    }
                    rested
                }
            };
            if let Err(what) = outcome {
                // Nothing that waits may be decided on a state that never became durable.
                self.inner.gate.drain();
                return self.inner.fail(&what);
            }
        }
    }

    /// The time of the next batch.
    fn time(&mut self) -> Timestamp {
        let wall = self.env.now();
        let ran = self.watch.elapsed().as_millis() as i64;
        let jump = wall.0.saturating_sub(self.watched_since.0).saturating_sub(ran);
        if jump.abs() > CLOCK_JUMP_MS_MAX {
            metrics::counter!("farol_clock_jumps_total").increment(1);
            tracing::warn!(seconds = jump / 1000, "the clock was set");
            (self.watch, self.watched_since) = (Stopwatch::start(), wall);
        }
        self.inner.now()
    }

    fn batch(&mut self, first: Command) -> Result<(), String> {
        let inner = self.inner.clone();
        let snapshot = inner.engine(|engine| engine.snapshot()).map_err(|e| {
            inner.mark_failed();
            format!("take a snapshot: {e}")
        })?;
        let now = self.time();
        let mut batch = Batch::new();
        let mut bytes = 0;
        let mut replies: Vec<Reply> = Vec::new();
        let mut topics = 0;
        let (mut told, mut forgotten) = (Vec::new(), 0);
        let mut new_tenants: Vec<(TenantId, u32)> = Vec::new();
        let mut tenants = inner.tenants.clone();
        let mut next = Some(first);
        let mut commands = 0usize;
        let mut durability = Durability::Relaxed;
        let mut unjournaled = false;
        while let Some(command) = next {
            commands += 1;
            let mut core = Core {
                layer: Batch::new(),
                layer_bytes: 0,
                operations: std::cell::Cell::new(0),
                batch: &batch,
                snapshot: snapshot.as_ref(),
                env: &self.env,
                now: command.import.map_or(now, |past| past.min(now)),
                seq: self.seq,
                topics: 0,
                told: Vec::new(),
                forgotten: 0,
                origin: command.origin,
                cause: command.cause,
                depth: command.depth,
                tenants: &tenants,
                new_tenants: Vec::new(),
                unbounded: command.unbounded,
                imported: command.import.is_some(),
            };
            let run = command.run;
            match catch_unwind(AssertUnwindSafe(|| run(&mut core))) {
                Ok((true, reply)) => {
                    replies.push(reply);
                    let Core {
                        layer,
                        layer_bytes,
                        seq,
                        topics: touched,
                        told: more,
                        forgotten: gone,
                        new_tenants: registered,
                        imported,
                        ..
                    } = core;
                    if !registered.is_empty() {
                        tenants = Tenants::with(&tenants, &registered);
                        new_tenants.extend(registered);
                    }
                    if imported {
                        unjournaled |= seq != self.seq;
                    } else {
                        durability = Durability::Durable;
                    }
                    bytes += layer_bytes;
                    self.seq = seq;
                    topics |= touched;
                    told.extend(more);
                    forgotten = forgotten.max(gone);
                    batch.extend(layer);
                }
                Ok((false, reply)) => replies.push(reply),
                // The caller's answer went down with the command and reads as an internal error.
                Err(_) => metrics::counter!("farol_command_panics_total").increment(1),
            }
            next = if commands < BATCH_COMMANDS_MAX && bytes < BATCH_BYTES_MAX { inner.gate.try_take() } else { None };
        }
        drop(snapshot);
        if unjournaled {
            // These sequences stand in records (`rev`) but not in the journal; they must not be given out again.
            let mut key = key_base(0, own::META);
            key.extend(keys::bytes("seq"));
            batch.insert(key, Some(self.seq.to_le_bytes().to_vec()));
        }
        if !batch.is_empty() {
            inner.engine(|engine| engine.commit(batch, durability)).map_err(|e| {
                // Before the answers are dropped: their callers ask why.
                inner.mark_failed();
                format!("commit: {e}")
            })?;
            inner.count_commit();
        }
        metrics::histogram!("farol_commit_commands").record(commands as f64);
        inner.published(self.seq, told, forgotten, &new_tenants);
        for reply in replies {
            reply();
        }
        inner.wake(topics);
        Ok(())
    }
}
