//! C-5: whatever order a message and the news about it come in, and however often, it ends in one state.

use super::{any_order::permutations, *};
use crate::conversations::{Edit, News, Reaction, Revoked, Who};
use proptest::prelude::*;

/// One thing that happens to a message.
#[derive(Debug, Clone, PartialEq)]
enum Happens {
    /// It becomes known under its provider's id.
    Message,
    /// News about it.
    News(News),
}

fn edit(at: i64, text: &str) -> Happens {
    Happens::News(News::Edit(Edit { at: Timestamp(at), id: format!("edit.{at}.{text}"), text: text.into() }))
}

fn reaction(by: Who, at: i64, emoji: &str) -> Happens {
    let id = format!("reaction.{by:?}.{at}.{emoji}");
    Happens::News(News::Reaction(Reaction { by, emoji: emoji.into(), at: Timestamp(at), id }))
}

fn revoke(at: i64) -> Happens {
    Happens::News(News::Revoke(Revoked { at: Timestamp(at), by: Who::Us }))
}

fn status(status: MessageStatus, at: i64) -> Happens {
    let error = (status == MessageStatus::Failed).then(|| error("131026"));
    Happens::News(News::Status { status, at: Timestamp(at), error })
}

/// How a message becomes known.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Origins {
    /// We sent it, and the provider's answer names its id.
    Sent,
    /// One of us wrote it on the phone.
    Echo,
}

/// What must be the same in the end: all that the API shows of it.
fn end(firm: &Firm, external_id: &str) -> (String, serde_json::Value) {
    let channel = firm.channel;
    let message = firm.store.view(firm.tenant, |v| v.find(&EXTERNAL_ID_TO_MESSAGE, (channel, external_id))).unwrap().unwrap();
    let stored = format!("{:?}", (&message.status, &message.content, &message.extra, &message.error));
    let mut shown = serde_json::to_value(MessageView::of(message, 0, Sight::Full)).unwrap();
    for changes in ["id", "clientId", "externalId", "rev", "arrival", "receivedAt", "createdAt", "conversationId"] {
        shown.as_object_mut().unwrap().remove(changes);
    }
    (stored, shown)
}

/// Lets all of it happen to a new message, in this order.
fn live(firm: &Firm, me: &Actor, conversation: ConversationId, external_id: &str, origins: Origins, history: &[Happens]) {
    let prepared = (origins == Origins::Sent).then(|| {
        let sent = firm.by(me, move |tx, me| send_message(tx, me, NewMessage::text(conversation, "first"))).unwrap();
        let m = sent.message.id;
        firm.write(Origin::system(), move |tx| mark_sending(tx, m)).unwrap();
        m
    });
    let channel = firm.channel;
    for happens in history.iter().cloned() {
        let id = external_id.to_owned();
        match happens {
            Happens::Message => match prepared {
                Some(m) => {
                    let outcome = SendOutcome::Sent { external_id: id, at: Timestamp(10) };
                    firm.write(Origin::system(), move |tx| settle_send(tx, m, outcome)).map(drop).unwrap();
                }
                None => {
                    let echo = Inbound { is_echo: true, at: Timestamp(10), ..firm.inbound(ANA, &id, "first") };
                    firm.write(Origin::system(), move |tx| receive_inbound(tx, echo)).map(drop).unwrap();
                }
            },
            Happens::News(News::Status { status, at, error }) => {
                let news = StatusNews { channel, external_id: id, callback: None, status, at, error };
                firm.write(Origin::system(), move |tx| apply_status(tx, news)).map(drop).unwrap();
            }
            Happens::News(news) => {
                firm.write(Origin::system(), move |tx| apply_news(tx, channel, id, news)).map(drop).unwrap();
            }
        }
    }
}

fn house() -> (Firm, Actor, ConversationId) {
    let firm = Firm::new();
    let me = agent(&firm, 0, Reach::Tenant);
    let conversation = firm.says(ANA, "wamid.1", "help").conversation.id;
    (firm, me, conversation)
}

#[test]
fn all_720_orders_of_a_message_and_its_news_end_in_one_state() {
    let happens = [
        Happens::Message,
        edit(30, "second"),
        reaction(Who::Customer, 40, "👍"),
        status(MessageStatus::Sent, 11),
        status(MessageStatus::Delivered, 12),
        status(MessageStatus::Read, 13),
    ];
    for origins in [Origins::Sent, Origins::Echo] {
        let (firm, me, conversation) = house();
        let orders = permutations(&[0usize, 1, 2, 3, 4, 5]);
        assert_eq!(orders.len(), 720);
        let mut first = None;
        for (n, order) in orders.into_iter().enumerate() {
            let id = format!("wamid.{origins:?}.{n}");
            let history: Vec<Happens> = order.iter().map(|at| happens[*at].clone()).collect();
            live(&firm, &me, conversation, &id, origins, &history);
            let end = end(&firm, &id);
            assert_eq!(*first.get_or_insert_with(|| end.clone()), end, "{origins:?} {history:?}");
        }
        let (_, shown) = first.unwrap();
        assert_eq!((shown["status"].as_str(), shown["content"].as_str()), (Some("READ"), Some("second")));
        assert_eq!(shown["edits"][0]["before"], "first");
        assert_eq!(shown["reactions"][0]["emoji"], "👍");
        let parked = firm.store.read(firm.tenant).unwrap().all::<ParkedNews>(KeyRange::all()).unwrap().count();
        assert_eq!(parked, 0, "nothing waits for what is there");
    }
}

/// Chance from a seed (xorshift), so that a failure can be lived through again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// What may happen to one message in its life.
fn histories() -> impl Strategy<Value = Vec<Happens>> {
    let who = || prop_oneof![Just(Who::Customer), Just(Who::Us), Just(Who::Member("+33639980007".into()))];
    let happens = prop_oneof![
        3 => (20..40i64, "[a-c]{1,2}").prop_map(|(at, text)| edit(at, &text)),
        4 => (who(), 20..40i64, prop::sample::select(vec!["👍", "❤", ""])).prop_map(|(by, at, emoji)| reaction(by, at, emoji)),
        1 => (20..40i64).prop_map(revoke),
        2 => prop::sample::select(vec![
            (MessageStatus::Sent, 11),
            (MessageStatus::Failed, 12),
            (MessageStatus::Delivered, 13),
            (MessageStatus::Read, 14),
        ])
        .prop_map(|(word, at)| status(word, at)),
    ];
    prop::collection::vec(happens, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn longer_histories_with_repetitions_end_in_one_state(history in histories(), seed in any::<u64>()) {
        let mut whole = vec![Happens::Message];
        whole.extend(history);
        let mut random = Random(seed | 1);
        for origins in [Origins::Sent, Origins::Echo] {
            let (firm, me, conversation) = house();
            live(&firm, &me, conversation, "wamid.straight", origins, &whole);
            let straight = end(&firm, "wamid.straight");
            for n in 0..3 {
                let mut mixed = whole.clone();
                for at in (1..mixed.len()).rev() {
                    mixed.swap(at, random.below(at + 1));
                }
                for _ in 0..random.below(6) {
                    let again = mixed[random.below(mixed.len())].clone();
                    mixed.insert(random.below(mixed.len() + 1), again);
                }
                let id = format!("wamid.mixed.{n}");
                live(&firm, &me, conversation, &id, origins, &mixed);
                prop_assert_eq!(&end(&firm, &id), &straight, "{:?} {:?}", origins, mixed);
            }
        }
    }
}

#[test]
fn what_was_taken_back_is_shown_nowhere_and_kept_for_the_audit() {
    let (firm, me, conversation) = house();
    live(&firm, &me, conversation, "wamid.secret", Origins::Echo, &[Happens::Message, edit(20, "the secret"), revoke(30)]);
    let (stored, shown) = end(&firm, "wamid.secret");
    assert!(stored.contains("the secret") && stored.contains("first"));
    assert!(!shown.to_string().contains("secret") && !shown.to_string().contains("first"), "{shown}");
    assert!(shown["revokedAt"].is_string());
}
