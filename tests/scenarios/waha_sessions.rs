//! Sessions of a WAHA server over their life: paired, lost, silent, unknown; and what stands in for one that is lost.

use super::app::Running;
use farol::{base::Env, simulator::waha::Waha};
use serde_json::{Value, json};

const KEY: &str = "a-key-of-the-session";
const CUSTOMER: &str = "5511999990001";

/// A firm with a number at Meta (the first channel) and a session at the made-up WAHA server (the second).
struct Firm {
    app: Running,
    token: String,
    waha: Waha,
    channel: String,
}

impl Firm {
    async fn start() -> Self {
        let (app, token) = Running::founded().await;
        let waha = Waha::start(Env::system(), "waha-key").await.unwrap();
        let config = json!({"baseUrl": waha.base_url(), "apiKey": "waha-key", "session": "default", "hmacKey": KEY});
        let body = json!({"kind": "waha", "name": "Mobile", "config": config});
        let (status, channel) = app.call(&token, "POST", "/api/v1/channels", Some(body)).await;
        assert_eq!(status, 201, "{channel}");
        let channel = channel["id"].as_str().unwrap().to_owned();
        let manners = json!({"value": {"seen": false, "typing": false, "pauseMinMs": 1, "pauseMaxMs": 2}});
        let set = format!("/api/v1/settings/channel.manners?channelId={channel}");
        app.call(&token, "PUT", &set, Some(manners)).await;
        let firm = Self { app, token, waha, channel };
        firm.post(&format!("/channels/{}/actions/start", firm.channel), json!({}), 200).await;
        firm
    }
    async fn paired() -> Self {
        let firm = Self::start().await;
        firm.waha.scan("default", "5511900000001", "Reboques");
        firm.until(&format!("/channels/{}", firm.channel), "it works", |c| c["status"] == "CONNECTED").await;
        firm
    }
    async fn get(&self, path: &str) -> Value {
        self.app.get(&self.token, &format!("/api/v1{path}")).await
    }
    async fn post(&self, path: &str, body: Value, expected: u16) -> Value {
        let (status, answer) = self.app.call(&self.token, "POST", &format!("/api/v1{path}"), Some(body)).await;
        assert_eq!(status, expected, "{path}: {answer}");
        answer
    }
    async fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        self.app.call(&self.token, "PATCH", &format!("/api/v1{path}"), Some(body)).await
    }
    async fn until(&self, path: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        crate::harness::until(|| self.get(path), what, fits).await
    }
    /// The newest message of the newest conversation, once it fits.
    async fn newest(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let ask = async || {
            let list = self.get("/conversations?tab=all").await;
            let Some(id) = list["items"][0]["id"].as_str().map(str::to_owned) else { return Value::Null };
            let thread = self.get(&format!("/conversations/{id}/messages")).await;
            let all = thread["messages"].as_array().cloned().unwrap_or_default();
            all.into_iter().max_by_key(|m| m["arrival"].as_u64()).unwrap_or_default()
        };
        crate::harness::until(ask, what, fits).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_pairs_a_phone_sees_the_code_the_number_and_the_loss_live() {
    let firm = Firm::start().await;
    let mut boss = firm.app.screen(&firm.token, "").await;
    let agent = firm.app.colleague(&firm.token, "Rui", "AGENT", &[]).await;
    let mut desk = firm.app.screen(&agent, "").await;
    firm.waha.lose("default", "SCAN_QR_CODE");
    let code = boss.sees("whatsapp:qr").await;
    assert_eq!(code["data"], json!({"connectionId": firm.channel, "qrCode": "2@code-of-default"}));
    firm.waha.scan("default", "5511900000001", "Reboques");
    let ready = json!({"connectionId": firm.channel, "phoneNumber": "+5511900000001"});
    assert_eq!(boss.sees("whatsapp:ready").await["data"], ready);
    firm.waha.lose("default", "FAILED");
    assert_eq!(boss.sees("whatsapp:disconnected").await["data"], json!({"connectionId": firm.channel}));
    // Who could take the firm's phone over by it sees no code.
    let seen = desk.rest().await;
    assert!(!seen.iter().any(|frame| frame.to_string().contains("2@code")), "{seen:?}");
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_fetched_from_its_server_by_whatever_name_that_one_knows_itself() {
    let firm = Firm::paired().await;
    let png = include_bytes!("../../assets/demo/tyre.jpg").as_slice();
    firm.waha.files_at("http://localhost:3000");
    firm.waha.sends("default", (CUSTOMER, "Ana"), "image", ("image/jpeg", png.into()), "Aqui");
    let message = firm.newest("the picture", |m| m["media"]["state"] == "READY").await;
    assert_eq!((&message["content"], &message["media"]["mime"]), (&json!("Aqui"), &json!("image/jpeg")));
    let (status, _, bytes) = firm.app.fetch(&firm.token, message["media"]["url"].as_str().unwrap(), &[]).await;
    assert!(status == 200 && bytes == png);

    // The address has run out before anybody came: the message itself is asked for.
    firm.waha.deafen(true);
    firm.waha.sends(
        "default",
        (CUSTOMER, "Ana"),
        "ptt",
        ("audio/ogg", include_bytes!("../../assets/demo/voice.ogg").as_slice().into()),
        "",
    );
    firm.waha.forget_files();
    firm.waha.deafen(false);
    firm.waha.lose("default", "STOPPED");
    firm.until(&format!("/channels/{}", firm.channel), "the loss", |c| c["status"] == "BROKEN").await;
    firm.waha.scan("default", "5511900000001", "Reboques");
    let voice = firm.newest("the voice note", |m| m["type"] == "AUDIO" && m["media"]["state"] == "READY").await;
    assert_eq!(voice["media"]["isVoice"], true);

    // Somebody else's machine in the house stays out of reach, whoever signs for it.
    let inside = json!({"body": "", "hasMedia": true, "media": {"url": "http://10.1.2.3/secret", "mimetype": "image/png"}});
    firm.waha.says("default", CUSTOMER, "Ana", inside);
    let refused = firm.newest("the refusal", |m| m["media"]["state"] == "FAILED").await;
    assert_eq!(refused["media"]["reason"], "bad_address");
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_behind_a_hidden_id_makes_one_contact_or_a_question() {
    let firm = Firm::paired().await;
    firm.waha.knows_lid("900000001", "5511999990077");
    firm.waha.hidden_writes("default", "900000001", "Duda", "Oi");
    let list = firm
        .until("/conversations?tab=all", "the number", |l| {
            l["items"][0]["customerPhone"] == "+5511999990077" || l["items"][0]["contact"]["phoneNumber"] == "+5511999990077"
        })
        .await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    // They write with their number: the same contact, the same conversation.
    firm.waha.writes("default", "5511999990077", "Duda", "Sou eu de novo");
    firm.newest("the second word", |m| m["content"] == "Sou eu de novo").await;
    assert_eq!(firm.get("/conversations?tab=all").await["items"].as_array().unwrap().len(), 1);

    // Known by both before anybody knew that they are one: people are asked.
    firm.waha.writes("default", "5511999990088", "Caio", "Bom dia");
    firm.newest("Caio", |m| m["content"] == "Bom dia").await;
    firm.waha.knows_lid("900000002", "5511999990088");
    firm.waha.hidden_writes("default", "900000002", "Caio", "Olá");
    let suggested = |list: &Value| {
        let all = list["items"].as_array().cloned().unwrap_or_default();
        all.iter().any(|c| c["perhapsSame"].as_array().is_some_and(|same| !same.is_empty()))
    };
    firm.until("/contacts", "the question", suggested).await;
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_the_host_is_named_only_by_the_firm_whose_box_it_is() {
    let firm = Firm::start().await;
    let path = format!("/channels/{}", firm.channel);
    let folders = || farol::channels::session_folders(firm.app.kit.store(), None).unwrap().len();
    let backed_up = async || firm.get(&path).await["config"]["isBackedUp"].clone();
    assert_eq!(backed_up().await, false);
    for odd in ["/", "//", "sessions", "/srv/../etc", "/srv/waha/.."] {
        assert_eq!(firm.patch(&path, json!({"config": {"sessionFolder": odd}})).await.0, 422, "{odd}");
    }
    assert_eq!(firm.patch(&path, json!({"config": {"sessionFolder": "/srv/waha"}})).await.0, 200);
    assert_eq!((folders(), backed_up().await), (1, json!(true)));
    let other = json!({"name": "Outra", "language": "fr", "timezone": "Europe/Paris", "country": "FR", "queue": "Accueil"});
    firm.post("/tenants", other, 201).await;
    let (status, problem) = firm.patch(&path, json!({"config": {"sessionFolder": "/srv/sessions"}})).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("config.sessionFolder")));
    assert_eq!((folders(), backed_up().await), (0, json!(false)), "beside others its folder stays out, and its card says so");
    // Whoever runs the box may name the server's folder for all of them.
    let named = farol::channels::session_folders(firm.app.kit.store(), Some("/srv/waha".as_ref())).unwrap();
    assert_eq!(named, [("waha/server".to_owned(), "/srv/waha".into())]);
    assert_eq!(firm.patch(&path, json!({"config": {"sessionFolder": null}})).await.0, 200);
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_poll_finds_and_no_webhook_told_is_an_alarm() {
    let firm = Firm::paired().await;
    let path = format!("/channels/{}", firm.channel);
    assert_eq!(firm.patch(&path, json!({"config": {"pollSeconds": 4}})).await.0, 422);
    assert_eq!(firm.patch(&path, json!({"config": {"silentAfterMinutes": 1}})).await.0, 422);
    let (status, channel) = firm.patch(&path, json!({"config": {"pollSeconds": 5, "silentAfterMinutes": 60}})).await;
    assert_eq!((status, &channel["config"]["pollSeconds"], &channel["status"]), (200, &json!(5), &json!("CONNECTED")));
    firm.waha.deafen(true);
    firm.waha.writes("default", CUSTOMER, "Ana", "Alguém aí?");
    // A chat that the server itself can't read hides no other.
    firm.waha.writes("default", "5511999990009", "Bia", "Perdida");
    firm.waha.garble("5511999990009@c.us");
    // Some seconds of silence, and the chats are looked through.
    let silent = firm.until(&path, "silence", |channel| channel["statusReason"] == "session_silent").await;
    assert_eq!(silent["status"], "CONNECTED");
    assert!(silent["config"]["silentSince"].is_string());
    assert_eq!(firm.newest("the message", |m| m["content"] == "Alguém aí?").await["direction"], "INBOUND");
    let notices = firm.get(&format!("{path}/notices")).await;
    assert_eq!(notices["items"][0]["topic"], "session.silent", "{notices}");
    let checks = firm.post(&format!("{path}/check"), json!({}), 200).await;
    let silent = checks["checks"].as_array().unwrap().iter().find(|c| c["code"] == "silent").unwrap();
    assert_eq!((&silent["ok"], &silent["repair"]), (&json!(false), &json!("session")));
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_gave_up_is_started_anew_and_one_that_was_stopped_is_not() {
    let firm = Firm::paired().await;
    let path = format!("/channels/{}", firm.channel);
    assert_eq!(firm.patch(&path, json!({"config": {"pollSeconds": 5}})).await.0, 200);
    firm.waha.lose("default", "FAILED");
    firm.until(&path, "the loss", |c| c["status"] == "BROKEN").await;
    firm.until(&path, "its return", |c| c["status"] == "CONNECTED").await;
    let is_told = |n: &Value| n["items"].as_array().is_some_and(|all| all.iter().any(|n| n["topic"] == "session.restart"));
    firm.until(&format!("{path}/notices"), "the notice", is_told).await;
    // Somebody stops it, and it stays so.
    firm.post(&format!("{path}/actions/stop"), json!({}), 200).await;
    tokio::time::sleep(std::time::Duration::from_secs(12)).await;
    assert_eq!(firm.get(&path).await["config"]["sessionState"], "STOPPED");
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_names_a_channel_the_default_is_taken_or_the_next_that_works() {
    let firm = Firm::paired().await;
    let meta = firm.get("/channels/1").await["id"].as_str().unwrap().to_owned();
    let path = format!("/channels/{}", firm.channel);
    assert_eq!(firm.patch(&path, json!({"isDefault": true})).await.0, 200);
    let to = |number: &str| json!({"phoneNumber": number});
    let first = firm.post("/conversations", to("+5511999990003"), 201).await;
    assert_eq!(first["channelId"], firm.channel.as_str());
    assert_eq!(firm.post("/conversations", to("+5511999990003"), 201).await["id"], first["id"], "the open one");
    assert_eq!(firm.get("/channels/default").await, json!({"channelId": firm.channel}));

    firm.waha.lose("default", "FAILED");
    firm.until(&path, "the loss", |c| c["status"] == "BROKEN").await;
    // Nothing else is known to work: the default stays, and what is sent waits for it.
    assert_eq!(firm.get("/channels/default").await["channelId"], firm.channel.as_str());
    let _graph = firm.app.graph(&firm.token, "1", 100.0).await;
    assert_eq!(firm.post("/channels/1/check", json!({}), 200).await["channel"]["status"], "CONNECTED");
    for number in ["+5511999990004", "+5511999990006"] {
        assert_eq!(firm.post("/conversations", to(number), 201).await["channelId"], meta.as_str());
    }
    assert_eq!(firm.get("/channels/default").await, json!({"channelId": meta, "insteadOf": firm.channel}));
    let notices = firm.get(&format!("{path}/notices")).await;
    let told = notices["items"].as_array().unwrap().iter().filter(|n| n["topic"] == "channel.default").count();
    assert_eq!(told, 1, "{notices}");
    // Named, it is taken whatever its state.
    let named = json!({"phoneNumber": "+5511999990005", "channelId": firm.channel});
    assert_eq!(firm.post("/conversations", named, 201).await["channelId"], firm.channel.as_str());
    for (body, field) in [(json!({}), "phoneNumber"), (json!({"phoneNumber": "12"}), "phoneNumber")] {
        let (status, answer) = firm.app.call(&firm.token, "POST", "/api/v1/conversations", Some(body)).await;
        assert_eq!((status, &answer["errors"][0]["field"]), (422, &json!(field)), "{answer}");
    }
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_session_and_one_too_many_are_told() {
    let firm = Firm::paired().await;
    let path = format!("/channels/{}", firm.channel);
    // The same server has a second session that nobody connected here, with the same key.
    let body = json!({"event": "message", "session": "forgotten", "payload": {"id": "false_5511999990001@c.us_AA", "timestamp": 1_700_000_000,
        "from": "5511999990001@c.us", "fromMe": false, "body": "Olá"}});
    let text = body.to_string();
    let signature = farol::channels::waha::signature::HmacKey::new(KEY).sign(text.as_bytes());
    let door = format!("{}/webhooks/waha", firm.app.url());
    let call = reqwest::Client::new().post(door).header("x-webhook-hmac", signature).body(text);
    assert_eq!(call.send().await.unwrap().status().as_u16(), 200);
    let has_notice = |n: &Value| n["items"].as_array().is_some_and(|all| all.iter().any(|n| n["topic"] == "session.unknown"));
    firm.until(&format!("{path}/notices"), "the notice", has_notice).await;
    let letters = firm.get("/deadletters?kind=inbound").await;
    assert_eq!(letters["items"][0]["code"], "unknown_session");

    // The limit that is set is told as such.
    let (status, _) = firm.app.call(&firm.token, "PUT", "/api/v1/settings/channel.sessionsMax", Some(json!({"value": 1}))).await;
    assert!(status < 300);
    let config = json!({"baseUrl": firm.waha.base_url(), "apiKey": "waha-key", "session": "third"});
    let body = json!({"kind": "waha", "name": "Third", "config": config});
    let (status, refused) = firm.app.call(&firm.token, "POST", "/api/v1/channels", Some(body)).await;
    assert_eq!((status, &refused["code"]), (429, &json!("quota")), "{refused}");
    assert!(refused["detail"].as_str().is_some_and(|words| words.contains("sessionsMax")), "{refused}");
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_finds_a_session_that_tells_us_nothing_and_mends_it() {
    let firm = Firm::paired().await;
    let path = format!("/channels/{}", firm.channel);
    let item = |answer: &Value, code: &str| {
        answer["checks"].as_array().unwrap().iter().find(|c| c["code"] == code).cloned().unwrap_or_default()
    };
    let well = firm.post(&format!("{path}/check"), json!({}), 200).await;
    for code in ["reachable", "token", "session", "webhook", "path_style", "silent", "hmac_key", "signature", "inbound"] {
        assert_eq!(item(&well, code)["ok"], true, "{code}: {well}");
    }
    assert!(item(&well, "signature")["params"]["goodAt"].is_string());
    // Somebody took our webhook away, and signs with another key.
    firm.waha.unhook("default");
    let wrong = reqwest::Client::new().post(format!("{}/webhooks/waha/{}", firm.app.url(), firm.channel));
    let wrong =
        wrong.header("x-webhook-hmac", "00".repeat(64)).body(json!({"event": "message", "session": "default"}).to_string());
    assert_eq!(wrong.send().await.unwrap().status().as_u16(), 401);
    let ill = firm.post(&format!("{path}/check"), json!({}), 200).await;
    assert_eq!(
        (&item(&ill, "webhook")["reason"], &item(&ill, "webhook")["repair"]),
        (&json!("not_subscribed"), &json!("webhook"))
    );
    assert_eq!(item(&ill, "signature")["reason"], "bad_signature");
    let mended = firm.post(&format!("{path}/repair/webhook"), json!({}), 200).await;
    assert_eq!(item(&mended, "webhook")["ok"], true, "{mended}");
    firm.waha.writes("default", CUSTOMER, "Ana", "Chegou?");
    firm.newest("the first word after it", |m| m["content"] == "Chegou?").await;

    // A session that gave up is started anew.
    firm.waha.lose("default", "FAILED");
    firm.until(&path, "the loss", |c| c["status"] == "BROKEN").await;
    let ill = firm.post(&format!("{path}/check"), json!({}), 200).await;
    assert_eq!((&item(&ill, "session")["ok"], &item(&ill, "session")["repair"]), (&json!(false), &json!("session")));
    let mended = firm.post(&format!("{path}/repair/session"), json!({}), 200).await;
    assert_eq!(item(&mended, "session")["ok"], true, "{mended}");
    assert_eq!(mended["channel"]["status"], "CONNECTED");
    let (status, refused) = firm.app.call(&firm.token, "POST", &format!("/api/v1{path}/repair/token"), Some(json!({}))).await;
    assert_eq!((status, &refused["code"]), (409, &json!("nothing_to_repair")));
    firm.app.stop().await;
}
