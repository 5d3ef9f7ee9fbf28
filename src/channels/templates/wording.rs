//! Where a template's gaps are, and how it reads once they are filled. Pure.
//!
//! A gap stands between two braces: `{{1}}`, `{{2}}` or, in templates with named gaps, `{{first_name}}`. One number may
//! stand in the header, the words and a button at once and mean three things, so whoever fills gaps names them by a
//! *key*: the name itself for the words and for named gaps, `header.1` for the header, `button.0` for a button.

use super::model::{ButtonKind, HeaderKind, Spot, TemplateButton, Variable, Wording};
use std::{collections::BTreeMap, ops::Range};

/// Name of the gap that a button which copies a code is.
pub const COUPON: &str = "coupon_code";

/// Names of what a button may be given besides gaps: what a press on an answer says …
pub const PAYLOAD: &str = "payload";
/// … what a form is opened with, and …
pub const FLOW: &str = "flow";
/// … the product whose picture stands for the catalogue.
pub const CATALOG: &str = "catalog";

/// As what a button takes a value that it can do without; `None`: it has none.
pub fn extra_of(kind: ButtonKind) -> Option<&'static str> {
    match kind {
        ButtonKind::QuickReply => Some(PAYLOAD),
        ButtonKind::Flow => Some(FLOW),
        ButtonKind::Catalog => Some(CATALOG),
        ButtonKind::Url | ButtonKind::Phone | ButtonKind::CopyCode => None,
    }
}

/// A gap in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap<'a> {
    /// What stands between the braces.
    pub name: &'a str,
    /// Where it is, braces included, in bytes.
    pub at: Range<usize>,
}

/// The gaps of a text, in order.
pub fn gaps(text: &str) -> Vec<Gap<'_>> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(start) = text[from..].find("{{").map(|at| from + at) {
        let Some(end) = text[start + 2..].find("}}").map(|at| start + 2 + at) else { break };
        found.push(Gap { name: text[start + 2..end].trim(), at: start..end + 2 });
        from = end + 2;
    }
    found
}

/// Is this a gap's number?
pub fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
}

/// Has it named gaps?
pub fn is_named(wording: &Wording) -> bool {
    wording.variables.iter().any(|v| v.spot != Spot::Button && !is_number(&v.name))
}

/// The gaps of a template in the order in which one reads, each once in its place. `example` knows what is said about one.
pub fn variables(
    header: Option<&str>,
    body: &str,
    buttons: &[TemplateButton],
    example: impl Fn(Spot, Option<u32>, &str) -> Option<String>,
) -> Vec<Variable> {
    let mut all: Vec<Variable> = Vec::new();
    let mut add = |spot, button, name: &str, example: Option<String>| {
        let known = all.iter().any(|v| v.spot == spot && v.button == button && v.name == name);
        if !known {
            all.push(Variable { spot, button, name: name.to_owned(), example });
        }
    };
    for gap in header.map(gaps).unwrap_or_default() {
        add(Spot::Header, None, gap.name, example(Spot::Header, None, gap.name));
    }
    for gap in gaps(body) {
        add(Spot::Body, None, gap.name, example(Spot::Body, None, gap.name));
    }
    for (n, button) in (0..).zip(buttons) {
        let said = |name: &str| example(Spot::Button, Some(n), name).or_else(|| button.example.clone());
        match button.kind {
            ButtonKind::CopyCode => add(Spot::Button, Some(n), COUPON, said(COUPON)),
            ButtonKind::Url => {
                for gap in button.url.as_deref().map(gaps).unwrap_or_default() {
                    add(Spot::Button, Some(n), gap.name, said(gap.name));
                }
            }
            ButtonKind::QuickReply | ButtonKind::Phone | ButtonKind::Flow | ButtonKind::Catalog => {}
        }
    }
    all
}

/// By what a gap is named when it is filled; no two gaps of one template that mean different things share one.
pub fn key(variable: &Variable) -> String {
    match (variable.spot, variable.button) {
        (Spot::Button, button) => format!("button.{}", button.unwrap_or_default()),
        (Spot::Header, _) if is_number(&variable.name) => format!("header.{}", variable.name),
        _ => variable.name.clone(),
    }
}

/// What gaps are filled with, by key.
pub type Values = BTreeMap<String, String>;

/// What `variable` is filled with. A gap whose bare name no other gap has may go by that, too.
pub fn value_of<'v>(variable: &Variable, all: &[Variable], values: &'v Values) -> Option<&'v str> {
    let value = values.get(&key(variable)).or_else(|| {
        let is_alone = all.iter().filter(|v| v.name == variable.name).count() == 1;
        values.get(&variable.name).filter(|_| is_alone)
    });
    value.map(String::as_str).filter(|value| !value.is_empty())
}

/// A template as its reader sees it. A gap that nothing fills stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The header's line.
    pub header: Option<String>,
    /// The words.
    pub body: String,
    /// The small words.
    pub footer: Option<String>,
    /// Its buttons; a page's gap is filled, and a code's example is the code.
    pub buttons: Vec<TemplateButton>,
}

impl Filled {
    /// All its words, as a thread and the search show them.
    pub fn text(&self) -> String {
        let parts = [self.header.as_deref(), Some(self.body.as_str()), self.footer.as_deref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
    }
}

/// Fills the gaps of a template.
pub fn fill(wording: &Wording, values: &Values) -> Filled {
    let within = |spot: Spot, button: Option<u32>, text: &str| {
        let (mut out, mut from) = (String::with_capacity(text.len() + 64), 0);
        for gap in gaps(text) {
            let named = |v: &&Variable| v.spot == spot && v.button == button && v.name == gap.name;
            let value = wording.variables.iter().find(named).and_then(|v| value_of(v, &wording.variables, values));
            out.push_str(&text[from..gap.at.start]);
            out.push_str(value.unwrap_or(&text[gap.at.clone()]));
            from = gap.at.end;
        }
        out.push_str(&text[from..]);
        out
    };
    let buttons = (0..).zip(&wording.buttons).map(|(n, button)| {
        let mut button = button.clone();
        button.url = button.url.map(|url| within(Spot::Button, Some(n), &url));
        if button.kind == ButtonKind::CopyCode {
            let gap = wording.variables.iter().find(|v| v.spot == Spot::Button && v.button == Some(n));
            button.example = gap.and_then(|v| value_of(v, &wording.variables, values)).map(str::to_owned).or(button.example);
        }
        button
    });
    let line = wording.header.as_ref().filter(|header| header.kind == HeaderKind::Text).and_then(|header| header.text.as_deref());
    Filled {
        header: line.map(|line| within(Spot::Header, None, line)),
        body: within(Spot::Body, None, &wording.body),
        footer: wording.footer.clone(),
        buttons: buttons.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::templates::model::Header;

    fn button(kind: ButtonKind, url: Option<&str>) -> TemplateButton {
        TemplateButton { kind, text: "Go".into(), url: url.map(str::to_owned), phone: None, example: None }
    }

    fn wording(header: Option<&str>, body: &str, buttons: Vec<TemplateButton>) -> Wording {
        let variables = variables(header, body, &buttons, |_, _, _| None);
        let head =
            |text: &str| Header { kind: HeaderKind::Text, text: Some(text.into()), example_file: None, example_handle: None };
        Wording { header: header.map(head), body: body.into(), footer: Some("Bye".into()), buttons, variables }
    }

    #[test]
    fn gaps_are_found_where_they_are() {
        let names = |text| gaps(text).iter().map(|gap| gap.name.to_owned()).collect::<Vec<_>>();
        let rows: &[(&str, &[&str])] = &[
            ("", &[]),
            ("no gap { } {1}", &[]),
            ("Hi {{1}}, {{ 2 }}!", &["1", "2"]),
            ("{{first_name}}", &["first_name"]),
            ("open {{1", &[]),
            ("é{{1}}é{{1}}", &["1", "1"]),
            ("{{}}", &[""]),
        ];
        for (text, expected) in rows {
            assert_eq!(names(text), *expected, "{text}");
        }
    }

    #[test]
    fn one_number_in_three_places_means_three_things() {
        let template = wording(
            Some("Order {{1}}"),
            "Hi {{1}}, {{2}}. {{1}} again",
            vec![
                button(ButtonKind::QuickReply, None),
                button(ButtonKind::Url, Some("https://example.com/{{1}}")),
                button(ButtonKind::CopyCode, None),
            ],
        );
        let keys: Vec<String> = template.variables.iter().map(key).collect();
        assert_eq!(keys, ["header.1", "1", "2", "button.1", "button.2"]);
        let values = [("header.1", "A"), ("1", "B"), ("2", "C"), ("button.1", "D"), ("button.2", "E")];
        let filled = fill(&template, &values.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
        assert_eq!(filled.text(), "Order A\n\nHi B, C. B again\n\nBye");
        assert_eq!(filled.buttons[1].url.as_deref(), Some("https://example.com/D"));
        assert_eq!(filled.buttons[2].example.as_deref(), Some("E"));
        // Bare names speak only where one gap alone has them.
        let bare: Values = [("1".to_owned(), "x".to_owned())].into();
        assert_eq!(fill(&template, &bare).header.as_deref(), Some("Order {{1}}"));
        let alone = wording(Some("Order {{1}}"), "Hi", Vec::new());
        assert_eq!(fill(&alone, &bare).header.as_deref(), Some("Order x"));
    }

    #[test]
    fn what_nothing_fills_stays() {
        let template = wording(None, "Hi {{first_name}}", Vec::new());
        assert!(is_named(&template));
        assert_eq!(fill(&template, &Values::new()).body, "Hi {{first_name}}");
        // Filled with what looks like a gap, it is not filled again.
        let values: Values = [("first_name".to_owned(), "{{first_name}}".to_owned())].into();
        assert_eq!(fill(&template, &values).body, "Hi {{first_name}}");
    }
}
