//! What waits, what failed and what a person decides about it, over HTTP (MSG-53, 55; JOB-01, 06, 13; API-08).

use super::app::Running;
use crate::harness::until;
use farol::{
    base::{DeadLetterId, Origin, TenantId},
    platform::{deadletters::NewDeadLetter, store::Lane, timers::TimerKey},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// What the provider does with whatever it is sent.
#[derive(Clone)]
enum Does {
    /// Takes it under this id.
    Take(&'static str),
    /// Refuses it with this HTTP status and error code.
    Refuse(u16, i64),
    /// Reads it and hangs up.
    HangUp,
}

/// A made-up provider that does as it is told.
#[derive(Clone)]
struct Provider {
    does: Arc<parking_lot::Mutex<Does>>,
    asked: Arc<std::sync::atomic::AtomicUsize>,
    url: String,
}

impl Provider {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self { does: Arc::new(parking_lot::Mutex::new(Does::HangUp)), asked: Arc::default(), url };
        let own = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().answer(stream));
            }
        });
        provider
    }
    async fn answer(self, mut stream: tokio::net::TcpStream) {
        let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let Ok(n @ 1..) = stream.read(&mut buffer).await else { return };
            read.extend_from_slice(&buffer[..n]);
            let text = String::from_utf8_lossy(&read).to_lowercase();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or(0) {
                break;
            }
        }
        // That a customer's words were read is told beside the messages, and is none.
        let is_receipt = String::from_utf8_lossy(&read).contains(r#""status":"read""#);
        self.asked.fetch_add(usize::from(!is_receipt), std::sync::atomic::Ordering::SeqCst);
        let does = self.does.lock().clone();
        let (status, body) = match does {
            _ if is_receipt => (200, json!({"success": true})),
            Does::HangUp => return,
            Does::Take(id) => (200, json!({"messaging_product": "whatsapp", "messages": [{"id": id}]})),
            Does::Refuse(status, code) => (status, json!({"error": {"code": code, "message": "no", "type": "OAuthException"}})),
        };
        let body = body.to_string();
        let head = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        let _ = stream.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).await;
    }
    fn does(&self, does: Does) {
        *self.does.lock() = does;
    }
    fn asked(&self) -> usize {
        self.asked.load(std::sync::atomic::Ordering::SeqCst)
    }
}

/// A firm whose number is connected to a provider of ours, with one customer's conversation.
struct Firm {
    app: Running,
    owner: String,
    tenant: TenantId,
    channel: String,
    conversation: String,
    provider: Provider,
}

impl Firm {
    async fn new() -> Self {
        let (app, owner) = Running::founded().await;
        let provider = Provider::start().await;
        let channel = app.get(&owner, "/api/v1/channels").await["items"][0]["id"].as_str().unwrap().to_owned();
        let config = json!({"config": {"baseUrl": provider.url, "accessToken": "EAAG-test-token"}});
        let (status, told) = app.call(&owner, "PATCH", &format!("/api/v1/channels/{channel}"), Some(config)).await;
        assert_eq!(status, 200, "{told}");
        app.hears("351912345678", "Rita", "wamid.1", "Bom dia").await;
        let tenant = app.get(&owner, "/api/v1/auth/me").await["companyId"].as_str().unwrap().parse().unwrap();
        let mut firm = Self { app, owner, tenant, channel, conversation: String::new(), provider };
        let list = firm.until("/api/v1/conversations", "the arrival", |list| list["items"][0]["id"].is_string()).await;
        firm.conversation = list["items"][0]["id"].as_str().unwrap().to_owned();
        firm
    }
    async fn get(&self, path: &str) -> Value {
        self.app.get(&self.owner, path).await
    }
    async fn post(&self, path: &str) -> (u16, Value) {
        self.app.call(&self.owner, "POST", path, Some(json!({}))).await
    }
    async fn until(&self, path: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        until(|| self.get(path), what, fits).await
    }
    /// Sends a text and waits until it stands so; its id.
    async fn sends(&self, text: &str, stands: &str) -> String {
        let body = json!({"conversationId": self.conversation, "content": text});
        let (status, sent) = self.app.call(&self.owner, "POST", "/api/v1/messages/send", Some(body)).await;
        assert_eq!(status, 201, "{sent}");
        let id = sent["id"].as_str().unwrap().to_owned();
        self.stands(&id, stands).await;
        id
    }
    async fn stands(&self, message: &str, status: &str) -> Value {
        self.until(&format!("/api/v1/messages/{message}"), status, |m| m["status"] == status).await
    }
    /// The provider reports how a message of ours got on, by its own id and by what we sent along.
    async fn reports(&self, message: &str, external: &str, status: &str) {
        let mut news = json!({"id": external, "status": status, "timestamp": "1763800000", "recipient_id": "351912345678",
            "biz_opaque_callback_data": message});
        if status == "failed" {
            news["errors"] = json!([{"code": 131_026, "title": "undeliverable"}]);
        }
        self.app.webhook(json!({"statuses": [news]})).await;
    }
    async fn letters(&self) -> Vec<Value> {
        self.get("/api/v1/deadletters").await["items"].as_array().unwrap().clone()
    }
    async fn letter_about(&self, message: &str) -> Value {
        // A message's first delivery bears its id.
        let about = |letter: &Value| letter["subject"] == *message;
        let list =
            self.until("/api/v1/deadletters?kind=delivery", "the letter", |l| l["items"].as_array().unwrap().iter().any(about));
        list.await["items"].as_array().unwrap().iter().find(|letter| about(letter)).unwrap().clone()
    }
    async fn nothing_waits(&self) {
        self.until("/api/v1/deliveries", "an empty outbox", |list| list["items"] == json!([])).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_listed_shown_and_decided_on_once() {
    let firm = Firm::new().await;
    firm.provider.does(Does::Refuse(400, 131_026));
    let message = firm.sends("Já vamos", "FAILED").await;
    let letter = firm.letter_about(&message).await;
    assert_eq!(
        (&letter["kind"], &letter["code"], &letter["state"], &letter["attempts"]),
        (&json!("delivery"), &json!("131026"), &json!("OPEN"), &json!(1))
    );
    assert!(letter.get("raw").is_none(), "the list carries no bodies");
    let path = format!("/api/v1/deadletters/{}", letter["id"].as_str().unwrap());
    let shown = firm.get(&path).await;
    assert!(shown["raw"]["content"].as_str().unwrap().contains(&message), "{shown}");

    // Retried, it goes out; a second decision comes too late, whatever it is.
    firm.provider.does(Does::Take("wamid.taken"));
    let (status, retried) = firm.post(&format!("{path}/retry")).await;
    assert_eq!((status, &retried["state"]), (200, &json!("RETRIED")), "{retried}");
    firm.stands(&message, "SENT").await;
    for verb in ["retry", "discard"] {
        let (status, refused) = firm.post(&format!("{path}/{verb}")).await;
        assert_eq!((status, &refused["code"]), (409, &json!("already_decided")));
    }

    firm.provider.does(Does::Refuse(400, 131_026));
    let message = firm.sends("Outra vez", "FAILED").await;
    let path = format!("/api/v1/deadletters/{}", firm.letter_about(&message).await["id"].as_str().unwrap());
    let (status, discarded) = firm.post(&format!("{path}/discard")).await;
    assert_eq!((status, &discarded["state"]), (200, &json!("DISCARDED")));
    let me = firm.get("/api/v1/auth/me").await;
    assert_eq!(firm.get(&path).await["decidedBy"], me["id"]);
    assert_eq!(firm.post(&format!("{path}/retry")).await.0, 409);
    assert!(firm.letters().await.is_empty());
    // A page of one, and the rest behind it; no cursor where there is no more.
    let first = firm.get("/api/v1/deadletters?kind=delivery&limit=1").await;
    let next = first["nextCursor"].as_str().unwrap();
    let rest = firm.get(&format!("/api/v1/deadletters?kind=delivery&limit=1&cursor={next}")).await;
    assert_eq!((rest["items"].as_array().unwrap().len(), rest.get("nextCursor")), (1, None));
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sending_again_from_the_thread_decides_the_letter() {
    let firm = Firm::new().await;
    firm.provider.does(Does::Refuse(400, 131_026));
    let message = firm.sends("Já vamos", "FAILED").await;
    let letter = firm.letter_about(&message).await["id"].as_str().unwrap().to_owned();
    firm.provider.does(Does::Take("wamid.taken"));
    let asked = firm.provider.asked();
    let (status, again) = firm.post(&format!("/api/v1/messages/{message}/retry")).await;
    assert_eq!(status, 200, "{again}");
    assert_eq!(firm.get(&format!("/api/v1/deadletters/{letter}")).await["state"], "RETRIED", "in the same command");
    firm.stands(&message, "SENT").await;
    let (status, refused) = firm.post(&format!("/api/v1/deadletters/{letter}/retry")).await;
    assert_eq!((status, &refused["code"]), (409, &json!("already_decided")), "nobody sends it a second time");
    firm.nothing_waits().await;
    assert_eq!(firm.provider.asked(), asked + 1);
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_that_proves_an_unanswered_attempt_leaves_message_and_outbox_of_one_mind() {
    let firm = Firm::new().await;
    // Nobody knows whether it went out …
    let message = firm.sends("Foi?", "UNKNOWN").await;
    let unknown = firm.get("/api/v1/deliveries").await["items"][0].clone();
    assert_eq!(
        (&unknown["id"], &unknown["state"], &unknown["attempts"], &unknown["lastCode"]),
        (&json!(message), &json!("UNKNOWN"), &json!(1), &json!("outcome_unknown"))
    );
    assert!(unknown["nextRun"].is_string(), "its lane goes on then");
    // … until a receipt says that it did.
    firm.reports(&message, "wamid.proved", "delivered").await;
    let proved = firm.stands(&message, "DELIVERED").await;
    assert_eq!((&proved["externalId"], &proved["error"]), (&json!("wamid.proved"), &Value::Null));
    firm.nothing_waits().await;
    assert!(firm.letters().await.is_empty());
    let channel = firm.get(&format!("/api/v1/channels/{}", firm.channel)).await;
    assert_eq!(channel["status"], "CONNECTED", "what was delivered went over a channel that works");

    // Or that it did not: a letter asks a person. Should it arrive all the same, nobody is asked any more.
    let message = firm.sends("E agora?", "UNKNOWN").await;
    firm.reports(&message, "wamid.lost", "failed").await;
    firm.stands(&message, "FAILED").await;
    firm.nothing_waits().await;
    assert_eq!(firm.letter_about(&message).await["state"], "OPEN");
    firm.reports(&message, "wamid.lost", "delivered").await;
    firm.stands(&message, "DELIVERED").await;
    assert_eq!(firm.letter_about(&message).await["state"], "RETRIED");
    assert!(firm.letters().await.is_empty());
    assert_eq!(firm.provider.asked(), 2, "nothing was sent twice");
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_shown_with_its_state_its_tries_and_its_next_run() {
    let firm = Firm::new().await;
    // Held: the account is refused, so nothing of it goes on until somebody mends it.
    firm.provider.does(Does::Refuse(401, 190));
    let message = firm.sends("Em espera", "PENDING").await;
    let held = firm.until("/api/v1/deliveries", "the hold", |list| list["items"][0]["state"] == "HELD").await["items"][0].clone();
    assert_eq!((&held["kind"], &held["lane"], &held["attempts"]), (&json!("channel.send"), &json!(firm.conversation), &json!(0)));
    assert!(held["nextRun"].is_string() && held["lastError"].is_string(), "{held}");
    assert_eq!(firm.get("/api/v1/channels").await["items"][0]["status"], "BROKEN");
    // Another token: let go at once.
    firm.provider.does(Does::Take("wamid.held"));
    let mended = json!({"config": {"accessToken": "EAAG-another-token"}});
    let path = format!("/api/v1/channels/{}", firm.channel);
    assert_eq!(firm.app.call(&firm.owner, "PATCH", &path, Some(mended)).await.0, 200);
    firm.stands(&message, "SENT").await;
    firm.nothing_waits().await;

    // A passing failure: tried again by itself, a little later.
    firm.provider.does(Does::Refuse(503, 2));
    let message = firm.sends("De novo", "PENDING").await;
    let later =
        firm.until("/api/v1/deliveries", "a retry", |list| list["items"][0]["lastCode"].is_string()).await["items"][0].clone();
    assert!(later["attempts"].as_u64().unwrap() >= 1 && later["nextRun"].as_str() > later["startedAt"].as_str(), "{later}");
    firm.provider.does(Does::Take("wamid.again"));
    firm.stands(&message, "SENT").await;

    // Timers and bulk work.
    let subject = uuid::Uuid::from_u128(42);
    let due = firm.app.kit.env().now().plus(Duration::from_secs(3600));
    let order = move |tx: &mut farol::platform::store::Tx<'_, '_>| {
        tx.at(TimerKey::new("a reminder", subject), due, json!({}))?;
        tx.start_job("work nobody does", json!({}))
    };
    let job = firm.app.kit.store().write(firm.tenant, Lane::Jobs, Origin::system(), order).await.unwrap();
    let timer = firm.get("/api/v1/timers").await["items"][0].clone();
    assert_eq!((&timer["purpose"], &timer["subject"], &timer["attempts"]), (&json!("a reminder"), &json!(subject), &json!(0)));
    assert_eq!((&timer["due"], &timer["nextRun"]), (&json!(due), &json!(due)));
    let jobs = firm.get("/api/v1/jobs").await;
    let shown = &jobs["items"][0];
    assert_eq!(
        (&shown["id"], &shown["number"], &shown["kind"]),
        (&json!(job.id), &json!(job.number), &json!("work nobody does"))
    );
    assert!(shown["state"].is_string() && shown["attempts"].is_number() && shown.get("nextRun").is_some(), "{shown}");
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inbound_letter_is_read_again() {
    let firm = Firm::new().await;
    // What an earlier version could not read and this one can, and what nobody ever will.
    let good = json!({"from": "351912345678", "id": "wamid.again", "timestamp": "1763800000", "type": "text",
        "text": {"body": "Lido à segunda"}});
    let mut ids: Vec<DeadLetterId> = Vec::new();
    for raw in [good.to_string(), json!({"id": "wamid.never", "type": "text", "text": {"body": "?"}}).to_string()] {
        let retry = json!({"channel": firm.channel, "part": "message", "beside": null});
        let letter = NewDeadLetter {
            kind: "inbound",
            code: "malformed".into(),
            reason: "?".into(),
            subject: None,
            raw: raw.into(),
            retry,
        };
        let bury = move |tx: &mut farol::platform::store::Tx<'_, '_>| tx.bury(letter);
        ids.push(firm.app.kit.store().write(firm.tenant, Lane::People, Origin::system(), bury).await.unwrap());
    }
    let (status, retried) = firm.post(&format!("/api/v1/deadletters/{}/retry", ids[0])).await;
    assert_eq!((status, &retried["state"]), (200, &json!("RETRIED")), "{retried}");
    let thread = firm.get(&format!("/api/v1/conversations/{}", firm.conversation)).await;
    assert!(thread["messages"].as_array().unwrap().iter().any(|m| m["content"] == "Lido à segunda"), "{thread}");
    let (status, refused) = firm.post(&format!("/api/v1/deadletters/{}/retry", ids[1])).await;
    assert_eq!((status, &refused["code"]), (409, &json!("still_unreadable")));
    assert_eq!(firm.get(&format!("/api/v1/deadletters/{}", ids[1])).await["state"], "OPEN");
    // The webhook's own: it names neither itself nor its sender.
    firm.app.webhook(json!({"messages": [{"type": "text", "text": {"body": "de ninguém"}}]})).await;
    firm.until("/api/v1/deadletters?kind=inbound", "the letter", |list| list["items"][0]["code"] == "no_id").await;
    // A customer's own access sees none of it.
    let client = firm.app.colleague(&firm.owner, "Cliente", "CLIENT", &[]).await;
    for path in ["deadletters", "deliveries", "timers", "jobs"] {
        assert_eq!(firm.app.call(&client, "GET", &format!("/api/v1/{path}"), None).await.0, 403, "{path}");
    }
    assert_eq!(firm.app.get(&client, "/api/v1/system").await["warnings"], json!([]));
    firm.app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn send_me_a_test_goes_the_way_of_all_messages() {
    let firm = Firm::new().await;
    firm.provider.does(Does::Take("wamid.test"));
    let path = format!("/api/v1/channels/{}/test-message", firm.channel);
    let send = async |who: &str, body: Value| firm.app.call(who, "POST", &path, Some(body)).await;
    let (status, sent) = send(&firm.owner, json!({"to": "+33 6 39 98 00 09"})).await;
    assert_eq!((status, &sent["direction"], &sent["type"]), (201, &json!("OUTBOUND"), &json!("TEXT")), "{sent}");
    let sent = firm.stands(sent["id"].as_str().unwrap(), "SENT").await;
    assert_eq!(sent["externalId"], "wamid.test");
    let conversation = firm.get(&format!("/api/v1/conversations/{}", sent["conversationId"].as_str().unwrap())).await;
    assert_eq!(conversation["customerPhone"], "+33639980009");
    assert_eq!(firm.get(&format!("/api/v1/channels/{}", firm.channel)).await["status"], "CONNECTED");
    let (status, refused) = send(&firm.owner, json!({"to": "tomorrow"})).await;
    assert_eq!((status, &refused["errors"][0]["field"]), (422, &json!("to")));
    // What the provider refuses is shown with its words and what to do.
    firm.provider.does(Does::Refuse(400, 131_030));
    let (_, sent) = send(&firm.owner, json!({"to": "+33639980010", "text": "Ouves-me?"})).await;
    let failed = firm.stands(sent["id"].as_str().unwrap(), "FAILED").await;
    assert!(failed["error"]["code"] == "131030" && failed["error"]["nextStep"].is_string(), "{failed}");
    let agent = firm.app.colleague(&firm.owner, "Rui", "AGENT", &[]).await;
    assert_eq!(send(&agent, json!({"to": "+33639980009"})).await.0, 403);
    firm.app.stop().await;
}
