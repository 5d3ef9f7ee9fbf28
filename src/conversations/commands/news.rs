//! News that change what a message says: edits, revocations, reactions, votes. Any order, and any of them twice, ends
//! in one state: what is told is a set, and what is shown follows from the set alone.

use super::{
    super::{
        extra::{Act, Deed, EDITS_MAX, Edit, Extra, REACTIONS_MAX, Reaction, Revoked, Vote, Who},
        model::{EXTERNAL_ID_TO_MESSAGE, Message, News},
    },
    status::{park, store_message},
};
use crate::{
    base::{ChannelId, Result},
    platform::store::{Read, Tx},
};

/// Takes news about the message the provider calls `external_id`. Unknown messages' news are parked until the message
/// comes; `None` then.
///
/// # Errors
/// The store's.
pub fn apply_news(tx: &mut Tx<'_, '_>, channel: ChannelId, external_id: String, news: News) -> Result<Option<Message>> {
    let Some(old) = tx.find(&EXTERNAL_ID_TO_MESSAGE, (channel, external_id.as_str()))? else {
        park(tx, channel, external_id, news)?;
        return Ok(None);
    };
    change(tx, old, news).map(Some)
}

/// Takes news into a stored message and tells.
pub(super) fn change(tx: &mut Tx<'_, '_>, old: Message, news: News) -> Result<Message> {
    let mut message = old.clone();
    take_in(&mut message, news);
    if message != old {
        store_message(tx, &old, &mut message)?;
    }
    Ok(message)
}

/// Takes one piece of news into a message. A status is none of these.
pub(super) fn take_in(message: &mut Message, news: News) {
    let mut extra = message.extra.take().unwrap_or_default();
    match news {
        News::Status { .. } => {}
        News::Edit(edit) => {
            // Whatever told of it, it proves the act that asked for it.
            let asked = prove(&mut extra, |deed| *deed == Deed::Edit(edit.text.clone()));
            let asked = asked.map(|act| Edit { at: act.at, id: format!("{}/{}", act.by, act.id), text: edit.text.clone() });
            for edit in asked.into_iter().chain([edit]) {
                reword(&mut extra, &mut message.content, edit);
            }
        }
        News::Revoke(revoked) => {
            let proved = if revoked.by.is_us() { prove(&mut extra, |deed| *deed == Deed::Remove) } else { None };
            let asked = proved.map(|act| Revoked { at: act.at, by: Who::User(act.by) });
            extra.revoked = extra.revoked.take().into_iter().chain([revoked]).chain(asked).reduce(Revoked::or);
        }
        News::Reaction(reaction) => {
            if reaction.by == Who::Us
                && let Some(act) = prove(&mut extra, |deed| *deed == Deed::React(reaction.emoji.clone()))
            {
                let id = act.id.to_string();
                react(&mut extra, Reaction { by: Who::User(act.by), emoji: reaction.emoji.clone(), at: act.at, id });
            }
            react(&mut extra, reaction);
        }
        News::Vote(vote) => cast(&mut extra, vote),
    }
    message.extra = extra.boxed();
}

/// Takes out the act that news prove to have been carried out, whatever was heard of it.
fn prove(extra: &mut Extra, is_it: impl Fn(&Deed) -> bool) -> Option<Act> {
    let at = extra.acts.iter().position(|act| is_it(&act.deed))?;
    Some(extra.acts.remove(at))
}

fn reword(extra: &mut Extra, content: &mut String, edit: Edit) {
    if extra.edits.contains(&edit) {
        return;
    }
    let original = extra.original.get_or_insert_with(|| content.clone()).clone();
    let place = extra.edits.partition_point(|there| *there < edit);
    extra.edits.insert(place, edit);
    // Of too many the middle goes: what it began as and what it came to must stay.
    if extra.edits.len() > EDITS_MAX {
        extra.edits.remove(0);
    }
    *content = extra.edits.last().map_or(original, |edit| edit.text.clone());
}

fn react(extra: &mut Extra, reaction: Reaction) {
    let place = extra.reactions.binary_search_by(|there| there.by.cmp(&reaction.by));
    match place {
        Ok(at) => {
            let there = &mut extra.reactions[at];
            if (reaction.at, &reaction.id) > (there.at, &there.id) {
                *there = reaction;
            }
        }
        Err(at) if extra.reactions.len() < REACTIONS_MAX => extra.reactions.insert(at, reaction),
        Err(_) => {}
    }
}

/// A vote for a poll that is no poll yet (its message comes as something this version can't read) is dropped.
fn cast(extra: &mut Extra, vote: Vote) {
    let Some(poll) = &mut extra.poll else { return };
    match poll.votes.binary_search_by(|there| there.by.cmp(&vote.by)) {
        Ok(at) => {
            let there = &mut poll.votes[at];
            if (vote.at, &vote.id) > (there.at, &there.id) {
                *there = vote;
            }
        }
        Err(at) if poll.votes.len() < REACTIONS_MAX => poll.votes.insert(at, vote),
        Err(_) => {}
    }
}
