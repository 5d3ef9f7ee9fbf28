//! What somebody agreed to receive, and groups with their members.

use super::model::Contact;
use crate::base::{ChannelId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Channels and purposes one contact may have decided about.
pub const CONSENTS_MAX: usize = 64;
/// Members of a group that are kept; the largest groups of the providers have about a thousand.
pub const MEMBERS_MAX: usize = 1_100;

/// What somebody is written to for. Appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    /// Their own affairs: answers, reminders, receipts.
    Service,
    /// Advertisements.
    Marketing,
}

/// How we learnt what somebody wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsentSource {
    /// They wrote this word.
    Word(String),
    /// They set it at the provider.
    Provider,
    /// One of us noted it.
    Person(UserId),
}

/// What somebody wants over one channel for one purpose, as last heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Over which channel; `None`: all of them.
    pub channel: Option<ChannelId>,
    /// For what.
    pub purpose: Purpose,
    /// Agreed, or no more.
    pub is_granted: bool,
    /// When.
    pub at: Timestamp,
    /// How we learnt it.
    pub source: ConsentSource,
}

/// A group: one contact with members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What it is about.
    pub description: Option<String>,
    /// Who is in it, as far as we were told.
    pub members: Vec<Member>,
}

/// Somebody in a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Where they are reached: a phone number in E.164 where it is known, else the provider's id.
    pub address: String,
    /// The name they gave themselves.
    pub name: Option<String>,
    /// May they change the group?
    pub is_admin: bool,
}

impl Contact {
    /// Since when they don't want to be written to over `channel` for `purpose`. What they said of this channel counts
    /// more than what they said of all, whichever is newer.
    pub fn opted_out_at(&self, channel: ChannelId, purpose: Purpose) -> Option<Timestamp> {
        let of = |channel: Option<ChannelId>| self.consents.iter().find(|c| c.channel == channel && c.purpose == purpose);
        of(Some(channel)).or_else(|| of(None)).filter(|consent| !consent.is_granted).map(|consent| consent.at)
    }
}
