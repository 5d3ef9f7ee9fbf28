//! What an element of a webhook brings about in its tenant. Doing any of this twice changes nothing.

use super::{
    alarm, figures,
    manage::{heard, mark_broken, mark_working, require_channel},
    notices,
    session::{look_up_lid, session_changed},
};
use crate::{
    base::{ChannelId, ContactId, ConversationId, DeliveryId, Error, MessageId, Result, Timestamp},
    channels::{
        adapter::{Adapters, Part},
        model::{Channel, ChannelKind, LIVE_CHANNELS},
        receiving::{
            inbound::{Content, Failure, Progress, ReceivedMessage, ReceivedStatus, Sender, Told},
            stop_words,
        },
        templates,
    },
    contacts::{self, Consent, ConsentSource, GroupChange, IdentityKind, Member, Observed, Purpose},
    conversations::{
        self, Extra, MessageAuthor, MessageError, MessageKind, MessageStatus, SendWindow, StatusNews, StatusOutcome,
    },
    platform::{
        deadletters::{self, DeadLetter},
        outbox::{self, Outcome},
        store::{KeyRange, Read, Tx, Write},
    },
    routing,
};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Free text may go out for this long after the customer's last word.
pub const WINDOW: Duration = Duration::from_secs(24 * 3600);
/// A channel's last sign of life is kept to this grain, so that a burst writes the channel once.
const SIGN_OF_LIFE_GRAIN: Duration = Duration::from_secs(60);
/// Code of an element whose session no channel was connected to when it came.
pub const UNKNOWN_SESSION: &str = "unknown_session";

/// Takes what an element says.
///
/// # Errors
/// Whatever the conversation's commands say; nothing is left behind then.
pub fn take(tx: &mut Tx<'_, '_>, channel: ChannelId, told: Told) -> Result<()> {
    match told {
        Told::Message(message) => receive(tx, channel, *message),
        Told::Status(status) => news(tx, channel, *status),
        Told::NewNumber { notice, phone } => {
            // Told again, the old number may long be somebody else's.
            if conversations::is_known(tx, channel, &notice.external_id)? {
                metrics::counter!("farol_webhook_duplicates_total").increment(1);
                return Ok(());
            }
            let to = Observed::new(IdentityKind::Whatsapp, phone.trim_start_matches('+'));
            contacts::relink(tx, &identities(&notice.sender), &[to])?;
            // The notice belongs to who they are now, not to whoever gets the old number next.
            let sender = Sender { phone: Some(phone), ..notice.sender.clone() };
            receive(tx, channel, ReceivedMessage { sender, ..*notice })
        }
        Told::Echo(message) => echo(tx, channel, *message),
        Told::Edit(news) | Told::Revoke(news) | Told::Reaction(news) | Told::Vote(news) => {
            conversations::apply_news(tx, channel, news.target, news.news).map(drop)
        }
        Told::NewIdentity { known, now, notice } => notices::new_identity(tx, channel, &known, &now, &notice),
        Told::Consent(told) => notices::consent(tx, channel, &told),
        Told::AccountChanged(news, notice) => notices::account_changed(tx, channel, news, &notice),
        Told::Group(news, notice) => notices::group_changed(tx, channel, *news, &notice),
        Told::Session(news, notice) => {
            notices::list_notice(tx, channel, &notice)?;
            session_changed(tx, channel, &news)
        }
        Told::TemplateChanged(news, notice) => templates::commands::template_changed(tx, channel, &news, &notice),
        Told::Notice(notice) => notices::list_notice(tx, channel, &notice).map(drop),
        // Nobody's record: whoever looks at the conversation hears of it, or nobody does.
        Told::Typing(..) => Ok(()),
        Told::Account(failure) => mark_broken(tx, channel, &words(&failure)),
        Told::Nothing(what) => {
            metrics::counter!("farol_webhook_ignored_total", "what" => what).increment(1);
            Ok(())
        }
    }
}

/// Every address a provider names somebody by.
pub fn identities(sender: &Sender) -> Vec<Observed> {
    let mut all = Vec::with_capacity(4);
    if let Some(phone) = &sender.phone {
        all.push(Observed::new(IdentityKind::Whatsapp, phone.trim_start_matches('+')));
    }
    if let Some(id) = &sender.scoped_id {
        all.push(Observed::new(IdentityKind::Bsuid, id.as_str()));
    }
    if let Some(lid) = &sender.lid {
        all.push(Observed::new(IdentityKind::Lid, lid.as_str()));
    }
    if let Some(name) = &sender.username {
        all.push(Observed::new(IdentityKind::Username, name.as_str()));
    }
    all
}

/// A message as conversations store it.
fn inbound(tx: &mut Tx<'_, '_>, channel: &Channel, message: ReceivedMessage, is_echo: bool) -> Result<conversations::Inbound> {
    let sender = message.sender;
    let hidden = || sender.scoped_id.clone().or_else(|| sender.lid.clone());
    let own_address = sender.phone.clone().or_else(hidden).unwrap_or_default();
    let mut extra = Extra { is_forwarded: message.is_forwarded, album: message.album, ..Extra::default() };
    let (identities, profile_name, address, group) = match message.group {
        None => (identities(&sender), sender.name, message.chat.unwrap_or(own_address), None),
        Some(group) => {
            let author = (!is_echo).then_some(MessageAuthor { address: own_address, name: sender.name });
            let member = author.as_ref().map(|a| Member { address: a.address.clone(), name: a.name.clone(), is_admin: false });
            extra.author = author;
            let joined =
                GroupChange { subject: group.subject.clone(), joined: member.into_iter().collect(), ..GroupChange::default() };
            let observed = vec![Observed::on(channel.id, IdentityKind::Group, group.id.as_str())];
            (observed, group.subject, group.id, Some(joined))
        }
    };
    // Words say all there is; of anything else a screen may show less than came.
    let raw = (!matches!(message.content, Content::Text(_))).then_some(message.raw);
    let mut media = None;
    let (kind, content) = match message.content {
        Content::Text(text) => (MessageKind::Text, text),
        Content::Media(kind, file, caption) => {
            media = Some(*file);
            (kind, caption)
        }
        Content::Location(place) => {
            extra.place = Some(place);
            (MessageKind::Location, String::new())
        }
        Content::Contacts(cards) => {
            extra.cards = cards;
            (MessageKind::Contacts, String::new())
        }
        Content::Choice(choice) => {
            let title = choice.title.clone();
            extra.choice = Some(choice);
            (MessageKind::Interactive, title)
        }
        Content::Order(order, words) => {
            extra.order = Some(order);
            (MessageKind::Order, words)
        }
        Content::System(notice, words) => {
            extra.notice = Some(notice);
            (MessageKind::System, words)
        }
        Content::Poll(poll) => {
            let question = poll.question.clone();
            extra.poll = Some(poll);
            (MessageKind::Poll, question)
        }
        Content::Other(_) => (MessageKind::Unsupported, String::new()),
    };
    Ok(conversations::Inbound {
        channel: channel.id,
        queue: routing::queue_for_new(tx, channel.queue)?,
        identities,
        profile_name,
        address,
        group,
        external_id: message.external_id,
        reply_to: message.reply_to,
        kind,
        content,
        media,
        extra: extra.boxed(),
        metadata: message.metadata,
        raw,
        at: message.at,
        window: (message.opens_window && !is_echo && has_window(channel)).then(|| window(message.at.plus(WINDOW))),
        is_echo,
    })
}

/// One of us wrote outside Farol. Where it is the echo of a message of ours whose answer is still on its way, it is the
/// proof that that one went out.
fn echo(tx: &mut Tx<'_, '_>, id: ChannelId, message: ReceivedMessage) -> Result<()> {
    let channel = require_channel(tx, id)?;
    let inbound = inbound(tx, &channel, message, true)?;
    if let Some(ours) = conversations::in_flight(tx, &inbound)? {
        let (external_id, at) = (inbound.external_id, inbound.at);
        return news(tx, id, ReceivedStatus { external_id, progress: Progress::Sent, at, callback: Some(ours.into()) });
    }
    let received = conversations::receive_inbound(tx, inbound)?;
    if received.is_new {
        figures::went_out(tx, id)?;
    }
    if received.is_new && has_window(&channel) && received.conversation.window.until.is_none() {
        // A conversation that one of us began: nobody has opened the window yet.
        let now = tx.now();
        conversations::set_window(tx, received.conversation.id, window(now))?;
    }
    Ok(())
}

fn receive(tx: &mut Tx<'_, '_>, id: ChannelId, message: ReceivedMessage) -> Result<()> {
    let channel = require_channel(tx, id)?;
    let now = tx.now();
    let (at, opens_window) = (message.at, message.opens_window && has_window(&channel));
    let hidden = message.sender.lid.clone().filter(|_| message.sender.phone.is_none() && message.group.is_none());
    let inbound = inbound(tx, &channel, message, false)?;
    let received = conversations::receive_inbound(tx, inbound)?;
    if !received.is_new {
        metrics::counter!("farol_webhook_duplicates_total").increment(1);
        return Ok(());
    }
    figures::came_in(tx, id)?;
    let conversation = &received.conversation;
    if let Some(lid) = hidden.filter(|_| channel.kind() == ChannelKind::Waha) {
        look_up_lid(tx, id, &lid, conversation)?;
    }
    if !conversation.contact.is_group
        && let Some(is_granted) = stop_words::wish(&received.message.content)
    {
        wished(tx, &received.message, conversation.contact.home(), is_granted)?;
    }
    // A message that comes late must not close what a newer one has opened, and what is no word of the
    // customer's opens nothing.
    let until = match conversation.last_inbound_at.filter(|last| opens_window && *last > at) {
        Some(last) => Some(last.plus(WINDOW)),
        None if has_window(&channel) && conversation.window.until.is_none() => Some(now),
        None => None,
    };
    if let Some(until) = until {
        conversations::set_window(tx, conversation.id, window(until))?;
    }
    if channel.last_inbound_at.is_none() {
        // Whoever connects a number waits for this one.
        heard(tx, &channel)?;
    } else if channel.last_inbound_at.is_some_and(|last| now.since(last) >= SIGN_OF_LIFE_GRAIN) {
        tx.replace(Some(&channel), &Channel { last_inbound_at: Some(now), ..channel.clone() })?;
    }
    Ok(())
}

/// Is there a time in which we may answer freely? Who speaks over a phone of their own always may.
fn has_window(channel: &Channel) -> bool {
    channel.kind() == ChannelKind::WhatsappCloud
}

/// They wrote nothing but a word that ends or begins what we send them.
fn wished(tx: &mut Tx<'_, '_>, message: &conversations::Message, contact: ContactId, is_granted: bool) -> Result<()> {
    for purpose in [Purpose::Service, Purpose::Marketing] {
        let source = ConsentSource::Word(message.content.trim().to_owned());
        let consent = Consent { channel: Some(message.channel), purpose, is_granted, at: message.at, source };
        contacts::set_consent(tx, contact, consent)?;
    }
    conversations::refresh_cards(tx, contact, None).map(drop)
}

/// Free until then, templates afterwards.
fn window(until: Timestamp) -> SendWindow {
    SendWindow {
        kinds: Vec::new(),
        until: Some(until),
        kinds_after: vec![MessageKind::Template],
        reason: Some("customer_service_window".to_owned()),
    }
}

fn news(tx: &mut Tx<'_, '_>, channel: ChannelId, status: ReceivedStatus) -> Result<()> {
    let (word, failure) = match status.progress {
        Progress::Sent => (MessageStatus::Sent, None),
        Progress::Delivered => (MessageStatus::Delivered, None),
        Progress::Read => (MessageStatus::Read, None),
        Progress::Failed(failure) => (MessageStatus::Failed, Some(failure)),
    };
    let news = StatusNews {
        channel,
        external_id: status.external_id,
        callback: status.callback.map(MessageId),
        status: word,
        at: status.at,
        error: failure.as_ref().map(message_error),
    };
    if let StatusOutcome::Applied { message, old, settles } = conversations::apply_status(tx, news)? {
        if figures::got_on(tx, &old, &message)? {
            alarm::failed(tx, channel, message.error.as_ref())?;
        }
        if let Some(failure) = &failure
            && message.status == MessageStatus::Failed
        {
            if failure.closes_window {
                close_window(tx, message.conversation)?;
            }
            if failure.account {
                mark_broken(tx, channel, &words(failure))?;
            }
        }
        if let Some(delivery) = settles {
            settle(tx, delivery, failure.as_ref(), message.external_id.as_deref())?;
            if failure.is_none() {
                // The receipt was faster than the answer, or came instead of it; the hand won't hear of this one.
                mark_working(tx, channel)?;
            }
        }
    }
    Ok(())
}

/// The provider has told us that the time to answer freely is over.
pub fn close_window(tx: &mut Tx<'_, '_>, conversation: ConversationId) -> Result<()> {
    let now = tx.now();
    let known = conversations::require_conversation(tx, conversation)?.window;
    if known.until.is_none_or(|until| until > now) {
        conversations::set_window(tx, conversation, window(now))?;
    }
    Ok(())
}

/// A status proved how an attempt ended whose answer nobody got.
fn settle(tx: &mut Tx<'_, '_>, delivery: DeliveryId, failure: Option<&Failure>, external_id: Option<&str>) -> Result<()> {
    let outcome = match failure {
        None => Outcome::Done(json!({ "externalId": external_id })),
        Some(failure) => Outcome::Dead { code: failure.code.clone(), reason: failure.reason.clone() },
    };
    let was_waiting = outbox::resolve(tx, delivery, &outcome)?;
    // Given up for lack of an answer, and gone out all the same: nobody must send it a second time.
    if !was_waiting && failure.is_none() { deadletters::taken_up(tx, delivery.into()) } else { Ok(()) }
}

/// A failure as a message shows it.
fn message_error(failure: &Failure) -> MessageError {
    MessageError { code: failure.code.clone(), reason: failure.reason.clone(), next_step: Some(failure.next_step.to_owned()) }
}

/// A failure in one line.
fn words(failure: &Failure) -> String {
    format!("{}: {}", failure.code, failure.reason)
}

/// What a dead letter of kind `inbound` left for its second try.
#[derive(Deserialize)]
struct Retry {
    channel: ChannelId,
    part: Part,
    beside: Option<String>,
}

/// Reads a dead letter's element again and takes it.
///
/// # Errors
/// Why it still can't be read; conflict `still_unreadable`.
pub fn retry_letter(tx: &mut Tx<'_, '_>, letter: &DeadLetter, adapters: &Adapters) -> Result<()> {
    let still = |why: String| Error::conflict("still_unreadable", format!("this still can't be read: {why}"));
    let retry: Retry = serde_json::from_value(letter.retry.0.clone()).map_err(|e| still(e.to_string()))?;
    let raw = std::str::from_utf8(&letter.raw).map_err(|e| still(e.to_string()))?;
    let now = letter.at;
    let channel = require_channel(tx, retry.channel)?;
    let adapter = adapters.of(channel.kind());
    if retry.part != Part::Body {
        let told = adapter.parse_part(retry.part, raw, retry.beside.as_deref(), now).map_err(|bad| still(bad.detail))?;
        let to = match letter.code.as_str() {
            UNKNOWN_SESSION => owner_of(tx, &channel, &adapter.accounts(raw.as_bytes()))?
                .ok_or_else(|| still("no channel is connected to its session yet".to_owned()))?,
            _ => channel.id,
        };
        return take(tx, to, told);
    }
    for element in adapter.parse(raw.as_bytes(), now).map_err(still)? {
        if element.account.as_deref() == Some(channel.account()) {
            take(tx, channel.id, element.told.map_err(|bad| still(bad.detail))?)?;
        }
    }
    Ok(())
}

/// The channel of this firm that one of `names` is now connected to, of the same kind as `beside`.
fn owner_of(tx: &Tx<'_, '_>, beside: &Channel, names: &[String]) -> Result<Option<ChannelId>> {
    for hit in tx.list(&LIVE_CHANNELS, KeyRange::all())? {
        let (channel, _) = hit?;
        if channel.kind() == beside.kind() && names.iter().any(|name| name == channel.account()) {
            return Ok(Some(channel.id));
        }
    }
    Ok(None)
}
