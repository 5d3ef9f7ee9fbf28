//! Typed reading and writing: [`Read`] for snapshots and commands alike, [`Write`] for commands,
//! [`Tx`] for a tenant's command and [`PlatformTx`] for the few that stand above tenants.

use super::{
    engine::Batch,
    keys::{self, Key, KeyPart},
    layers::Layers,
    recent::Told,
    table::{self, Index, KeyRange, PlatformScope, Record, ScopeKind, TableId, TenantScope},
    writer::Topic,
};
use crate::base::{Env, Error, Origin, Result, TenantId, Timestamp};
use std::{any::Any, cell::Cell, sync::Arc};
use uuid::Uuid;

/// A command may read and write this many pairs …
pub const COMMAND_OPERATIONS_MAX: u32 = 500;
/// … and write this many bytes; more is a job of bounded commands. A command must never stall everyone.
pub const COMMAND_BYTES_MAX: usize = 256 << 10;

/// Table ids of the store's own, below every room's.
pub(super) mod own {
    use super::TableId;
    pub const META: TableId = TableId(0x0001);
    pub const TENANTS: TableId = TableId(0x0002);
    pub const COUNTERS: TableId = TableId(0x0003);
}

pub(super) fn key_base(number: u32, table: TableId) -> Vec<u8> {
    let mut out = Vec::with_capacity(40);
    out.extend_from_slice(&number.to_be_bytes());
    out.extend_from_slice(&table.0.to_be_bytes());
    out
}

/// Opaque handle over the layers one may read; its methods are the store's own.
pub struct Source<'a> {
    layers: Layers<'a>,
    number: u32,
    operations: Option<&'a Cell<u32>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(layers: Layers<'a>, number: u32, operations: Option<&'a Cell<u32>>) -> Self {
        Self { layers, number, operations }
    }
    /// The same layers, another tenant's keys.
    fn of(mut self, number: u32) -> Self {
        self.number = number;
        self
    }
    fn count(&self) -> Result<()> {
        self.operations.map_or(Ok(()), spend)
    }
    pub(super) fn get_raw(&self, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.count()?;
        let mut full = key_base(self.number, table);
        full.extend_from_slice(key);
        self.layers.get(&full)
    }
    /// Shows the bytes at `key` where they lie, if there are any.
    pub(super) fn look_raw(&self, table: TableId, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool> {
        self.count()?;
        let mut full = key_base(self.number, table);
        full.extend_from_slice(key);
        self.layers.look(&full, see)
    }
    /// Pairs of one table, keys without tenant and table.
    pub(super) fn range_raw(
        &self,
        table: TableId,
        range: &KeyRange,
    ) -> Result<impl Iterator<Item = Result<(Vec<u8>, Vec<u8>)>> + use<'a>> {
        self.count()?;
        let base = key_base(self.number, table);
        let (start, end) = range.bounds(&base);
        let skip = base.len();
        let operations = self.operations;
        Ok(self.layers.range(&start, &end, range.reverse)?.map(move |pair| {
            operations.map_or(Ok(()), spend)?;
            pair.map(|(k, v)| (k[skip..].to_vec(), v))
        }))
    }
}

/// Takes one from a command's budget of reads and writes; each row of a walk costs one too.
fn spend(operations: &Cell<u32>) -> Result<()> {
    operations.set(operations.get() + 1);
    if operations.get() > COMMAND_OPERATIONS_MAX {
        return Err(Error::internal(format!("a command made more than {COMMAND_OPERATIONS_MAX} reads and writes")));
    }
    Ok(())
}

/// Where a record stands in an index: its primary key, and the cursor to go on behind it.
#[derive(Debug, Clone)]
pub struct Hit<K> {
    /// The record's primary key.
    pub key: K,
    /// For [`KeyRange::after`].
    pub cursor: Vec<u8>,
}

/// Reading typed records of one scope.
pub trait Read {
    /// Platform or tenant: decides which records can be named at all.
    type Scope: ScopeKind;

    /// The layers behind this reader.
    #[doc(hidden)]
    fn source(&self) -> Source<'_>;

    /// The record under `key`.
    fn get<R: Record<Scope = Self::Scope>>(&self, key: &R::Key) -> Result<Option<R>> {
        let mut found = None;
        self.source().look_raw(R::TABLE, &keys::bytes(key), &mut |bytes| found = Some(decode(bytes, key)))?;
        found.transpose()
    }

    /// The record under `key`, or `NotFound` naming its noun.
    fn require<R: Record<Scope = Self::Scope>>(&self, key: &R::Key) -> Result<R> {
        self.get(key)?.ok_or(Error::NotFound(R::NAME))
    }

    /// The one record under `part` of a unique index.
    fn find<R: Record<Scope = Self::Scope>>(&self, index: &Index<R>, part: impl KeyPart) -> Result<Option<R>> {
        debug_assert!(index.unique, "{} is not unique", index.name);
        match self.source().get_raw(index.id, &keys::bytes(&part))? {
            Some(primary) => {
                let key = R::Key::read(&primary).ok_or_else(|| broken::<R>(index.name))?;
                self.get(&key)?.map(Some).ok_or_else(|| broken::<R>(index.name))
            }
            None => Ok(None),
        }
    }

    /// Walks an index; each hit costs one step of the walk, the records themselves are fetched by `get`.
    fn scan<'a, R: Record<Scope = Self::Scope>>(
        &'a self,
        index: &'static Index<R>,
        range: KeyRange,
    ) -> Result<impl Iterator<Item = Result<Hit<R::Key>>> + 'a> {
        let pairs = self.source().range_raw(index.id, &range)?;
        Ok(pairs.map(move |pair| {
            let (cursor, value) = pair?;
            let key = if index.unique || R::Key::WIDTH == 0 {
                R::Key::read(&value)
            } else {
                cursor.len().checked_sub(R::Key::WIDTH).and_then(|at| R::Key::read(&cursor[at..]))
            };
            Ok(Hit { key: key.ok_or_else(|| broken::<R>(index.name))?, cursor })
        }))
    }

    /// Walks an index and fetches each record.
    fn list<'a, R: Record<Scope = Self::Scope>>(
        &'a self,
        index: &'static Index<R>,
        range: KeyRange,
    ) -> Result<impl Iterator<Item = Result<(R, Vec<u8>)>> + 'a>
    where
        Self: Sized,
    {
        let hits = self.scan(index, range)?;
        Ok(hits.map(move |hit| {
            let hit = hit?;
            let record = self.get::<R>(&hit.key)?.ok_or_else(|| broken::<R>(index.name))?;
            Ok((record, hit.cursor))
        }))
    }

    /// Walks the table itself in the order of its primary keys.
    fn all<'a, R: Record<Scope = Self::Scope>>(
        &'a self,
        range: KeyRange,
    ) -> Result<impl Iterator<Item = Result<(R, Vec<u8>)>> + 'a> {
        let pairs = self.source().range_raw(R::TABLE, &range)?;
        Ok(pairs.map(|pair| {
            let (cursor, value) = pair?;
            let record = table::decode(&value).map_err(|e| Error::internal(format!("read a {}: {e}", R::NAME)))?;
            Ok((record, cursor))
        }))
    }

    /// A kept counter; 0 where it was never touched.
    fn counter(&self, name: &'static str, of: impl KeyPart) -> Result<i64> {
        let bytes = self.source().get_raw(own::COUNTERS, &keys::bytes(&(name, of)))?;
        Ok(bytes.and_then(|b| b.try_into().ok()).map_or(0, i64::from_le_bytes))
    }
}

fn decode<R: Record>(bytes: &[u8], key: &R::Key) -> Result<R> {
    table::decode(bytes).map_err(|e| Error::internal(format!("read {} {}: {e}", R::NAME, hex::encode(keys::bytes(key)))))
}

fn broken<R: Record>(index: &str) -> Error {
    Error::internal(format!("index {index} names a {} that is not there", R::NAME))
}

/// Writing typed records of one scope. Only a command can.
pub trait Write: Read {
    /// The command's own layer.
    #[doc(hidden)]
    fn sink(&mut self) -> Sink<'_>;

    /// Stores `record` in place of the one with its key and keeps its indexes. A taken unique key is a conflict.
    fn put<R: Record<Scope = Self::Scope>>(&mut self, record: &R) -> Result<()> {
        let old = self.get::<R>(&record.key())?;
        self.replace(old.as_ref(), record)
    }

    /// Stores a record whose key must be free; says whether it was.
    fn insert<R: Record<Scope = Self::Scope>>(&mut self, record: &R) -> Result<()> {
        if self.source().get_raw(R::TABLE, &keys::bytes(&record.key()))?.is_some() {
            return Err(Error::conflict("already_exists", format!("this {} exists already", R::NAME)));
        }
        self.replace(None, record)
    }

    /// Stores `record` where `old` (as just read) stood: spares the second read that `put` makes.
    fn replace<R: Record<Scope = Self::Scope>>(&mut self, old: Option<&R>, record: &R) -> Result<()> {
        let primary = keys::bytes(&record.key());
        for index in R::INDEXES {
            let before = old.map_or_else(Vec::new, |r| index.entries(r));
            let after = index.entries(record);
            for gone in before.iter().filter(|key| !after.contains(key)) {
                self.unlink(index, gone, &primary)?;
            }
            for new in after.iter().filter(|key| !before.contains(key)) {
                self.link(index, new, &primary)?;
            }
        }
        let bytes = table::encode(record).map_err(|e| Error::internal(format!("write a {}: {e}", R::NAME)))?;
        self.sink().put_raw(R::TABLE, primary, Some(bytes))
    }

    /// Removes the record under `key` with its index entries; gives what was there.
    fn delete<R: Record<Scope = Self::Scope>>(&mut self, key: &R::Key) -> Result<Option<R>> {
        let Some(old) = self.get::<R>(key)? else { return Ok(None) };
        let primary = keys::bytes(key);
        for index in R::INDEXES {
            for gone in index.entries(&old) {
                self.unlink(index, &gone, &primary)?;
            }
        }
        self.sink().put_raw(R::TABLE, primary, None)?;
        Ok(Some(old))
    }

    #[doc(hidden)]
    fn link<R: Record<Scope = Self::Scope>>(&mut self, index: &Index<R>, entry: &[u8], primary: &[u8]) -> Result<()> {
        if index.unique {
            if self.source().get_raw(index.id, entry)?.is_some_and(|holder| holder != primary) {
                return Err(Error::conflict("taken", format!("{} is taken by another {}", index.name, R::NAME)));
            }
            return self.sink().put_raw(index.id, entry.to_vec(), Some(primary.to_vec()));
        }
        let value = if R::Key::WIDTH == 0 { primary.to_vec() } else { Vec::new() };
        self.sink().put_raw(index.id, [entry, primary].concat(), Some(value))
    }

    #[doc(hidden)]
    fn unlink<R: Record<Scope = Self::Scope>>(&mut self, index: &Index<R>, entry: &[u8], primary: &[u8]) -> Result<()> {
        let key = if index.unique { entry.to_vec() } else { [entry, primary].concat() };
        self.sink().put_raw(index.id, key, None)
    }

    /// Adds to a kept counter and gives its new value.
    fn count(&mut self, name: &'static str, of: impl KeyPart, by: i64) -> Result<i64> {
        let key = keys::bytes(&(name, of));
        let now = self.source().get_raw(own::COUNTERS, &key)?.and_then(|b| b.try_into().ok()).map_or(0, i64::from_le_bytes) + by;
        self.sink().put_raw(own::COUNTERS, key, (now != 0).then(|| now.to_le_bytes().to_vec()))?;
        Ok(now)
    }

    /// The next running number of `name` in this scope, from 1.
    fn next_number(&mut self, name: &'static str) -> Result<u64> {
        Ok(self.count(name, "next", 1)?.unsigned_abs())
    }
}

/// Everything a command changes until it has succeeded, and what it may know of the outside.
pub(crate) struct Core<'a> {
    pub(super) layer: Batch,
    pub(super) layer_bytes: usize,
    pub(super) operations: Cell<u32>,
    pub(super) batch: &'a Batch,
    pub(super) snapshot: &'a dyn super::engine::Snapshot,
    pub(super) env: &'a Env,
    pub(super) now: Timestamp,
    /// Sequence of the last event, this command's own included.
    pub(super) seq: u64,
    pub(super) topics: u32,
    /// What this command told, for those who read along.
    pub(super) told: Vec<Told>,
    /// What was told up to here is removed.
    pub(super) forgotten: u64,
    pub(super) origin: Origin,
    pub(super) cause: Option<u64>,
    pub(super) depth: u8,
    pub(super) tenants: &'a super::tenants::Tenants,
    /// Tenants registered by this command, told to everybody after the commit.
    pub(super) new_tenants: Vec<(TenantId, u32)>,
    /// May exceed the command budget (imports from a seed, migrations).
    pub(super) unbounded: bool,
    /// Tells the past: nothing it says is delivered, timed or journaled.
    pub(super) imported: bool,
}

impl<'a> Core<'a> {
    fn source(&self, number: u32) -> Source<'_> {
        let layers = Layers { command: Some(&self.layer), batch: Some(self.batch), snapshot: self.snapshot };
        Source::new(layers, number, (!self.unbounded).then_some(&self.operations))
    }
    pub(crate) fn put_raw(&mut self, number: u32, table: TableId, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<()> {
        let mut full = key_base(number, table);
        full.extend_from_slice(&key);
        self.layer_bytes += full.len() + value.as_ref().map_or(0, Vec::len);
        if !self.unbounded {
            spend(&self.operations)?;
            if self.layer_bytes > COMMAND_BYTES_MAX {
                return Err(Error::internal(format!("a command wrote more than {COMMAND_BYTES_MAX} bytes")));
            }
        }
        self.layer.insert(full, value);
        Ok(())
    }
    pub(crate) fn get_raw(&self, number: u32, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.source(number).get_raw(table, key)
    }
    /// Takes the next sequence.
    pub(crate) fn advance(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }
    /// Keeps what was just written under the sequence taken last, so that who follows need not read it back.
    pub(crate) fn tell(&mut self, event: Arc<dyn Any + Send + Sync>) {
        self.told.push((self.seq, event));
    }
    /// What was told up to `seq` is removed by this command.
    pub(crate) fn forget(&mut self, seq: u64) {
        self.forgotten = self.forgotten.max(seq);
    }
    pub(crate) fn seq_now(&self) -> u64 {
        self.seq
    }
    pub(crate) fn time(&self) -> Timestamp {
        self.now
    }
    /// Does this command tell the past? Then nothing of it may reach the outside.
    pub(crate) fn is_imported(&self) -> bool {
        self.imported
    }
    /// In whose name, because of which event, how many automations deep.
    pub(crate) fn why(&self) -> (Origin, Option<u64>, u8) {
        (self.origin.clone(), self.cause, self.depth)
    }
}

/// Raw access across tenants, for the platform's own machinery (journal, timers, outbox) and nobody else.
macro_rules! raw_reads { ($($name:ty),*) => { $(
    impl $name {
        #[allow(dead_code, reason = "not every scope needs every read")]
        pub(in crate::platform) fn raw_get(&self, number: u32, table: TableId, key: &[u8]) -> Result<Option<Vec<u8>>> {
            self.source().of(number).get_raw(table, key)
        }
        #[allow(dead_code, reason = "not every scope needs every read")]
        pub(in crate::platform) fn raw_range(
            &self,
            number: u32,
            table: TableId,
            range: &KeyRange,
        ) -> Result<impl Iterator<Item = Result<(Vec<u8>, Vec<u8>)>> + use<'_>> {
            self.source().of(number).range_raw(table, range)
        }
    }
)* } }
raw_reads!(PlatformTx<'_, '_>, Tx<'_, '_>, super::PlatformView, super::View);

/// Opaque handle to the command's layer; its methods are the store's own.
pub struct Sink<'s> {
    core: &'s mut dyn PutRaw,
    number: u32,
}
trait PutRaw {
    fn put(&mut self, number: u32, table: TableId, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<()>;
}
impl PutRaw for Core<'_> {
    fn put(&mut self, number: u32, table: TableId, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<()> {
        self.put_raw(number, table, key, value)
    }
}
impl Sink<'_> {
    pub(super) fn put_raw(&mut self, table: TableId, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<()> {
        self.core.put(self.number, table, key, value)
    }
}

/// One tenant's command in progress. Nothing it does is visible until it has succeeded and its batch is durable.
pub struct Tx<'c, 'a> {
    pub(crate) core: &'c mut Core<'a>,
    pub(crate) tenant: TenantId,
    pub(crate) number: u32,
}

/// A command above tenants: setup, sign-in, provisioning. Opens a tenant's `Tx` by name.
pub struct PlatformTx<'c, 'a> {
    pub(crate) core: &'c mut Core<'a>,
}

impl Tx<'_, '_> {
    /// The tenant whose data this command can reach.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
}

macro_rules! told_by_core {
    ($name:ident) => {
        impl $name<'_, '_> {
            /// The time of this command; never before that of an earlier one.
            pub fn now(&self) -> Timestamp {
                self.core.now
            }
            /// A new UUIDv7 of this command's time.
            pub fn new_id<I: From<Uuid>>(&self) -> I {
                crate::base::env::uuid_v7(self.core.now, self.core.env.chance.as_ref()).into()
            }
            /// Who gave this command, from where.
            pub fn origin(&self) -> &Origin {
                &self.core.origin
            }
            /// The sequence the next emitted event will have: the `rev` of what it changes.
            pub fn next_rev(&self) -> u64 {
                self.core.seq + 1
            }
            /// Wakes whoever waits for `topic`, once the commit is durable.
            pub fn wake(&mut self, topic: Topic) {
                self.core.topics |= topic.bit();
            }
        }
    };
}
told_by_core!(Tx);
told_by_core!(PlatformTx);

impl<'c, 'a> PlatformTx<'c, 'a> {
    /// Runs `work` inside a tenant, in this same command.
    pub fn tenant<T>(&mut self, tenant: TenantId, work: impl FnOnce(&mut Tx<'_, 'a>) -> Result<T>) -> Result<T> {
        let known = self.core.new_tenants.iter().find(|(id, _)| *id == tenant).map(|(_, number)| *number);
        let number = match known {
            Some(number) => number,
            None => self.core.tenants.number(tenant).ok_or(Error::NotFound("tenant"))?,
        };
        work(&mut Tx { core: self.core, tenant, number })
    }

    /// Gives a new tenant its key space.
    pub fn register_tenant(&mut self, tenant: TenantId) -> Result<()> {
        let key = keys::bytes(&tenant);
        if self.core.get_raw(0, own::TENANTS, &key)?.is_some() {
            return Err(Error::conflict("already_exists", "this tenant exists already"));
        }
        let number = u32::try_from(self.next_number("tenant")?).map_err(|_| Error::internal("tenant numbers are used up"))?;
        self.core.put_raw(0, own::TENANTS, key, Some(number.to_le_bytes().to_vec()))?;
        self.core.new_tenants.push((tenant, number));
        Ok(())
    }
}

impl Read for Tx<'_, '_> {
    type Scope = TenantScope;
    fn source(&self) -> Source<'_> {
        self.core.source(self.number)
    }
}
impl Read for PlatformTx<'_, '_> {
    type Scope = PlatformScope;
    fn source(&self) -> Source<'_> {
        self.core.source(0)
    }
}

impl Write for Tx<'_, '_> {
    fn sink(&mut self) -> Sink<'_> {
        Sink { core: self.core, number: self.number }
    }
}
impl Write for PlatformTx<'_, '_> {
    fn sink(&mut self) -> Sink<'_> {
        Sink { core: self.core, number: 0 }
    }
}
