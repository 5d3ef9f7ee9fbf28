use super::*;
use serde_json::json;
use std::path::PathBuf;

const NOW: Timestamp = Timestamp(1_763_800_000_000);

fn read(event: &str, payload: Value) -> Told {
    let body = json!({"event": event, "session": "default", "me": {"id": "5511900000001@c.us", "pushName": "Farol"},
        "payload": payload, "timestamp": 1_700_000_000_000_i64});
    super::event(&body.to_string(), NOW).unwrap().unwrap_or_else(|e| panic!("{event}: {e:?}"))
}

fn message(event: &str, payload: Value) -> ReceivedMessage {
    match read(event, payload) {
        Told::Message(message) | Told::Echo(message) => *message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn people_are_known_by_number_and_hidden_id_together() {
    let direct = message(
        "message",
        json!({"id": "false_5511999999999@c.us_AA", "from": "5511999999999@c.us", "body": "oi",
        "fromMe": false, "timestamp": 1_700_000_000, "_data": {"notifyName": "Ana"}}),
    );
    assert_eq!((direct.external_id.as_str(), direct.sender.phone.as_deref()), ("AA", Some("+5511999999999")));
    assert_eq!((direct.sender.name.as_deref(), direct.chat.as_deref()), (Some("Ana"), Some("5511999999999@c.us")));
    let hidden = message(
        "message",
        json!({"id": "false_123@lid_BB", "from": "123@lid", "body": "oi", "fromMe": false,
        "_data": {"key": {"remoteJidAlt": "5511999999999@s.whatsapp.net"}}}),
    );
    assert_eq!((hidden.sender.lid.as_deref(), hidden.sender.phone.as_deref()), (Some("123"), Some("+5511999999999")));
    assert_eq!(hidden.chat.as_deref(), Some("123@lid"));
}

#[test]
fn what_the_owner_wrote_on_the_phone_is_an_echo_to_the_customer() {
    let told = read(
        "message.any",
        json!({"id": "true_5511999999999@c.us_CC", "from": "5511900000001@c.us",
        "to": "5511999999999@c.us", "fromMe": true, "source": "app", "body": "já vou", "_data": {"notifyName": "Farol"}}),
    );
    let Told::Echo(echo) = told else { panic!("{told:?}") };
    assert_eq!((echo.sender.phone.as_deref(), echo.sender.name), (Some("+5511999999999"), None));
    assert_eq!(echo.content, Content::Text("já vou".into()));
}

#[test]
fn a_group_is_its_own_conversation_with_an_author() {
    let said = message(
        "message",
        json!({"id": "false_123@g.us_DD_99@lid", "from": "123@g.us", "participant": "99@lid",
        "fromMe": false, "body": "oi a todos"}),
    );
    assert_eq!(said.group.as_ref().map(|g| g.id.as_str()), Some("123@g.us"));
    assert_eq!(said.sender.lid.as_deref(), Some("99"));
    let Told::Group(news, _) = read(
        "group.v2.participants",
        json!({"type": "leave", "group": {"id": "123@g.us"},
        "participants": [{"id": "5511999999999@c.us", "role": "participant"}]}),
    ) else {
        panic!()
    };
    assert_eq!((news.left, news.joined.len()), (vec!["+5511999999999".to_owned()], 0));
}

#[test]
fn receipts_rise_and_theirs_are_left_alone() {
    for (ack, expected) in [(1, Progress::Sent), (2, Progress::Delivered), (3, Progress::Read), (4, Progress::Read)] {
        let Told::Status(status) = read(
            "message.ack",
            json!({"id": "true_5511999999999@c.us_EE", "from": "5511999999999@c.us",
            "fromMe": true, "ack": ack}),
        ) else {
            panic!()
        };
        assert_eq!((status.external_id.as_str(), &status.progress), ("EE", &expected));
    }
    let Told::Status(failed) = read("message.ack", json!({"id": "true_1@c.us_EE", "from": "1@c.us", "fromMe": true, "ack": -1}))
    else {
        panic!()
    };
    assert!(matches!(failed.progress, Progress::Failed(_)));
    let group = json!({"id": "true_1@g.us_FF_9@lid", "from": "1@g.us", "participant": "9@lid", "fromMe": true, "ack": 3});
    assert!(matches!(read("message.ack.group", group), Told::Status(_)));
    assert_eq!(read("message.ack", json!({"id": "false_1@c.us_GG", "from": "1@c.us", "ack": 3})), Told::Nothing("ack_of_theirs"));
}

#[test]
fn news_name_the_message_they_are_about_without_its_chat() {
    let Told::Reaction(reaction) = read(
        "message.reaction",
        json!({"id": "false_79111111@c.us_11", "from": "79111111@c.us",
        "fromMe": false, "timestamp": 1_710_481_111.853, "reaction": {"text": "🙏", "messageId": "true_79111111@c.us_AA"}}),
    ) else {
        panic!()
    };
    let News::Reaction(news) = &reaction.news else { panic!() };
    assert_eq!((reaction.target.as_str(), news.emoji.as_str(), &news.by), ("AA", "🙏", &Who::Customer));
    let Told::Edit(edit) = read(
        "message.edited",
        json!({"id": "false_1@c.us_22", "from": "1@c.us", "fromMe": false,
        "timestamp": 1_700_000_000, "body": "corrected", "editedMessageId": "AA"}),
    ) else {
        panic!()
    };
    let News::Edit(news) = &edit.news else { panic!() };
    assert_eq!((edit.target.as_str(), news.text.as_str()), ("AA", "corrected"));
    let Told::Revoke(revoke) = read(
        "message.revoked",
        json!({"revokedMessageId": "AA",
        "after": {"id": "false_1@c.us_33", "from": "1@c.us", "fromMe": false, "timestamp": 1_700_000_000}}),
    ) else {
        panic!()
    };
    assert_eq!(revoke.target, "AA");
    let Told::Vote(vote) = read(
        "poll.vote",
        json!({"vote": {"id": "false_333@g.us_1C", "to": "333@g.us", "from": "111@c.us",
        "fromMe": false, "selectedOptions": ["Awesome!"], "timestamp": 1_692_861_427}, "poll": {"id": "true_333@g.us_BA"}}),
    ) else {
        panic!()
    };
    let News::Vote(news) = &vote.news else { panic!() };
    assert_eq!((vote.target.as_str(), &news.options, &news.by), ("BA", &vec!["Awesome!".to_owned()], &Who::Member("111".into())));
}

#[test]
fn sessions_calls_and_typing_are_told_in_the_houses_words() {
    let Told::Session(news, notice) = read(
        "session.status",
        json!({"status": "WORKING",
        "statuses": [{"status": "STARTING", "timestamp": 1_700_000_002_000_i64}, {"status": "WORKING", "timestamp": 1_700_000_003_000_i64}]}),
    ) else {
        panic!()
    };
    assert_eq!(
        (news.status.as_str(), news.phone.as_deref(), notice.at),
        ("WORKING", Some("+5511900000001"), Timestamp(1_700_000_003_000))
    );
    let call =
        message("call.received", json!({"id": "ABC", "from": "5511999999999@c.us", "timestamp": 1_700_000_000, "isVideo": true}));
    assert!(
        matches!(&call.content, Content::System(notice, _) if notice.kind == NoticeKind::Call && notice.after.as_deref() == Some("video"))
    );
    assert!(matches!(read("call.rejected", json!({"id": "ABC", "from": "5511999999999@c.us"})), Told::Notice(_)));
    assert!(matches!(
        read("presence.update", json!({"id": "1@c.us", "presences": [{"lastKnownPresence": "typing"}]})),
        Told::Typing(_, true)
    ));
    for (event, payload) in [
        ("engine.event", json!({"event": "messages.upsert"})),
        ("label.upsert", json!({})),
        ("chat.archive", json!({})),
        ("event.response", json!({})),
        ("a.new.one", json!({})),
        ("message", json!({"id": "false_1@newsletter_A", "from": "1@newsletter", "body": "x"})),
    ] {
        assert!(matches!(read(event, payload), Told::Nothing(_)), "{event}");
    }
}

#[test]
fn what_names_nobody_is_refused_and_what_is_no_event_says_so() {
    for payload in
        [json!({}), json!({"id": "false_1@c.us_A"}).get("nothing").cloned().unwrap_or_default(), json!({"id": "A", "body": "x"})]
    {
        let body = json!({"event": "message", "session": "s", "payload": payload});
        assert!(super::event(&body.to_string(), NOW).unwrap().is_err(), "{body}");
    }
    for body in ["", "{", "[]", "{}", "null"] {
        assert!(super::event(body, NOW).is_err(), "{body}");
    }
}

/// The provider's own examples lie in `$FAROL_FIXTURES` or beside the project; where they are absent this says so and passes.
#[test]
fn every_published_example_is_read_or_says_why_not() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
    let folder = std::env::var_os("FAROL_FIXTURES").map_or(beside, PathBuf::from).join("waha/webhooks");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no examples in {}", folder.display());
        return;
    };
    let mut taken = 0;
    for file in files {
        let path = file.unwrap().path();
        let body = std::fs::read_to_string(&path).unwrap();
        // Among them lie events of other programs that the provider's pages also show: those name no session.
        if !body.contains("\"session\"") {
            continue;
        }
        match super::event(&body, NOW) {
            // Some examples are cut down to an empty payload.
            Ok(Err(why)) => assert!(["no_id", "no_sender", "malformed"].contains(&why.code), "{}: {why:?}", path.display()),
            Ok(Ok(told)) => {
                assert_ne!(told, Told::Nothing("unknown_event"), "{}", path.display());
                taken += 1;
            }
            Err(_) => assert!(!body.contains("\"event\": \""), "{}", path.display()),
        }
    }
    assert!(taken >= 20, "{taken}");
}
