//! Small things every adapter reads: times, names and ids as providers really write them.

use super::inbound::AHEAD_MAX;
use crate::base::Timestamp;
use serde_json::Value;

/// Names longer than this are cut; nobody's screen shows more.
const NAME_CHARS_MAX: usize = 120;

/// Seconds, milliseconds or microseconds since 1970, as number or text; now where there is none.
/// Times ahead of our clock are cut back to it.
pub fn timestamp(told: Option<&Value>, now: Timestamp) -> Timestamp {
    let number = told.and_then(|told| match told {
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)),
        Value::String(text) => text.trim().parse::<f64>().ok().filter(|f| f.is_finite()).map(|f| f as i64),
        _ => None,
    });
    let at = match number {
        Some(n @ 1..100_000_000_000) => Timestamp::from_secs(n),
        Some(n @ 100_000_000_000..100_000_000_000_000) => Timestamp(n),
        Some(n @ 100_000_000_000_000..100_000_000_000_000_000) => Timestamp(n / 1000),
        _ => now,
    };
    if at > now.plus(AHEAD_MAX) { now } else { at }
}

/// Text, or a number that should have been text.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A name without control characters; those move the cursor of whoever prints a log.
pub fn clean_name(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    Some(crate::base::text::shorten(name.trim(), NAME_CHARS_MAX)).filter(|name| !name.is_empty())
}
