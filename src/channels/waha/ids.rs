//! Chat ids and message ids as WAHA writes them, whatever engine drives the session.

use crate::base::phone;

/// Ids longer than this are not what they say they are.
const ID_BYTES_MAX: usize = 512;

/// Who or what a chat id names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chat {
    /// A person by their number: digits with country code.
    Person(String),
    /// A person who hides the number: the id WhatsApp gave them.
    Hidden(String),
    /// A group, by its whole id.
    Group(String),
    /// Nothing for a desk: a channel, a status, a broadcast list. The word counts it.
    Other(&'static str),
}

impl Chat {
    /// Reads a chat id; `None` where it names nobody.
    pub fn parse(id: &str) -> Option<Self> {
        let (name, server) = id.trim().split_once('@').unwrap_or((id.trim(), "c.us"));
        // `5511900000001:12@s.whatsapp.net` is one of the person's devices.
        let name = name.split(':').next().unwrap_or_default();
        if name.is_empty() || id.len() > ID_BYTES_MAX {
            return None;
        }
        Some(match server {
            "c.us" | "s.whatsapp.net" if name.bytes().all(|b| b.is_ascii_digit()) => Self::Person(name.to_owned()),
            "lid" => Self::Hidden(name.to_owned()),
            "g.us" => Self::Group(format!("{name}@g.us")),
            "newsletter" => Self::Other("newsletter"),
            "broadcast" if name == "status" => Self::Other("status_broadcast"),
            "broadcast" => Self::Other("broadcast"),
            _ => return None,
        })
    }
    /// The id in the form WAHA's calls want it.
    pub fn id(&self) -> String {
        match self {
            Self::Person(digits) => format!("{digits}@c.us"),
            Self::Hidden(lid) => format!("{lid}@lid"),
            Self::Group(id) => id.clone(),
            Self::Other(word) => (*word).to_owned(),
        }
    }
    /// The phone number in E.164, where the id shows one.
    pub fn phone(&self) -> Option<String> {
        match self {
            Self::Person(digits) => phone::from_provider_digits(digits),
            _ => None,
        }
    }
}

/// A message id, taken apart: `false_<chat>_<ID>[_<participant>]`, or the bare id alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key<'a> {
    /// Written by the paired phone's owner, where the id says so.
    pub from_me: Option<bool>,
    /// In which chat, where the id says so.
    pub chat: Option<&'a str>,
    /// The id proper: what edits, revokes and quotes name.
    pub id: &'a str,
    /// The member of a group who wrote it.
    pub participant: Option<&'a str>,
}

impl<'a> Key<'a> {
    /// Takes an id apart; `None` where there is none.
    pub fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.len() > ID_BYTES_MAX {
            return None;
        }
        let from_me = match text.split_once('_') {
            Some(("true", _)) => true,
            Some(("false", _)) => false,
            _ => return Some(Self { from_me: None, chat: None, id: text, participant: None }),
        };
        let mut parts = text.splitn(4, '_').skip(1);
        let (chat, id, participant) = (parts.next(), parts.next().filter(|id| !id.is_empty())?, parts.next());
        Some(Self { from_me: Some(from_me), chat, id, participant })
    }
}

/// The whole form of a message id, which calls about a message want.
pub fn serialised(from_me: bool, chat: &str, id: &str, participant: Option<&str>) -> String {
    if Key::parse(id).is_some_and(|key| key.from_me.is_some()) {
        return id.to_owned();
    }
    match participant {
        Some(participant) => format!("{from_me}_{chat}_{id}_{participant}"),
        None => format!("{from_me}_{chat}_{id}"),
    }
}

/// Where a conversation's messages go: its chat id, or one made of its phone number.
pub fn chat_id(address: &str) -> String {
    match Chat::parse(address.trim_start_matches('+')) {
        Some(chat) => chat.id(),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chat_ids_name_people_groups_and_what_is_nothing_for_us() {
        for (id, expected) in [
            ("5511999999999@c.us", Some(Chat::Person("5511999999999".into()))),
            ("5511999999999", Some(Chat::Person("5511999999999".into()))),
            ("5511999999999@s.whatsapp.net", Some(Chat::Person("5511999999999".into()))),
            ("5511999999999:12@s.whatsapp.net", Some(Chat::Person("5511999999999".into()))),
            ("123456@lid", Some(Chat::Hidden("123456".into()))),
            ("123456:3@lid", Some(Chat::Hidden("123456".into()))),
            ("123-456@g.us", Some(Chat::Group("123-456@g.us".into()))),
            ("1@newsletter", Some(Chat::Other("newsletter"))),
            ("status@broadcast", Some(Chat::Other("status_broadcast"))),
            ("1@broadcast", Some(Chat::Other("broadcast"))),
            ("", None),
            ("@c.us", None),
            ("me", None),
            ("abc@c.us", None),
            ("1@elsewhere", None),
        ] {
            assert_eq!(Chat::parse(id), expected, "{id}");
        }
        assert_eq!(Chat::parse("5511999999999@c.us").unwrap().phone().as_deref(), Some("+5511999999999"));
        assert_eq!(chat_id("+5511999999999"), "5511999999999@c.us");
        assert_eq!(chat_id("123@lid"), "123@lid");
    }

    #[test]
    fn message_ids_come_apart_and_together() {
        let key = Key::parse("false_123@g.us_3EB0AA_99@lid").unwrap();
        assert_eq!((key.from_me, key.chat, key.id, key.participant), (Some(false), Some("123@g.us"), "3EB0AA", Some("99@lid")));
        let key = Key::parse("true_55@c.us_AAAA").unwrap();
        assert_eq!((key.from_me, key.id, key.participant), (Some(true), "AAAA", None));
        assert_eq!(Key::parse("A06CA7").unwrap().id, "A06CA7");
        for bad in ["", " ", "true_", "false_1@c.us", "false_1@c.us_"] {
            assert_eq!(Key::parse(bad), None, "{bad}");
        }
        assert_eq!(serialised(true, "55@c.us", "AAAA", None), "true_55@c.us_AAAA");
        assert_eq!(serialised(false, "1@g.us", "AAAA", Some("9@lid")), "false_1@g.us_AAAA_9@lid");
        assert_eq!(serialised(false, "1@g.us", "true_1@c.us_B", None), "true_1@c.us_B");
    }
}
