//! The requests that Meta documents against those the product makes when its API is asked for the same.

use super::{
    app::{NUMBER, Running},
    media::{PNG, firm},
};
use crate::harness::{until, wait_for};
use farol::simulator::graph::Graph;
use serde_json::{Map, Value, json};
use std::path::Path;

const EXAMPLES: &str = "../shared/fixtures/whatsapp/facebook__openapi-examples/send-requests";
/// Stands for whatever file or message a request names.
const NAMED: &str = "<named>";

/// Why an example is not asked for, by the beginning of its name or what stands in it.
fn skipped(name: &str, request: &Value) -> Option<&'static str> {
    if request["type"] == "template" {
        return Some("templates have a table of their own");
    }
    if request["type"] == "reaction" || request.get("status").is_some() {
        return Some("a reaction, or that something was read, is no message of its own");
    }
    // A sticker or a film that passes for one needs a file made for it; its object is compared beside the adapter.
    (name.contains("video") || name.contains("sticker") || name.contains("audio"))
        .then_some("its object is compared beside the adapter")
}

/// The same request without what is said by leaving it out, and with one word for whatever it names.
fn plain(request: &Value) -> Value {
    let mut plain = request.clone();
    let object = plain.as_object_mut().unwrap();
    for key in ["to", "recipient", "biz_opaque_callback_data"] {
        object.remove(key);
    }
    object.entry("recipient_type").or_insert_with(|| "individual".into());
    let kinds = ["text", "image", "document", "location", "contacts", "interactive"];
    let kind = kinds.into_iter().find(|kind| object.contains_key(*kind)).unwrap();
    object.entry("type").or_insert_with(|| kind.into());
    if let Some(context) = object.get_mut("context") {
        context["message_id"] = NAMED.into();
    }
    let body = &mut object[kind];
    if body["preview_url"] == false {
        body.as_object_mut().unwrap().remove("preview_url");
    }
    if matches!(kind, "image" | "document") {
        // A file that lies with us is handed over and named by its id; by an address it would be fetched from us.
        let body = body.as_object_mut().unwrap();
        body.remove("link");
        body.insert("id".into(), NAMED.into());
        body.remove("filename");
    }
    // The kind of a header's line is left to be guessed; a file above the words lies with us, as any other.
    if let Some(header) = body.get_mut("header") {
        *header = match header["image"].is_object() {
            true => json!({"type": "image", "image": {"id": NAMED}}),
            false => json!({"type": "text", "text": header["text"]}),
        };
    }
    if kind == "contacts" {
        for card in body.as_array_mut().unwrap() {
            *card = in_lines(card);
        }
    }
    plain
}

/// A card as the product keeps it: name, firm and each address in one line.
fn in_lines(card: &Value) -> Value {
    let joined =
        |object: &Value, keys: &[&str]| keys.iter().filter_map(|key| object[*key].as_str()).collect::<Vec<_>>().join(", ");
    let mut lines = card.clone();
    lines["name"] = card["name"]["formatted_name"].clone();
    lines["org"] = joined(&card["org"], &["company", "department", "title"]).into();
    for address in lines["addresses"].as_array_mut().into_iter().flatten() {
        let line = joined(address, &["street", "zip", "city", "state", "country"]);
        *address = json!({"street": line, "type": address["type"]});
    }
    lines
}

/// What the product's API is asked for.
fn asked(request: &Value) -> Value {
    let text = |at: &str| request.pointer(at).cloned().unwrap_or_default();
    if request.get("text").is_some() {
        return json!({"content": text("/text/body")});
    }
    if request.get("location").is_some() {
        return json!({"type": "LOCATION", "location": request["location"]});
    }
    if let Some(cards) = request.get("contacts").and_then(Value::as_array) {
        return json!({"type": "CONTACT", "contacts": cards.iter().map(card).collect::<Vec<_>>()});
    }
    let action = &request["interactive"]["action"];
    let mut asked = match request["interactive"]["type"].as_str().unwrap() {
        "button" => {
            let buttons: Vec<&Value> = action["buttons"].as_array().unwrap().iter().map(|button| &button["reply"]).collect();
            json!({"kind": "BUTTONS", "buttons": buttons})
        }
        "catalog_message" => json!({"kind": "CATALOG", "parameters": action["parameters"].to_string()}),
        "product" => json!({"kind": "PRODUCT", "parameters": action.to_string()}),
        "product_list" => json!({"kind": "PRODUCT_LIST", "parameters": action.to_string()}),
        "order_details" => json!({"kind": "ORDER_DETAILS", "parameters": action["parameters"].to_string()}),
        "order_status" => json!({"kind": "ORDER_STATUS", "parameters": action["parameters"].to_string()}),
        "list" => json!({"kind": "LIST", "buttons": [{"title": action["button"]}], "sections": action["sections"]}),
        "flow" => {
            let mut parameters = action["parameters"].clone();
            let title = parameters.as_object_mut().unwrap().remove("flow_cta");
            json!({"kind": "FLOW", "buttons": [{"title": title}], "parameters": parameters.to_string()})
        }
        other => panic!("{other} is new"),
    };
    for part in ["header", "footer"] {
        if let Some(words) = request["interactive"][part]["text"].as_str() {
            asked[part] = words.into();
        }
    }
    json!({"type": "INTERACTIVE", "content": text("/interactive/body/text"), "interactive": asked})
}

fn card(card: &Value) -> Value {
    let flat = in_lines(card);
    let lines = |key: &str, value: &str| -> Vec<Value> {
        let line = |line: &Value| json!({"value": line[value], "label": line["type"]});
        flat[key].as_array().into_iter().flatten().map(line).collect()
    };
    let phone = |phone: &Value| {
        let mut object = json!({"number": phone["phone"], "label": phone["type"]});
        if let Some(id) = phone["wa_id"].as_str() {
            object["waId"] = id.into();
        }
        object
    };
    json!({"name": flat["name"], "organisation": flat["org"], "birthday": flat["birthday"],
        "phones": flat["phones"].as_array().unwrap().iter().map(phone).collect::<Vec<_>>(),
        "emails": lines("emails", "email"), "urls": lines("urls", "url"), "addresses": lines("addresses", "street")})
}

/// Sends what `request` sends; gives what the provider was asked for then.
async fn made(app: &Running, token: &str, graph: &Graph, request: &Value) -> Value {
    let before = graph.taken().len();
    let answers = request.get("context").map(|_| "1");
    let file = ["image", "document"].into_iter().find(|kind| request.get(*kind).is_some());
    let (status, body) = match file {
        Some(kind) => {
            let caption = request[kind]["caption"].as_str().unwrap_or_default().to_owned();
            let replied = answered(app, token).await;
            let mut fields = vec![("conversationId", "1"), ("caption", caption.as_str())];
            if answers.is_some() {
                fields.push(("replyTo", replied.as_str()));
            }
            if kind == "document" {
                fields.push(("asDocument", "true"));
            }
            app.form(token, "/api/v1/messages/send-media", &fields, ("a.png", "image/png", PNG)).await
        }
        None => {
            let mut body = asked(request);
            if request.pointer("/interactive/header/image").is_some() {
                let (status, file) = app.form(token, "/api/v1/media", &[], ("a.png", "image/png", PNG)).await;
                assert_eq!(status, 201, "{file}");
                body["mediaId"] = file["id"].clone();
            }
            body["conversationId"] = "1".into();
            if answers.is_some() {
                body["replyTo"] = answered(app, token).await.into();
            }
            app.call(token, "POST", "/api/v1/messages/send", Some(body)).await
        }
    };
    assert_eq!(status, 201, "{body}\nfor {request}");
    wait_for(&format!("the sending of {body}"), async || graph.taken().get(before).map(|(_, request)| request.clone())).await
}

/// The customer's message, to be answered.
async fn answered(app: &Running, token: &str) -> String {
    let thread = app.get(token, "/api/v1/conversations/1/messages").await;
    let first = thread["messages"].as_array().unwrap().iter().find(|m| m["direction"] == "INBOUND").unwrap();
    first["id"].as_str().unwrap().to_owned()
}

async fn written(app: &Running, token: &str) {
    let written = async || (app.call(token, "GET", "/api/v1/conversations/1", None).await.0 == 200).then_some(());
    wait_for("a customer's first word", written).await;
}

#[tokio::test]
async fn every_documented_request_is_what_the_product_sends() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLES);
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("the provider's examples are not here: {}", folder.display());
        return;
    };
    let (app, token, graph, zoe) = firm().await;
    graph.writes(NUMBER, &zoe, "Bonjour");
    written(&app, &token).await;
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let (mut compared, mut left) = (0, Map::new());
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let request: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        if let Some(why) = skipped(&name, &request) {
            left.insert(name, why.into());
            continue;
        }
        let made = made(&app, &token, &graph, &request).await;
        assert_eq!(plain(&made), plain(&request), "{name}");
        compared += 1;
    }
    eprintln!("{compared} compared, left out: {left:#?}");
    assert!(compared >= 25, "{compared}");
    app.stop().await;
}

#[tokio::test]
async fn a_file_that_the_provider_forgot_is_handed_over_anew() {
    let (app, token, graph, zoe) = firm().await;
    graph.writes(NUMBER, &zoe, "Bonjour");
    written(&app, &token).await;
    let picture = json!({"image": {"id": NAMED}});
    let first = made(&app, &token, &graph, &picture).await;
    let again = made(&app, &token, &graph, &picture).await;
    assert_eq!(first["image"]["id"], again["image"]["id"], "it went up twice");
    graph.loses(first["image"]["id"].as_str().unwrap());
    let anew = made(&app, &token, &graph, &picture).await;
    assert_ne!(first["image"]["id"], anew["image"]["id"]);
    let kept = made(&app, &token, &graph, &picture).await;
    assert_eq!(anew["image"]["id"], kept["image"]["id"]);
    // A poll is nothing a number at Meta carries.
    let poll = json!({"conversationId": "1", "content": "When?", "poll": {"options": ["Now", "Later"]}});
    let (status, refused) = app.call(&token, "POST", "/api/v1/messages/send", Some(poll)).await;
    assert_eq!((status, &refused["code"]), (409, &json!("not_supported")), "{refused}");
    app.stop().await;
}

#[tokio::test]
async fn what_the_house_sends_goes_the_same_road() {
    let (app, token, graph, zoe) = firm().await;
    graph.writes(NUMBER, &zoe, "Bonjour");
    written(&app, &token).await;
    // Refused for the moment, then taken: one message, tried again, with its steps and its figures.
    graph.trouble(farol::simulator::graph::Trouble::Refuse(500, 131_000));
    let to = json!({"to": format!("+{}", zoe.wa_id.as_deref().unwrap())});
    let (status, sent) = app.call(&token, "POST", "/api/v1/channels/1/test-message", Some(to)).await;
    assert_eq!((status, &sent["isBot"]), (201, &json!(true)), "{sent}");
    let path = format!("/api/v1/messages/{}", sent["id"].as_str().unwrap());
    until(|| app.get(&token, &path), "its arrival", |message| message["status"] == "DELIVERED").await;
    assert_eq!(graph.taken().len(), 1);
    let steps = app.get(&token, &format!("{path}/timeline")).await;
    let kinds: Vec<&str> = steps["items"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "ATTEMPT").count(), 2, "{steps}");
    assert!(kinds.contains(&"DELAYED"), "{steps}");
    let figures = app.page("/metrics").await;
    assert!(figures.contains("farol_deliveries_total{kind=\"channel.send\",outcome="), "no figures of deliveries");
    app.stop().await;
}
