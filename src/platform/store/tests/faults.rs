//! Fails the Nth operation of the engine, for every N of a short workload. After each failure the data is
//! opened anew without faults and must hold every acknowledged command whole and no other command in part.

use crate::base::{Env, Error, Origin, TenantId, Timestamp};
use crate::platform::{
    journal::{self, Audience, NewEvent},
    store::{
        Engine, KeyRange, Lane, Read, RedbEngine, Store, Write,
        engine::{Batch, Durability, EngineError, Pair, Pairs, Snapshot},
        testing::Line,
    },
};
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};
use uuid::Uuid;

/// Counts operations; the one that brings the countdown to zero fails.
#[derive(Clone)]
struct Failing {
    inner: Arc<RedbEngine>,
    countdown: Arc<AtomicI64>,
    operations: Arc<AtomicU64>,
}

fn trip(countdown: &AtomicI64, operations: &AtomicU64) -> Result<(), EngineError> {
    operations.fetch_add(1, Ordering::SeqCst);
    if countdown.fetch_sub(1, Ordering::SeqCst) == 0 { Err(EngineError::Io("injected".into())) } else { Ok(()) }
}

impl Failing {
    fn trip(&self) -> Result<(), EngineError> {
        trip(&self.countdown, &self.operations)
    }
}

impl Engine for Failing {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        self.trip()?;
        let inner = self.inner.snapshot()?;
        Ok(Box::new(FailingSnapshot { inner, countdown: self.countdown.clone(), operations: self.operations.clone() }))
    }
    fn commit(&self, batch: Batch, durability: Durability) -> Result<(), EngineError> {
        self.trip()?;
        self.inner.commit(batch, durability)
    }
    fn check(&self) -> Result<bool, EngineError> {
        self.inner.check()
    }
}

struct FailingSnapshot {
    inner: Box<dyn Snapshot>,
    countdown: Arc<AtomicI64>,
    operations: Arc<AtomicU64>,
}

impl Snapshot for FailingSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        trip(&self.countdown, &self.operations)?;
        self.inner.get(key)
    }
    fn range(&self, start: &[u8], end: &[u8], reverse: bool) -> Result<Pairs<'_>, EngineError> {
        trip(&self.countdown, &self.operations)?;
        let pairs = self.inner.range(start, end, reverse)?;
        let each = |pair: Result<Pair, EngineError>| trip(&self.countdown, &self.operations).and(pair);
        Ok(Box::new(pairs.map(each)))
    }
}

const COMMANDS: u128 = 12;

/// Writes two lines, a counter and an event per command; gives the numbers of the acknowledged ones.
async fn workload(store: &Store, tenant: TenantId) -> BTreeSet<u128> {
    let mut acknowledged = BTreeSet::new();
    for n in 0..COMMANDS {
        let done = store.write(tenant, Lane::People, Origin::system(), move |tx| {
            let known = tx.all::<Line>(KeyRange::all())?.collect::<Result<Vec<_>, Error>>()?.len();
            tx.put(&Line { id: Uuid::from_u128(n * 2), text: format!("{known} known") })?;
            tx.count("lines", (), 2)?;
            tx.put(&Line { id: Uuid::from_u128(n * 2 + 1), text: "second".into() })?;
            let (before, after) = (Audience::nobody(), Audience::nobody());
            tx.emit(NewEvent { kind: "line.written", subject: Uuid::from_u128(n), before, after, data: json!(null) })
        });
        if done.await.is_ok() {
            acknowledged.insert(n);
        }
    }
    acknowledged
}

/// Every acknowledged command whole, no other in part, counter and journal in step with the records.
fn check(store: &Store, tenant: TenantId, acknowledged: &BTreeSet<u128>, unsure: bool, at: i64) {
    let view = store.read(tenant).unwrap();
    let lines: BTreeSet<u128> = view.all::<Line>(KeyRange::all()).unwrap().map(|row| row.unwrap().0.id.as_u128()).collect();
    let present: BTreeSet<u128> = (0..COMMANDS).filter(|n| lines.contains(&(n * 2))).collect();
    for n in 0..COMMANDS {
        assert_eq!(lines.contains(&(n * 2)), lines.contains(&(n * 2 + 1)), "command {n} is there in part (fault {at})");
    }
    assert!(acknowledged.is_subset(&present), "an acknowledged command is lost (fault {at}): {acknowledged:?} {present:?}");
    assert!(unsure || &present == acknowledged, "a refused command took effect (fault {at})");
    assert_eq!(view.counter("lines", ()).unwrap(), lines.len() as i64, "fault {at}");
    let told: BTreeSet<u128> = journal::read_after(store, 0, 512).unwrap().iter().map(|e| e.subject.as_u128()).collect();
    assert_eq!(told, present, "fault {at}");
}

#[tokio::test]
async fn whichever_operation_fails_nothing_acknowledged_is_lost_and_nothing_is_half_done() {
    let mut fault = 0;
    loop {
        let (env, _) = Env::simulated(Timestamp::from_secs(1_000), 1);
        let inner = Arc::new(RedbEngine::in_memory());
        let failing = |countdown| Failing {
            inner: inner.clone(),
            countdown: Arc::new(AtomicI64::new(countdown)),
            operations: Arc::default(),
        };
        let tenant: TenantId = env.new_id();
        {
            let store = Store::on(Box::new(failing(i64::MAX)), env.clone(), |_| {}).unwrap();
            store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(tenant)).await.unwrap();
            store.close();
        }
        let engine = failing(fault);
        let operations = engine.operations.clone();
        let (acknowledged, failed) = match Store::on(Box::new(engine), env.clone(), |_| {}) {
            Ok(store) => {
                let acknowledged = workload(&store, tenant).await;
                let failed = store.has_failed();
                store.close();
                (acknowledged, failed)
            }
            Err(_) => (BTreeSet::new(), true),
        };
        let store = Store::on(Box::new(failing(i64::MAX)), env, |_| {}).unwrap();
        check(&store, tenant, &acknowledged, failed, fault);
        // The numbers go on behind whatever became durable.
        let seq = store
            .write(tenant, Lane::People, Origin::system(), |tx| {
                let (before, after) = (Audience::nobody(), Audience::nobody());
                tx.emit(NewEvent { kind: "line.written", subject: Uuid::from_u128(999), before, after, data: json!(null) })
            })
            .await
            .unwrap();
        assert_eq!(journal::read_after(&store, 0, 512).unwrap().last().map(|e| e.seq), Some(seq));
        store.close();
        if i64::try_from(operations.load(Ordering::SeqCst)).unwrap() < fault {
            assert_eq!(acknowledged.len() as u128, COMMANDS, "the last round ran without a fault");
            break;
        }
        fault += 1;
    }
    assert!(fault > 100, "the workload makes so many operations: {fault}");
}
