//! The store alone: what a durable command costs, how it grows with writers, how it reads, how it opens.
//!
//! Every write is durable when it is counted. `S` is a durable append of 200 bytes on the same disk.
//!
//! `FAROL_BENCH_SECONDS` (2) for each load, `FAROL_BENCH_ROWS` (100,000) at most.
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs, reason = "a bench measures and tells")]

mod harness;

use farol::base::{Env, Origin, Result, TenantId, Timestamp};
use farol::platform::{
    journal::{Audience, NewEvent},
    store::{Index, KeyRange, Lane, Read, Record, Store, StoreOptions, TableId, TenantScope, Tx, Write},
};
use harness::{Samples, durable_append, machine, resident, row, setting, times};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(7));
const THREADS: u64 = 1_000;

/// As large as a message with its bookkeeping.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    id: Uuid,
    thread: u64,
    at: Timestamp,
    text: String,
}

static BY_THREAD: Index<Entry> = Index::ordered(0x0FA1, "entries by thread", |e, entries| entries.add((e.thread, e.at)));
impl Record for Entry {
    type Key = Uuid;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x0FA0);
    const NAME: &'static str = "entry";
    const INDEXES: &'static [&'static Index<Self>] = &[&BY_THREAD];
    fn key(&self) -> Uuid {
        self.id
    }
}

/// A row per thread that moves to the top of a list, as a conversation does.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Head {
    thread: u64,
    last: Timestamp,
    unread: u32,
    preview: String,
}

static BY_LAST: Index<Head> = Index::ordered(0x0FA3, "heads by last entry", |h, entries| entries.add(h.last));
impl Record for Head {
    type Key = u64;
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x0FA2);
    const NAME: &'static str = "head";
    const INDEXES: &'static [&'static Index<Self>] = &[&BY_LAST];
    fn key(&self) -> u64 {
        self.thread
    }
}

/// What an inbound message costs: an entry, its thread's row and place in the list, an event.
fn ingest(tx: &mut Tx<'_, '_>, n: u64) -> Result<()> {
    let thread = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % THREADS;
    let (now, old) = (tx.now(), tx.get::<Head>(&thread)?);
    let text = format!("message number {n}, as long as people write them in an ordinary afternoon at a garage");
    let unread = old.as_ref().map_or(1, |head| head.unread + 1);
    let preview = text.chars().take(60).collect();
    let id: Uuid = tx.new_id();
    tx.replace(None, &Entry { id, thread, at: now, text })?;
    tx.replace(old.as_ref(), &Head { thread, last: now, unread, preview })?;
    let (before, after) = (Audience::nobody(), Audience::nobody());
    tx.emit(NewEvent { kind: "entry.created", subject: id, before, after, data: json!({ "thread": thread }) })?;
    Ok(())
}

async fn producers(store: &Store, count: u64, next: &Arc<AtomicU64>, lasting: Duration) -> (Samples, f64, Duration) {
    let begun = Instant::now();
    let cpu = harness::cpu();
    let mut tasks = Vec::new();
    for _ in 0..count {
        let (store, next) = (store.clone(), next.clone());
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while begun.elapsed() < lasting {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let sent = Instant::now();
                store.write(TENANT, Lane::People, Origin::system(), move |tx| ingest(tx, n)).await.expect("stored");
                latencies.push(sent.elapsed());
            }
            latencies
        }));
    }
    let mut all = Samples::default();
    for task in tasks {
        task.await.expect("a producer ends").into_iter().for_each(|took| all.add(took));
    }
    let rate = all.len() as f64 / begun.elapsed().as_secs_f64();
    let each = (harness::cpu() - cpu).div_f64(all.len().max(1) as f64);
    (all, rate, each)
}

fn timed(count: usize, mut work: impl FnMut(usize)) -> Samples {
    let mut samples = Samples::default();
    for n in 0..count {
        samples.time(|| work(n));
    }
    samples
}

fn told(what: &str, mut samples: Samples, limit: Duration, more: &str) {
    let ratio = times(&mut samples, limit);
    row(what, &samples.show(), &format!("{ratio}{more}"));
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    machine("store");
    let open = || Store::open(folder.path(), &StoreOptions::default(), Env::system()).expect("opens");
    let mut store = open();
    store.write_platform(Lane::People, Origin::system(), |tx| tx.register_tenant(TENANT)).await.expect("registered");
    let lasting = Duration::from_secs(setting("FAROL_BENCH_SECONDS", 2) as u64);
    let rows_max = setting("FAROL_BENCH_ROWS", 100_000) as u64;
    let next = Arc::new(AtomicU64::new(0));
    for _ in 0..2 {
        let mut limit = durable_append(folder.path());
        let s = limit.percentile(0.5);
        row("S: durable append of 200 bytes", &limit.show(), "p50 / p99; each row beside it in multiples of S");
        for count in [1, 8, 64, 256] {
            let (samples, rate, cpu) = producers(&store, count, &next, lasting).await;
            let more = format!("   {rate:.0}/s, {:.0} µs CPU each", cpu.as_secs_f64() * 1e6);
            told(&format!("durable ingest, {count} producers"), samples, s, &more);
        }
    }
    let limit = durable_append(folder.path()).percentile(0.5);
    for rows in [10_000, 100_000, 1_000_000, 10_000_000].into_iter().filter(|rows| *rows <= rows_max) {
        let begun = Instant::now();
        while next.load(Ordering::Relaxed) < rows {
            let from = next.fetch_add(500, Ordering::Relaxed);
            let work = move |tx: &mut Tx<'_, '_>| (from..from + 500).try_for_each(|n| ingest(tx, n));
            store.import(TENANT, Env::system().now(), Origin::system(), work).await.expect("imported");
        }
        store.sync().await.expect("synced");
        let bytes = std::fs::metadata(folder.path().join("farol.redb")).map_or(0, |m| m.len());
        println!(
            "\n{rows} entries: {:.1} s to get there, file {} MB, resident {} MB",
            begun.elapsed().as_secs_f64(),
            bytes >> 20,
            resident() >> 20
        );
        let list = timed(2_000, |_| {
            let view = store.read(TENANT).expect("a view");
            assert_eq!(view.list(&BY_LAST, KeyRange::all().reverse()).expect("a walk").take(20).count(), 20);
        });
        told("newest 20 of the list, with their rows", list, limit, "");
        let thread = timed(2_000, |n| {
            let view = store.read(TENANT).expect("a view");
            let range = KeyRange::prefix((n as u64 * 37) % THREADS).reverse();
            assert!(view.list(&BY_THREAD, range).expect("a walk").take(50).count() > 0);
        });
        told("newest 50 of a thread, with their rows", thread, limit, "");
        let (samples, rate, _) = producers(&store, 64, &next, lasting).await;
        told("durable ingest, 64 producers", samples, limit, &format!("   {rate:.0}/s"));
        store.close();
        drop(store);
        let begun = Instant::now();
        store = open();
        row("open after a clean stop", &format!("{:.1} ms", begun.elapsed().as_secs_f64() * 1e3), "");
    }
    store.close();
}
