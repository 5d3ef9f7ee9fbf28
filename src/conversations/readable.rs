//! Every kind of message as plain text, for clients that know five kinds and no more (the ticket API). The words are the
//! catalogues', in the firm's language.

use super::{
    extra::{BusinessCard, Extra, Interactive, Order, Place, Poll},
    model::{Message, MessageKind},
    views::Sight,
};
use crate::{base::locale::Language, platform::words::word};
use serde::Serialize;
use utoipa::ToSchema;

/// The kinds that the ticket API knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum TicketMessageType {
    /// Words, and in words whatever else there is.
    Text,
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// A file.
    Document,
}

/// What such a client shows of `message`: its kind and its text. Who sees no addresses reads no numbers off a card.
pub fn readable(message: &Message, sight: Sight, language: Language) -> (TicketMessageType, String) {
    let kind = match message.kind {
        MessageKind::Image => TicketMessageType::Image,
        MessageKind::Audio => TicketMessageType::Audio,
        MessageKind::Video => TicketMessageType::Video,
        MessageKind::Document => TicketMessageType::Document,
        _ => TicketMessageType::Text,
    };
    if message.is_revoked() {
        return (TicketMessageType::Text, String::new());
    }
    let nothing = Extra::default();
    let extra = message.extra.as_deref().unwrap_or(&nothing);
    let asked = extra.interactive.as_ref().map(|asked| interactive(&message.content, asked));
    let text = match message.kind {
        // Buttons may stand below a picture, which is what the message is then.
        _ if asked.is_some() => asked,
        MessageKind::Location => extra.place.as_ref().map(|p| place(p, language)),
        MessageKind::Contacts => Some(extra.cards.iter().map(|c| card(c, sight, language)).collect::<Vec<_>>().join("\n")),
        MessageKind::Poll => extra.poll.as_ref().map(|p| poll(p, language)),
        MessageKind::Order => extra.order.as_ref().map(|o| order(&message.content, o, language)),
        _ => None,
    };
    let text = text.unwrap_or_else(|| message.content.clone());
    if text.is_empty() && kind == TicketMessageType::Text {
        return (kind, word(language, name_of(message.kind)).to_owned());
    }
    (kind, text)
}

fn name_of(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Text => "messageType.TEXT",
        MessageKind::Image => "messageType.IMAGE",
        MessageKind::Document => "messageType.DOCUMENT",
        MessageKind::Audio => "messageType.AUDIO",
        MessageKind::Video => "messageType.VIDEO",
        MessageKind::Sticker => "messageType.STICKER",
        MessageKind::Location => "messageType.LOCATION",
        MessageKind::Contacts => "messageType.CONTACTS",
        MessageKind::Interactive => "messageType.INTERACTIVE",
        MessageKind::Reaction => "messageType.REACTION",
        MessageKind::Order => "messageType.ORDER",
        MessageKind::Template => "messageType.TEMPLATE",
        MessageKind::System => "messageType.SYSTEM",
        MessageKind::Unsupported => "messageType.UNSUPPORTED",
        MessageKind::Poll => "messageType.POLL",
    }
}

/// `Location: Office, 1 Example Road (48.8584, 2.2945)`.
fn place(place: &Place, language: Language) -> String {
    let named: Vec<&str> = place.name.as_deref().into_iter().chain(place.address.as_deref()).collect();
    let point = format!("({}, {})", place.latitude(), place.longitude());
    let what = word(language, name_of(MessageKind::Location));
    if named.is_empty() { format!("{what}: {point}") } else { format!("{what}: {} {point}", named.join(", ")) }
}

/// `Contact card: Ana Lima, Example Ltd, +33 6 39 98 00 01`.
fn card(card: &BusinessCard, sight: Sight, language: Language) -> String {
    let numbers = card.phones.iter().map(|phone| phone.number.as_str());
    let addresses = card.emails.iter().map(|email| email.value.as_str());
    let reach = numbers.chain(addresses).filter(|_| sight == Sight::Full);
    let parts: Vec<&str> = std::iter::once(card.name.as_str()).chain(card.organisation.as_deref()).chain(reach).collect();
    format!("{}: {}", word(language, name_of(MessageKind::Contacts)), parts.join(", "))
}

/// Heading, words, buttons in brackets, rows each in a line, small words.
fn interactive(words: &str, asked: &Interactive) -> String {
    let mut lines: Vec<String> = asked.header.iter().cloned().collect();
    lines.push(words.to_owned());
    for section in &asked.sections {
        lines.extend(section.title.iter().filter(|title| !title.is_empty()).cloned());
        lines.extend(section.rows.iter().map(|row| match &row.description {
            Some(description) => format!("• {} – {description}", row.title),
            None => format!("• {}", row.title),
        }));
    }
    let buttons = asked.buttons.iter().map(|button| match &button.url {
        Some(url) => format!("[{}] {url}", button.title),
        None => format!("[{}]", button.title),
    });
    let buttons: Vec<String> = buttons.collect();
    if !buttons.is_empty() {
        lines.push(buttons.join(" "));
    }
    lines.extend(asked.footer.iter().cloned());
    lines.join("\n")
}

fn poll(poll: &Poll, language: Language) -> String {
    let first = format!("{}: {}", word(language, name_of(MessageKind::Poll)), poll.question);
    let options = poll.options.iter().map(|option| format!("• {option}"));
    std::iter::once(first).chain(options).collect::<Vec<_>>().join("\n")
}

fn order(words: &str, order: &Order, language: Language) -> String {
    let items = order.items.iter().map(|item| {
        let name = item.name.as_deref().unwrap_or(&item.product_id);
        let price: Vec<&str> = item.price.as_deref().into_iter().chain(item.currency.as_deref()).collect();
        let price = if item.price.is_some() { format!(" – {}", price.join(" ")) } else { String::new() };
        format!("• {} × {name}{price}", item.quantity)
    });
    let what = format!("{}:", word(language, name_of(MessageKind::Order)));
    let words = (!words.is_empty()).then(|| words.to_owned());
    std::iter::once(what).chain(items).chain(words).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversations::{Button, CardPhone, InteractiveKind, OrderItem};

    #[test]
    fn each_kind_reads_as_text() {
        let place_at = Place { name: Some("Porto".into()), ..Place::at(41.25, -8.5).unwrap() };
        assert_eq!(place(&place_at, Language::PtBr), "Localização: Porto (41.25, -8.5)");
        let ana = BusinessCard {
            name: "Ana".into(),
            phones: vec![CardPhone { number: "+33 6 39 98 00 01".into(), ..CardPhone::default() }],
            ..BusinessCard::default()
        };
        assert_eq!(card(&ana, Sight::Full, Language::En), "Contact card: Ana, +33 6 39 98 00 01");
        assert_eq!(card(&ana, Sight::Masked, Language::Es), "Tarjeta de contacto: Ana");
        let button = |title: &str, url: Option<&str>| Button { id: "1".into(), title: title.into(), url: url.map(str::to_owned) };
        let asked = Interactive {
            kind: InteractiveKind::Buttons,
            header: Some("Tow".into()),
            footer: Some("Example Ltd".into()),
            buttons: vec![button("Yes", None), button("See", Some("https://example.com"))],
            sections: Vec::new(),
            parameters: None,
        };
        assert_eq!(interactive("Come?", &asked), "Tow\nCome?\n[Yes] [See] https://example.com\nExample Ltd");
        let asked = Poll { question: "When?".into(), options: vec!["Now".into(), "Later".into()], ..Poll::default() };
        assert_eq!(poll(&asked, Language::Fr), "Sondage: When?\n• Now\n• Later");
        let item = OrderItem {
            product_id: "T-1".into(),
            quantity: 2,
            price: Some("9.90".into()),
            currency: Some("EUR".into()),
            name: None,
        };
        let basket = Order { catalog_id: None, items: vec![item] };
        assert_eq!(order("Soon", &basket, Language::En), "Order:\n• 2 × T-1 – 9.90 EUR\nSoon");
    }
}
