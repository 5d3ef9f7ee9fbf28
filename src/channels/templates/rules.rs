//! What the provider refuses in a template, said before it is asked: by field, with the limit. Pure.
//!
//! The limits are Meta's for message templates. Judgements of taste (too many gaps for so few words, a category that does
//! not fit) stay the provider's, whose words are shown.

use super::{
    model::{ButtonKind, Category, HeaderKind, Spot, TemplateButton, Wording},
    provider::Draft,
    wording::{self, gaps, is_number},
};
use crate::base::{Check, Result};

/// Longest name.
pub const NAME_MAX: usize = 512;
/// Longest body, in characters.
pub const BODY_MAX: usize = 1_024;
/// Longest header line and footer, in characters.
pub const LINE_MAX: usize = 60;
/// Buttons in all.
pub const BUTTONS_MAX: usize = 10;
/// Buttons that open a page, call a number, copy a code.
const KIND_MAX: [(ButtonKind, usize, &str); 3] =
    [(ButtonKind::Url, 2, "open a page"), (ButtonKind::Phone, 1, "call a number"), (ButtonKind::CopyCode, 1, "copy a code")];
/// Longest words on a button.
const BUTTON_TEXT_MAX: usize = 25;
/// Longest address of a page.
const URL_MAX: usize = 2_000;
/// Longest phone number.
const PHONE_MAX: usize = 20;
/// Longest code.
pub const CODE_MAX: usize = 20;
/// Longest example, and longest value of a gap in a page's address.
pub const VALUE_MAX: usize = 1_024;

/// Checks a draft whole.
///
/// # Errors
/// `Invalid`, field by field.
pub fn check(draft: &Draft) -> Result<()> {
    let mut check = Check::new();
    check_name(&mut check, &draft.name, &draft.language);
    match draft.category {
        Category::Authentication => check_code(&mut check, draft),
        Category::Marketing | Category::Utility => {
            check_words(&mut check, &draft.wording);
            check_gaps(&mut check, &draft.wording);
            check_buttons(&mut check, &draft.wording);
        }
    }
    check.done()
}

fn check_name(check: &mut Check, name: &str, language: &str) {
    let is_word = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    check.that(!name.is_empty(), "name", "required", "give a name");
    check.that(is_word, "name", "format", "use small letters a to z, digits and underscores only");
    check.that(name.len() <= NAME_MAX, "name", "too_long", "give at most 512 characters");
    let (first, second) = language.split_once('_').map_or((language, None), |(first, second)| (first, Some(second)));
    let is_language = (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && second.is_none_or(|second| (2..=4).contains(&second.len()) && second.bytes().all(|b| b.is_ascii_alphanumeric()));
    check.that(is_language, "language", "format", "give a language as the provider writes it: pt_BR, fr, en_US");
}

/// The provider writes the words of these; one may choose the button's.
fn check_code(check: &mut Check, draft: &Draft) {
    let is_bare = draft.wording.header.is_none() && draft.wording.footer.is_none();
    check.that(is_bare, "header", "forbidden", "the provider writes the words of a template with a code");
    let fits = matches!(draft.wording.buttons.as_slice(), [only] if only.kind == ButtonKind::CopyCode);
    check.that(fits, "buttons", "format", "give one button of kind COPY_CODE");
    let minutes = draft.code.expires_minutes.is_none_or(|minutes| (1..=90).contains(&minutes));
    check.that(minutes, "code.expiresMinutes", "out_of_range", "give 1 to 90 minutes");
    for button in &draft.wording.buttons {
        check.that(button.text.chars().count() <= BUTTON_TEXT_MAX, "buttons.0.text", "too_long", "give at most 25 characters");
    }
}

fn check_words(check: &mut Check, wording: &Wording) {
    check.length("body", &wording.body, 1, BODY_MAX);
    if let Some(footer) = &wording.footer {
        check.length("footer", footer, 1, LINE_MAX);
        check.that(gaps(footer).is_empty(), "footer", "format", "a footer has no gaps");
    }
    let Some(header) = &wording.header else { return };
    match header.kind {
        HeaderKind::Text => {
            let text = header.text.as_deref().unwrap_or_default();
            check.length("header.text", text, 1, LINE_MAX);
            check.that(gaps(text).len() <= 1, "header.text", "format", "a header has one gap at most");
            let is_plain = !text.contains(['\n', '\r', '*', '~', '`']);
            check.that(is_plain, "header.text", "format", "a header has no line breaks and no formatting");
        }
        HeaderKind::Image | HeaderKind::Video | HeaderKind::Document => {
            let has_example = header.example_file.is_some() || header.example_handle.is_some();
            check.that(has_example, "header.mediaId", "required", "hand in a file that shows what the header will hold");
        }
        HeaderKind::Location => {}
    }
}

fn check_gaps(check: &mut Check, wording: &Wording) {
    let line = wording.header.as_ref().and_then(|header| header.text.as_deref()).unwrap_or_default();
    let named = wording::is_named(wording);
    for (field, text) in [("header.text", line), ("body", wording.body.as_str())] {
        let names: Vec<&str> = gaps(text).iter().map(|gap| gap.name).collect();
        let is_name = |name: &&str| {
            name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        if named {
            check.that(
                names.iter().all(is_name),
                field,
                "format",
                "name every gap with small letters, digits and underscores, or number every gap",
            );
        } else {
            let mut numbers: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
            numbers.sort_unstable();
            numbers.dedup();
            check.that(numbers == (1..).take(numbers.len()).collect::<Vec<_>>(), field, "format", "number the gaps 1, 2, 3 …");
        }
        let braces = text.matches("{{").count() == names.len() && text.matches("}}").count() == names.len();
        check.that(braces, field, "format", "a gap stands between two braces: {{1}}");
    }
    let body = wording.body.trim();
    let all = gaps(body);
    let at_edge = all.first().is_some_and(|gap| gap.at.start == 0) || all.last().is_some_and(|gap| gap.at.end == body.len());
    check.that(!at_edge, "body", "format", "words must stand before the first gap and behind the last");
    let touching = all.windows(2).any(|two| body[two[0].at.end..two[1].at.start].trim().is_empty());
    check.that(!touching, "body", "format", "words must stand between two gaps");
    for variable in &wording.variables {
        let field = format!("variables.{}", wording::key(variable));
        let example = variable.example.as_deref().unwrap_or_default().trim();
        check.that(!example.is_empty(), field.clone(), "required", "give an example of what stands here");
        check.that(example.chars().count() <= VALUE_MAX, field, "too_long", "give at most 1024 characters");
    }
}

fn check_buttons(check: &mut Check, wording: &Wording) {
    let buttons = &wording.buttons;
    check.that(buttons.len() <= BUTTONS_MAX, "buttons", "too_long", "give at most 10 buttons");
    for (kind, most, what) in KIND_MAX {
        let n = buttons.iter().filter(|button| button.kind == kind).count();
        check.that(n <= most, "buttons", "too_long", format!("at most {most} of the buttons may {what}"));
    }
    // The provider wants answers side by side, before or behind the rest.
    let turns = buttons.windows(2).filter(|two| is_answer(&two[0]) != is_answer(&two[1])).count();
    check.that(turns <= 1, "buttons", "format", "put the answers together, before or behind the other buttons");
    for (n, button) in buttons.iter().enumerate() {
        let at = |part: &str| format!("buttons.{n}.{part}");
        let chars = button.text.trim().chars().count();
        check.that(chars > 0, at("text"), "required", "give the button's words");
        check.that(chars <= BUTTON_TEXT_MAX, at("text"), "too_long", "give at most 25 characters");
        check.that(gaps(&button.text).is_empty(), at("text"), "format", "a button's words have no gaps");
        match button.kind {
            ButtonKind::QuickReply => {}
            ButtonKind::Flow | ButtonKind::Catalog => {
                let detail = "a template with a form or the catalogue is made at the provider: change it there";
                check.that(false, at("kind"), "not_allowed", detail);
            }
            ButtonKind::Url => check_url(check, n, button.url.as_deref().unwrap_or_default()),
            ButtonKind::Phone => {
                let phone = button.phone.as_deref().unwrap_or_default();
                let digits = phone.trim_start_matches('+');
                let is_phone = digits.len() >= 5 && phone.len() <= PHONE_MAX && digits.bytes().all(|b| b.is_ascii_digit());
                check.that(is_phone, at("phone"), "format", "give a number with country code, at most 20 digits");
            }
            ButtonKind::CopyCode => {
                let gap = wording.variables.iter().find(|v| v.spot == Spot::Button && v.button == u32::try_from(n).ok());
                let code = gap.and_then(|gap| gap.example.as_deref()).or(button.example.as_deref()).unwrap_or_default();
                check.that(code.chars().count() <= CODE_MAX, at("example"), "too_long", "give a code of at most 20 characters");
            }
        }
    }
}

fn is_answer(button: &TemplateButton) -> bool {
    button.kind == ButtonKind::QuickReply
}

fn check_url(check: &mut Check, n: usize, url: &str) {
    let field = || format!("buttons.{n}.url");
    let is_page = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    check.that(is_page, field(), "format", "give the whole address of a page: https://…");
    check.that(url.chars().count() <= URL_MAX, field(), "too_long", "give at most 2000 characters");
    let all = gaps(url);
    let at_end = match all.as_slice() {
        [] => true,
        [only] => only.at.end == url.len() && is_number(only.name),
        _ => false,
    };
    check.that(at_end, field(), "format", "an address has one gap at most, {{1}}, at its end");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Error,
        channels::templates::{model::Header, provider::CodeWords},
    };

    fn header(kind: HeaderKind, text: Option<&str>) -> Option<Header> {
        Some(Header { kind, text: text.map(str::to_owned), example_file: None, example_handle: None })
    }

    fn draft(name: &str, head: Option<Header>, body: &str, footer: Option<&str>, buttons: Vec<TemplateButton>) -> Draft {
        let line = head.as_ref().and_then(|header| header.text.clone());
        let variables = wording::variables(line.as_deref(), body, &buttons, |_, _, _| Some("an example".into()));
        let wording = Wording { header: head, body: body.into(), footer: footer.map(str::to_owned), buttons, variables };
        Draft { name: name.into(), language: "pt_BR".into(), category: Category::Utility, wording, code: CodeWords::default() }
    }

    fn fields(draft: &Draft) -> Vec<String> {
        match check(draft) {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(fields)) => fields.iter().map(|f| format!("{} {}", f.field, f.code)).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    fn button(kind: ButtonKind, text: &str, url: Option<&str>, phone: Option<&str>) -> TemplateButton {
        TemplateButton { kind, text: text.into(), url: url.map(str::to_owned), phone: phone.map(str::to_owned), example: None }
    }

    #[test]
    fn each_rule_names_its_field() {
        let long = "a".repeat(61);
        let very_long = "a".repeat(1025);
        let plain = |body: &str| draft("a", None, body, None, vec![]);
        let with = |buttons| draft("a", None, "Hi", None, buttons);
        let answer = || button(ButtonKind::QuickReply, "Yes", None, None);
        let page = |url: &str| button(ButtonKind::Url, "Go", Some(url), None);
        let call = |phone: &str| button(ButtonKind::Phone, "Call", None, Some(phone));
        let text = |text: &str| header(HeaderKind::Text, Some(text));
        let rows: Vec<(Draft, &[&str])> = vec![
            (plain("Hi {{1}}, welcome to {{2}}."), &[]),
            (plain("Hi {{first_name}}, welcome."), &[]),
            (draft("Not_Small", None, "Hi", None, vec![]), &["name format"]),
            (draft("", None, "Hi", None, vec![]), &["name required"]),
            (plain(""), &["body required"]),
            (plain(&very_long), &["body too_long"]),
            (plain("{{1}} is here."), &["body format"]),
            (plain("You are {{1}}"), &["body format"]),
            (plain("Hi {{1}} {{2}} there"), &["body format"]),
            (plain("Hi {{1}} and {{3}} there"), &["body format"]),
            (plain("Hi {{1}} and {{name}} there"), &["body format"]),
            (plain("Hi {{Name}} there"), &["body format"]),
            (plain("Hi {{1} there"), &["body format"]),
            (draft("a", None, "Hi", Some(&long), vec![]), &["footer too_long"]),
            (draft("a", None, "Hi", Some("Bye {{1}}."), vec![]), &["footer format"]),
            (draft("a", text("Order {{1}} now"), "Hi", None, vec![]), &[]),
            (draft("a", text(&long), "Hi", None, vec![]), &["header.text too_long"]),
            (draft("a", text("{{1}} and {{2}}"), "Hi", None, vec![]), &["header.text format"]),
            (draft("a", text("two\nlines"), "Hi", None, vec![]), &["header.text format"]),
            (draft("a", header(HeaderKind::Image, None), "Hi", None, vec![]), &["header.mediaId required"]),
            (draft("a", header(HeaderKind::Location, None), "Hi", None, vec![]), &[]),
            (with(vec![answer(), answer(), page("https://example.com/{{1}}"), call("+351900000001")]), &[]),
            (with((0..11).map(|_| answer()).collect()), &["buttons too_long"]),
            (with((0..3).map(|_| page("https://example.com")).collect()), &["buttons too_long"]),
            (with(vec![call("+351900000001"), call("+351900000002")]), &["buttons too_long"]),
            (with(vec![answer(), page("https://example.com"), answer()]), &["buttons format"]),
            (with(vec![page("example.com")]), &["buttons.0.url format"]),
            (with(vec![page("https://example.com/{{1}}/b")]), &["buttons.0.url format"]),
            (with(vec![call("call me")]), &["buttons.0.phone format"]),
            (with(vec![button(ButtonKind::QuickReply, &"a".repeat(26), None, None)]), &["buttons.0.text too_long"]),
        ];
        for (draft, expected) in rows {
            assert_eq!(fields(&draft), *expected, "{:?}", draft.wording);
        }
    }

    #[test]
    fn a_gap_needs_an_example() {
        let mut asked = draft("a", None, "Hi {{1}}, welcome.", None, vec![]);
        asked.wording.variables[0].example = None;
        assert_eq!(fields(&asked), ["variables.1 required"]);
    }

    #[test]
    fn the_words_of_a_code_are_the_providers() {
        let code = button(ButtonKind::CopyCode, "Copy", None, None);
        let of = |buttons| Draft { category: Category::Authentication, ..draft("a", None, "", None, buttons) };
        assert!(fields(&of(vec![code.clone()])).is_empty());
        assert_eq!(fields(&of(vec![])), ["buttons format"]);
        let late = Draft { code: CodeWords { warns: true, expires_minutes: Some(91) }, ..of(vec![code]) };
        assert_eq!(fields(&late), ["code.expiresMinutes out_of_range"]);
    }
}
