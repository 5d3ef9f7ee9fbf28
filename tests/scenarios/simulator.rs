//! The whole road with the made-up Graph API at its ends: written, answered, read, and everything that goes wrong between.

use farol::{
    base::{ChannelId, Env, Origin, Timestamp, UserId, chance::Seeded},
    config::{Config, Given},
    identity::{self, Founding, FoundingStep},
    platform::store::{Batch, Durability, Engine, EngineError, Lane, Pair, PlatformTx, RedbEngine, Snapshot, Store},
    routing,
    simulator::{
        customers,
        demo::{self, Demo, DemoOptions, PHONE_NUMBER_ID},
        desk::Api,
        graph::Trouble,
        history::{self, Past},
        post::{Roughness, handle},
        wire::Person,
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use uuid::Uuid;

async fn firm(messages: usize, live: bool) -> (Demo, Api) {
    let flags = BTreeMap::from([("listen", vec!["127.0.0.1:0".to_owned()])]);
    let config = Config::load(&Given { flags, env: BTreeMap::new(), config_file: None }).unwrap();
    let demo = demo::start(config, DemoOptions { messages, live, speed: 20.0, seed: 7 }).await.unwrap();
    let token = demo.owner_token().await.unwrap();
    let owner = Api::anonymous(reqwest::Client::new(), &demo.url).with_token(&token);
    (demo, owner)
}

/// Asks until the answer fits, for a few seconds.
async fn until(owner: &Api, path: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    crate::harness::until(async || owner.ask("GET", path, None).await.unwrap(), what, fits).await
}

async fn a_customer_writes(demo: &Demo, owner: &Api, name: &str, digits: &str, text: &str) -> String {
    let person = Person { wa_id: Some(digits.to_owned()), user_id: None, name: name.to_owned() };
    demo.graph().writes(PHONE_NUMBER_ID, &person, text);
    let arrived = |list: &Value| list["items"].as_array().unwrap().iter().any(|c| c["customerName"] == name);
    let list = until(owner, "/conversations?status=OPEN,ASSIGNED&limit=200", "the arrival", arrived).await;
    let found = list["items"].as_array().unwrap().iter().find(|c| c["customerName"] == name).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn say(owner: &Api, conversation: &str, text: &str) -> String {
    let body =
        json!({"conversationId": conversation, "content": text, "clientId": Env::system().new_id::<farol::base::MessageId>()});
    owner.ask("POST", "/messages/send", Some(body)).await.unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_out_is_read_and_troubles_tell_the_truth() {
    let (demo, owner) = firm(60, false).await;
    // Checked at the provider: its number and name are kept (CHN-27).
    let number = owner.ask("GET", "/channels", None).await.unwrap()["items"][0].clone();
    assert_eq!((&number["status"], &number["config"]["displayPhoneNumber"]), (&json!("CONNECTED"), &json!("+5500900999999")));
    assert_eq!(number["config"]["verifiedName"], "Auto Socorro Farol do Sul");
    let id = a_customer_writes(&demo, &owner, "Ana Prova", "5500900777001", "Olá, meu carro não liga").await;
    let status = async |message: &str, wanted: &str| {
        until(&owner, &format!("/messages/{message}"), wanted, |m| m["status"] == wanted).await
    };

    let message = say(&owner, &id, "Já vamos!").await;
    let delivered = status(&message, "DELIVERED").await;
    let (arrived, request) = demo.graph().taken().into_iter().find(|(a, _)| a.body == "Já vamos!").unwrap();
    assert_eq!((delivered["externalId"].as_str(), arrived.to.as_str()), (Some(arrived.id.as_str()), "5500900777001"));
    assert_eq!(request["biz_opaque_callback_data"].as_str(), Some(message.as_str()));
    demo.graph().reads(&arrived);
    status(&message, "READ").await;

    // The answer is lost, the message is not: the status proves it, and nothing is sent twice.
    demo.graph().trouble(Trouble::LoseAnswer);
    let message = say(&owner, &id, "Só uma vez").await;
    status(&message, "DELIVERED").await;
    assert_eq!(demo.graph().taken().iter().filter(|(a, _)| a.body == "Só uma vez").count(), 1);

    // A passing trouble is tried again.
    demo.graph().trouble(Trouble::Refuse(500, 131_000));
    let message = say(&owner, &id, "De novo").await;
    status(&message, "DELIVERED").await;

    // Refused for good: the code and what to do.
    demo.graph().trouble(Trouble::Refuse(400, 131_026));
    let message = say(&owner, &id, "Ninguém").await;
    let failed = status(&message, "FAILED").await;
    assert_eq!(
        (failed["error"]["code"].as_str(), failed["error"]["nextStep"].as_str()),
        (Some("131026"), Some("check_recipient"))
    );

    // The account is refused: one alert, the queue is held, and a repair lets it go.
    demo.graph().trouble(Trouble::Refuse(401, 190));
    let message = say(&owner, &id, "Em espera").await;
    let broken = |list: &Value| list["items"][0]["status"] == "BROKEN";
    let channels = until(&owner, "/channels", "the alert", broken).await;
    assert_eq!(owner.ask("GET", &format!("/messages/{message}"), None).await.unwrap()["status"], "PENDING");
    let channel = channels["items"][0]["id"].as_str().unwrap();
    let checked = owner.ask("POST", &format!("/channels/{channel}/check"), Some(json!({}))).await.unwrap();
    assert_eq!(checked["channel"]["status"], "CONNECTED", "{checked}");
    status(&message, "DELIVERED").await;

    // The window is over, whatever we believed.
    demo.graph().trouble(Trouble::FailLater(131_047));
    let message = say(&owner, &id, "Tarde demais").await;
    let failed = status(&message, "FAILED").await;
    assert_eq!(failed["error"]["nextStep"], "send_template");
    let conversation = owner.ask("GET", &format!("/conversations/{id}"), None).await.unwrap();
    assert_eq!(conversation["sendWindow"]["kinds"], json!(["template"]));
    demo.stop();
    demo.run().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_moves_by_itself() {
    let (demo, owner) = firm(400, true).await;
    let state = owner.ask("GET", "/system", None).await.unwrap();
    assert_eq!(state["demo"], true);
    let before = demo.graph().taken().len();
    let seen = owner.ask("GET", "/conversations?limit=5", None).await.unwrap()["items"].clone();
    until(&owner, "/conversations?limit=5", "a movement", |list| list["items"] != seen).await;
    crate::harness::until_so("an answer of colleagues", || demo.graph().taken().len() > before + 2).await;
    let folder = demo.folder.clone();
    demo.stop();
    demo.run().await;
    assert!(!folder.exists(), "the throw-away folder is gone");
}

#[test]
fn serve_mounts_nothing_of_the_simulator() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["src/app.rs", "src/cli/serve.rs", "src/main.rs"] {
        let source = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        assert!(!source.contains("simulator"), "{file} names the simulator");
    }
    for (_, method, path) in farol::app::routes().list() {
        assert!(["/api/v1/", "/webhooks/"].iter().any(|p| path.starts_with(p)), "{method} {path}");
    }
}

/// 600 batches of six changes, as one seed handles them.
fn handled(seed: u64, roughness: Roughness) -> Vec<(Vec<Value>, Vec<Duration>)> {
    let (env, _) = Env::simulated(Timestamp(1_763_800_000_000), seed);
    (0..600).map(|n| handle((0..6).map(|change| json!([n, change])).collect(), &roughness, &env)).collect()
}

#[test]
fn the_postman_repeats_swaps_and_delays_by_seed() {
    let rough = Roughness { repeat: 0.2, shuffle: 0.3, delay: 0.25, delay_max: Duration::from_millis(1_500), batch_max: 6 };
    let posted = handled(7, rough);
    assert_eq!(posted, handled(7, rough), "the same seed, the same sequence");
    assert_ne!(posted, handled(8, rough), "another seed, another one");
    let in_order = |changes: &[Value]| changes.iter().enumerate().all(|(n, change)| change[1] == n);
    let swapped = posted.iter().filter(|(changes, _)| !in_order(changes)).count();
    let repeated = posted.iter().filter(|(_, copies)| copies.len() == 2).count();
    let copies: Vec<Duration> = posted.iter().flat_map(|(_, copies)| copies.clone()).collect();
    let delayed = copies.iter().filter(|wait| !wait.is_zero()).count();
    // Each about as often as asked for, and nothing is ever lost.
    assert!((140..=220).contains(&swapped) && (85..=155).contains(&repeated), "{swapped} {repeated}");
    assert!((delayed * 4).abs_diff(copies.len()) < copies.len() / 4, "{delayed} of {}", copies.len());
    assert!(copies.iter().all(|wait| *wait <= rough.delay_max));
    for (n, (changes, _)) in posted.iter().enumerate() {
        let mut all = changes.clone();
        all.sort_by_key(|change| change[1].as_u64());
        assert_eq!(all, (0..6).map(|change| json!([n, change])).collect::<Vec<_>>());
    }
    for (changes, copies) in handled(7, Roughness { batch_max: 6, ..Roughness::NONE }) {
        assert!(in_order(&changes) && copies == [Duration::ZERO]);
    }
}

/// An engine that two can look into: the store, and the one who compares.
struct Shared(Arc<RedbEngine>);
impl Engine for Shared {
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        self.0.snapshot()
    }
    fn commit(&self, batch: Batch, durability: Durability) -> Result<(), EngineError> {
        self.0.commit(batch, durability)
    }
    fn check(&self) -> Result<bool, EngineError> {
        self.0.check()
    }
}

/// All bytes of a store after a year of made-up history.
async fn a_year(seed: u64) -> Vec<Pair> {
    let now = Timestamp::parse("2026-11-22T09:30:00Z").unwrap();
    let (env, _) = Env::simulated(now, seed);
    let engine = Arc::new(RedbEngine::in_memory());
    let store = Store::on(Box::new(Shared(engine.clone())), env.clone(), |failure| panic!("{failure:?}")).unwrap();
    let people: Vec<UserId> =
        (1..=3).map(|n| UserId(Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | n))).collect();
    let founding = Founding {
        owner: people[0],
        owner_name: "Olga".into(),
        owner_email: "olga@example.com".into(),
        password_hash: None,
        company: "Auto Socorro".into(),
        language: farol::base::locale::Language::PtBr,
        timezone: "America/Sao_Paulo".into(),
        country: "BR".into(),
        queue: "Atendimento".into(),
    };
    let steps: Vec<FoundingStep> = vec![Arc::new(routing::founding_step)];
    let found = move |tx: &mut PlatformTx<'_, '_>| identity::found(tx, &founding, &steps);
    let tenant = store.write_platform(Lane::People, Origin::system(), found).await.unwrap().tenant;
    let chance = Seeded::new(seed);
    let past = Past {
        tenant,
        channel: ChannelId(Uuid::from_u128(77)),
        second: Some(ChannelId(Uuid::from_u128(78))),
        agents: people.iter().map(|user| history::agent(tenant, *user, "Rui")).collect(),
        people: customers::people(60, &chance),
        messages: 1_500,
        now,
    };
    assert!(history::tell(&store, past, &chance).await.unwrap().messages > 1_000);
    let snapshot = engine.snapshot().unwrap();
    let pairs = snapshot.range(&[], &[0xff; 32], false).unwrap().map(Result::unwrap);
    // Every store has an epoch of its own, so that nobody takes it for another one; and how far sequences were given out
    // is noted with each commit of the past, so it tells which commands happened to share the last one.
    pairs.filter(|(key, _)| !key.ends_with(b"epoch\0\0") && !key.ends_with(b"seq\0\0")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_seed_tells_one_past() {
    let (first, again) = (a_year(7).await, a_year(7).await);
    assert!(first.len() > 5_000);
    let differs = first.iter().zip(&again).find(|(a, b)| a != b);
    assert!(first.len() == again.len() && differs.is_none(), "{} and {} pairs: {differs:?}", first.len(), again.len());
    assert_ne!(first, a_year(8).await, "another seed, another past");
}
