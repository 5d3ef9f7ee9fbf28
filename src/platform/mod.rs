//! Machinery that knows no business word: store, journal, time, outbox, search, realtime, HTTP.
