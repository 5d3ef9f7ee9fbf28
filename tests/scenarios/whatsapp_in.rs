//! What WhatsApp sends, in: every type is shown or listed, groups are one conversation, and what people want counts.
//! Fixture bodies lie in `$FAROL_FIXTURES` or beside the project; where they are absent those tests say so and pass.

use crate::harness::{House, Person, wait_for};
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};

const NUMBER: &str = "106540352242922";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const ANA: &str = "16505551234";

async fn firm() -> (House, Person) {
    let house = House::start().await;
    let owner = house.found("Reboques Exemplo").await;
    house.connect(&owner, NUMBER, SECRET).await;
    (house, owner)
}

fn value(rest: Value) -> Value {
    let mut value = json!({"messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Ana Exemplo"}, "wa_id": ANA}]});
    value.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    value
}

fn body(field: &str, value: Value) -> String {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [{"field": field, "value": value}]}]})
        .to_string()
}

impl House {
    /// A message of Ana's arrives; `rest` is what its type brings.
    async fn ana(&self, id: &str, rest: Value) {
        let now = self.kit.env().now().as_millis() / 1000;
        let mut message = json!({"from": ANA, "id": id, "timestamp": now.to_string()});
        message.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let sent = body("messages", value(json!({"messages": [message]})));
        assert_eq!(self.webhook(SECRET, sent).await, 200);
    }
    /// The only conversation's messages, once there are so many.
    async fn thread(&self, by: &Person, least: usize) -> Vec<Value> {
        wait_for(&format!("the arrival of {least} messages"), async || {
            let list = self.get(by, "/conversations?tab=all").await.is(200);
            let id = list["items"][0]["id"].as_str()?;
            let page = self.get(by, &format!("/conversations/{id}/messages?limit=200")).await.is(200);
            Some(page["messages"].as_array().unwrap().clone()).filter(|messages| messages.len() >= least)
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_type_is_shown_as_what_it_is() {
    let (house, owner) = firm().await;
    house.ana("w1", json!({"type": "image", "image": {"id": "77", "mime_type": "image/jpeg", "caption": "o pneu"}})).await;
    house.ana("w2", json!({"type": "audio", "audio": {"id": "78", "mime_type": "audio/ogg; codecs=opus", "voice": true}})).await;
    house
        .ana(
            "w3",
            json!({"type": "document", "document": {"id": "79", "filename": "apolice.pdf", "mime_type": "application/pdf"}}),
        )
        .await;
    house
        .ana("w4", json!({"type": "location", "location": {"latitude": 38.7223, "longitude": -9.1393, "name": "Marquês"}}))
        .await;
    house.ana("w5", json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Rui Exemplo"}, "phones": [{"phone": "+1 555 0100", "wa_id": "15550100"}]}]})).await;
    house.ana("w6", json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "tow", "title": "Reboque", "description": "em 30 min"}}})).await;
    house
        .ana("w7", json!({"type": "button", "button": {"payload": "YES", "text": "Sim"}, "context": {"id": "w1", "from": ANA}}))
        .await;
    house.ana("w8", json!({"type": "order", "order": {"catalog_id": "c", "text": "rápido", "product_items": [{"product_retailer_id": "p", "quantity": 2, "item_price": 30, "currency": "EUR"}]}})).await;
    house.ana("w9", json!({"type": "system", "system": {"type": "customer_identity_changed", "body": "keys changed"}})).await;
    house.ana("w10", json!({"type": "hologram", "hologram": {"x": 1}})).await;
    house.ana("w11", json!({"type": "sticker", "sticker": {"id": "80", "mime_type": "image/webp", "animated": true}, "context": {"forwarded": true}})).await;
    let thread = house.thread(&owner, 11).await;
    let kinds: Vec<&str> = thread.iter().map(|m| m["type"].as_str().unwrap()).collect();
    let expected = [
        "IMAGE",
        "AUDIO",
        "DOCUMENT",
        "LOCATION",
        "CONTACTS",
        "INTERACTIVE",
        "INTERACTIVE",
        "ORDER",
        "SYSTEM",
        "UNSUPPORTED",
        "STICKER",
    ];
    assert_eq!(kinds, expected);
    // Nobody answers at the provider here: the bytes are being fetched, or could not be.
    assert!(thread[0]["media"]["state"] != "READY" && thread[0]["mediaUrl"].is_null(), "{}", thread[0]);
    assert_eq!(thread[0]["content"], "o pneu");
    assert_eq!(thread[1]["media"]["isVoice"], true);
    assert_eq!(thread[2]["media"]["fileName"], "apolice.pdf");
    assert_eq!(
        (thread[3]["location"]["latitude"].as_f64(), thread[3]["location"]["name"].as_str()),
        (Some(38.7223), Some("Marquês"))
    );
    assert_eq!(thread[4]["contacts"][0]["phones"][0]["waId"], "15550100");
    assert_eq!((thread[5]["choice"]["kind"].as_str(), thread[5]["choice"]["id"].as_str()), (Some("LIST"), Some("tow")));
    assert_eq!((thread[6]["choice"]["payload"].as_str(), thread[6]["quoted"]["preview"].as_str()), (Some("YES"), Some("o pneu")));
    assert_eq!(thread[6]["quoted"]["type"], "IMAGE");
    assert_eq!((thread[7]["content"].as_str(), thread[7]["order"]["items"][0]["quantity"].as_u64()), (Some("rápido"), Some(2)));
    assert_eq!(thread[8]["notice"]["kind"], "IDENTITY_CHANGED");
    let odd = house.get(&owner, "/messages/w10").await.is(200);
    assert_eq!(odd["raw"]["hologram"]["x"], 1);
    assert_eq!((thread[10]["isForwarded"].as_bool(), thread[10]["media"]["isAnimated"].as_bool()), (Some(true), Some(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_reactions_and_revocations_change_the_message_whatever_comes_first() {
    let (house, owner) = firm().await;
    let at = house.kit.env().now().as_millis() / 1000;
    house.ana("r1", json!({"type": "reaction", "reaction": {"message_id": "m1", "emoji": "🙏"}})).await;
    house.ana("e1", json!({"type": "edit", "timestamp": (at + 1).to_string(), "edit": {"original_message_id": "m1", "message": {"type": "text", "text": {"body": "km 13"}}}})).await;
    house.ana("m1", json!({"type": "text", "text": {"body": "km 12"}})).await;
    house.ana("m2", json!({"type": "text", "text": {"body": "não é nada"}})).await;
    house.ana("v1", json!({"type": "revoke", "revoke": {"original_message_id": "m2"}})).await;
    house.thread(&owner, 2).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let thread = house.thread(&owner, 2).await;
    assert_eq!(thread.len(), 2);
    assert_eq!((thread[0]["content"].as_str(), thread[0]["edits"][0]["before"].as_str()), (Some("km 13"), Some("km 12")));
    assert_eq!(
        (thread[0]["reactions"][0]["emoji"].as_str(), thread[0]["reactions"][0]["by"].as_str()),
        (Some("🙏"), Some("customer"))
    );
    assert_eq!(thread[1]["content"], "");
    assert!(thread[1]["revokedAt"].is_string() && !thread[1].to_string().contains("nada"), "{}", thread[1]);
    let list = house.get(&owner, "/conversations?tab=all").await.is(200);
    assert_eq!(list["items"][0]["lastMessage"]["isRevoked"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_one_contact_and_one_conversation_with_an_author_at_each_message() {
    let (house, owner) = firm().await;
    let group = json!({"groups": [{"timestamp": "1750269342", "group_id": "g1", "type": "group_create", "subject": "Obra Norte",
        "added_participants": [{"wa_id": ANA}, {"wa_id": "16505551235"}]}]});
    assert_eq!(house.webhook(SECRET, body("group_lifecycle_update", value(group))).await, 200);
    house.ana("g.1", json!({"type": "text", "group_id": "g1", "text": {"body": "bom dia"}})).await;
    let now = house.kit.env().now().as_millis() / 1000;
    let rui = json!({"from": "16505551235", "id": "g.2", "timestamp": now.to_string(), "type": "text", "group_id": "g1", "text": {"body": "oi"}});
    let contacts = json!([{"profile": {"name": "Rui"}, "wa_id": "16505551235"}]);
    assert_eq!(house.webhook(SECRET, body("messages", value(json!({"contacts": contacts, "messages": [rui]})))).await, 200);
    let thread = house.thread(&owner, 2).await;
    assert_eq!((thread[0]["author"]["name"].as_str(), thread[1]["author"]["name"].as_str()), (Some("Ana Exemplo"), Some("Rui")));
    let list = house.get(&owner, "/conversations?tab=all").await.is(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let shown = &list["items"][0];
    assert_eq!((shown["contact"]["isGroup"].as_bool(), shown["contact"]["name"].as_str()), (Some(true), Some("Obra Norte")));
    assert_eq!(shown["lastMessage"]["author"], "Rui");
    let contact = house.get(&owner, &format!("/contacts/{}", shown["contact"]["id"].as_str().unwrap())).await.is(200);
    assert_eq!(contact["members"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_stop_gets_nothing_until_they_write_again() {
    let (house, owner) = firm().await;
    house.ana("s1", json!({"type": "text", "text": {"body": "olá"}})).await;
    house.ana("s2", json!({"type": "text", "text": {"body": "PARAR"}})).await;
    let thread = house.thread(&owner, 2).await;
    let conversation = thread[0]["conversationId"].as_str().unwrap().to_owned();
    let send = || house.post(&owner, "/messages/send", json!({"conversationId": conversation, "content": "promo"}));
    let refused = send().await;
    assert_eq!((refused.status, refused.is(409)["code"].as_str()), (409, Some("opted_out")));
    let shown = house.get(&owner, &format!("/conversations/{conversation}")).await.is(200);
    assert_eq!(
        (shown["sendWindow"]["reason"].as_str(), shown["sendWindow"]["kinds"].as_array().unwrap().len()),
        (Some("opted_out"), 0)
    );
    let contact = house.get(&owner, &format!("/contacts/{}", shown["contact"]["id"].as_str().unwrap())).await.is(200);
    let consents = contact["consents"].as_array().unwrap();
    assert!(consents.iter().any(|c| c["purpose"] == "SERVICE" && c["granted"] == false && c["word"] == "PARAR"), "{consents:?}");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    house.ana("s3", json!({"type": "text", "text": {"body": "afinal preciso de um reboque"}})).await;
    house.thread(&owner, 3).await;
    send().await.is(201);
    let prefers = json!({"user_preferences": [{"wa_id": ANA, "category": "marketing_messages", "value": "resume", "timestamp": "1999999999"}]});
    assert_eq!(house.webhook(SECRET, body("user_preferences", value(prefers))).await, 200);
    let path = format!("/contacts/{}", shown["contact"]["id"].as_str().unwrap());
    let set = |c: &Value| c["purpose"] == "MARKETING" && c["granted"] == true && c["source"] == "provider";
    house.until(&owner, &path, |contact| contact["consents"].as_array().unwrap().iter().any(set)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_said_at_the_counter_is_noted_with_who_and_when() {
    let (house, owner) = firm().await;
    let contact = house.post(&owner, "/contacts", json!({"name": "Zoé Exemplo", "phoneNumber": "+15550100099"})).await.is(201);
    let path = format!("/contacts/{}/consents", contact["id"].as_str().unwrap());
    let noted =
        house.post(&owner, &path, json!({"purpose": "MARKETING", "granted": true, "at": "2999-01-01T00:00:00Z"})).await.is(200);
    let consent = &noted["consents"][0];
    assert_eq!((consent["source"].as_str(), consent["userId"].as_str()), (Some("person"), Some(owner.id.as_str())));
    assert!(!consent["at"].as_str().unwrap().starts_with("2999"), "nobody agrees to anything in the future: {consent}");
    let taken_back = house.post(&owner, &path, json!({"purpose": "MARKETING", "granted": false})).await.is(200);
    assert_eq!(
        (taken_back["consents"].as_array().unwrap().len(), taken_back["consents"][0]["granted"].as_bool()),
        (1, Some(false))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_found_by_any_of_its_names_and_tells_its_story() {
    let (house, owner) = firm().await;
    house.ana("n1", json!({"type": "text", "text": {"body": "olá"}})).await;
    let id = house.thread(&owner, 1).await[0]["id"].as_str().unwrap().to_owned();
    for name in [id.as_str(), "n1", &format!("false_{ANA}@c.us_n1")] {
        let found = house.get(&owner, &format!("/messages/{name}")).await.is(200);
        assert_eq!(
            (found["id"].as_str(), found["serializedId"].as_str()),
            (Some(id.as_str()), Some(format!("false_{ANA}@c.us_n1").as_str()))
        );
    }
    house.get(&owner, "/messages/nobody").await.is(404);
    let conversation = house.thread(&owner, 1).await[0]["conversationId"].clone();
    let sent = house.post(&owner, "/messages/send", json!({"conversationId": conversation, "content": "já vamos"})).await.is(201);
    // Nobody listens at the provider's address: the attempt is put off, in words.
    let told = |story: &Value| {
        (0..).zip(["STORED", "ATTEMPT", "DELAYED"]).all(|(at, kind): (usize, _)| story["items"][at]["kind"] == kind)
    };
    let path = format!("/messages/{}/timeline", sent["id"].as_str().unwrap());
    let story = house.until(&owner, &path, told).await;
    assert!(story["items"][2]["reason"].is_string(), "{story}");
}

fn fixtures() -> Vec<(PathBuf, String)> {
    let given = std::env::var_os("FAROL_FIXTURES").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"));
    let mut found = Vec::new();
    for source in std::fs::read_dir(folder.join("whatsapp")).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(source.path().join("webhooks")).into_iter().flatten().flatten() {
            found.push((file.path(), std::fs::read_to_string(file.path()).unwrap()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_is_accepted_and_shown_or_listed() {
    let fixtures = fixtures();
    if fixtures.is_empty() {
        eprintln!("no fixtures here: set FAROL_FIXTURES");
        return;
    }
    for (path, text) in fixtures {
        let (house, owner) = firm().await;
        // The reaction's target, so that it can be seen.
        let target = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI0RTJEOTc2ODVERUY5RDlGNkYA";
        house.ana(target, json!({"type": "text", "text": {"body": "o alvo"}})).await;
        house.thread(&owner, 1).await;
        let before = seen(&house, &owner).await;
        assert_eq!(house.webhook(SECRET, text).await, 200, "{}", path.display());
        let trace = async || (seen(&house, &owner).await != before).then_some(());
        wait_for(&format!("a trace of {}", path.display()), trace).await;
    }
}

/// All that a person can see of what came in.
async fn seen(house: &House, by: &Person) -> String {
    let mut seen = String::new();
    for path in ["/conversations?tab=all", "/contacts", "/deadletters"] {
        seen.push_str(&house.get(by, path).await.text);
    }
    let channel = house.get(by, "/channels").await.is(200)["items"][0]["id"].as_str().unwrap().to_owned();
    seen.push_str(&house.get(by, &format!("/channels/{channel}/notices")).await.text);
    seen
}
