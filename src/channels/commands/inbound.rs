//! Raw bodies: kept before they are acknowledged, done when each element is stored, gone after a week.

use super::{notices::list_notice, receive::UNKNOWN_SESSION};
use crate::{
    base::{DeadLetterId, Error, InboundId, Result, Timestamp},
    channels::{
        adapter::Part,
        model::{Inbound, InboundState, RawBody, Vouched},
        receiving::inbound::{ReceivedNotice, Unreadable},
    },
    platform::{
        deadletters::NewDeadLetter,
        store::{KeyRange, PlatformTx, Read, Topic, Tx, Write},
    },
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;
/// Raw bodies are kept this long, for whoever looks into a provider's oddity.
pub const KEPT_FOR: Duration = Duration::from_secs(7 * 86_400);
/// What an element needs of its body is kept with its dead letter up to this size: one command must hold it, and without
/// it only a name is missing.
const BESIDE_BYTES_MAX: usize = 32 << 10;

/// Keeps a raw body.
pub fn keep(tx: &mut PlatformTx<'_, '_>, inbound: &Inbound) -> Result<()> {
    tx.replace(None, inbound)?;
    if inbound.state == InboundState::Waiting {
        tx.wake(Topic::Inbound);
    }
    Ok(())
}

/// All elements are stored or buried.
pub fn done(tx: &mut PlatformTx<'_, '_>, id: InboundId) -> Result<()> {
    match tx.get::<Inbound>(&id)? {
        Some(old) if old.state == InboundState::Waiting => {
            let new = Inbound { state: InboundState::Done, ..old.clone() };
            tx.replace(Some(&old), &new)
        }
        _ => Ok(()),
    }
}

/// One more try came to no end; gives their number.
pub fn note_attempt(tx: &mut PlatformTx<'_, '_>, id: InboundId) -> Result<u32> {
    let Some(old) = tx.get::<Inbound>(&id)? else { return Ok(0) };
    let new = Inbound { attempts: old.attempts + 1, ..old.clone() };
    tx.replace(Some(&old), &new)?;
    Ok(new.attempts)
}

/// An element that can't be read, with all a second try needs.
#[derive(Debug, Clone)]
pub struct Unread {
    /// For whom.
    pub vouched: Vouched,
    /// Which element of its body it is.
    pub at: u32,
    /// Why.
    pub why: Unreadable,
    /// As it came.
    pub raw: String,
    /// Which part of a body it is.
    pub part: Part,
    /// What else of the body it needs.
    pub beside: Option<String>,
}

/// Buries elements that can't be read, each exactly once, however often and in whatever company it is tried.
pub fn bury_unreadable(tx: &mut PlatformTx<'_, '_>, id: InboundId, unread: &[Unread]) -> Result<()> {
    let Some(old) = tx.get::<Inbound>(&id)? else { return Ok(()) };
    let mut buried = old.buried;
    for letter in unread {
        // A tenant that is gone has no dead letters; its neighbours' must not wait for it.
        match tx.tenant(letter.vouched.tenant, |tx| bury(tx, id, letter)) {
            Ok(is_new) => buried += u32::from(is_new),
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if buried == old.buried { Ok(()) } else { tx.replace(Some(&old), &Inbound { buried, ..old.clone() }) }
}

fn bury(tx: &mut Tx<'_, '_>, id: InboundId, letter: &Unread) -> Result<bool> {
    let Unread { vouched, at, why, raw, part, beside } = letter;
    if why.code == UNKNOWN_SESSION {
        // Once a day is enough to be told by; each event itself is among the dead letters.
        let day = Timestamp(tx.now().0.div_euclid(DAY_MS) * DAY_MS);
        let reason = Some(why.detail.clone());
        let (topic, event) = ("session.unknown".to_owned(), "UNROUTED".to_owned());
        let raw = json!({ "reason": why.detail }).to_string();
        list_notice(tx, vouched.channel, &ReceivedNotice { topic, event, subject: None, reason, at: day, raw })?;
    }
    let beside = beside.as_ref().filter(|beside| beside.len() <= BESIDE_BYTES_MAX);
    tx.bury_once(
        letter_id(id, *at),
        NewDeadLetter {
            kind: "inbound",
            code: why.code.to_owned(),
            reason: why.detail.clone(),
            subject: Some(vouched.channel.into()),
            raw: raw.clone().into_bytes(),
            retry: json!({ "inbound": id, "channel": vouched.channel, "part": part, "beside": beside }),
        },
    )
}

/// The letter of one element of one body: the body's own time, so that it stands where it belongs, and a digest.
fn letter_id(id: InboundId, at: u32) -> DeadLetterId {
    let body = uuid::Uuid::from(id);
    let mut digest = Sha256::new();
    digest.update(body.as_bytes());
    digest.update(at.to_be_bytes());
    let tail: [u8; 10] = std::array::from_fn({
        let digest = digest.finalize();
        move |i| digest[i]
    });
    let millis = u64::from_be_bytes(std::array::from_fn(|i| if i < 2 { 0 } else { body.as_bytes()[i - 2] }));
    uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid().into()
}

/// Looks at up to `max` raw bodies behind `after` and removes those older than [`KEPT_FOR`] that are done; gives the ids of
/// files to remove and, while there may be more, the cursor of the last one seen.
pub fn purge(
    tx: &mut PlatformTx<'_, '_>,
    now: Timestamp,
    after: Option<Vec<u8>>,
    max: usize,
) -> Result<(Vec<InboundId>, Option<Vec<u8>>)> {
    let before = now.minus(KEPT_FOR);
    let old: Vec<(Inbound, Vec<u8>)> = tx
        .all::<Inbound>(KeyRange::all().after(after))?
        .take(max)
        // Ids are ordered by the time they were made.
        .take_while(|row| row.as_ref().map_or(true, |(inbound, _)| inbound.at < before))
        .collect::<Result<_>>()?;
    let mut files = Vec::new();
    for (inbound, _) in old.iter().filter(|(inbound, _)| inbound.state == InboundState::Done) {
        tx.delete::<Inbound>(&inbound.id)?;
        if matches!(inbound.body, RawBody::File(_)) {
            files.push(inbound.id);
        }
    }
    let more = old.len() == max;
    Ok((files, old.into_iter().next_back().map(|(_, cursor)| cursor).filter(|_| more)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{ChannelId, Env, Origin},
        channels::model::ChannelKind,
        platform::{
            deadletters,
            store::{
                Lane, Store,
                testing::{founded, on_thread},
            },
        },
    };
    use uuid::Uuid;

    fn inbound(n: u128, at: Timestamp, state: InboundState) -> Inbound {
        let id = InboundId(Uuid::from_u128(n));
        let (kind, body) = (ChannelKind::WhatsappCloud, RawBody::Inline(vec![b'x'; 60 << 10]));
        Inbound { id, kind, at, body, vouched: Vec::new(), state, buried: 0, attempts: 0 }
    }

    #[test]
    fn each_element_is_buried_once_whichever_others_are_with_it() {
        let (env, _) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let (store, tenants) = on_thread(founded(&env, 1));
        let tenant = tenants[0];
        let body = inbound(7, Timestamp(1), InboundState::Waiting);
        let id = body.id;
        on_thread(store.write_platform(Lane::People, Origin::system(), move |tx| keep(tx, &body))).unwrap();
        let unread = |place: u32| Unread {
            at: place,
            vouched: Vouched { tenant, channel: ChannelId(Uuid::from_u128(2)), account: "1".into() },
            why: Unreadable::new("malformed", ""),
            raw: format!("{place}{}", "x".repeat(128 << 10)),
            part: Part::Message,
            beside: Some("y".repeat(1 << 20)),
        };
        // First what can't be read, then, refused for good at a later try, what stood before it.
        for places in [vec![5], vec![5], vec![2, 5], vec![2], vec![7, 2]] {
            for place in places {
                let letters = [unread(place)];
                let write = store.write_platform(Lane::People, Origin::system(), move |tx| bury_unreadable(tx, id, &letters));
                on_thread(write).unwrap();
            }
        }
        let letters = store.view(tenant, |view| deadletters::list(view, None, None, 10)).unwrap();
        let mut places: Vec<u8> = letters.iter().map(|(letter, _)| letter.raw[0]).collect();
        places.sort_unstable();
        assert_eq!(places, *b"257");
    }

    #[test]
    fn a_body_that_waits_keeps_no_others_from_going() {
        let (env, _) = Env::simulated(Timestamp(1_800_000_000_000), 1);
        let store = Store::in_memory(env.clone());
        let now = env.now();
        for n in 0..9u32 {
            let state = if n < 3 { InboundState::Waiting } else { InboundState::Done };
            let body = inbound(u128::from(n), now.minus(KEPT_FOR * 2), state);
            on_thread(store.write_platform(Lane::People, Origin::system(), move |tx| keep(tx, &body))).unwrap();
        }
        let mut after = None;
        loop {
            let purged = store.write_platform(Lane::Jobs, Origin::system(), move |tx| purge(tx, now, after, 3));
            after = on_thread(purged).unwrap().1;
            if after.is_none() {
                break;
            }
        }
        let left = store.view_platform(|view| Ok(view.all::<Inbound>(KeyRange::all())?.count())).unwrap();
        assert_eq!(left, 3);
    }
}
