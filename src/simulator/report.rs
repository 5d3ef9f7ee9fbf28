//! What a bench found: each figure beside a limit that the same run measured, judged by its gate (below it there
//! is a defect) and its goal (what we want). Lines while it runs, a Markdown table and one line of JSON at the end.

use serde_json::{Value, json};
use std::fmt::Write;

/// Which way a figure is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// A time, a size.
    Less,
    /// A rate.
    More,
}

/// One judged figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What was done, by how many, and which share of it: `inbox list of 20, 1 client, p50`.
    pub operation: String,
    /// As measured, with its unit: `0.569 ms`.
    pub ours: String,
    /// The same in [`unit`](Self::unit), as the gate and the goal are.
    pub value: f64,
    /// `S`, `H1`, `H`, `W` for multiples of a limit of this run, else a plain unit.
    pub unit: &'static str,
    /// Which way it is good.
    pub better: Better,
    /// A figure worse than this is a defect.
    pub gate: Option<f64>,
    /// What we want.
    pub goal: Option<f64>,
    /// What else belongs beside it, e.g. what share of the machine the client took.
    pub note: String,
}

impl Figure {
    /// A time or a size, not yet judged.
    pub fn less(operation: impl Into<String>, ours: impl Into<String>, value: f64, unit: &'static str) -> Self {
        let (operation, ours) = (operation.into(), ours.into());
        Self { operation, ours, value, unit, better: Better::Less, gate: None, goal: None, note: String::new() }
    }
    /// A rate, not yet judged.
    pub fn more(operation: impl Into<String>, ours: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { better: Better::More, ..Self::less(operation, ours, value, unit) }
    }
    /// With a gate.
    #[must_use]
    pub fn gate(mut self, gate: f64) -> Self {
        self.gate = Some(gate);
        self
    }
    /// With a goal.
    #[must_use]
    pub fn goal(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self
    }
    /// With a remark.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn reaches(&self, mark: f64) -> bool {
        match self.better {
            Better::Less => self.value <= mark,
            Better::More => self.value >= mark,
        }
    }
    /// How many times worse than `mark`.
    fn distance(&self, mark: f64) -> f64 {
        match self.better {
            Better::Less => self.value / mark,
            Better::More => mark / self.value.max(f64::MIN_POSITIVE),
        }
    }
    /// Is the gate met? `None` where there is none.
    pub fn met(&self) -> Option<bool> {
        self.gate.map(|gate| self.reaches(gate))
    }
    fn gate_words(&self) -> String {
        match self.gate {
            Some(gate) => format!("{}: {}", mark(gate, self.unit), if self.met() == Some(true) { "met" } else { "missed" }),
            None => "–".to_owned(),
        }
    }
    fn goal_words(&self) -> String {
        match self.goal {
            Some(goal) if self.reaches(goal) => format!("{}: reached", mark(goal, self.unit)),
            Some(goal) if self.distance(goal) > 1_000.0 => format!("{}: not in sight", mark(goal, self.unit)),
            Some(goal) => format!("{}: {:.2}× away", mark(goal, self.unit), self.distance(goal)),
            None => "–".to_owned(),
        }
    }
    /// As one line.
    pub fn line(&self) -> String {
        let mut line = format!("{:<56} {:>14}", self.operation, self.ours);
        if is_limit(self.unit) {
            let _ = write!(line, " {:>10}", format!("{} {}", short(self.value), self.unit));
        } else {
            line.push_str(&" ".repeat(11));
        }
        if self.gate.is_some() {
            let _ = write!(line, "  gate {}", self.gate_words());
        }
        if self.goal.is_some() {
            let _ = write!(line, "  goal {}", self.goal_words());
        }
        if !self.note.is_empty() {
            let _ = write!(line, "  ({})", self.note);
        }
        line
    }
}

fn is_limit(unit: &str) -> bool {
    matches!(unit, "S" | "H1" | "H" | "W" | "B")
}

fn mark(value: f64, unit: &str) -> String {
    if unit.is_empty() { short(value) } else { format!("{} {unit}", short(value)) }
}

/// Three significant places, at most; thousands apart.
pub fn short(value: f64) -> String {
    if value.abs() >= 1_000.0 {
        let digits = format!("{value:.0}");
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) && !out.ends_with('-') {
                out.push(',');
            }
            out.push(digit);
        }
        return out;
    }
    let places = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Milliseconds as a figure is shown.
pub fn millis(time: std::time::Duration) -> String {
    format!("{} ms", short(time.as_secs_f64() * 1e3))
}

/// The machine as it is now: `2 cores, load 0.53, Linux 6.1.0`.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let build = if cfg!(debug_assertions) { ", debug build: compare ratios, not times" } else { "" };
    format!(
        "{cores} cores, load {}, Linux {}{build}",
        read("/proc/loadavg").split_whitespace().next().unwrap_or("unknown"),
        read("/proc/sys/kernel/osrelease").trim()
    )
}

/// Everything one run found.
#[derive(Debug)]
pub struct Report {
    group: &'static str,
    machine: String,
    limits: Vec<(&'static str, String, f64)>,
    figures: Vec<Figure>,
    warnings: Vec<String>,
    say: fn(&str),
}

impl Report {
    /// A run begins; `say` prints a line.
    pub fn begin(group: &'static str, say: fn(&str)) -> Self {
        let machine = machine();
        say(&format!("# {group}: {machine}"));
        Self { group, machine, limits: Vec::new(), figures: Vec::new(), warnings: Vec::new(), say }
    }
    /// A limit of this run: its letter, what it is, its value in seconds or a second.
    pub fn limit(&mut self, name: &'static str, what: &str, shown: &str, value: f64) {
        (self.say)(&format!("{:<56} {shown:>14}", format!("{name} = {what}")));
        self.limits.push((name, format!("{what}: {shown}"), value));
    }
    /// Rounds of one limit must not be far apart: says so where they are.
    pub fn steady(&mut self, name: &str, rounds: &[f64]) {
        let (least, most) = rounds.iter().fold((f64::MAX, 0.0f64), |(l, m), v| (l.min(*v), m.max(*v)));
        if most > 3.0 * least {
            self.warn(format!("{name} varied by {:.1} within this run: the machine is too busy to judge by it", most / least));
        }
    }
    /// Something the reader of the figures must know.
    pub fn warn(&mut self, what: String) {
        (self.say)(&format!("! {what}"));
        self.warnings.push(what);
    }
    /// A figure is there.
    pub fn tell(&mut self, figure: Figure) {
        (self.say)(&figure.line());
        self.figures.push(figure);
    }
    /// A line that is not judged.
    pub fn aside(&self, what: &str) {
        (self.say)(what);
    }
    /// How many gates are missed.
    pub fn missed(&self) -> usize {
        self.figures.iter().filter(|figure| figure.met() == Some(false)).count()
    }

    /// Prints the table and the line for machines.
    pub fn end(self) {
        (self.say)("");
        (self.say)(&self.markdown());
        let (gates, missed) = (self.figures.iter().filter(|figure| figure.gate.is_some()).count(), self.missed());
        (self.say)(&format!("{}: {} of {gates} gates met", self.group, gates - missed));
        (self.say)(&self.json().to_string());
    }

    fn markdown(&self) -> String {
        let limits: Vec<String> = self.limits.iter().map(|(name, what, _)| format!("{name} = {what}")).collect();
        let mut out = format!("**{}** – {}", self.group, self.machine);
        if !limits.is_empty() {
            let _ = write!(out, "; {}", limits.join("; "));
        }
        for warning in &self.warnings {
            let _ = write!(out, ". Caution: {warning}");
        }
        out.push_str(".\n\n| Operation | Ours | Beside the limit | Gate | Goal | |\n|---|---:|---:|---|---|---|\n");
        for figure in &self.figures {
            let beside =
                if is_limit(figure.unit) { format!("{} {}", short(figure.value), figure.unit) } else { "–".to_owned() };
            let gate = figure.gate_words();
            let gate = if figure.met() == Some(false) { format!("**{gate}**") } else { gate };
            let Figure { operation, ours, note, .. } = figure;
            let _ = writeln!(out, "| {operation} | {ours} | {beside} | {gate} | {} | {note} |", figure.goal_words());
        }
        out
    }

    fn json(&self) -> Value {
        let limits: serde_json::Map<String, Value> =
            self.limits.iter().map(|(name, _, value)| ((*name).to_owned(), json!(value))).collect();
        let figures: Vec<Value> = self
            .figures
            .iter()
            .map(|f| {
                json!({"operation": f.operation, "ours": f.ours, "value": f.value, "unit": f.unit, "gate": f.gate,
                    "goal": f.goal, "met": f.met(), "note": f.note})
            })
            .collect();
        json!({"group": self.group, "machine": self.machine, "limits": limits, "warnings": self.warnings, "figures": figures})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_and_goals_are_judged_both_ways() {
        let figure = Figure::less("list, p50", "0.2 ms", 3.5, "H1").gate(3.0).goal(2.0);
        assert_eq!((figure.met(), figure.gate_words()), (Some(false), "3 H1: missed".to_owned()));
        assert_eq!(figure.goal_words(), "2 H1: 1.75× away");
        let figure = Figure::more("list", "40,000 /s", 0.5, "H").gate(0.25).goal(0.45);
        assert_eq!((figure.gate_words(), figure.goal_words()), ("0.25 H: met".to_owned(), "0.45 H: reached".to_owned()));
        assert_eq!(Figure::less("size", "33 MB", 33.0, "MB").met(), None);
        assert_eq!([0.0, 1.0].map(|lost| Figure::less("lost", "", lost, "").gate(0.0).met()), [Some(true), Some(false)]);
    }

    #[test]
    fn figures_are_short() {
        let shown = [0.1254, 1.5, 12.34, 123.4, 1_234.5, 1_234_567.0, 20.0].map(short);
        assert_eq!(shown, ["0.125", "1.5", "12.3", "123", "1,234", "1,234,567", "20"]);
    }
}
