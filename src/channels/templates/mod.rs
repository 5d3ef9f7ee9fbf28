//! Message templates: words that a provider approved beforehand, and which alone may be sent once a customer's window
//! has closed.
//!
//! What the provider tells wins: records here are a copy, brought up to date at connect, daily, on demand, and at once
//! when a webhook names one. A template the provider no longer has becomes DELETED and stays readable, because messages
//! were made from it. [`wording`] is pure: where gaps are, what the provider's rules forbid, how a text reads once filled.
//! Only an adapter's [`provider::TemplateBook`] knows how a provider writes templates down.

mod api;
mod files_api;
pub mod commands;
pub mod model;
pub mod provider;
mod requests;
mod rules;
mod send;
mod sync;
pub mod wording;

pub use api::TemplateFrames;
pub use commands::{SYNC, TellOfTemplate, due as sync_due};
pub use model::{TEMPLATE_MANAGE, TEMPLATE_READ};
pub use send::{TemplateOrder, fill_order};
pub use sync::SyncHand;

use crate::{
    base::Result,
    platform::{
        http::Routes,
        store::{KeyRange, Read, TenantScope},
    },
};

/// The doors of templates, and of files handed in ahead.
pub fn routes() -> Routes {
    api::routes().merge(files_api::routes())
}

/// Does a file handed in ahead have this hash (in hex), as its own or as its small version?
///
/// # Errors
/// What reading says.
pub fn holds_file(read: &impl Read<Scope = TenantScope>, hash: &str) -> Result<bool> {
    Ok(read.list(&model::HASH_TO_FILE, KeyRange::prefix(hash))?.next().transpose()?.is_some())
}
