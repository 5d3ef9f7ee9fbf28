//! Business cards as vCard 3.0, the form in which sessions take them.

use crate::conversations::{BusinessCard, CardLine};
use std::fmt::Write;

/// The card as text, lines ended as the standard wants.
pub fn written(card: &BusinessCard) -> String {
    let mut out = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    let mut line = |head: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = write!(out, "{head}:{value}\r\n");
    };
    line("FN", &escaped(&card.name));
    line("N", &format!(";{};;;", escaped(&card.name)));
    if let Some(organisation) = &card.organisation {
        line("ORG", &escaped(organisation));
    }
    for phone in &card.phones {
        let kind = word(phone.label.as_deref().unwrap_or("CELL"));
        // WhatsApp offers to write to a number only where its id stands beside it.
        let id = phone.wa_id.as_deref().map(|id| format!(";waid={}", word(id))).unwrap_or_default();
        line(&format!("TEL;type={kind}{id}"), &escaped(&phone.number));
    }
    let mut lines = |name: &str, lines: &[CardLine], before: &str, after: &str| {
        for CardLine { value, label } in lines {
            let kind = label.as_deref().map(|label| format!(";type={}", word(label))).unwrap_or_default();
            line(&format!("{name}{kind}"), &format!("{before}{}{after}", escaped(value)));
        }
    };
    lines("EMAIL", &card.emails, "", "");
    // The third part is the street: what is written in one line stands there.
    lines("ADR", &card.addresses, ";;", ";;;;");
    lines("URL", &card.urls, "", "");
    if let Some(birthday) = &card.birthday {
        line("BDAY", &escaped(birthday));
    }
    out.push_str("END:VCARD");
    out
}

/// A value with what would part it or end its line written out.
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.trim().chars() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}

/// A parameter's value: what would end it is left out.
fn word(value: &str) -> String {
    value.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{channels::waha::content, conversations::CardPhone};

    #[test]
    fn a_card_reads_as_it_was_written() {
        let line = |value: &str, label: Option<&str>| CardLine { value: value.into(), label: label.map(str::to_owned) };
        let card = BusinessCard {
            name: "Ana; Lima, the \"first\"".into(),
            organisation: Some("Example, Ltd".into()),
            phones: vec![CardPhone {
                number: "+351 900 000 001".into(),
                wa_id: Some("351900000001".into()),
                label: Some("WORK".into()),
            }],
            emails: vec![line("ana@example.com", Some("WORK"))],
            addresses: vec![line("1 Example Road, Porto", None)],
            urls: vec![line("https://example.com/a", None)],
            birthday: Some("2001-02-03".into()),
        };
        let text = written(&card);
        assert!(text.contains("TEL;type=WORK;waid=351900000001:+351 900 000 001\r\n"), "{text}");
        assert_eq!(content::vcard(&text), Some(card));
        // A line of its own would be a forged field.
        let forged = BusinessCard { name: "A\r\nTEL:+1".into(), ..BusinessCard::default() };
        assert_eq!(written(&forged).matches("\r\nTEL").count(), 0);
    }
}
