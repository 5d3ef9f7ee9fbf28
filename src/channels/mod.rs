//! Channels: the firm's connections to providers, and the road messages take in and out.

pub mod inbound;
pub mod whatsapp;
