use super::*;
use crate::{channels::templates::provider::CodeWords, conversations::TemplateVariable};
use proptest::prelude::*;
use std::path::Path;

fn fixtures(folder: &str) -> Vec<(String, Value)> {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/whatsapp/facebook__openapi-examples").join(folder);
    let mut all: Vec<(String, Value)> = std::fs::read_dir(at)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), json)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn draft(wording: Wording, category: Category) -> Draft {
    Draft { name: "a".into(), language: "en_US".into(), category, wording, code: CodeWords::default() }
}

#[test]
fn the_providers_list_is_read() {
    for (_, answer) in fixtures("message_templates-get-200") {
        let all: Vec<Listed> = answer["data"].as_array().unwrap().iter().filter_map(listed).collect();
        assert_eq!(all.len(), answer["data"].as_array().unwrap().len());
        let promo = all.iter().find(|t| t.name == "2023_april_promo").unwrap();
        assert_eq!(
            (promo.category, promo.status, promo.language.as_str()),
            (Category::Marketing, TemplateStatus::Approved, "en_US")
        );
        let gaps: Vec<(&str, Option<&str>)> =
            promo.wording.variables.iter().map(|v| (v.name.as_str(), v.example.as_deref())).collect();
        assert_eq!(gaps, [("1", Some("Mark")), ("2", Some("FALL25"))]);
        assert_eq!(promo.wording.buttons[0].kind, ButtonKind::QuickReply);
    }
}

/// What the provider's own examples ask for, we ask for, too: read as a template and written again they are the same.
#[test]
fn the_providers_examples_of_new_templates_are_written_as_they_stand() {
    let mut same = 0;
    for (name, asked) in fixtures("message_templates-post-request") {
        let category = Category::parse(asked["category"].as_str().unwrap());
        let (wording, unsupported) = wording_of(&asked["components"]);
        let has_form = wording.buttons.iter().any(|button| button.kind == ButtonKind::Flow);
        if category == Category::Authentication || unsupported.is_some() || has_form {
            continue;
        }
        assert_eq!(components(&draft(wording, category)), asked["components"], "{name}");
        same += 1;
    }
    assert_eq!(same, 4, "headers of each kind, pages with and without gaps, calls and answers");
}

#[test]
fn a_template_that_proves_who_somebody_is_asks_for_the_providers_words() {
    let button = TemplateButton { kind: ButtonKind::CopyCode, text: "Copy Code".into(), url: None, phone: None, example: None };
    let asked = Draft {
        code: CodeWords { warns: true, expires_minutes: Some(10) },
        ..draft(Wording { buttons: vec![button], ..Wording::default() }, Category::Authentication)
    };
    let example = fixtures("message_templates-post-request")
        .into_iter()
        .find(|(name, _)| name.contains("copy-code"))
        .map(|(_, asked)| asked["components"].clone());
    assert_eq!(Some(components(&asked)), example);
}

#[test]
fn what_we_can_not_fill_is_named() {
    let many = json!([{"type": "body", "text": "Hi"}, {"type": "BUTTONS", "buttons": [{"type": "MPM", "text": "Go"}]}]);
    let (wording, unsupported) = wording_of(&many);
    assert_eq!((wording.body.as_str(), unsupported.as_deref()), ("Hi", Some("MPM")));
    assert_eq!(wording_of(&json!([{"type": "CAROUSEL", "cards": []}])).1.as_deref(), Some("CAROUSEL"));
    for none in [json!({}), json!(null), json!({"name": "a", "language": "en"}), json!([1])] {
        assert_eq!(listed(&none), None, "{none}");
    }
}

#[test]
fn a_send_names_each_gap_where_it_is() {
    let gap = |component: &str, button: Option<u32>, name: &str, value: &str| TemplateVariable {
        component: component.into(),
        button,
        name: name.into(),
        value: value.into(),
    };
    let template = TemplateUse {
        name: "order".into(),
        language: "pt_BR".into(),
        category: None,
        // In the order of the text, which need not be the order of the numbers.
        variables: vec![
            gap("header", None, "1", "H"),
            gap("body", None, "2", "B2"),
            gap("body", None, "1", "B1"),
            gap("button", Some(1), "1", "path"),
            gap("button", Some(2), COUPON, "SALE"),
        ],
    };
    let text = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(
        send_object(&template, None, None),
        json!({"name": "order", "language": {"code": "pt_BR"}, "components": [
            {"type": "header", "parameters": [text("H")]},
            {"type": "body", "parameters": [text("B1"), text("B2")]},
            {"type": "button", "sub_type": "url", "index": "1", "parameters": [text("path")]},
            {"type": "button", "sub_type": "copy_code", "index": "2", "parameters": [{"type": "coupon_code", "coupon_code": "SALE"}]},
        ]})
    );
    let named = TemplateUse { variables: vec![gap("body", None, "first_name", "Rita")], ..template.clone() };
    let body = &send_object(&named, None, None)["components"][0];
    assert_eq!(body["parameters"], json!([{"type": "text", "text": "Rita", "parameter_name": "first_name"}]));
    let bare = TemplateUse { variables: Vec::new(), ..template };
    assert_eq!(send_object(&bare, None, None), json!({"name": "order", "language": {"code": "pt_BR"}}));
    let place = Place::at(38.7, -9.14).unwrap();
    let header = &send_object(&bare, None, Some(&place))["components"][0]["parameters"][0];
    assert_eq!(header, &json!({"type": "location", "location": {"latitude": "38.7", "longitude": "-9.14"}}));
}

fn words() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 .,!?áçéñ*_~-]{1,40}"
}

fn header() -> impl Strategy<Value = Option<Header>> {
    let of = |kind, text, handle| Header { kind, text, example_file: None, example_handle: handle };
    proptest::option::of(prop_oneof![
        (words(), any::<bool>()).prop_map(move |(text, gap)| {
            let text = if gap { format!("{text}{{{{1}}}} now") } else { text };
            of(HeaderKind::Text, Some(text), None)
        }),
        words().prop_map(move |handle| of(HeaderKind::Image, None, Some(handle))),
        words().prop_map(move |handle| of(HeaderKind::Video, None, Some(handle))),
        words().prop_map(move |handle| of(HeaderKind::Document, None, Some(handle))),
        Just(of(HeaderKind::Location, None, None)),
    ])
}

fn button() -> impl Strategy<Value = TemplateButton> {
    let of = |kind, text, url, phone, example| TemplateButton { kind, text, url, phone, example };
    prop_oneof![
        words().prop_map(move |text| of(ButtonKind::QuickReply, text, None, None, None)),
        words().prop_map(move |text| of(ButtonKind::Url, text, Some("https://example.com/a".into()), None, None)),
        (words(), "[a-z0-9]{1,9}").prop_map(move |(text, said)| {
            of(ButtonKind::Url, text, Some("https://example.com/{{1}}".into()), None, Some(said))
        }),
        (words(), "[0-9]{5,15}").prop_map(move |(text, phone)| of(ButtonKind::Phone, text, None, Some(phone), None)),
        (words(), "[A-Z0-9]{1,15}").prop_map(move |(text, code)| of(ButtonKind::CopyCode, text, None, None, Some(code))),
    ]
}

prop_compose! {
    fn any_wording()(
        header in header(),
        pieces in proptest::collection::vec(words(), 1..5),
        footer in proptest::option::of(words()),
        buttons in proptest::collection::vec(button(), 0..6),
        is_named in any::<bool>(),
        said in words(),
    ) -> Wording {
        let gap = |n: usize| if is_named { format!("{{{{gap_{n}}}}}") } else { format!("{{{{{n}}}}}") };
        let body = pieces.iter().enumerate().fold(String::new(), |body, (n, piece)| match n {
            0 => piece.clone(),
            n => format!("{body}{}{piece}", gap(n)),
        });
        let mut header = header;
        if is_named && let Some(text) = header.as_mut().and_then(|header| header.text.as_mut()) {
            *text = text.replace("{{1}}", "{{head}}");
        }
        let line = header.as_ref().and_then(|header| header.text.clone());
        let example = |spot: Spot, _: Option<u32>, name: &str| (spot != Spot::Button).then(|| format!("{said}{name}"));
        let variables = wording::variables(line.as_deref(), &body, &buttons, example);
        Wording { header, body, footer, buttons, variables }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(wording in any_wording()) {
        let asked = components(&draft(wording.clone(), Category::Utility));
        let (read, unsupported) = wording_of(&asked);
        prop_assert_eq!(unsupported, None);
        prop_assert_eq!(read, wording);
    }
}
