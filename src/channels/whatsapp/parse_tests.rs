use super::*;
use crate::{
    channels::receiving::inbound::Content,
    conversations::{ChoiceKind, MessageKind, NoticeKind},
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_763_800_000_000);

fn read(raw: &str, contacts: &str) -> ReceivedMessage {
    match message(raw, &profiles(Some(contacts)), NOW) {
        Ok(Told::Message(m) | Told::NewNumber { notice: m, .. }) => *m,
        other => panic!("{raw}: {other:?}"),
    }
}

#[test]
fn text_with_name_number_and_time() {
    let m = read(
        r#"{"from":"351900000001","id":"wamid.A","timestamp":"1763799990","type":"text","text":{"body":"Ol\u00e1, \ud83d\ude97"},
            "context":{"id":"wamid.B"}}"#,
        r#"[{"profile":{"name":"Ana"},"wa_id":"351900000001","user_id":"PT.1a2b"}]"#,
    );
    assert_eq!(m.content, Content::Text("Olá, 🚗".into()));
    assert_eq!(m.sender.phone.as_deref(), Some("+351900000001"));
    assert_eq!(m.sender.scoped_id.as_deref(), Some("PT.1a2b"));
    assert_eq!(m.sender.name.as_deref(), Some("Ana"));
    assert_eq!((m.at, m.reply_to.as_deref(), m.opens_window), (Timestamp::from_secs(1_763_799_990), Some("wamid.B"), true));
}

#[test]
fn where_a_message_came_from_is_kept() {
    let base = r#""from":"33600000001","id":"1","type":"text","text":{"body":"oi"}"#;
    for (more, kept) in [
        ("", None),
        (r#","context":{"id":"wamid.B"}"#, None),
        (r#","context":{"forwarded":true}"#, Some(r#"{"forwarded":true}"#)),
        (
            r#","context":{"forwarded":true,"frequently_forwarded":true}"#,
            Some(r#"{"forwarded":true,"frequentlyForwarded":true}"#),
        ),
        (
            r#","context":{"referred_product":{"catalog_id":"77","product_retailer_id":"TOW-1"}}"#,
            Some(r#"{"referredProduct":{"catalogId":"77","productRetailerId":"TOW-1"}}"#),
        ),
        (
            r#","referral":{"source_url":"https://example.com/ad","source_id":12,"source_type":"ad","headline":"Towing","nonsense":[1]}"#,
            Some(r#"{"referral":{"headline":"Towing","sourceId":"12","sourceType":"ad","sourceUrl":"https://example.com/ad"}}"#),
        ),
        (r#","referral":"odd","context":7"#, None),
    ] {
        let m = read(&format!("{{{base}{more}}}"), "[]");
        let as_value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(m.metadata.as_deref().map(as_value), kept.map(as_value), "{more}");
    }
}

#[test]
fn a_hidden_number_leaves_the_scoped_id() {
    for raw in [
        r#"{"from_user_id":"BR.9xYz","id":"1","type":"text","text":{"body":"oi"}}"#,
        r#"{"from":"BR.9xYz","id":"1","type":"text","text":{"body":"oi"}}"#,
    ] {
        let m = read(raw, r#"[{"profile":{"name":"Rui","username":"rui.silva"},"user_id":"BR.9xYz"}]"#);
        assert_eq!((m.sender.phone, m.sender.scoped_id.as_deref()), (None, Some("BR.9xYz")), "{raw}");
        assert_eq!((m.sender.name.as_deref(), m.sender.username.as_deref()), (Some("Rui"), Some("rui.silva")));
        assert_eq!(m.at, NOW);
    }
}

#[test]
fn what_has_no_known_shape_is_kept_whole() {
    for (raw, kind, opens) in [
        (r#"{"from":"33600000001","id":"1","type":"image","image":{"caption":"x"}}"#, "image", true),
        (r#"{"from":"33600000001","id":"1","type":"reaction","reaction":{"emoji":"👍"}}"#, "reaction", false),
        (r#"{"from":"33600000001","id":"1","type":"edit","edit":{"original_message_id":"m"}}"#, "edit", true),
        (r#"{"from":"33600000001","id":"1","type":"hologram","hologram":[1]}"#, "hologram", true),
        (r#"{"from":"33600000001","id":"1","type":"location","location":{"latitude":91,"longitude":0}}"#, "location", true),
        (r#"{"from":"33600000001","id":"1","type":"contacts","contacts":{}}"#, "contacts", true),
        (r#"{"from":"33600000001","id":"1","type":"interactive","interactive":{"type":"hologram"}}"#, "interactive", true),
        (r#"{"from":"33600000001","id":"1"}"#, "unknown", true),
        (r#"{"from":"33600000001","id":"1","type":"text","text":{"body":7}}"#, "text", true),
    ] {
        let m = read(raw, "[]");
        assert_eq!((m.content, m.opens_window, m.raw.as_str()), (Content::Other(kind.into()), opens, raw));
    }
}

#[test]
fn every_type_is_read() {
    let read = |kind: &str, object: &str| {
        read(&format!(r#"{{"from":"33600000001","id":"1","type":"{kind}","{kind}":{object}}}"#), "[]").content
    };
    let Content::Media(MessageKind::Audio, voice, caption) = read("audio", r#"{"id":7,"mime_type":"audio/ogg","voice":true}"#)
    else {
        panic!()
    };
    assert_eq!((voice.provider_id.as_deref(), voice.is_voice, caption.as_str()), (Some("7"), true, ""));
    let Content::Media(MessageKind::Document, file, caption) =
        read("document", r#"{"url":"https://example.com/f","filename":"Devis.pdf","caption":"le devis","sha256":"x="}"#)
    else {
        panic!()
    };
    assert_eq!((file.file_name.as_deref(), caption.as_str()), (Some("Devis.pdf"), "le devis"));
    let Content::Location(place) = read("location", r#"{"latitude":"38.72","longitude":-9.14,"name":"Lisboa"}"#) else {
        panic!()
    };
    assert_eq!((place.latitude(), place.longitude(), place.name.as_deref()), (38.72, -9.14, Some("Lisboa")));
    let Content::Contacts(cards) =
        read("contacts", r#"[{"name":{"first_name":"Ana"},"phones":[{"phone":"+33 6 39 98 00 01"},{"wa_id":"33639980002"}]}]"#)
    else {
        panic!()
    };
    assert_eq!((cards[0].name.as_str(), cards[0].phones[1].number.as_str()), ("Ana", "+33639980002"));
    for (told, kept) in
        [(r#""{\"a\":1}""#, r#"{"a":1}"#), (r#""no object""#, "no object"), (r#"{"a":1}"#, r#"{"a":1}"#), ("[1,2]", "[1,2]")]
    {
        let object = format!(r#"{{"type":"nfm_reply","nfm_reply":{{"name":"flow","body":"Sent","response_json":{told}}}}}"#);
        let Content::Choice(choice) = read("interactive", &object) else { panic!("{told}") };
        assert_eq!((choice.kind, choice.payload.as_deref()), (ChoiceKind::Flow, Some(kept)));
    }
    let Content::Order(order, words) = read(
        "order",
        r#"{"text":"soon","product_items":[{"product_retailer_id":"T1","quantity":2,"item_price":30.5,"currency":"EUR"}]}"#,
    ) else {
        panic!()
    };
    assert_eq!((order.items[0].quantity, order.items[0].price.as_deref(), words.as_str()), (2, Some("30.5"), "soon"));
    let Content::System(notice, _) = read("system", r#"{"type":"customer_identity_changed","body":"…"}"#) else { panic!() };
    assert_eq!(notice.kind, NoticeKind::IdentityChanged);
}

#[test]
fn news_about_another_message_name_it() {
    let told = |element: &str| message(element, &[], NOW).unwrap();
    let base = r#""from":"33600000001","id":"2","timestamp":"1763799990""#;
    let at = Timestamp::from_secs(1_763_799_990);
    let Told::Reaction(news) = told(&format!(r#"{{{base},"type":"reaction","reaction":{{"message_id":"m"}}}}"#)) else {
        panic!()
    };
    let removed = Reaction { by: Who::Customer, emoji: String::new(), at, id: "2".into() };
    assert_eq!((news.target.as_str(), news.news), ("m", News::Reaction(removed)));
    let edit = r#""type":"edit","edit":{"original_message_id":"m","message":{"type":"image","image":{"id":"1","caption":"b"}}}"#;
    let Told::Edit(news) = told(&format!("{{{base},{edit}}}")) else { panic!() };
    assert_eq!(news.news, News::Edit(Edit { at, id: "2".into(), text: "b".into() }));
    let revoke = r#""group_id":"g","type":"revoke","revoke":{"original_message_id":"m"}"#;
    let Told::Revoke(news) = told(&format!("{{{base},{revoke}}}")) else { panic!() };
    assert_eq!(news.news, News::Revoke(Revoked { at, by: Who::Member("+33600000001".into()) }));
    let Told::Echo(written) =
        echo(r#"{"from":"15550783881","to":"33600000001","id":"3","type":"text","text":{"body":"hi"}}"#, NOW).unwrap()
    else {
        panic!()
    };
    assert_eq!((written.sender.phone.as_deref(), written.content), (Some("+33600000001"), Content::Text("hi".into())));
    let taken_back = r#"{"from":"1","to":"33600000001","id":"4","type":"revoke","revoke":{"original_message_id":"3"}}"#;
    assert!(matches!(echo(taken_back, NOW).unwrap(), Told::Revoke(news) if news.target == "3"));
}

#[test]
fn a_new_number_is_told() {
    let raw = r#"{"from":"16505551234","id":"1","type":"system","system":{"body":"…","wa_id":"12195555358","type":"user_changed_number"}}"#;
    match message(raw, &[], NOW) {
        Ok(Told::NewNumber { notice, phone }) => {
            assert_eq!((notice.sender.phone.as_deref(), phone.as_str()), (Some("+16505551234"), "+12195555358"));
            assert!(!notice.opens_window);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn refusals_name_their_reason() {
    for (raw, code) in [
        ("3", "malformed"),
        ("[]", "malformed"),
        (r#"{"from":"1"}"#, "no_id"),
        (r#"{"id":"1","type":"text","text":{"body":"x"}}"#, "no_sender"),
        (r#"{"id":"1","from":{}}"#, "no_sender"),
        (&format!(r#"{{"id":"1","from":"33600000001","x":"{}"}}"#, "y".repeat(ELEMENT_BYTES_MAX)), "too_large"),
    ] {
        assert_eq!(message(raw, &[], NOW).unwrap_err().code, code, "{}", &raw[..raw.len().min(80)]);
    }
}

#[test]
fn times_come_in_every_unit_and_never_from_the_future() {
    let s = 1_763_799_990i64;
    for (told, expected) in [
        (serde_json::json!(s), Timestamp::from_secs(s)),
        (serde_json::json!(s.to_string()), Timestamp::from_secs(s)),
        (serde_json::json!(s * 1000 + 5), Timestamp(s * 1000 + 5)),
        (serde_json::json!((s * 1000).to_string()), Timestamp::from_secs(s)),
        (serde_json::json!(s * 1_000_000), Timestamp::from_secs(s)),
        (serde_json::json!(s as f64 + 0.5), Timestamp::from_secs(s)),
        (serde_json::json!(s + 86_400), NOW),
        (serde_json::json!("soon"), NOW),
        (serde_json::json!(-5), NOW),
        (serde_json::json!(u64::MAX), NOW),
        (serde_json::json!("NaN"), NOW),
        (serde_json::json!(null), NOW),
    ] {
        assert_eq!(timestamp(Some(&told), NOW), expected, "{told}");
    }
}

#[test]
fn half_a_surrogate_pair_costs_one_character() {
    let m =
        read(r#"{"from":"33600000001","id":"1","type":"text","text":{"body":"a\ud83d b\ude97 c\ud83d\ude97 \\ud83d"}}"#, "[]");
    assert_eq!(m.content, Content::Text("a\u{fffd} b\u{fffd} c🚗 \\ud83d".into()));
    let p = profiles(Some(r#"[{"profile":{"name":"Zo\u00e9 \ud83d"},"wa_id":"33600000001"}]"#));
    assert_eq!(p[0].name.as_deref(), Some("Zoé \u{fffd}"));
}

#[test]
fn statuses_in_every_word() {
    let told = |word: &str| {
        status(
            &format!(
                r#"{{"id":"wamid.X","status":"{word}","timestamp":"1763799990","biz_opaque_callback_data":"0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f",
                   "errors":[{{"code":131026,"title":"Undeliverable"}}],"conversation":{{"id":"c"}},"pricing":{{"billable":true}}}}"#
            ),
            NOW,
        )
        .unwrap()
    };
    for (word, progress) in
        [("sent", Progress::Sent), ("delivered", Progress::Delivered), ("read", Progress::Read), ("played", Progress::Read)]
    {
        match told(word) {
            Told::Status(s) => {
                assert_eq!((s.progress, s.external_id.as_str()), (progress, "wamid.X"));
                assert_eq!(s.callback.unwrap().to_string(), "0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f");
            }
            other => panic!("{other:?}"),
        }
    }
    match told("failed") {
        Told::Status(s) => match s.progress {
            Progress::Failed(f) => assert_eq!((f.code.as_str(), f.next_step), ("131026", "check_recipient")),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
    assert_eq!(told("in_orbit"), Told::Nothing("status_unknown"));
    assert_eq!(told("deleted"), Told::Nothing("status_deleted"));
}

proptest! {
    #[test]
    fn nothing_panics(raw in r#"\{("id":"a"|"from":"336|"timestamp":-?[0-9]{0,25}|"type":"text"|"text":\{"body":"(\\u[0-9a-f]{4}|é|\\){0,8}"\}|,){0,12}\}?"#) {
        let _ = message(&raw, &[], NOW);
        let _ = status(&raw, NOW);
        let _ = crate::channels::whatsapp::fields::account_error(&raw, NOW);
        for field in ["account_update", "user_preferences", "group_lifecycle_update", "smb_message_echoes"] {
            let _ = crate::channels::whatsapp::fields::read(field, &raw, NOW);
        }
        let _ = profiles(Some(&raw));
    }
    #[test]
    fn mending_never_panics(raw in "(\\\\|u|d83d|de00|é|🚗|\"){0,24}") {
        let _ = mend_surrogates(&raw);
    }
}
