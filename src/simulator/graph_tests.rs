use super::*;
use crate::base::env::Env;

fn number(webhook: &str) -> Number {
    Number {
        line: Line {
            phone_number_id: "100200300".into(),
            business_account_id: "900".into(),
            display_number: "5548900000000".into(),
        },
        verified_name: "Farol do Sul".into(),
        token: "token".into(),
        app_secret: "secret".into(),
        webhook: webhook.into(),
    }
}

async fn post(graph: &Graph, token: &str, id: &str, body: Value) -> (u16, Value) {
    let request = reqwest::Client::new().post(format!("{}/{id}/messages", graph.base_url())).bearer_auth(token).json(&body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn messages_are_checked_as_the_real_one_checks_them() {
    let graph = Graph::start(Env::system(), Roughness::NONE, 1000.0).await.unwrap();
    graph.connect(number("http://127.0.0.1:9/none"));
    let good = json!({"messaging_product": "whatsapp", "to": "5548900000001", "type": "text", "text": {"body": "oi"}});
    let mut rows = vec![("wrong", "100200300", good.clone(), 401, 190), ("token", "7", good.clone(), 400, 100)];
    for (path, value, code) in [
        ("messaging_product", json!("x"), 100),
        ("to", json!("12"), 131_009),
        ("to", Value::Null, 100),
        ("type", json!("hologram"), 131_009),
        ("text", json!({"body": ""}), 100),
        ("text", json!({"body": "x".repeat(4097)}), 100),
        ("biz_opaque_callback_data", json!("x".repeat(513)), 100),
    ] {
        let mut body = good.clone();
        body[path] = value;
        rows.push(("token", "100200300", body, 400, code));
    }
    for (token, id, body, status, code) in rows {
        let (got, answer) = post(&graph, token, id, body.clone()).await;
        assert_eq!((got, answer["error"]["code"].as_i64()), (status, Some(code)), "{body}");
    }
    let (status, answer) = post(&graph, "token", "100200300", good).await;
    assert_eq!(status, 200);
    assert!(answer["messages"][0]["id"].as_str().unwrap().starts_with("wamid."));
    graph.trouble(Trouble::Refuse(400, 131_047));
    let (_, answer) = post(
        &graph,
        "token",
        "100200300",
        json!({"messaging_product": "whatsapp", "to": "5548900000001", "text": {"body": "a"}}),
    )
    .await;
    assert_eq!(answer["error"]["code"], 131_047);
}
