//! Queues through the door, and transfers between them.

use super::house::{House, user};
use axum::http::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_new_firm_has_its_first_queue_and_makes_more() {
    let house = House::founded().await;
    let queues = house.get("agent 2", "/queues").await;
    assert_eq!((queues.each("name"), queues.each("isDefault")), (vec![json!("Assistance")], vec![json!(true)]));
    let night = house.post("admin 1", "/queues", json!({ "name": "Nuit", "color": "#102030" })).await;
    assert_eq!((night.status, &night.body["number"]), (StatusCode::CREATED, &json!(2)));
    let again = house.post("admin 1", "/queues", json!({ "name": "nuit" })).await;
    assert_eq!((again.status.as_u16(), again.field()), (422, ("name", "taken")));
    let color = house.post("admin 1", "/queues", json!({ "name": "Jour", "color": "blue" })).await;
    assert_eq!(color.field(), ("color", "format"));
    assert_eq!(house.post("agent 2", "/queues", json!({ "name": "x" })).await.status, StatusCode::FORBIDDEN);
    let gone = house.ask("admin 1", Method::DELETE, "/queues/1", None).await;
    assert_eq!((gone.status.as_u16(), gone.code()), (409, "default_queue"));
    assert_eq!(house.ask("admin 1", Method::DELETE, "/queues/2", None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.get("agent 2", "/queues/2").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_transfer_names_a_queue_or_a_person_that_exist() {
    let house = House::founded().await;
    house.says("33639980001", "wamid.1", "hello").await;
    let night = house.post("admin 1", "/queues", json!({ "name": "Nuit" })).await.body["id"].clone();
    for (to, field) in [
        (json!({}), "queueId"),
        (json!({ "queueId": "0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f" }), "queueId"),
        (json!({ "userId": user(99) }), "userId"),
    ] {
        assert_eq!(house.post("admin 1", "/conversations/1/transfer", to.clone()).await.field().0, field, "{to}");
    }
    let moved = house.post("admin 1", "/conversations/1/transfer", json!({ "departmentId": night, "userId": user(3) })).await;
    assert_eq!((&moved.body["queueId"], &moved.body["status"]), (&night, &json!("ASSIGNED")), "{}", moved.body);
    let in_use = house.ask("admin 1", Method::DELETE, "/queues/2", None).await;
    assert_eq!((in_use.status.as_u16(), in_use.code()), (409, "queue_in_use"));
    assert_eq!(house.get("agent 2", "/conversations/1").await.status, StatusCode::NOT_FOUND, "it left agent 2's queue");
    assert_eq!(house.get("agent 3", "/conversations/1").await.status, StatusCode::OK, "it is agent 3's own");
}
