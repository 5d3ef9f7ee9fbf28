//! Whatever code the server may say to a person, the web app has words for it. Codes are read from the sources, so that
//! a new one can't be forgotten; the four catalogues hold the same ids by a test of their own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// What is written where a code is given: the call, which of its arguments is the code (from 0), and under which ids
/// of the catalogue its words stand, one of which is enough.
const SAYINGS: &[(&str, usize, &[&str])] = &[
    ("Error::conflict(", 0, &["error", "workReason"]),
    ("Error::conflict_at(", 1, &["error", "field"]),
    ("Error::Unauthenticated(", 0, &["error"]),
    ("Error::NoRoom(", 0, &["error"]),
    ("Error::invalid(", 1, &["field"]),
    (".that(", 2, &["field"]),
    ("Unreadable::new(", 0, &["workReason"]),
    ("dead(", 0, &["workReason"]),
    ("self.hold(", 0, &["workReason"]),
    ("CheckItem::good(", 0, &["check"]),
    ("CheckItem::bad(", 0, &["check"]),
    ("Permission(", 0, &["permission"]),
];
/// The same for records written out field by field.
const FIELDS: &[(&str, &str, &[&str])] = &[
    ("FieldError {", "code", &["field", "system.warning"]),
    ("NewDeadLetter {", "code", &["workReason"]),
    ("MessageError {", "code", &["failure"]),
    ("MessageError {", "next_step", &["failureNext"]),
    ("Outcome::Hold {", "code", &["workReason"]),
    ("CheckItem {", "code", &["check"]),
    ("Warning {", "code", &["system.warning"]),
];

/// Codes that no screen ever gets to tell, and who gets them instead.
const UNTOLD: &[(&str, &str)] = &[
    ("already_logging", "a program that starts its log twice"),
    ("bad_signature", "a provider whose call is not signed"),
    ("damaged", "the command line"),
    ("exists", "the command line"),
    ("insecure", "the start of the program"),
    ("metrics_token_required", "a collector of figures"),
    ("newer", "the command line"),
    ("not_empty", "the command line"),
    ("out_of_turn", "the follower, which waits for its turn"),
    ("token_reused", "the tab, which signs out"),
    ("unavailable", "the start of the program"),
];

#[test]
fn every_code_has_words() {
    let words = catalogue();
    let mut missing = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (name, text) in sources() {
        for (code, families) in codes(&text) {
            seen.insert(code.clone());
            let told = families.iter().any(|family| words.contains(&format!("{family}.{code}")));
            if !told && !UNTOLD.iter().any(|(untold, _)| *untold == code) {
                missing.insert(format!("{}.{code} ({name})", families[0]));
            }
        }
    }
    assert!(missing.is_empty(), "no words in assets/i18n for:\n{}", missing.into_iter().collect::<Vec<_>>().join("\n"));
    let idle: Vec<_> = UNTOLD.iter().filter(|(code, _)| !seen.contains(*code)).collect();
    assert!(idle.is_empty(), "no longer said by anybody: {idle:?}");
}

#[test]
fn every_setting_and_every_piece_of_work_has_words() {
    let words = catalogue();
    let mut missing = BTreeSet::new();
    let mut want = |id: String| {
        if !words.contains(&id) {
            missing.insert(id);
        }
    };
    for setting in farol::app::registry().iter() {
        want(format!("setting.{}", setting.name()));
        for part in setting.default_json().as_object().into_iter().flat_map(|parts| parts.keys()) {
            want(format!("setting.part.{part}"));
        }
    }
    // Their names are the values of constants, told apart by what they are handed to.
    let all = sources();
    let value_of = |name: &str| {
        let name = name.rsplit("::").next().unwrap_or(name);
        let line = format!("const {name}: &str = \"");
        all.iter().find_map(|(_, text)| Some(text.split_once(&line)?.1.split('"').next()?.to_owned()))
    };
    let after = |text: &str, mark: &str| -> Vec<String> {
        let word = |rest: &str| {
            rest.trim_start().split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').next().map(str::to_owned)
        };
        text.split(mark).skip(1).filter_map(word).collect()
    };
    let mut found = 0;
    for (name, text) in &all {
        let hands = after(text, "fn kind(&self) -> &'static str {").into_iter().map(|one| ("deliveryKind", one));
        let timers = after(text, "timers.on(").into_iter().map(|one| ("timerKind", one));
        let jobs = text
            .split("impl JobKind for ")
            .skip(1)
            .flat_map(|rest| after(rest, "fn name(&self) -> &'static str {").into_iter().take(1));
        for (family, constant) in hands.chain(timers).chain(jobs.map(|one| ("jobKind", one))) {
            if name.contains("tests") || constant.is_empty() {
                continue;
            }
            // Names that a room gives another name to on the way out.
            let known = match constant.as_str() {
                "TEMPLATES_SYNC" | "channels::TEMPLATES_SYNC" => Some("templates.sync".to_owned()),
                other => value_of(other),
            };
            let Some(value) = known else { panic!("{name}: what is {constant}?") };
            found += 1;
            want(format!("{family}.{value}"));
        }
    }
    assert!(found >= 16, "only {found} found");
    assert!(missing.is_empty(), "no words in assets/i18n for {missing:#?}");
}

#[test]
fn codes_are_found_however_they_are_written() {
    let text = r#"
        const GONE: &str = "gone_for_good";
        fn f() {
            Error::conflict("plain", format!("a (b), {c}"));
            Error::conflict(GONE, "x");
            Error::conflict_at(name, if odd { "odd" } else { "even" }, "x");
            check.that(list.iter().all(|one| one != "x, y"), "name", "out_of_range", "say \"less\"");
            Warning { code: "slow", detail: g(1, 2) };
            Error::conflict(code, "from elsewhere");
        }
#[cfg(test)]
mod tests { fn t() { Error::conflict("only_tested", ""); } }
    "#;
    let found: Vec<String> = codes(text).into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, ["plain", "gone_for_good", "odd", "even", "out_of_range", "slow"]);
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Ids of the English catalogue.
fn catalogue() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("assets/i18n/en.po")).unwrap();
    text.lines().filter_map(|line| line.strip_prefix("msgid \"")?.strip_suffix('"')).map(str::to_owned).collect()
}

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            // A stand-in for a provider speaks to us, and the command line in words of its own.
            if name == "tests" || name.ends_with("_tests") || name == "simulator" || name == "cli" {
                continue;
            }
            if path.is_dir() { walk(&path, into) } else { into.push(path) }
        }
    }
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    files.sort();
    let name = |path: &Path| path.strip_prefix(root()).unwrap().display().to_string();
    let rust = files.iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    rust.map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// Every code that a source gives, with the families its words may belong to, in the order of the text.
fn codes(text: &str) -> Vec<(String, &'static [&'static str])> {
    let text = &text[..text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len())];
    let constants = constants(text);
    let mut found = Vec::new();
    let mut add = |at: usize, value: &str, families| {
        let literals = literals(value);
        let named = constants.get(value.trim()).map(|code| vec![code.clone()]);
        for code in if literals.is_empty() { named.unwrap_or_default() } else { literals } {
            if is_code(&code) {
                found.push((at, code, families));
            }
        }
    };
    for (call, place, families) in SAYINGS {
        for (at, _) in text.match_indices(call).filter(|(at, _)| begins_a_word(text, *at)) {
            if let Some(argument) = parts(&text[at + call.len()..]).get(*place) {
                add(at, argument, *families);
            }
        }
    }
    for (record, field, families) in FIELDS {
        for (at, _) in text.match_indices(record).filter(|(at, _)| begins_a_word(text, *at)) {
            for part in parts(&text[at + record.len()..]) {
                if let Some(value) = part.trim().strip_prefix(field).and_then(|rest| rest.strip_prefix(':')) {
                    add(at, value, *families);
                }
            }
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    found.into_iter().map(|(_, code, families)| (code, families)).collect()
}

fn constants(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once("const ")?.1.split_once(": &str = \""));
    lines.map(|(name, rest)| (name.to_owned(), rest.split('"').next().unwrap_or_default().to_owned())).collect()
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.'))
}

/// `dead(` is meant, `bury_dead(` and `fn dead(` are not.
fn begins_a_word(text: &str, at: usize) -> bool {
    let before = &text[..at];
    text[at..].starts_with('.') || (!before.ends_with("fn ") && !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// What stands between the commas of a call or a record, up to its end.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth, mut quoted) = (Vec::new(), String::new(), 0, false);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' if quoted => {
                part.push(c);
                part.extend(characters.next());
                continue;
            }
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted && depth == 0 => break,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts
}

/// The texts in quotes of an expression.
fn literals(expression: &str) -> Vec<String> {
    expression.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}
