//! Which files a channel takes in: how large, and of which types. A channel says for itself, else its firm does.

use crate::{
    base::{Result, error::Check},
    platform::{
        media::{Found, Limits},
        shared::Shared,
        store::TenantScope,
    },
    settings::{self, Level, Place, Setting},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Nobody sends more over any of the providers, and a fetch has two and a half minutes.
const BYTES_MAX: u64 = 512 << 20;
/// Types named in one list.
const TYPES_MAX: usize = 100;
/// Code of a file that is kept back because its type is not among those taken.
pub const TYPE_NOT_ALLOWED: &str = "type_not_allowed";

/// Which files are taken in. What is left out is said elsewhere: by the firm for its channels, by the box for its firms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileRules {
    /// Largest picture, sound or clip, in bytes.
    #[schema(example = 16_777_216)]
    pub media_max_bytes: Option<u64>,
    /// Largest file of any other kind, in bytes.
    #[schema(example = 104_857_600)]
    pub document_max_bytes: Option<u64>,
    /// Types taken, as `image/jpeg` or `image/*`; an empty list takes all. Anything else is kept, and given to nobody.
    pub allowed: Option<Vec<String>>,
}

/// What a firm takes in where its channels say nothing.
pub static FILE_RULES: Setting<FileRules> =
    Setting::new("channel.fileRules", "Files taken in: how large, and of which types", &[Level::Global, Level::Tenant], || {
        FileRules::default()
    })
    .checked(|rules| rules.check("value"));

impl FileRules {
    /// Are they rules at all? `at` is the field that holds them.
    ///
    /// # Errors
    /// `Invalid` by field.
    pub fn check(&self, at: &'static str) -> Result<()> {
        let mut check = Check::new();
        let is_size = |bytes: Option<u64>| bytes.is_none_or(|bytes| (1..=BYTES_MAX).contains(&bytes));
        let field = |name: &str| format!("{at}.{name}");
        check.that(is_size(self.media_max_bytes), field("mediaMaxBytes"), "out_of_range", "give 1 byte to 512 MiB");
        check.that(is_size(self.document_max_bytes), field("documentMaxBytes"), "out_of_range", "give 1 byte to 512 MiB");
        let allowed = self.allowed.as_deref().unwrap_or_default();
        let fits = allowed.len() <= TYPES_MAX && allowed.iter().all(|pattern| is_pattern(pattern));
        check.that(fits, field("allowed"), "format", "name at most 100 media types, as image/jpeg or image/*");
        check.done()
    }

    /// These rules, and of `other` what they leave open.
    fn or(self, other: Self) -> Self {
        Self {
            media_max_bytes: self.media_max_bytes.or(other.media_max_bytes),
            document_max_bytes: self.document_max_bytes.or(other.document_max_bytes),
            allowed: self.allowed.or(other.allowed),
        }
    }

    /// The rules of a channel whose own are these, with its firm's behind them.
    pub fn with_firms(&self, read: &impl Shared<Scope = TenantScope>) -> Result<Self> {
        Ok(self.clone().or(settings::get(read, &FILE_RULES, &Place::TENANT)?))
    }

    /// The largest file of each class.
    pub fn limits(&self) -> Limits {
        let media = |usual: u64| self.media_max_bytes.unwrap_or(usual);
        let Limits { image, audio, video, document } = Limits::INBOUND;
        let document = self.document_max_bytes.unwrap_or(document);
        Limits { image: media(image), audio: media(audio), video: media(video), document }
    }

    /// Why a file that is so and not otherwise may be given to nobody.
    pub fn objection(&self, found: &Found) -> Option<&'static str> {
        let allowed = self.allowed.as_deref().unwrap_or_default();
        let named = |pattern: &String| match pattern.strip_suffix("/*") {
            Some(class) => found.mime.split('/').next() == Some(class),
            None => pattern == found.mime,
        };
        (!allowed.is_empty() && !allowed.iter().any(named)).then_some(TYPE_NOT_ALLOWED)
    }
}

fn is_pattern(pattern: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'+' | b'_'))
    };
    pattern.len() <= 127 && pattern.split_once('/').is_some_and(|(class, rest)| is_word(class) && (rest == "*" || is_word(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::media::Class;

    #[test]
    fn a_channels_rules_stand_before_its_firms() {
        let firm = FileRules { media_max_bytes: Some(5), document_max_bytes: Some(9), allowed: Some(vec!["image/*".into()]) };
        let own = FileRules { media_max_bytes: Some(7), allowed: Some(Vec::new()), ..FileRules::default() };
        let both = own.or(firm.clone());
        assert_eq!((both.limits().image, both.limits().document), (7, 9));
        let found = |mime| Found { mime, class: Class::Document, inline: false };
        assert_eq!(both.objection(&found("application/pdf")), None);
        assert_eq!(firm.objection(&found("application/pdf")), Some(TYPE_NOT_ALLOWED));
        assert_eq!(firm.objection(&found("image/png")), None);
        assert_eq!(FileRules::default().limits(), Limits::INBOUND);
    }

    #[test]
    fn what_is_no_type_is_refused() {
        let check =
            |pattern: &str| FileRules { allowed: Some(vec![pattern.into()]), ..FileRules::default() }.check("value").is_ok();
        for good in ["image/*", "image/jpeg", "application/vnd.ms-excel", "image/svg+xml"] {
            assert!(check(good), "{good}");
        }
        for bad in ["", "image", "image/", "/png", "*/*", "Image/PNG", "image/jpeg; q=1"] {
            assert!(!check(bad), "{bad}");
        }
        assert!(FileRules { media_max_bytes: Some(0), ..FileRules::default() }.check("value").is_err());
    }
}
