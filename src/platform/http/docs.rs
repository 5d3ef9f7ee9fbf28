//! The contract as a page for people, at `/api/docs`: no script, nothing fetched from elsewhere.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write};

const STYLE: &str = "
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;border-bottom:1px solid #8886}
summary{cursor:pointer;padding:.35rem 0}
summary b{display:inline-block;min-width:4.2rem;font:700 .85rem ui-monospace,monospace}
code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
details>div{margin:0 0 1rem 1rem;padding-left:1rem;border-left:3px solid #8886}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8883}
.need{opacity:.75;font-size:.9rem}
";

/// A page and the policy under which its one style sheet applies.
#[derive(Clone)]
pub(super) struct DocsPage {
    pub html: bytes::Bytes,
    pub csp: String,
}

/// Writes the page of a contract in its JSON form.
pub(super) fn page(contract: &Value) -> DocsPage {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let csp =
        format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    let version = text(&contract["info"], "version");
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Farol API</title><style>{STYLE}</style><h1>Farol API {}</h1>\
         <p>Every address also answers without <code>/v1</code>; lists are bare arrays there. The same for programs: \
         <a href=\"/api/v1/openapi.json\">openapi.json</a>. Send <code>Authorization: Bearer TOKEN</code>; \
         <code>POST /api/v1/auth/login</code> gives one.</p>",
        escape(version)
    );
    let mut groups: BTreeMap<&str, String> = BTreeMap::new();
    for (path, item) in entries(&contract["paths"]) {
        for (method, operation) in entries(item).filter(|(method, _)| METHODS.contains(&method.as_str())) {
            let tag = operation["tags"][0].as_str().unwrap_or("other");
            operation_into(groups.entry(tag).or_default(), method, path, operation);
        }
    }
    for (tag, operations) in groups {
        let _ = write!(html, "<h2 id=\"{0}\">{0}</h2>{operations}", escape(tag));
    }
    html.push_str("<h2>Shapes</h2>");
    for (name, schema) in entries(&contract["components"]["schemas"]) {
        shape_into(&mut html, name, schema);
    }
    DocsPage { html: html.into(), csp }
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn operation_into(html: &mut String, method: &str, path: &str, operation: &Value) {
    let (title, more) = (text(operation, "summary"), text(operation, "description"));
    let _ = write!(
        html,
        "<details><summary><b>{}</b> <code>{}</code> {}</summary><div>",
        method.to_uppercase(),
        escape(path),
        escape(title)
    );
    if !more.is_empty() {
        let _ = write!(html, "<p>{}</p>", escape(more));
    }
    let open = operation["security"].as_array().is_some_and(Vec::is_empty);
    let need = match operation["x-permission"].as_str() {
        Some(permission) => format!("Needs <code>{}</code>", escape(permission)),
        None if open => "Needs no sign-in".to_owned(),
        None => "Needs a sign-in".to_owned(),
    };
    let _ = write!(html, "<p class=\"need\">{need}</p>");
    if let Some(parameters) = operation["parameters"].as_array().filter(|list| !list.is_empty()) {
        html.push_str("<table><tr><th>Parameter<th>In<th>Kind<th>");
        for parameter in parameters {
            let mark = if parameter["required"] == true { "" } else { "?" };
            let _ = write!(
                html,
                "<tr><td><code>{}{mark}</code><td>{}<td>{}<td>{}",
                escape(text(parameter, "name")),
                escape(text(parameter, "in")),
                kind(&parameter["schema"]),
                escape(text(parameter, "description"))
            );
        }
        html.push_str("</table>");
    }
    for (media, content) in entries(&operation["requestBody"]["content"]) {
        let _ = write!(html, "<p>Send <code>{}</code>: {}</p>", escape(media), kind(&content["schema"]));
    }
    for (status, response) in entries(&operation["responses"]).filter(|(status, _)| *status != "default") {
        let kinds: Vec<String> = entries(&response["content"]).map(|(_, content)| kind(&content["schema"])).collect();
        let _ = write!(
            html,
            "<p><code>{}</code> {} {}</p>",
            escape(status),
            kinds.join(" or "),
            escape(text(response, "description"))
        );
    }
    html.push_str("</div></details>");
}

fn shape_into(html: &mut String, name: &str, schema: &Value) {
    let name = escape(name);
    let _ = write!(html, "<details id=\"shape-{name}\"><summary><code>{name}</code></summary><div>");
    if let Some(more) = schema["description"].as_str() {
        let _ = write!(html, "<p>{}</p>", escape(more));
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if schema["properties"].is_object() {
        html.push_str("<table>");
        for (field, property) in entries(&schema["properties"]) {
            let mark = if required.contains(&field.as_str()) { "" } else { "?" };
            let about = escape(text(property, "description"));
            let _ = write!(html, "<tr><td><code>{}{mark}</code><td>{}<td>{about}", escape(field), kind(property));
        }
        html.push_str("</table>");
    } else {
        let _ = write!(html, "<p>{}</p>", kind(schema));
    }
    html.push_str("</div></details>");
}

/// What a value looks like, in a word or a link.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(list) = schema[several].as_array() {
            let kinds: Vec<String> = list.iter().map(kind).filter(|word| word != "null").collect();
            return kinds.join(" or ");
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let words: Vec<String> = values.iter().map(|value| format!("<code>{}</code>", escape(&plain(value)))).collect();
        return words.join(", ");
    }
    let named = match &schema["type"] {
        Value::String(word) => word.clone(),
        Value::Array(words) => {
            words.iter().filter_map(Value::as_str).filter(|word| *word != "null").collect::<Vec<_>>().join(" or ")
        }
        _ => "any".to_owned(),
    };
    match named.as_str() {
        "array" => format!("list of {}", kind(&schema["items"])),
        _ => match schema["format"].as_str() {
            Some(format) => format!("{} ({})", escape(&named), escape(format)),
            None => escape(&named),
        },
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_operation_and_shape_is_shown_and_nothing_in_them_is_markup() {
        let contract = json!({
            "info": {"version": "1"},
            "paths": {"/api/v1/things/{id}": {"patch": {
                "tags": ["things"], "summary": "Change <b>it</b>", "x-permission": "thing.write", "security": [{"bearer": []}],
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}}}}
            }}},
            "components": {"schemas": {"Thing": {"type": "object", "required": ["name"], "properties": {"name": {"type": ["string", "null"]}}}}}
        });
        let page = page(&contract);
        let html = String::from_utf8(page.html.to_vec()).unwrap();
        for part in [
            "PATCH",
            "/api/v1/things/{id}",
            "Change &lt;b&gt;it",
            "thing.write",
            "string (uuid)",
            "list of <a href=\"#shape-Thing\">",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert!(!html.contains("<script") && page.csp.contains("style-src 'sha256-"));
    }
}
