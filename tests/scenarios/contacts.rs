//! Contacts through the door.

use super::house::House;
use axum::http::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_contact_is_made_once_found_changed_and_named_by_number() {
    let house = House::founded().await;
    let ana = json!({ "name": "Ana Lima", "phoneNumber": "06 39 98 00 01", "email": "Ana@example.com",
        "id": "0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f" });
    let made = house.post("agent 2", "/contacts", ana.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    assert_eq!((&made.body["phoneNumber"], &made.body["email"]), (&json!("+33639980001"), &json!("ana@example.com")));
    assert_eq!(house.post("agent 2", "/contacts", ana).await.status, StatusCode::OK, "sending twice makes one");
    let taken = house.post("agent 2", "/contacts", json!({ "name": "Bea", "phoneNumber": "+33639980001" })).await;
    assert_eq!((taken.status.as_u16(), taken.field()), (422, ("phoneNumber", "taken")));
    let by_number = house.get("agent 2", "/contacts/1").await;
    assert_eq!(by_number.body["name"], "Ana Lima");
    assert_eq!(by_number.headers["x-farol-seq"].to_str().unwrap(), house.store.head().to_string());
    let changed = house.ask("agent 2", Method::PUT, "/contacts/1", Some(json!({ "email": null, "isBlocked": true }))).await;
    assert_eq!((&changed.body["email"], &changed.body["isBlocked"]), (&json!(null), &json!(true)), "{}", changed.body);
    assert_eq!(changed.body["phoneNumber"], "+33639980001", "what is left out stays");
    for q in ["ana", "lim", "0639980001", "%2B33%206"] {
        assert_eq!(house.get("agent 2", &format!("/contacts?q={q}")).await.each("number"), [1], "{q}");
    }
    assert_eq!(house.get("agent 2", "/contacts?q=zoe").await.each("number"), Vec::<i32>::new());
}

#[tokio::test]
async fn lists_are_paged_and_bare_under_the_short_prefix() {
    let house = House::founded().await;
    for name in ["Émile", "Dora", "Ana", "Zoé"] {
        house.post("agent 2", "/contacts", json!({ "name": name })).await;
    }
    let first = house.get("agent 2", "/contacts?limit=3").await;
    assert_eq!(first.each("name"), ["Ana", "Dora", "Émile"], "by name, whatever the accents");
    let next = first.body["nextCursor"].as_str().unwrap();
    let rest = house.get("agent 2", &format!("/contacts?limit=3&cursor={next}")).await;
    assert_eq!((rest.each("name"), rest.body.get("nextCursor")), (vec![json!("Zoé")], None));
    let bare = house.get("agent 2", "/api/contacts?limit=3").await;
    assert_eq!(bare.body.as_array().unwrap().len(), 3);
    assert_eq!(bare.headers["x-next-cursor"].to_str().unwrap(), next);
}

#[tokio::test]
async fn who_may_not_see_contacts_sees_none() {
    let house = House::founded().await;
    house.post("agent 2", "/contacts", json!({ "name": "Ana" })).await;
    assert_eq!(house.get("client 9", "/contacts").await.body["items"], json!([]));
    assert_eq!(house.get("client 9", "/contacts/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.post("client 9", "/contacts", json!({ "name": "x" })).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.get("", "/contacts").await.status, StatusCode::UNAUTHORIZED);
}
