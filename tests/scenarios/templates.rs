//! Templates: a copy of what the provider has, handed in, changed and sent (CHN-28, TPL-07, 08, 16, SET-32).

use super::app::{Running, SECRET};
use crate::harness::until;
use farol::simulator::graph::{Graph, Trouble};
use serde_json::{Value, json};

const ACCOUNT: &str = "900";

/// A firm whose number is at the made-up Graph API.
struct Firm {
    app: Running,
    owner: String,
    channel: String,
    graph: Graph,
}

fn template(name: &str, status: &str, components: Value) -> Value {
    json!({"name": name, "language": "pt_BR", "category": "UTILITY", "status": status, "components": components})
}

fn words(text: &str, examples: &[&str]) -> Value {
    match examples {
        [] => json!({"type": "BODY", "text": text}),
        all => json!({"type": "BODY", "text": text, "example": {"body_text": [all]}}),
    }
}

impl Firm {
    async fn new(templates: Vec<Value>) -> Self {
        let (app, owner) = Running::founded().await;
        let graph = app.graph(&owner, ACCOUNT, 20.0).await;
        for one in templates {
            graph.put_template(ACCOUNT, one);
        }
        let channel = app.get(&owner, "/api/v1/channels").await["items"][0]["id"].as_str().unwrap().to_owned();
        Self { app, owner, channel, graph }
    }
    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let body = (!body.is_null()).then_some(body);
        self.app.call(&self.owner, method, &format!("/api/v1{path}"), body).await
    }
    async fn is(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        let (answered, told) = self.call(method, path, body).await;
        assert_eq!(answered, status, "{method} {path}: {told}");
        told
    }
    async fn get(&self, path: &str) -> Value {
        self.is("GET", path, Value::Null, 200).await
    }
    /// The template of this name, once it stands so.
    async fn stands(&self, name: &str, status: &str) -> Value {
        let path = format!("/templates?status={status}&q={name}");
        until(|| self.get(&path), name, |list| list["items"][0]["name"] == name).await["items"][0].clone()
    }
    async fn sync(&self) -> Value {
        self.is("POST", &format!("/channels/{}/templates/sync", self.channel), json!({}), 200).await
    }
    /// A conversation with somebody who wrote so many hours ago.
    async fn conversation(&self, from: &str, hours_ago: i64) -> String {
        let at = self.app.kit.env().now().as_millis() / 1000 - hours_ago * 3600;
        let message = json!({"from": from, "id": format!("wamid.{from}"), "timestamp": at.to_string(), "type": "text",
            "text": {"body": "Bom dia"}});
        self.app.webhook(json!({"contacts": [{"profile": {"name": "Rita"}, "wa_id": from}], "messages": [message]})).await;
        let found = until(
            || self.get("/conversations?status=OPEN"),
            "the arrival",
            |list| list["items"].as_array().unwrap().iter().any(|c| c["customerPhone"] == format!("+{from}")),
        )
        .await;
        let found = found["items"].as_array().unwrap().iter().find(|c| c["customerPhone"] == format!("+{from}")).cloned();
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }
    async fn send(&self, conversation: &str, template: Value) -> (u16, Value) {
        self.call("POST", "/messages/send", json!({"conversationId": conversation, "template": template})).await
    }
    async fn message(&self, id: &Value, status: &str) -> Value {
        let path = format!("/messages/{}", id.as_str().unwrap());
        until(|| self.get(&path), status, |message| message["status"] == status).await
    }
    async fn stop(self) {
        self.graph.stop();
        self.app.stop().await;
    }
}

fn fields(told: &Value) -> Vec<&str> {
    told["errors"].as_array().into_iter().flatten().filter_map(|error| error["field"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_the_providers() {
    // More than one page of the provider's list, and more than one command takes.
    let mut there: Vec<Value> =
        (0..130).map(|n| template(&format!("notice_{n:03}"), "APPROVED", json!([words("Hello there", &[])]))).collect();
    there.push(template("promo", "APPROVED", json!([words("Hi {{1}}, it is {{2}} off today.", &["Rita", "10 %"])])));
    let firm = Firm::new(there).await;
    let mut screen = firm.app.screen(&firm.owner, "").await;
    // At connect, by itself.
    let promo = firm.stands("promo", "APPROVED").await;
    assert_eq!(
        (&promo["channelId"], &promo["language"], &promo["quality"]),
        (&json!(firm.channel), &json!("pt_BR"), &json!("UNKNOWN"))
    );
    let gaps: Vec<(&str, &str)> = promo["variables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| (gap["name"].as_str().unwrap(), gap["example"].as_str().unwrap()))
        .collect();
    assert_eq!(gaps, [("1", "Rita"), ("2", "10 %")]);
    until(
        || firm.get("/templates?limit=200&channelId=1&language=pt"),
        "all",
        |list| list["items"].as_array().unwrap().len() == 131,
    )
    .await;
    assert_eq!(firm.sync().await, json!({"found": 131, "created": 0, "updated": 0, "deleted": 0}));

    // A decision is told by webhook, and everybody sees it at once; how readers take it, too.
    firm.graph.decide(ACCOUNT, "promo", "PAUSED", Some("Readers complained"));
    assert_eq!(firm.stands("promo", "PAUSED").await["reason"], "Readers complained");
    loop {
        let frame = screen.sees("template.updated").await;
        if frame["data"]["name"] == "promo" && frame["data"]["status"] == "PAUSED" {
            break;
        }
    }
    firm.graph.judge(ACCOUNT, "promo", "RED");
    until(|| firm.get("/templates?q=promo"), "the judgement", |list| list["items"][0]["quality"] == "RED").await;
    // One that nobody knew yet is fetched because a notice names it.
    firm.graph.put_template(ACCOUNT, template("late", "PENDING", json!([words("Hello late", &[])])));
    firm.graph.decide(ACCOUNT, "late", "APPROVED", None);
    firm.stands("late", "APPROVED").await;
    // Gone there, it is shown as gone here.
    firm.graph.drop_template(ACCOUNT, "notice_007");
    assert_eq!(firm.sync().await["deleted"], 1);
    firm.stands("notice_007", "DELETED").await;
    let left = firm.get("/templates?limit=200").await;
    assert!(left["items"].as_array().unwrap().iter().all(|one| one["name"] != "notice_007"));
    // Nobody without the right looks or asks.
    let client = firm.app.colleague(&firm.owner, "Cliente", "CLIENT", &[]).await;
    assert_eq!(firm.app.call(&client, "GET", "/api/v1/templates", None).await.0, 403);
    let agent = firm.app.colleague(&firm.owner, "Rui", "AGENT", &[]).await;
    assert_eq!(firm.app.call(&agent, "GET", "/api/v1/templates", None).await.0, 200);
    let path = format!("/api/v1/channels/{}/templates/sync", firm.channel);
    assert_eq!(firm.app.call(&agent, "POST", &path, Some(json!({}))).await.0, 403);
    firm.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_of_forty_numbers_hears_of_its_templates_in_each_of_them() {
    let firm = Firm::new(vec![template("promo", "APPROVED", json!([words("Hello there", &[])]))]).await;
    for n in 0..39 {
        let config = json!({"phoneNumberId": format!("20000{n:02}"), "baseUrl": firm.graph.base_url(), "accessToken": "EAAG-test-token",
            "appSecret": SECRET, "businessAccountId": ACCOUNT});
        firm.is("POST", "/channels", json!({"kind": "whatsapp_cloud", "name": format!("Number {n}"), "config": config}), 201)
            .await;
    }
    let standing = async |status: &str| {
        let path = format!("/templates?limit=200&q=promo&status={status}");
        until(|| firm.get(&path), status, |list| list["items"].as_array().unwrap().len() == 40).await
    };
    standing("APPROVED").await;
    firm.graph.decide(ACCOUNT, "promo", "PAUSED", Some("Readers complained"));
    standing("PAUSED").await;
    assert_eq!(firm.get("/deadletters?kind=inbound").await["items"], json!([]));
    let jobs = firm.get("/jobs").await;
    let told = jobs["items"].as_array().unwrap().iter().find(|job| job["kind"] == "templates.news").cloned().unwrap();
    assert_eq!(told["done"], 34, "the first six in the event's own command: {told}");
    firm.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_is_handed_in_changed_and_deleted() {
    let firm = Firm::new(Vec::new()).await;
    let path = format!("/channels/{}/templates", firm.channel);
    let draft = json!({"name": "order_ready", "language": "pt_BR", "category": "UTILITY",
        "header": {"kind": "TEXT", "text": "Order {{1}}"}, "body": "Hello {{1}}, your order is *ready*.", "footer": "Reboques Exemplo",
        "buttons": [{"kind": "QUICK_REPLY", "text": "Thanks"}, {"kind": "URL", "text": "Track", "url": "https://example.com/t/{{1}}"}],
        "variables": [{"name": "header.1", "where": "header", "example": "4711"}, {"name": "1", "where": "body", "example": "Rita"},
            {"name": "button.1", "where": "button", "button": 1, "example": "4711"}]});
    // Said here, before anybody is asked.
    let mut wrong = draft.clone();
    (wrong["name"], wrong["body"], wrong["variables"]) = (json!("Order ready"), json!("{{1}} is here"), json!([]));
    let told = firm.is("POST", &path, wrong, 422).await;
    assert_eq!(fields(&told), ["name", "body", "variables.header.1", "variables.1", "variables.button.1"]);
    assert!(firm.graph.templates(ACCOUNT).is_empty());

    let made = firm.is("POST", &path, draft.clone(), 201).await;
    assert_eq!((&made["status"], &made["name"]), (&json!("PENDING"), &json!("order_ready")));
    let there = firm.graph.templates(ACCOUNT)[0].clone();
    assert_eq!(
        there["components"],
        json!([
            {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["4711"]}},
            {"type": "BODY", "text": "Hello {{1}}, your order is *ready*.", "example": {"body_text": [["Rita"]]}},
            {"type": "FOOTER", "text": "Reboques Exemplo"},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Thanks"},
                {"type": "URL", "text": "Track", "url": "https://example.com/t/{{1}}", "example": ["4711"]}]},
        ])
    );
    assert_eq!(firm.is("POST", &path, draft.clone(), 409).await["code"], "template_exists");
    // What only the provider knows, in the provider's words.
    firm.graph.put_template(ACCOUNT, template("taken", "APPROVED", json!([words("Hi", &[])])));
    let mut other = draft.clone();
    other["name"] = json!("taken");
    let told = firm.is("POST", &path, other, 409).await;
    assert_eq!(told["code"], "provider_refused");
    assert!(told["detail"].as_str().unwrap().contains("already content in this language"), "{told}");

    // Under review it can't be changed; refused, it can, and goes back under review.
    let id = made["id"].as_str().unwrap();
    let change = json!({"body": "Hi {{1}}, your order is ready."});
    assert_eq!(firm.is("PATCH", &format!("/templates/{id}"), change.clone(), 409).await["code"], "template_not_editable");
    firm.graph.decide(ACCOUNT, "order_ready", "REJECTED", Some("INVALID_FORMAT"));
    assert_eq!(firm.stands("order_ready", "REJECTED").await["reason"], "INVALID_FORMAT");
    let changed = firm.is("PATCH", &format!("/templates/{id}"), change, 200).await;
    assert_eq!((&changed["status"], &changed["body"]), (&json!("PENDING"), &json!("Hi {{1}}, your order is ready.")));
    assert_eq!(changed["variables"][1]["example"], "Rita", "examples that still fit stay");
    assert_eq!(firm.graph.templates(ACCOUNT)[0]["components"][1]["text"], "Hi {{1}}, your order is ready.");
    firm.graph.decide(ACCOUNT, "order_ready", "APPROVED", None);
    firm.stands("order_ready", "APPROVED").await;

    let filled = json!({"variables": {"header.1": "12", "1": "Ana"}});
    let shown = firm.is("POST", &format!("/templates/{id}/preview"), filled, 200).await;
    assert_eq!(shown["text"], "Order 12\n\nHi Ana, your order is ready.\n\nReboques Exemplo");
    assert_eq!(shown["buttons"][1]["url"], "https://example.com/t/{{1}}", "what nothing fills stays a gap");

    firm.is("DELETE", &format!("/templates/{id}"), Value::Null, 204).await;
    assert!(firm.graph.templates(ACCOUNT).iter().all(|template| template["name"] != "order_ready"));
    assert_eq!(firm.get(&format!("/templates/{id}")).await["status"], "DELETED");
    // Made anew, it is the same again.
    assert_eq!(firm.is("POST", &path, draft, 201).await["id"], *id);
    firm.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_goes_out_when_nothing_else_may() {
    let buttons = json!({"type": "BUTTONS", "buttons": [
        {"type": "URL", "text": "Track", "url": "https://example.com/t/{{1}}", "example": ["4711"]}]});
    let header = json!({"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["1"]}});
    let mut promo = template("promo", "APPROVED", json!([words("Only today", &[])]));
    promo["category"] = json!("MARKETING");
    let firm = Firm::new(vec![
        template("order", "APPROVED", json!([header, words("Hello {{1}}, see you at {{2}} o'clock.", &["Rita", "9"]), buttons])),
        template("paused", "PAUSED", json!([words("Hello", &[])])),
        template("pending", "PENDING", json!([words("Hello", &[])])),
        template("odd", "APPROVED", json!([words("Hello", &[]), {"type": "CAROUSEL", "cards": []}])),
        promo,
    ])
    .await;
    let order = firm.stands("order", "APPROVED").await["id"].clone();
    let conversation = firm.conversation("351912345678", 30).await;
    let (status, refused) =
        firm.call("POST", "/messages/send", json!({"conversationId": conversation, "content": "Bom dia"})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("window_closed")));

    // Every gap is filled, by its own name, with what the provider takes.
    let (status, told) = firm.send(&conversation, json!({"templateId": order, "variables": {"1": "Ana\nMaria", "3": "x"}})).await;
    assert_eq!(status, 422);
    let gap = |name: &str| format!("template.variables.{name}");
    assert_eq!(fields(&told), [gap("header.1"), gap("1"), gap("2"), gap("button.0"), gap("3")]);
    for (name, code) in [("paused", "template_paused"), ("pending", "template_not_approved"), ("odd", "not_supported")] {
        let status = if name == "odd" { "APPROVED".to_owned() } else { name.to_uppercase() };
        let id = firm.stands(name, &status).await["id"].clone();
        let (status, told) = firm.send(&conversation, json!({"templateId": id})).await;
        assert_eq!((status, &told["code"]), (409, &json!(code)), "{told}");
    }

    let values = json!({"header.1": "12", "1": "Ana", "2": "10", "button.0": "abc"});
    let (status, sent) = firm.send(&conversation, json!({"templateId": order, "variables": values})).await;
    assert_eq!(status, 201, "{sent}");
    assert_eq!((&sent["type"], &sent["content"]), (&json!("TEXT"), &json!("Order 12\n\nHello Ana, see you at 10 o'clock.")));
    assert_eq!((&sent["template"]["name"], &sent["template"]["language"]), (&json!("order"), &json!("pt_BR")));
    assert_eq!(sent["interactive"]["buttons"][0]["url"], "https://example.com/t/abc");
    firm.message(&sent["id"], "DELIVERED").await;
    let (arrived, request) = firm.graph.taken().pop().unwrap();
    assert_eq!(arrived.body, "Order 12\n\nHello Ana, see you at 10 o'clock.");
    let text = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(
        request["template"],
        json!({"name": "order", "language": {"code": "pt_BR"}, "components": [
            {"type": "header", "parameters": [text("12")]},
            {"type": "body", "parameters": [text("Ana"), text("10")]},
            {"type": "button", "sub_type": "url", "index": "0", "parameters": [text("abc")]},
        ]})
    );
    firm.app.searchable().await;
    let found = firm.get("/messages/search?q=clock").await;
    assert_eq!(found["items"][0]["message"]["id"], sent["id"]);

    // Refused by the provider for the template's sake: its words, what to do, and a fresh look at the list.
    firm.graph.trouble(Trouble::Refuse(400, 132_001));
    let (_, sent) = firm.send(&conversation, json!({"templateId": order, "variables": values})).await;
    let failed = firm.message(&sent["id"], "FAILED").await;
    assert_eq!((&failed["error"]["code"], &failed["error"]["nextStep"]), (&json!("132001"), &json!("choose_template")));

    // An advertisement needs their consent; an answer about their order does not.
    let promo = firm.stands("promo", "APPROVED").await["id"].clone();
    let contact = firm.get(&format!("/conversations/{conversation}")).await["contact"]["id"].as_str().unwrap().to_owned();
    let no = json!({"channelId": firm.channel, "purpose": "MARKETING", "granted": false});
    let (status, told) = firm.call("POST", &format!("/contacts/{contact}/consents"), no).await;
    assert!(status < 300, "{told}");
    let (status, told) = firm.send(&conversation, json!({"templateId": promo})).await;
    assert_eq!((status, &told["code"]), (409, &json!("opted_out")), "{told}");
    let (status, told) = firm.send(&conversation, json!({"templateId": order, "variables": values})).await;
    assert_eq!(status, 201, "{told}");
    firm.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_header_shows_a_file_or_a_place() {
    let of = |format: &str| json!({"type": "HEADER", "format": format, "example": {"header_handle": ["4::x"]}});
    let firm = Firm::new(vec![
        template("picture", "APPROVED", json!([of("IMAGE"), words("Look at this", &[])])),
        template("place", "APPROVED", json!([{"type": "HEADER", "format": "LOCATION"}, words("We are here", &[])])),
    ])
    .await;
    let picture = firm.stands("picture", "APPROVED").await["id"].clone();
    let place = firm.stands("place", "APPROVED").await["id"].clone();
    let conversation = firm.conversation("351912345679", 30).await;
    let (status, file) = firm.app.form(&firm.owner, "/api/v1/media", &[], ("car.png", "image/png", super::media::PNG)).await;
    assert_eq!((status, &file["type"], &file["mime"]), (201, &json!("IMAGE"), &json!("image/png")), "{file}");
    let (status, _, bytes) = firm.app.fetch(&firm.owner, &format!("/api/v1/media/{}", file["id"].as_str().unwrap()), &[]).await;
    assert_eq!((status, bytes.is_empty()), (200, false));

    let (_, told) = firm.send(&conversation, json!({"templateId": picture})).await;
    assert_eq!(fields(&told), ["template.mediaId"]);
    let (status, sent) = firm.send(&conversation, json!({"templateId": picture, "mediaId": file["id"]})).await;
    assert_eq!((status, &sent["type"], &sent["content"]), (201, &json!("IMAGE"), &json!("Look at this")), "{sent}");
    firm.message(&sent["id"], "DELIVERED").await;
    let (_, request) = firm.graph.taken().pop().unwrap();
    let shown = &request["template"]["components"][0]["parameters"][0];
    assert_eq!(shown["type"], "image");
    assert!(firm.graph.file(shown["image"]["id"].as_str().unwrap()).is_some(), "handed over first: {request}");

    let (_, told) = firm.send(&conversation, json!({"templateId": place})).await;
    assert_eq!(fields(&told), ["location"]);
    let body = json!({"conversationId": conversation, "template": {"templateId": place},
        "location": {"latitude": 38.7, "longitude": -9.14, "name": "Oficina"}});
    let (status, sent) = firm.call("POST", "/messages/send", body).await;
    assert_eq!(status, 201, "{sent}");
    firm.message(&sent["id"], "DELIVERED").await;
    let (_, request) = firm.graph.taken().pop().unwrap();
    assert_eq!(request["template"]["components"][0]["parameters"][0]["location"]["name"], "Oficina");

    // Handed in with an example, which the provider gets first.
    let draft = json!({"name": "new_picture", "language": "pt_BR", "category": "UTILITY", "body": "Look at that",
        "header": {"kind": "IMAGE", "mediaId": file["id"]}});
    let made = firm.is("POST", &format!("/channels/{}/templates", firm.channel), draft, 201).await;
    assert_eq!(made["header"], json!({"kind": "IMAGE", "mediaId": file["id"]}));
    let there = firm.graph.templates(ACCOUNT);
    let handle = &there.last().unwrap()["components"][0]["example"]["header_handle"][0];
    assert!(handle.as_str().unwrap().starts_with("4::"), "{handle}");
    firm.stop().await;
}

/// A documented send of a template as its parameters say what the template is.
struct Example {
    request: Value,
}

impl Example {
    fn part(&self, kind: &str) -> Vec<Value> {
        let all = self.request["components"].as_array().into_iter().flatten();
        all.filter(|part| part["type"] == kind)
            .flat_map(|part| part["parameters"].as_array().cloned().unwrap_or_default())
            .collect()
    }
    fn buttons(&self) -> Vec<Value> {
        let all = self.request["components"].as_array().into_iter().flatten();
        all.filter(|part| part["type"] == "button").cloned().collect()
    }
    /// The template at the provider.
    fn template(&self) -> Value {
        let mut components = Vec::new();
        if !self.part("header").is_empty() {
            components.push(json!({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}}));
        }
        let gaps = 1..=self.part("body").len();
        let text = gaps.fold("Hello".to_owned(), |text, n| format!("{text} {{{{{n}}}}} and")) + " goodbye";
        components.push(json!({"type": "BODY", "text": text}));
        let button = |button: &Value| match button["sub_type"].as_str().unwrap().to_lowercase().as_str() {
            "quick_reply" => json!({"type": "QUICK_REPLY", "text": format!("Answer {}", button["index"])}),
            "flow" => json!({"type": "FLOW", "text": "Open", "flow_id": "1", "flow_action": "navigate"}),
            "catalog" => json!({"type": "CATALOG", "text": "View catalog"}),
            other => panic!("{other} is new"),
        };
        let buttons: Vec<Value> = self.buttons().iter().map(button).collect();
        if !buttons.is_empty() {
            components.push(json!({"type": "BUTTONS", "buttons": buttons}));
        }
        json!({"name": self.request["name"], "language": self.request["language"]["code"], "category": "UTILITY",
            "status": "APPROVED", "components": components})
    }
    /// What the product is asked to fill it with.
    fn variables(&self) -> Value {
        let mut values = serde_json::Map::new();
        for (n, said) in self.part("body").iter().enumerate() {
            values.insert((n + 1).to_string(), plain(said)["text"].clone());
        }
        for (n, button) in self.buttons().iter().enumerate() {
            let given = plain(&button["parameters"][0]);
            let value = match given["type"].as_str().unwrap() {
                "payload" => given["payload"].clone(),
                _ => match given["action"]["thumbnail_product_retailer_id"].as_str() {
                    Some(product) => product.into(),
                    None => given["action"].to_string().into(),
                },
            };
            values.insert(format!("button.{n}"), value);
        }
        values.into()
    }
}

/// A parameter as the product sends it: an amount or a date in the words that the customer reads, an answer's payload as
/// one, a file by its id.
fn plain(parameter: &Value) -> Value {
    let fallback = ["/currency/fallback_value", "/date_time/fallback_value"].iter().find_map(|at| parameter.pointer(at));
    match (fallback, &parameter["text"]) {
        (Some(words), _) => json!({"type": "text", "text": words}),
        (None, Value::Bool(answer)) => json!({"type": "payload", "payload": answer.to_string()}),
        _ if parameter["type"] == "image" => json!({"type": "image"}),
        _ => parameter.clone(),
    }
}

fn plain_object(template: &Value) -> Value {
    let mut plainly = template.clone();
    plainly["language"].as_object_mut().unwrap().remove("policy");
    for part in plainly["components"].as_array_mut().into_iter().flatten() {
        if part["type"] == "button" {
            part["index"] = part["index"].as_str().map_or_else(|| part["index"].to_string(), str::to_owned).into();
            part["sub_type"] = part["sub_type"].as_str().unwrap().to_lowercase().into();
        }
        for parameter in part["parameters"].as_array_mut().into_iter().flatten() {
            *parameter = plain(parameter);
        }
    }
    plainly
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_send_of_a_template_is_what_the_product_sends() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/fixtures/whatsapp/facebook__openapi-examples/send-requests");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("the provider's examples are not here: {}", folder.display());
        return;
    };
    let firm = Firm::new(Vec::new()).await;
    let conversation = firm.conversation("351912345680", 30).await;
    let (_, picture) = firm.app.form(&firm.owner, "/api/v1/media", &[], ("a.png", "image/png", super::media::PNG)).await;
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut compared = 0;
    for file in files {
        let request: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        if request["type"] != "template" {
            continue;
        }
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let example = Example { request: request["template"].clone() };
        firm.graph.put_template(ACCOUNT, example.template());
        firm.sync().await;
        let list = firm.get("/templates?status=APPROVED&limit=200").await;
        let known = list["items"].as_array().unwrap().iter().find(|one| one["name"] == example.request["name"]).cloned().unwrap();
        assert!(known["unsupported"].is_null(), "{name}: {known}");
        let mut order = json!({"templateId": known["id"], "variables": example.variables()});
        if known["header"]["kind"] == "IMAGE" {
            order["mediaId"] = picture["id"].clone();
        }
        let before = firm.graph.taken().len();
        let (status, sent) = firm.send(&conversation, order).await;
        assert_eq!(status, 201, "{name}: {sent}");
        firm.message(&sent["id"], "DELIVERED").await;
        let made = firm.graph.taken()[before].1["template"].clone();
        assert_eq!(plain_object(&made), plain_object(&example.request), "{name}");
        compared += 1;
    }
    assert!(compared >= 8, "{compared}");
    firm.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_firm_sees_and_sends_none_of_them() {
    let firm = Firm::new(vec![template("secret_offer", "APPROVED", json!([words("Hello", &[])]))]).await;
    let id = firm.stands("secret_offer", "APPROVED").await["id"].clone();
    let other = json!({"name": "Reboques do Norte", "language": "pt-BR", "timezone": "Europe/Lisbon", "country": "PT",
        "queue": "Atendimento"});
    let other = firm.is("POST", "/tenants", other, 201).await["id"].clone();
    let login = json!({"email": "ana@example.com", "password": super::app::PASSWORD, "companyId": other});
    let there = firm.app.call("", "POST", "/api/v1/auth/login", Some(login)).await.1["token"].as_str().unwrap().to_owned();
    assert_eq!(firm.app.get(&there, "/api/v1/templates").await["items"], json!([]));
    let path = format!("/api/v1/templates/{}", id.as_str().unwrap());
    for (method, path, body) in [
        ("GET", path.clone(), None),
        ("PATCH", path.clone(), Some(json!({"body": "x y z"}))),
        ("DELETE", path.clone(), None),
        ("POST", format!("{path}/preview"), Some(json!({}))),
    ] {
        assert_eq!(firm.app.call(&there, method, &path, body).await.0, 404, "{method} {path}");
    }
    // Nor over a channel of their own.
    let channel = json!({"kind": "whatsapp_cloud", "name": "Norte", "config": {"phoneNumberId": "206540352242922",
        "accessToken": "EAAG-other", "appSecret": "the-other-secret", "verifyToken": "v", "baseUrl": "http://127.0.0.1:9"}});
    assert_eq!(firm.app.call(&there, "POST", "/api/v1/channels", Some(channel)).await.0, 201);
    let test = json!({"to": "+351912345670"});
    let (_, message) = firm.app.call(&there, "POST", "/api/v1/channels/1/test-message", Some(test)).await;
    let body = json!({"conversationId": message["conversationId"], "template": {"templateId": id}});
    let (status, told) = firm.app.call(&there, "POST", "/api/v1/messages/send", Some(body)).await;
    assert_eq!((status, fields(&told)), (422, vec!["template.templateId"]), "{told}");
    firm.stop().await;
}
