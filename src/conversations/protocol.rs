//! The protocol number people read out on the phone.

use crate::base::Timestamp;
use jiff::tz::TimeZone;

/// How a protocol number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProtocolFormat {
    /// `yyyyddMMHHmmss` + running number: the day before the month, as the source of this format has it.
    /// Such numbers don't sort by date; lists sort by time of making.
    #[default]
    YearDayMonth,
    /// `yyyyMMddHHmmss` + running number: sorts by date.
    YearMonthDay,
}

impl ProtocolFormat {
    /// Reads the setting's word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "yyyyddMMHHmmss" => Some(Self::YearDayMonth),
            "yyyyMMddHHmmss" => Some(Self::YearMonthDay),
            _ => None,
        }
    }
}

/// The protocol number of a conversation opened at `at` on the clocks of `zone`.
pub fn protocol(format: ProtocolFormat, at: Timestamp, zone: &TimeZone, number: u64) -> String {
    let at = at.in_zone(zone);
    let (first, second) = match format {
        ProtocolFormat::YearDayMonth => (at.day(), at.month()),
        ProtocolFormat::YearMonthDay => (at.month(), at.day()),
    };
    format!("{:04}{first:02}{second:02}{:02}{:02}{:02}{number}", at.year(), at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_stands_before_the_month_on_the_tenants_clocks() {
        let at = Timestamp::parse("2026-11-22T23:30:05Z").unwrap();
        let zone = |name| TimeZone::get(name).unwrap();
        for (format, place, expected) in [
            (ProtocolFormat::YearDayMonth, "Europe/Paris", "202623110030057"),
            (ProtocolFormat::YearDayMonth, "America/Sao_Paulo", "202622112030057"),
            (ProtocolFormat::YearMonthDay, "Europe/Paris", "202611230030057"),
        ] {
            assert_eq!(protocol(format, at, &zone(place), 7), expected, "{place}");
        }
    }
}
