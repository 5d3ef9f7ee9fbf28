//! Farol: the call centre, inbox, dispatch desk and billing office of a small firm, in one process.
//!
//! Doors (HTTP, webhooks, sockets, timers, the command line) turn the outside into a *command*; a
//! command reads, decides and writes inside one transaction of the one store; the commit carries
//! its journal events; followers and hands read the journal and do the rest. Nothing else moves data.
#![deny(missing_docs)]

// In layer order: a module may use those above it, never those below (tests/architecture.rs holds this).
pub mod base;
pub mod platform;
pub mod settings;
pub mod identity;
pub mod contacts;
pub mod conversations;
pub mod routing;
pub mod channels;
pub mod desk;

// Doors and the list of what runs: these may use everything above.
pub mod config;
pub mod simulator;
pub mod app;
pub mod cli;
