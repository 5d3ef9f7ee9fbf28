//! When a contact changes, its conversations' cards follow.

use super::commands::refresh_cards;
use crate::{
    base::{ContactId, Result},
    contacts::CONTACT_UPDATED,
    platform::{
        journal::{Event, Reaction},
        store::Tx,
    },
};

/// Takes a contact's new name, number, picture or block over to its conversations.
#[derive(Debug, Default)]
pub struct ContactCards;

impl Reaction for ContactCards {
    fn name(&self) -> &'static str {
        "conversations.contact_cards"
    }
    fn wants(&self, event: &Event) -> bool {
        event.kind == CONTACT_UPDATED
    }
    fn react(&self, tx: &mut Tx<'_, '_>, event: &Event) -> Result<()> {
        refresh_cards(tx, ContactId(event.subject))
    }
}
