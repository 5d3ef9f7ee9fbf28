//! Identities: what kinds there are, how each is written, and which one decides.

use crate::base::{ChannelId, ContactId, IdentityId, Result, Timestamp, error::Check, phone};
use serde::{Deserialize, Serialize};

/// What an identity is. Appended to, never reordered: the place is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdentityKind {
    /// A phone number in E.164.
    Phone,
    /// WhatsApp's `wa_id`: the digits WhatsApp knows the person by, without a plus.
    Whatsapp,
    /// WhatsApp's business-scoped user id, for people who hide their number.
    Bsuid,
    /// A public name such as WhatsApp's or Telegram's; may be given up and taken by somebody else.
    Username,
    /// An e-mail address, lower-case.
    Email,
    /// WhatsApp Web's hidden id (`…@lid`).
    Lid,
    /// Telegram's numeric user id.
    Telegram,
    /// Messenger's page-scoped id; means nothing outside its channel.
    Messenger,
    /// Instagram's account-scoped id; means nothing outside its channel.
    Instagram,
    /// A visitor of the web chat; means nothing outside its channel.
    Visitor,
    /// A group's id at the provider; means nothing outside its channel.
    Group,
}

impl IdentityKind {
    /// All of them, the most trustworthy first: where two contacts answer to one message, the first wins.
    pub const BY_TRUST: [IdentityKind; 11] = [
        IdentityKind::Group,
        IdentityKind::Bsuid,
        IdentityKind::Whatsapp,
        IdentityKind::Phone,
        IdentityKind::Telegram,
        IdentityKind::Messenger,
        IdentityKind::Instagram,
        IdentityKind::Lid,
        IdentityKind::Email,
        IdentityKind::Visitor,
        IdentityKind::Username,
    ];

    /// The byte that stands for it in keys.
    pub(super) const fn code(self) -> u8 {
        self as u8
    }
    /// Its rank in [`Self::BY_TRUST`]; lower is more trustworthy.
    pub fn trust(self) -> usize {
        Self::BY_TRUST.iter().position(|kind| *kind == self).unwrap_or(usize::MAX)
    }
    /// Does a value of this kind mean a person only together with the channel it was seen on?
    pub fn is_channel_scoped(self) -> bool {
        matches!(self, Self::Messenger | Self::Instagram | Self::Visitor | Self::Group)
    }
}

/// One address of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// What it is.
    pub kind: IdentityKind,
    /// The value, in its canonical form.
    pub value: String,
    /// The only channel it means something on, for channel-scoped kinds.
    pub channel: Option<ChannelId>,
    /// Since when we know it.
    pub since: Timestamp,
    /// Until when it was theirs; `None`: still is.
    pub until: Option<Timestamp>,
    /// The contact it belongs to by itself, where that one became part of this one; `None`: this one.
    pub home: Option<ContactId>,
}

impl Identity {
    /// Is it theirs now?
    pub fn is_current(&self) -> bool {
        self.until.is_none()
    }
}

/// The canonical form of `value`, so that the same address always meets the same key. `country`
/// (ISO 3166 alpha-2) reads national phone numbers.
///
/// # Errors
/// `Invalid` naming `field` where the value can't be of that kind.
pub fn canonical(field: &'static str, kind: IdentityKind, value: &str, country: Option<&str>) -> Result<String> {
    let value = value.trim();
    let mut check = Check::new();
    check.length(field, value, 1, 254);
    check.done()?;
    match kind {
        IdentityKind::Phone => phone::e164(field, value, country),
        IdentityKind::Whatsapp => Ok(value.trim_start_matches('+').to_owned()),
        IdentityKind::Email => {
            let lower = value.to_lowercase();
            let ok = lower.split_once('@').is_some_and(|(local, host)| {
                !local.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains('@')
            }) && !lower.contains(|c: char| c.is_whitespace() || c.is_control());
            Check::new().that(ok, field, "format", "give an e-mail address").done()?;
            Ok(lower)
        }
        IdentityKind::Username => Ok(value.trim_start_matches('@').to_lowercase()),
        _ => Ok(value.to_owned()),
    }
}

/// The phone number a WhatsApp id stands for.
pub fn phone_of(wa_id: &str) -> Option<String> {
    phone::from_provider_digits(wa_id)
}

/// Other spellings of one phone number that providers use for the same person. Brazilian mobiles got a
/// ninth digit in 2012–2016, and WhatsApp still knows many by the eight they registered with.
pub(super) fn other_spellings(e164: &str) -> Option<String> {
    let national = e164.strip_prefix("+55")?;
    if !national.is_ascii() {
        return None;
    }
    let (area, subscriber) = national.split_at_checked(2)?;
    match (subscriber.len(), subscriber.as_bytes().first()?) {
        (8, b'6'..=b'9') => Some(format!("+55{area}9{subscriber}")),
        (9, b'9') if matches!(subscriber.as_bytes()[1], b'6'..=b'9') => Some(format!("+55{area}{}", &subscriber[1..])),
        _ => None,
    }
}
