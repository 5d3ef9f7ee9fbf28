use super::*;
use crate::base::{Error, Origin, Result, Timestamp};
use crate::platform::{
    deadletters::{self, DeadLetters},
    store::{
        Engine, KeyRange, Lane, Read, RedbEngine, Store, Tx, Write,
        engine::{Batch, Durability, EngineError, Pairs, Snapshot},
        testing::{Line, World},
    },
};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};
use uuid::Uuid;

fn event(kind: &'static str, data: serde_json::Value) -> NewEvent {
    NewEvent { kind, subject: Uuid::nil(), before: Audience::nobody(), after: Audience::nobody(), data }
}

async fn emit(world: &World, kind: &'static str, data: serde_json::Value) -> u64 {
    world.write(move |tx| tx.emit(event(kind, data))).await.unwrap()
}

/// Writes a line for each `said` event; does what the event's data ask it to.
struct Echo {
    failures_left: Arc<Mutex<u32>>,
}

impl Reaction for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }
    fn wants(&self, event: &Event) -> bool {
        event.kind == "said"
    }
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
        let id = tx.new_id();
        tx.put(&Line { id, text: format!("{} depth {}", event.data["n"], tx.core.why().2) })?;
        match event.data["do"].as_str() {
            Some("refuse") => Err(Error::conflict("no", "never")),
            Some("stumble") if *self.failures_left.lock() > 0 => {
                *self.failures_left.lock() -= 1;
                Err(Error::internal("stumbled"))
            }
            Some("panic") => panic!("on purpose"),
            Some("loop") => tx.emit(super::tests::event("said", json!({"n": 0, "do": "loop"}))).map(|_| ()),
            _ => Ok(()),
        }
    }
}

fn reactions(failures: u32) -> Arc<Reactions> {
    let mut all = Reactions::new();
    all.on(Echo { failures_left: Arc::new(Mutex::new(failures)) });
    Arc::new(all)
}

fn start(world: &World, failures: u32) -> tokio::task::JoinHandle<()> {
    tokio::spawn(reactions(failures).run(world.store.clone(), world.env.clone(), world.stop.subscribe()))
}

fn lines(world: &World) -> Vec<String> {
    let view = world.store.read(world.tenant).unwrap();
    view.all::<Line>(KeyRange::all()).unwrap().map(|line| line.unwrap().0.text).collect()
}

fn letters(world: &World) -> Vec<deadletters::DeadLetter> {
    let view = world.store.read(world.tenant).unwrap();
    deadletters::list(&view, None, None, 100).unwrap().into_iter().map(|(letter, _)| letter).collect()
}

async fn stop(world: &World, service: tokio::task::JoinHandle<()>) {
    world.stop.send_replace(true);
    service.await.unwrap();
    world.stop.send_replace(false);
}

#[tokio::test]
async fn reacts_exactly_once_in_order_across_stops() {
    let world = World::new().await;
    let mut said = 0;
    for round in 0..4 {
        for _ in 0..150 {
            emit(&world, if said % 3 == 0 { "said" } else { "unheard" }, json!({"n": said})).await;
            said += 1;
        }
        let service = start(&world, 0);
        if round % 2 == 0 {
            world.until("it caught up", |w| lines(w).len() >= said / 3).await;
            stop(&world, service).await;
        } else {
            // As a crash would: whatever was in flight either happened or did not.
            tokio::time::sleep(Duration::from_millis(3)).await;
            service.abort();
            let _ = service.await;
        }
    }
    start(&world, 0);
    world.until("it caught up", |w| lines(w).len() >= said / 3).await;
    world.settle().await;
    let mut numbers: Vec<usize> = lines(&world).iter().map(|l| l.split(' ').next().unwrap().parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..said).filter(|n| n % 3 == 0).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failure_is_tried_again_and_those_behind_it_wait_their_turn() {
    let world = World::new().await;
    for (n, what) in [(0, "fine"), (1, "stumble"), (2, "fine"), (3, "refuse"), (4, "fine"), (5, "panic"), (6, "fine")] {
        emit(&world, "said", json!({"n": n, "do": what})).await;
    }
    start(&world, 3);
    // Each look moves the clock on, so that however slow the machine, the next pause ends too.
    let patient = |w: &World| w.clock.advance(Duration::from_secs(30));
    world.until("two are buried", |w| (patient(w), letters(w).len() == 2).1).await;
    world.until("the last is done", |w| (patient(w), lines(w).len() == 5).1).await;
    let buried: Vec<(String, u32)> =
        letters(&world).iter().map(|l| (l.retry["event"]["data"]["n"].to_string(), l.attempts)).collect();
    assert!(buried.contains(&("3".into(), 1)) && buried.contains(&("5".into(), 8)), "{buried:?}");
    let mut all = lines(&world);
    all.sort();
    assert_eq!(all, ["0 depth 1", "1 depth 1", "2 depth 1", "4 depth 1", "6 depth 1"]);
    // A person retries the refused one: it is refused again and stays open.
    let mut registry = DeadLetters::new();
    let again = reactions(0);
    registry.on_retry("reaction", move |tx, letter| again.retry(tx, letter));
    let id = letters(&world).iter().find(|l| l.attempts == 1).unwrap().id;
    assert_eq!(world.write(move |tx| registry.retry(tx, id)).await.unwrap_err().code(), "no");
    assert_eq!(letters(&world).len(), 2);
}

#[tokio::test]
async fn a_loop_of_reactions_ends_at_its_depth() {
    let world = World::new().await;
    emit(&world, "said", json!({"n": 0, "do": "loop"})).await;
    start(&world, 0);
    world.until("the loop is buried", |w| letters(w).len() == 1).await;
    assert_eq!(letters(&world)[0].code, "too_deep");
    assert_eq!(lines(&world).len(), CAUSE_DEPTH_MAX as usize);
}

#[tokio::test]
async fn a_reaction_added_later_begins_with_what_happens_from_then_on() {
    struct Late;
    impl Reaction for Late {
        fn name(&self) -> &'static str {
            "late"
        }
        fn wants(&self, event: &Event) -> bool {
            event.kind == "said"
        }
        fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
            let id = tx.new_id();
            tx.put(&Line { id, text: format!("late {}", event.data["n"]) })
        }
    }
    let world = World::new().await;
    let service = start(&world, 0);
    emit(&world, "said", json!({"n": 1})).await;
    world.until("the first reacted", |w| lines(w).len() == 1).await;
    stop(&world, service).await;
    let mut both = Reactions::new();
    both.on(Echo { failures_left: Arc::default() }).on(Late);
    let service = tokio::spawn(Arc::new(both).run(world.store.clone(), world.env.clone(), world.stop.subscribe()));
    world.settle().await;
    emit(&world, "said", json!({"n": 2})).await;
    world.until("both reacted", |w| lines(w).len() == 3).await;
    let mut all = lines(&world);
    all.sort();
    assert_eq!(all, ["1 depth 1", "2 depth 1", "late 2"]);
    stop(&world, service).await;
}

/// Holds the set of sequences it has seen; fails now and then.
struct Collector {
    start: Start,
    seen: Mutex<Vec<u64>>,
    fail: Mutex<u32>,
    rebuilt: Mutex<u32>,
}

impl Collector {
    fn new(start: Start) -> Arc<Self> {
        Arc::new(Self { start, seen: Mutex::default(), fail: Mutex::default(), rebuilt: Mutex::default() })
    }
}

impl Follower for Collector {
    fn name(&self) -> &'static str {
        "collector"
    }
    fn start(&self) -> Start {
        self.start
    }
    fn take<'a>(&'a self, events: &'a [Arc<Event>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut fail = self.fail.lock();
            if *fail > 0 {
                *fail -= 1;
                return Err(Error::unavailable("not now"));
            }
            self.seen.lock().extend(events.iter().map(|event| event.seq));
            Ok(())
        })
    }
    fn rebuild<'a>(&'a self, store: &'a Store) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            *self.rebuilt.lock() += 1;
            Ok(store.head())
        })
    }
}

fn follow(world: &World, follower: &Arc<Collector>) -> (Arc<Followers>, tokio::task::JoinHandle<()>) {
    let mut followers = Followers::new();
    followers.on(follower.clone());
    let followers = Arc::new(followers);
    let run = followers.clone().run(world.store.clone(), world.env.clone(), world.stop.subscribe());
    (followers, tokio::spawn(run))
}

#[tokio::test]
async fn a_follower_goes_on_where_its_kept_cursor_stands_and_repeats_a_failed_slice() {
    let world = World::new().await;
    let first = Collector::new(Start::Kept);
    *first.fail.lock() = 2;
    let (_, service) = follow(&world, &first);
    world.until("it rebuilt, for it held nothing", |_| *first.rebuilt.lock() == 1).await;
    for n in 0..10 {
        emit(&world, "said", json!(n)).await;
    }
    world
        .until("it took all", |w| {
            w.clock.advance(Duration::from_secs(1));
            first.seen.lock().len() == 10
        })
        .await;
    stop(&world, service).await;
    emit(&world, "said", json!(10)).await;
    let second = Collector::new(Start::Kept);
    let (_, service) = follow(&world, &second);
    world.until("it took the one it missed", |_| *second.seen.lock() == [11]).await;
    assert_eq!(*second.rebuilt.lock(), 0);
    stop(&world, service).await;
}

#[tokio::test]
async fn a_position_that_means_nothing_here_leads_to_a_rebuild() {
    let world = World::new().await;
    for n in 0..5 {
        emit(&world, "said", json!(n)).await;
    }
    let epoch = world.store.epoch();
    let cases = [
        (Start::After { epoch, seq: 3 }, 0, vec![4, 5]),
        (Start::After { epoch: epoch ^ 1, seq: 3 }, 1, vec![]),
        (Start::After { epoch, seq: 99 }, 1, vec![]),
        (Start::Rebuild, 1, vec![]),
        (Start::Head, 0, vec![]),
    ];
    for (start, rebuilt, seen) in cases {
        let collector = Collector::new(start);
        let (followers, service) = follow(&world, &collector);
        world.settle().await;
        assert_eq!((*collector.rebuilt.lock(), collector.seen.lock().clone()), (rebuilt, seen), "{start:?}");
        assert!(followers.rebuild("collector") && !followers.rebuild("nobody"));
        world.until("it rebuilt when asked", |_| *collector.rebuilt.lock() == rebuilt + 1).await;
        stop(&world, service).await;
    }
}

#[tokio::test]
async fn the_past_is_not_journaled_but_its_sequences_are_used_up() {
    let world = World::new().await;
    let before = emit(&world, "said", json!(1)).await;
    let at = Timestamp::parse("2025-01-01T00:00:00Z").unwrap();
    let past = world.store.import(world.tenant, at, Origin::system(), |tx| tx.emit(event("said", json!("past")))).await.unwrap();
    world.store.sync().await.unwrap();
    let after = emit(&world, "said", json!(2)).await;
    assert_eq!((past, after), (before + 1, before + 2));
    let seqs: Vec<u64> = read_after(&world.store, 0, 100).unwrap().iter().map(|e| e.seq).collect();
    assert_eq!(seqs, [before, after]);
}

async fn trim_all(store: &Store) {
    store.write_platform(Lane::Jobs, Origin::system(), |tx| trim(tx, Timestamp::FAR_FUTURE, u64::MAX, 400)).await.unwrap();
}

#[tokio::test]
async fn a_follower_that_the_journal_was_trimmed_past_while_it_ran_is_built_anew() {
    let world = World::new().await;
    let collector = Collector::new(Start::Head);
    *collector.fail.lock() = u32::MAX;
    let (_, service) = follow(&world, &collector);
    world.settle().await;
    for n in 0..4 {
        emit(&world, "said", json!(n)).await;
    }
    world.until("it stumbles", |_| *collector.fail.lock() < u32::MAX).await;
    trim_all(&world.store).await;
    *collector.fail.lock() = 0;
    world
        .until("it was built anew", |w| {
            w.clock.advance(Duration::from_secs(1));
            *collector.rebuilt.lock() == 1
        })
        .await;
    let next = emit(&world, "said", json!(4)).await;
    world.until("it goes on", |_| *collector.seen.lock() == [next]).await;
    stop(&world, service).await;
}

/// An engine whose next reads of reactions' cursors fail, so many as are left.
struct Stumbling {
    inner: RedbEngine,
    failures: Arc<AtomicU32>,
}
struct StumblingSnapshot {
    inner: Box<dyn Snapshot>,
    failures: Arc<AtomicU32>,
}

impl Engine for Stumbling {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        Ok(Box::new(StumblingSnapshot { inner: self.inner.snapshot()?, failures: self.failures.clone() }))
    }
    fn commit(&self, batch: Batch, durability: Durability) -> Result<(), EngineError> {
        self.inner.commit(batch, durability)
    }
    fn check(&self) -> Result<bool, EngineError> {
        self.inner.check()
    }
}
impl Snapshot for StumblingSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        let fewer = |left: u32| left.checked_sub(1);
        if key.get(4..6) == Some(&[0x00, 0x71][..]) && self.failures.fetch_update(SeqCst, SeqCst, fewer).is_ok() {
            return Err(EngineError::Io("injected".into()));
        }
        self.inner.get(key)
    }
    fn range(&self, start: &[u8], end: &[u8], reverse: bool) -> Result<Pairs<'_>, EngineError> {
        self.inner.range(start, end, reverse)
    }
}

#[tokio::test]
async fn a_read_that_fails_once_does_not_end_a_reaction() {
    let mut world = World::new().await;
    let failures = Arc::new(AtomicU32::new(0));
    let engine = Stumbling { inner: RedbEngine::in_memory(), failures: failures.clone() };
    world.store = Store::on(Box::new(engine), world.env.clone(), |what| panic!("{}", what.what)).unwrap();
    let tenant = world.tenant;
    world.store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(tenant)).await.unwrap();
    emit(&world, "said", json!({"n": 1})).await;
    failures.store(1, SeqCst);
    start(&world, 0);
    world
        .until("it reacted", |w| {
            w.clock.advance(Duration::from_secs(1));
            lines(w).len() == 1
        })
        .await;
    assert_eq!(failures.load(SeqCst), 0);
}

#[tokio::test]
async fn a_reaction_that_exists_no_more_does_not_keep_the_journal() {
    struct Gone;
    impl Reaction for Gone {
        fn name(&self) -> &'static str {
            "gone"
        }
        fn wants(&self, _: &Event) -> bool {
            false
        }
        fn react(&self, _: &mut Tx<'_, '_>, _: &Event) -> Result<()> {
            Ok(())
        }
    }
    let world = World::new().await;
    let settled = |world: &World| {
        let store = world.store.clone();
        async move { store.write_platform(Lane::Jobs, Origin::system(), |tx| settled_by_all(tx)).await.unwrap() }
    };
    let mut old = Reactions::new();
    old.on(Echo { failures_left: Arc::default() }).on(Gone);
    let service = tokio::spawn(Arc::new(old).run(world.store.clone(), world.env.clone(), world.stop.subscribe()));
    world.settle().await;
    stop(&world, service).await;
    for n in 0..5 {
        emit(&world, "said", json!({"n": n})).await;
    }
    let service = start(&world, 0);
    world.until("it reacted", |w| lines(w).len() == 5).await;
    stop(&world, service).await;
    assert_eq!(settled(&world).await, Some(5));
}
