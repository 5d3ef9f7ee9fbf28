use super::*;
use crate::platform::{
    deadletters::{self, DeadLetters},
    store::testing::{Line, World},
};

fn start(world: &World, timers: Timers) -> tokio::task::JoinHandle<()> {
    tokio::spawn(Arc::new(timers).run(world.store.clone(), world.stop.subscribe()))
}

fn lines(world: &World) -> Vec<String> {
    let view = world.store.read(world.tenant).unwrap();
    view.all::<Line>(KeyRange::all()).unwrap().map(|line| line.unwrap().0.text).collect()
}

fn noting() -> Timers {
    let mut timers = Timers::new();
    timers.on("note", |tx, due| {
        let text = format!("{} late by {:?}", due.payload["text"].as_str().unwrap_or_default(), tx.now().since(due.due));
        let id = tx.new_id();
        tx.put(&Line { id, text })
    });
    timers
}

async fn set(world: &World, subject: u128, seconds: u64, text: &str) {
    let due = world.env.now().plus(Duration::from_secs(seconds));
    let payload = json!({ "text": text });
    world.write(move |tx| tx.at(TimerKey::new("note", Uuid::from_u128(subject)), due, payload)).await.unwrap();
}

#[tokio::test]
async fn runs_once_when_due_and_not_before() {
    let world = World::new().await;
    let service = start(&world, noting());
    set(&world, 1, 60, "one").await;
    set(&world, 2, 60, "cleared").await;
    set(&world, 3, 60, "first").await;
    set(&world, 3, 90, "replaced").await;
    assert!(world.write(|tx| tx.clear(&TimerKey::new("note", Uuid::from_u128(2)))).await.unwrap());
    world.clock.advance(Duration::from_millis(59_999));
    world.settle().await;
    assert_eq!(lines(&world), Vec::<String>::new());
    world.clock.advance(Duration::from_millis(1));
    world.until("the first ran", |w| lines(w).len() == 1).await;
    world.clock.advance(Duration::from_secs(3600));
    world.until("the replaced one ran", |w| lines(w).len() == 2).await;
    world.settle().await;
    assert_eq!(lines(&world), ["one late by 0ns", "replaced late by 3570s"]);
    world.stop.send_replace(true);
    service.await.unwrap();
}

#[tokio::test]
async fn an_overdue_timer_runs_at_the_next_start() {
    let world = World::new().await;
    set(&world, 1, 5, "waited").await;
    world.clock.advance(Duration::from_secs(600));
    start(&world, noting());
    world.until("it ran", |w| lines(w) == ["waited late by 595s"]).await;
}

#[tokio::test]
async fn a_failing_timer_pauses_longer_each_time_and_is_buried_at_the_eighth() {
    let world = World::new().await;
    let mut timers = Timers::new();
    timers.on("broken", |tx, _| {
        let id = tx.new_id();
        tx.put(&Line { id, text: "half done".into() })?;
        Err(Error::unavailable("not that"))
    });
    timers.on("panics", |_, _| panic!("on purpose"));
    timers.on("refuses", |_, _| Err(Error::conflict("no", "never")));
    // Unavailable means the writer is busy and is not counted; a failure of the handler is.
    timers.on("fails", |_, _| Err(Error::internal("again and again")));
    start(&world, timers);
    let due = world.env.now();
    for purpose in ["panics", "refuses", "fails", "nobody"] {
        world.write(move |tx| tx.at(TimerKey::new(purpose, Uuid::nil()), due, json!({"keep": 1}))).await.unwrap();
    }
    let buried = |w: &World| deadletters::list(&w.store.read(w.tenant).unwrap(), None, None, 10).unwrap().len();
    world.until("the refused and the unknown are buried", |w| buried(w) == 2).await;
    for _ in 0..10 {
        world.settle().await;
        world.clock.advance(Duration::from_secs(300));
    }
    world.until("all are buried", |w| buried(w) == 4).await;
    let view = world.store.read(world.tenant).unwrap();
    let letters = deadletters::list(&view, None, None, 10).unwrap();
    let failed = letters.iter().find(|(letter, _)| letter.retry["purpose"] == "fails").unwrap().0.clone();
    assert_eq!((failed.attempts, failed.kind.as_str()), (TIMER_ATTEMPTS_MAX, "timer"));
    assert!(list(&view, None, 10).unwrap().is_empty());
    assert!(lines(&world).is_empty());
    // Somebody retries: it is set again and fails again.
    let id = failed.id;
    world.write(move |tx| DeadLetters::new().retry(tx, id)).await.unwrap();
    let timer = world.store.view(world.tenant, |v| v.get::<Timer>(&("fails".to_owned(), Uuid::nil()))).unwrap();
    assert!(timer.is_some_and(|timer| timer.payload["keep"] == 1 && timer.due == due));
}

#[tokio::test]
async fn a_failure_counts_for_the_timer_that_failed_and_not_for_the_one_set_in_its_place() {
    let world = World::new().await;
    set(&world, 1, 5, "first").await;
    let first = world.env.now().plus(Duration::from_secs(5));
    set(&world, 1, 60, "second").await;
    let key = ("note".to_owned(), Uuid::from_u128(1));
    let refusal = Error::conflict("no", "never");
    world.write(move |tx| failed(tx, &key, first, &refusal)).await.unwrap();
    let key = TimerKey::new("note", Uuid::from_u128(1));
    let left = world.write(move |tx| tx.timer(&key)).await.unwrap().expect("the one set later stands");
    assert_eq!((left.attempts, left.payload["text"].as_str()), (0, Some("second")));
}
