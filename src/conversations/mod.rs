//! Conversations with contacts over channels: messages, notes, who attends, what is unread.
//!
//! Invariants: at most one open conversation per contact and channel, counting each that became part of
//! another by itself; a message's external id is unique on
//! its channel and its client id in the tenant; statuses only rise, in whatever order news arrive; every
//! list people look at is an index; counters are the sum of what each conversation adds to them.
//! Deliberately absent: sending (channels does that, by what stands in the outbox), queues (routing owns
//! them; here they are ids), settings of providers (they write a [`SendWindow`]).
//!
//! Other rooms use the commands below. Channels calls [`receive_inbound`], [`apply_status`],
//! [`mark_sending`], [`settle_send`], [`open_conversation`] and [`set_window`]; routing checks queue and
//! person, then calls [`assign`] and [`transfer`].

mod act_views;
mod api;
mod cards;
mod commands;
mod counters;
mod extra;
mod extra_views;
mod frames;
mod leavers;
mod lists;
mod media_api;
mod message_api;
mod message_views;
mod model;
mod naming;
mod protocol;
mod readable;
mod rules;
mod schedule_api;
mod search;
mod sendable_views;
mod state;
#[cfg(test)]
mod tests;
mod ticket_api;
mod trace;
mod views;
mod window;
mod words;

pub use api::{conversation_named, routes};
pub use cards::{ContactCards, OlderCards};
pub use commands::{
    ActOutcome, Author, CHANNEL_ACT, CHANNEL_SEND, CanAct, FORWARDED_MAX, Forwarded, Inbound, MEDIA_FETCH, NewMessage, Opening,
    PARKED_FOR, Received, Replan, SCHEDULE_AHEAD_MAX, SCHEDULED_SEND, SendOutcome, StatusNews, StatusOutcome, Stored, TAKEN_BACK,
    TEXT_MAX, add_note, apply_news, apply_status, archive, assign, by_client_id, cancel_scheduled, conversation_of_number, edit,
    forward, in_flight, is_known, last_inbound, mark_read, mark_sending, mark_waiting, open_conversation, open_of_contact, react,
    receive_inbound, refresh_cards, remove, reopen, replan, require_conversation, require_message, reroute, resolve, retry_media,
    retry_message, scheduled_is_due, send_as, send_message, send_scheduled_now, sent_lately, set_priority, set_window,
    settle_act, settle_media, settle_send, take, transfer, unassign,
};
pub use counters::{Counters, attending_of, counters_of, open_in_queue};
pub use extra::{
    Act, ActState, Author as MessageAuthor, BusinessCard, Button, CardLine, CardPhone, Choice, ChoiceKind, Deed, Edit, Extra,
    Interactive, InteractiveKind, Media, MediaState, Notice, NoticeKind, Order, OrderItem, Place, Poll, Reaction, Revoked, Row,
    Section, TemplateUse, TemplateVariable, Vote, Who,
};
pub use extra_views::MediaView;
pub use frames::{ConversationFrames, numbered, sight};
pub use leavers::{Leavers, PutBack};
pub use lists::{Assigned, Filter, list, list_of_contact};
pub use media_api::holds_media;
pub use message_api::MessageHit;
pub use message_views::MessageView;
pub use model::{
    Assignment, AssignmentReason, CONVERSATION_ARCHIVE, CONVERSATION_ASSIGN, CONVERSATION_ASSIGNED, CONVERSATION_CREATED,
    CONVERSATION_READ, CONVERSATION_READ_EVENT, CONVERSATION_REPLY, CONVERSATION_RESOLVE, CONVERSATION_RESOLVED,
    CONVERSATION_UPDATED, Card, Conversation, Direction, FlowState, LastMessage, MESSAGE_CREATED, MESSAGE_RECEIVED,
    MESSAGE_UPDATED, Message, MessageError, MessageKind, News, Priority,
};
pub use naming::{message_named, serialised};
pub use rules::{REOPEN_WINDOW, settings};
pub use search::{Found, MessageFound, Wanted, find_messages};
pub use sendable_views::{CardView, InteractiveView, PlaceView, TemplateView};
pub use state::{MessageStatus, State};
pub use trace::StepKind;
pub use views::{ConversationView, Faces, Sight};
pub use window::{Ask, OptedOut, SendWindow, Verdict, may_send};
pub use words::{ConversationWords, MessageWords};
