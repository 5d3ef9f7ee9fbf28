//! Phone numbers in E.164, through the `phonenumber` crate's metadata.

use super::error::{Error, Result};

/// Reads what a person typed or a provider sent into E.164 (`+33612345678`).
/// `country` (ISO 3166 alpha-2) reads national numbers; without it only international ones are read.
pub fn e164(field: &'static str, typed: &str, country: Option<&str>) -> Result<String> {
    let region = country.and_then(|c| c.to_ascii_uppercase().parse().ok());
    phonenumber::parse(region, typed.trim())
        .ok()
        .filter(|n| n.is_valid())
        .map(|n| n.format().mode(phonenumber::Mode::E164).to_string())
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
