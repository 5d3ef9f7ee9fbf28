//! The one trait every provider's adapter implements, and what it speaks in.

use super::{
    media::fetch::{self, ComingFile, NotFetched, WantedFile},
    model::{ChannelKind, PathStyle},
    receiving::inbound::{Told, Unreadable},
    sending::{
        acts::OutgoingAct,
        carries::Carries,
        outgoing::{Class, Outgoing, OutgoingMedia, Verdict},
    },
    templates::provider::TemplateBook,
    waha::WahaAdapter,
    whatsapp::WhatsappCloudAdapter,
};
use crate::{base::Timestamp, platform::outbound::Outbound};
use futures_util::future::BoxFuture;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// What one element of a raw body says, and about whose account.
#[derive(Debug)]
pub struct Element {
    /// The provider's name of the account; `None` where the element names none.
    pub account: Option<String>,
    /// The provider's name of the account above it, for elements that name no account of their own.
    pub parent: Option<String>,
    /// What it says.
    pub told: Result<Told, Unreadable>,
    /// The element as it came, for the dead letter.
    pub raw: String,
    /// Which part of a body it is, so that it can be read again alone.
    pub part: Part,
    /// What else of the body it needs to be read again.
    pub beside: Option<String>,
}

/// Parts of a body that can be read alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A message.
    Message,
    /// A status.
    Status,
    /// An error of the account.
    Account,
    /// Part of another field, which is named beside it.
    Field,
    /// Something that has not the shape it should have.
    Shape,
    /// All of it.
    Body,
}

/// What an adapter needs to speak to its provider. Never logged.
#[derive(Clone)]
pub struct Line {
    /// Where.
    pub base_url: String,
    /// The provider's name of the account.
    pub account: String,
    /// The account above it, where there is one.
    pub parent_account: Option<String>,
    /// What lets us in.
    pub token: String,
    /// How calls are addressed, where the provider leaves a choice.
    pub path_style: PathStyle,
}

/// One thing a check looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CheckItem {
    /// Stable code: `reachable`, `token`, `number`, `business_account`, `quality`, `tier`, `subscription`, `session`,
    /// `webhook`, `path_style`, `silent`, `app_secret`, `hmac_key`, `signature`, `inbound`, `public_address`, `templates`.
    #[schema(example = "token")]
    pub code: &'static str,
    /// Is it well?
    pub ok: bool,
    /// Why it is not well, as a stable code that screens translate, where we know it ourselves: `other_account`,
    /// `not_subscribed`, `fields_missing`, `missing`, `not_set`, `not_https`, `http_status`, `unreachable`, `never`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "fields_missing")]
    pub reason: Option<&'static str>,
    /// What fills the gaps of that reason's words, and what was found: times, numbers, names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub params: BTreeMap<&'static str, String>,
    /// What was found, or the provider's words; in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Invalid OAuth access token")]
    pub detail: Option<String>,
    /// What `POST /channels/{channelId}/repair/{code}` must be called with to mend it; absent where only a person can.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "subscribe")]
    pub repair: Option<&'static str>,
}

impl CheckItem {
    /// Something is well.
    pub fn good(code: &'static str, detail: impl Into<Option<String>>) -> Self {
        Self { code, ok: true, reason: None, params: BTreeMap::new(), detail: detail.into(), repair: None }
    }
    /// Something is not well, and what to do.
    pub fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        Self { ok: false, ..Self::good(code, Some(detail.into())) }
    }
    /// Why, as a stable code.
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }
    /// Something that fills a gap of the reason's words.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.insert(name, value.into());
        self
    }
    /// What mends it.
    #[must_use]
    pub fn mended_by(self, repair: &'static str) -> Self {
        Self { repair: Some(repair), ..self }
    }
}

/// What a check learnt of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// What was looked at, in order.
    pub items: Vec<CheckItem>,
    /// The address people know the account by.
    pub display: Option<String>,
    /// Its name at the provider.
    pub name: Option<String>,
    /// How its messages are received.
    pub quality: Option<String>,
    /// Does the provider refuse us altogether? Then nothing can go out.
    pub refused: bool,
}

/// One provider. The only code that knows its wire format.
pub trait Adapter: Send + Sync + 'static {
    /// Which kind of channel it serves.
    fn kind(&self) -> ChannelKind;
    /// The accounts a body claims to be about; believed for nothing but the choice of secrets to try.
    fn accounts(&self, body: &[u8]) -> Vec<String>;
    /// All elements of a body, each on its own. `now` is when it came.
    ///
    /// # Errors
    /// Why it is no body of this provider's at all.
    fn parse(&self, body: &[u8], now: Timestamp) -> Result<Vec<Element>, String>;
    /// One element again, from its dead letter.
    ///
    /// # Errors
    /// Why it still can't be read.
    fn parse_part(&self, part: Part, raw: &str, beside: Option<&str>, now: Timestamp) -> Result<Told, Unreadable>;
    /// What one of the provider's error codes means.
    fn class(&self, code: &str) -> Class;
    /// What its channels carry, and within which lengths.
    fn carries(&self) -> &'static Carries;
    /// Sends one message.
    fn send<'a>(&'a self, outbound: &'a Outbound, line: &'a Line, message: &'a Outgoing) -> BoxFuture<'a, Verdict>;
    /// Carries out what was done to a message, or shows its reader something.
    fn act<'a>(&'a self, _outbound: &'a Outbound, _line: &'a Line, _act: &'a OutgoingAct) -> BoxFuture<'a, Verdict> {
        Box::pin(async { Verdict::not_supported("an act upon a message") })
    }
    /// Begins to fetch a file that a customer sent. Where an adapter says nothing else: from its address, with the
    /// channel's key.
    fn fetch<'a>(
        &'a self,
        outbound: &'a Outbound,
        line: &'a Line,
        file: &'a WantedFile,
    ) -> BoxFuture<'a, Result<ComingFile, NotFetched>> {
        Box::pin(fetch::fetch_by_url(outbound, line, file, |call| call.header("X-Api-Key", &line.token)))
    }

    /// Hands a file over before the message that names it; `None` where it goes with the message.
    fn upload<'a>(
        &'a self,
        _outbound: &'a Outbound,
        _line: &'a Line,
        _file: &'a OutgoingMedia,
    ) -> BoxFuture<'a, Result<Option<String>, Verdict>> {
        Box::pin(async { Ok(None) })
    }

    /// The provider's templates, where it has any.
    fn templates(&self) -> Option<&dyn TemplateBook> {
        None
    }

    /// Asks the provider whether the account works.
    fn check<'a>(&'a self, outbound: &'a Outbound, line: &'a Line) -> BoxFuture<'a, Health>;
}

/// The adapters, one for each kind of channel.
#[derive(Clone)]
pub struct Adapters {
    whatsapp_cloud: Arc<dyn Adapter>,
    waha: Arc<dyn Adapter>,
}

impl Default for Adapters {
    fn default() -> Self {
        Self { whatsapp_cloud: Arc::new(WhatsappCloudAdapter), waha: Arc::new(WahaAdapter) }
    }
}

impl Adapters {
    /// The one that serves `kind`.
    pub fn of(&self, kind: ChannelKind) -> &dyn Adapter {
        match kind {
            ChannelKind::WhatsappCloud => &*self.whatsapp_cloud,
            ChannelKind::Waha => &*self.waha,
        }
    }
}

/// One adapter in place of the usual one of its kind.
impl<A: Adapter> From<Arc<A>> for Adapters {
    fn from(adapter: Arc<A>) -> Self {
        let mut all = Self::default();
        match adapter.kind() {
            ChannelKind::WhatsappCloud => all.whatsapp_cloud = adapter,
            ChannelKind::Waha => all.waha = adapter,
        }
        all
    }
}
