//! What one of us does to messages that are there: reactions, edits, revocations, sending on, and what was read, over a
//! session and over a number; with refusals and lost answers (MSG-60, MSG-62).

use super::{
    paired::{CUSTOMER, Paired},
    schedule::{NUMBER, OnNumber},
};
use crate::harness::until_so;
use farol::simulator::{
    graph::Trouble,
    props,
    waha_acts::{ActTrouble, Acted},
    wire::Person,
};
use reqwest::Method;
use serde_json::{Value, json};

fn first_act(m: &Value) -> &Value {
    &m["acts"][0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_session_a_message_is_reacted_to_changed_and_taken_back() {
    let firm = Paired::start().await;
    let theirs = firm.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
    let conversation = firm.conversation().await;
    let thread = firm.get(&format!("/conversations/{conversation}/messages")).await;
    let inbound = thread["messages"][0]["id"].as_str().unwrap().to_owned();

    // A reaction to what the customer wrote, and another one in its place, and none.
    for (emoji, shown) in [("👍", json!("👍")), ("❤️", json!("❤️")), ("", Value::Null)] {
        let told = firm.call(Method::POST, &format!("/messages/{inbound}/reaction"), json!({"emoji": emoji})).await.is(200);
        assert_eq!(told["reactions"][0]["emoji"], shown, "{told}");
        let settled = firm.until_message(&inbound, |m| m["acts"].is_null() && m["reactions"][0]["emoji"] == shown).await;
        if !emoji.is_empty() {
            assert_eq!(settled["reactions"][0]["by"], json!(firm.owner.id), "{settled}");
            assert_eq!(settled["reactions"].as_array().unwrap().len(), 1, "the echo is no second reaction: {settled}");
        }
    }
    let reactions: Vec<Acted> = firm.waha.acted();
    let whole = format!("false_{CUSTOMER}@c.us_{theirs}");
    assert!(reactions.iter().all(|a| a.verb == "reaction" && a.target == whole), "{reactions:?}");
    let emojis: Vec<&str> = reactions.iter().map(|a| a.words.as_str()).collect();
    assert_eq!(emojis, ["👍", "❤️", ""]);

    // An edit of what we wrote, which its history and its timeline tell.
    let ours = firm.sends(&conversation, "Já vmos").await;
    firm.until_message(&ours, |m| m["status"] == "READ").await;
    let edited = firm.call(Method::PATCH, &format!("/messages/{ours}"), json!({"content": "Já vamos"})).await.is(200);
    assert_eq!(edited["content"], "Já vamos");
    let edited = firm.until_message(&ours, |m| m["acts"].is_null()).await;
    assert_eq!((&edited["content"], &edited["edits"][0]["before"]), (&json!("Já vamos"), &json!("Já vmos")));
    assert_eq!(edited["edits"].as_array().unwrap().len(), 1, "{edited}");
    let refused = firm.call(Method::PATCH, &format!("/messages/{inbound}"), json!({"content": "x"})).await.is(409);
    assert_eq!(refused["code"], "not_yours");

    // Taken back for everyone; the tombstone says by whom.
    let gone = firm.call(Method::DELETE, &format!("/messages/{ours}"), json!({})).await.is(200);
    assert_eq!((&gone["content"], &gone["revokedBy"]), (&json!(""), &json!(firm.owner.id)));
    let gone = firm.until_message(&ours, |m| m["acts"].is_null()).await;
    assert!(gone["revokedAt"].is_string() && gone["isHidden"].is_null(), "{gone}");
    assert_eq!(gone["revokedBy"], json!(firm.owner.id));
    assert_eq!(firm.waha.acted().last().unwrap().verb, "delete");
    let timeline = firm.get(&format!("/messages/{ours}/timeline")).await;
    let kinds: Vec<&str> = timeline["items"].as_array().unwrap().iter().map(|i| i["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"EDITED") && kinds.contains(&"REVOKED"), "{kinds:?}");
    let again = firm.call(Method::POST, &format!("/messages/{ours}/reaction"), json!({"emoji": "👍"})).await.is(409);
    assert_eq!(again["code"], "message_revoked");

    // What the customer wrote can only be hidden here.
    let hidden = firm.call(Method::DELETE, &format!("/messages/{inbound}"), json!({})).await.is(200);
    assert_eq!((&hidden["isHidden"], &hidden["content"]), (&json!(true), &json!("")));
    let list = firm.get("/conversations?tab=all").await;
    assert_ne!(list["items"][0]["lastMessage"]["preview"], "Bom dia");
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_is_refused_changes_nothing_and_a_lost_answer_loses_nothing() {
    let firm = Paired::start().await;
    firm.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
    let conversation = firm.conversation().await;
    let ours = firm.sends(&conversation, "um").await;
    firm.until_message(&ours, |m| m["status"] == "READ").await;

    firm.waha.act_trouble(ActTrouble::Refuse(400));
    firm.call(Method::PATCH, &format!("/messages/{ours}"), json!({"content": "dois"})).await.is(200);
    let refused = firm.until_message(&ours, |m| first_act(m)["state"] == "REFUSED").await;
    assert_eq!((&refused["content"], &first_act(&refused)["kind"]), (&json!("um"), &json!("EDIT")));
    assert_eq!(first_act(&refused)["error"]["code"], "refused");
    let timeline = firm.get(&format!("/messages/{ours}/timeline")).await;
    assert!(
        timeline["items"].as_array().unwrap().iter().any(|i| i["kind"] == "ACT_REFUSED" && i["userId"] == json!(firm.owner.id))
    );

    // Asked for again, it is another act; and one whose answer was lost is simply made again.
    firm.waha.act_trouble(ActTrouble::LoseAnswer);
    firm.call(Method::PATCH, &format!("/messages/{ours}"), json!({"content": "dois"})).await.is(200);
    let done = firm.until_message(&ours, |m| m["acts"].is_null()).await;
    assert_eq!((&done["content"], done["edits"].as_array().unwrap().len()), (&json!("dois"), 1), "{done}");
    assert_eq!(firm.waha.acted().iter().filter(|a| a.verb == "edit").count(), 2);

    // A revocation that the provider refuses hides the message here at least, and says why.
    firm.waha.act_trouble(ActTrouble::Refuse(404));
    firm.call(Method::DELETE, &format!("/messages/{ours}"), json!({})).await.is(200);
    let hidden = firm.until_message(&ours, |m| first_act(m)["state"] == "REFUSED").await;
    assert_eq!((&hidden["isHidden"], &first_act(&hidden)["error"]["code"]), (&json!(true), &json!("message_not_found")));
    let channel = firm.get(&format!("/channels/{}", firm.channel)).await;
    assert_eq!(channel["status"], "CONNECTED", "an unknown message is no unknown session");
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_is_told_over_a_session() {
    let firm = Paired::start().await;
    firm.waha.writes("default", CUSTOMER, "Ana", "Bom dia");
    let conversation = firm.conversation().await;
    assert!(!firm.waha.called().contains(&"sendSeen".to_owned()));
    let told = firm.house.post(&firm.owner, &format!("/conversations/{conversation}/read"), json!({})).await.is(200);
    assert_eq!(told["unread"], 0);
    until_so("the word of it at the provider", || firm.waha.called().contains(&"sendSeen".to_owned())).await;
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_number_reactions_go_out_and_what_it_can_not_do_is_said() {
    let firm = OnNumber::start().await;
    let (conversation, wamid) = firm.hears("Bonjour").await;
    let inbound = firm.until_thread(&conversation, |all| !all.is_empty()).await[0]["id"].as_str().unwrap().to_owned();
    firm.call(Method::POST, &format!("/messages/{inbound}/reaction"), json!({"emoji": "👍"})).await.is(200);
    let settled = firm.until_message(&inbound, |m| m["acts"].is_null() && m["reactions"][0]["emoji"] == "👍").await;
    assert_eq!(settled["reactions"][0]["by"], json!(firm.owner.id));
    let (_, request) = firm.graph.taken().last().cloned().unwrap();
    assert_eq!((&request["type"], &request["reaction"]), (&json!("reaction"), &json!({"message_id": wamid, "emoji": "👍"})));

    // Taken, and failed afterwards: the receipt takes it back again, with the reason.
    firm.graph.trouble(Trouble::FailLater(131_047));
    firm.call(Method::POST, &format!("/messages/{inbound}/reaction"), json!({"emoji": "🎉"})).await.is(200);
    let undone = firm.until_message(&inbound, |m| first_act(m)["state"] == "REFUSED").await;
    assert_eq!(first_act(&undone)["error"]["code"], "131047");
    assert!(undone["reactions"].as_array().is_none_or(|all| all.iter().all(|r| r["emoji"] != "🎉")), "{undone}");
    let refused = firm.call(Method::POST, &format!("/messages/{inbound}/reaction"), json!({"emoji": "yes"})).await.is(422);
    assert_eq!(refused["errors"][0]["field"], "emoji");

    // No edits at Meta; what is taken back is hidden here.
    let ours = firm.sends(&conversation, "On arrive").await;
    firm.until_message(&ours, |m| m["status"] == "DELIVERED").await;
    let no = firm.call(Method::PATCH, &format!("/messages/{ours}"), json!({"content": "x"})).await.is(409);
    assert_eq!(no["code"], "not_supported");
    let hidden = firm.call(Method::DELETE, &format!("/messages/{ours}"), json!({})).await.is(200);
    assert_eq!((&hidden["isHidden"], &hidden["revokedBy"]), (&json!(true), &json!(firm.owner.id)));

    // Who answered has read, and Meta was told so.
    until_so("the word of it at Meta", || !firm.graph.told_read().is_empty()).await;
    assert_eq!(firm.graph.told_read(), [json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid})]);
    firm.house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_sent_on_to_each_conversation_that_takes_it() {
    let firm = OnNumber::start().await;
    let (one, _) = firm.hears("Bonjour, voici ma position").await;
    let (two, three) = (firm.hears_from("33639980002", "Allô").await.0, firm.hears_from("33639980003", "Oui").await.0);
    let source = firm.until_thread(&one, |all| !all.is_empty()).await[0]["id"].as_str().unwrap().to_owned();
    firm.call(Method::POST, &format!("/conversations/{three}/resolve"), json!({})).await.is(200);
    let body = json!({"conversationIds": [two, three], "clientId": "fw-1"});
    let told = firm.call(Method::POST, &format!("/messages/{source}/forward"), body.clone()).await.is(201);
    let items = told["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["isForwarded"], &items[0]["conversationId"]), (1, &json!(true), &json!(two)), "{told}");
    assert_eq!(items[0]["content"], "Bonjour, voici ma position");
    assert_eq!(
        (&told["refused"][0]["conversationId"], &told["refused"][0]["code"]),
        (&json!(three), &json!("conversation_closed"))
    );
    firm.until_message(items[0]["id"].as_str().unwrap(), |m| m["status"] == "DELIVERED").await;
    let again = firm.call(Method::POST, &format!("/messages/{source}/forward"), body).await.is(201);
    assert_eq!(again["items"][0]["id"], items[0]["id"], "the same clientId sends once");
    let only = json!({"conversationIds": [three]});
    let no = firm.call(Method::POST, &format!("/messages/{source}/forward"), only).await.is(409);
    assert_eq!(no["code"], "conversation_closed");
    firm.house.stop().await;
}

/// Two pictures in a row, of one dot each.
const MOVING: &[u8] = &[
    b'G', b'I', b'F', b'8', b'9', b'a', 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c,
    0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1,
    0, 0x3b,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_customer_sent_is_sent_on_with_its_file() {
    let firm = OnNumber::start().await;
    let (two, three) = (firm.hears_from("33639980002", "Allô").await.0, firm.hears_from("33639980003", "Oui").await.0);
    let zoe = Person { wa_id: Some("33639980001".into()), user_id: None, name: "Zoé".into() };
    let files = [
        ("image", props::TYRE.mime, props::TYRE.bytes, json!({"caption": "Le pneu"})),
        ("audio", props::VOICE.mime, props::VOICE.bytes, json!({"voice": true})),
        ("video", props::PASSING.mime, props::PASSING.bytes, json!({})),
        ("document", props::QUOTE.mime, props::QUOTE.bytes, json!({"filename": "devis.pdf"})),
        ("sticker", props::STICKER.mime, props::STICKER.bytes, json!({})),
    ];
    for (kind, mime, bytes, facts) in files {
        let wamid = firm.graph.sends(NUMBER, &zoe, (kind, mime), bytes, facts);
        let source = firm.fetched(&wamid).await;
        let to = json!({"conversationIds": [two, three]});
        let on = format!("/messages/{}/forward", source["id"].as_str().unwrap());
        let told = firm.call(Method::POST, &on, to).await.is(201);
        let items = told["items"].as_array().unwrap();
        assert_eq!(items.len(), 2, "{told}");
        for item in items {
            let facts = (&item["type"], &item["content"], &item["isForwarded"], &item["media"]["state"]);
            assert_eq!(facts, (&source["type"], &source["content"], &json!(true), &json!("READY")), "{kind}");
            assert_eq!(
                (&item["media"]["fileName"], &item["media"]["isVoice"]),
                (&source["media"]["fileName"], &source["media"]["isVoice"])
            );
            let out = firm.until_message(item["id"].as_str().unwrap(), |m| m["status"] == "DELIVERED").await;
            let (_, request) =
                firm.graph.taken().into_iter().find(|(taken, _)| taken.id == out["externalId"].as_str().unwrap()).unwrap();
            assert_eq!(request["type"], kind);
            let (there, _) = firm.graph.file(request[kind]["id"].as_str().unwrap()).unwrap();
            assert_eq!(there, bytes, "{kind}: every byte of it");
        }
    }

    // What came over one provider need not be what another takes: a moving picture goes as a film and, where nothing here
    // makes one of it, not at all.
    let wamid = firm.graph.sends(NUMBER, &zoe, ("image", "image/gif"), MOVING, json!({}));
    let source = firm.fetched(&wamid).await;
    let on = format!("/messages/{}/forward", source["id"].as_str().unwrap());
    let told = firm.call(Method::POST, &on, json!({"conversationIds": [two]})).await;
    if told.status == 201 {
        let item = told.is(201)["items"][0].clone();
        assert_eq!(item["type"], "VIDEO");
        firm.until_message(item["id"].as_str().unwrap(), |m| m["status"] == "DELIVERED").await;
    } else {
        assert_eq!(told.is(409)["code"], "media_needs_conversion");
    }
    firm.house.stop().await;
}
