//! What the demo shows: each kind of message, over both kinds of connection, near the top of the inbox.

use farol::{
    config::{Config, Given},
    simulator::{
        demo::{self, Demo, DemoOptions},
        desk::Api,
    },
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

async fn firm(seed: u64) -> (Demo, Api) {
    let flags = BTreeMap::from([("listen", vec!["127.0.0.1:0".to_owned()])]);
    let config = Config::load(&Given { flags, env: BTreeMap::new(), config_file: None }).unwrap();
    let demo = demo::start(config, DemoOptions { messages: 200, live: false, speed: 20.0, seed }).await.unwrap();
    let token = demo.owner_token().await.unwrap();
    let owner = Api::anonymous(reqwest::Client::new(), &demo.url).with_token(&token);
    (demo, owner)
}

async fn told(owner: &Api) -> Vec<Value> {
    let list = owner.ask("GET", "/conversations?tab=all&limit=12", None).await.unwrap();
    let mut all = Vec::new();
    for conversation in list["items"].as_array().unwrap() {
        let path = format!("/conversations/{}/messages?limit=200", conversation["id"].as_str().unwrap());
        all.extend(owner.ask("GET", &path, None).await.unwrap()["messages"].as_array().unwrap().clone());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_message_stands_near_the_top() {
    let (demo, owner) = firm(7).await;
    let channels = owner.ask("GET", "/channels", None).await.unwrap();
    let kinds: Vec<(&str, &str)> = channels["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["kind"].as_str().unwrap(), c["status"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("whatsapp_cloud", "CONNECTED"), ("waha", "CONNECTED")]);

    let all = told(&owner).await;
    let words = |field: &str| -> BTreeSet<&str> { all.iter().filter_map(|m| m[field].as_str()).collect() };
    let wanted = [
        "AUDIO",
        "CONTACTS",
        "DOCUMENT",
        "IMAGE",
        "INTERACTIVE",
        "LOCATION",
        "ORDER",
        "POLL",
        "STICKER",
        "SYSTEM",
        "TEMPLATE",
        "TEXT",
        "UNSUPPORTED",
        "VIDEO",
    ];
    let missing: Vec<&str> = wanted.into_iter().filter(|kind| !words("type").contains(kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for status in ["READ", "DELIVERED", "SENT", "FAILED", "UNKNOWN"] {
        assert!(words("status").contains(status), "{status}");
    }
    let media: BTreeSet<&str> = all.iter().filter_map(|m| m["media"]["state"].as_str()).collect();
    assert_eq!(media, BTreeSet::from(["FAILED", "QUARANTINED", "READY"]));
    let some = |what: &str, fits: &dyn Fn(&Value) -> bool| assert!(all.iter().any(fits), "{what}");
    let filled = |at: &'static str| move |m: &Value| m.pointer(at).is_some_and(|v| !v.is_null() && v != &json!([]));
    for at in ["/edits", "/revokedAt", "/reactions", "/replyTo", "/author", "/interactive", "/choice", "/template"] {
        some(at, &filled(at));
    }
    some("a voice note with its waveform", &|m| m["media"]["isVoice"] == true && filled("/media/waveform")(m));
    some("a sticker that moves", &|m| m["type"] == "STICKER" && m["media"]["isAnimated"] == true);
    some("a clip that plays", &|m| {
        m["type"] == "VIDEO" && m["media"]["mime"] == "video/mp4" && m["media"]["durationMs"].as_u64() > Some(3_000)
    });
    some("votes", &|m| m["poll"]["options"][0]["votes"] == 2);
    some("forwarded", &|m| m["isForwarded"] == true);
    some("a note", &|m| m["isPrivate"] == true);
    some("written on the phone", &|m| m["content"] == "Atendi pelo celular, já volto aqui" && m["direction"] == "OUTBOUND");
    let by_us = |m: &Value| {
        m["reactions"].as_array().is_some_and(|all| all.iter().any(|r| r["by"].as_str().is_some_and(|by| by.len() == 36)))
    };
    some("a reaction of ours", &by_us);

    demo.stop();
    demo.run().await;
}
