//! Queues: names, the default, deletion.

use super::*;
use crate::{
    base::{Error, QueueId, Result},
    platform::{journal, store::testing::Firm},
};
use uuid::Uuid;

fn firm() -> Firm {
    Firm::of_one_who_may(&[QUEUE_MANAGE])
}

impl Firm {
    fn queue(&self, name: &str) -> Result<Queue> {
        let new = NewQueue { name: name.into(), ..NewQueue::default() };
        self.act(move |tx, admin| create_queue(tx, admin, new)).map(|(queue, _)| queue)
    }
    fn default(&self) -> Option<QueueId> {
        self.store.view(self.tenant, |view| queue_for_new(view, None)).unwrap()
    }
}

#[test]
fn the_first_queue_is_the_default_until_another_is() {
    let firm = firm();
    assert_eq!(firm.default(), None);
    let first = firm.queue("Day").unwrap();
    let second = firm.queue("Night").unwrap();
    assert!(first.is_default && !second.is_default);
    assert_ne!(first.color, second.color);
    assert_eq!(firm.default(), Some(first.id));
    let step_down = QueueChange { is_default: Some(false), ..QueueChange::default() };
    let refused = firm.act(move |tx, admin| update_queue(tx, admin, first.id, step_down));
    assert_eq!(refused.unwrap_err().code(), "default_queue");
    let promote = QueueChange { is_default: Some(true), ..QueueChange::default() };
    assert!(firm.act(move |tx, admin| update_queue(tx, admin, second.id, promote)).unwrap().is_default);
    assert_eq!(firm.default(), Some(second.id));
    assert!(firm.act(move |tx, admin| delete_queue(tx, admin, first.id)).is_ok());
    assert_eq!(firm.act(move |tx, admin| delete_queue(tx, admin, second.id)).unwrap_err().code(), "default_queue");
    let of_channel = firm.store.view(firm.tenant, |view| queue_for_new(view, Some(first.id))).unwrap();
    assert_eq!(of_channel, Some(second.id), "a channel's deleted queue falls back to the default");
}

#[test]
fn names_are_unique_without_regard_to_case_and_free_again_after_deletion() {
    let firm = firm();
    firm.queue("Default").unwrap();
    let night = firm.queue("Nuit").unwrap();
    let Err(Error::Invalid(fields)) = firm.queue(" NUIT ") else { panic!("taken twice") };
    assert_eq!((&*fields[0].field, &*fields[0].code), ("name", "taken"));
    firm.act(move |tx, admin| delete_queue(tx, admin, night.id)).unwrap();
    let told = journal::read_tenant_after(&firm.store, firm.tenant, 0, 100).unwrap().pop().unwrap();
    assert!(told.before.exists && !told.after.exists, "whoever saw it sees it go");
    assert!(firm.queue("nuit").is_ok());
}

#[test]
fn the_same_queue_made_twice_is_one() {
    let firm = firm();
    let id = Some(QueueId(Uuid::from_u128(9)));
    let make = |name: &str| {
        let new = NewQueue { id, name: name.into(), ..NewQueue::default() };
        firm.act(move |tx, admin| create_queue(tx, admin, new))
    };
    assert!(make("Day").unwrap().1);
    assert!(!make("Day").unwrap().1);
    assert_eq!(make("Other").unwrap_err().code(), "already_exists");
}
