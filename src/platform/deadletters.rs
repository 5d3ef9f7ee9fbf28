//! Dead letters: what could not be read, sent or done, kept whole for a person to decide on.
//!
//! A letter holds its own element alone (one message of a batch, one delivery, one event), the reason
//! in words and a code, and what a second try needs. Whoever buries a kind registers how it is retried.
//! A decision is taken once: a letter is open, then retried or discarded.

use super::{
    journal::{Audience, NewEvent},
    store::{Index, Json, KeyRange, Read, Record, TableId, TenantScope, Tx, Write},
};
use crate::base::{ActorRef, DeadLetterId, Error, Permission, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// May see dead letters and decide on them.
pub const DEADLETTER_MANAGE: Permission = Permission("deadletter.manage");

/// Bytes of a raw body kept in a letter; a longer one is cut, its kind's retry data must suffice then.
const RAW_BYTES_MAX: usize = 128 << 10;

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeadLetterState {
    /// Nobody has decided yet.
    Open,
    /// Tried again, successfully handed over.
    Retried,
    /// Put aside for good.
    Discarded,
}

/// One piece of work that failed for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Its id.
    pub id: DeadLetterId,
    /// What it was: `inbound`, `delivery`, `reaction`, `timer`.
    pub kind: String,
    /// Stable code of the last error.
    pub code: String,
    /// The last error in words, for whoever decides.
    pub reason: String,
    /// The record it concerns.
    pub subject: Option<Uuid>,
    /// The bytes as they came or would have gone.
    pub raw: Vec<u8>,
    /// What its kind needs to try again.
    pub retry: Json,
    /// Tries made before it was given up.
    pub attempts: u32,
    /// What became of it.
    pub state: DeadLetterState,
    /// When it was given up.
    pub at: Timestamp,
    /// When somebody decided …
    pub decided_at: Option<Timestamp>,
    /// … and who.
    pub decided_by: Option<String>,
    /// Sequence of its last change.
    pub rev: u64,
}

impl Record for DeadLetter {
    type Key = DeadLetterId;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x0050);
    const NAME: &'static str = "dead letter";
    const INDEXES: &'static [&'static Index<Self>] = &[&OPEN_BY_TIME, &ALL_BY_KIND, &DECIDED_BY_TIME, &OPEN_BY_SUBJECT];

    fn key(&self) -> DeadLetterId {
        self.id
    }
}

/// Letters nobody has decided on, by time.
pub static OPEN_BY_TIME: Index<DeadLetter> = Index::ordered(0x0051, "open dead letters by time", |letter, entries| {
    if letter.state == DeadLetterState::Open {
        entries.add(letter.at);
    }
});
/// All letters of a kind, by time.
pub static ALL_BY_KIND: Index<DeadLetter> =
    Index::ordered(0x0052, "dead letters by kind", |letter, entries| entries.add((&letter.kind, letter.at)));

/// Letters somebody has decided on, by the time of the decision.
pub static DECIDED_BY_TIME: Index<DeadLetter> = Index::ordered(0x0053, "decided dead letters by time", |letter, entries| {
    if let Some(at) = letter.decided_at {
        entries.add(at);
    }
});

/// Letters nobody has decided on, by the record they concern.
pub static OPEN_BY_SUBJECT: Index<DeadLetter> = Index::ordered(0x0054, "open dead letters by subject", |letter, entries| {
    if letter.state == DeadLetterState::Open
        && let Some(subject) = letter.subject
    {
        entries.add(subject);
    }
});

/// What is to be buried.
#[derive(Debug, Clone)]
pub struct NewDeadLetter {
    /// `inbound`, `delivery`, `reaction`, `timer`: decides how it is retried.
    pub kind: &'static str,
    /// Stable code of the error.
    pub code: String,
    /// The error in words.
    pub reason: String,
    /// The record it concerns.
    pub subject: Option<Uuid>,
    /// The bytes as they came.
    pub raw: Vec<u8>,
    /// What the kind's retry needs; a number under `attempts` says how many tries were made.
    pub retry: Value,
}

impl Tx<'_, '_> {
    /// Stores a dead letter in this commit.
    pub fn bury(&mut self, new: NewDeadLetter) -> Result<DeadLetterId> {
        let id = self.new_id();
        self.store_letter(id, new)?;
        Ok(id)
    }

    /// As [`Tx::bury`] under an id that the caller makes of what is buried, so that a second try after a crash
    /// buries nothing twice. Says whether it was new.
    pub fn bury_once(&mut self, id: DeadLetterId, new: NewDeadLetter) -> Result<bool> {
        let is_new = self.get::<DeadLetter>(&id)?.is_none();
        if is_new {
            self.store_letter(id, new)?;
        }
        Ok(is_new)
    }

    fn store_letter(&mut self, id: DeadLetterId, new: NewDeadLetter) -> Result<()> {
        let mut raw = new.raw;
        raw.truncate(RAW_BYTES_MAX);
        let attempts = new.retry["attempts"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
        let letter = DeadLetter {
            id,
            kind: new.kind.to_owned(),
            code: new.code,
            reason: crate::base::text::shorten(&new.reason, 2_000),
            subject: new.subject,
            raw,
            retry: new.retry.into(),
            attempts,
            state: DeadLetterState::Open,
            at: self.now(),
            decided_at: None,
            decided_by: None,
            rev: self.next_rev(),
        };
        self.insert(&letter)?;
        self.count("deadletters.open", (), 1)?;
        told(self, "deadletter.created", &letter, Audience::nobody())?;
        metrics::counter!("farol_dead_letters_total", "kind" => new.kind).increment(1);
        Ok(())
    }
}

fn told(tx: &mut Tx<'_, '_>, kind: &'static str, letter: &DeadLetter, before: Audience) -> Result<u64> {
    tx.emit(NewEvent {
        kind,
        subject: letter.id.into(),
        before,
        after: Audience::holders(DEADLETTER_MANAGE),
        data: json!({"kind": letter.kind, "code": letter.code, "state": letter.state, "subject": letter.subject}),
    })
}

/// Does again what a letter is about. Runs inside the command that marks the letter as retried.
pub type RetryFn = dyn Fn(&mut Tx<'_, '_>, &DeadLetter) -> Result<()> + Send + Sync;

/// How each kind is retried; filled where the house is put together.
pub struct DeadLetters {
    retries: HashMap<&'static str, Box<RetryFn>>,
}

impl Default for DeadLetters {
    fn default() -> Self {
        Self::new()
    }
}

impl DeadLetters {
    /// Knows the kinds of the platform itself: deliveries and timers.
    pub fn new() -> Self {
        let mut own = Self { retries: HashMap::new() };
        own.on_retry("delivery", super::outbox::retry_letter);
        own.on_retry("timer", super::timers::retry_letter);
        own
    }

    /// Names how letters of `kind` are retried.
    pub fn on_retry(
        &mut self,
        kind: &'static str,
        retry: impl Fn(&mut Tx<'_, '_>, &DeadLetter) -> Result<()> + Send + Sync + 'static,
    ) -> &mut Self {
        self.retries.insert(kind, Box::new(retry));
        self
    }

    /// Tries again; where that fails, the letter stays open and the error is the caller's.
    pub fn retry(&self, tx: &mut Tx<'_, '_>, id: DeadLetterId) -> Result<DeadLetter> {
        let letter = open(tx, id)?;
        let Some(retry) = self.retries.get(letter.kind.as_str()) else {
            return Err(Error::conflict("not_retryable", format!("letters of kind {} can't be retried", letter.kind)));
        };
        retry(tx, &letter)?;
        decide(tx, letter, DeadLetterState::Retried)
    }
}

/// Puts a letter aside for good; it stays readable.
pub fn discard(tx: &mut Tx<'_, '_>, id: DeadLetterId) -> Result<DeadLetter> {
    let letter = open(tx, id)?;
    decide(tx, letter, DeadLetterState::Discarded)
}

/// Open letters of one record looked at together; a second one is rare.
const OF_SUBJECT_MAX: usize = 8;

/// Marks the open letters about a record as retried: somebody does the same again by another way, or it turned out
/// to be done. A retry of the letter would then do it twice.
pub fn taken_up(tx: &mut Tx<'_, '_>, subject: Uuid) -> Result<()> {
    decide_all(tx, subject, DeadLetterState::Retried)
}

/// Puts the open letters about a record aside: what they would do again is wanted no more.
pub fn put_aside(tx: &mut Tx<'_, '_>, subject: Uuid) -> Result<()> {
    decide_all(tx, subject, DeadLetterState::Discarded)
}

fn decide_all(tx: &mut Tx<'_, '_>, subject: Uuid, state: DeadLetterState) -> Result<()> {
    let letters: Vec<DeadLetter> = tx
        .list(&OPEN_BY_SUBJECT, KeyRange::prefix(subject))?
        .take(OF_SUBJECT_MAX)
        .map(|row| Ok(row?.0))
        .collect::<Result<_>>()?;
    letters.into_iter().try_for_each(|letter| decide(tx, letter, state).map(drop))
}

fn open(tx: &Tx<'_, '_>, id: DeadLetterId) -> Result<DeadLetter> {
    let letter: DeadLetter = tx.require(&id)?;
    if letter.state != DeadLetterState::Open {
        return Err(Error::conflict("already_decided", "somebody has decided on this dead letter already"));
    }
    Ok(letter)
}

fn decide(tx: &mut Tx<'_, '_>, mut letter: DeadLetter, state: DeadLetterState) -> Result<DeadLetter> {
    letter.state = state;
    letter.decided_at = Some(tx.now());
    letter.decided_by = Some(match tx.origin().actor {
        ActorRef::User(id) => id.to_string(),
        ActorRef::Console => "console".into(),
        _ => "system".into(),
    });
    letter.rev = tx.next_rev();
    tx.put(&letter)?;
    tx.count("deadletters.open", (), -1)?;
    told(tx, "deadletter.updated", &letter, Audience::holders(DEADLETTER_MANAGE))?;
    Ok(letter)
}

/// A page of letters, newest first: open ones, or all of one kind. The cursor goes on behind the last.
pub fn list<V: Read<Scope = TenantScope>>(
    view: &V,
    kind: Option<&str>,
    after: Option<Vec<u8>>,
    limit: usize,
) -> Result<Vec<(DeadLetter, Vec<u8>)>> {
    match kind {
        None => view.list(&OPEN_BY_TIME, KeyRange::all().reverse().after(after))?.take(limit).collect(),
        Some(kind) => view.list(&ALL_BY_KIND, KeyRange::prefix(kind).reverse().after(after))?.take(limit).collect(),
    }
}

#[cfg(test)]
mod tests;
