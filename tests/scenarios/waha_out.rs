//! What goes out over a WAHA session: every kind, once, and never as something else.

use super::{
    media::PNG,
    paired::{CUSTOMER, Paired},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use farol::simulator::waha::Trouble;
use serde_json::{Value, json};

impl Paired {
    async fn sends_any(&self, conversation: &str, mut body: Value) -> (u16, Value) {
        body["conversationId"] = conversation.into();
        let answer = self.house.post(&self.owner, "/messages/send", body).await;
        (answer.status, serde_json::from_str(&answer.text).unwrap())
    }

    async fn sends_file(
        &self,
        conversation: &str,
        fields: &[(&str, &str)],
        mime: &str,
        name: &str,
        bytes: Vec<u8>,
    ) -> (u16, Value) {
        let mut body = Vec::new();
        for (key, value) in [("conversationId", conversation)].iter().chain(fields) {
            let part = format!("--parts\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--parts\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&bytes);
        body.extend_from_slice(b"\r\n--parts--\r\n");
        let call = self.house.http.post(format!("{}/api/v1/messages/send-media", self.house.url));
        let call = call.bearer_auth(&self.owner.token).header("content-type", "multipart/form-data; boundary=parts").body(body);
        let answer = call.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    async fn asked(&self) -> String {
        self.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
        self.conversation().await
    }
}

#[tokio::test]
async fn every_kind_goes_out_by_its_own_verb_and_stands_in_the_thread_once() {
    let firm = Paired::start().await;
    let conversation = firm.asked().await;
    let button = json!({"title": "Yes"});
    let rows = json!([{"id": "a", "title": "Morning"}, {"id": "b", "title": "Evening", "description": "After six"}]);
    let list = json!({"kind": "LIST", "buttons": [{"title": "Choose"}], "sections": [{"title": "When", "rows": rows}]});
    let link = json!({"title": "Track", "url": "https://example.com/t"});
    let kinds = [
        (json!({"location": {"latitude": 41.15, "longitude": -8.61, "name": "Porto"}}), "sendLocation", "LOCATION"),
        (json!({"contacts": [{"name": "Ana Lima", "phones": [{"number": "+351 900 000 001"}]}]}), "sendContactVcard", "CONTACTS"),
        (json!({"content": "Come?", "interactive": {"kind": "BUTTONS", "buttons": [button]}}), "sendButtons", "INTERACTIVE"),
        (json!({"content": "When?", "interactive": list}), "sendList", "INTERACTIVE"),
        (json!({"content": "Where is it?", "interactive": {"kind": "LINK", "buttons": [link]}}), "sendButtons", "INTERACTIVE"),
        (json!({"type": "POLL", "content": "Which day?", "poll": {"options": ["Mon", "Tue"]}}), "sendPoll", "POLL"),
    ];
    let mut verbs = Vec::new();
    for (body, verb, kind) in kinds {
        let (status, sent) = firm.sends_any(&conversation, body).await;
        assert_eq!((status, &sent["type"]), (201, &json!(kind)), "{sent}");
        firm.until_message(sent["id"].as_str().unwrap(), |m| m["status"] == "READ").await;
        verbs.push(verb.to_owned());
    }
    let taken = firm.waha.sent();
    assert_eq!(taken.iter().map(|sent| sent.verb.clone()).collect::<Vec<_>>(), verbs);
    assert_eq!(taken[2].body["buttons"][0], json!({"type": "reply", "id": "1", "text": "Yes"}));
    assert_eq!(taken[5].body["poll"], json!({"name": "Which day?", "options": ["Mon", "Tue"], "multipleAnswers": false}));
    // Their echoes are no second messages.
    let thread = firm.get(&format!("/conversations/{conversation}/messages")).await;
    assert_eq!(thread["messages"].as_array().unwrap().len(), 1 + verbs.len(), "{thread}");
    // A client that knows five kinds reads what they say.
    let ticket = firm.get(&format!("/tickets/{conversation}/messages")).await;
    let read: Vec<(&str, &str)> =
        ticket["items"].as_array().unwrap().iter().map(|m| (m["type"].as_str().unwrap(), m["body"].as_str().unwrap())).collect();
    assert!(read.iter().all(|(kind, _)| *kind == "TEXT"), "{read:?}");
    assert!(read.iter().any(|(_, body)| body.contains("Porto (41.15, -8.61)")), "{read:?}");
    assert!(read.iter().any(|(_, body)| body.ends_with("Which day?\n• Mon\n• Tue")), "{read:?}");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_anything_is_stored() {
    let firm = Paired::start().await;
    let conversation = firm.asked().await;
    let long = "x".repeat(21);
    for (body, status, field, code) in [
        (
            json!({"content": "?", "interactive": {"kind": "BUTTONS", "buttons": [{"title": long}]}}),
            422,
            "interactive.buttons[0].title",
            "too_long",
        ),
        (json!({"content": "?", "poll": {"options": ["one"]}}), 422, "poll.options", "too_few"),
        (json!({"location": {"latitude": 91.0, "longitude": 0.0}}), 422, "location", "range"),
        (json!({"content": "here", "location": {"latitude": 1.0, "longitude": 0.0}}), 422, "content", "not_allowed"),
        (json!({"content": "?", "interactive": {"kind": "LOCATION_REQUEST"}}), 409, "type", "not_supported"),
        (json!({"type": "TEXT", "location": {"latitude": 1.0, "longitude": 0.0}}), 422, "type", "format"),
        (json!({"type": "POLL", "content": "?"}), 422, "type", "format"),
    ] {
        let (answered, refused) = firm.sends_any(&conversation, body).await;
        let first = refused["errors"][0].clone();
        assert_eq!((answered, first["field"].as_str(), first["code"].as_str()), (status, Some(field), Some(code)), "{refused}");
    }
    assert!(firm.waha.sent().is_empty());
    let channel = firm.get("/channels/1").await;
    let can = channel["can"].as_array().unwrap();
    assert!(can.contains(&json!("POLL")) && !can.contains(&json!("TEMPLATE")), "{channel}");
    assert_eq!((&channel["limits"]["buttonTitle"], &channel["limits"]["caption"]), (&json!(20), &json!(1024)));
    let listed = firm.get("/channels").await;
    assert_eq!(listed["items"][0]["can"], channel["can"]);
}

#[tokio::test]
async fn files_go_out_whole_with_caption_and_quote() {
    let firm = Paired::start().await;
    let conversation = firm.asked().await;
    let thread = firm.get(&format!("/conversations/{conversation}/messages")).await;
    let asked = &thread["messages"][0];
    let quote = [("caption", "Look"), ("replyTo", asked["id"].as_str().unwrap())];
    // Longer than a piece read from the disk, and no multiple of three.
    let plain: Vec<u8> = (0..200_000u32).map(|n| b"farol brings help\n"[n as usize % 18]).collect();
    for (fields, mime, name, bytes, verb, kind) in [
        (&quote[..], "image/png", "truck.png", PNG.to_vec(), "sendImage", "IMAGE"),
        (&[("caption", "")][..], "text/plain", "notes.txt", plain.clone(), "sendFile", "DOCUMENT"),
    ] {
        let (status, sent) = firm.sends_file(&conversation, fields, mime, name, bytes.clone()).await;
        assert_eq!((status, &sent["type"]), (201, &json!(kind)), "{sent}");
        firm.until_message(sent["id"].as_str().unwrap(), |m| m["status"] == "READ").await;
        let taken = firm.waha.sent().pop().unwrap();
        assert_eq!((taken.verb.as_str(), &taken.body["file"]["filename"]), (verb, &json!(name)));
        assert!(taken.body["session"] == "default");
        assert_eq!(STANDARD.decode(taken.body["file"]["data"].as_str().unwrap()).unwrap(), bytes);
        if kind == "IMAGE" {
            assert_eq!(taken.body["caption"], "Look");
            let quoted = taken.body["reply_to"].as_str().unwrap();
            assert!(quoted.starts_with("false_") && quoted.ends_with(asked["externalId"].as_str().unwrap()), "{quoted}");
        }
    }
    let thread = firm.get(&format!("/conversations/{conversation}/messages")).await;
    assert_eq!(thread["messages"].as_array().unwrap().len(), 3, "{thread}");
}

#[tokio::test]
async fn a_file_whose_answer_is_lost_goes_out_once() {
    let firm = Paired::start().await;
    let conversation = firm.asked().await;
    for trouble in [Trouble::LoseAnswer, Trouble::Fail] {
        firm.waha.trouble(trouble);
        let (_, sent) = firm.sends_file(&conversation, &[], "image/png", "truck.png", PNG.to_vec()).await;
        firm.until_message(sent["id"].as_str().unwrap(), |m| m["status"] == "READ").await;
    }
    assert_eq!(firm.waha.sent().len(), 2);
    firm.waha.trouble(Trouble::LoseAnswer);
    let (_, sent) = firm.sends_any(&conversation, json!({"location": {"latitude": 41.15, "longitude": -8.61}})).await;
    firm.until_message(sent["id"].as_str().unwrap(), |m| m["status"] == "READ").await;
    assert_eq!(firm.waha.sent().len(), 3);
    let thread = firm.get(&format!("/conversations/{conversation}/messages")).await;
    assert_eq!(thread["messages"].as_array().unwrap().len(), 4, "{thread}");
}

#[tokio::test]
async fn a_file_waits_for_its_session_like_words() {
    let firm = Paired::start().await;
    let conversation = firm.asked().await;
    firm.waha.lose("default", "FAILED");
    let (_, sent) = firm.sends_file(&conversation, &[], "image/png", "truck.png", PNG.to_vec()).await;
    firm.until_message(sent["id"].as_str().unwrap(), |m| m["status"] == "PENDING").await;
    assert!(firm.waha.sent().is_empty());
    firm.waha.scan("default", "5511900000001", "Reboques");
    firm.until_message(sent["id"].as_str().unwrap(), |m| m["status"] == "READ").await;
    assert_eq!(firm.waha.sent().len(), 1);
}
