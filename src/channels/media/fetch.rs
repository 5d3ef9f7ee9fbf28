//! The hand that fetches what customers send: from the provider, as a stream, into the store of media.
//!
//! A message stands there at once with its media pending; this settles it: ready once the bytes are durable, kept
//! back where they may do harm, failed with a reason and another try by hand. A provider's links are short-lived
//! (five minutes, three), so the delivery that asks for the bytes is ordered in the commit that stores the message.

use super::file_rules::FileRules;
use crate::{
    base::{ChannelId, Error, MessageId, Result, Timestamp},
    channels::{
        accounts::Accounts,
        adapter::{Adapters, Line},
        model::{Channel, ChannelKind},
    },
    conversations::{self, Media, MediaState, Message},
    platform::{
        media::{Claims, Landed, MediaHash, MediaStore, clean_name},
        outbound::{Call, CallError, Guard, Incoming, Outbound, Retry},
        outbox::{Delivery, Hand, Outcome, Policy},
        store::{Read, Store, Tx},
    },
};
use base64::Engine;
use futures_util::future::BoxFuture;
use http::StatusCode;
use parking_lot::Mutex;
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};
use url::Url;

/// One file has this long, whatever its size.
const FETCH_TIMEOUT: Duration = Duration::from_secs(150);
/// More failed questions for one file in an hour, and Meta blocks the number for an hour.
const FAILURES_MAX: usize = 5;
const FAILURES_IN: Duration = Duration::from_secs(3_600);
/// Files whose failures are remembered.
const REMEMBERED_MAX: usize = 10_000;
/// Names calls in the metrics.
const PURPOSE: &str = "media";

/// Code of a file that is larger than its channel takes.
const TOO_LARGE: &str = "too_large";

/// A file at the provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedFile {
    /// The provider's id of it.
    pub provider_id: Option<String>,
    /// Where it is, where the provider told.
    pub url: Option<String>,
    /// The provider's SHA-256 of it, in hex or base64.
    pub sha256: Option<String>,
    /// Larger ones are refused.
    pub bytes_max: usize,
}

/// A file on its way.
#[derive(Debug)]
pub struct ComingFile {
    /// Its bytes.
    pub body: Incoming,
    /// What they must hash to.
    pub sha256: Option<MediaHash>,
}

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFetched {
    /// It may be had later; after this long, if the provider said so.
    Later {
        /// Stable code.
        code: &'static str,
        /// Words.
        reason: String,
        /// The provider's wish.
        after: Option<Duration>,
    },
    /// It will never be had.
    Never {
        /// Stable code.
        code: &'static str,
        /// Words.
        reason: String,
    },
}

impl From<CallError> for NotFetched {
    fn from(error: CallError) -> Self {
        let reason = error.to_string();
        match (&error, error.retry()) {
            (CallError::TooLarge(_), _) => NotFetched::Never { code: TOO_LARGE, reason },
            (_, Retry::Never) => NotFetched::Never { code: "bad_address", reason },
            (_, Retry::Safe(after)) => NotFetched::Later { code: "unreachable", reason, after },
            (_, Retry::Unknown) => NotFetched::Later { code: "unreachable", reason, after: None },
        }
    }
}

/// A SHA-256 as providers write it: 64 digits, or base64.
pub fn promised_hash(text: &str) -> Option<MediaHash> {
    if text.len() == 64 {
        return text.parse().ok();
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    Some(MediaHash(bytes.try_into().ok()?))
}

/// Begins to fetch a file from its address. The key is shown to the channel's own host alone, and only that host may lie
/// inside the house: an address comes from a payload.
pub async fn fetch_by_url(
    outbound: &Outbound,
    line: &Line,
    file: &WantedFile,
    key: impl FnOnce(Call) -> Call,
) -> Result<ComingFile, NotFetched> {
    let never = |code, reason: &str| NotFetched::Never { code, reason: reason.to_owned() };
    let url = file.url.as_deref().ok_or_else(|| never("no_address", "the provider told no address"))?;
    let (Ok(base), Ok(at)) = (Url::parse(&line.base_url), Url::parse(url)) else {
        return Err(never("bad_address", "the address can't be read"));
    };
    let own = base.host_str().unwrap_or_default().to_owned();
    let call = Call::get(PURPOSE, url).answer_max(file.bytes_max).timeout(FETCH_TIMEOUT);
    let call = if at.origin() == base.origin() { key(call) } else { call };
    let body = outbound.open(call.guard(Guard::PublicOr(own))).await?;
    come(body, file.sha256.as_deref().and_then(promised_hash))
}

/// Judges the head of an answer that should be a file.
pub fn come(body: Incoming, sha256: Option<MediaHash>) -> Result<ComingFile, NotFetched> {
    let reason = format!("HTTP {}", body.status.as_u16());
    match body.status {
        status if status.is_success() => Ok(ComingFile { body, sha256 }),
        StatusCode::GONE | StatusCode::NOT_FOUND => Err(NotFetched::Never { code: "media_gone", reason }),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(NotFetched::Later { code: "not_allowed", reason, after: None }),
        _ => Err(NotFetched::Later { code: "provider_error", reason, after: None }),
    }
}

/// How a message's media stands once its file has landed.
pub fn landed(media: &Media, landed: &Landed) -> Media {
    let found = landed.found;
    Media {
        state: if landed.quarantined.is_some() { MediaState::Quarantined } else { MediaState::Ready },
        hash: Some(landed.hash.to_string()),
        mime: found.map(|found| found.mime.to_owned()),
        file_name: media.file_name.as_deref().and_then(clean_name),
        bytes: Some(landed.bytes),
        width: landed.size.map(|(wide, _)| wide),
        height: landed.size.map(|(_, high)| high),
        duration_ms: landed.duration_ms,
        waveform: landed.waveform.clone(),
        thumbnail: landed.thumbnail.map(|hash| hash.to_string()),
        is_animated: landed.is_animated || media.is_animated,
        reason: landed.quarantined.or(landed.is_mismatch.then_some("type_mismatch")).map(str::to_owned),
        // A link that has been used is of no use, and may hold what opens it.
        provider_url: None,
        ..media.clone()
    }
}

/// The hand for `media.fetch`.
pub struct MediaHand {
    store: Store,
    accounts: Accounts,
    outbound: Outbound,
    adapters: Adapters,
    media: MediaStore,
    /// When the last questions for each file failed.
    failures: Mutex<HashMap<(ChannelId, String), VecDeque<Timestamp>>>,
}

impl MediaHand {
    /// A hand over these.
    pub fn new(store: Store, accounts: Accounts, outbound: Outbound, adapters: impl Into<Adapters>, media: MediaStore) -> Self {
        Self { store, accounts, outbound, adapters: adapters.into(), media, failures: Mutex::default() }
    }

    fn job(&self, delivery: &Delivery) -> Result<(Message, Channel)> {
        let id = message_of(delivery)?;
        self.store.view(delivery.tenant, |view| {
            let message = conversations::require_message(view, id)?;
            let channel = view.require::<Channel>(&message.channel)?;
            Ok((message, channel))
        })
    }

    async fn fetch(&self, delivery: &Delivery) -> Outcome {
        let (message, channel) = match self.job(delivery) {
            Ok(job) => job,
            Err(error) => return failed(&error),
        };
        let Some(media) = message.media.filter(|media| media.state == MediaState::Pending) else {
            return Outcome::Done(serde_json::Value::Null);
        };
        let file = (channel.id, media.provider_id.clone().or_else(|| media.provider_url.clone()).unwrap_or_default());
        if let Some(until) = self.rests_until(&file) {
            let reason = "this file was asked for too often".to_owned();
            return Outcome::Hold { until: Some(until), code: "asked_too_often".into(), reason };
        }
        let Some(line) = self.accounts.line(delivery.tenant, &channel) else {
            return Outcome::Retry { after: None, code: "no_token".into(), reason: "the channel has no key that opens".into() };
        };
        let rules = match self.store.view(delivery.tenant, |view| channel.file_rules.with_firms(view)) {
            Ok(rules) => rules,
            Err(error) => return failed(&error),
        };
        let work = self.stream(delivery, &line, channel.kind(), &media, rules);
        let outcome = match tokio::time::timeout(FETCH_TIMEOUT, work).await {
            Ok(outcome) => outcome,
            Err(_) => later("timeout", format!("it did not come within {} s", FETCH_TIMEOUT.as_secs()), None),
        };
        match outcome {
            Outcome::Done(_) => drop(self.failures.lock().remove(&file)),
            _ => self.note_failure(file),
        }
        outcome
    }

    async fn stream(&self, delivery: &Delivery, line: &Line, kind: ChannelKind, media: &Media, rules: FileRules) -> Outcome {
        let limits = rules.limits();
        let wanted = WantedFile {
            provider_id: media.provider_id.clone(),
            url: media.provider_url.clone(),
            sha256: media.provider_sha256.clone(),
            bytes_max: usize::try_from(limits.most()).unwrap_or(usize::MAX),
        };
        let mut coming = match self.adapters.of(kind).fetch(&self.outbound, line, &wanted).await {
            Ok(coming) => coming,
            Err(NotFetched::Later { code, reason, after }) => return later(code, reason, after),
            Err(NotFetched::Never { code, reason }) => return Outcome::Dead { code: code.into(), reason },
        };
        let mut incoming = match self.media.begin(delivery.tenant, limits.most()) {
            Ok(incoming) => incoming,
            Err(error) => return failed(&error),
        };
        loop {
            match coming.body.chunk().await {
                Ok(Some(piece)) => {
                    if let Err(error) = incoming.write(piece).await {
                        return failed(&error);
                    }
                }
                Ok(None) => break,
                Err(CallError::TooLarge(limit)) => return failed(&Error::TooLarge(limit as u64)),
                Err(error) => return later("broken_off", error.to_string(), None),
            }
        }
        let claims = Claims { mime: media.declared_mime.clone(), file_name: media.file_name.clone(), sha256: coming.sha256 };
        match self.media.land_if(incoming, claims, limits, move |found| rules.objection(found)).await {
            Ok(file) => match serde_json::to_value(landed(media, &file)) {
                Ok(settled) => Outcome::Done(settled),
                Err(error) => failed(&Error::internal(error)),
            },
            // Broken on its way: the next try may bring the right bytes.
            Err(error) if error.code() == "hash_mismatch" => later("hash_mismatch", error.to_string(), None),
            Err(error) => failed(&error),
        }
    }

    fn rests_until(&self, file: &(ChannelId, String)) -> Option<Timestamp> {
        let (now, failures) = (self.store.now(), self.failures.lock());
        let recent = failures.get(file)?.iter().filter(|at| now.since(**at) < FAILURES_IN);
        let oldest = recent.clone().next()?;
        (recent.count() >= FAILURES_MAX).then(|| oldest.plus(FAILURES_IN))
    }

    fn note_failure(&self, file: (ChannelId, String)) {
        let (now, mut failures) = (self.store.now(), self.failures.lock());
        if failures.len() >= REMEMBERED_MAX {
            failures.retain(|_, times| times.back().is_some_and(|at| now.since(*at) < FAILURES_IN));
        }
        let times = failures.entry(file).or_default();
        times.push_back(now);
        if times.len() > FAILURES_MAX {
            times.pop_front();
        }
    }
}

fn later(code: &str, reason: String, after: Option<Duration>) -> Outcome {
    Outcome::Retry { after, code: code.to_owned(), reason }
}

fn failed(error: &Error) -> Outcome {
    let (code, reason) = (error.code().to_owned(), error.to_string());
    if error.is_permanent() { Outcome::Dead { code, reason } } else { Outcome::Retry { after: None, code, reason } }
}

fn message_of(delivery: &Delivery) -> Result<MessageId> {
    let id = delivery.payload.0.get("message").and_then(|id| id.as_str()?.parse().ok());
    id.ok_or_else(|| Error::conflict("no_message", "the delivery names no message"))
}

impl Hand for MediaHand {
    fn kind(&self) -> &'static str {
        conversations::MEDIA_FETCH
    }

    fn perform<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Outcome> {
        Box::pin(self.fetch(delivery))
    }

    fn settle(&self, tx: &mut Tx<'_, '_>, delivery: &Delivery, outcome: &Outcome, last: bool) -> Result<()> {
        let id = message_of(delivery)?;
        let message = match conversations::require_message(tx, id) {
            Ok(message) => message,
            // Erased meanwhile: the sweep takes the file.
            Err(Error::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let Some(media) = message.media.filter(|media| media.state == MediaState::Pending) else { return Ok(()) };
        let settled = match outcome {
            Outcome::Done(settled) if !settled.is_null() => {
                serde_json::from_value(settled.clone()).map_err(|e| Error::internal(format!("what became of {id}: {e}")))?
            }
            // Nothing went wrong: the channel's rules keep it out.
            Outcome::Dead { code, .. } if code == TOO_LARGE => {
                Media { state: MediaState::Quarantined, reason: Some(code.clone()), ..media }
            }
            Outcome::Dead { code, .. } => Media { state: MediaState::Failed, reason: Some(code.clone()), ..media },
            Outcome::Retry { code, .. } if last => Media { state: MediaState::Failed, reason: Some(code.clone()), ..media },
            _ => return Ok(()),
        };
        conversations::settle_media(tx, id, settled).map(drop)
    }

    fn policy(&self) -> Policy {
        // Five tries within four minutes: what is not to be had then is for a person to ask for again.
        Policy {
            attempts_max: FAILURES_MAX as u32,
            first_pause: Duration::from_secs(15),
            attempt_timeout: FETCH_TIMEOUT + Duration::from_secs(30),
            lane_wait: Duration::from_secs(1),
            concurrency: 8,
            ..Policy::default()
        }
    }

    fn is_repeatable(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promised_hash_is_read_in_both_spellings() {
        let digits = "0e".repeat(32);
        let coded = base64::engine::general_purpose::STANDARD.encode([0x0e; 32]);
        assert_eq!(promised_hash(&digits), Some(MediaHash([0x0e; 32])));
        assert_eq!(promised_hash(&coded), Some(MediaHash([0x0e; 32])));
        for none in ["", "abc", "media-sha256"] {
            assert_eq!(promised_hash(none), None);
        }
    }
}
