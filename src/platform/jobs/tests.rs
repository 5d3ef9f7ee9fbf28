use super::{upkeep::ENDED_STEP, *};
use crate::platform::store::testing::{Line, World};
use std::sync::atomic::{AtomicU32, Ordering};

/// Writes `payload.lines` lines, ten a step; the step that would write `payload.fail_at` fails once or for ever.
struct Fill(Arc<AtomicU32>);

impl JobKind for Fill {
    fn name(&self) -> &'static str {
        "fill"
    }
    fn step(&self, tx: &mut Tx<'_, '_>, job: &mut Job) -> Result<Progress> {
        let lines = job.payload["lines"].as_u64().unwrap_or(0);
        job.total = Some(lines);
        let at = job.cursor.as_u64().unwrap_or(0);
        for n in at..(at + 10).min(lines) {
            let id = tx.new_id();
            tx.put(&Line { id, text: n.to_string() })?;
            job.done += 1;
        }
        job.cursor = json!(at + 10).into();
        if job.payload["failAt"].as_u64() == Some(at) && self.0.fetch_add(1, Ordering::SeqCst) < 3 {
            return Err(Error::internal("stumbled"));
        }
        Ok(if at + 10 >= lines { Progress::Done } else { Progress::More })
    }
}

fn start(world: &World) -> tokio::task::JoinHandle<()> {
    let mut jobs = Jobs::new();
    jobs.kind(Fill(Arc::default()));
    tokio::spawn(Arc::new(jobs).run(world.store.clone(), world.env.clone(), world.stop.subscribe()))
}

fn count(world: &World) -> usize {
    world.store.read(world.tenant).unwrap().all::<Line>(KeyRange::all()).unwrap().count()
}

fn job(world: &World, id: JobId) -> Job {
    world.store.view(world.tenant, |v| v.require(&id)).unwrap()
}

#[tokio::test]
async fn goes_through_failures_and_stops_without_losing_or_doubling_a_step() {
    let world = World::new().await;
    let service = start(&world);
    let id = world.write(|tx| tx.start_job("fill", json!({"lines": 95, "failAt": 50}))).await.unwrap().id;
    world.until("it stumbled", |w| job(w, id).attempts == 1).await;
    assert_eq!((count(&world), job(&world, id).state), (50, JobState::Waiting));
    world.stop.send_replace(true);
    service.await.unwrap();
    world.stop.send_replace(false);
    start(&world);
    for _ in 0..4 {
        world.clock.advance(Duration::from_secs(60));
        world.settle().await;
    }
    world.until("it is done", |w| job(w, id).state == JobState::Done).await;
    let done = job(&world, id);
    assert_eq!((count(&world), done.done, done.total, done.next_run), (95, 95, Some(95), None));
}

#[tokio::test]
async fn can_be_cancelled_and_taken_up_again_and_an_unknown_kind_fails() {
    let world = World::new().await;
    let id = world.write(|tx| tx.start_job("fill", json!({"lines": 20}))).await.unwrap().id;
    assert_eq!(world.write(move |tx| cancel(tx, id)).await.unwrap().state, JobState::Cancelled);
    assert_eq!(world.write(move |tx| cancel(tx, id)).await.unwrap_err().code(), "already_ended");
    start(&world);
    world.settle().await;
    assert_eq!(count(&world), 0);
    world.write(move |tx| retry(tx, id)).await.unwrap();
    world.until("it is done", |w| job(w, id).state == JobState::Done).await;
    let strange = world.write(|tx| tx.start_job("strange", json!({}))).await.unwrap().id;
    world.until("it failed", |w| job(w, strange).state == JobState::Failed).await;
    let view = world.store.read(world.tenant).unwrap();
    let numbers: Vec<u64> = list(&view, None, 10).unwrap().into_iter().map(|(job, _)| job.number).collect();
    assert_eq!(numbers, [2, 1]);
}

#[tokio::test]
async fn a_failure_does_not_revive_what_somebody_stopped() {
    let world = World::new().await;
    let id = world.write(|tx| tx.start_job("fill", json!({"lines": 20}))).await.unwrap().id;
    world.write(move |tx| cancel(tx, id)).await.unwrap();
    world.write(move |tx| failed(tx, id, &Error::internal("stumbled"), 0.0)).await.unwrap();
    let stopped = job(&world, id);
    assert_eq!((stopped.state, stopped.next_run, stopped.attempts), (JobState::Cancelled, None, 0));
}

#[tokio::test]
async fn long_jobs_of_one_firm_let_another_s_come_up() {
    let world = World::new().await;
    let other: TenantId = world.env.new_id();
    world.store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(other)).await.unwrap();
    let mut long = Vec::new();
    for _ in 0..2 * SIDE_BY_SIDE_MAX {
        long.push(world.write(|tx| tx.start_job("fill", json!({"lines": 20_000}))).await.unwrap().id);
    }
    let short = |tx: &mut Tx<'_, '_>| tx.start_job("fill", json!({"lines": 1}));
    let short = world.store.write(other, Lane::People, Origin::system(), short).await.unwrap().id;
    start(&world);
    let done = |w: &World| w.store.view(other, |v| v.require::<Job>(&short)).unwrap().state == JobState::Done;
    world.until("the short one is done", done).await;
    assert!(long.iter().all(|id| job(&world, *id).state != JobState::Done), "it waited for a long one");
    world.until("each of the firm's own had a turn", |w| long.iter().all(|id| job(w, *id).done > 0)).await;
    assert!(long.iter().all(|id| job(&world, *id).state != JobState::Done));
    world.stop.send_replace(true);
}

#[tokio::test]
async fn the_journal_is_trimmed_to_its_window_and_keeps_its_sequence() {
    let world = World::new().await;
    let mut jobs = Jobs::new();
    jobs.chore(TrimJournal { window: Duration::from_secs(7 * 86_400) });
    tokio::spawn(Arc::new(jobs).run(world.store.clone(), world.env.clone(), world.stop.subscribe()));
    for n in 0..250 {
        world.write(move |tx| tx.start_job("fill", json!({"n": n})).map(|_| ())).await.unwrap();
    }
    world.clock.advance(Duration::from_secs(3600));
    world.write(|tx| tx.start_job("fill", json!({})).map(|_| ())).await.unwrap();
    let oldest = |w: &World| w.store.view_platform(crate::platform::journal::oldest).unwrap();
    assert_eq!(oldest(&world), 1);
    world
        .until("only the last is left", |w| {
            w.clock.advance(Duration::from_secs(3600));
            oldest(w) == w.store.head()
        })
        .await;
}

/// Never ends.
struct Patience;

impl JobKind for Patience {
    fn name(&self) -> &'static str {
        "patience"
    }
    fn step(&self, _: &mut Tx<'_, '_>, _: &mut Job) -> Result<Progress> {
        Ok(Progress::Later(Timestamp::FAR_FUTURE))
    }
}

#[tokio::test]
async fn what_is_over_goes_after_its_days_a_bit_at_a_time() {
    use crate::platform::deadletters::{self, DeadLetter, NewDeadLetter};
    const DAY: Duration = Duration::from_secs(86_400);
    let world = World::new().await;
    let (kept_jobs, kept_letters) = (ENDED_STEP + 5, 3);
    for _ in 0..kept_jobs {
        world
            .write(|tx| {
                let id = tx.start_job("fill", json!({}))?.id;
                cancel(tx, id)
            })
            .await
            .unwrap();
    }
    let running = world.write(|tx| tx.start_job("patience", json!({}))).await.unwrap().id;
    let bury = |tx: &mut Tx<'_, '_>| {
        let (code, reason) = ("refused".to_owned(), "no".to_owned());
        tx.bury(NewDeadLetter { kind: "inbound", code, reason, subject: None, raw: Vec::new(), retry: json!({}) })
    };
    for _ in 0..kept_letters {
        world
            .write(move |tx| {
                let id = bury(tx)?;
                deadletters::discard(tx, id)
            })
            .await
            .unwrap();
    }
    let open = world.write(bury).await.unwrap();
    let mut jobs = Jobs::new();
    jobs.kind(Patience);
    jobs.chore(TrimEnded::new(world.store.clone(), || Ok(Keep { jobs: DAY * 2, dead_letters: DAY * 4 })));
    tokio::spawn(Arc::new(jobs).run(world.store.clone(), world.env.clone(), world.stop.subscribe()));
    let rows = |world: &World| {
        let view = world.store.read(world.tenant).unwrap();
        let jobs = view.all::<Job>(KeyRange::all()).unwrap().count();
        (jobs, view.all::<DeadLetter>(KeyRange::all()).unwrap().count())
    };
    world.clock.advance(DAY * 2 - Duration::from_secs(60));
    world.settle().await;
    assert_eq!(rows(&world), (kept_jobs + 1, kept_letters + 1), "not before their time");
    world.clock.advance(Duration::from_secs(120));
    world.until("the jobs are gone", |w| rows(w).0 == 1).await;
    assert_eq!(rows(&world).1, kept_letters + 1);
    let head = world.store.head();
    world.clock.advance(DAY * 2);
    world.until("the letters are gone", |w| rows(w).1 == 1).await;
    assert!(world.store.view(world.tenant, |v| v.get::<DeadLetter>(&open)).unwrap().is_some(), "an open letter stays for ever");
    assert!(world.store.view(world.tenant, |v| v.get::<Job>(&running)).unwrap().is_some());
    assert_eq!(world.store.head(), head, "upkeep tells nobody");
}
