//! What must hold in whatever order things happen: of one message's news, and of a whole day.

use super::{ANA, Firm, agent, id};
use crate::{
    base::{Actor, ConversationId, Origin, Reach, Timestamp},
    conversations::{model::*, *},
    platform::store::{KeyRange, Read},
};
use proptest::prelude::*;
use std::time::Duration;

/// What can happen to one outgoing message, in any order.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Word {
    Settled,
    Sent,
    Delivered,
    Read,
    Failed,
}

#[test]
fn every_order_of_news_ends_the_same() {
    use Word::*;
    let subsets = [
        vec![Settled, Sent, Delivered, Read, Failed],
        vec![Settled, Sent, Failed],
        vec![Settled, Sent, Delivered],
        vec![Settled, Failed, Read],
    ];
    for subset in subsets {
        let mut ends = Vec::new();
        for order in permutations(&subset) {
            let firm = Firm::new();
            let me = agent(&firm, 0, Reach::Tenant);
            let c = firm.says(ANA, "wamid.1", "help").conversation.id;
            let m = firm.by(&me, move |tx, me| send_message(tx, me, NewMessage::text(c, "hello"))).unwrap().message.id;
            for news in &order {
                let status = match news {
                    Settled => {
                        let sent = SendOutcome::Sent { external_id: "wamid.out".into(), at: Timestamp(1) };
                        firm.write(Origin::system(), move |tx| settle_send(tx, m, sent)).unwrap();
                        continue;
                    }
                    Sent => MessageStatus::Sent,
                    Delivered => MessageStatus::Delivered,
                    Read => MessageStatus::Read,
                    Failed => MessageStatus::Failed,
                };
                let told = firm.news("wamid.out", status, 1 + status as i64 - MessageStatus::Sent as i64);
                firm.write(Origin::system(), move |tx| apply_status(tx, told)).unwrap();
            }
            let end = firm.message(m);
            let shown = firm.conversation(c).last_message.unwrap().status;
            assert_eq!(shown, end.status, "{order:?}: the list shows what the thread shows");
            ends.push((order, (end.status, end.sent_at, end.delivered_at, end.read_at, end.error)));
        }
        for (order, end) in &ends {
            assert_eq!(*end, ends[0].1, "{order:?} ends otherwise than {:?}", ends[0].0);
        }
    }
}

pub(super) fn permutations<T: Copy + PartialEq>(of: &[T]) -> Vec<Vec<T>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let first = |chosen: &T| {
        let rest: Vec<T> = of.iter().filter(|other| *other != chosen).copied().collect();
        let chosen = *chosen;
        permutations(&rest).into_iter().map(move |mut tail| {
            tail.insert(0, chosen);
            tail
        })
    };
    of.iter().flat_map(first).collect()
}

/// One step of a firm's day.
#[derive(Debug, Clone)]
enum Step {
    Says(u8),
    Take(u8, u8),
    Give(u8, u8, u8),
    Drop(u8),
    Move(u8, u8),
    Resolve(u8),
    Reopen(u8),
    Archive(u8),
    Read(u8),
    Answer(u8, u8),
    Urgent(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Step::*;
    let step = prop_oneof![
        4 => (0..4u8).prop_map(Says),
        2 => (0..4u8, 0..4u8).prop_map(|(c, a)| Take(c, a)),
        1 => (0..4u8, 0..4u8, 0..4u8).prop_map(|(c, a, to)| Give(c, a, to)),
        1 => (0..4u8).prop_map(Drop),
        1 => (0..4u8, 0..3u8).prop_map(|(c, q)| Move(c, q)),
        2 => (0..4u8).prop_map(Resolve),
        1 => (0..4u8).prop_map(Reopen),
        1 => (0..4u8).prop_map(Archive),
        1 => (0..4u8).prop_map(Read),
        2 => (0..4u8, 0..4u8).prop_map(|(c, a)| Answer(c, a)),
        1 => (0..4u8).prop_map(Urgent),
    ];
    proptest::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn after_any_day_counters_lists_and_history_agree(steps in steps()) {
        let firm = Firm::new();
        let agents: Vec<Actor> = (0..4).map(|n| agent(&firm, n, Reach::Tenant)).collect();
        let mut newest: [Option<ConversationId>; 4] = [None; 4];
        for (n, step) in steps.into_iter().enumerate() {
            firm.clock.advance(Duration::from_secs(1));
            use Step::*;
            let of = |c: u8| newest[usize::from(c)];
            // A refusal is an answer too; what counts is that nothing contradicts itself afterwards.
            let who = |a: u8| agents[usize::from(a)].clone();
            match step {
                Says(c) => newest[usize::from(c)] = Some(firm.says(&format!("3363998000{c}"), &format!("m{n}"), "hi").conversation.id),
                Take(c, a) => if let Some(c) = of(c) { let _ = firm.by(&who(a), move |tx, me| take(tx, me, c)); },
                Give(c, a, to) => if let Some(c) = of(c) { let to = who(to).user; let _ = firm.by(&who(a), move |tx, me| assign(tx, me, c, to)); },
                Drop(c) => if let Some(c) = of(c) { let _ = firm.by(&who(0), move |tx, me| unassign(tx, me, c)); },
                Move(c, q) => if let Some(c) = of(c) { let q = id(20 + u64::from(q)); let _ = firm.by(&who(0), move |tx, me| transfer(tx, me, c, Some(q), None)); },
                Resolve(c) => if let Some(c) = of(c) { let _ = firm.by(&who(0), move |tx, me| resolve(tx, me, c)); },
                Reopen(c) => if let Some(c) = of(c) { let _ = firm.by(&who(0), move |tx, me| reopen(tx, me, c)); },
                Archive(c) => if let Some(c) = of(c) { let _ = firm.by(&who(0), move |tx, me| archive(tx, me, c)); },
                Read(c) => if let Some(c) = of(c) { let _ = firm.by(&who(0), move |tx, me| mark_read(tx, me, c, None)); },
                Answer(c, a) => if let Some(c) = of(c) { let _ = firm.by(&who(a), move |tx, me| send_message(tx, me, NewMessage::text(c, "ok"))); },
                Urgent(c) => if let Some(c) = of(c) { let _ = firm.by(&who(0), move |tx, me| set_priority(tx, me, c, Priority::Urgent)); },
            }
        }
        firm.check_counters();
        let view = firm.store.read(firm.tenant).unwrap();
        let mut open = std::collections::BTreeSet::new();
        for hit in view.all::<Conversation>(KeyRange::all()).unwrap() {
            let c = hit.unwrap().0;
            prop_assert!(!c.state.is_open() || open.insert((c.channel, c.contact.id)), "two open conversations of one contact");
            prop_assert_eq!(c.state == State::Attending, c.assignment.is_some());
            let stretches: Vec<Assignment> = view.list(&ASSIGNMENTS_OF_CONVERSATION, KeyRange::prefix(c.id)).unwrap().map(|h| h.unwrap().0).collect();
            let running: Vec<_> = stretches.iter().filter(|a| a.until.is_none()).collect();
            prop_assert_eq!(running.len(), usize::from(c.state == State::Attending));
            prop_assert!(running.iter().all(|a| Some(a.user) == c.assignee));
            let thread = view.list(&THREAD, KeyRange::prefix(c.id)).unwrap().count() as u64;
            prop_assert_eq!(thread, c.arrivals);
        }
    }
}
