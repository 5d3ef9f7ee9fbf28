//! Words every room speaks: ids, time, permissions, errors, phone numbers.
//!
//! Nothing here does I/O or waits, and nothing here knows a business rule. This is the only room
//! that touches the wall clock and the operating system's randomness (`time::SystemClock`,
//! `chance`); everybody else is handed an [`Env`](env::Env).

pub mod actor;
pub mod chance;
pub mod env;
pub mod error;
pub mod ids;
pub mod locale;
pub mod permission;
pub mod phone;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod time;

pub use actor::{Actor, ActorRef, Origin};
pub use env::Env;
pub use error::{Check, Error, FieldError, Result};
pub use ids::*;
pub use permission::{Grants, Permission, Reach};
pub use time::{Clock, Stopwatch, Timestamp};
