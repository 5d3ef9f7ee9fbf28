//! A year of a tow firm's conversations, made by the domain itself under a past clock.

use super::{
    stories::{Side, Telling, Trade},
    wire::{self, Person},
};
use crate::{
    base::{
        Actor, ActorRef, ChannelId, ConversationId, Error, Grants, Origin, Reach, Result, SessionId, TenantId, Timestamp, UserId,
        chance::Chance, locale::Language,
    },
    contacts::{IdentityKind, Observed},
    conversations::{self, Inbound, MessageKind, MessageStatus, NewMessage, SendOutcome, SendWindow, StatusNews},
    platform::store::{Store, Tx},
    routing,
};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc, time::Duration};
use uuid::Uuid;

/// What the past is made of.
pub struct Past {
    /// Whose.
    pub tenant: TenantId,
    /// Over which channel.
    pub channel: ChannelId,
    /// Some of them over this one instead: a session on somebody's phone.
    pub second: Option<ChannelId>,
    /// Who answered.
    pub agents: Vec<Actor>,
    /// Who wrote.
    pub people: Vec<(Person, Language)>,
    /// About so many messages.
    pub messages: usize,
    /// Until when.
    pub now: Timestamp,
}

/// An agent as the past knows them: may do everything, so that only the story decides.
pub fn agent(tenant: TenantId, user: UserId, name: &str) -> Actor {
    Actor {
        user,
        name: name.into(),
        session: SessionId(Uuid::nil()),
        tenant,
        grants: Arc::new(Grants::from_pairs([("*".into(), Reach::Tenant)])),
        queues: Arc::new([]),
        origin: Origin { actor: ActorRef::User(user), ..Origin::system() },
    }
}

/// Does this person write to the firm's second connection? A made-up crowd is split by this.
pub fn writes_to_the_second(person: &Person) -> bool {
    person.wa_id.as_ref().is_some_and(|digits| digits.bytes().map(u32::from).sum::<u32>() % 6 == 0)
}

impl Past {
    fn channel_of(&self, person: &Person) -> ChannelId {
        self.second.filter(|_| writes_to_the_second(person)).unwrap_or(self.channel)
    }
}

/// How far back it goes.
const SPAN: Duration = Duration::from_secs(365 * 86_400);
/// Conversations younger than this are still going on.
const STILL_OPEN: Duration = Duration::from_secs(3 * 3600);
/// Commands handed to the writer ahead of their outcome.
const AHEAD: usize = 60;

enum Step {
    Customer(String),
    Desk(String),
    Read,
    Resolve,
}

struct Moment {
    at: Timestamp,
    story: usize,
    step: Step,
}

/// One conversation while it is told: the writer runs the steps in order, so each finds what the one before left.
#[derive(Clone)]
struct Thread {
    person: usize,
    agent: usize,
    conversation: Arc<Mutex<Option<(ConversationId, String)>>>,
}

/// What was told.
#[derive(Debug, Default)]
pub struct Told {
    /// How many messages.
    pub messages: usize,
    /// When each customer last wrote, by [`Person::key`]: the provider opens its window by that.
    pub heard: HashMap<String, Timestamp>,
}

/// Tells the past to the store.
///
/// # Errors
/// Whatever a command says.
pub async fn tell(store: &Store, past: Past, chance: &dyn Chance) -> Result<Told> {
    let (threads, moments) = imagine(&past, chance);
    let mut told = Told::default();
    for Moment { at, story, step } in &moments {
        told.messages += usize::from(matches!(step, Step::Customer(_) | Step::Desk(_)));
        if matches!(step, Step::Customer(_)) {
            let last = told.heard.entry(past.people[threads[*story].person].0.key().to_owned()).or_insert(*at);
            *last = (*last).max(*at);
        }
    }
    let past = Arc::new(past);
    let commands = moments.into_iter().map(|Moment { at, story, step }| {
        let (past, thread) = (past.clone(), threads[story].clone());
        let (tenant, wamid) = (past.tenant, wire::wamid(chance));
        store.import(tenant, at, Origin::system(), move |tx| happen(tx, &past, &thread, step, at, wamid))
    });
    stream::iter(commands).buffered(AHEAD).try_collect::<Vec<()>>().await?;
    store.sync().await?;
    Ok(told)
}

/// Draws all conversations and lays their steps out in time.
fn imagine(past: &Past, chance: &dyn Chance) -> (Vec<Thread>, Vec<Moment>) {
    let (mut threads, mut moments) = (Vec::new(), Vec::new());
    let mut messages = 0;
    while messages < past.messages {
        let person = chance.below(past.people.len() as u64) as usize;
        let agent = chance.below(past.agents.len() as u64) as usize;
        let telling = Telling::draw(Trade::Roadside, past.people[person].1, &past.agents[agent].name, chance);
        let story = threads.len();
        threads.push(Thread { person, agent, conversation: Arc::default() });
        // The last day is as full as a day in the middle of it.
        let back = if story < 24 { STILL_OPEN.mul_f64(chance.unit()) } else { busy(chance, past.now) };
        let mut at = past.now.minus(back);
        let began = at;
        for (side, text) in telling.turns {
            at = at.plus(Duration::from_secs(15 + chance.below(160)));
            if at >= past.now {
                break;
            }
            messages += 1;
            let step = if side == Side::Customer { Step::Customer(text) } else { Step::Desk(text) };
            let answered = side == Side::Desk;
            // Among those still going on, some have had no answer yet.
            if answered && story < 8 {
                break;
            }
            moments.push(Moment { at, story, step });
            if answered {
                moments.push(Moment { at: at.plus(Duration::from_secs(8 + chance.below(6))), story, step: Step::Read });
            }
        }
        let end = at.plus(Duration::from_secs(120 + chance.below(600)));
        if past.now.since(began) > STILL_OPEN && end < past.now {
            moments.push(Moment { at: end, story, step: Step::Resolve });
        }
    }
    moments.retain(|m| m.at < past.now);
    moments.sort_by_key(|m| (m.at, m.story));
    (threads, moments)
}

/// A moment of the past year, more likely by day and in the second half.
fn busy(chance: &dyn Chance, now: Timestamp) -> Duration {
    loop {
        let back = SPAN.mul_f64(chance.unit().powf(1.3)).max(STILL_OPEN);
        let hour = now.minus(back).as_millis().rem_euclid(86_400_000) / 3_600_000;
        // Half past nine in the morning to eleven at night, seen from UTC-3; a tow firm never quite sleeps.
        if matches!(hour, 11..=23 | 0..=1) || chance.below(6) == 0 {
            return back;
        }
    }
}

fn happen(tx: &mut Tx<'_, '_>, past: &Past, thread: &Thread, step: Step, at: Timestamp, wamid: String) -> Result<()> {
    let known = thread.conversation.lock().clone();
    match (step, known) {
        (Step::Customer(text), _) => {
            let received = conversations::receive_inbound(tx, written(tx, past, thread, text, at, wamid)?)?;
            *thread.conversation.lock() = Some((received.conversation.id, String::new()));
            Ok(())
        }
        (Step::Desk(text), Some((id, _))) => {
            let actor = &past.agents[thread.agent];
            let now = conversations::require_conversation(tx, id)?;
            // Two stories of one person can meet in one conversation; whoever has it answers.
            if !now.state.is_open() {
                return Ok(());
            }
            if now.assignee.is_none() {
                conversations::take(tx, actor, id)?;
            }
            let message = conversations::send_message(tx, actor, NewMessage::text(id, text))?.message;
            conversations::settle_send(tx, message.id, SendOutcome::Sent { external_id: wamid.clone(), at })?;
            *thread.conversation.lock() = Some((id, wamid));
            Ok(())
        }
        (Step::Read, Some((_, external_id))) if !external_id.is_empty() => {
            let channel = past.channel_of(&past.people[thread.person].0);
            let news = StatusNews { channel, external_id, callback: None, status: MessageStatus::Read, at, error: None };
            conversations::apply_status(tx, news).map(drop)
        }
        (Step::Resolve, Some((id, _))) => {
            let actor = &past.agents[thread.agent];
            match conversations::resolve(tx, actor, id) {
                Err(Error::Conflict { .. }) => Ok(()),
                other => other.map(drop),
            }
        }
        _ => Ok(()),
    }
}

fn written(tx: &Tx<'_, '_>, past: &Past, thread: &Thread, text: String, at: Timestamp, wamid: String) -> Result<Inbound> {
    let person = &past.people[thread.person].0;
    let channel = past.channel_of(person);
    let mut identities = Vec::new();
    if let Some(digits) = &person.wa_id {
        identities.push(Observed::new(IdentityKind::Whatsapp, digits.as_str()));
    }
    if let Some(id) = &person.user_id {
        identities.push(Observed::new(IdentityKind::Bsuid, id.as_str()));
    }
    Ok(Inbound {
        channel,
        queue: routing::queue_for_new(tx, None)?,
        identities,
        profile_name: Some(person.name.clone()),
        address: person.wa_id.as_ref().map_or_else(|| person.key().to_owned(), |digits| format!("+{digits}")),
        external_id: wamid,
        reply_to: None,
        kind: MessageKind::Text,
        content: text,
        media: None,
        group: None,
        extra: None,
        metadata: None,
        raw: None,
        at,
        window: (channel == past.channel).then(|| SendWindow {
            kinds: Vec::new(),
            until: Some(at.plus(Duration::from_secs(24 * 3600))),
            kinds_after: vec![MessageKind::Template],
            reason: Some("customer_service_window".to_owned()),
        }),
        is_echo: false,
    })
}
