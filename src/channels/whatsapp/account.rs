//! The app behind a number, as the Graph API knows it: is it subscribed to the business account, and are its events sent
//! here? Asked by the doctor, and set by its button.

use super::{CHECK_TIMEOUT, PURPOSE, refusal};
use crate::{
    channels::adapter::{CheckItem, Line},
    platform::outbound::{Answer, Call, Guard, Outbound},
};
use serde_json::{Value, json};

/// Fields whose events are read.
const FIELDS: [&str; 9] = [
    "messages",
    "smb_message_echoes",
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "account_update",
    "phone_number_quality_update",
    "user_preferences",
    "user_id_update",
];
/// Without this one nothing comes in; the others are missed.
const NEEDED: &str = "messages";
const OBJECT: &str = "whatsapp_business_account";

/// Where the app's events must go, and what lets us say so.
pub struct Door {
    /// The address as the provider calls it.
    pub url: String,
    /// Addresses that begin so lead here too.
    pub prefix: String,
    /// Proves the address at the handshake.
    pub verify_token: String,
    /// The app's secret.
    pub app_secret: String,
}

struct Graph<'a> {
    outbound: &'a Outbound,
    line: &'a Line,
}

impl Graph<'_> {
    async fn ask(&self, call: Call, token: &str) -> Result<Value, String> {
        let call = call.guard(Guard::Owner).bearer(token).timeout(CHECK_TIMEOUT);
        let answer: Answer = self.outbound.send(call).await.map_err(|e| e.to_string())?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        match refusal(&answer, &body) {
            Some((_, why)) => Err(why),
            None => Ok(body),
        }
    }
    fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.line.base_url)
    }
    /// The app whose token ours is.
    async fn app(&self) -> Result<String, String> {
        let body = self.ask(Call::get(PURPOSE, self.at("app?fields=id")), &self.line.token).await?;
        body["id"].as_str().map(str::to_owned).ok_or_else(|| "the token names no app".to_owned())
    }
}

/// Is the app subscribed to the business account, and do its events come here?
pub async fn subscription(outbound: &Outbound, line: &Line, door: Option<&Door>) -> Option<CheckItem> {
    const CODE: &str = "subscription";
    let graph = Graph { outbound, line };
    let account = line.parent_account.as_deref()?;
    let bad = |detail: &str, reason| Some(CheckItem::bad(CODE, detail).because(reason).mended_by("subscribe"));
    let unknown = |why: String| Some(CheckItem::bad(CODE, why).because("not_answered"));
    let app = match graph.app().await {
        Ok(app) => app,
        Err(why) => return unknown(why),
    };
    let apps = match graph.ask(Call::get(PURPOSE, graph.at(&format!("{account}/subscribed_apps"))), &line.token).await {
        Ok(body) => body,
        Err(why) => return unknown(why),
    };
    let named = |one: &Value| one.pointer("/whatsapp_business_api_data/id").and_then(Value::as_str) == Some(&app);
    if !apps["data"].as_array().is_some_and(|all| all.iter().any(named)) {
        return bad("the app is not subscribed to the business account", "not_subscribed");
    }
    let Some(door) = door else { return Some(CheckItem::good(CODE, None)) };
    let key = format!("{app}|{}", door.app_secret);
    let subscriptions = match graph.ask(Call::get(PURPOSE, graph.at(&format!("{app}/subscriptions"))), &key).await {
        Ok(body) => body,
        Err(why) => return unknown(why),
    };
    let mut all = subscriptions["data"].as_array().into_iter().flatten();
    let Some(ours) = all.find(|one| one["object"] == OBJECT && one["active"] != false) else {
        return bad("the app sends no events of business accounts", "not_subscribed");
    };
    let address = ours["callback_url"].as_str().unwrap_or_default();
    if !address.starts_with(&door.prefix) {
        let item = bad("the app sends its events elsewhere", "other_address")?;
        return Some(item.with("url", address));
    }
    let fields: Vec<&str> =
        ours["fields"].as_array().into_iter().flatten().filter_map(|f| f["name"].as_str().or(f.as_str())).collect();
    let missing: Vec<&str> = FIELDS.into_iter().filter(|field| !fields.contains(field)).collect();
    if missing.is_empty() {
        return Some(CheckItem::good(CODE, None));
    }
    let item = bad("not every field is subscribed", "fields_missing")?.with("fields", missing.join(", "));
    Some(CheckItem { ok: !missing.contains(&NEEDED), ..item })
}

/// Subscribes the app to the business account, and has its events sent here.
///
/// # Errors
/// What the provider said.
pub async fn subscribe(outbound: &Outbound, line: &Line, door: &Door) -> Result<(), String> {
    let graph = Graph { outbound, line };
    let account = line.parent_account.as_deref().ok_or("the channel names no business account")?;
    let app = graph.app().await?;
    graph.ask(Call::post(PURPOSE, graph.at(&format!("{account}/subscribed_apps"))), &line.token).await?;
    let body = json!({"object": OBJECT, "callback_url": door.url, "verify_token": door.verify_token,
        "fields": FIELDS.join(","), "include_values": true});
    let key = format!("{app}|{}", door.app_secret);
    graph.ask(Call::post(PURPOSE, graph.at(&format!("{app}/subscriptions"))).json(&body), &key).await.map(drop)
}
