//! Acts upon messages: whatever order their outcome, their echo and others' news come in, one state is the end.

use super::{ANA, Firm, agent, any_order::permutations};
use crate::{
    base::{Origin, Reach, Timestamp},
    conversations::{model::*, *},
    platform::store::{KeyRange, Read},
};
use std::time::Duration;
use uuid::Uuid;

const ALL: CanAct = CanAct { react: true, edit: true, remove: true };

/// A piece of what is told about three acts upon one message of ours.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    Done(usize),
    Echo(usize),
    Theirs,
}

fn acts_of(firm: &Firm, m: crate::base::MessageId) -> Vec<Act> {
    firm.message(m).extra.map(|extra| extra.acts).unwrap_or_default()
}

#[test]
fn every_order_of_outcomes_and_echoes_ends_the_same() {
    let told: [Told; 6] = [Told::Done(0), Told::Echo(0), Told::Done(1), Told::Echo(1), Told::Done(2), Told::Echo(2)];
    let mut ends = Vec::new();
    for mut order in permutations(&told) {
        // Seven at once are five thousand orders; their reaction may stand anywhere, here at the place the order itself names.
        let place = ends.len() % 7;
        order.insert(place, Told::Theirs);
        let firm = Firm::new();
        let me = agent(&firm, 0, Reach::Tenant);
        let c = firm.says(ANA, "wamid.1", "help").conversation.id;
        let m = firm.by(&me, move |tx, me| send_message(tx, me, NewMessage::text(c, "hello"))).unwrap().message.id;
        let sent = SendOutcome::Sent { external_id: "OUT".into(), at: firm.store_now() };
        firm.write(Origin::system(), move |tx| settle_send(tx, m, sent)).unwrap();
        firm.clock.advance(Duration::from_secs(5));
        firm.by(&me, move |tx, me| react(tx, me, m, "👍".into(), ALL)).unwrap();
        firm.by(&me, move |tx, me| edit(tx, me, m, "hello there".into(), ALL)).unwrap();
        firm.by(&me, move |tx, me| remove(tx, me, m, ALL)).unwrap();
        let acts: Vec<Uuid> = acts_of(&firm, m).iter().map(|act| act.id).collect();
        assert_eq!(acts.len(), 3);
        let (channel, at) = (firm.channel, Timestamp(firm.store_now().as_millis() / 1000 * 1000));
        for told in &order {
            let news = match *told {
                Told::Done(n) => {
                    let act = acts[n];
                    firm.write(Origin::system(), move |tx| settle_act(tx, m, act, ActOutcome::Done(None))).unwrap();
                    continue;
                }
                Told::Echo(0) => News::Reaction(Reaction { by: Who::Us, emoji: "👍".into(), at, id: "E0".into() }),
                Told::Echo(1) => News::Edit(Edit { at, id: "E1".into(), text: "hello there".into() }),
                Told::Echo(_) => News::Revoke(Revoked { at, by: Who::Us }),
                Told::Theirs => News::Reaction(Reaction { by: Who::Customer, emoji: "❤️".into(), at, id: "T".into() }),
            };
            firm.write(Origin::system(), move |tx| apply_news(tx, channel, "OUT".into(), news)).unwrap();
        }
        let end = firm.message(m);
        let extra = end.extra.clone().unwrap();
        assert!(extra.acts.is_empty(), "{order:?}: {:?}", extra.acts);
        let person = Some(Who::User(me.user));
        assert_eq!(extra.revoked.as_ref().map(|revoked| revoked.by.clone()), person, "{order:?}");
        assert_eq!(extra.our_reaction(), Some(("👍", Who::User(me.user))), "{order:?}");
        let edits: Vec<(Timestamp, String)> = extra.edits.iter().map(|edit| (edit.at, edit.text.clone())).collect();
        ends.push((order, (end.content, edits, extra.reactions.len(), extra.revoked)));
    }
    for (order, end) in &ends {
        assert_eq!(*end, ends[0].1, "{order:?} ends otherwise than {:?}", ends[0].0);
    }
}

#[test]
fn what_never_left_is_taken_back_at_once_and_a_note_changed_here() {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let m = firm.by(&me, move |tx, me| send_message(tx, me, NewMessage::text(c, "oops"))).unwrap().message.id;
    let gone = firm.by(&me, move |tx, me| remove(tx, me, m, CanAct::default())).unwrap().message;
    assert_eq!((gone.status, gone.error.unwrap().code.as_str()), (MessageStatus::Failed, "taken_back"));
    let extra = gone.extra.unwrap();
    assert!(extra.revoked.is_some() && extra.hidden.is_none());
    let view = firm.store.read(firm.tenant).unwrap();
    let waiting = view.all::<crate::platform::outbox::Delivery>(KeyRange::all()).unwrap();
    assert!(waiting.map(|d| d.unwrap().0.kind).all(|kind| kind != CHANNEL_SEND), "it was taken out of the outbox");

    let note = firm.by(&me, move |tx, me| add_note(tx, me, c, "mind the gate".into(), None)).unwrap().message.id;
    let edited = firm.by(&me, move |tx, me| edit(tx, me, note, "mind the dog".into(), CanAct::default())).unwrap().message;
    assert_eq!((edited.content.as_str(), edited.extra.unwrap().acts.len()), ("mind the dog", 0));
    let refused = firm.by(&me, move |tx, me| react(tx, me, note, "👍".into(), ALL)).unwrap_err();
    assert_eq!(refused.code(), "is_note");

    // Another agent's words are theirs; who may archive may take them back.
    let other = agent(&firm, 1, Reach::Tenant);
    let refused = firm.by(&other, move |tx, other| edit(tx, other, note, "x".into(), ALL)).unwrap_err();
    assert_eq!(refused.code(), "not_yours");
}

#[test]
fn what_was_taken_back_between_two_attempts_does_not_go_out() {
    for attempt_under_way in [false, true] {
        let firm = Firm::new();
        let me = agent(&firm, 0, Reach::Tenant);
        let c = firm.says(ANA, "wamid.1", "help").conversation.id;
        let m = firm.by(&me, move |tx, me| send_message(tx, me, NewMessage::text(c, "oops"))).unwrap().message.id;
        firm.write(Origin::system(), move |tx| mark_sending(tx, m)).unwrap();
        let later = SendOutcome::Later(super::error("131056"));
        let taken_back = || firm.by(&me, move |tx, me| remove(tx, me, m, CanAct::default())).unwrap().message;
        if attempt_under_way {
            assert!(taken_back().is_revoked());
            firm.write(Origin::system(), move |tx| settle_send(tx, m, later)).unwrap();
        } else {
            firm.write(Origin::system(), move |tx| settle_send(tx, m, later)).unwrap();
            let gone = taken_back();
            assert!(gone.status == MessageStatus::Failed && gone.is_revoked());
            let view = firm.store.read(firm.tenant).unwrap();
            let waiting = view.all::<crate::platform::outbox::Delivery>(KeyRange::all()).unwrap();
            assert!(waiting.map(|d| d.unwrap().0.kind).all(|kind| kind != CHANNEL_SEND), "it was taken out of the outbox");
        }
        let refused = firm.write(Origin::system(), move |tx| mark_sending(tx, m)).unwrap_err();
        assert_eq!(refused.code(), TAKEN_BACK);
    }
}

#[test]
fn a_message_that_waits_is_its_authors() {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let held = [CONVERSATION_READ, CONVERSATION_REPLY].map(|permission| (permission.0, Reach::Tenant));
    let colleague = super::actor(firm.tenant, super::id(101), &held);
    let lead = agent(&firm, 2, Reach::Tenant);
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let due = firm.store_now().plus(Duration::from_secs(3600));
    let extra = Extra { scheduled_for: Some(due), ..Extra::default() }.boxed();
    let new = NewMessage { extra, ..NewMessage::text(c, "tomorrow") };
    let m = firm.by(&me, move |tx, me| send_message(tx, me, new)).unwrap().message.id;
    let change = Replan { content: Some("never".into()), ..Replan::default() };
    let again = change.clone();
    let refused = [
        firm.by(&colleague, move |tx, who| replan(tx, who, m, change)),
        firm.by(&colleague, move |tx, who| edit(tx, who, m, "never".into(), ALL)),
        firm.by(&colleague, move |tx, who| cancel_scheduled(tx, who, m)),
        firm.by(&colleague, move |tx, who| send_scheduled_now(tx, who, m, |_, _| Ok(()))),
    ];
    assert_eq!(refused.map(super::code), ["not_yours"; 4]);
    assert_eq!(firm.message(m).content, "tomorrow");
    assert_eq!(firm.by(&lead, move |tx, who| replan(tx, who, m, again)).unwrap().message.content, "never");
    assert!(firm.by(&me, move |tx, me| cancel_scheduled(tx, me, m)).unwrap().message.is_revoked());
}

#[test]
fn other_words_of_a_message_that_waits_are_held_to_its_kind() {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let due = firm.store_now().plus(Duration::from_secs(3600));
    let rows = [
        (MessageKind::Text, "x".repeat(4_096), None),
        (MessageKind::Image, "x".repeat(1_024), None),
        (MessageKind::Image, "x".repeat(1_025), Some("invalid")),
        (MessageKind::Location, "x".to_owned(), Some("not_editable")),
    ];
    for (kind, words, expected) in rows {
        let extra = Extra { scheduled_for: Some(due), ..Extra::default() }.boxed();
        let new = NewMessage { extra, kind, ..NewMessage::text(c, "tomorrow") };
        let m = firm.by(&me, move |tx, me| send_message(tx, me, new)).unwrap().message.id;
        let change = Replan { content: Some(words), ..Replan::default() };
        let outcome = firm.by(&me, move |tx, me| replan(tx, me, m, change));
        assert_eq!(outcome.err().map(|error| error.code()), expected, "{kind:?}");
    }
}

#[test]
fn a_message_that_waits_takes_no_place_and_goes_out_once() {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let c = firm.says(ANA, "wamid.1", "help").conversation.id;
    let due = firm.store_now().plus(Duration::from_secs(3600));
    let extra = Extra { scheduled_for: Some(due), ..Extra::default() }.boxed();
    let new = NewMessage { extra, client_id: Some("plan-1".into()), ..NewMessage::text(c, "tomorrow") };
    let again = new.clone();
    let m = firm.by(&me, move |tx, me| send_message(tx, me, new)).unwrap().message;
    assert!(!firm.by(&me, move |tx, me| send_message(tx, me, again)).unwrap().is_new);
    let before = firm.conversation(c);
    assert_eq!((before.arrivals, before.last_message.unwrap().preview.as_str()), (1, "help"));
    let thread = |firm: &Firm| firm.store.read(firm.tenant).unwrap().list(&THREAD, KeyRange::prefix(c)).unwrap().count();
    assert_eq!(thread(&firm), 1);
    firm.clock.advance(Duration::from_secs(3601));
    let fire = |firm: &Firm| {
        let key = crate::platform::timers::TimerKey::new(SCHEDULED_SEND, m.id.into());
        let due = crate::platform::timers::DueTimer { key, due, payload: serde_json::Value::Null };
        firm.write(Origin::system(), move |tx| scheduled_is_due(tx, &due, |_, _| Ok(()))).unwrap();
    };
    fire(&firm);
    let out = firm.message(m.id);
    assert_eq!((out.scheduled_for(), out.arrival, out.at), (None, 1, firm.store_now()));
    let deliveries = || {
        let view = firm.store.read(firm.tenant).unwrap();
        view.all::<crate::platform::outbox::Delivery>(KeyRange::all())
            .unwrap()
            .filter(|d| d.as_ref().unwrap().0.kind == CHANNEL_SEND)
            .count()
    };
    assert_eq!((deliveries(), thread(&firm)), (1, 2));
    // The same timer once more, as after a crash that lost nothing.
    fire(&firm);
    assert_eq!((deliveries(), thread(&firm)), (1, 2));
    firm.check_counters();
}
