//! Finding what was said, in a running house (MSG-59, API-64, API-73).

use super::app::Running;
use crate::harness::until;
use farol::platform::search::Search;
use serde_json::Value;

fn contents(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().unwrap().iter().map(|hit| hit["message"]["content"].as_str().unwrap()).collect()
}

async fn check(app: &Running, token: &str, when: &str) {
    let rows: &[(&str, &[&str])] = &[
        ("query=avariou", &["O carro avariou na A1", "Bom dia, o carro avariou"]),
        ("query=AVARI", &["O carro avariou na A1", "Bom dia, o carro avariou"]),
        ("query=%22bom%20dia%22", &["Bom dia, o carro avariou"]),
        ("query=acao", &["Ação! Ligue 912 345 678"]),
        ("query=345678", &["Ação! Ligue 912 345 678"]),
        ("query=carro&direction=OUTBOUND", &[]),
        ("query=carro&type=TEXT&direction=INBOUND&limit=1", &["O carro avariou na A1"]),
        ("query=carro&from=2100-01-01T00:00:00Z", &[]),
        ("query=nada", &[]),
    ];
    for (query, expected) in rows {
        let answer = app.get(token, &format!("/api/v1/messages/search?{query}")).await;
        assert_eq!(contents(&answer), *expected, "{query}, {when}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_is_found_by_those_who_may_read_it() {
    let (app, owner) = Running::founded().await;
    let blind = app.colleague(&owner, "Zoe", "AGENT", &[]).await;
    app.hears("351912345678", "Rita Sá", "wamid.1", "Bom dia, o carro avariou").await;
    app.hears("351912345678", "Rita Sá", "wamid.2", "Ação! Ligue 912 345 678").await;
    app.hears("33639980001", "Zoé Lacroix", "wamid.3", "O carro avariou na A1").await;
    until(|| app.get(&owner, "/api/v1/conversations"), "both conversations", |list| list["items"][1].is_object()).await;
    app.searchable().await;
    check(&app, &owner, "at once").await;
    assert!(contents(&app.get(&blind, "/api/v1/messages/search?query=carro").await).is_empty());

    // One conversation alone, the snippet with its matches, the list's own search.
    let all = app.get(&owner, "/api/v1/messages/search?query=avariou").await;
    let hit = &all["items"][1];
    assert_eq!((&hit["snippet"], &hit["ranges"]), (&Value::from("Bom dia, o carro avariou"), &serde_json::json!([[17, 24]])));
    let id = hit["conversation"]["id"].as_str().unwrap();
    let one = app.get(&owner, &format!("/api/v1/messages/search?query=avariou&conversationId={id}")).await;
    assert_eq!(contents(&one), ["Bom dia, o carro avariou"]);
    let page = app.get(&owner, "/api/v1/messages/search?query=avariou&limit=1").await;
    let next = page["nextCursor"].as_str().unwrap();
    let rest = app.get(&owner, &format!("/api/v1/messages/search?query=avariou&limit=1&cursor={next}")).await;
    assert_eq!((contents(&rest), rest["nextCursor"].is_null()), (vec!["Bom dia, o carro avariou"], true));
    let listed = app.get(&owner, "/api/v1/conversations?q=acao").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");

    // What has no words is found by its names, and shows them.
    let place = serde_json::json!({"latitude": 38.7, "longitude": -9.1, "name": "Oficina Aurora"});
    let sent = serde_json::json!({"conversationId": id, "location": place});
    assert_eq!(app.call(&owner, "POST", "/api/v1/messages/send", Some(sent)).await.0, 201);
    app.searchable().await;
    let named = app.get(&owner, "/api/v1/messages/search?query=aurora").await;
    let hit = &named["items"][0];
    assert_eq!((&hit["snippet"], &hit["ranges"]), (&Value::from("Oficina Aurora"), &serde_json::json!([[8, 14]])), "{named}");

    // The one box for everything.
    let found = app.get(&owner, "/api/v1/search?q=lacroix").await;
    assert_eq!(
        (found["contacts"].as_array().unwrap().len(), found["conversations"].as_array().unwrap().len()),
        (1, 1),
        "{found}"
    );
    let found = app.get(&owner, "/api/v1/search?q=carro").await;
    assert_eq!(found["messages"].as_array().unwrap().len(), 2, "{found}");
    let by_end = app.get(&owner, "/api/v1/search?q=980001").await;
    assert_eq!(by_end["contacts"].as_array().unwrap().len(), 1, "{by_end}");
    let none = app.get(&blind, "/api/v1/search?q=carro").await;
    assert_eq!((none["messages"].as_array().unwrap().len(), none["conversations"].as_array().unwrap().len()), (0, 0), "{none}");

    // A customer's own access finds nobody else's name, number or address.
    let client = app.colleague(&owner, "Cliente", "CLIENT", &[]).await;
    for typed in ["lacroix", "Rita", "980001"] {
        let found = app.get(&client, &format!("/api/v1/search?q={typed}")).await;
        assert_eq!(found, serde_json::json!({"contacts": [], "conversations": [], "messages": []}), "{typed}");
    }

    // Nothing typed is an error of ours.
    for odd in
        ["%22", "%22%22%22", "*", "a%00b", "%F0%9F%9A%97", "AND%20OR", "(((", "field:x%5B1%20TO%202%5D", "%5C", "'--", "%2B%2B"]
    {
        for path in ["/api/v1/messages/search?query=", "/api/v1/search?q=", "/api/v1/conversations?q="] {
            let (status, body) = app.call(&owner, "GET", &format!("{path}{odd}"), None).await;
            assert!(status < 500, "{path}{odd}: {status} {body}");
        }
    }

    // Built anew from the records, the hits are the same.
    app.kit.service::<Search>().rebuild();
    app.searchable().await;
    check(&app, &owner, "after a rebuild").await;
    app.stop().await;
}
