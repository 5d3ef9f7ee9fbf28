//! What the made-up Graph API takes besides words and files: places, cards, buttons, lists, forms, checked as the real one
//! checks them.

use super::graph::refuse;
use axum::response::Response;
use serde_json::Value;

/// Checks the object of a message of this kind and gives the words its customer reads; `None`: it is no such message.
pub(super) fn words_of(request: &Value, kind: &str) -> Option<Result<String, Box<Response>>> {
    let object = &request[kind];
    let checked = match kind {
        "location" => location(object),
        "contacts" => contacts(object),
        "interactive" => interactive(object),
        _ => return None,
    };
    Some(checked.map_err(|why| Box::new(refuse(400, 131_009, &why))))
}

type Checked = Result<String, String>;

fn words<'a>(object: &'a Value, at: &str, max: usize) -> Result<&'a str, String> {
    let text = object.pointer(at).and_then(Value::as_str).unwrap_or_default();
    match text.chars().count() {
        0 => Err(format!("Parameter value is not valid: {at} is required")),
        n if n > max => Err(format!("Parameter value is not valid: {at} must be at most {max} characters long")),
        _ => Ok(text),
    }
}

/// The same where it may be left out.
fn some<'a>(object: &'a Value, at: &str, max: usize) -> Result<&'a str, String> {
    if object.pointer(at).is_none() { Ok("") } else { words(object, at, max) }
}

fn items<'a>(object: &'a Value, at: &str, max: usize) -> Result<&'a [Value], String> {
    match object.pointer(at).and_then(Value::as_array) {
        Some(all) if !all.is_empty() && all.len() <= max => Ok(all),
        _ => Err(format!("Parameter value is not valid: {at} must hold 1 to {max} items")),
    }
}

fn location(object: &Value) -> Checked {
    let within = |key: &str, most: f64| object[key].as_f64().is_some_and(|degrees| degrees.abs() <= most);
    if !within("latitude", 90.0) || !within("longitude", 180.0) {
        return Err("Parameter value is not valid: location".to_owned());
    }
    Ok(some(object, "/name", 1_000)?.to_owned())
}

fn contacts(object: &Value) -> Checked {
    let mut names = Vec::new();
    for card in items(object, "", 257)? {
        names.push(words(card, "/name/formatted_name", 1_000)?);
        let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"];
        if !parts.iter().any(|part| card["name"][part].is_string()) {
            return Err("Parameter value is not valid: name needs one more part".to_owned());
        }
    }
    Ok(names.join(", "))
}

fn interactive(object: &Value) -> Checked {
    let body = words(object, "/body/text", 1_024)?;
    some(object, "/footer/text", 60)?;
    some(object, "/header/text", 60)?;
    match object["type"].as_str().unwrap_or_default() {
        "button" => {
            for button in items(object, "/action/buttons", 3)? {
                words(button, "/reply/title", 20)?;
                words(button, "/reply/id", 256)?;
            }
        }
        "list" => {
            words(object, "/action/button", 20)?;
            let sections = items(object, "/action/sections", 10)?;
            let mut rows = 0;
            for section in sections {
                if sections.len() > 1 {
                    words(section, "/title", 24)?;
                }
                for row in items(section, "/rows", 10)? {
                    rows += 1;
                    words(row, "/title", 24)?;
                    words(row, "/id", 200)?;
                    some(row, "/description", 72)?;
                }
            }
            if rows > 10 {
                return Err("Parameter value is not valid: more than 10 rows".to_owned());
            }
        }
        "cta_url" => {
            words(object, "/action/parameters/display_text", 20)?;
            let url = words(object, "/action/parameters/url", 2_000)?;
            if !url.starts_with("http") {
                return Err("Parameter value is not valid: url".to_owned());
            }
        }
        "flow" => {
            words(object, "/action/parameters/flow_cta", 30)?;
        }
        "location_request_message" | "catalog_message" => {}
        "product" => {
            words(object, "/action/catalog_id", 100)?;
            words(object, "/action/product_retailer_id", 100)?;
        }
        "product_list" => {
            words(object, "/action/catalog_id", 100)?;
            for section in items(object, "/action/sections", 10)? {
                items(section, "/product_items", 30)?;
            }
        }
        "order_details" | "order_status" => {
            words(object, "/action/name", 40)?;
            words(object, "/action/parameters/reference_id", 60)?;
        }
        other => return Err(format!("Parameter value is not valid: interactive type {other}")),
    }
    Ok(body.to_owned())
}
