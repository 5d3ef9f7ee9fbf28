//! Reads the tree and holds the project's smaller promises about it.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

/// A file longer than this holds more than one subject.
const LINES_MAX: usize = 700;
/// Folders and files that people write. Built and generated files are not among them.
const WRITTEN: &[&str] = &[
    "src",
    "tests",
    "benches",
    "packaging",
    "assets/web",
    "assets/extension",
    "assets/i18n",
    ".ci",
    ".config",
    "README.md",
    "CHANGELOG.md",
];
const NOT_WRITTEN: &[&str] =
    &["node_modules", "golden", "upgrade", "package-lock.json", "openapi.json", "licences.txt", "generated", "ids.ts"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn written() -> Vec<(String, String)> {
    fn walk(path: &Path, into: &mut Vec<PathBuf>) {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if NOT_WRITTEN.contains(&name) || name.starts_with("schema.") || name.ends_with(".snap") {
            return;
        }
        if path.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                walk(&entry.unwrap().path(), into);
            }
        } else if path.exists() {
            into.push(path.to_owned());
        }
    }
    let mut files = Vec::new();
    for name in WRITTEN {
        walk(&root().join(name), &mut files);
    }
    files.sort();
    // What is no text (an icon, a font) is not for reading.
    let name = |path: &Path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
    files.iter().filter_map(|path| Some((name(path), std::fs::read_to_string(path).ok()?))).collect()
}

#[test]
fn a_file_holds_one_subject() {
    let mut wrong = String::new();
    for (name, text) in written() {
        let lines = text.lines().count();
        if lines > LINES_MAX && [".rs", ".ts", ".tsx", ".mjs", ".css"].iter().any(|e| name.ends_with(e)) {
            let _ = writeln!(wrong, "{name}: {lines} lines, at most {LINES_MAX}: split it by verb");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn nothing_is_left_unfinished() {
    // Written in halves, so that this list does not find itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("HA", "CK"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("db", "g!("),
        concat!("coming ", "soon"),
        concat!("not ", "implemented"),
        concat!("lorem ", "ipsum"),
        concat!("#[ign", "ore]"),
        concat!("test.on", "ly"),
        concat!("it.on", "ly("),
        concat!("it.sk", "ip("),
        concat!("console.", "log("),
        concat!("debug", "ger;"),
    ];
    let mut wrong = String::new();
    for (name, text) in written() {
        for (number, line) in text.lines().enumerate() {
            for mark in marks {
                let script = mark.starts_with("console")
                    && (name.contains("/scripts/") || name.contains("tests/browser") || name == "tests/run");
                if line.contains(mark) && !script {
                    let _ = writeln!(wrong, "{name}:{}: {mark}", number + 1);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_readme_gives_a_reason_for_every_library() {
    let manifest: toml::Table = std::fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let reasons: Vec<&str> =
        readme.lines().filter_map(|l| l.strip_prefix("| `")?.split_once("` |")).map(|(name, _)| name).collect();
    let linked: Vec<&String> = manifest["dependencies"].as_table().unwrap().keys().collect();
    for name in &linked {
        assert!(reasons.contains(&name.as_str()), "README.md, 'What it stands on': say in a line why {name} is there");
    }
    let start = readme.find("## What it stands on").unwrap();
    for name in readme[start..].lines().filter_map(|l| l.strip_prefix("| `")?.split_once("` |")).map(|(name, _)| name) {
        assert!(linked.iter().any(|l| *l == name), "README.md, 'What it stands on': {name} is not linked any more");
    }
}

#[test]
fn files_that_the_readme_names_are_there() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for target in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|t| !t.contains("://")) {
        assert!(root().join(target).exists(), "README.md names {target}");
    }
}
