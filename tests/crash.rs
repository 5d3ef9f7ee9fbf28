//! `kill -9` at random moments under load, with an oracle of what was acknowledged.
//!
//! A child process (this test binary again) writes through the store with timers, outbox, reactions and a
//! follower at work, and names each command on its standard output once it is answered. The parent kills it,
//! opens the data and checks: every acknowledged command is there whole, none is there in part, journal and
//! counters agree with the records. At the end everything runs until it is quiet: each event was reacted to
//! once, each timer ran once, each delivery left at most once and none was lost.

use crate::tally::Tally;
use farol::base::{DeliveryId, Env, Origin, Result, TenantId, time::Stopwatch};
use farol::platform::{
    deadletters,
    journal::{self, Audience, Event, Follower, Followers, JOURNAL_SLICE_MAX, NewEvent, Reaction, Reactions, Start},
    outbox::{self, Delivery, DeliveryState, Hand, NewDelivery, Outbox, Outcome, Policy},
    store::{KeyRange, Lane, Read, Record, Store, StoreOptions, TableId, TenantScope, Tx, Write},
    timers::{TimerKey, Timers},
};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, OpenOptions},
    io::{BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;
use uuid::Uuid;

const DATA: &str = "FAROL_CRASH_DATA";
const FROM: &str = "FAROL_CRASH_FROM";
const TENANT: TenantId = TenantId(Uuid::from_u128(7));
/// Writers side by side in the child: so many commands may be stored without their answer having been read.
const WRITERS: u64 = 16;

/// What a command, a reaction or a timer leaves behind: kind and number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Mark {
    id: (u64, u64),
}

impl Record for Mark {
    type Key = (u64, u64);
    type Scope = TenantScope;
    const TABLE: TableId = TableId(0x0FF8);
    const NAME: &'static str = "mark";
    fn key(&self) -> (u64, u64) {
        self.id
    }
}

const WRITTEN: u64 = 1;
const TWIN: u64 = 2;
const REACTED: u64 = 3;
const RANG: u64 = 4;

fn command(tx: &mut Tx<'_, '_>, n: u64) -> Result<()> {
    tx.insert(&Mark { id: (WRITTEN, n) })?;
    tx.count("marks", (), 1)?;
    let (before, after) = (Audience::nobody(), Audience::nobody());
    tx.emit(NewEvent { kind: "mark.written", subject: Uuid::from_u128(n.into()), before, after, data: json!({ "n": n }) })?;
    let due = tx.now().plus(Duration::from_millis(n % 700));
    tx.at(TimerKey::new("ring", Uuid::from_u128(n.into())), due, json!({ "n": n }))?;
    tx.deliver(NewDelivery {
        id: DeliveryId(Uuid::from_u128(n.into())),
        kind: "crash.send",
        lane: (n % 50).to_string(),
        payload: json!({ "n": n }),
        not_before: None,
    })?;
    tx.insert(&Mark { id: (TWIN, n) })
}

struct React;
impl Reaction for React {
    fn name(&self) -> &'static str {
        "crash"
    }
    fn wants(&self, event: &Event) -> bool {
        event.kind == "mark.written"
    }
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
        // A second time would be a conflict, and so a dead letter.
        tx.insert(&Mark { id: (REACTED, event.data["n"].as_u64().unwrap_or_default()) })
    }
}

/// Writes what it sends to a file that survives, as another company's server would.
struct Send(PathBuf);
impl Hand for Send {
    fn kind(&self) -> &'static str {
        "crash.send"
    }
    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let mut file = OpenOptions::new().append(true).create(true).open(&self.0).unwrap();
            file.write_all(format!("{}\n", delivery.payload["n"]).as_bytes()).unwrap();
            Outcome::Done(json!(null))
        })
    }
    fn settle(&self, _: &mut Tx<'_, '_>, _: &Delivery, _: &Outcome, _: bool) -> Result<()> {
        Ok(())
    }
    fn policy(&self) -> Policy {
        Policy { lane_wait: Duration::from_millis(50), ..Policy::default() }
    }
}

/// Adds up what it is told of, and counts the slices it takes it in.
#[derive(Default)]
struct Sum {
    numbers: Mutex<BTreeSet<u64>>,
    steps: AtomicU64,
    last: AtomicU64,
}
impl Follower for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }
    fn start(&self) -> Start {
        // What it holds is gone with the process: it is rebuilt and then follows.
        Start::Rebuild
    }
    fn rebuild<'a>(&'a self, store: &'a Store) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let head = store.head();
            *self.numbers.lock().unwrap() = marks(store, WRITTEN);
            self.last.store(head, Ordering::SeqCst);
            Ok(head)
        })
    }
    fn take<'a>(&'a self, events: &'a [Arc<Event>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.steps.fetch_add(1, Ordering::SeqCst);
            let told = events.iter().filter(|event| event.kind == "mark.written");
            self.numbers.lock().unwrap().extend(told.map(|event| event.data["n"].as_u64().unwrap()));
            self.last.store(events.last().map_or(0, |event| event.seq), Ordering::SeqCst);
            Ok(())
        })
    }
}

/// The same from the journal alone, behind the cursor that the store has kept through every kill.
#[derive(Default)]
struct Kept(Sum);
impl Follower for Kept {
    fn name(&self) -> &'static str {
        "kept"
    }
    fn start(&self) -> Start {
        Start::Kept
    }
    fn rebuild<'a>(&'a self, store: &'a Store) -> BoxFuture<'a, Result<u64>> {
        // Without a cursor it begins with what happens from now on.
        let head = store.head();
        self.0.last.store(head, Ordering::SeqCst);
        Box::pin(async move { Ok(head) })
    }
    fn take<'a>(&'a self, events: &'a [Arc<Event>]) -> BoxFuture<'a, Result<()>> {
        self.0.take(events)
    }
}

fn start(store: &Store, env: &Env, data: &Path, stop: &watch::Sender<bool>) -> Vec<tokio::task::JoinHandle<()>> {
    let mut timers = Timers::new();
    timers.on("ring", |tx, due| tx.insert(&Mark { id: (RANG, due.payload["n"].as_u64().unwrap_or_default()) }));
    let mut outbox = Outbox::new();
    outbox.hand(Arc::new(Send(data.join("sent"))));
    let mut reactions = Reactions::new();
    reactions.on(React);
    let mut followers = Followers::new();
    followers.on(Arc::new(Sum::default())).on(Arc::new(Kept::default()));
    vec![
        tokio::spawn(Arc::new(followers).run(store.clone(), env.clone(), stop.subscribe())),
        tokio::spawn(Arc::new(timers).run(store.clone(), stop.subscribe())),
        tokio::spawn(Arc::new(outbox).run(store.clone(), env.clone(), stop.subscribe())),
        tokio::spawn(Arc::new(reactions).run(store.clone(), env.clone(), stop.subscribe())),
    ]
}

fn open(data: &Path) -> Store {
    Store::open(data, &StoreOptions::default(), Env::system()).unwrap()
}

/// The process that is killed: it runs until somebody ends it. As a test of its own it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_is_killed() {
    let Ok(data) = std::env::var(DATA) else { return };
    let data = PathBuf::from(data);
    let next = Arc::new(AtomicU64::new(std::env::var(FROM).unwrap().parse().unwrap()));
    let store = open(&data);
    if store.tenants().is_empty() {
        store.write_platform(Lane::People, Origin::system(), |tx| tx.register_tenant(TENANT)).await.unwrap();
    }
    let stop = watch::Sender::new(false);
    let mut tasks = start(&store, &Env::system(), &data, &stop);
    for _ in 0..WRITERS {
        let (store, next) = (store.clone(), next.clone());
        tasks.push(tokio::spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                store.write(TENANT, Lane::People, Origin::system(), move |tx| command(tx, n)).await.unwrap();
                // One write, so that a line is told whole or not at all.
                std::io::stdout().lock().write_all(format!("\nA {n}\n").as_bytes()).unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

/// Lets the child work for `work` after its first answer, kills it, and gives what it acknowledged.
fn round(data: &Path, from: u64, work: Duration) -> BTreeSet<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(DATA, data)
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (first, begun) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut acknowledged = BTreeSet::new();
        for line in lines.map_while(Result::ok) {
            if let Some(n) = line.strip_prefix("A ").and_then(|n| n.parse().ok()) {
                let _ = first.send(());
                acknowledged.insert(n);
            }
        }
        acknowledged
    });
    begun.recv_timeout(Duration::from_secs(30)).unwrap();
    std::thread::sleep(work);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

fn marks(store: &Store, kind: u64) -> BTreeSet<u64> {
    let view = store.read(TENANT).unwrap();
    view.all::<Mark>(KeyRange::prefix(kind)).unwrap().map(|row| row.unwrap().0.id.1).collect()
}

/// What holds at any moment, services running or not.
fn check(store: &Store, acknowledged: &BTreeSet<u64>, tally: &mut Tally) -> BTreeSet<u64> {
    let written = marks(store, WRITTEN);
    assert_eq!(written, marks(store, TWIN), "a command is there in part");
    let lost: Vec<_> = acknowledged.difference(&written).collect();
    tally.lost = lost.len();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let view = store.read(TENANT).unwrap();
    assert_eq!(view.counter("marks", ()).unwrap(), written.len() as i64, "the counter and the records differ");
    let mut told = BTreeSet::new();
    let mut after = 0;
    loop {
        let events = journal::read_after(store, after, 512).unwrap();
        let Some(last) = events.last() else { break };
        after = last.seq;
        for event in events.iter().filter(|event| event.kind == "mark.written") {
            tally.doubled += usize::from(!told.insert(event.data["n"].as_u64().unwrap()));
        }
    }
    assert_eq!(tally.doubled, 0, "an event is there twice");
    assert_eq!(told, written, "the journal and the records differ");
    assert!(deadletters::list(&view, None, None, 10).unwrap().is_empty(), "something was done twice");
    written
}

fn deliveries(store: &Store) -> BTreeMap<u64, DeliveryState> {
    let view = store.read(TENANT).unwrap();
    let all = outbox::list(&view, None, usize::MAX).unwrap();
    all.into_iter().map(|(delivery, _)| (delivery.payload["n"].as_u64().unwrap(), delivery.state)).collect()
}

fn sent(data: &Path) -> BTreeSet<u64> {
    let text = fs::read_to_string(data.join("sent")).unwrap_or_default();
    let mut seen = BTreeSet::new();
    for n in text.lines().filter_map(|line| line.parse().ok()) {
        assert!(seen.insert(n), "delivery {n} left twice");
    }
    seen
}

/// Followers stand where the records stand after no more slices than the journal is long, and nothing else runs.
async fn followers_converge(data: &Path) {
    let store = open(data);
    let (written, head) = (marks(&store, WRITTEN), store.head());
    let (sum, kept) = (Arc::new(Sum::default()), Arc::new(Kept::default()));
    let mut followers = Followers::new();
    followers.on(sum.clone()).on(kept.clone());
    let stop = watch::Sender::new(false);
    let running = tokio::spawn(Arc::new(followers).run(store.clone(), Env::system(), stop.subscribe()));
    let cursor = journal::read_after(&store, 0, 1).unwrap().first().map_or(0, |event| event.seq);
    // One more event: whoever has taken it has taken all before it.
    let last = store.write(TENANT, Lane::People, Origin::system(), |tx| {
        let (before, after) = (Audience::nobody(), Audience::nobody());
        tx.emit(NewEvent { kind: "mark.last", subject: Uuid::nil(), before, after, data: json!({}) })
    });
    let last = last.await.unwrap();
    for follower in [&*sum, &kept.0] {
        let mut looks = 0;
        while follower.last.load(Ordering::SeqCst) < last {
            looks += 1;
            assert!(looks < 1_000, "a follower does not come to the journal's end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert_eq!(*sum.numbers.lock().unwrap(), written, "rebuilt from the records and then followed");
    // One slice may end where the journal ended just then, and one holds the last event.
    let most = (head - cursor.min(head)).div_ceil(JOURNAL_SLICE_MAX as u64) + 2;
    for steps in [&sum.steps, &kept.0.steps].map(|steps| steps.load(Ordering::SeqCst)) {
        assert!(steps <= most, "{steps} slices for {} events", head - cursor.min(head));
    }
    // Behind its cursor it is told of everything, and of nothing that the records don't know.
    assert!(kept.0.numbers.lock().unwrap().is_subset(&written));
    stop.send_replace(true);
    running.await.unwrap();
    store.close();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_under_load_loses_nothing_and_doubles_nothing() {
    let rounds = if std::env::var("FAROL_LONG").is_ok_and(|long| long == "1") { 200 } else { 10 };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let chance = farol::base::chance::Seeded::new(Env::system().now().0 as u64);
    let mut acknowledged = BTreeSet::new();
    let mut openings = Vec::new();
    let mut tally = Tally::of("store killed under load");
    for number in 0..rounds {
        use farol::base::chance::Chance;
        let from = acknowledged.last().map_or(0, |last| last + 1 + WRITERS);
        let work = Duration::from_millis(chance.below(600));
        acknowledged.extend(round(data, from, work));
        let begun = Stopwatch::start();
        let store = open(data);
        openings.push(begun.elapsed());
        tally.acknowledged = acknowledged.len();
        let written = check(&store, &acknowledged, &mut tally);
        tally.rounds = number + 1;
        assert!(written.len() <= acknowledged.len() + (number + 1) * WRITERS as usize, "more is there than was ever asked for");
        sent(data);
        store.close();
    }
    followers_converge(data).await;
    let store = open(data);
    let stop = watch::Sender::new(false);
    let tasks = start(&store, &Env::system(), data, &stop);
    let begun = Stopwatch::start();
    let written = check(&store, &acknowledged, &mut tally);
    let mut reacted = None;
    loop {
        if reacted.is_none() && marks(&store, REACTED) == written {
            reacted = Some(begun.elapsed());
        }
        let quiet = reacted.is_some()
            && marks(&store, RANG) == written
            && deliveries(&store).values().all(|state| *state == DeliveryState::Unknown);
        if quiet {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "reactions, timers and deliveries did not come to rest");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let rest = begun.elapsed();
    check(&store, &acknowledged, &mut tally);
    let (left, gone) = (deliveries(&store), sent(data));
    for n in &written {
        assert!(gone.contains(n) || left.contains_key(n), "delivery {n} is lost");
    }
    assert!(gone.iter().all(|n| written.contains(n)), "something left that was never stored");
    stop.send_replace(true);
    for task in tasks {
        task.await.unwrap();
    }
    // An idle store writes nothing, once it has brought its log home.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let changed =
        || ["farol.redb", "farol.log", "farol.log2"].map(|file| fs::metadata(data.join(file)).unwrap().modified().unwrap());
    let before = changed();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(changed(), before);
    store.close();
    assert!(store.check().is_ok());
    openings.sort();
    tally.more = format!(
        "{} stored; {} deliveries left, {} unknown; opened in {:?} (median) {:?} (worst); reactions caught up in {:?}, \
         all at rest after {rest:?}",
        written.len(),
        gone.len(),
        left.len(),
        openings[openings.len() / 2],
        openings[openings.len() - 1],
        reacted.unwrap_or_default(),
    );
    // How fast is told above, not judged: a machine that does other work too takes longer.
    assert!(reacted.is_some(), "reactions have caught up");
}
