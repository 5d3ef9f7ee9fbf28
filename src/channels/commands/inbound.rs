//! Raw bodies: kept before they are acknowledged, done when each element is stored, gone after a week.

use crate::{
    base::{DeadLetterId, Error, InboundId, Result, Timestamp},
    channels::{
        adapter::Part,
        inbound::Unreadable,
        model::{Inbound, InboundState, RawBody, Vouched},
    },
    platform::{
        deadletters::NewDeadLetter,
        store::{KeyRange, PlatformTx, Read, Topic, Tx, Write},
    },
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Raw bodies are kept this long, for whoever looks into a provider's oddity.
pub const KEPT_FOR: Duration = Duration::from_secs(7 * 86_400);

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

/// Removes up to `max` raw bodies older than [`KEPT_FOR`]; gives how many went and the ids of files to remove.
pub fn purge(tx: &mut PlatformTx<'_, '_>, now: Timestamp, max: usize) -> Result<(usize, Vec<InboundId>)> {
    let before = now.minus(KEPT_FOR);
    let old: Vec<Inbound> = tx
        .all::<Inbound>(KeyRange::all())?
        .take(max)
        .map(|pair| Ok(pair?.0))
        // Ids are ordered by the time they were made.
        .take_while(|inbound: &Result<Inbound>| inbound.as_ref().map_or(true, |i| i.at < before))
        .collect::<Result<_>>()?;
    let mut files = Vec::new();
    let mut gone = 0;
    for inbound in old.iter().filter(|i| i.state == InboundState::Done) {
        tx.delete::<Inbound>(&inbound.id)?;
        gone += 1;
        if matches!(inbound.body, RawBody::File(_)) {
            files.push(inbound.id);
        }
    }
    Ok((gone, files))
}
