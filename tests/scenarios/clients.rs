//! Two clients of the real Graph API, written by others, against the made-up one: what they send it takes, what it posts
//! they read. What our own adapter and our simulator both get wrong would otherwise never show.

use crate::harness::until_so;
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use farol::{
    base::Env,
    simulator::{
        graph::{Graph, Number},
        post::Roughness,
        wire::{Line, Person},
    },
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{io::Write, path::PathBuf, process::Stdio, sync::Arc};

const NUMBER: &str = "106540352242922";
const TOKEN: &str = "EAAG-client";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const CUSTOMER: &str = "15550100100";

/// How one of the clients is started: its program and script, where both are here.
fn client(program: &str, script: &str) -> Option<std::process::Command> {
    let Some(program) = std::env::var_os(program) else {
        println!("SKIPPED: {script} of an independent client: {program} does not say where its program is");
        return None;
    };
    let mut command = std::process::Command::new(program);
    let folder =
        std::env::var_os("FAROL_CLIENTS").map_or(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients"), PathBuf::from);
    command.arg(folder.join(script));
    Some(command)
}

/// Runs it on `asked`; what it tells.
async fn told(mut command: std::process::Command, asked: Value) -> Value {
    let run = move || {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "the client ended with {}", output.status);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stdout)))
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

type Posted = Arc<Mutex<Vec<(String, String)>>>;

async fn keep(State(posted): State<Posted>, headers: HeaderMap, body: Bytes) -> &'static str {
    let signature = headers["x-hub-signature-256"].to_str().unwrap().to_owned();
    posted.lock().push((String::from_utf8(body.to_vec()).unwrap(), signature));
    "ok"
}

async fn agrees(program: &str, script: &str) {
    let Some(command) = client(program, script) else { return };
    let again = client(program, script).unwrap();
    let posted = Posted::default();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let webhook = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(keep)).with_state(posted.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let graph = Graph::start(Env::system(), Roughness::NONE, 100.0).await.unwrap();
    let line = Line {
        phone_number_id: NUMBER.into(),
        business_account_id: "102290129340398".into(),
        display_number: "15550783881".into(),
    };
    graph.connect(Number {
        line,
        verified_name: "Reboques Exemplo".into(),
        token: TOKEN.into(),
        app_secret: SECRET.into(),
        webhook,
    });
    let ana = Person { wa_id: Some(CUSTOMER.into()), user_id: Some("BR.13491208655302741918".into()), name: "Ana".into() };
    let theirs = graph.writes(NUMBER, &ana, "O carro não pega");

    let picture = {
        let mut bytes = Vec::new();
        image::RgbImage::new(8, 8).write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        hex::encode(bytes)
    };
    let base = json!({"url": graph.base_url(), "number": NUMBER, "token": TOKEN, "secret": SECRET, "customer": CUSTOMER});
    let with = |more: Value| {
        let mut asked = base.clone();
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        asked
    };
    let sent = told(command, with(json!({"send": true, "picture": picture, "theirs": theirs}))).await;
    assert_eq!(sent["read"], true, "{sent}");
    // Too long a text: pywa and the other one tell the code the API answered with.
    assert_eq!(sent["refused"], 100, "{sent}");
    let taken = graph.taken();
    for kind in ["text", "answer", "image", "location", "contacts", "interactive", "reaction"] {
        let id = sent["sent"][kind].as_str().unwrap_or_else(|| panic!("{kind}: {sent}"));
        let (_, request) =
            taken.iter().find(|(arrived, _)| arrived.id == id).unwrap_or_else(|| panic!("{kind} is not taken: {sent}"));
        assert_eq!(request["type"], if kind == "answer" { "text" } else { kind }, "{request}");
    }
    let answer = &taken.iter().find(|(arrived, _)| arrived.body == "Já vamos").unwrap().1;
    assert_eq!(answer["context"]["message_id"], sent["sent"]["text"]);

    let place = json!({"type": "location", "location": {"latitude": 38.7, "longitude": -9.1, "name": "Aqui"}});
    let choice =
        json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "yes", "title": "Sim"}}});
    let quoting =
        json!({"type": "text", "text": {"body": "Esse mesmo"}, "context": {"from": "15550783881", "id": sent["sent"]["text"]}});
    let picture = hex::decode(&picture).unwrap();
    let file = graph.sends(NUMBER, &ana, ("image", "image/png"), picture, json!({"caption": "A roda"}));
    let (place, choice, quoting) =
        (graph.says(NUMBER, &ana, place), graph.says(NUMBER, &ana, choice), graph.says(NUMBER, &ana, quoting));
    let all_posted = || {
        // Slashes are written `\/` there.
        let text = posted.lock().iter().map(|(body, _)| body.replace('\\', "")).collect::<String>();
        let ids = [&theirs, &file, &place, &choice, &quoting];
        ids.iter().all(|id| text.contains(id.as_str())) && text.contains("\"delivered\"")
    };
    until_so("everything posted", all_posted).await;
    let hooks: Vec<Value> = posted.lock().iter().map(|(body, signature)| json!({"body": body, "signature": signature})).collect();
    let seen = told(again, with(json!({"webhooks": hooks}))).await;
    assert!(seen["answers"].as_array().unwrap().iter().all(|status| status == 200), "{seen}");
    assert_ne!(seen["forged"], 200, "a forged signature is refused");
    let by_id = |id: &str, kind: &str| {
        let all = seen["seen"].as_array().unwrap();
        all.iter().find(|one| one["id"] == id && one["type"] == kind).unwrap_or_else(|| panic!("{kind} {id}: {seen}"))
    };
    assert_eq!(by_id(&theirs, "text")["text"], "O carro não pega");
    assert_eq!(by_id(&quoting, "text")["quoted"], sent["sent"]["text"]);
    assert_eq!(by_id(&place, "location")["latitude"], 38.7);
    assert_eq!(by_id(&choice, "button")["choice"], "yes");
    let picture = by_id(&file, "image");
    assert_eq!((&picture["text"], &picture["mime"]), (&json!("A roda"), &json!("image/png")));
    let delivered = seen["seen"].as_array().unwrap().iter().filter(|one| one["type"] == "status" && one["text"] == "delivered");
    assert!(delivered.count() > 0, "{seen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn independent_clients_agree_pywa() {
    agrees("FAROL_PYTHON", "python/agrees.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn independent_clients_agree_whatsapp_api_js() {
    agrees("FAROL_NODE", "node/agrees.mjs").await;
}
