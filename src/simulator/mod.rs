//! The world outside, made up: a Graph API that speaks Meta's wire format, customers who write, read
//! and answer, the demo firm, and the load generator.
//!
//! Reached from `farol demo`, `farol bench` and tests alone; `farol serve` mounts none of it (a test
//! holds that). Everything here goes through the public doors: webhooks in, the send API out, the HTTP
//! API for the people at the desk. Only the demo's past is made by the domain itself, under a past clock.

pub mod asides;
pub mod bench;
pub mod customers;
pub mod demo;
pub mod desk;
pub mod graph;
pub mod graph_account;
mod graph_content;
pub mod graph_media;
mod graph_templates;
pub mod history;
pub mod load;
pub mod post;
pub mod props;
pub mod report;
pub mod roads;
pub mod stage;
pub mod stories;
pub mod tour;
pub mod waha;
pub mod waha_acts;
mod waha_content;
mod waha_files;
pub mod wire;
pub mod wire_client;
