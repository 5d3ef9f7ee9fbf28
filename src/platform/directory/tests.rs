use crate::base::{Origin, TenantId};
use crate::platform::store::{Lane, testing::World};
use serde_json::json;

#[tokio::test]
async fn a_name_belongs_to_one_tenant_and_only_its_holder_gives_it_up() {
    let world = World::new().await;
    let other: TenantId = world.env.new_id();
    world.store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(other)).await.unwrap();
    world.write(|tx| tx.claim("whatsapp_cloud", "4711", json!({"channel": 1}))).await.unwrap();
    world.write(|tx| tx.claim("whatsapp_cloud", "4711", json!({"channel": 2}))).await.unwrap();
    world.write(|tx| tx.claim("whatsapp_cloud", "47", json!(null))).await.unwrap();
    let theirs = world.store.write(other, Lane::People, Origin::system(), |tx| tx.claim("whatsapp_cloud", "4711", json!({})));
    assert_eq!(theirs.await.unwrap_err().code(), "taken");
    let given = world.store.write(other, Lane::People, Origin::system(), |tx| tx.release("whatsapp_cloud", "4711"));
    assert!(!given.await.unwrap());
    let view = world.store.read_platform().unwrap();
    assert_eq!(view.lookup("whatsapp_cloud", "4711").unwrap(), Some((world.tenant, json!({"channel": 2}))));
    assert_eq!(view.lookup("whatsapp", "cloud4711").unwrap(), None);
    assert!(world.write(|tx| tx.release("whatsapp_cloud", "4711")).await.unwrap());
    assert_eq!(world.store.read_platform().unwrap().lookup("whatsapp_cloud", "4711").unwrap(), None);
}
