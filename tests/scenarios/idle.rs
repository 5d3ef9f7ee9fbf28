//! A house in which nobody does anything writes nothing, however long its clock goes on.

use crate::harness::House;
use farol::base::{Env, Timestamp, time::ManualClock};
use serde_json::json;
use std::time::Duration;

/// Moves the clock by `step` and lets everybody who was woken do what they want to do.
async fn pass(clock: &ManualClock, step: Duration) {
    clock.advance(step);
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_while_nobody_does_anything() {
    let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T09:30:00Z").unwrap(), 11);
    let house = House::start_at(tempfile::tempdir().unwrap(), env).await;
    let owner = house.found("Reboques Exemplo").await;
    house.connect(&owner, "106540352242922", "0123456789abcdef0123456789abcdef").await;
    let customer = ("351912345678", "wamid.in.1", "Bom dia");
    let secret = "0123456789abcdef0123456789abcdef";
    assert_eq!(house.customer_says("106540352242922", secret, customer.0, customer.1, customer.2).await, 200);
    // A timer far away and an open screen keep nobody busy.
    house.post(&owner, "/invitations", json!({"email": "zoe@example.com", "role": "AGENT"})).await.is(201);
    house.until(&owner, "/conversations?tab=all", |list| list["items"][0]["id"].is_string()).await;
    let _screen = super::app::Screen::open(&house.url, &owner.token, "").await;
    // Cursors of followers are written once more; then it is quiet.
    let store = house.kit.store().clone();
    let mut before = store.commits();
    for _ in 0..60 {
        for _ in 0..6 {
            pass(&clock, Duration::from_secs(5)).await;
        }
        if store.commits() == before {
            break;
        }
        before = store.commits();
    }
    let (commits, head) = (store.commits(), store.head());
    // Ten minutes, in steps no waiting service can sleep through.
    for _ in 0..120 {
        pass(&clock, Duration::from_secs(5)).await;
    }
    assert_eq!((store.commits(), store.head()), (commits, head), "an idle house wrote");
    // It was asleep, not dead.
    assert_eq!(house.customer_says("106540352242922", secret, customer.0, "wamid.in.2", "Está alguém?").await, 200);
    house.until(&owner, "/conversations?tab=all", |list| list["items"][0]["unread"] == 2).await;
    assert!(store.commits() > commits);
    house.stop().await;
}
