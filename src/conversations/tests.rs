//! The room's commands over a store in memory, one after the other.

mod acts;
mod any_order;

mod converge;

use super::{commands::PARKED_FOR, counters, model::*, *};
use crate::{
    base::{
        Actor, ChannelId, ConversationId, Env, Error, MessageId, Origin, QueueId, Reach, Result, TenantId, Timestamp,
        testing::actor, time::ManualClock,
    },
    contacts::{IdentityKind, Observed},
    identity::{Member, Presence},
    platform::{
        journal::{self, Event},
        store::{
            KeyRange, Lane, Read, Store, Tx, Write,
            testing::{founded, on_thread},
        },
    },
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// One firm in memory, driven by commands.
struct Firm {
    store: Store,
    tenant: TenantId,
    clock: ManualClock,
    channel: ChannelId,
    queue: QueueId,
}

fn id<I: From<Uuid>>(n: u64) -> I {
    Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | n).into()
}

impl Firm {
    fn new() -> Self {
        let (env, clock) = Env::simulated(Timestamp::parse("2026-11-22T09:30:00Z").unwrap(), 7);
        let (store, tenants) = on_thread(founded(&env, 1));
        let firm = Self { store, tenant: tenants[0], clock, channel: id(10), queue: id(20) };
        firm.write(Origin::system(), |tx| (0..4).try_for_each(|n| tx.put(&member(n)))).unwrap();
        firm
    }
    fn write<T: Send + 'static>(
        &self,
        origin: Origin,
        command: impl FnOnce(&mut Tx<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write_blocking(self.tenant, Lane::People, origin, command)
    }
    fn by<T: Send + 'static>(
        &self,
        actor: &Actor,
        command: impl FnOnce(&mut Tx<'_, '_>, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (origin, actor) = (actor.origin.clone(), actor.clone());
        self.write(origin, move |tx| command(tx, &actor))
    }
    fn inbound(&self, from: &str, external_id: &str, text: &str) -> Inbound {
        Inbound {
            channel: self.channel,
            queue: Some(self.queue),
            identities: vec![Observed::new(IdentityKind::Whatsapp, from)],
            profile_name: Some("Ana".into()),
            address: from.into(),
            external_id: external_id.into(),
            reply_to: None,
            kind: MessageKind::Text,
            content: text.into(),
            media: None,
            group: None,
            extra: None,
            metadata: None,
            raw: None,
            at: self.store_now(),
            window: None,
            is_echo: false,
        }
    }
    fn store_now(&self) -> Timestamp {
        use crate::base::Clock;
        self.clock.now()
    }
    fn says(&self, from: &str, external_id: &str, text: &str) -> Received {
        let inbound = self.inbound(from, external_id, text);
        self.write(Origin::system(), move |tx| receive_inbound(tx, inbound)).unwrap()
    }
    fn conversation(&self, id: ConversationId) -> Conversation {
        self.store.view(self.tenant, |v| v.require(&id)).unwrap()
    }
    fn message(&self, id: MessageId) -> Message {
        self.store.view(self.tenant, |v| v.require(&id)).unwrap()
    }
    fn events(&self) -> Vec<Event> {
        journal::read_tenant_after(&self.store, self.tenant, 0, 10_000).unwrap()
    }
    fn kinds(&self) -> Vec<String> {
        self.events().into_iter().map(|e| e.kind.into_owned()).collect()
    }
    fn news(&self, external_id: &str, status: MessageStatus, at: i64) -> StatusNews {
        let error = (status == MessageStatus::Failed).then(|| error("131026"));
        StatusNews { channel: self.channel, external_id: external_id.into(), callback: None, status, at: Timestamp(at), error }
    }
    /// The counters are what a recount gives.
    fn check_counters(&self) {
        let view = self.store.read(self.tenant).unwrap();
        let mut sums = std::collections::BTreeMap::new();
        for hit in view.all::<Conversation>(KeyRange::all()).unwrap() {
            for (name, of, by) in counters::contributions(&hit.unwrap().0) {
                *sums.entry((name, of)).or_insert(0) += by;
            }
        }
        let owners = [counters::Of::Tenant, counters::Of::Queue(None)]
            .into_iter()
            .chain((0..3).map(|n| counters::Of::Queue(Some(id(20 + n)))))
            .chain((0..4).map(|n| counters::Of::User(id(100 + n))));
        for of in owners {
            for name in counters::NAMES {
                let kept = counters::read(&view, name, of).unwrap();
                assert_eq!(kept, sums.get(&(name, of)).copied().unwrap_or(0), "{name} of {of:?}");
            }
        }
    }
}

fn member(n: u64) -> Member {
    Member {
        user: id(100 + n),
        number: n + 1,
        name: format!("Agent {n}"),
        email: format!("agent{n}@example.com"),
        role: "AGENT".into(),
        extra: Vec::new(),
        queues: vec![id(20)],
        extension: None,
        phone: None,
        max_tickets: 0,
        presence: Presence::Online,
        before_silence: None,
        is_active: true,
        language: None,
        last_login_at: None,
        last_logout_at: None,
        signed_out_at: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        left_at: None,
        rev: 0,
    }
}

fn error(code: &str) -> MessageError {
    MessageError { code: code.into(), reason: "no".into(), next_step: None }
}

fn agent(firm: &Firm, n: u64, reach: Reach) -> Actor {
    let all = [CONVERSATION_READ, CONVERSATION_REPLY, CONVERSATION_ASSIGN, CONVERSATION_RESOLVE, CONVERSATION_ARCHIVE];
    let held = all.map(|permission| (permission.0, reach));
    Actor { name: format!("Agent {n}").into(), queues: [firm.queue].into(), ..actor(firm.tenant, id(100 + n), &held) }
}

fn code<T: std::fmt::Debug>(outcome: Result<T>) -> &'static str {
    outcome.unwrap_err().code()
}

pub(super) const ANA: &str = "33639980001";

#[test]
fn what_came_after_the_last_message_seen_stays_unread() {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let [_, second, third] = [1, 2, 3].map(|n| firm.says("33639980001", &format!("wamid.{n}"), "olá"));
    let (c, seen) = (third.conversation.id, second.message.id);
    let read = firm.by(&me, move |tx, me| mark_read(tx, me, c, Some(seen))).unwrap();
    assert_eq!((third.conversation.unread, read.unread, read.read_arrival), (3, 1, 2));
    let again = firm.by(&me, move |tx, me| mark_read(tx, me, c, Some(seen))).unwrap();
    assert_eq!(again.rev, read.rev, "nothing new, nothing told");
    let other = firm.says("33639980002", "wamid.4", "olá").message.id;
    assert!(firm.by(&me, move |tx, me| mark_read(tx, me, c, Some(other))).is_err());
    assert_eq!(firm.by(&me, move |tx, me| mark_read(tx, me, c, None)).unwrap().unread, 0);
    firm.check_counters();
}

#[test]
fn a_failure_names_its_own_reason_not_what_hindered_an_earlier_attempt() {
    let firm = Firm::new();
    let conversation = firm.says("33639980001", "wamid.IN", "olá").conversation.id;
    let rui = agent(&firm, 0, Reach::Tenant);
    let sent = firm.by(&rui, move |tx, actor| send_message(tx, actor, NewMessage::text(conversation, "já vai"))).unwrap();
    let (id, later) = (sent.message.id, SendOutcome::Later(error("131056")));
    firm.write(Origin::system(), move |tx| settle_send(tx, id, later)).unwrap();
    let mut news = firm.news("wamid.OUT", MessageStatus::Failed, 1);
    news.callback = Some(id);
    firm.write(Origin::system(), move |tx| apply_status(tx, news)).unwrap();
    assert_eq!(firm.message(id).error.unwrap().code, "131026");
}

#[test]
fn a_message_makes_contact_conversation_and_counters_once() {
    let firm = Firm::new();
    let first = firm.says(ANA, "wamid.1", "bom dia");
    let again = firm.says(ANA, "wamid.1", "bom dia");
    assert!(first.is_new && !again.is_new);
    assert_eq!(first.message, again.message);
    let second = firm.says(ANA, "wamid.2", "are you there?");
    assert_eq!(second.conversation.id, first.conversation.id);
    assert_eq!(second.conversation.unread, 2);
    assert_eq!(second.conversation.number, 1);
    assert_eq!(second.conversation.protocol, "202622110930001");
    assert_eq!(second.conversation.contact.phone.as_deref(), Some("+33639980001"));
    assert_eq!(second.conversation.last_message.as_ref().unwrap().preview, "are you there?");
    assert_eq!(firm.kinds(), ["contact.created", "conversation.created", "message.received", "message.received"]);
    assert_eq!(second.message.rev, second.conversation.rev);
    let all = firm.events();
    assert!(!all[1].before.exists && all[1].after.queue == Some(firm.queue), "nobody saw it before, its queue does now");
    firm.check_counters();
}

#[test]
fn within_one_second_of_the_provider_what_came_later_stands_later() {
    let firm = Firm::new();
    let conversation = firm.says(ANA, "wamid.1", "olá").conversation.id;
    let rui = agent(&firm, 0, Reach::Tenant);
    firm.clock.advance(Duration::from_millis(400));
    let sent = firm.by(&rui, move |tx, actor| send_message(tx, actor, NewMessage::text(conversation, "já vai"))).unwrap();
    // The provider tells the second alone, which began before we wrote.
    let second = Timestamp(sent.message.at.0 / 1_000 * 1_000);
    let inbound = Inbound { at: second, ..firm.inbound(ANA, "wamid.2", "obrigada") };
    let thanks = firm.write(Origin::system(), move |tx| receive_inbound(tx, inbound)).unwrap();
    assert_eq!((thanks.message.at, thanks.message.sent_at), (sent.message.at, Some(second)));
    assert_eq!(thanks.conversation.last_message.unwrap().id, thanks.message.id);
    let inbound = Inbound { at: second.minus(Duration::from_secs(1)), ..firm.inbound(ANA, "wamid.0", "está aí?") };
    let late = firm.write(Origin::system(), move |tx| receive_inbound(tx, inbound)).unwrap();
    assert_eq!(late.conversation.last_message.unwrap().id, thanks.message.id, "of an earlier second it stands earlier");
}

#[test]
fn a_clock_far_ahead_counts_as_now_and_late_messages_do_not_lead_the_list() {
    let firm = Firm::new();
    let now = firm.store_now();
    let says = |id: &str, at: Timestamp| {
        let inbound = Inbound { at, ..firm.inbound(ANA, id, id) };
        firm.write(Origin::system(), move |tx| receive_inbound(tx, inbound)).unwrap()
    };
    assert_eq!(says("ahead", now.plus(Duration::from_secs(301))).message.at, now);
    assert_eq!(says("bit ahead", now.plus(Duration::from_secs(299))).message.at, now.plus(Duration::from_secs(299)));
    let late = says("late", now.minus(Duration::from_secs(60)));
    assert_eq!(late.conversation.last_message.unwrap().preview, "bit ahead");
}

#[test]
fn of_two_hundred_who_take_one_conversation_one_has_it() {
    let firm = Firm::new();
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let outcomes = runtime.block_on(async {
        let takes = (0..200).map(|n| {
            let actor = agent(&firm, n, Reach::Tenant);
            firm.store.write(firm.tenant, Lane::People, actor.origin.clone(), move |tx| take(tx, &actor, c))
        });
        futures_util::future::join_all(takes).await
    });
    let won: Vec<_> = outcomes.iter().filter_map(|o| o.as_ref().ok()).collect();
    assert_eq!(won.len(), 1);
    assert!(outcomes.iter().filter(|o| o.is_err()).all(|o| o.as_ref().unwrap_err().code() == "already_assigned"));
    assert_eq!(firm.conversation(c).assignee, won[0].assignee);
    let view = firm.store.read(firm.tenant).unwrap();
    assert_eq!(view.list(&ASSIGNMENTS_OF_CONVERSATION, KeyRange::prefix(c)).unwrap().count(), 1);
    assert_eq!(firm.kinds().iter().filter(|k| *k == "conversation.assigned").count(), 1);
}

#[test]
fn sending_twice_is_sending_once() {
    let firm = Firm::new();
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let me = agent(&firm, 0, Reach::Tenant);
    let send = |client: &str, text: &str| {
        let new = NewMessage { client_id: Some(client.into()), ..NewMessage::text(c, text) };
        firm.by(&me, move |tx, me| send_message(tx, me, new))
    };
    let v7 = "0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f";
    let first = send(v7, "on our way").unwrap();
    assert!(first.is_new);
    assert_eq!(first.message.id.to_string(), v7);
    assert_eq!(first.message.status, MessageStatus::Pending);
    assert_eq!(first.conversation.unread, 0, "who answers has read");
    let events = firm.events().len();
    let again = send(v7, "on our way").unwrap();
    assert!(!again.is_new && again.message == first.message);
    assert_eq!(firm.events().len(), events, "nothing changed, nothing is told");
    assert_eq!(code(send(v7, "something else")), "client_id_reused");
    let named = send("order-17", "a").unwrap();
    assert_eq!(send("order-17", "a").unwrap().message.id, named.message.id);
    assert_eq!(code(send("order-17", "b")), "client_id_reused");
    assert_eq!(code(send("x", "  ")), "invalid");
    firm.check_counters();
}

#[test]
fn closed_conversations_blocked_contacts_and_closed_windows_let_nothing_out() {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let c = firm.says(ANA, "wamid.1", "help").conversation;
    let send = || firm.by(&me, move |tx, me| send_message(tx, me, NewMessage::text(c.id, "hello")));
    let until = Some(firm.store_now().plus(Duration::from_secs(60)));
    let window = SendWindow { until, kinds_after: vec![MessageKind::Template], ..SendWindow::default() };
    firm.write(Origin::system(), move |tx| set_window(tx, c.id, window)).unwrap();
    assert!(send().is_ok());
    firm.clock.advance(Duration::from_secs(60));
    assert_eq!(code(send()), "window_closed");
    firm.by(&me, move |tx, me| resolve(tx, me, c.id)).unwrap();
    assert_eq!(code(send()), "conversation_closed");
    assert!(firm.by(&me, move |tx, me| add_note(tx, me, c.id, "a note".into(), None)).is_ok(), "notes may be written");
}

#[test]
fn a_message_after_the_resolution_begins_anew_and_remembers() {
    let firm = Firm::new();
    let me = agent(&firm, 1, Reach::Tenant);
    let first = firm.says(ANA, "wamid.1", "help").conversation.id;
    firm.by(&me, move |tx, me| take(tx, me, first)).unwrap();
    firm.by(&me, move |tx, me| resolve(tx, me, first)).unwrap();
    let second = firm.says(ANA, "wamid.2", "one more thing").conversation;
    assert_ne!(second.id, first);
    assert_eq!((second.last_queue, second.last_attendant), (Some(firm.queue), Some(me.user)));
    assert_eq!((second.state, second.assignee, second.number), (State::Waiting, None, 2));
    assert_eq!(code(firm.by(&me, move |tx, me| reopen(tx, me, first))), "open_conversation_exists");
    firm.by(&me, move |tx, me| resolve(tx, me, second.id)).unwrap();
    let again = firm.by(&me, move |tx, me| reopen(tx, me, first)).unwrap();
    assert_eq!((again.state, again.assignee), (State::Attending, Some(me.user)));
    let archived = firm.by(&me, move |tx, me| {
        resolve(tx, me, first)?;
        archive(tx, me, first)
    });
    assert_eq!(archived.unwrap().state, State::Archived);
    firm.check_counters();
}

#[test]
fn doing_nothing_tells_nothing() {
    let firm = Firm::new();
    let me = agent(&firm, 1, Reach::Tenant);
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    firm.by(&me, move |tx, me| take(tx, me, c)).unwrap();
    firm.by(&me, move |tx, me| mark_read(tx, me, c, None)).unwrap();
    let (events, rev) = (firm.events().len(), firm.conversation(c).rev);
    let (queue, user) = (firm.queue, me.user);
    firm.by(&me, move |tx, me| {
        take(tx, me, c)?;
        assign(tx, me, c, user)?;
        mark_read(tx, me, c, None)?;
        set_priority(tx, me, c, Priority::Normal)?;
        transfer(tx, me, c, Some(queue), None)?;
        reopen(tx, me, c)
    })
    .unwrap();
    assert_eq!((firm.events().len(), firm.conversation(c).rev), (events, rev));
}

#[test]
fn what_lies_beyond_ones_reach_is_not_there() {
    let firm = Firm::new();
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let mine = agent(&firm, 1, Reach::Own);
    let other_queue = Actor { queues: Arc::new([id(21)]), ..agent(&firm, 2, Reach::Queue) };
    let same_queue = agent(&firm, 3, Reach::Queue);
    for actor in [&mine, &other_queue] {
        assert!(matches!(firm.by(actor, move |tx, me| take(tx, me, c)), Err(Error::NotFound("conversation"))));
        let sent = firm.by(actor, move |tx, me| send_message(tx, me, NewMessage::text(c, "x")));
        assert!(matches!(sent, Err(Error::NotFound("conversation"))));
    }
    assert!(firm.by(&same_queue, move |tx, me| take(tx, me, c)).is_ok());
    let assigned = firm.events().pop().unwrap();
    assert!(assigned.before.admits(&same_queue) && assigned.after.admits(&same_queue));
    let to = mine.user;
    let stranger = firm.by(&same_queue, move |tx, me| assign(tx, me, c, id(999)));
    assert_eq!(code(stranger), "invalid");
    let moved = firm.by(&same_queue, move |tx, me| transfer(tx, me, c, Some(id(21)), Some(to))).unwrap();
    assert_eq!(moved.last_attendant, Some(same_queue.user));
    let told = firm.events().pop().unwrap();
    assert!(told.before.admits(&same_queue) && !told.after.admits(&same_queue), "it left their sight");
    assert!(told.after.admits(&mine) && told.after.admits(&other_queue));
}

#[test]
fn parked_news_wait_for_their_message_and_old_ones_go() {
    let firm = Firm::new();
    let parked = |external_id: &str| {
        let news = firm.news(external_id, MessageStatus::Delivered, 5);
        firm.write(Origin::system(), move |tx| apply_status(tx, news)).unwrap()
    };
    assert!(matches!(parked("wamid.a"), StatusOutcome::Parked));
    assert!(matches!(parked("wamid.a"), StatusOutcome::Parked));
    let count = || firm.store.read(firm.tenant).unwrap().all::<ParkedNews>(KeyRange::all()).unwrap().count();
    assert_eq!(count(), 1, "the same news once");
    firm.clock.advance(Duration::from_secs(25 * 3600));
    parked("wamid.b");
    assert_eq!(count(), 2, "kept for a day at least");
    firm.clock.advance(PARKED_FOR + Duration::from_secs(1));
    parked("wamid.c");
    assert_eq!(count(), 1, "what nobody came for is gone");
}

#[test]
fn a_receipt_with_our_id_settles_what_had_no_answer() {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let sent = firm.by(&me, move |tx, me| send_message(tx, me, NewMessage::text(c, "hello"))).unwrap().message;
    let m = sent.id;
    firm.write(Origin::system(), move |tx| {
        mark_sending(tx, m)?;
        settle_send(tx, m, SendOutcome::Unknown(error("timeout")))
    })
    .unwrap();
    assert_eq!(firm.message(m).status, MessageStatus::Unknown);
    let news = StatusNews { callback: Some(m), ..firm.news("wamid.out", MessageStatus::Delivered, 9) };
    let outcome = firm.write(Origin::system(), move |tx| apply_status(tx, news)).unwrap();
    let StatusOutcome::Applied { message, settles, .. } = outcome else { panic!("parked") };
    assert_eq!((message.status, settles), (MessageStatus::Delivered, sent.delivery));
    assert_eq!(message.external_id.as_deref(), Some("wamid.out"));
    assert_eq!(message.error, None);
}

#[test]
fn a_failed_message_is_sent_again_under_its_id_and_late_proof_counts() {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let m = firm.by(&me, move |tx, me| send_message(tx, me, NewMessage::text(c, "hello"))).unwrap().message.id;
    assert_eq!(code(firm.by(&me, move |tx, me| retry_message(tx, me, m))), "not_failed");
    let at = firm.store_now();
    let failed = firm.news("wamid.first", MessageStatus::Failed, 9);
    firm.write(Origin::system(), move |tx| {
        settle_send(tx, m, SendOutcome::Sent { external_id: "wamid.first".into(), at })?;
        apply_status(tx, failed)
    })
    .unwrap();
    assert_eq!(firm.message(m).error.unwrap().code, "131026");
    let again = firm.by(&me, move |tx, me| retry_message(tx, me, m)).unwrap().message;
    assert_eq!((again.id, again.status, again.tries, again.error), (m, MessageStatus::Pending, 2, None));
    let late = |status| {
        let news = firm.news("wamid.first", status, 10);
        firm.write(Origin::system(), move |tx| apply_status(tx, news)).unwrap();
        firm.message(m).status
    };
    assert_eq!(late(MessageStatus::Failed), MessageStatus::Pending, "the failure of the first attempt is old news");
    assert_eq!(late(MessageStatus::Delivered), MessageStatus::Delivered, "its proof of arrival is not");
}

#[test]
fn an_id_that_the_provider_gives_twice_leaves_no_message_on_its_way_for_ever() {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let at = firm.store_now();
    let [first, second] = ["one", "two"].map(|text| {
        let m = firm.by(&me, move |tx, me| send_message(tx, me, NewMessage::text(c, text))).unwrap().message.id;
        let sent = SendOutcome::Sent { external_id: "wamid.same".into(), at };
        firm.write(Origin::system(), move |tx| {
            mark_sending(tx, m)?;
            settle_send(tx, m, sent)
        })
        .unwrap();
        m
    });
    assert_eq!((firm.message(first).status, firm.message(second).status), (MessageStatus::Sent, MessageStatus::Unknown));
    assert_eq!(firm.message(second).error.unwrap().code, "provider_id_taken");
    let letters = firm.store.view(firm.tenant, |view| crate::platform::deadletters::list(view, None, None, 9)).unwrap();
    assert_eq!(letters.iter().map(|(letter, _)| letter.code.as_str()).collect::<Vec<_>>(), ["provider_id_taken"]);
}
