//! Machinery that knows no business word: store, journal, time, outbox, search, realtime, HTTP.

pub mod deadletters;
pub mod directory;
pub mod disk;
pub mod backup;
pub mod http;
pub mod jobs;
pub mod journal;
pub mod media;
pub mod memory;
pub mod outbound;
pub mod operations;
pub mod outbox;
pub mod private;
pub mod realtime;
pub mod search;
pub mod secrets;
pub mod shared;
pub mod store;
pub mod supervise;
pub mod telemetry;
pub mod timers;
pub mod words;
