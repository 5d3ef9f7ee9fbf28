//! WhatsApp Cloud API (Graph v21 to v23). The only place that knows Meta's wire format.

pub mod classes;
pub mod envelope;
pub mod handshake;
pub mod parse;
pub mod send;
pub mod signature;
