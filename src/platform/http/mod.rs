//! The HTTP doors: how rooms register routes, who may come through, what errors look like.
//!
//! A room's `routes()` returns [`Routes`]; each route names its [`Access`] or can't be registered.
//! Handlers are plain axum handlers over `State<Kit>` with this module's [`Json`], [`Query`] and
//! [`Path`]; they return `Result<Json<T>>` or `Result<Page<T>>` with the house's `Error`.
//! `app.rs` builds a [`Kit`], merges all routes and hands [`site`] to the listener.

pub mod access;
mod assets;
pub mod context;
pub mod cookies;
pub mod extract;
mod docs;
mod headers;
mod health;
pub mod kit;
pub mod limits;
pub mod listener;
mod origin;
pub mod page;
pub mod problem;
pub mod routes;
pub mod settings;
mod setup_lock;
mod site;
mod starting;
pub mod tls;

pub use access::{Access, Authenticator, cookie_allowed};
pub use assets::app_digest;
pub use context::{Peer, RequestContext};
pub use cookies::{Cookies, SameSite};
pub use extract::{IdOrNumber, Json, Path, Query, says_json};
pub use kit::{DRAIN, Kit, KitBuilder, Stay};
pub use listener::{Ports, Server};
pub use page::{Page, PageQuery, carried, cursor, given, page_of};
pub use problem::Problem;
pub use routes::{RouteOptions, Routes, routes};
pub use settings::HttpSettings;
pub use site::{Site, openapi, site};
pub use starting::while_migrating;
pub use tls::{Tls, TlsMode};

/// Does the client say it wants a page? (`*/*` alone is a program.)
fn wants_html(headers: &axum::http::HeaderMap) -> bool {
    let accepts = headers.get_all(axum::http::header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepts.flat_map(|value| value.split(',')).any(|kind| kind.split(';').next().unwrap_or_default().trim() == "text/html")
}
