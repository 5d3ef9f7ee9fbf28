//! Scheduled messages whose time has come, as far as their channel has a say and keeps count.

use super::{
    alarm::failed,
    figures::{asked, got_on},
};
use crate::{
    base::{Actor, MessageId, Result},
    channels::model::Channel,
    conversations::{self, Message, Stored},
    platform::{
        store::{Read, Tx},
        timers::DueTimer,
    },
};

/// The timer's turn. What can't go out has failed like any other message: in the channel's figures, and for its alarm.
///
/// # Errors
/// The store's.
pub fn scheduled_is_due(tx: &mut Tx<'_, '_>, due: &DueTimer) -> Result<()> {
    match conversations::scheduled_is_due(tx, due, has_room)? {
        Some((old, new)) if got_on(tx, &old, &new)? => failed(tx, new.channel, new.error.as_ref()),
        _ => Ok(()),
    }
}

/// A scheduled message goes out at once instead.
///
/// # Errors
/// As [`conversations::send_scheduled_now`]; conflict `channel_day_limit`.
pub fn send_scheduled_now(tx: &mut Tx<'_, '_>, actor: &Actor, id: MessageId) -> Result<Stored> {
    conversations::send_scheduled_now(tx, actor, id, has_room)
}

/// It counts on the day it goes out, not on the one it was planned on.
fn has_room(tx: &mut Tx<'_, '_>, message: &Message) -> Result<()> {
    let channel = tx.require::<Channel>(&message.channel)?;
    asked(tx, &channel)
}
