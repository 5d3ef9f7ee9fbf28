use super::*;
use crate::base::{DeliveryId, Error, Origin, TenantId, Timestamp};
use crate::platform::{
    deadletters::{self, DeadLetters},
    store::{
        Lane, Read, Write,
        testing::{Line, World},
    },
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// A hand that does what each delivery's payload tells it, and writes down what happened.
#[derive(Default)]
struct Scripted {
    log: Mutex<Vec<String>>,
    tries: Mutex<HashMap<String, usize>>,
    policy: Policy,
    rated: bool,
}

impl Scripted {
    fn say(&self, text: String) {
        self.log.lock().push(text);
    }
    fn said(&self) -> Vec<String> {
        self.log.lock().clone()
    }
    fn attempts(&self) -> Vec<String> {
        self.said().into_iter().filter_map(|line| line.strip_prefix("try ").map(str::to_owned)).collect()
    }
}

fn name(delivery: &Delivery) -> String {
    delivery.payload["name"].as_str().unwrap_or_default().to_owned()
}

impl Hand for Scripted {
    fn kind(&self) -> &'static str {
        "test.send"
    }
    fn starting(&self, _: &mut Tx<'_, '_>, delivery: &Delivery) -> Result<()> {
        match delivery.payload["starting"].as_str() {
            Some("refuse") => Err(Error::conflict("gone", "the record is gone")),
            Some("stumble") => {
                self.say(format!("starting {}", name(delivery)));
                Err(Error::internal("stumbled"))
            }
            _ => Ok(()),
        }
    }
    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let name = name(delivery);
            self.say(format!("try {name}"));
            let nth = {
                let mut tries = self.tries.lock();
                let nth = tries.entry(name).or_default();
                *nth += 1;
                *nth - 1
            };
            let reason = || "said so".to_owned();
            match delivery.payload["script"][nth].as_str() {
                Some("retry") => Outcome::Retry { after: None, code: "busy".into(), reason: reason() },
                Some("retry after 600") => {
                    Outcome::Retry { after: Some(Duration::from_secs(600)), code: "busy".into(), reason: reason() }
                }
                Some("unknown") => Outcome::Unknown { reason: reason() },
                Some("dead") => Outcome::Dead { code: "no".into(), reason: reason() },
                Some("hold") => Outcome::Hold { until: None, code: "closed".into(), reason: reason() },
                Some("hang") => std::future::pending().await,
                Some("panic") => panic!("on purpose"),
                _ => Outcome::Done(json!("ok")),
            }
        })
    }
    fn settle(&self, _: &mut Tx<'_, '_>, delivery: &Delivery, outcome: &Outcome, last: bool) -> Result<()> {
        let word = match outcome {
            Outcome::Done(_) => "done",
            Outcome::Retry { .. } => "retry",
            Outcome::Unknown { .. } => "unknown",
            Outcome::Dead { .. } => "dead",
            Outcome::Hold { .. } => "hold",
        };
        match delivery.payload["settling"].as_str() {
            Some("refuse") => return Err(Error::conflict("gone", "the record is gone")),
            Some("stumble") => return Err(Error::internal("stumbled")),
            _ => {}
        }
        self.say(format!("{} {word}{}", name(delivery), if last { " for good" } else { "" }));
        Ok(())
    }
    fn policy(&self) -> Policy {
        self.policy
    }
    fn rates(&self, _: &Delivery) -> Vec<Rate> {
        if self.rated { vec![Rate { key: "account".into(), per_second: 1.0, burst: 2.0 }] } else { Vec::new() }
    }
}

fn start(world: &World, hand: &Arc<Scripted>) -> tokio::task::JoinHandle<()> {
    let mut outbox = Outbox::new();
    outbox.hand(hand.clone());
    tokio::spawn(Arc::new(outbox).run(world.store.clone(), world.env.clone(), world.stop.subscribe()))
}

async fn order(world: &World, lane: &str, name: &str, script: Value) -> DeliveryId {
    let id: DeliveryId = world.env.new_id();
    let (lane, payload) = (lane.to_owned(), json!({"name": name, "script": script}));
    world.write(move |tx| tx.deliver(NewDelivery { id, kind: "test.send", lane, payload, not_before: None })).await.unwrap();
    id
}

fn left(world: &World) -> Vec<(String, DeliveryState)> {
    let view = world.store.read(world.tenant).unwrap();
    let mut all: Vec<_> = list(&view, None, 100).unwrap().iter().map(|(d, _)| (name(d), d.state)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn letters(world: &World) -> Vec<deadletters::DeadLetter> {
    let view = world.store.read(world.tenant).unwrap();
    deadletters::list(&view, None, None, 100).unwrap().into_iter().map(|(letter, _)| letter).collect()
}

#[tokio::test]
async fn a_lane_keeps_its_order_through_failures_and_others_do_not_wait() {
    let world = World::new().await;
    let hand = Arc::new(Scripted::default());
    order(&world, "a", "a1", json!(["retry", "retry"])).await;
    order(&world, "a", "a2", json!([])).await;
    order(&world, "b", "b1", json!([])).await;
    start(&world, &hand);
    world.until("the other lane is done", |_| hand.said().contains(&"b1 done for good".to_owned())).await;
    world.until("the first failed", |_| hand.said().contains(&"a1 retry".to_owned())).await;
    order(&world, "a", "a3", json!([])).await;
    world.settle().await;
    assert_eq!(hand.attempts().iter().filter(|n| n.starts_with('a')).count(), 1);
    // The second pause is the longer one: 2 s to 2.4 s, then 4 s to 4.8 s.
    world.clock.advance(Duration::from_millis(2_400));
    world.until("tried twice", |_| hand.attempts().iter().filter(|n| *n == "a1").count() == 2).await;
    world.settle().await;
    world.clock.advance(Duration::from_millis(3_900));
    world.settle().await;
    assert_eq!(hand.attempts().iter().filter(|n| *n == "a1").count(), 2);
    world.clock.advance(Duration::from_millis(1_000));
    world.until("all are done", |w| left(w).is_empty()).await;
    let a: Vec<String> = hand.attempts().into_iter().filter(|n| n.starts_with('a')).collect();
    assert_eq!(a, ["a1", "a1", "a1", "a2", "a3"]);
    assert!(letters(&world).is_empty());
}

#[tokio::test]
async fn the_last_failure_and_the_final_refusal_are_buried_and_can_be_retried() {
    let world = World::new().await;
    let hand = Arc::new(Scripted { policy: Policy { attempts_max: 2, ..Policy::default() }, ..Scripted::default() });
    order(&world, "a", "tired", json!(["retry", "retry"])).await;
    order(&world, "b", "dead", json!(["dead"])).await;
    let refused: DeliveryId = world.env.new_id();
    world
        .write(move |tx| {
            let payload = json!({"name": "refused", "starting": "refuse"});
            tx.deliver(NewDelivery { id: refused, kind: "test.send", lane: "c".into(), payload, not_before: None })
        })
        .await
        .unwrap();
    start(&world, &hand);
    world.until("two are buried", |w| letters(w).len() == 2).await;
    world.clock.advance(Duration::from_secs(3));
    world.until("three are buried", |w| letters(w).len() == 3).await;
    assert!(left(&world).is_empty());
    assert!(hand.said().contains(&"tired retry for good".to_owned()));
    assert!(hand.said().contains(&"refused dead for good".to_owned()));
    assert!(!hand.attempts().contains(&"refused".to_owned()));
    let tired = letters(&world).into_iter().find(|l| l.retry["payload"]["name"] == "tired").unwrap();
    assert_eq!((tired.attempts, tired.code.as_str()), (2, "busy"));
    world.write(move |tx| DeadLetters::new().retry(tx, tired.id)).await.unwrap();
    world.until("it went out", |_| hand.said().contains(&"tired done for good".to_owned())).await;
}

#[tokio::test]
async fn an_unknown_outcome_is_never_sent_again_and_its_lane_goes_on_after_a_minute() {
    let world = World::new().await;
    let hand = Arc::new(Scripted::default());
    for (lane, script) in [("hangs", "hang"), ("panics", "panic"), ("unknown", "unknown")] {
        order(&world, lane, lane, json!([script])).await;
        order(&world, lane, &format!("{lane} next"), json!([])).await;
    }
    start(&world, &hand);
    world
        .until("two are unknown", |_| {
            ["panics unknown", "unknown unknown"].iter().all(|line| hand.said().iter().any(|said| said == line))
        })
        .await;
    assert_eq!(hand.attempts().len(), 3);
    world.clock.advance(Duration::from_secs(59));
    world.settle().await;
    assert_eq!(hand.attempts().len(), 3);
    world.clock.advance(Duration::from_secs(1));
    world.until("the lanes went on", |w| left(w).len() == 3).await;
    assert_eq!(hand.attempts().len(), 6);
    assert!(left(&world).iter().all(|(_, state)| *state == DeliveryState::Unknown));
    // A webhook proves one; a person sends another again; the third is asked about after a day.
    let find = |n: &str| {
        let view = world.store.read(world.tenant).unwrap();
        let all = list(&view, None, 10).unwrap();
        all.into_iter().find(|(d, _)| name(d) == n).unwrap().0.id
    };
    let (proved, again) = (find("hangs"), find("panics"));
    assert!(world.write(move |tx| resolve(tx, proved, &Outcome::Done(json!(null)))).await.unwrap());
    assert!(!world.write(move |tx| resolve(tx, proved, &Outcome::Done(json!(null)))).await.unwrap());
    world.write(move |tx| retry(tx, again)).await.unwrap();
    world.until("sent again", |_| hand.said().contains(&"panics done for good".to_owned())).await;
    world.settle().await;
    world.clock.advance(Duration::from_secs(24 * 3600));
    world.until("a person is asked", |w| letters(w).len() == 1).await;
    assert_eq!(letters(&world)[0].code, "outcome_unknown");
    assert!(left(&world).is_empty());
}

#[tokio::test]
async fn what_was_under_way_when_the_process_died_is_unknown_at_the_next_start() {
    let world = World::new().await;
    let first = Arc::new(Scripted::default());
    order(&world, "a", "cut off", json!(["hang"])).await;
    let service = start(&world, &first);
    world.until("it is under way", |_| first.attempts().len() == 1).await;
    service.abort();
    let _ = service.await;
    assert_eq!(left(&world), [("cut off".to_owned(), DeliveryState::InFlight)]);
    let second = Arc::new(Scripted::default());
    start(&world, &second);
    world.until("it is unknown", |_| second.said() == ["cut off unknown"]).await;
    assert_eq!(left(&world), [("cut off".to_owned(), DeliveryState::Unknown)]);
}

#[tokio::test]
async fn a_held_lane_waits_until_released_and_a_hold_is_no_attempt() {
    let world = World::new().await;
    let hand = Arc::new(Scripted::default());
    let id = order(&world, "a", "a1", json!(["hold", "hold"])).await;
    order(&world, "a", "a2", json!([])).await;
    start(&world, &hand);
    world.until("it is held", |w| left(w).contains(&("a1".into(), DeliveryState::Held))).await;
    world.clock.advance(Duration::from_secs(86_400));
    world.settle().await;
    assert_eq!(hand.attempts(), ["a1"]);
    assert_eq!(world.write(|tx| release(tx, "test.send", None)).await.unwrap(), 1);
    world.until("it is held again", |_| hand.attempts().len() == 2).await;
    world.until("and stored", |w| left(w).contains(&("a1".into(), DeliveryState::Held))).await;
    let held: Delivery = world.store.view(world.tenant, |v| v.require(&id)).unwrap();
    assert_eq!((held.attempts, held.last_code.as_deref()), (0, Some("closed")));
    assert_eq!(world.write(|tx| release(tx, "test.send", Some("b"))).await.unwrap(), 0);
    assert_eq!(world.write(|tx| release(tx, "test.send", Some("a"))).await.unwrap(), 1);
    world.until("all are done", |w| left(w).is_empty()).await;
    assert_eq!(hand.attempts(), ["a1", "a1", "a1", "a2"]);
}

#[tokio::test]
async fn rates_and_side_by_side_limits_hold() {
    let world = World::new().await;
    let hand = Arc::new(Scripted { rated: true, ..Scripted::default() });
    for n in 0..5 {
        order(&world, &format!("lane {n}"), &n.to_string(), json!([])).await;
    }
    start(&world, &hand);
    world.until("the burst is out", |_| hand.attempts().len() == 2).await;
    world.settle().await;
    for sent in 3..=5 {
        world.clock.advance(Duration::from_secs(1));
        world.until("one more is out", |_| hand.attempts().len() == sent).await;
        world.settle().await;
        assert_eq!(hand.attempts().len(), sent);
    }
    let narrow = World::new().await;
    let hand = Arc::new(Scripted { policy: Policy { concurrency: 2, ..Policy::default() }, ..Scripted::default() });
    for n in 0..5 {
        order(&narrow, &format!("lane {n}"), &n.to_string(), json!(["hang"])).await;
    }
    start(&narrow, &hand);
    narrow.until("two are under way", |_| hand.attempts().len() == 2).await;
    narrow.settle().await;
    assert_eq!(hand.attempts().len(), 2);
}

/// Orders a delivery with more than a name in its payload.
async fn order_with(world: &World, lane: &str, payload: Value) -> DeliveryId {
    let id: DeliveryId = world.env.new_id();
    let lane = lane.to_owned();
    world.write(move |tx| tx.deliver(NewDelivery { id, kind: "test.send", lane, payload, not_before: None })).await.unwrap();
    id
}

#[tokio::test]
async fn what_went_out_though_its_record_will_not_hear_of_it_becomes_a_dead_letter() {
    let world = World::new().await;
    let hand = Arc::new(Scripted::default());
    let id = order_with(&world, "a", json!({"name": "sent", "settling": "refuse"})).await;
    start(&world, &hand);
    world.until("it is buried", |w| letters(w).len() == 1).await;
    let letter = letters(&world).remove(0);
    assert_eq!((letter.code.as_str(), letter.subject), ("outcome_untold", Some(id.into())));
    assert!(left(&world).is_empty());
}

#[tokio::test]
async fn an_attempt_that_nobody_performs_any_more_does_not_keep_its_lane() {
    let world = World::new().await;
    let hand = Arc::new(Scripted::default());
    start(&world, &hand);
    world.settle().await;
    let copy = hand.clone();
    let id: DeliveryId = world.env.new_id();
    world
        .write(move |tx| {
            let payload = json!({"name": "lost"});
            tx.deliver(NewDelivery { id, kind: "test.send", lane: "a".into(), payload, not_before: None })?;
            lanes::begin(tx, id, copy.as_ref()).map(|_| ())
        })
        .await
        .unwrap();
    order(&world, "a", "next", json!([])).await;
    world.settle().await;
    assert!(hand.attempts().is_empty());
    world.clock.advance(Duration::from_secs(61));
    world.until("it is unknown", |_| hand.said().contains(&"lost unknown".to_owned())).await;
    world.until("the next went out", |_| hand.attempts() == ["next"]).await;
    assert_eq!(left(&world), [("lost".to_owned(), DeliveryState::Unknown)]);
}

#[tokio::test]
async fn a_hand_that_can_neither_start_nor_refuse_is_not_asked_without_end() {
    let world = World::new().await;
    let hand = Arc::new(Scripted { policy: Policy { attempts_max: 1, ..Policy::default() }, ..Scripted::default() });
    order_with(&world, "a", json!({"name": "stuck", "starting": "stumble", "settling": "stumble"})).await;
    start(&world, &hand);
    world.until("it was tried", |_| !hand.said().is_empty()).await;
    world.settle().await;
    assert_eq!(hand.said(), ["starting stuck"]);
    world
        .until("it is buried", |w| {
            w.clock.advance(Duration::from_secs(1));
            letters(w).len() == 1
        })
        .await;
    assert_eq!(hand.said(), ["starting stuck"]);
    assert!(left(&world).is_empty());
}

#[tokio::test]
async fn heads_held_up_by_their_limits_keep_no_other_kind_waiting() {
    struct Quick(Mutex<u32>);
    impl Hand for Quick {
        fn kind(&self) -> &'static str {
            "test.quick"
        }
        fn perform<'a>(&'a self, _: &'a Delivery) -> BoxFuture<'a, Outcome> {
            *self.0.lock() += 1;
            Box::pin(async { Outcome::Done(json!(null)) })
        }
        fn settle(&self, _: &mut Tx<'_, '_>, _: &Delivery, _: &Outcome, _: bool) -> Result<()> {
            Ok(())
        }
    }
    let world = World::new().await;
    let (slow, quick) = (Arc::new(Scripted { rated: true, ..Scripted::default() }), Arc::new(Quick(Mutex::default())));
    // More than one turn looks at.
    for n in 0..30 {
        order(&world, &format!("lane {n}"), &n.to_string(), json!([])).await;
    }
    let id: DeliveryId = world.env.new_id();
    let new = NewDelivery { id, kind: "test.quick", lane: "q".into(), payload: json!({}), not_before: None };
    world.write(move |tx| tx.deliver(new)).await.unwrap();
    let mut outbox = Outbox::new();
    outbox.hand(slow.clone()).hand(quick.clone());
    tokio::spawn(Arc::new(outbox).run(world.store.clone(), world.env.clone(), world.stop.subscribe()));
    for _ in 0..5 {
        world.settle().await;
        world.clock.advance(Duration::from_millis(200));
    }
    world.until("the other kind went out", |_| *quick.0.lock() == 1).await;
    assert!(slow.attempts().len() <= 4, "{:?}", slow.attempts());
}

#[tokio::test]
async fn one_firm_s_pile_does_not_keep_another_s_waiting() {
    let world = World::new().await;
    let other: TenantId = world.env.new_id();
    world.store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(other)).await.unwrap();
    for n in 0..5 {
        order(&world, &format!("lane {n}"), &format!("pile {n}"), json!(["hang"])).await;
    }
    let id: DeliveryId = world.env.new_id();
    let payload = json!({"name": "single"});
    let new = NewDelivery { id, kind: "test.send", lane: "a".into(), payload, not_before: None };
    world.store.write(other, Lane::People, Origin::system(), move |tx| tx.deliver(new)).await.unwrap();
    let hand = Arc::new(Scripted { policy: Policy { concurrency: 2, ..Policy::default() }, ..Scripted::default() });
    start(&world, &hand);
    world.until("the single one went out", |_| hand.attempts().contains(&"single".to_owned())).await;
}

#[test]
fn pauses_double_up_to_their_cap_with_a_fifth_of_chance() {
    let policy = Policy { pause_max: Duration::from_secs(30), ..Policy::default() };
    for (attempts, unit, millis) in [(1, 0.0, 2_000), (2, 0.0, 4_000), (4, 0.0, 16_000), (5, 0.0, 30_000), (60, 1.0, 36_000)] {
        assert_eq!(policy.pause(attempts, unit), Duration::from_millis(millis), "{attempts} {unit}");
    }
}

#[tokio::test]
async fn ordering_an_id_twice_is_a_conflict_and_the_past_sends_nothing() {
    let world = World::new().await;
    let id = order(&world, "a", "a1", json!([])).await;
    let again = NewDelivery { id, kind: "test.send", lane: "a".into(), payload: json!({}), not_before: None };
    assert_eq!(world.write(move |tx| tx.deliver(again)).await.unwrap_err().code(), "already_exists");
    let past = NewDelivery { id: world.env.new_id(), kind: "test.send", lane: "b".into(), payload: json!({}), not_before: None };
    let at = Timestamp::parse("2025-11-22T09:30:00Z").unwrap();
    let told = world.store.import(world.tenant, at, crate::base::Origin::system(), move |tx| {
        tx.deliver(past)?;
        Ok(tx.now())
    });
    assert_eq!(told.await.unwrap(), at);
    assert_eq!(left(&world).len(), 1);
}

#[tokio::test]
async fn a_clock_set_back_stops_neither_new_deliveries_nor_retries() {
    let world = World::new().await;
    let hand = Arc::new(Scripted::default());
    world.clock.advance(Duration::from_secs(86_400));
    world.write(|tx| tx.put(&Line { id: tx.new_id(), text: "a day ahead".into() })).await.unwrap();
    let _running = start(&world, &hand);
    world.settle().await;
    world.clock.set(world.env.now().minus(Duration::from_secs(86_400)));
    order(&world, "a", "a1", json!(["retry"])).await;
    world.until("the first try", |_| hand.said().contains(&"a1 retry".to_owned())).await;
    // Not before the day is over again, but after twice the pause.
    world.clock.advance(Duration::from_secs(3_600));
    world.until("the second try", |_| hand.said().contains(&"a1 done for good".to_owned())).await;
}
