//! Reads the sources and holds the order of the house: who may name whom, and who alone may do what.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::{Path, PathBuf},
};

/// From the ground up. A room may name itself and those before it, never those after.
const LAYERS: &[&str] = &[
    "base",
    "platform",
    "settings",
    "identity",
    "notifications",
    "contacts",
    "conversations",
    "routing",
    "channels",
    "calls",
    "campaigns",
    "dispatch",
    "billing",
    "automation",
    "analytics",
    "compliance",
    "desk",
];
/// Doors and the list of what runs. They may name everything; nothing above may name them.
const TOP: &[&str] = &["config", "simulator", "app", "cli"];
/// These two are made to be named part by part; every other room speaks through its `mod.rs`.
const OPEN_ROOMS: &[&str] = &["base", "platform"];
/// Who alone may name a library: the rest of the house would have to change with it.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("redb", &["src/platform/store/"]),
    ("bincode", &["src/platform/store/codec.rs"]),
    ("tantivy", &["src/platform/search"]),
    ("getrandom", &["src/base/chance.rs"]),
    ("SystemTime", &["src/base/time.rs"]),
    ("reqwest", &["src/platform/", "src/simulator/", "src/cli/"]),
];
/// More traits than this, declared in a room and implemented in a higher one, mean that the order is wrong.
const UPWARD_TRAITS_MAX: usize = 5;

#[test]
fn a_room_names_only_those_before_it() {
    let mut wrong = String::new();
    for file in sources() {
        for path in file.paths() {
            let Some(room) = path.first() else { continue };
            if !may_name(&file.room, room) {
                let _ = writeln!(wrong, "{}: {} may not name crate::{}", file.name, file.room, path.join("::"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_room_has_its_place() {
    for room in sources().iter().map(|f| f.room.clone()).collect::<BTreeSet<_>>() {
        let known = LAYERS.contains(&room.as_str()) || TOP.contains(&room.as_str()) || ROOTS.contains(&room.as_str());
        assert!(known, "src/{room} stands in no layer: add it to LAYERS in tests/architecture.rs, where it belongs");
    }
    let map = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let named: Vec<&str> = map.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let order: Vec<&str> = LAYERS.iter().chain(TOP).copied().filter(|l| named.contains(l)).collect();
    let named: Vec<&str> = named.into_iter().filter(|n| LAYERS.contains(n) || TOP.contains(n)).collect();
    assert_eq!(named, order, "src/lib.rs names the rooms in layer order");
}

#[test]
fn a_room_is_entered_through_its_front_door() {
    let sources = sources();
    // A room's inner modules: the files beside its mod.rs.
    let mut inner: BTreeSet<(String, String)> = BTreeSet::new();
    for file in &sources {
        if let [room, module, ..] = file.module.as_slice() {
            inner.insert((room.clone(), module.clone()));
        }
    }
    let mut wrong = String::new();
    for file in sources.iter().filter(|f| !TOP.contains(&f.room.as_str())) {
        for path in file.paths() {
            let [room, module, ..] = path.as_slice() else { continue };
            let shut = *room != file.room && !OPEN_ROOMS.contains(&room.as_str()) && !TOP.contains(&room.as_str());
            if shut && inner.contains(&(room.clone(), module.clone())) {
                let _ =
                    writeln!(wrong, "{}: crate::{} reaches into {room}: use what its mod.rs offers", file.name, path.join("::"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_library_is_named_only_where_it_is_wrapped() {
    let mut wrong = String::new();
    for file in sources() {
        for (library, homes) in LIBRARIES {
            let named = file.tokens.iter().any(|t| t == library);
            if named && !homes.iter().any(|home| file.name.starts_with(home)) {
                let _ = writeln!(wrong, "{}: {library} belongs to {}", file.name, homes.join(", "));
            }
        }
        let monotonic = file.tokens.windows(3).any(|w| w[0] == "Instant" && w[1] == "::" && w[2] == "now");
        if monotonic && file.name != "src/base/time.rs" {
            let _ = writeln!(wrong, "{}: measure with base::time::Stopwatch", file.name);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn only_commands_write() {
    const WRITES: &[&str] =
        &["put", "insert", "replace", "delete", "count", "next_number", "emit", "deliver", "claim", "share", "bury", "at"];
    let mut wrong = String::new();
    for file in sources().iter().filter(|f| LAYERS[2..].contains(&f.room.as_str())) {
        let allowed = file.name.contains("/commands") || file.name.ends_with("/tests.rs") || file.name.contains("/tests/");
        if allowed {
            continue;
        }
        for w in file.tokens.windows(4) {
            if w[0] == "tx" && w[1] == "." && WRITES.contains(&w[2].as_str()) && (w[3] == "(" || w[3] == "::") {
                let _ = writeln!(wrong, "{}: tx.{} belongs into the room's commands", file.name, w[2]);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn few_traits_are_implemented_above() {
    let sources = sources();
    let mut home: BTreeMap<String, String> = BTreeMap::new();
    for file in &sources {
        for w in file.tokens.windows(2).filter(|w| w[0] == "trait") {
            home.insert(w[1].clone(), file.room.clone());
        }
    }
    let mut upward: BTreeSet<(String, String)> = BTreeSet::new();
    for file in &sources {
        for (i, token) in file.tokens.iter().enumerate().filter(|(_, t)| *t == "impl") {
            let _ = token;
            let head: Vec<&String> = file.tokens[i..].iter().take(40).take_while(|t| *t != "{" && *t != ";").collect();
            let Some(end) = head.iter().position(|t| *t == "for") else { continue };
            for name in &head[..end] {
                if let Some(room) = home.get(*name)
                    && *room != file.room
                    && !OPEN_ROOMS.contains(&room.as_str())
                {
                    upward.insert((room.clone(), (*name).clone()));
                }
            }
        }
    }
    assert!(upward.len() <= UPWARD_TRAITS_MAX, "traits implemented above the room that declares them: {upward:?}");
}

const ROOTS: &[&str] = &["lib", "main"];

fn may_name(from: &str, to: &str) -> bool {
    if from == to || TOP.contains(&from) || ROOTS.contains(&from) {
        return true;
    }
    let place = |room: &str| LAYERS.iter().position(|l| *l == room);
    match (place(from), place(to)) {
        (Some(from), Some(to)) => to <= from,
        // An item of the crate root, such as a macro, or a room that `every_room_has_its_place` tells about.
        (_, None) => !TOP.contains(&to),
        (None, Some(_)) => true,
    }
}

/// One source file, taken apart far enough to see which modules it names.
struct Source {
    /// `src/identity/api.rs`
    name: String,
    /// `identity`
    room: String,
    /// `["identity", "api"]`
    module: Vec<String>,
    tokens: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    files.sort();
    assert!(files.len() > 20, "the sources are where this test looks for them");
    files.iter().map(|path| Source::read(path)).collect()
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

impl Source {
    fn read(path: &Path) -> Self {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let inside = name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let module: Vec<String> = inside.split('/').map(str::to_owned).collect();
        let tokens = tokens(&std::fs::read_to_string(path).unwrap());
        Self { room: module[0].clone(), name, module, tokens }
    }

    /// All paths of this crate that the file names, from the crate's root on, with `use` groups spread out.
    fn paths(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        // Modules written inside the file, with the depth of braces at which each ends.
        let mut inline: Vec<(String, usize)> = Vec::new();
        let (mut depth, mut i) = (0usize, 0usize);
        while i < self.tokens.len() {
            match self.tokens[i].as_str() {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    if inline.last().is_some_and(|(_, d)| *d == depth) {
                        inline.pop();
                    }
                }
                "mod" if self.tokens.get(i + 2).is_some_and(|t| t == "{") => inline.push((self.tokens[i + 1].clone(), depth)),
                start @ ("crate" | "super" | "self")
                    if self.tokens.get(i + 1).is_some_and(|t| t == "::") && (i == 0 || self.tokens[i - 1] != "::") =>
                {
                    let mut here: Vec<String> = if ROOTS.contains(&self.room.as_str()) { vec![] } else { self.module.clone() };
                    here.extend(inline.iter().map(|(m, _)| m.clone()));
                    let base = match start {
                        "crate" => vec![],
                        "self" => here,
                        _ => {
                            here.pop();
                            here
                        }
                    };
                    spread(&self.tokens, i + 2, base, &mut found);
                }
                _ => {}
            }
            i += 1;
        }
        found
    }
}

/// Follows a path (or a `use` tree) from `at` on; returns the position after it.
fn spread(tokens: &[String], mut at: usize, mut path: Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|t| t != "}") {
                    at = spread(tokens, at, path.clone(), found);
                    // A rename, then the comma.
                    while tokens.get(at).is_some_and(|t| t != "," && t != "}") {
                        at += 1;
                    }
                    if tokens.get(at).is_some_and(|t| t == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some("super") => {
                path.pop();
            }
            Some("self") => {}
            Some(word) if word.starts_with(|c: char| c.is_alphabetic() || c == '_') => path.push(word.to_owned()),
            _ => {
                found.push(path);
                return at;
            }
        }
        at += 1;
        if tokens.get(at).is_some_and(|t| t == "::") {
            at += 1;
        } else {
            found.push(path);
            return at;
        }
    }
}

/// Words, `::` and single signs; comments and the insides of strings are left out.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut out, mut i) = (Vec::new(), 0);
    while i < chars.len() {
        let c = chars[i];
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && chars[i] != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            while i < chars.len() && !(chars[i] == '*' && at(i + 1) == '/') {
                i += 1;
            }
            i += 2;
        } else if c == 'r' && (at(i + 1) == '"' || (at(i + 1) == '#' && matches!(at(i + 2), '"' | '#'))) {
            let hashes = chars[i + 1..].iter().take_while(|c| **c == '#').count();
            i += 2 + hashes;
            while i < chars.len()
                && !(chars[i] == '"' && chars[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes)
            {
                i += 1;
            }
            i += 1 + hashes;
        } else if c == '"' {
            i += 1;
            while i < chars.len() && chars[i] != '"' {
                i += if chars[i] == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c == '\'' && (at(i + 1) == '\\' || at(i + 2) == '\'') {
            // A character; a lifetime has no closing quote two places on.
            i += if at(i + 1) == '\\' { 3 } else { 2 };
            while i < chars.len() && chars[i] != '\'' {
                i += 1;
            }
            i += 1;
        } else if c.is_alphanumeric() || c == '_' {
            let from = i;
            while i < chars.len() && (chars[i].is_alphanumeric() || chars[i] == '_') {
                i += 1;
            }
            out.push(chars[from..i].iter().collect());
        } else if c == ':' && at(i + 1) == ':' {
            out.push("::".into());
            i += 2;
        } else {
            if !c.is_whitespace() {
                out.push(c.to_string());
            }
            i += 1;
        }
    }
    out
}

#[test]
fn paths_are_seen_through_groups_supers_and_inner_modules() {
    let text = r##"
        use crate::{base::{Error, time::Clock as C}, identity};
        use super::model; use super::super::contacts::Contact;
        // crate::desk::nothing
        const S: &str = "crate::desk::nothing \" crate::desk";
        const R: &str = r#"crate::desk"#;
        fn f<'a>(c: char) -> bool { c == '"' && crate::platform::store::open::<u8>() }
        mod tests { use super::*; use super::super::Thing; fn g() { self::x() } }
    "##;
    let module = vec!["conversations".into(), "api".into()];
    let source = Source { name: "x".into(), room: "conversations".into(), module, tokens: tokens(text) };
    let mut seen: Vec<String> = source.paths().iter().map(|p| p.join("::")).collect();
    seen.sort();
    let expected = [
        "base::Error",
        "base::time::Clock",
        "contacts::Contact",
        "conversations::Thing",
        "conversations::api",
        "conversations::api::tests::x",
        "conversations::model",
        "identity",
        "platform::store::open",
    ];
    assert_eq!(seen, expected);
}
