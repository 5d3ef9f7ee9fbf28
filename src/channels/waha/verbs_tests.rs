use super::*;
use crate::{
    channels::sending::outgoing::{Manners, Recipient},
    conversations::{BusinessCard, Place, Poll},
};

fn outgoing(body: Body, reply_to: Option<&str>) -> Outgoing {
    Outgoing {
        to: Recipient::Phone("+5511900000001".into()),
        body,
        reply_to: reply_to.map(str::to_owned),
        answers_own: false,
        callback: uuid::Uuid::from_u128(7),
        tried_since: None,
        known: Vec::new(),
        manners: Manners::default(),
    }
}

fn file(kind: MessageKind, mime: &str, is_voice: bool) -> OutgoingMedia {
    let file_name = Some("a.bin".to_owned());
    OutgoingMedia { kind, mime: mime.into(), file_name, is_voice, path: "a".into(), bytes: 1, provider_id: None }
}

const CHAT: &str = "5511900000001@c.us";

fn asked(kind: InteractiveKind, buttons: Vec<Button>) -> Interactive {
    Interactive { kind, header: None, footer: Some("Thanks".into()), buttons, sections: Vec::new(), parameters: None }
}

#[test]
fn requests_are_what_the_server_documents() {
    let button = |url: Option<&str>| Button { id: "1".into(), title: "Go".into(), url: url.map(str::to_owned) };
    let row = Row { id: "r1".into(), title: "Row".into(), description: None };
    let list = Interactive {
        sections: vec![Section { title: Some("Main".into()), rows: vec![row] }],
        ..asked(InteractiveKind::List, vec![button(None)])
    };
    let place = Place { name: Some("Office".into()), address: Some("1 Example Road".into()), ..Place::at(38.5, -77.25).unwrap() };
    let poll = Poll { question: "How?".into(), options: vec!["Good".into(), "Bad".into()], choices_max: 1, votes: Vec::new() };
    let rows = [
        (Body::Text("Hi".into()), "sendText", json!({"text": "Hi"})),
        (
            Body::Media(file(MessageKind::Image, "image/png", false), "Look".into()),
            "sendImage",
            json!({"caption": "Look", "file": {"mimetype": "image/png", "filename": "a.bin"}}),
        ),
        (
            Body::Media(file(MessageKind::Video, "video/mp4", false), String::new()),
            "sendVideo",
            json!({"convert": false, "asNote": false, "file": {"mimetype": "video/mp4", "filename": "a.bin"}}),
        ),
        (
            Body::Media(file(MessageKind::Audio, "audio/ogg", true), String::new()),
            "sendVoice",
            json!({"convert": false, "file": {"mimetype": "audio/ogg; codecs=opus", "filename": "a.bin"}}),
        ),
        (
            Body::Media(file(MessageKind::Audio, "audio/mpeg", false), String::new()),
            "sendFile",
            json!({"file": {"mimetype": "audio/mpeg", "filename": "a.bin"}}),
        ),
        (
            Body::Location(place),
            "sendLocation",
            json!({"latitude": 38.5, "longitude": -77.25, "title": "Office, 1 Example Road"}),
        ),
        (
            Body::Contacts(vec![BusinessCard { name: "Ana".into(), ..BusinessCard::default() }]),
            "sendContactVcard",
            json!({"contacts": [{"vcard": "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nN:;Ana;;;\r\nEND:VCARD"}]}),
        ),
        (Body::Poll(poll), "sendPoll", json!({"poll": {"name": "How?", "options": ["Good", "Bad"], "multipleAnswers": false}})),
        (
            Body::Interactive("Pick".into(), list, None),
            "sendList",
            json!({"message": {"title": "", "description": "Pick", "footer": "Thanks", "button": "Go",
                "sections": [{"title": "Main", "rows": [{"rowId": "r1", "title": "Row"}]}]}}),
        ),
    ];
    for (body, verb, mut expected) in rows {
        expected["chatId"] = CHAT.into();
        expected["reply_to"] = format!("false_{CHAT}_AAAA").into();
        let message = outgoing(body, Some("AAAA"));
        let made = request(CHAT, &message).unwrap();
        assert_eq!((made.verb, made.body), (verb, expected));
        assert_eq!(made.file, message.body.file(), "{verb}");
    }
    // Buttons can't quote.
    let buttons = vec![button(None), button(Some("https://example.com"))];
    let message = outgoing(Body::Interactive("Pick".into(), asked(InteractiveKind::Buttons, buttons), None), Some("AAAA"));
    let made = request(CHAT, &message).unwrap();
    let expected = json!({"chatId": CHAT, "header": "", "body": "Pick", "footer": "Thanks", "buttons": [
        {"type": "reply", "id": "1", "text": "Go"}, {"type": "url", "text": "Go", "url": "https://example.com"}]});
    assert_eq!((made.verb, made.body), ("sendButtons", expected));
}

#[test]
fn what_a_session_has_no_verb_for_is_refused() {
    let form = asked(InteractiveKind::Flow, Vec::new());
    for body in [
        Body::Media(file(MessageKind::Sticker, "image/webp", false), String::new()),
        Body::Interactive("Fill in".into(), form, None),
        Body::Template(Box::default()),
    ] {
        let message = outgoing(body, None);
        let refused = request(CHAT, &message);
        assert!(matches!(refused, Err(Verdict::Refused(_, failure, None)) if failure.code == "not_supported"));
    }
}

#[test]
fn a_lost_message_is_known_again_by_what_it_says() {
    let place = Body::Location(Place::at(38.5, -77.25).unwrap());
    let card = Body::Contacts(vec![BusinessCard { name: "Ana, L".into(), ..BusinessCard::default() }]);
    let poll = Body::Poll(Poll { question: "How?".into(), ..Poll::default() });
    let picture = |caption: &str| Body::Media(file(MessageKind::Image, "image/png", false), caption.into());
    let rows = [
        (Body::Text("Hi".into()), json!({"body": "Hi"}), true),
        (Body::Text("Hi".into()), json!({"body": "Hi", "hasMedia": true}), false),
        (picture("Hi"), json!({"body": "Hi", "hasMedia": true}), true),
        (picture("Hi"), json!({"body": "Hi"}), false),
        (picture(""), json!({"body": "", "hasMedia": true}), true),
        (picture(""), json!({"body": "a.bin", "hasMedia": true}), true),
        (picture(""), json!({"body": "Another", "hasMedia": true}), false),
        (place.clone(), json!({"location": {"latitude": 38.5, "longitude": -77.25}}), true),
        (place, json!({"location": {"latitude": 38.6, "longitude": -77.25}}), false),
        (card.clone(), json!({"vCards": ["BEGIN:VCARD\nFN:Ana\\, L\nEND:VCARD"]}), true),
        (card, json!({"vCards": ["BEGIN:VCARD\nFN:Rui\nEND:VCARD"]}), false),
        (poll.clone(), json!({"poll": {"name": "How?"}}), true),
        (poll, json!({"body": "Why?"}), false),
    ];
    for (body, found, expected) in rows {
        assert_eq!(is_it(&found, &body), expected, "{found} {body:?}");
    }
}
