//! What customers send beside words, drawn by chance: so the demo's live traffic shows each kind of message.

use super::{
    props::{BREAKDOWN, DASHBOARD, PASSING, QUOTE, STICKER, TYRE, VOICE},
    roads::Road,
    wire::Person,
};
use crate::base::chance::Chance;

/// A customer adds something to the message `id` that said `text`.
pub fn customer(road: &Road, person: &Person, id: &str, text: &str, chance: &dyn Chance) {
    match chance.below(20) {
        0..=3 => road.sends(person, "image", BREAKDOWN, ""),
        4 | 5 => road.sends(person, "image", TYRE, "📷"),
        6 => road.sends(person, "image", DASHBOARD, ""),
        7..=10 => road.sends(person, "audio", VOICE, ""),
        11 | 12 => {
            // Somewhere around the firm's town.
            let off = || (chance.below(2_000) as f64 - 1_000.0) / 10_000.0;
            road.is_at(person, -27.6 + off(), -48.55 + off(), "BR-282");
        }
        13 => road.sends(person, "video", PASSING, ""),
        14 | 15 => road.sends(person, "sticker", STICKER, ""),
        16 => road.sends(person, "document", QUOTE, ""),
        17 => road.hands_card(person, "Oficina do Beto", "5500900500022"),
        18 => road.edits(person, id, &format!("{text} 🙏")),
        _ => road.revokes(person, id),
    }
}

/// One of those people react with.
pub fn emoji(chance: &dyn Chance) -> &'static str {
    const USUAL: [&str; 6] = ["👍", "🙏", "❤️", "😊", "👏", "😮"];
    USUAL[chance.below(USUAL.len() as u64) as usize]
}
