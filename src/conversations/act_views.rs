//! What was done to a message as the API shows it: reactions, its end, and acts that are not settled.
//!
//! What is on its way is shown as if it had happened, and `acts[]` says that it has not yet: a client that knows no acts
//! shows what people mean, one that knows them shows how far it got. What was refused is shown there alone.

use super::{
    extra::{Act, ActState, Deed, Extra, Revoked, Who},
    model::MessageError,
    views::{Sight, mask},
};
use crate::base::{Timestamp, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A reaction to a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Reaction)]
pub struct ReactionView {
    /// `customer`, `us` (on the phone itself), `member` (of a group), or the id of one of us.
    #[schema(example = "customer")]
    pub by: String,
    /// The group member's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The emoji.
    #[schema(example = "👍")]
    pub emoji: String,
    /// When.
    pub at: Timestamp,
}

/// The firm's own reaction: one, as the other side sees it.
pub fn ours(extra: &Extra) -> Option<ReactionView> {
    let (emoji, who) = extra.our_reaction()?;
    let told = extra.reactions.iter().filter(|reaction| reaction.by.is_us()).map(|reaction| reaction.at).max();
    let asked = extra.acts.iter().rev().find(|act| matches!(&act.deed, Deed::React(asked) if asked == emoji)).map(|act| act.at);
    let at = asked.or(told)?;
    Some(ReactionView { by: by_whom(who, Sight::Full).0, member: None, emoji: emoji.to_owned(), at })
}

/// Who, in the API's words; and of a group's member the address.
pub fn by_whom(who: Who, sight: Sight) -> (String, Option<String>) {
    match who {
        Who::Customer => ("customer".to_owned(), None),
        Who::Us => ("us".to_owned(), None),
        Who::User(id) => (id.to_string(), None),
        Who::Member(address) if sight == Sight::Masked => ("member".to_owned(), Some(mask(&address))),
        Who::Member(address) => ("member".to_owned(), Some(address)),
    }
}

/// How a message ended: taken back, or hidden here.
#[derive(Debug, Clone)]
pub struct EndView {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Here alone: the other side may see it still.
    pub is_hidden: bool,
}

impl EndView {
    /// The end of a message, if it has one or one is on its way.
    pub fn of(extra: &Extra, sight: Sight) -> Option<Self> {
        let asked = extra.acts.iter().find(|act| act.deed == Deed::Remove && act.state != ActState::Refused);
        let asked = asked.map(|act| Revoked { at: act.at, by: Who::User(act.by) });
        let is_hidden = extra.revoked.is_none() && asked.is_none();
        let end = extra.revoked.clone().or(asked).or_else(|| extra.hidden.clone())?;
        Some(Self { at: end.at, by: by_whom(end.by, sight).0, is_hidden })
    }
}

/// What can be done to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActKind {
    /// React.
    Reaction,
    /// Change its words.
    Edit,
    /// Take it back for everyone.
    Delete,
}

/// Something one of us did to a message that its provider has not, or never, carried out.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Act)]
pub struct ActView {
    /// Its id.
    id: Uuid,
    /// What.
    kind: ActKind,
    /// How far it got.
    state: ActState,
    /// Which of us did it.
    by: UserId,
    /// When.
    at: Timestamp,
    /// The emoji of a reaction; empty: taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
    /// The words of an edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    /// What hinders it, or why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<MessageError>,
}

impl From<&Act> for ActView {
    fn from(act: &Act) -> Self {
        let (kind, emoji, content) = match &act.deed {
            Deed::React(emoji) => (ActKind::Reaction, Some(emoji.clone()), None),
            Deed::Edit(text) => (ActKind::Edit, None, Some(text.clone())),
            Deed::Remove => (ActKind::Delete, None, None),
        };
        Self { id: act.id, kind, state: act.state, by: act.by, at: act.at, emoji, content, error: act.error.clone() }
    }
}
