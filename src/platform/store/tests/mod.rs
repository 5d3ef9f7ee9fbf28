//! The store against models, panics, budgets and injected faults.

mod commands;
mod faults;
mod model;
mod torn;
