//! Writes options for people: the sample file, and what is in force with its origin.

use super::{Config, OPTIONS, Opt};
use std::fmt::Write;

const HEAD: &str = "\
# Farol's configuration: every option with its default. Flags and environment variables are stronger than this file.
# Read from /etc/farol/farol.toml, or from the file named by --config or FAROL_CONFIG.
# `farol config check` judges it, `farol config print --origin` shows what is in force and why.
";

/// The sample configuration, made from the table.
pub fn sample() -> String {
    let mut out = HEAD.to_owned();
    let mut section = "";
    for option in OPTIONS {
        let (group, name) = option.key.split_once('.').unwrap_or(("", option.key));
        if group != section {
            let _ = write!(out, "\n[{group}]");
            section = group;
            out.push('\n');
        } else {
            out.push('\n');
        }
        for line in option.doc.lines() {
            let _ = writeln!(out, "#{line}");
        }
        let _ = writeln!(out, "#{name} = {}", toml_value(option, option.default));
    }
    out
}

fn toml_value(option: &Opt, text: &str) -> String {
    let quoted = |t: &str| toml::Value::from(t).to_string();
    if option.list {
        let items: Vec<String> = text.split(',').filter(|t| !t.is_empty()).map(quoted).collect();
        format!("[{}]", items.join(", "))
    } else if option.bare && !text.is_empty() {
        text.to_owned()
    } else {
        quoted(text)
    }
}

impl Config {
    /// What is in force, one option a line; with where each came from if `origin`. Secrets are masked.
    pub fn print(&self, origin: bool) -> String {
        let mut out = String::new();
        for option in OPTIONS {
            let text = self.text(option.key).unwrap_or_default();
            let shown = match option.secret && !text.is_empty() {
                true => "\"********\"".to_owned(),
                false => toml_value(option, &text),
            };
            let line = format!("{} = {shown}", option.key);
            let _ = match origin {
                true => writeln!(out, "{line:<64} # {}", self.origin(option.key)),
                false => writeln!(out, "{line}"),
            };
        }
        out
    }
}
