//! Colleagues are shown as there while they are, and not for as long as their sign-in lasts (USR-02, USR-03).

use super::app::Screen;
use crate::harness::{House, Person, until};
use farol::base::{Env, Timestamp, time::ManualClock};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

async fn status(house: &House, by: &Person, of: &Person) -> Value {
    house.get(by, &format!("/users/{}", of.id)).await.is(200)["status"].clone()
}

/// So much time goes by, with a look at who is there each half minute.
async fn pass(clock: &ManualClock, minutes: u64) {
    for _ in 0..minutes * 2 {
        clock.advance(Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_closes_the_last_window_is_gone_two_minutes_later_and_back_with_the_next_one() {
    let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T09:30:00Z").unwrap(), 5);
    let house = House::start_at(tempfile::tempdir().unwrap(), env).await;
    let owner = house.found("Dépannage").await;
    let long = json!({"value": "2h"});
    house.call(Method::PUT, "/api/v1/settings/auth.accessTokenLifetime", Some(&owner.token), Some(&long)).await.is(200);
    let owner = house.sign_in("marina@example.com", None).await;
    let rui = house.hire(&owner, "Rui Alves", "rui@example.com", "AGENT").await;
    let mut watching = Screen::open(&house.url, &owner.token, "").await;
    let (desk, phone) = (Screen::open(&house.url, &rui.token, "").await, Screen::open(&house.url, &rui.token, "").await);
    pass(&clock, 4).await;
    assert_eq!(status(&house, &owner, &rui).await, "ONLINE");

    // One window is enough; without any, a moment is nothing.
    drop(desk);
    pass(&clock, 4).await;
    assert_eq!(status(&house, &owner, &rui).await, "ONLINE");
    drop(phone);
    pass(&clock, 1).await;
    let again = Screen::open(&house.url, &rui.token, "").await;
    pass(&clock, 2).await;
    assert_eq!(status(&house, &owner, &rui).await, "ONLINE");

    drop(again);
    pass(&clock, 3).await;
    until(|| status(&house, &owner, &rui), "gone", |status| status == "OFFLINE").await;
    // Colleagues are told.
    let told = loop {
        let frame = watching.sees("user.updated").await;
        if frame["data"]["id"] == rui.id.as_str() && frame["data"]["status"] == "OFFLINE" {
            break frame;
        }
    };
    assert_eq!(told["data"]["onlineStatus"], "OFFLINE");
    let desk = Screen::open(&house.url, &rui.token, "").await;
    pass(&clock, 1).await;
    until(|| status(&house, &owner, &rui), "back", |status| status == "ONLINE").await;

    // What they say of themselves stays while they are there, over a reload as well.
    let away = json!({"status": "OFFLINE"});
    house.call(Method::PATCH, "/api/v1/auth/me", Some(&rui.token), Some(&away)).await.is(200);
    drop(desk);
    let _desk = Screen::open(&house.url, &rui.token, "").await;
    pass(&clock, 4).await;
    assert_eq!(status(&house, &owner, &rui).await, "OFFLINE");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_away_when_the_laptop_slept_is_away_when_it_wakes_even_if_the_box_was_started_anew() {
    let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T09:30:00Z").unwrap(), 5);
    let house = House::start_at(tempfile::tempdir().unwrap(), env.clone()).await;
    let owner = house.found("Dépannage").await;
    let long = json!({"value": "2h"});
    house.call(Method::PUT, "/api/v1/settings/auth.accessTokenLifetime", Some(&owner.token), Some(&long)).await.is(200);
    let owner = house.sign_in("marina@example.com", None).await;
    let rui = house.hire(&owner, "Rui Alves", "rui@example.com", "AGENT").await;
    let eva = house.hire(&owner, "Eva Nunes", "eva@example.com", "AGENT").await;
    let away = json!({"status": "AWAY"});
    house.call(Method::PATCH, "/api/v1/auth/me", Some(&eva.token), Some(&away)).await.is(200);
    pass(&clock, 3).await;
    for person in [&rui, &eva] {
        until(|| status(&house, &owner, person), "gone", |status| status == "OFFLINE").await;
    }

    // No sign-in: the window that was open finds the box again.
    let house = house.restart_at(env).await;
    let _windows = (Screen::open(&house.url, &rui.token, "").await, Screen::open(&house.url, &eva.token, "").await);
    pass(&clock, 1).await;
    until(|| status(&house, &owner, &rui), "back", |status| status == "ONLINE").await;
    until(|| status(&house, &owner, &eva), "back", |status| status == "AWAY").await;
    house.stop().await;
}
