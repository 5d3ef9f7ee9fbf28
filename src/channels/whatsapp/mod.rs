//! WhatsApp Cloud API (Graph v21 to v23). The only place that knows Meta's wire format.

pub mod account;
mod acts;
mod classes;
mod content;
pub mod envelope;
mod fields;
mod files;
pub mod handshake;
mod objects;
mod parse;
mod send;
pub mod signature;
mod template_calls;
mod templates;

use super::{
    adapter::{Adapter, CheckItem, Element, Health, Line, Part},
    media::fetch::{ComingFile, NotFetched, WantedFile},
    model::ChannelKind,
    receiving::inbound::{Failure, Told, Unreadable},
    sending::{
        acts::OutgoingAct,
        carries::{self, Ability, Carries},
        outgoing::{Class, Outgoing, OutgoingMedia, Verdict},
    },
    templates::provider::TemplateBook,
};
use crate::{
    base::Timestamp,
    platform::outbound::{Answer, Call, CallError, Guard, Outbound, Retry},
};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};

/// Where the Graph API is unless the owner says otherwise.
pub const BASE_URL: &str = "https://graph.facebook.com/v21.0";
/// Names calls in the metrics.
const PURPOSE: &str = "whatsapp_cloud";
/// A send that takes longer is taken for lost; the agent wants to know.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// A check is waited for by a person.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

/// What the Cloud API carries. It knows no polls, and neither changes nor takes back what went out.
static CARRIES: Carries = Carries {
    can: &[
        Ability::Text,
        Ability::Image,
        Ability::Video,
        Ability::Audio,
        Ability::Voice,
        Ability::Document,
        Ability::Sticker,
        Ability::Location,
        Ability::Contact,
        Ability::Buttons,
        Ability::List,
        Ability::UrlButton,
        Ability::Flow,
        Ability::LocationRequest,
        Ability::Commerce,
        Ability::Header,
        Ability::Template,
        Ability::Reaction,
        Ability::Typing,
    ],
    limits: carries::WHATSAPP,
};

/// The adapter.
#[derive(Debug, Default, Clone, Copy)]
pub struct WhatsappCloudAdapter;

impl Adapter for WhatsappCloudAdapter {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WhatsappCloud
    }

    fn accounts(&self, body: &[u8]) -> Vec<String> {
        let Ok(batch) = envelope::open(body) else { return Vec::new() };
        let named: BTreeSet<_> = batch.changes.into_iter().filter_map(|change| change.phone_number_id).collect();
        named.into_iter().map(|id| id.into_owned()).collect()
    }

    fn parse(&self, body: &[u8], now: Timestamp) -> Result<Vec<Element>, String> {
        let batch = envelope::open(body)?;
        if batch.object != envelope::OBJECT {
            metrics::counter!("farol_webhook_ignored_total", "what" => "other_object").increment(1);
            return Ok(Vec::new());
        }
        let mut elements = Vec::new();
        for change in batch.changes {
            let parent = change.entry.as_deref().map(str::to_owned);
            if change.field != "messages" {
                elements.extend(fields::read(&change.field, change.value, now).into_iter().map(|(told, raw)| Element {
                    account: change.phone_number_id.as_deref().map(str::to_owned),
                    parent: parent.clone(),
                    told,
                    raw,
                    part: Part::Field,
                    beside: Some(change.field.to_string()),
                }));
                continue;
            }
            let profiles = parse::profiles(change.contacts);
            let account = change.phone_number_id.as_deref().map(str::to_owned);
            let mut add = |part, raw: &str, told| {
                elements.push(Element {
                    account: account.clone(),
                    parent: parent.clone(),
                    told,
                    raw: raw.to_owned(),
                    part,
                    beside: if part == Part::Message { change.contacts.map(str::to_owned) } else { None },
                });
            };
            for raw in change.messages {
                add(Part::Message, raw, parse::message(raw, &profiles, now));
            }
            for raw in change.statuses {
                add(Part::Status, raw, parse::status(raw, now));
            }
            for raw in change.errors {
                add(Part::Account, raw, fields::account_error(raw, now));
            }
        }
        elements.extend(batch.broken.into_iter().map(|broken| Element {
            account: None,
            parent: None,
            told: Err(Unreadable::new("malformed", broken.reason)),
            raw: broken.raw.to_owned(),
            part: Part::Shape,
            beside: None,
        }));
        Ok(elements)
    }

    fn parse_part(&self, part: Part, raw: &str, beside: Option<&str>, now: Timestamp) -> Result<Told, Unreadable> {
        match part {
            Part::Message => parse::message(raw, &parse::profiles(beside), now),
            Part::Status => parse::status(raw, now),
            Part::Account => fields::account_error(raw, now),
            Part::Field => fields::again(beside.unwrap_or_default(), raw, now),
            Part::Shape | Part::Body => Err(Unreadable::new("malformed", "this has not the shape of a webhook")),
        }
    }

    fn class(&self, code: &str) -> Class {
        match code {
            "bad_address" => Class::Account,
            "unreachable" | "upload_failed" => Class::Retry,
            "not_supported" | "incomplete" => Class::Content,
            code => code.parse().map_or(Class::Unknown, classes::of_code),
        }
    }

    fn carries(&self) -> &'static Carries {
        &CARRIES
    }

    fn send<'a>(&'a self, outbound: &'a Outbound, line: &'a Line, message: &'a Outgoing) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let body = match send::body(message) {
                Ok(body) => body,
                Err(refused) => return refused,
            };
            let call = Call::post(PURPOSE, format!("{}/{}/messages", line.base_url, line.account))
                .guard(Guard::Owner)
                .bearer(&line.token)
                .json(&body)
                .timeout(SEND_TIMEOUT);
            match outbound.send(call).await {
                Ok(answer) => {
                    let wait = answer.headers.get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse().ok());
                    send::verdict(answer.status.as_u16(), wait, &answer.body)
                }
                Err(error) => not_answered(&error),
            }
        })
    }

    fn fetch<'a>(
        &'a self,
        outbound: &'a Outbound,
        line: &'a Line,
        file: &'a WantedFile,
    ) -> BoxFuture<'a, Result<ComingFile, NotFetched>> {
        Box::pin(files::fetch(outbound, line, file))
    }

    fn upload<'a>(
        &'a self,
        outbound: &'a Outbound,
        line: &'a Line,
        file: &'a OutgoingMedia,
    ) -> BoxFuture<'a, Result<Option<String>, Verdict>> {
        Box::pin(async move { files::upload(outbound, line, file).await.map(Some) })
    }

    fn templates(&self) -> Option<&dyn TemplateBook> {
        Some(self)
    }

    fn act<'a>(&'a self, outbound: &'a Outbound, line: &'a Line, act: &'a OutgoingAct) -> BoxFuture<'a, Verdict> {
        Box::pin(acts::act(outbound, line, act))
    }

    fn check<'a>(&'a self, outbound: &'a Outbound, line: &'a Line) -> BoxFuture<'a, Health> {
        Box::pin(check(outbound, line))
    }
}

/// What a call without an answer means for the message.
fn not_answered(error: &CallError) -> Verdict {
    let failure = |code: &str, class: Class| failure_of(code, class, error.to_string());
    match error.retry() {
        Retry::Safe(wait) => Verdict::Refused(Class::Retry, failure("unreachable", Class::Retry), wait),
        Retry::Unknown => Verdict::Unclear(error.to_string()),
        Retry::Never => match error {
            // It was taken by whatever answered so much, or so oddly.
            CallError::TooLarge(_) => Verdict::Unclear(error.to_string()),
            _ => Verdict::Refused(Class::Account, failure("bad_address", Class::Account), None),
        },
    }
}

/// A failure in our own words.
fn failure_of(code: &str, class: Class, reason: String) -> Failure {
    let account = class == Class::Account;
    Failure { code: code.to_owned(), reason, next_step: class.next_step(), closes_window: false, account }
}

async fn check(outbound: &Outbound, line: &Line) -> Health {
    const FIELDS: &str = "id,display_phone_number,verified_name,quality_rating,messaging_limit_tier,code_verification_status";
    let mut health = Health::default();
    let get = |url: String| outbound.send(Call::get(PURPOSE, url).guard(Guard::Owner).bearer(&line.token).timeout(CHECK_TIMEOUT));
    let answer = match get(format!("{}/{}?fields={FIELDS}", line.base_url, line.account)).await {
        Ok(answer) => answer,
        Err(error) => {
            health.items.push(CheckItem::bad("reachable", error.to_string()));
            return health;
        }
    };
    health.items.push(CheckItem::good("reachable", None));
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if let Some((code, why)) = refusal(&answer, &body) {
        // Code 100 is an unknown object: the token was good enough to be told so.
        health.refused = true;
        let item = if code == Some(100) { "number" } else { "token" };
        if item == "number" {
            health.items.push(CheckItem::good("token", None));
        }
        health.items.push(CheckItem::bad(item, why));
        return health;
    }
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    health.items.push(CheckItem::good("token", None));
    health.display = text("display_phone_number");
    health.name = text("verified_name");
    health.quality = text("quality_rating");
    health.items.push(CheckItem::good("number", health.display.clone()));
    let poor = health.quality.as_deref() == Some("RED");
    health.items.push(CheckItem { ok: !poor, ..CheckItem::good("quality", health.quality.clone()) });
    if let Some(tier) = text("messaging_limit_tier") {
        health.items.push(CheckItem::good("tier", None).with("tier", tier));
    }
    if let Some(parent) = &line.parent_account
        && let Ok(answer) = get(format!("{}/{parent}/phone_numbers?fields=id", line.base_url)).await
    {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let ids = body.get("data").and_then(Value::as_array).into_iter().flatten();
        let mine = ids.filter_map(|n| n.get("id")?.as_str()).any(|id| id == line.account);
        health.items.push(match refusal(&answer, &body) {
            Some((_, why)) => CheckItem::bad("business_account", why),
            None if mine => CheckItem::good("business_account", None),
            None => {
                CheckItem::bad("business_account", "this number belongs to another business account").because("other_account")
            }
        });
    }
    health
}

/// The Graph API's no: its code and words.
fn refusal(answer: &Answer, body: &Value) -> Option<(Option<i64>, String)> {
    if answer.status.is_success() {
        return None;
    }
    let error = body.get("error").unwrap_or(&Value::Null);
    let why =
        error.get("message").and_then(Value::as_str).map_or_else(|| format!("HTTP {}", answer.status.as_u16()), str::to_owned);
    Some((error.get("code").and_then(Value::as_i64), crate::base::text::shorten(&why, 300)))
}
