//! The calls as the sources print them, under `/api`: path, query, body and shape of each (API-02, 60, 62, 63, 65–67,
//! 69, 71, 73, 74, 87; AUT-01, 02; CNF-02, 05, 41).

use super::app::{PASSWORD, Running};
use crate::harness::until;
use serde_json::{Value, json};

/// What an answer must look like.
enum Shape {
    /// A bare array, each of whose rows has these fields.
    Rows(&'static [&'static str]),
    /// An object with these fields.
    Record(&'static [&'static str]),
}
use Shape::{Record, Rows};

const CONVERSATION: &[&str] = &[
    "id",
    "customerPhone",
    "customerName",
    "status",
    "flowState",
    "departmentId",
    "assignedUserId",
    "companyId",
    "timeoutAt",
    "routedAt",
    "assignedAt",
    "greetingSentAt",
    "lastDepartmentId",
    "lastAttendantId",
    "metadata",
];
const MESSAGE: &[&str] =
    &["id", "conversationId", "senderId", "direction", "type", "content", "mediaUrl", "status", "isBot", "createdAt"];
const USER: &[&str] = &["id", "email", "name", "role", "onlineStatus", "isActive", "departmentId", "companyId"];
const TICKET: &[&str] = &[
    "id",
    "status",
    "priority",
    "unreadMessages",
    "contactId",
    "userId",
    "queueId",
    "whatsappId",
    "protocol",
    "createdAt",
    "updatedAt",
];

struct Call {
    method: &'static str,
    path: String,
    body: Option<Value>,
    status: u16,
    shape: Shape,
}

fn get(path: impl Into<String>, shape: Shape) -> Call {
    Call { method: "GET", path: path.into(), body: None, status: 200, shape }
}

fn post(path: impl Into<String>, body: Value, status: u16, shape: Shape) -> Call {
    Call { method: "POST", path: path.into(), body: Some(body), status, shape }
}

fn check(answer: &Value, shape: &Shape, what: &str) {
    let has = |row: &Value, fields: &[&str]| {
        for field in fields {
            assert!(row.get(field).is_some(), "{what}: no {field} in {row}");
        }
    };
    match shape {
        Rows(fields) => {
            let rows = answer.as_array().unwrap_or_else(|| panic!("{what}: no bare array: {answer}"));
            assert!(!rows.is_empty(), "{what}: nothing comes");
            rows.iter().for_each(|row| has(row, fields));
        }
        Record(fields) => has(answer, fields),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_printed_call_answers_in_its_printed_shape() {
    let (app, owner) = Running::founded().await;
    app.hears("351912345678", "Rita Sá", "wamid.1", "Bom dia, o carro avariou").await;
    app.hears("33639980001", "Zoé Lacroix", "wamid.2", "Ma voiture est tombée en panne").await;
    until(|| app.get(&owner, "/api/conversations"), "both conversations", |list| list[1].is_object()).await;
    app.searchable().await;
    let me = app.get(&owner, "/api/auth/me").await;
    let all = app.get(&owner, "/api/conversations").await;
    let of = |name: &str| all.as_array().unwrap().iter().find(|c| c["customerName"] == name).unwrap().clone();
    let (rita, zoe) = (of("Rita Sá"), of("Zoé Lacroix"));
    let (id, other) = (rita["id"].as_str().unwrap(), zoe["id"].as_str().unwrap());
    let queue = rita["departmentId"].as_str().unwrap();

    let calls = [
        post("/api/auth/login", json!({"email": "ana@example.com", "password": PASSWORD}), 200, Record(&["user", "token"])),
        post("/api/token/", json!({"username": "ana@example.com", "password": PASSWORD}), 200, Record(&["access", "refresh"])),
        get("/api/auth/me", Record(USER)),
        get("/api/health", Record(&["status"])),
        get("/api/users", Rows(USER)),
        get("/api/conversations?status=OPEN,ASSIGNED&departmentId=&search=", Rows(CONVERSATION)),
        get(format!("/api/conversations?status=OPEN&departmentId={queue}&search=Rita"), Rows(CONVERSATION)),
        get("/api/conversations?search=351912345678", Rows(CONVERSATION)),
        get("/api/conversations?search=avariou", Rows(CONVERSATION)),
        get(format!("/api/conversations?search={}", rita["protocol"].as_str().unwrap()), Rows(CONVERSATION)),
        get(format!("/api/conversations/{id}"), Record(Vec::leak([CONVERSATION, &["messages"]].concat()))),
        get(format!("/api/conversations/{}", rita["number"]), Record(CONVERSATION)),
        get(format!("/api/conversations/{id}/messages?limit=50&cursor="), Record(&["messages"])),
        post(format!("/api/conversations/{id}/assign"), json!({"userId": me["id"]}), 200, Record(CONVERSATION)),
        post(format!("/api/conversations/{id}/assign"), json!({"userId": null}), 200, Record(CONVERSATION)),
        post(format!("/api/conversations/{id}/assign"), json!({}), 200, Record(CONVERSATION)),
        post("/api/messages/send", json!({"conversationId": id, "content": "Já vamos"}), 201, Record(MESSAGE)),
        post("/api/messages", json!({"ticketId": id, "body": "Mais dez minutos", "isPrivate": false}), 201, Record(MESSAGE)),
        get("/api/messages/search?query=avariou", Rows(Vec::leak([MESSAGE, &["snippet", "conversation"]].concat()))),
        get(format!("/api/messages/search?query=panne&conversationId={other}"), Rows(MESSAGE)),
        get("/api/tickets", Rows(TICKET)),
        get("/api/tickets?status=open", Rows(TICKET)),
        get("/api/tickets?status=PENDING&search=panne", Rows(TICKET)),
        get("/api/tickets?search=avariou", Rows(TICKET)),
        get(format!("/api/tickets/{id}"), Record(TICKET)),
        get(format!("/api/tickets/{id}/messages"), Rows(&["id", "body", "type", "status", "isPrivate", "ticketId", "userId"])),
        post(format!("/api/conversations/{id}/resolve"), json!({}), 200, Record(CONVERSATION)),
        get("/api/tickets?status=CLOSED", Rows(TICKET)),
        get("/api/contacts", Rows(&["id", "name", "phoneNumber", "email", "isBlocked", "avatarUrl"])),
        get("/api/openapi.json", Record(&["openapi", "paths"])),
    ];
    for Call { method, path, body, status, shape } in calls {
        let token = if path.contains("login") || path.contains("token") { "" } else { &owner };
        let (answered, answer) = app.call(token, method, &path, body.clone()).await;
        let what = format!("{method} {path} {}", body.unwrap_or_default());
        assert_eq!(answered, status, "{what}: {answer}");
        check(&answer, &shape, &what);
    }
    // Who is assigned, as the printed words have it; then a page of one with the rest behind its cursor.
    let taken = app.get(&owner, &format!("/api/conversations/{id}")).await;
    assert_eq!((&taken["assignedUserId"], &taken["status"]), (&me["id"], &json!("RESOLVED")));
    let thread = app.get(&owner, &format!("/api/conversations/{id}/messages?limit=1")).await;
    let cursor = thread["nextCursor"].as_str().unwrap();
    let rest = app.get(&owner, &format!("/api/conversations/{id}/messages?limit=50&cursor={cursor}")).await;
    let contents: Vec<&str> = rest["messages"].as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap()).collect();
    assert_eq!((contents, rest.get("nextCursor")), (vec!["Bom dia, o carro avariou", "Já vamos"], None));
    // What is refused, as printed: 401 without a token, 400 for an unknown status.
    assert_eq!(app.call("", "GET", "/api/conversations", None).await.0, 401);
    assert_eq!(app.call(&owner, "GET", "/api/conversations?status=LOST", None).await.0, 400);
    let docs = app.page("/api/docs").await;
    assert!(docs.contains("<html") && docs.contains("openapi"), "{docs}");
    app.stop().await;
}
