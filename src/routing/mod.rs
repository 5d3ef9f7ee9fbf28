//! Queues: the lines conversations wait in, and how they get from one to another.
//!
//! Invariants: queue names are unique without regard to case; a tenant with queues has exactly one default
//! queue, where new conversations go whose channel names none; a queue with open conversations can't be
//! deleted. A deleted queue's record stays, so that history keeps its name. Who works in a queue stands on
//! the member (identity). Deliberately absent yet: offers, capacity and service levels.
//!
//! Other rooms use [`queue_for_new`] and [`queue_exists`].

mod api;
mod commands;
mod model;
mod reopened;
#[cfg(test)]
mod tests;

pub use api::{QueueFrames, QueueView, routes};
pub use commands::{
    NewQueue, QueueChange, check_queues, create_queue, delete_queue, founding_step, queue_exists, queue_for_new, transfer,
    update_queue,
};
pub use model::{QUEUE_CREATED, QUEUE_DELETED, QUEUE_MANAGE, QUEUE_READ, QUEUE_UPDATED, Queue};
pub use reopened::DeadQueues;
