//! Memory that is free and still held by the allocator goes back to the system when the house rests.
//!
//! An allocator gives pages back as a side effect of later work. A box that has just started, or just had its busy
//! hour, and then has nothing to do would hold on to them for ever.

use std::sync::OnceLock;

static GIVE_BACK: OnceLock<fn()> = OnceLock::new();

/// Says how memory is given back: whoever chose the allocator knows. The first one counts.
pub fn given_back_by(how: fn()) {
    let _ = GIVE_BACK.set(how);
}

/// Gives back what is free; may take some milliseconds.
pub fn give_back() {
    if let Some(how) = GIVE_BACK.get() {
        how();
    }
}
