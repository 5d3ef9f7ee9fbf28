//! WAHA (2026.7): WhatsApp Web sessions behind an HTTP gateway. The only place that knows its wire format.

mod acts;
pub mod client;
mod content;
mod files;
mod ids;
mod parse;
mod send;
pub mod session;
pub mod signature;
mod vcard;
mod verbs;

use super::{
    adapter::{Adapter, CheckItem, Element, Health, Line, Part},
    media::fetch::{ComingFile, NotFetched, WantedFile},
    model::ChannelKind,
    receiving::inbound::{Told, Unreadable},
    sending::{
        acts::OutgoingAct,
        carries::{self, Ability, Carries},
        outgoing::{Class, Outgoing, Verdict},
    },
};
use crate::{base::Timestamp, platform::outbound::Outbound};
use client::Client;
use futures_util::future::BoxFuture;

/// What a phone's own session carries. It knows no templates; whether buttons and lists are shown, its engine decides.
static CARRIES: Carries = Carries {
    can: &[
        Ability::Text,
        Ability::Image,
        Ability::Video,
        Ability::Audio,
        Ability::Voice,
        Ability::Document,
        Ability::Location,
        Ability::Contact,
        Ability::Buttons,
        Ability::List,
        Ability::UrlButton,
        Ability::Poll,
        Ability::Reaction,
        Ability::Edit,
        Ability::Delete,
        Ability::Typing,
    ],
    limits: carries::WHATSAPP,
};

/// The adapter.
#[derive(Debug, Default, Clone, Copy)]
pub struct WahaAdapter;

impl Adapter for WahaAdapter {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Waha
    }

    fn accounts(&self, body: &[u8]) -> Vec<String> {
        parse::session(body).into_iter().collect()
    }

    fn parse(&self, body: &[u8], now: Timestamp) -> Result<Vec<Element>, String> {
        let raw = std::str::from_utf8(body).map_err(|e| format!("not UTF-8: {e}"))?;
        let account = parse::session(body);
        // One event a body: what is no JSON object is no event of WAHA's at all.
        let told = parse::event(raw, now)?;
        Ok(vec![Element { account, parent: None, told, raw: raw.to_owned(), part: Part::Message, beside: None }])
    }

    fn parse_part(&self, _: Part, raw: &str, _: Option<&str>, now: Timestamp) -> Result<Told, Unreadable> {
        parse::event(raw, now).unwrap_or_else(|why| Err(Unreadable::new("malformed", why)))
    }

    fn class(&self, code: &str) -> Class {
        send::class_of(code)
    }

    fn carries(&self) -> &'static Carries {
        &CARRIES
    }

    fn send<'a>(&'a self, outbound: &'a Outbound, line: &'a Line, message: &'a Outgoing) -> BoxFuture<'a, Verdict> {
        Box::pin(send::send(Client::new(outbound, line), message))
    }

    fn act<'a>(&'a self, outbound: &'a Outbound, line: &'a Line, act: &'a OutgoingAct) -> BoxFuture<'a, Verdict> {
        Box::pin(acts::act(Client::new(outbound, line), act))
    }

    fn fetch<'a>(
        &'a self,
        outbound: &'a Outbound,
        line: &'a Line,
        file: &'a WantedFile,
    ) -> BoxFuture<'a, Result<ComingFile, NotFetched>> {
        Box::pin(files::fetch(outbound, line, file))
    }

    fn check<'a>(&'a self, outbound: &'a Outbound, line: &'a Line) -> BoxFuture<'a, Health> {
        Box::pin(check(Client::new(outbound, line)))
    }
}

async fn check(client: Client<'_>) -> Health {
    let mut health = Health::default();
    let session = match client.session().await {
        Ok(session) => session,
        Err(error) => {
            let item = match error.status {
                Some(401 | 403) => "token",
                Some(404) => "session",
                _ => "reachable",
            };
            if item != "reachable" {
                health.items.push(CheckItem::good("reachable", None));
                health.refused = true;
            }
            if item == "session" {
                health.items.push(CheckItem::good("token", None));
            }
            health.items.push(CheckItem::bad(item, error.reason));
            return health;
        }
    };
    health.items.push(CheckItem::good("reachable", None));
    health.items.push(CheckItem::good("token", None));
    health.display = session.phone;
    health.name = session.profile;
    health.items.push(match session.state {
        super::SessionState::Working => CheckItem::good("session", health.display.clone()),
        state => CheckItem::bad("session", state.word()),
    });
    health
}
