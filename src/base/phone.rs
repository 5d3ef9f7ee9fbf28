//! Phone numbers in E.164, through the `phonenumber` crate's metadata.

use super::error::{Error, Result};

/// Digits of an international number, country code included: E.164 allows 15, no plan has fewer than 8.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Reads what a person typed or a provider sent into E.164 (`+33612345678`).
/// `country` (ISO 3166 alpha-2) reads national numbers; without it only international ones are read.
pub fn e164(field: &'static str, typed: &str, country: Option<&str>) -> Result<String> {
    let region = country.and_then(|c| c.to_ascii_uppercase().parse().ok());
    phonenumber::parse(region, typed.trim())
        .ok()
        .map(|n| n.format().mode(phonenumber::Mode::E164).to_string())
        // Length only: numbering plans open ranges faster than metadata follows, and keep some for fiction.
        .filter(|e164| DIGITS.contains(&e164.bytes().filter(u8::is_ascii_digit).count()))
        .ok_or_else(|| Error::invalid(field, "format", "give a phone number with country code such as +33 6 12 34 56 78"))
}

/// The E.164 form of digits that a provider vouches for (WhatsApp's `wa_id`), without looking at numbering plans.
pub fn from_provider_digits(digits: &str) -> Option<String> {
    let digits = digits.trim().trim_start_matches('+');
    ((6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then(|| format!("+{digits}"))
}

/// The digits people of the number's own country dial, without the leading zero: `+33612345678` gives `612345678`.
pub fn national_digits(e164: &str) -> Option<String> {
    phonenumber::parse(None, e164).ok().map(|number| number.national().value().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (typed, country, expected) in [
            ("06 39 98 00 01", Some("FR"), Some("+33639980001")),
            ("0033 6 39 98 00 01", Some("FR"), Some("+33639980001")),
            ("+33 (0)6 39 98 00 01", None, Some("+33639980001")),
            ("+55 11 96123-4567", None, Some("+5511961234567")),
            ("06 39 98 00 01", None, None),
            ("12", Some("FR"), None),
            ("+1234567890123456", None, None),
            ("call me", Some("FR"), None),
        ] {
            assert_eq!(e164("phone", typed, country).ok().as_deref(), expected, "{typed} in {country:?}");
        }
        assert_eq!(national_digits("+33639980001").as_deref(), Some("639980001"));
        assert_eq!(from_provider_digits("33639980001").as_deref(), Some("+33639980001"));
    }
}
