//! Templates of the made-up Graph API: listed in pages, handed in, decided on, and checked when one is sent.

use super::graph::{Graph, Inner, bearer, json_answer, refuse};
use axum::{
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};

/// Rows of a page unless another number is asked for.
const PAGE: usize = 25;

impl Graph {
    /// The account has this template, as the list shows it; gives its id. One of the same name and language goes.
    pub fn put_template(&self, account: &str, mut template: Value) -> String {
        let id = self.inner.new_id();
        if template.get("id").is_none() {
            template["id"] = json!(id);
        }
        let same = |other: &Value| other["name"] == template["name"] && other["language"] == template["language"];
        let mut all = self.inner.templates.lock();
        let mine = all.entry(account.to_owned()).or_default();
        mine.retain(|other| !same(other));
        let id = template["id"].as_str().unwrap_or_default().to_owned();
        mine.push(template);
        id
    }

    /// The account's templates, as they are listed.
    pub fn templates(&self, account: &str) -> Vec<Value> {
        self.inner.templates.lock().get(account).cloned().unwrap_or_default()
    }

    /// A template is no more, and nobody is told.
    pub fn drop_template(&self, account: &str, name: &str) {
        if let Some(mine) = self.inner.templates.lock().get_mut(account) {
            mine.retain(|template| template["name"] != name);
        }
    }

    /// The provider decides on a template and tells: `event` is the word of the webhook.
    pub fn decide(&self, account: &str, name: &str, event: &str, reason: Option<&str>) {
        let mut told = Value::Null;
        for template in self.inner.templates.lock().get_mut(account).into_iter().flatten() {
            if template["name"] == name {
                template["status"] = json!(event);
                template["rejected_reason"] = json!(reason.unwrap_or("NONE"));
                told = json!({"event": event, "message_template_id": template["id"], "message_template_name": name,
                    "message_template_language": template["language"], "reason": reason.unwrap_or("NONE")});
            }
        }
        self.inner.tell_account(account, "message_template_status_update", told);
    }

    /// Readers judge a template, and the provider tells.
    pub fn judge(&self, account: &str, name: &str, quality: &str) {
        let mut told = Value::Null;
        for template in self.inner.templates.lock().get_mut(account).into_iter().flatten() {
            if template["name"] == name {
                template["quality_score"] = json!({ "score": quality });
                told = json!({"previous_quality_score": "UNKNOWN", "new_quality_score": quality,
                    "message_template_id": template["id"], "message_template_name": name,
                    "message_template_language": template["language"]});
            }
        }
        self.inner.tell_account(account, "message_template_quality_update", told);
    }
}

impl Inner {
    fn new_id(&self) -> String {
        (100_000_000_000_000 + self.env.chance.below(899_999_999_999_999)).to_string()
    }

    fn tell_account(&self, account: &str, field: &str, value: Value) {
        let served = self.served.lock();
        if let Some(first) = served.values().find(|served| served.number.line.business_account_id == account) {
            first.postman.post(json!({"field": field, "value": value}));
        }
    }

    /// May whoever asks so speak for the account?
    fn may(&self, account: &str, headers: &HeaderMap) -> Result<(), Box<Response>> {
        let served = self.served.lock();
        let mut mine = served.values().filter(|served| served.number.line.business_account_id == account).peekable();
        if mine.peek().is_none() {
            return Err(Box::new(refuse(400, 100, "Unsupported get request. Object does not exist")));
        }
        match mine.any(|served| bearer(headers) == Some(&served.number.token)) {
            true => Ok(()),
            false => Err(Box::new(refuse(401, 190, "Invalid OAuth access token - Cannot parse access token"))),
        }
    }
}

/// A no with words for people beside those for programs.
fn refuse_to(people: &str) -> Response {
    let body = json!({"error": {"message": "Invalid parameter", "type": "OAuthException", "code": 100, "error_subcode": 2_388_024,
        "is_transient": false, "error_user_title": "Template can't be taken", "error_user_msg": people,
        "fbtrace_id": "AFictionalTraceId"}});
    (StatusCode::BAD_REQUEST, [("content-type", "application/json")], body.to_string()).into_response()
}

type Asked = HashMap<String, String>;

pub async fn list(
    State(graph): State<Arc<Inner>>,
    Path((_, account)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if let Err(no) = graph.may(&account, &headers) {
        return *no;
    }
    let all = graph.templates.lock().get(&account).cloned().unwrap_or_default();
    let number = |key: &str| asked.get(key).and_then(|n| n.parse::<usize>().ok());
    let (from, limit) = (number("after").unwrap_or(0), number("limit").unwrap_or(PAGE).clamp(1, 100));
    let to = (from + limit).min(all.len());
    let mut paging = json!({"cursors": {"before": from.to_string(), "after": to.to_string()}});
    if to < all.len() {
        paging["next"] = json!(format!("https://graph.example.com/{account}/message_templates?after={to}"));
    }
    json_answer(&json!({"data": all.get(from..to).unwrap_or_default(), "paging": paging}))
}

pub async fn create(
    State(graph): State<Arc<Inner>>,
    Path((_, account)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(no) = graph.may(&account, &headers) {
        return *no;
    }
    let Ok(mut template) = serde_json::from_slice::<Value>(&body) else { return refuse(400, 100, "Invalid JSON") };
    let text = |key: &str| template[key].as_str().unwrap_or_default().to_owned();
    let (name, language, category) = (text("name"), text("language"), text("category"));
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_name || language.is_empty() || !matches!(category.as_str(), "MARKETING" | "UTILITY" | "AUTHENTICATION") {
        return refuse(400, 100, "Invalid parameter");
    }
    let there =
        graph.templates.lock().get(&account).into_iter().flatten().any(|t| t["name"] == name && t["language"] == language);
    if there {
        return refuse_to("There is already content in this language for this template.");
    }
    if let Some(why) = complaint(&template["components"], &category) {
        return refuse_to(why);
    }
    let id = graph.new_id();
    template["id"] = json!(id);
    template["status"] = json!("PENDING");
    graph.templates.lock().entry(account).or_default().push(template);
    json_answer(&json!({"id": id, "status": "PENDING", "category": category}))
}

/// What is wrong with a template's words, as far as a machine can tell.
fn complaint(components: &Value, category: &str) -> Option<&'static str> {
    let part = |kind: &str| components.as_array().into_iter().flatten().find(|part| part["type"] == kind);
    let Some(body) = part("BODY") else { return Some("A template needs a body.") };
    if category == "AUTHENTICATION" {
        return None;
    }
    let text = body["text"].as_str().unwrap_or_default();
    if text.is_empty() || text.chars().count() > 1_024 {
        return Some("The body has 1 to 1024 characters.");
    }
    if text.starts_with("{{") || text.trim_end().ends_with("}}") {
        return Some("Variables can't be at the start or end of the template.");
    }
    if text.contains("{{") && body["example"].is_null() {
        return Some("Variables need an example.");
    }
    let header = part("HEADER");
    let shows_file = header.is_some_and(|h| matches!(h["format"].as_str(), Some("IMAGE" | "VIDEO" | "DOCUMENT")));
    if shows_file && header.is_some_and(|h| h.pointer("/example/header_handle/0").is_none()) {
        return Some("A header with a file needs an example.");
    }
    None
}

pub async fn remove(
    State(graph): State<Arc<Inner>>,
    Path((_, account)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if let Err(no) = graph.may(&account, &headers) {
        return *no;
    }
    let mut all = graph.templates.lock();
    let mine = all.entry(account).or_default();
    let before = mine.len();
    let is_it = |template: &Value| {
        template["name"].as_str() == asked.get("name").map(String::as_str)
            && asked.get("hsm_id").is_none_or(|id| template["id"].as_str() == Some(id))
    };
    mine.retain(|template| !is_it(template));
    if mine.len() == before {
        return refuse(400, 100, "Invalid parameter");
    }
    json_answer(&json!({"success": true}))
}

/// New words of a template, or the bytes of an upload that was begun.
pub async fn change(
    State(graph): State<Arc<Inner>>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if id.starts_with("upload:") {
        let oauth = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("OAuth "));
        let known = graph.served.lock().values().any(|served| Some(served.number.token.as_str()) == oauth);
        return match known && headers.contains_key("file_offset") && !body.is_empty() {
            true => json_answer(&json!({"h": format!("4::{}:{}", id.trim_start_matches("upload:"), body.len())})),
            false => refuse(401, 190, "Invalid OAuth access token - Cannot parse access token"),
        };
    }
    let account = {
        let all = graph.templates.lock();
        all.iter().find(|(_, mine)| mine.iter().any(|template| template["id"] == id)).map(|(account, _)| account.clone())
    };
    let Some(account) = account else { return refuse(400, 100, "Unsupported post request. Object does not exist") };
    if let Err(no) = graph.may(&account, &headers) {
        return *no;
    }
    let Ok(asked) = serde_json::from_slice::<Value>(&body) else { return refuse(400, 100, "Invalid JSON") };
    if let Some(why) = complaint(&asked["components"], asked["category"].as_str().unwrap_or_default()) {
        return refuse_to(why);
    }
    for template in graph.templates.lock().get_mut(&account).into_iter().flatten().filter(|template| template["id"] == id) {
        template["components"] = asked["components"].clone();
        template["status"] = json!("PENDING");
    }
    json_answer(&json!({"success": true}))
}

pub async fn begin_upload(State(graph): State<Arc<Inner>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let known = graph.served.lock().values().any(|served| bearer(&headers) == Some(&served.number.token));
    if !known {
        return refuse(401, 190, "Invalid OAuth access token - Cannot parse access token");
    }
    if !asked.contains_key("file_length") || !asked.contains_key("file_type") {
        return refuse(400, 100, "Invalid parameter");
    }
    json_answer(&json!({"id": format!("upload:{}", graph.new_id())}))
}

/// The words of a template that is sent, its gaps filled; or why it is refused.
pub fn words_of(graph: &Inner, account: &str, request: &Value) -> Result<String, Box<Response>> {
    let no = |status, code, words: &str| Err(Box::new(refuse(status, code, words)));
    let asked = &request["template"];
    let all = graph.templates.lock();
    let found = all.get(account).into_iter().flatten().find(|template| {
        template["name"] == asked["name"]
            && template["language"].as_str() == asked.pointer("/language/code").and_then(Value::as_str)
    });
    let Some(template) = found else { return no(404, 132_001, "Template name does not exist in the translation") };
    match template["status"].as_str() {
        Some("APPROVED") => {}
        Some("PAUSED") => return no(400, 132_015, "Template is paused due to low quality."),
        Some("DISABLED") => return no(400, 132_016, "Template is disabled."),
        _ => return no(404, 132_001, "Template is not approved."),
    }
    let mut words = Vec::new();
    for part in template["components"].as_array().into_iter().flatten() {
        let kind = part["type"].as_str().unwrap_or_default().to_lowercase();
        if kind == "buttons" {
            check_buttons(part, asked).map_err(|(code, why)| Box::new(refuse(400, code, why)))?;
            continue;
        }
        let given = component(asked, &kind);
        let format = part["format"].as_str().unwrap_or("TEXT").to_lowercase();
        if format != "text" {
            if given.first().is_none_or(|first| first["type"] != format.as_str()) {
                return no(400, 132_012, "Parameter format does not match format in the created template");
            }
            continue;
        }
        let mut text = part["text"].as_str().unwrap_or_default().to_owned();
        if text.matches("{{").count() != given.len() {
            return no(400, 132_000, "Number of parameters does not match the expected number of params");
        }
        for (n, parameter) in given.iter().enumerate() {
            let value = parameter["text"].as_str().unwrap_or_default();
            if value.is_empty() || value.contains(['\n', '\t']) || value.contains("    ") {
                return no(400, 132_018, "There is an issue with the parameters in your template");
            }
            let gap = parameter["parameter_name"].as_str().map_or_else(|| (n + 1).to_string(), str::to_owned);
            text = text.replace(&format!("{{{{{gap}}}}}"), value);
        }
        words.push(text);
    }
    Ok(words.join("\n\n"))
}

fn component<'a>(asked: &'a Value, kind: &str) -> &'a [Value] {
    let all = asked["components"].as_array().into_iter().flatten();
    all.filter(|part| part["type"] == kind).find_map(|part| part["parameters"].as_array()).map_or(&[], Vec::as_slice)
}

fn check_buttons(part: &Value, asked: &Value) -> Result<(), (i64, &'static str)> {
    for (n, button) in part["buttons"].as_array().into_iter().flatten().enumerate() {
        let wants = match button["type"].as_str() {
            Some("URL") if button["url"].as_str().is_some_and(|url| url.contains("{{")) => "url",
            Some("COPY_CODE") => "copy_code",
            _ => continue,
        };
        let index = n.to_string();
        let given = asked["components"].as_array().into_iter().flatten().any(|part| {
            part["type"] == "button"
                && part["sub_type"] == wants
                && part["index"] == index.as_str()
                && part["parameters"].is_array()
        });
        if !given {
            return Err((132_000, "Button parameters do not match the expected number of params"));
        }
    }
    Ok(())
}
