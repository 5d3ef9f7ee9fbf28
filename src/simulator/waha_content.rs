//! What the made-up WAHA server takes besides words, and how it shows that in the chat.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// The words of what `verb` sends, and what its message shows besides; `None`: the verb sends nothing.
///
/// # Errors
/// What the body lacks.
pub(super) fn taken(verb: &str, body: &Value) -> Option<Result<(String, Value), String>> {
    let text = |at: &str| body.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let need = |at: &str| text(at).ok_or_else(|| format!("{at} is required"));
    Some(match verb {
        "sendText" => need("/text").map(|words| (words, json!({}))),
        "sendImage" | "sendVideo" | "sendVoice" | "sendFile" => file(body),
        "sendLocation" => {
            let place = ["latitude", "longitude"].map(|key| body[key].as_f64());
            match (place, need("/title")) {
                ([Some(latitude), Some(longitude)], Ok(title)) => {
                    Ok((String::new(), json!({"location": {"latitude": latitude, "longitude": longitude, "description": title}})))
                }
                _ => Err("latitude, longitude and title are required".to_owned()),
            }
        }
        "sendContactVcard" => {
            let cards: Vec<Value> =
                body["contacts"].as_array().into_iter().flatten().map(|contact| contact["vcard"].clone()).collect();
            match cards.is_empty() || cards.iter().any(|card| !card.is_string()) {
                true => Err("contacts are required".to_owned()),
                false => Ok((String::new(), json!({ "vCards": cards }))),
            }
        }
        "sendPoll" => match (need("/poll/name"), body.pointer("/poll/multipleAnswers")) {
            (Ok(question), Some(Value::Bool(_))) if body["poll"]["options"].is_array() => {
                Ok((question, json!({ "poll": body["poll"] })))
            }
            _ => Err("poll needs name, options and multipleAnswers".to_owned()),
        },
        "sendList" => match need("/message/title").and(need("/message/button")).and(need("/message/sections/0/title")) {
            Ok(_) => Ok((text("/message/description").unwrap_or_default(), json!({}))),
            Err(lacks) => Err(lacks),
        },
        "sendButtons" => match need("/header").and(need("/footer")).and(need("/buttons/0/text")) {
            Ok(_) => need("/body").map(|words| (words, json!({}))),
            Err(lacks) => Err(lacks),
        },
        _ => return None,
    })
}

fn file(body: &Value) -> Result<(String, Value), String> {
    let mime = body["file"]["mimetype"].as_str().ok_or("file.mimetype is required")?;
    let data = body["file"]["data"].as_str().ok_or("file.data is required")?;
    let bytes = STANDARD.decode(data).map_err(|e| format!("file.data is no Base64: {e}"))?;
    if bytes.is_empty() {
        return Err("file.data is empty".to_owned());
    }
    let media = json!({"url": null, "mimetype": mime, "filename": body["file"]["filename"]});
    let caption = body["caption"].as_str().unwrap_or_default().to_owned();
    Ok((caption, json!({"hasMedia": true, "media": media})))
}
