//! Languages and time zones a firm or a person may choose.

use super::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A language the product speaks whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Language {
    /// English, the source language of the catalogues.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Brazilian Portuguese.
    #[serde(rename = "pt-BR")]
    PtBr,
    /// French.
    #[serde(rename = "fr")]
    Fr,
    /// Spanish.
    #[serde(rename = "es")]
    Es,
}

impl Language {
    /// All of them, the source language first.
    pub const ALL: [Language; 4] = [Language::En, Language::PtBr, Language::Fr, Language::Es];
    /// BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::PtBr => "pt-BR",
            Language::Fr => "fr",
            Language::Es => "es",
        }
    }
    /// The language of a BCP 47 tag, by its primary subtag (`pt-PT` reads as Brazilian Portuguese until it has its own catalogue).
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Language::En),
            "pt" => Some(Language::PtBr),
            "fr" => Some(Language::Fr),
            "es" => Some(Language::Es),
            _ => None,
        }
    }
}

/// Checks an IANA zone name such as `Europe/Paris` and gives the zone.
pub fn time_zone(field: &'static str, name: &str) -> Result<jiff::tz::TimeZone> {
    jiff::tz::TimeZone::get(name).map_err(|_| Error::invalid(field, "unknown", "give an IANA time zone such as Europe/Paris"))
}
