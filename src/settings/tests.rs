use super::*;
use crate::{
    base::{Actor, Env, Error, Grants, Origin, Reach, TenantId, Timestamp, testing::actor},
    platform::store::{Lane, Store, testing::founded},
};
use serde_json::json;

static GREETING: Setting<String> =
    Setting::new("test.greeting", "A test", &[Level::Global, Level::Tenant, Level::User], || "hello".into())
        .checked(|text| if text.len() < 20 { Ok(()) } else { Err(Error::invalid("value", "too_long", "shorter")) });
static LIMIT: Setting<u8> = Setting::new("test.limit", "A test", &[Level::Tenant], || 3);

async fn house() -> (Store, TenantId, Actor) {
    let env = Env::simulated(Timestamp(1_700_000_000_000), 1).0;
    let (store, tenants) = founded(&env, 1).await;
    let actor = actor(tenants[0], env.new_id(), &[("*", Reach::Tenant)]);
    (store, tenants[0], actor)
}

async fn set(store: &Store, actor: &Actor, setting: &'static dyn AnySetting, level: Level, value: Value) -> Result<()> {
    let by = actor.clone();
    let place = Place::user(actor.user);
    if level == Level::Global {
        return store.write_platform(Lane::People, Origin::system(), move |tx| put_global(tx, &by, setting, &value)).await;
    }
    store.write(actor.tenant, Lane::People, Origin::system(), move |tx| put(tx, &by, setting, level, &place, &value)).await
}

use crate::base::Result;
use serde_json::Value;

#[tokio::test]
async fn the_narrowest_level_wins_and_null_inherits_again() {
    let (store, tenant, actor) = house().await;
    let now = |store: &Store| store.view(tenant, |v| resolve(v, &GREETING, &Place::user(actor.user))).unwrap();
    assert_eq!(now(&store), Resolved { value: "hello".into(), origin: None });
    for (level, value) in [(Level::Global, "all"), (Level::Tenant, "firm"), (Level::User, "mine")] {
        set(&store, &actor, &GREETING, level, json!(value)).await.unwrap();
        assert_eq!(now(&store), Resolved { value: value.into(), origin: Some(level) });
    }
    set(&store, &actor, &GREETING, Level::User, Value::Null).await.unwrap();
    assert_eq!(now(&store).value, "firm");
    assert_eq!(store.view(tenant, |v| get(v, &GREETING, &Place::TENANT)).unwrap(), "firm");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_field_and_text_is_read_as_json() {
    let (store, tenant, mut actor) = house().await;
    for (setting, value, ok) in [
        (&GREETING as &'static dyn AnySetting, json!(7), false),
        (&GREETING, json!("x".repeat(30)), false),
        (&LIMIT, json!(300), false),
        (&LIMIT, json!("17"), true),
        (&LIMIT, json!("seventeen"), false),
        (&LIMIT, json!(17), true),
    ] {
        let outcome = set(&store, &actor, setting, Level::Tenant, value.clone()).await;
        assert_eq!(outcome.is_ok(), ok, "{value}");
        if let Err(e) = outcome {
            assert!(matches!(&e, Error::Invalid(fields) if fields[0].field.starts_with("value")), "{e}");
        }
    }
    assert_eq!(store.view(tenant, |v| get(v, &LIMIT, &Place::TENANT)).unwrap(), 17);
    assert!(matches!(set(&store, &actor, &LIMIT, Level::User, json!(1)).await, Err(Error::Invalid(_))));

    actor.grants = Grants::default().into();
    set(&store, &actor, &GREETING, Level::User, json!("mine")).await.unwrap();
    assert!(matches!(set(&store, &actor, &GREETING, Level::Tenant, json!("x")).await, Err(Error::Forbidden(_))));
    assert!(matches!(set(&store, &actor, &GREETING, Level::Global, json!("x")).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn a_change_is_told_once_and_without_its_value() {
    let (store, _, actor) = house().await;
    for _ in 0..2 {
        set(&store, &actor, &GREETING, Level::Tenant, json!("secretive")).await.unwrap();
    }
    let events = crate::platform::journal::read_after(&store, 0, 10).unwrap();
    assert_eq!(events.iter().map(|e| e.kind.as_ref()).collect::<Vec<_>>(), ["setting.changed"]);
    assert!(!serde_json::to_string(&events).unwrap().contains("secretive"));
}

#[tokio::test]
async fn the_doors_follow_the_store_but_for_what_the_configuration_fixes() {
    let (store, _, actor) = house().await;
    let rate = json!({"requests": 10, "windowSecs": 30, "burst": 2});
    set(&store, &actor, &http::RATE_FORM, Level::Global, rate).await.unwrap();
    assert!(set(&store, &actor, &http::PUBLIC_URL, Level::Global, json!("not an address")).await.is_err());
    set(&store, &actor, &http::PUBLIC_URL, Level::Global, json!("https://farol.example.com/")).await.unwrap();
    let apply =
        |fixed: &'static str| store.view_platform(|view| http::apply(view, Default::default(), |name| name == fixed)).unwrap();
    assert_eq!(apply("").rates.form.burst, 2);
    assert_eq!(apply("").public_url.as_deref(), Some("https://farol.example.com"));
    assert_eq!(apply("http.rateForm").rates.form.burst, 20);
}
