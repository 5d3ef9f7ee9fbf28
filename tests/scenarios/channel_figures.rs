//! What a channel carried, its own limits, and the alarm for many failures (CHN-09, CHN-10, MSG-56).

use super::app::{NUMBER, Running};
use crate::harness::until;
use farol::simulator::graph::{Graph, Trouble};
use serde_json::{Value, json};

struct Firm {
    app: Running,
    owner: String,
    graph: Graph,
    conversation: String,
}

impl Firm {
    async fn new() -> Self {
        let (app, owner) = Running::founded().await;
        let graph = app.graph(&owner, "1", 50.0).await;
        graph.heard(NUMBER, [("351912345678".to_owned(), app.kit.env().now())]);
        app.hears("351912345678", "Rita", "wamid.1", "Bom dia").await;
        let list = until(|| app.get(&owner, "/api/v1/conversations"), "the arrival", |l| l["items"][0]["id"].is_string()).await;
        let conversation = list["items"][0]["id"].as_str().unwrap().to_owned();
        Self { app, owner, graph, conversation }
    }
    async fn get(&self, path: &str) -> Value {
        self.app.get(&self.owner, &format!("/api/v1{path}")).await
    }
    async fn patch(&self, body: Value) -> (u16, Value) {
        self.app.call(&self.owner, "PATCH", "/api/v1/channels/1", Some(body)).await
    }
    async fn send(&self, text: &str) -> (u16, Value) {
        let body = json!({"conversationId": self.conversation, "content": text});
        self.app.call(&self.owner, "POST", "/api/v1/messages/send", Some(body)).await
    }
    async fn sends(&self, text: &str, status: &str) -> Value {
        let (answered, sent) = self.send(text).await;
        assert_eq!(answered, 201, "{sent}");
        let path = format!("/messages/{}", sent["id"].as_str().unwrap());
        until(|| self.get(&path), status, |message| message["status"] == status).await
    }
    async fn until(&self, path: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        until(|| self.get(path), what, fits).await
    }
    async fn steps(&self, message: &str) -> Vec<String> {
        let steps = self.get(&format!("{message}/timeline")).await;
        steps["items"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap().to_owned()).collect()
    }
    async fn stop(self) {
        self.graph.stop();
        self.app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_shows_what_it_carried() {
    let firm = Firm::new().await;
    for n in 0..3 {
        firm.sends(&format!("Já vamos {n}"), "DELIVERED").await;
    }
    firm.graph.trouble(Trouble::Refuse(400, 131_026));
    firm.sends("Nunca", "FAILED").await;
    // Taken first and failed later: it counts in both.
    firm.graph.trouble(Trouble::FailLater(131_026));
    firm.sends("Depois não", "FAILED").await;
    let channel = firm.get("/channels/1").await;
    let figures = &channel["figures"];
    assert_eq!(
        (&figures["inToday"], &figures["outToday"], &figures["failedToday"]),
        (&json!(1), &json!(4), &json!(2)),
        "{figures}"
    );
    assert!(figures["medianDeliveryMs"].as_i64().is_some_and(|ms| ms < 60_000), "{figures}");
    assert_eq!(figures["uptimePercent"], 100.0, "it has worked since the provider took something: {figures}");
    let listed = firm.get("/channels").await["items"][0]["figures"].clone();
    assert_eq!(listed["outToday"], 4);
    // The same webhook again counts nothing.
    firm.app.hears("351912345678", "Rita", "wamid.1", "Bom dia").await;
    firm.app.hears("351912345678", "Rita", "wamid.2", "Então?").await;
    firm.until("/channels/1", "the second", |channel| channel["figures"]["inToday"] == 2).await;
    let days = firm.get("/channels/1/metrics?days=7").await["days"].clone();
    let all = days.as_array().unwrap();
    assert_eq!((all.len(), &all[6]["in"], &all[6]["out"], &all[6]["failed"]), (7, &json!(2), &json!(4), &json!(2)));
    assert_eq!((&all[0]["in"], all[0].get("uptimePercent"), all[0].get("medianDeliveryMs")), (&json!(0), None, None));
    let path = "/api/v1/channels/1/metrics?days=0";
    assert_eq!(firm.app.call(&firm.owner, "GET", path, None).await.0, 400);
    firm.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channels_own_limits_hold_and_refuse() {
    let firm = Firm::new().await;
    let (status, told) = firm.patch(json!({"limitsOwn": {"perMinute": 0, "perDay": 3}})).await;
    assert_eq!((status, &told["errors"][0]["field"]), (422, &json!("limitsOwn.perMinute")));
    let (status, channel) = firm.patch(json!({"limitsOwn": {"perMinute": 1}})).await;
    assert_eq!((status, &channel["limitsOwn"]), (200, &json!({"perMinute": 1})));
    firm.sends("Primeira", "DELIVERED").await;
    let (_, second) = firm.send("Segunda").await;
    let path = format!("/messages/{}", second["id"].as_str().unwrap());
    let waits = firm.until(&path, "the wait", |message| message["error"]["code"] == "channel_minute_limit").await;
    assert_eq!((&waits["status"], &waits["error"]["nextStep"]), (&json!("PENDING"), &json!("wait")));
    assert_eq!(firm.steps(&path).await, ["STORED", "DELAYED"], "nothing was attempted while it waits for its turn");
    let channel = firm.get("/channels/1").await;
    assert_eq!(channel["status"], "CONNECTED", "a limit of our own breaks nothing");

    let (status, channel) = firm.patch(json!({"limitsOwn": {"perDay": 3}})).await;
    assert_eq!((status, &channel["limitsOwn"]), (200, &json!({"perDay": 3})));
    // One went out before the limit was set.
    for text in ["Terceira", "Quarta"] {
        assert_eq!(firm.send(text).await.0, 201);
    }
    let (status, refused) = firm.send("Quinta").await;
    assert_eq!((status, &refused["code"]), (409, &json!("channel_day_limit")));
    assert!(refused["detail"].as_str().unwrap().contains("at most 3 messages a day"), "{refused}");
    // What is sent on is sent too.
    let thread = firm.get(&format!("/conversations/{}/messages", firm.conversation)).await;
    let source = thread["messages"][0]["id"].as_str().unwrap().to_owned();
    let on = Some(json!({"conversationIds": [firm.conversation]}));
    let (status, refused) = firm.app.call(&firm.owner, "POST", &format!("/api/v1/messages/{source}/forward"), on).await;
    assert_eq!((status, &refused["code"]), (409, &json!("channel_day_limit")));
    // A note goes over no channel.
    let note = json!({"content": "Ligar amanhã"});
    let path = format!("/api/v1/conversations/{}/notes", firm.conversation);
    assert_eq!(firm.app.call(&firm.owner, "POST", &path, Some(note)).await.0, 201);
    assert_eq!(firm.patch(json!({"limitsOwn": {}})).await.1["limitsOwn"], json!({}));
    assert_eq!(firm.send("Quinta").await.0, 201);
    firm.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_channel_that_is_switched_off_nothing_is_attempted() {
    let firm = Firm::new().await;
    assert_eq!(firm.patch(json!({"status": "DISABLED"})).await.0, 200);
    let (_, held) = firm.send("Sexta").await;
    let path = format!("/messages/{}", held["id"].as_str().unwrap());
    firm.until(&path, "the hold", |message| message["error"]["code"] == "channel_disabled").await;
    assert_eq!(firm.steps(&path).await, ["STORED", "DELAYED"]);
    assert_eq!(firm.patch(json!({"status": "UNVERIFIED"})).await.0, 200);
    firm.until(&path, "the arrival", |message| message["status"] == "DELIVERED").await;
    assert_eq!(firm.steps(&path).await.iter().filter(|kind| *kind == "ATTEMPT").count(), 1);
    firm.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_failures_are_one_alarm() {
    let firm = Firm::new().await;
    let set = json!({"value": 2});
    let (status, told) = firm.app.call(&firm.owner, "PUT", "/api/v1/settings/messaging.failureAlarm", Some(set)).await;
    assert_eq!(status, 200, "{told}");
    firm.sends("Vai", "DELIVERED").await;
    for (n, code) in [131_026, 100, 131_026].into_iter().enumerate() {
        assert!(firm.get("/channels/1").await["statusReason"].is_null(), "{n} failures are no alarm yet");
        firm.graph.trouble(Trouble::Refuse(400, code));
        firm.sends("Não vai", "FAILED").await;
    }
    let channel = firm.until("/channels/1", "the alarm", |channel| channel["statusReason"].is_string()).await;
    assert_eq!(channel["status"], "CONNECTED");
    assert!(channel["statusReason"].as_str().unwrap().starts_with("many_failures: 131026"), "{channel}");
    for _ in 0..2 {
        firm.graph.trouble(Trouble::Refuse(400, 131_026));
        firm.sends("Não vai", "FAILED").await;
    }
    let notices = firm.get("/channels/1/notices").await;
    let alarms: Vec<&Value> =
        notices["items"].as_array().unwrap().iter().filter(|notice| notice["topic"] == "many_failures").collect();
    assert_eq!(alarms.len(), 1, "one alarm, not one for each: {notices}");
    assert_eq!((&alarms[0]["event"], &alarms[0]["nextStep"]), (&json!("131026"), &json!("check_recipient")));
    assert_eq!((&alarms[0]["raw"]["failures"], &alarms[0]["raw"]["of"]), (&json!(3), &json!(2)));
    firm.stop().await;
}
