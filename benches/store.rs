//! The store alone: what a durable command costs, how it grows with writers, how it reads, how it opens, and how all
//! of that grows from 10^4 entries to 10^6 (`--long`: 10^7).
//!
//! Every write is durable when it is counted. `S` is a durable append of 200 bytes on the same disk.
//!
//! `FAROL_BENCH_SECONDS` (2) for each load, `FAROL_BENCH_ROWS` (1,000,000) at most.
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs, reason = "a bench measures and tells")]

mod harness;

use farol::base::{Env, Origin, Result, TenantId, Timestamp};
use farol::platform::{
    journal::{Audience, NewEvent},
    store::{Index, KeyRange, Lane, Read, Record, Store, StoreOptions, TableId, TenantScope, Tx, Write},
};
use harness::{
    Figure, Report, Samples, durable_append, in_millis, in_s, is_long, limit_s, median, millis, report, resident, setting, short,
};
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
/// So few that each holds a full page at every size: a slope must compare pages of the same length.
const THREADS: u64 = 100;

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

/// How often the same is measured; the middle one counts.
const ROUNDS: usize = 3;

/// What one size has shown: medians in seconds, entries a second, bytes an entry.
struct Size {
    rows: u64,
    /// Entries once its loads had run, in a file of so many `bytes`.
    stored: u64,
    list: (Duration, Duration),
    thread: (Duration, Duration),
    ingest: f64,
    open: Duration,
    bytes: u64,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut report = report("store");
    report.warn("the producers are tasks of the same process as the store".to_owned());
    let s = limit_s(&mut report, folder.path());
    let store = Store::open(folder.path(), &StoreOptions::default(), Env::system()).expect("opens");
    store.write_platform(Lane::People, Origin::system(), |tx| tx.register_tenant(TENANT)).await.expect("registered");
    let lasting = Duration::from_secs(setting("FAROL_BENCH_SECONDS", 2) as u64);
    let rows_max = setting("FAROL_BENCH_ROWS", if is_long() { 10_000_000 } else { 1_000_000 }) as u64;
    let next = Arc::new(AtomicU64::new(0));
    for count in [1, 8, 64, 256] {
        durable_ingest(&store, count, &next, lasting, folder.path(), &mut report).await;
    }
    store.close();
    drop(store);
    let mut sizes = Vec::new();
    for rows in [10_000, 100_000, 1_000_000, 10_000_000].into_iter().filter(|rows| *rows <= rows_max) {
        // Each size has a store of its own: the loads at the one before would leave hundreds of thousands in it.
        let folder = tempfile::tempdir().expect("a folder");
        sizes.push(size(rows, lasting / 2, folder.path(), &mut report).await);
        told(rows, &sizes[sizes.len() - 1], s, &mut report);
    }
    grown(&sizes, &mut report);
    report.end();
}

/// Fills a new store with so many entries, reads from it, and then loads it for three times `lasting`.
async fn size(rows: u64, lasting: Duration, folder: &std::path::Path, report: &mut Report) -> Size {
    let open = || Store::open(folder, &StoreOptions::default(), Env::system()).expect("opens");
    let store = open();
    store.write_platform(Lane::People, Origin::system(), |tx| tx.register_tenant(TENANT)).await.expect("registered");
    let (begun, next) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    while next.load(Ordering::Relaxed) < rows {
        let from = next.fetch_add(500, Ordering::Relaxed);
        let work = move |tx: &mut Tx<'_, '_>| (from..from + 500).try_for_each(|n| ingest(tx, n));
        store.import(TENANT, Env::system().now(), Origin::system(), work).await.expect("imported");
    }
    store.sync().await.expect("synced");
    let (took, held) = (begun.elapsed().as_secs_f64(), resident() >> 20);
    report.aside(&format!("{} entries: {took:.1} s to get there, resident {held} MB", short(rows as f64)));
    let (list, thread) = reads(&store);
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        rates.push(producers(&store, 64, &next, lasting).await.1);
    }
    store.close();
    drop(store);
    // What the file keeps once it is closed; while it is open it grows by doubling.
    let bytes = std::fs::metadata(folder.join("farol.redb")).map_or(0, |m| m.len());
    let begun = Instant::now();
    let store = open();
    let open = begun.elapsed();
    store.close();
    Size { rows, stored: next.load(Ordering::Relaxed), list, thread, ingest: median(rates), open, bytes }
}

/// Commands with so many writers, rounds beside the limit.
async fn durable_ingest(
    store: &Store,
    count: u64,
    next: &Arc<AtomicU64>,
    lasting: Duration,
    folder: &std::path::Path,
    report: &mut Report,
) {
    let (mut p50, mut p99, mut rates, mut cpu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut shown = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let s = durable_append(folder);
        let (mut samples, rate, each) = producers(store, count, next, lasting / ROUNDS as u32).await;
        let (half, most) = (samples.percentile(0.5).as_secs_f64(), samples.percentile(0.99).as_secs_f64());
        p50.push(half / s);
        p99.push(most / s);
        shown.0.push(half);
        shown.1.push(most);
        rates.push(rate);
        cpu.push(each.as_secs_f64());
    }
    let note = format!("{} a second, {:.0} µs of CPU each", short(median(rates)), median(cpu) * 1e6);
    let name = format!("durable ingest, {count} producers");
    let ms = |seconds: Vec<f64>| millis(Duration::from_secs_f64(median(seconds)));
    let (half, most) = (ms(shown.0), ms(shown.1));
    let first = Figure::less(format!("{name}, p50"), half, median(p50), "S").note(note);
    let second = Figure::less(format!("{name}, p99"), most, median(p99), "S");
    // Of the whole way to the browser the design allows 8 S and 20 S to one client; the store is a part of it.
    let one = count == 1;
    report.tell(if one { first.gate(8.0).goal(4.0) } else { first });
    report.tell(if one { second.gate(20.0).goal(10.0) } else { second });
}

/// p50 and p99 of the list's first page and of a thread's.
fn reads(store: &Store) -> ((Duration, Duration), (Duration, Duration)) {
    let mut list = timed(2_000, |_| {
        let view = store.read(TENANT).expect("a view");
        assert_eq!(view.list(&BY_LAST, KeyRange::all().reverse()).expect("a walk").take(20).count(), 20);
    });
    let mut thread = timed(2_000, |n| {
        let view = store.read(TENANT).expect("a view");
        let range = KeyRange::prefix((n as u64 * 37) % THREADS).reverse();
        assert!(view.list(&BY_THREAD, range).expect("a walk").take(50).count() > 0);
    });
    let both = |samples: &mut Samples| (samples.percentile(0.5), samples.percentile(0.99));
    (both(&mut list), both(&mut thread))
}

fn told(rows: u64, size: &Size, s: f64, report: &mut Report) {
    let rows = short(rows as f64);
    let p99 = |(_, most): (Duration, Duration)| format!("p99 {}", millis(most));
    report.tell(in_s(format!("newest 20 of the list, {rows} entries, p50"), size.list.0, s).note(p99(size.list)));
    report.tell(in_s(format!("newest 50 of a thread, {rows} entries, p50"), size.thread.0, s).note(p99(size.thread)));
    let rate = format!("{} /s", short(size.ingest));
    report.tell(Figure::more(format!("durable ingest, 64 producers, {rows} entries"), rate, size.ingest, "/s"));
    report.tell(in_millis(format!("open after a clean stop, {rows} entries"), size.open));
}

/// From the fewest entries to the most: what grows, and by how much.
fn grown(sizes: &[Size], report: &mut Report) {
    let ([few, ..], [.., many]) = (sizes, sizes) else { return };
    if sizes.len() < 2 {
        return;
    }
    let span = format!("{} → {} entries", short(few.rows as f64), short(many.rows as f64));
    for (what, before, after) in
        [("newest 20 of the list", few.list, many.list), ("newest 50 of a thread", few.thread, many.thread)]
    {
        for (name, before, after) in [("p50", before.0, after.0), ("p99", before.1, after.1)] {
            let slope = after.as_secs_f64() / before.as_secs_f64();
            let shown = format!("{} → {}", millis(before), millis(after));
            let figure = Figure::less(format!("growth of {what}, {name}, {span}"), shown, slope, "×");
            report.tell(if name == "p50" { figure.gate(2.0).goal(1.3) } else { figure.goal(2.0) });
        }
    }
    let shown = format!("{} → {} /s", short(few.ingest), short(many.ingest));
    let rate = Figure::more(format!("growth of durable ingest, {span}"), shown, many.ingest / few.ingest, "×");
    report.tell(rate.gate(0.7).goal(0.9));
    let each = many.bytes.saturating_sub(few.bytes) as f64 / many.stored.saturating_sub(few.stored) as f64;
    let note = "closed file; without the search index";
    report.tell(Figure::less("disk for each further entry", format!("{} B", short(each)), each, "B").goal(250.0).note(note));
}
