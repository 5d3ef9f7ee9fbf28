//! How an answer is shown: lines for people, JSON for programs.

use clap::Args;
use serde_json::Value;

/// How an answer is shown.
#[derive(Debug, Args, Clone, Copy)]
pub struct Output {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl Output {
    /// Shows one line: as it is in JSON, else what `for_people` makes of it.
    pub fn line(self, line: &Value, for_people: impl FnOnce(&Value) -> String) {
        if self.json {
            println!("{line}");
        } else {
            println!("{}", for_people(line));
        }
    }
    /// Shows a remark that programs don't need.
    pub fn remark(self, text: &str) {
        if !self.json {
            println!("{text}");
        }
    }
}

/// A field as text; a dash where there is none.
pub fn field<'a>(line: &'a Value, name: &str) -> std::borrow::Cow<'a, str> {
    match &line[name] {
        Value::Null => "–".into(),
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}
