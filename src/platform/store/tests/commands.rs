//! Commands among each other: isolation, turns, budgets, time, closing.

use crate::base::{Error, Origin, Result, TenantId, Timestamp};
use crate::platform::store::{
    KeyRange, Lane, Read, Tx, Write,
    testing::{Line, World},
};
use parking_lot::Mutex;
use std::{
    sync::{Arc, Barrier},
    time::Duration,
};
use tokio::task::JoinHandle;
use uuid::Uuid;

fn texts(world: &World) -> Vec<String> {
    let view = world.store.read(world.tenant).unwrap();
    view.all::<Line>(KeyRange::all()).unwrap().map(|row| row.unwrap().0.text).collect()
}

fn line(n: u128, text: &str) -> Line {
    Line { id: Uuid::from_u128(n), text: text.into() }
}

/// Sends a command without waiting for its answer.
async fn send<T: Send + 'static>(
    world: &World,
    tenant: TenantId,
    lane: Lane,
    work: impl FnOnce(&mut Tx<'_, '_>) -> Result<T> + Send + 'static,
) -> JoinHandle<Result<T>> {
    let store = world.store.clone();
    let task = tokio::spawn(async move { store.write(tenant, lane, Origin::system(), work).await });
    tokio::task::yield_now().await;
    task
}

/// Keeps the writer inside one command until let go: what is sent meanwhile shares its batch.
struct Held(Arc<Barrier>, JoinHandle<Result<()>>);

impl Held {
    async fn new(world: &World) -> Self {
        let barrier = Arc::new(Barrier::new(2));
        let inside = barrier.clone();
        let task = send(world, world.tenant, Lane::People, move |_| {
            inside.wait();
            inside.wait();
            Ok(())
        })
        .await;
        let outside = barrier.clone();
        tokio::task::spawn_blocking(move || outside.wait()).await.unwrap();
        Self(barrier, task)
    }
    async fn let_go(self) {
        let Self(barrier, task) = self;
        tokio::task::spawn_blocking(move || barrier.wait()).await.unwrap();
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_failing_or_panicking_command_leaves_nothing_and_harms_no_neighbour() {
    let world = World::new().await;
    let held = Held::new(&world).await;
    let mut sent = Vec::new();
    for n in 0..6u128 {
        let work = move |tx: &mut Tx<'_, '_>| {
            let before = tx.get::<Line>(&Uuid::from_u128(100))?.map(|line| line.text).unwrap_or_default();
            tx.put(&line(n, "own"))?;
            tx.put(&line(100, &format!("{before}{n}")))?;
            tx.next_number("line")?;
            match n {
                1 => Err(Error::conflict("no", "refused")),
                3 => panic!("on purpose"),
                _ => tx.next_number("line"),
            }
        };
        sent.push(send(&world, world.tenant, Lane::People, work).await);
    }
    held.let_go().await;
    let mut codes = Vec::new();
    for task in sent {
        codes.push(task.await.unwrap().map_err(|e| e.code()));
    }
    assert_eq!(codes, [Ok(2), Err("no"), Ok(4), Err("internal"), Ok(6), Ok(8)]);
    assert_eq!(texts(&world), ["own", "own", "own", "own", "0245"]);
}

#[tokio::test]
async fn tenants_take_turns_and_no_lane_starves() {
    let world = World::new().await;
    let quiet: TenantId = world.env.new_id();
    world.store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(quiet)).await.unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let held = Held::new(&world).await;
    let mut sent = Vec::new();
    for n in 0..200 {
        for (tenant, lane, name) in [(world.tenant, Lane::People, "loud"), (world.tenant, Lane::Reactions, "reaction")] {
            let order = order.clone();
            sent.push(
                send(&world, tenant, lane, move |_| {
                    order.lock().push(name);
                    Ok(())
                })
                .await,
            );
        }
        if n % 20 == 0 {
            for (tenant, lane, name) in [(quiet, Lane::People, "quiet"), (world.tenant, Lane::Jobs, "job")] {
                let order = order.clone();
                sent.push(
                    send(&world, tenant, lane, move |_| {
                        order.lock().push(name);
                        Ok(())
                    })
                    .await,
                );
            }
        }
    }
    held.let_go().await;
    for task in sent {
        task.await.unwrap().unwrap();
    }
    let order = order.lock().clone();
    assert_eq!(order.len(), 420);
    let last = |name| order.iter().rposition(|n| *n == name).unwrap();
    let among_first_100 = |name| order[..100].iter().filter(|n| **n == name).count();
    assert!(last("quiet") < 40, "ten of a quiet tenant are done while a loud one has 200 waiting: {}", last("quiet"));
    assert!(among_first_100("loud") > 60, "people go first: {}", among_first_100("loud"));
    assert!(among_first_100("reaction") >= 10 && among_first_100("job") >= 4, "nobody starves");
}

#[tokio::test]
async fn a_command_has_a_budget_and_the_past_has_none() {
    let world = World::new().await;
    let many = |tx: &mut Tx<'_, '_>| {
        for n in 0..400u128 {
            tx.put(&line(n, "x"))?;
        }
        Ok(())
    };
    assert_eq!(world.write(many).await.unwrap_err().code(), "internal");
    let big = |tx: &mut Tx<'_, '_>| tx.put(&line(1, &"x".repeat(300 << 10)));
    assert_eq!(world.write(big).await.unwrap_err().code(), "internal");
    assert!(texts(&world).is_empty());
    world.store.import(world.tenant, Timestamp::from_secs(1), Origin::system(), many).await.unwrap();
    assert_eq!(texts(&world).len(), 400);
    let walks = |tx: &mut Tx<'_, '_>| Ok(tx.all::<Line>(KeyRange::all())?.collect::<Result<Vec<_>>>()?.len());
    assert_eq!(world.write(walks).await.unwrap(), 400);
    let walks_twice = move |tx: &mut Tx<'_, '_>| Ok(walks(tx)? + walks(tx)?);
    assert_eq!(world.write(walks_twice).await.unwrap_err().code(), "internal");
}

#[tokio::test]
async fn time_goes_on_slowly_while_the_clock_is_behind_and_says_so() {
    let world = World::new().await;
    let now = |tx: &mut Tx<'_, '_>| {
        tx.put(&line(1, "x"))?;
        Ok(tx.now())
    };
    let first = world.write(now).await.unwrap();
    world.clock.set(first.minus(Duration::from_secs(60)));
    assert_eq!(world.write(now).await.unwrap(), first);
    assert_eq!(world.store.clock_alarm(), None);
    world.clock.set(first.minus(Duration::from_secs(3600)));
    assert_eq!(world.write(now).await.unwrap(), first);
    assert_eq!(world.store.clock_alarm(), Some(Duration::from_secs(3600)));
    world.clock.advance(Duration::from_secs(20));
    assert_eq!(world.write(now).await.unwrap(), first.plus(Duration::from_secs(10)));
    assert_eq!(world.store.now(), first.plus(Duration::from_secs(10)));
    world.clock.set(first.plus(Duration::from_secs(11)));
    assert_eq!(world.write(now).await.unwrap(), first.plus(Duration::from_secs(11)));
    assert_eq!(world.store.clock_alarm(), None);
}

#[tokio::test]
async fn closing_finishes_what_waits_and_takes_nothing_new() {
    let world = World::new().await;
    let held = Held::new(&world).await;
    let mut sent = Vec::new();
    for n in 0..20u128 {
        sent.push(send(&world, world.tenant, Lane::People, move |tx| tx.put(&line(n, "x"))).await);
    }
    let store = world.store.clone();
    let closing = tokio::task::spawn_blocking(move || store.close());
    held.let_go().await;
    closing.await.unwrap();
    for task in sent {
        task.await.unwrap().unwrap();
    }
    assert_eq!(texts(&world).len(), 20);
    assert_eq!(world.write(|tx| tx.put(&line(99, "late"))).await.unwrap_err().code(), "unavailable");
}

#[tokio::test]
async fn a_full_lane_tells_people_to_come_back() {
    let world = World::new().await;
    let held = Held::new(&world).await;
    let mut sent = Vec::new();
    // The one that is held has its permit still.
    for _ in 1..Lane::People.capacity() {
        sent.push(send(&world, world.tenant, Lane::People, |_| Ok(())).await);
    }
    assert_eq!(world.write(|_| Ok(())).await.unwrap_err().code(), "unavailable");
    held.let_go().await;
    for task in sent {
        task.await.unwrap().unwrap();
    }
    world.write(|_| Ok(())).await.unwrap();
}

#[tokio::test]
async fn a_new_tenant_is_usable_in_its_own_command_and_later_in_the_batch() {
    let world = World::new().await;
    let (fresh, unknown): (TenantId, TenantId) = (world.env.new_id(), world.env.new_id());
    let store = world.store.clone();
    store
        .write_platform(Lane::People, Origin::system(), move |tx| {
            tx.register_tenant(fresh)?;
            tx.tenant(fresh, |tx| tx.put(&line(1, "theirs")))
        })
        .await
        .unwrap();
    let failed = store
        .write_platform(Lane::People, Origin::system(), move |tx| {
            tx.register_tenant(unknown)?;
            Err::<(), _>(Error::conflict("no", "undone"))
        })
        .await;
    assert_eq!(failed.unwrap_err().code(), "no");
    assert_eq!(store.read(unknown).err().map(|e| e.code()), Some("not_found"));
    assert!(texts(&world).is_empty(), "the other tenant sees nothing of it");
    assert_eq!(store.tenants(), [world.tenant, fresh]);
}
