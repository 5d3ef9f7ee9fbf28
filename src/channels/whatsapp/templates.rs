//! Templates as the Graph API lists, takes and sends them.

use crate::{
    channels::{
        sending::outgoing::OutgoingMedia,
        templates::{
            model::{ButtonKind, Category, Header, HeaderKind, Quality, Spot, TemplateButton, TemplateStatus, Variable, Wording},
            provider::{Draft, Listed},
            wording::{self, CATALOG, COUPON, FLOW, PAYLOAD},
        },
    },
    conversations::{MessageKind, Place, TemplateUse},
};
use serde_json::{Map, Value, json};

/// What a list tells of each template.
pub const FIELDS: &str = "id,name,language,category,status,components,parameter_format,quality_score,rejected_reason";
/// The page whose end is a code: how the provider writes the button that copies one.
const CODE_PAGE: &str = "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}";

/// One template of a list; `None` for what is none.
pub fn listed(value: &Value) -> Option<Listed> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let status = text("status").unwrap_or_default().to_uppercase();
    let (wording, unsupported) = wording_of(value.get("components").unwrap_or(&Value::Null));
    Some(Listed {
        external_id: text("id")?.to_owned(),
        name: text("name")?.to_owned(),
        language: text("language")?.to_owned(),
        category: Category::parse(&text("category").unwrap_or_default().to_uppercase()),
        // A word we don't know yet promises nothing.
        status: TemplateStatus::parse(&status).unwrap_or(TemplateStatus::Pending),
        reason: text("rejected_reason").filter(|reason| *reason != "NONE").map(str::to_owned),
        quality: value
            .pointer("/quality_score/score")
            .or_else(|| value.get("quality_score"))
            .and_then(Value::as_str)
            .map(Quality::parse)
            .unwrap_or_default(),
        wording,
        unsupported,
    })
}

/// The words behind `components`, and the first part that we can't fill.
fn wording_of(components: &Value) -> (Wording, Option<String>) {
    let (mut wording, mut unsupported, mut examples) = (Wording::default(), None, Examples::default());
    let mut odd = |word: &str| {
        unsupported.get_or_insert_with(|| word.to_owned());
    };
    for component in components.as_array().into_iter().flatten() {
        let text = |key: &str| component.get(key).and_then(Value::as_str).map(str::to_owned);
        match text("type").unwrap_or_default().to_uppercase().as_str() {
            "HEADER" => {
                let kind = match text("format").unwrap_or_default().to_uppercase().as_str() {
                    "" | "TEXT" => HeaderKind::Text,
                    "IMAGE" => HeaderKind::Image,
                    "VIDEO" => HeaderKind::Video,
                    "DOCUMENT" => HeaderKind::Document,
                    "LOCATION" => HeaderKind::Location,
                    other => {
                        odd(other);
                        continue;
                    }
                };
                let line = text("text").filter(|_| kind == HeaderKind::Text);
                examples.take(Spot::Header, component, "header_text", line.as_deref().unwrap_or_default());
                let handle = component.pointer("/example/header_handle/0").and_then(Value::as_str).map(str::to_owned);
                wording.header = Some(Header { kind, text: line, example_file: None, example_handle: handle });
            }
            "BODY" => {
                wording.body = text("text").unwrap_or_default();
                examples.take(Spot::Body, component, "body_text", &wording.body);
            }
            "FOOTER" => wording.footer = text("text"),
            "BUTTONS" => {
                for button in component.get("buttons").and_then(Value::as_array).into_iter().flatten() {
                    match button_of(button) {
                        Ok(button) => wording.buttons.push(button),
                        Err(word) => odd(&word),
                    }
                }
            }
            other => odd(other),
        }
    }
    let line = wording.header.as_ref().and_then(|header| header.text.as_deref());
    wording.variables = wording::variables(line, &wording.body, &wording.buttons, |spot, _, name| examples.of(spot, name));
    (wording, unsupported)
}

/// What is said about gaps, by place and name.
#[derive(Default)]
struct Examples(Vec<(Spot, String, String)>);

impl Examples {
    /// Takes over `example.{key}` (by number, in the order of the gaps) or `example.{key}_named_params`.
    fn take(&mut self, spot: Spot, component: &Value, key: &str, text: &str) {
        let example = component.get("example").unwrap_or(&Value::Null);
        for named in example.get(format!("{key}_named_params")).and_then(Value::as_array).into_iter().flatten() {
            let (name, said) = (named.get("param_name").and_then(Value::as_str), named.get("example").and_then(Value::as_str));
            if let (Some(name), Some(said)) = (name, said) {
                self.0.push((spot, name.to_owned(), said.to_owned()));
            }
        }
        // `header_text` is a list, `body_text` a list of lists.
        let row = example.get(key).map(|row| row.get(0).filter(|first| first.is_array()).unwrap_or(row));
        let mut names: Vec<&str> = wording::gaps(text).iter().map(|gap| gap.name).collect();
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or(u32::MAX));
        names.dedup();
        for (name, said) in names.iter().zip(row.and_then(Value::as_array).into_iter().flatten()) {
            if let Some(said) = said.as_str() {
                self.0.push((spot, (*name).to_owned(), said.to_owned()));
            }
        }
    }
    fn of(&self, spot: Spot, name: &str) -> Option<String> {
        self.0.iter().find(|(at, of, _)| *at == spot && of == name).map(|(_, _, said)| said.clone())
    }
}

/// A button, or the provider's word for one that we can't fill.
fn button_of(button: &Value) -> Result<TemplateButton, String> {
    let text = |key: &str| button.get(key).and_then(Value::as_str).map(str::to_owned);
    let example = || match button.get("example") {
        Some(Value::String(said)) => Some(said.clone()),
        Some(Value::Array(all)) => all.first().and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let plain = |kind| TemplateButton { kind, text: text("text").unwrap_or_default(), url: None, phone: None, example: None };
    Ok(match text("type").unwrap_or_default().to_uppercase().as_str() {
        "QUICK_REPLY" => plain(ButtonKind::QuickReply),
        "URL" => TemplateButton { url: text("url"), example: example(), ..plain(ButtonKind::Url) },
        "PHONE_NUMBER" => TemplateButton { phone: text("phone_number"), ..plain(ButtonKind::Phone) },
        "COPY_CODE" => TemplateButton { example: example(), ..plain(ButtonKind::CopyCode) },
        "FLOW" => plain(ButtonKind::Flow),
        "CATALOG" => plain(ButtonKind::Catalog),
        // Sent like a page whose end is the code.
        "OTP" if text("otp_type").is_none_or(|kind| kind == "COPY_CODE") => {
            TemplateButton { url: Some(CODE_PAGE.to_owned()), ..plain(ButtonKind::Url) }
        }
        other => return Err(other.to_owned()),
    })
}

/// A draft as `POST …/message_templates` takes it.
pub fn create_body(draft: &Draft) -> Value {
    let mut body = json!({
        "name": draft.name, "language": draft.language, "category": draft.category.word(), "components": components(draft),
    });
    if wording::is_named(&draft.wording) {
        body["parameter_format"] = json!("NAMED");
    }
    body
}

/// The words of a draft as the provider takes them.
pub fn components(draft: &Draft) -> Value {
    let wording = &draft.wording;
    let mut all = Vec::new();
    if draft.category == Category::Authentication {
        // The provider writes these words itself.
        all.push(json!({ "type": "BODY", "add_security_recommendation": draft.code.warns }));
        if let Some(minutes) = draft.code.expires_minutes {
            all.push(json!({ "type": "FOOTER", "code_expiration_minutes": minutes }));
        }
        let text = wording.buttons.first().map(|button| button.text.as_str()).filter(|text| !text.is_empty());
        let mut button = json!({ "type": "OTP", "otp_type": "COPY_CODE" });
        if let Some(text) = text {
            button["text"] = json!(text);
        }
        all.push(json!({ "type": "BUTTONS", "buttons": [button] }));
        return all.into();
    }
    if let Some(header) = &wording.header {
        let format = match header.kind {
            HeaderKind::Text => "TEXT",
            HeaderKind::Image => "IMAGE",
            HeaderKind::Video => "VIDEO",
            HeaderKind::Document => "DOCUMENT",
            HeaderKind::Location => "LOCATION",
        };
        let mut component = json!({ "type": "HEADER", "format": format });
        if let Some(text) = &header.text {
            component["text"] = json!(text);
            put_examples(&mut component, "header_text", wording, Spot::Header, false);
        }
        if let Some(handle) = &header.example_handle {
            component["example"] = json!({ "header_handle": [handle] });
        }
        all.push(component);
    }
    let mut body = json!({ "type": "BODY", "text": wording.body });
    put_examples(&mut body, "body_text", wording, Spot::Body, true);
    all.push(body);
    if let Some(footer) = &wording.footer {
        all.push(json!({ "type": "FOOTER", "text": footer }));
    }
    if !wording.buttons.is_empty() {
        let buttons: Vec<Value> = (0..).zip(&wording.buttons).map(|(n, button)| button_body(n, button, wording)).collect();
        all.push(json!({ "type": "BUTTONS", "buttons": buttons }));
    }
    all.into()
}

fn put_examples(component: &mut Value, key: &str, wording: &Wording, spot: Spot, is_nested: bool) {
    let mut gaps: Vec<&Variable> = wording.variables.iter().filter(|v| v.spot == spot).collect();
    if gaps.is_empty() || gaps.iter().any(|v| v.example.is_none()) {
        return;
    }
    component["example"] = match wording::is_named(wording) {
        true => {
            let named: Vec<Value> = gaps.iter().map(|v| json!({ "param_name": v.name, "example": v.example })).collect();
            json!({ format!("{key}_named_params"): named })
        }
        false => {
            gaps.sort_by_key(|v| v.name.parse::<u32>().unwrap_or(u32::MAX));
            let row: Vec<&Option<String>> = gaps.iter().map(|v| &v.example).collect();
            if is_nested { json!({ key: [row] }) } else { json!({ key: row }) }
        }
    };
}

fn button_body(n: u32, button: &TemplateButton, wording: &Wording) -> Value {
    let example = || {
        let gap = wording.variables.iter().find(|v| v.spot == Spot::Button && v.button == Some(n));
        gap.and_then(|gap| gap.example.as_ref()).or(button.example.as_ref())
    };
    match button.kind {
        ButtonKind::QuickReply => json!({ "type": "QUICK_REPLY", "text": button.text }),
        ButtonKind::Phone => json!({ "type": "PHONE_NUMBER", "text": button.text, "phone_number": button.phone }),
        ButtonKind::CopyCode => json!({ "type": "COPY_CODE", "text": button.text, "example": example() }),
        ButtonKind::Catalog => json!({ "type": "CATALOG", "text": button.text }),
        // Drafts with a form are refused: which one it opens only the provider knows.
        ButtonKind::Flow => json!({ "type": "FLOW", "text": button.text }),
        ButtonKind::Url => {
            let mut body = json!({ "type": "URL", "text": button.text, "url": button.url });
            if let Some(example) = example() {
                body["example"] = json!([example]);
            }
            body
        }
    }
}

/// What a form is opened with: as it is told, or a token alone.
fn opened_with(value: &str) -> Value {
    match serde_json::from_str::<Map<String, Value>>(value) {
        Ok(told) => Value::Object(told),
        Err(_) => json!({ "flow_token": if value.trim().is_empty() { "unused" } else { value } }),
    }
}

/// A message made of a template: the object `template` of a send. `file` and `place` are what its header shows.
pub fn send_object(template: &TemplateUse, file: Option<&OutgoingMedia>, place: Option<&Place>) -> Value {
    let named = |name: &str, mut parameter: Value| {
        if !wording::is_number(name) {
            parameter["parameter_name"] = json!(name);
        }
        parameter
    };
    let texts = |component: &str| -> Vec<Value> {
        let mut gaps: Vec<_> = template.variables.iter().filter(|v| v.component == component).collect();
        gaps.sort_by_key(|v| v.name.parse::<u32>().unwrap_or(u32::MAX));
        gaps.iter().map(|v| named(&v.name, json!({ "type": "text", "text": v.value }))).collect()
    };
    let mut components = Vec::new();
    let mut header = texts("header");
    if let Some(file) = file {
        let word = match file.kind {
            MessageKind::Image => "image",
            MessageKind::Video => "video",
            _ => "document",
        };
        let mut object = json!({ "id": file.provider_id });
        if word == "document"
            && let Some(name) = &file.file_name
        {
            object["filename"] = json!(name);
        }
        header.push(json!({ "type": word, word: object }));
    } else if let Some(place) = place {
        let mut object = Map::new();
        object.insert("latitude".into(), json!(place.latitude().to_string()));
        object.insert("longitude".into(), json!(place.longitude().to_string()));
        for (key, value) in [("name", &place.name), ("address", &place.address)] {
            if let Some(value) = value {
                object.insert(key.into(), json!(value));
            }
        }
        header.push(json!({ "type": "location", "location": object }));
    }
    for (word, parameters) in [("header", header), ("body", texts("body"))] {
        if !parameters.is_empty() {
            components.push(json!({ "type": word, "parameters": parameters }));
        }
    }
    for button in template.variables.iter().filter(|v| v.component == "button") {
        let action = |action: Value| json!({ "type": "action", "action": action });
        let (kind, parameter) = match button.name.as_str() {
            COUPON => ("copy_code", json!({ "type": "coupon_code", "coupon_code": button.value })),
            PAYLOAD => ("quick_reply", json!({ "type": "payload", "payload": button.value })),
            CATALOG => ("catalog", action(json!({ "thumbnail_product_retailer_id": button.value }))),
            FLOW => ("flow", action(opened_with(&button.value))),
            _ => ("url", json!({ "type": "text", "text": button.value })),
        };
        let index = button.button.unwrap_or_default().to_string();
        components.push(json!({ "type": "button", "sub_type": kind, "index": index, "parameters": [parameter] }));
    }
    let mut object = json!({ "name": template.name, "language": { "code": template.language } });
    if !components.is_empty() {
        object["components"] = components.into();
    }
    object
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
