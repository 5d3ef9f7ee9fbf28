use super::*;
use crate::{
    base::FieldError,
    channels::{Adapter, WahaAdapter, WhatsappCloudAdapter},
    conversations::{Button, CardPhone, Row, Section},
};

fn said<'a>(kind: MessageKind, content: &'a str, extra: &'a Extra) -> Said<'a> {
    Said { kind, content, media: None, extra: Some(extra) }
}

/// Field and detail of each fault.
fn faults(kind: MessageKind, content: &str, extra: &Extra) -> Vec<(String, String)> {
    match WahaAdapter.carries().check(said(kind, content, extra)) {
        Ok(()) => Vec::new(),
        Err(Error::Invalid(fields)) => {
            fields.into_iter().map(|FieldError { field, detail, .. }| (field.into_owned(), detail.into_owned())).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

fn with(change: impl FnOnce(&mut Extra)) -> Extra {
    let mut extra = Extra::default();
    change(&mut extra);
    extra
}

fn buttons(titles: &[&str]) -> Interactive {
    let button = |(n, title): (usize, &&str)| Button { id: n.to_string(), title: (*title).to_owned(), url: None };
    Interactive {
        kind: InteractiveKind::Buttons,
        header: None,
        footer: None,
        buttons: titles.iter().enumerate().map(button).collect(),
        sections: Vec::new(),
        parameters: None,
    }
}

fn list(sections: &[(&str, usize)]) -> Interactive {
    let section = |(part, (title, rows)): (usize, &(&str, usize))| Section {
        title: Some((*title).to_owned()),
        rows: (0..*rows).map(|n| Row { id: format!("{part}.{n}"), title: format!("Row {n}"), description: None }).collect(),
    };
    Interactive {
        kind: InteractiveKind::List,
        sections: sections.iter().enumerate().map(section).collect(),
        ..buttons(&["Choose"])
    }
}

#[test]
fn each_limit_is_named_with_its_field() {
    let ask = |interactive: Interactive| with(|extra| extra.interactive = Some(interactive));
    let poll = |options: &[&str]| {
        with(|extra| {
            let options = options.iter().map(|option| (*option).to_owned()).collect();
            extra.poll = Some(Poll { question: "When?".into(), options, ..Poll::default() });
        })
    };
    let card = |card: BusinessCard| with(|extra| extra.cards = vec![card]);
    let named = |name: &str| BusinessCard { name: name.into(), ..BusinessCard::default() };
    let mut button = buttons(&["Open"]);
    button.kind = InteractiveKind::Link;
    let linked = |url: &str| {
        let mut link = button.clone();
        link.buttons[0].url = Some(url.to_owned());
        ask(link)
    };
    let nothing = Extra::default();
    let long = |n: usize| "x".repeat(n);
    use MessageKind::{Contacts, Interactive as Asked, Location, Poll as Question, Text};
    let rows: Vec<(MessageKind, String, Extra, &[(&str, &str)])> = vec![
        (Text, long(4_096), nothing.clone(), &[]),
        (Text, long(4_097), nothing.clone(), &[("content", "give at most 4096 characters")]),
        (Text, " \u{200b}".into(), nothing.clone(), &[("content", "must not be empty")]),
        (Location, String::new(), with(|extra| extra.place = Place::at(1.0, 2.0)), &[]),
        (
            Location,
            "Here".into(),
            with(|extra| extra.place = Place::at(1.0, 2.0)),
            &[("content", "a place has no words beside it")],
        ),
        (Location, String::new(), nothing.clone(), &[("location", "give a place")]),
        (Contacts, String::new(), card(named("Ana")), &[]),
        (Contacts, String::new(), card(named(" ")), &[("contacts[0].name", "must not be empty")]),
        (Contacts, String::new(), nothing.clone(), &[("contacts", "give at least 1")]),
        (
            Contacts,
            String::new(),
            card(BusinessCard { phones: vec![CardPhone::default()], ..named("Ana") }),
            &[("contacts[0].phones[0]", "must not be empty")],
        ),
        (Asked, "Come?".into(), ask(buttons(&["Yes", "No", "Later"])), &[]),
        (Asked, long(1_025), ask(buttons(&["Yes"])), &[("content", "give at most 1024 characters")]),
        (Asked, "Come?".into(), ask(buttons(&["1", "2", "3", "4"])), &[("interactive.buttons", "give at most 3")]),
        (Asked, "Come?".into(), ask(buttons(&[])), &[("interactive.buttons", "give at least 1")]),
        (Asked, "Come?".into(), ask(buttons(&["Yes", "Yes "])), &[("interactive.buttons", "give each of them once")]),
        (
            Asked,
            "Come?".into(),
            ask(buttons(&["Yes", &long(21)])),
            &[("interactive.buttons[1].title", "give at most 20 characters")],
        ),
        (
            Asked,
            "Come?".into(),
            ask(Interactive { header: Some(long(61)), footer: Some(long(61)), ..buttons(&["Yes"]) }),
            &[("interactive.header", "give at most 60 characters"), ("interactive.footer", "give at most 60 characters")],
        ),
        (Asked, "Which?".into(), ask(list(&[("A", 5), ("B", 5)])), &[]),
        (Asked, "Which?".into(), ask(list(&[("", 10)])), &[]),
        (Asked, "Which?".into(), ask(list(&[("A", 6), ("B", 5)])), &[("interactive.sections", "give at most 10")]),
        (Asked, "Which?".into(), ask(list(&[("A", 1), ("", 1)])), &[("interactive.sections[1].title", "must not be empty")]),
        (Asked, "Which?".into(), ask(list(&[("A", 0), ("B", 1)])), &[("interactive.sections[0].rows", "give at least 1")]),
        (Asked, "See".into(), linked("https://example.com/a?b=c"), &[]),
        (
            Asked,
            "See".into(),
            linked("javascript:alert(1)"),
            &[("interactive.buttons[0].url", "give an address that begins with https://")],
        ),
        (Question, "When?".into(), poll(&["Today", "Tomorrow"]), &[]),
        (Question, "When?".into(), poll(&["Today"]), &[("poll.options", "give at least 2")]),
        (Question, "When?".into(), poll(&["Today", "Today"]), &[("poll.options", "give each of them once")]),
        (Question, "When?".into(), poll(&["Today", &long(101)]), &[("poll.options[1]", "give at most 100 characters")]),
    ];
    for (kind, content, extra, expected) in rows {
        let expected: Vec<_> = expected.iter().map(|(field, detail)| ((*field).to_owned(), (*detail).to_owned())).collect();
        assert_eq!(faults(kind, &content, &extra), expected, "{kind:?} {extra:?}");
    }
}

#[test]
fn what_a_channel_has_no_words_for_is_refused_by_name() {
    let poll = with(|extra| extra.poll = Some(Poll::default()));
    let refused = WhatsappCloudAdapter.carries().check(said(MessageKind::Poll, "When?", &poll)).unwrap_err();
    assert_eq!((refused.code(), refused.to_string().contains("POLL")), ("not_supported", true), "{refused}");
    let nothing = Extra::default();
    let refused = WahaAdapter.carries().check(said(MessageKind::Order, "", &nothing)).unwrap_err();
    assert_eq!(refused.code(), "not_supported");
    let voice = Media { is_voice: true, ..Media::default() };
    let note = Said { kind: MessageKind::Audio, content: "words", media: Some(&voice), extra: None };
    assert!(matches!(WahaAdapter.carries().check(note), Err(Error::Invalid(fields)) if fields[0].field == "content"));
}
