//! The contract as a page for people, at `/api/docs`, where who is signed in can try each call.
//!
//! One script and one style sheet, both on the page under a nonce of their own; nothing is fetched from elsewhere,
//! and the script touches no markup (Trusted Types, without any policy). Without scripts the page is still to be read.

mod words;

use crate::base::{chance, locale::Language};
use axum::{
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Arc, OnceLock},
};
use words::{Words, words};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("try.js");
/// Replaced for each answer.
const NONCE: &str = "__NONCE__";

/// The page in each language, written when somebody first asks for it.
#[derive(Clone)]
pub(super) struct DocsPages(Arc<Inner>);

struct Inner {
    contract: Bytes,
    pages: [OnceLock<String>; Language::ALL.len()],
}

impl DocsPages {
    /// Of a contract in its JSON form.
    pub fn of(contract: Bytes) -> Self {
        Self(Arc::new(Inner { contract, pages: Default::default() }))
    }

    /// The page with a nonce that nobody could foresee.
    pub fn answer(&self, language: Language) -> Response {
        let at = Language::ALL.iter().position(|one| *one == language).unwrap_or_default();
        let page = self.0.pages[at].get_or_init(|| {
            let contract = serde_json::from_slice(&self.0.contract).unwrap_or_default();
            page(&contract, language)
        });
        let nonce = URL_SAFE_NO_PAD.encode(chance::secret_bytes::<16>());
        let csp = format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        );
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
            (header::VARY, HeaderValue::from_static("accept-language")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(csp).expect("base64url is header text")),
        ];
        (headers, page.replace(NONCE, &nonce)).into_response()
    }
}

/// Writes the page of a contract in its JSON form.
fn page(contract: &Value, language: Language) -> String {
    let words = words(language);
    let version = text(&contract["info"], "version");
    let said = serde_json::to_string(&words.of_script()).unwrap_or_default();
    let mut html = format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Farol API</title><style nonce=\"{NONCE}\">{STYLE}</style><body data-words=\"{}\"><main><h1>Farol API {}</h1>\
         <p>{} <a href=\"/api/v1/openapi.json\"><code>openapi.json</code></a>. <code>Authorization: Bearer TOKEN</code> \
         (<code>POST /api/v1/auth/login</code>).</p><p id=\"who\">{}</p><p>{}</p>",
        language.tag(),
        escape(&said),
        escape(version),
        words.intro,
        words.signed_out,
        words.real,
    );
    let mut groups: BTreeMap<&str, String> = BTreeMap::new();
    for (path, item) in entries(&contract["paths"]) {
        for (method, operation) in entries(item).filter(|(method, _)| METHODS.contains(&method.as_str())) {
            let tag = operation["tags"][0].as_str().unwrap_or("other");
            operation_into(groups.entry(tag).or_default(), &words, method, path, operation);
        }
    }
    for (tag, operations) in groups {
        let _ = write!(html, "<h2 id=\"{0}\" lang=\"en\">{0}</h2>{operations}", escape(tag));
    }
    let _ = write!(html, "<h2>{}</h2>", words.shapes);
    for (name, schema) in entries(&contract["components"]["schemas"]) {
        shape_into(&mut html, &words, name, schema);
    }
    let _ = write!(html, "</main><script nonce=\"{NONCE}\">{SCRIPT}</script>");
    html
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn operation_into(html: &mut String, words: &Words, method: &str, path: &str, operation: &Value) {
    let (title, more) = (text(operation, "summary"), text(operation, "description"));
    let _ = write!(
        html,
        "<details data-method=\"{}\" data-path=\"{1}\"><summary><b>{2}</b> <code>{1}</code> <span lang=\"en\">{3}</span></summary><div>",
        method,
        escape(path),
        method.to_uppercase(),
        escape(title)
    );
    if !more.is_empty() {
        let _ = write!(html, "<p lang=\"en\">{}</p>", escape(more));
    }
    let open = operation["security"].as_array().is_some_and(Vec::is_empty);
    let need = match operation["x-permission"].as_str() {
        Some(permission) => format!("{} <code>{}</code>", words.needs, escape(permission)),
        None if open => words.needs_nothing.to_owned(),
        None => words.needs_sign_in.to_owned(),
    };
    let _ = write!(html, "<p class=\"need\">{need}</p>");
    if let Some(parameters) = operation["parameters"].as_array().filter(|list| !list.is_empty()) {
        let _ = write!(html, "<table><tr><th>{}<th>{}<th>{}<th>{}", words.parameter, words.place, words.kind, words.meaning);
        for parameter in parameters {
            let mark = if parameter["required"] == true { "" } else { "?" };
            let _ = write!(
                html,
                "<tr><td><code>{}{mark}</code><td>{}<td>{}<td lang=\"en\">{}",
                escape(text(parameter, "name")),
                escape(text(parameter, "in")),
                kind(words, &parameter["schema"]),
                escape(text(parameter, "description"))
            );
        }
        html.push_str("</table>");
    }
    for (media, content) in entries(&operation["requestBody"]["content"]) {
        let _ = write!(html, "<p>{}: <code>{}</code> {}</p>", words.body, escape(media), kind(words, &content["schema"]));
    }
    for (status, response) in entries(&operation["responses"]).filter(|(status, _)| *status != "default") {
        let kinds: Vec<String> = entries(&response["content"]).map(|(_, content)| kind(words, &content["schema"])).collect();
        let _ = write!(
            html,
            "<p><code>{}</code> {} <span lang=\"en\">{}</span></p>",
            escape(status),
            kinds.join(words.or),
            escape(text(response, "description"))
        );
    }
    html.push_str("</div></details>");
}

fn shape_into(html: &mut String, words: &Words, name: &str, schema: &Value) {
    let name = escape(name);
    let _ = write!(html, "<details id=\"shape-{name}\"><summary><code>{name}</code></summary><div>");
    if let Some(more) = schema["description"].as_str() {
        let _ = write!(html, "<p lang=\"en\">{}</p>", escape(more));
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if schema["properties"].is_object() {
        html.push_str("<table>");
        for (field, property) in entries(&schema["properties"]) {
            let mark = if required.contains(&field.as_str()) { "" } else { "?" };
            let about = escape(text(property, "description"));
            let _ =
                write!(html, "<tr><td><code>{}{mark}</code><td>{}<td lang=\"en\">{about}", escape(field), kind(words, property));
        }
        html.push_str("</table>");
    } else {
        let _ = write!(html, "<p>{}</p>", kind(words, schema));
    }
    html.push_str("</div></details>");
}

/// What a value looks like, in a word or a link.
fn kind(words: &Words, schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(list) = schema[several].as_array() {
            let kinds: Vec<String> = list.iter().map(|one| kind(words, one)).filter(|word| word != "null").collect();
            return kinds.join(words.or);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let choices: Vec<String> = values.iter().map(|value| format!("<code>{}</code>", escape(&plain(value)))).collect();
        return choices.join(", ");
    }
    let named = match &schema["type"] {
        Value::String(word) => word.clone(),
        Value::Array(types) => {
            types.iter().filter_map(Value::as_str).filter(|word| *word != "null").collect::<Vec<_>>().join(words.or)
        }
        _ => "any".to_owned(),
    };
    match named.as_str() {
        "array" => format!("{} {}", words.list_of, kind(words, &schema["items"])),
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

    fn contract() -> Value {
        json!({
            "info": {"version": "1"},
            "paths": {"/api/v1/things/{id}": {"patch": {
                "tags": ["things"], "summary": "Change <b>it</b>", "x-permission": "thing.write", "security": [{"bearer": []}],
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}}}}
            }}},
            "components": {"schemas": {"Thing": {"type": "object", "required": ["name"], "properties": {"name": {"type": ["string", "null"]}}}}}
        })
    }

    #[test]
    fn every_operation_and_shape_is_shown_and_nothing_in_them_is_markup() {
        let html = page(&contract(), Language::En);
        for part in [
            "PATCH",
            "data-method=\"patch\" data-path=\"/api/v1/things/{id}\"",
            "Change &lt;b&gt;it",
            "thing.write",
            "string (uuid)",
            "list of <a href=\"#shape-Thing\">",
        ] {
            assert!(html.contains(part), "{part}");
        }
        assert_eq!(html.matches("<script").count(), 1);
        assert_eq!(html.matches("</script").count(), 1, "nothing ends the script before its end");
    }

    #[test]
    fn every_language_says_all_of_it_and_every_answer_has_a_nonce_of_its_own() {
        let pages = DocsPages::of(serde_json::to_vec(&contract()).unwrap().into());
        let mut policies = std::collections::BTreeSet::new();
        for language in Language::ALL.into_iter().chain([Language::En]) {
            assert!(page(&contract(), language).contains(&format!("<html lang=\"{}\"", language.tag())));
            let answer = pages.answer(language);
            let csp = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            assert!(csp.contains("trusted-types 'none'") && !csp.contains("unsafe") && !csp.contains("http"), "{csp}");
            assert!(policies.insert(csp));
        }
        let said = |language| serde_json::to_value(words(language).of_script()).unwrap();
        let english = said(Language::En);
        for (name, _) in english.as_object().unwrap() {
            assert!(SCRIPT.contains(&format!("words('{name}'")), "nobody says {name}");
        }
        for asked in SCRIPT.split("words('").skip(1).filter_map(|rest| rest.split('\'').next()) {
            assert!(english[asked].is_string(), "{asked} has no words");
        }
        for language in [Language::Fr, Language::Es, Language::PtBr] {
            for (name, text) in said(language).as_object().unwrap() {
                let holes = |text: &str| {
                    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect::<Vec<_>>()
                };
                assert_eq!(holes(text.as_str().unwrap()), holes(english[name].as_str().unwrap()), "{name}");
            }
        }
    }
}
