//! Bodies that a crash left half taken, the sweeper and the removal of old bodies, on an injected clock.

use super::*;
use crate::{
    base::{TenantId, Timestamp, time::ManualClock},
    channels::{
        WhatsappCloudAdapter,
        adapter::{Adapter, Health, Line},
        commands::KEPT_FOR,
        receiving::inbound::{Content, ReceivedMessage, Sender},
        sending::{
            carries::Carries,
            outgoing::{Class, Outgoing, Verdict},
        },
    },
    platform::{
        deadletters::{self, DeadLetter},
        outbound::Outbound,
        secrets::Keyring,
        store::{Durability, Engine, EngineError, RedbEngine, Snapshot, engine::Batch},
    },
};
use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};

/// Reads one element a line: `bad …` can't be read, `refused …` is refused by its command, `shy …` is refused only
/// while there is company to hide behind.
struct Lines {
    parsed: AtomicU32,
}

impl Adapter for Lines {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WhatsappCloud
    }
    fn accounts(&self, _: &[u8]) -> Vec<String> {
        Vec::new()
    }
    fn parse(&self, body: &[u8], _: Timestamp) -> Result<Vec<Element>, String> {
        let turn = self.parsed.fetch_add(1, SeqCst);
        let text = String::from_utf8(body.to_vec()).map_err(|e| e.to_string())?;
        let read = |line: &str| match line.split_once(' ').map_or(line, |(first, _)| first) {
            "refused" => Ok(message(line)),
            // Another element each time is the one that fails first.
            "shy" if turn.is_multiple_of(2) => Ok(Told::Nothing("shy")),
            "fine" => Ok(Told::Nothing("fine")),
            _ => Err(Unreadable::new("malformed", line)),
        };
        let element = |line: &str| Element {
            account: None,
            parent: None,
            told: read(line),
            raw: line.to_owned(),
            part: Part::Message,
            beside: None,
        };
        Ok(text.lines().map(element).collect())
    }
    fn parse_part(&self, _: Part, _: &str, _: Option<&str>, _: Timestamp) -> Result<Told, Unreadable> {
        Err(Unreadable::new("malformed", "still"))
    }
    fn class(&self, _: &str) -> Class {
        Class::Retry
    }
    fn carries(&self) -> &'static Carries {
        WhatsappCloudAdapter.carries()
    }
    fn send<'a>(&'a self, _: &'a Outbound, _: &'a Line, _: &'a Outgoing) -> BoxFuture<'a, Verdict> {
        Box::pin(async { Verdict::Unclear("nobody is there".into()) })
    }
    fn check<'a>(&'a self, _: &'a Outbound, _: &'a Line) -> BoxFuture<'a, Health> {
        Box::pin(async { Health::default() })
    }
}

/// For a channel that does not exist, so that its command refuses it.
fn message(text: &str) -> Told {
    let sender = Sender { phone: Some("+33639980001".into()), scoped_id: None, lid: None, username: None, name: None };
    Told::Message(Box::new(ReceivedMessage {
        external_id: text.to_owned(),
        sender,
        at: Timestamp(0),
        content: Content::Text(text.to_owned()),
        reply_to: None,
        chat: None,
        opens_window: true,
        group: None,
        is_forwarded: false,
        album: None,
        metadata: None,
        raw: text.to_owned(),
    }))
}

/// Power goes after so many commits.
struct PowerCut {
    inner: Arc<RedbEngine>,
    commits_left: AtomicI64,
}

impl Engine for PowerCut {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        self.inner.snapshot()
    }
    fn commit(&self, batch: Batch, durability: Durability) -> Result<(), EngineError> {
        if self.commits_left.fetch_sub(1, SeqCst) <= 0 {
            return Err(EngineError::Io("the power is gone".into()));
        }
        self.inner.commit(batch, durability)
    }
    fn check(&self) -> Result<bool, EngineError> {
        self.inner.check()
    }
}

struct House {
    env: Env,
    clock: ManualClock,
    engine: Arc<RedbEngine>,
    tenant: TenantId,
    data: tempfile::TempDir,
    adapter: Arc<Lines>,
}

impl House {
    async fn new() -> Self {
        let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T09:30:00Z").unwrap(), 3);
        let engine = Arc::new(RedbEngine::in_memory());
        let tenant = env.new_id();
        let adapter = Arc::new(Lines { parsed: AtomicU32::new(0) });
        let house = Self { env, clock, engine, tenant, data: tempfile::tempdir().unwrap(), adapter };
        let (store, _) = house.open(i64::MAX);
        store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(tenant)).await.unwrap();
        store.close();
        house
    }

    /// The process as it starts, with power for so many commits.
    fn open(&self, commits: i64) -> (Store, Ingest) {
        let engine = PowerCut { inner: self.engine.clone(), commits_left: AtomicI64::new(commits) };
        let store = Store::on(Box::new(engine), self.env.clone(), |_| {}).unwrap();
        let accounts = Accounts::load(store.clone(), Keyring::ephemeral()).unwrap();
        let ingest = Ingest::new(store.clone(), self.env.clone(), accounts, self.adapter.clone(), self.data.path());
        (store, ingest)
    }

    fn body(&self, lines: &[String]) -> Inbound {
        let vouched = Vouched { tenant: self.tenant, channel: self.env.new_id(), account: "1".into() };
        Inbound {
            id: self.env.new_id(),
            kind: ChannelKind::WhatsappCloud,
            at: self.env.now(),
            body: RawBody::Inline(lines.join("\n").into_bytes()),
            vouched: vec![vouched],
            state: InboundState::Waiting,
            buried: 0,
            attempts: 0,
        }
    }

    fn letters(&self, store: &Store) -> Vec<String> {
        let page = store.view(self.tenant, |view| deadletters::list(view, Some("inbound"), None, 1_000)).unwrap();
        let mut raw: Vec<_> = page.into_iter().map(|(DeadLetter { raw, .. }, _)| String::from_utf8(raw).unwrap()).collect();
        raw.sort();
        raw
    }
}

async fn keep(store: &Store, inbound: Inbound) {
    // Without a wake: as it stands after a crash.
    let put = move |tx: &mut crate::platform::store::PlatformTx<'_, '_>| {
        use crate::platform::store::Write as _;
        tx.replace(None, &inbound)
    };
    store.write_platform(Lane::People, Origin::system(), put).await.unwrap();
}

#[tokio::test]
async fn wherever_the_power_goes_each_unreadable_element_is_buried_once() {
    let lines: Vec<String> = (0..20).map(|n| format!("{} {n:02}", ["bad", "refused", "fine", "shy"][n % 4])).collect();
    let mut cuts = 0;
    for commits in 0.. {
        let house = House::new().await;
        let (store, _) = house.open(i64::MAX);
        keep(&store, house.body(&lines)).await;
        store.close();

        let (store, ingest) = house.open(commits);
        let _ = ingest.sweep().await;
        let cut = store.has_failed();
        store.close();

        let (store, ingest) = house.open(i64::MAX);
        ingest.sweep().await.unwrap();
        assert_eq!(ingest.waiting().unwrap(), 0, "cut after {commits} commits");
        let letters = house.letters(&store);
        let mut once = letters.clone();
        once.dedup();
        assert_eq!(letters, once, "cut after {commits} commits");
        for line in &lines {
            let owed = line.starts_with("bad") || line.starts_with("refused");
            assert!(!owed || letters.contains(line), "{line} is lost, cut after {commits} commits");
        }
        let open = store.view(house.tenant, |view| view.counter("deadletters.open", ())).unwrap();
        assert_eq!(open, letters.len() as i64);
        store.close();
        if !cut {
            break;
        }
        cuts += 1;
    }
    assert!(cuts >= 3, "the body was taken in several commits: {cuts}");
}

#[tokio::test]
async fn the_sweeper_finishes_what_was_left_and_old_bodies_go_after_a_week() {
    let house = House::new().await;
    let (store, ingest) = house.open(i64::MAX);
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(ingest.clone().run(stopped));
    let until = async |what: &str, done: &dyn Fn() -> bool| {
        for _ in 0..2_000 {
            if done() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("waited in vain until {what}");
    };
    tokio::time::sleep(Duration::from_millis(50)).await;

    // Nobody wakes the sweeper; it comes by itself.
    let inline = house.body(&["bad 1".into()]);
    keep(&store, inline.clone()).await;
    let file = Inbound { id: house.env.new_id(), body: RawBody::File(5), ..inline.clone() };
    write_durably(&ingest.path(file.id), b"bad 2").unwrap();
    keep(&store, file.clone()).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ingest.waiting().unwrap(), 2, "not before its time");
    house.clock.advance(SWEEP_EVERY);
    until("both are taken", &|| ingest.waiting().unwrap() == 0).await;
    assert_eq!(house.letters(&store), ["bad 1", "bad 2"]);

    let kept = |store: &Store| store.view_platform(|view| Ok(view.all::<Inbound>(KeyRange::all())?.count())).unwrap();
    for _ in 0..6 * 24 + 23 {
        house.clock.advance(PURGE_EVERY);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(kept(&store), 2, "a week is not over");
    house.clock.advance(KEPT_FOR - Duration::from_secs(6 * 86_400 + 23 * 3_600));
    until("both are gone", &|| kept(&store) == 0).await;
    until("the file is gone", &|| !ingest.path(file.id).exists()).await;
    assert_eq!(house.letters(&store).len(), 2, "their dead letters stay");
    stop.send_replace(true);
    running.await.unwrap();
}

#[tokio::test]
async fn a_body_whose_file_is_gone_ends_as_a_letter_to_each_it_was_for() {
    let world = crate::platform::store::testing::World::new().await;
    let (store, env, tenant) = (world.store.clone(), world.env.clone(), world.tenant);
    let data = tempfile::tempdir().unwrap();
    let accounts = Accounts::load(store.clone(), Keyring::ephemeral()).unwrap();
    let adapter = Arc::new(crate::channels::WhatsappCloudAdapter);
    let ingest = Ingest::new(store.clone(), env.clone(), accounts, adapter, data.path());
    let vouched = Vouched { tenant, channel: env.new_id(), account: "106540352242922".into() };
    let inbound = Inbound {
        id: env.new_id(),
        kind: ChannelKind::WhatsappCloud,
        at: env.now(),
        body: RawBody::File(100_000),
        vouched: vec![vouched],
        state: InboundState::Waiting,
        buried: 0,
        attempts: 0,
    };
    store
        .write_platform(Lane::People, Origin::system(), move |tx| crate::platform::store::Write::put(tx, &inbound))
        .await
        .unwrap();
    assert_eq!((ingest.sweep().await.unwrap(), ingest.waiting().unwrap()), (1, 0));
    let letters = store.view(tenant, |view| deadletters::list(view, None, None, 9)).unwrap();
    assert_eq!(letters.iter().map(|(letter, _)| letter.code.as_str()).collect::<Vec<_>>(), ["body_missing"]);
}
