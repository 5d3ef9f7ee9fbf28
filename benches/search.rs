//! Search in process, beside a plain scan of the same texts and SQLite's FTS5 (where `python3` has it).
//!
//! `FAROL_BENCH_MESSAGES` sets how many messages there are (usually 1,000,000; with `--long` the 5,000,000 that the
//! gates speak of).
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench measures, prints and stops at a fault"
)]

mod harness;

use farol::{
    base::{
        Env, Origin, Result, TenantId, Timestamp,
        chance::{Chance, Seeded},
        text::fold,
    },
    platform::{
        journal::Event,
        search::{DocChange, DocKind, Document, Extractor, Order, Query, Search, SearchParts},
        store::{Lane, Store, View},
    },
};
use harness::{Figure, Report, Samples, in_millis, is_long, millis, report, setting, short};
use std::{
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use uuid::Uuid;

const PAGE: usize = 20;
const QUERIES: usize = 600;

/// Words as languages have them: few that stand everywhere, many that are rare.
fn word(chance: &dyn Chance) -> String {
    let rank = (20_000f64.powf(chance.unit()) as u64).min(19_999);
    let (mut n, mut out) = (rank + 37, String::new());
    while n > 0 {
        out.push_str(["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "ro", "ta", "vé", "çã"][(n % 12) as usize]);
        n /= 12;
    }
    out
}

fn text(n: usize) -> String {
    let chance = Seeded::new(n as u64);
    let mut words: Vec<String> = (0..6 + chance.below(14)).map(|_| word(&chance)).collect();
    if n.is_multiple_of(10) {
        words.push(format!("9{:08}", chance.below(100_000_000)));
    }
    words.join(" ")
}

/// A million records would measure the store; these documents come from their number.
struct Made(usize);
impl Extractor for Made {
    fn wants(&self, _: &str) -> bool {
        false
    }
    fn documents(&self, _: &View, _: &Event) -> Result<Vec<DocChange>> {
        Ok(Vec::new())
    }
    fn rebuild(&self, _: &View, after: Option<Vec<u8>>, max: usize) -> Result<(Vec<Document>, Option<Vec<u8>>)> {
        let from = after.map_or(0, |at| u64::from_be_bytes(at.try_into().unwrap()) as usize);
        let until = (from + max).min(self.0);
        let document = |n: usize| Document {
            kind: DocKind::Message,
            id: Uuid::from_u128(n as u128 + 1),
            at: Timestamp(1_700_000_000_000 + n as i64 * 250),
            conversation: Some(Uuid::from_u128((1 << 64) | ((n as u128 * 7_919) % 10_000))),
            contact: None,
            channel: None,
            labels: vec!["direction:INBOUND".into()],
            text: text(n),
        };
        Ok(((from..until).map(document).collect(), (until < self.0).then(|| (until as u64).to_be_bytes().to_vec())))
    }
}

fn queries(kind: &str, messages: usize) -> Vec<String> {
    let chance = Seeded::new(4_711);
    let mut out = Vec::new();
    while out.len() < QUERIES {
        let n = chance.below(messages as u64) as usize;
        let text = text(if kind == "number" { n / 10 * 10 } else { n });
        let words: Vec<&str> = text.split(' ').collect();
        let at = chance.below(words.len() as u64 - 2) as usize;
        let other = words[chance.below(words.len() as u64) as usize];
        out.push(match kind {
            "1 word" => format!("{} ", words[at]),
            "2 words" => format!("{} {other} ", words[at]),
            "3 words" => format!("{} {other} {} ", words[at], words[0]),
            "phrase of 2" => format!("\"{} {}\"", words[at], words[at + 1]),
            "beginning of 4" => words[at].chars().take(4).collect(),
            _ => words.last().unwrap()[3..].to_owned(),
        });
    }
    out
}

/// How the queries look, and what of them is a goal: p50 and p99 in milliseconds, newest first.
const KINDS: [(&str, Option<(f64, f64)>); 6] = [
    ("1 word", Some((0.1, 1.0))),
    ("2 words", Some((0.1, 1.0))),
    ("3 words", Some((0.1, 1.0))),
    ("phrase of 2", Some((0.1, 3.0))),
    ("number", Some((0.1, 1.0))),
    ("beginning of 4", None),
];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let messages = setting("FAROL_BENCH_MESSAGES", if is_long() { 5_000_000 } else { 1_000_000 });
    let mut report = report("search");
    report.aside(&format!("{messages} messages, pages of {PAGE}, {QUERIES} queries of each kind, asked in this process"));
    let env = Env::system();
    let store = Store::in_memory(env.clone());
    let tenant: TenantId = env.new_id();
    store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(tenant)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let bytes: usize = (0..messages).map(|n| text(n).len()).sum();

    let began = Instant::now();
    let parts =
        SearchParts { store: store.clone(), folder: folder.path().join("search"), extractors: vec![Box::new(Made(messages))] };
    let search = Search::start(parts).unwrap();
    assert!(search.reached(0, Duration::from_secs(3_600)).await);
    let rate = messages as f64 / began.elapsed().as_secs_f64();
    let built = Figure::more("index built from the records", format!("{} messages/s", short(rate)), rate, "/s");
    report.tell(built.note(format!("{} segments, texts made meanwhile", search.size().unwrap().1)));
    let share = du(folder.path()) as f64 / bytes as f64;
    report.tell(Figure::less("index on disk, as a share of the text", short(share), share, "").gate(0.7).goal(0.55));

    let mut fts = Fts::start(messages);
    if fts.is_none() {
        report.warn("no python3 with SQLite's FTS5 here: nothing to compare with".to_owned());
    }
    for (kind, goals) in KINDS {
        let asked = queries(kind, messages);
        let (mut newest, mut best) = (Samples::default(), Samples::default());
        for text in &asked {
            let query = Query { text: text.clone(), limit: PAGE, ..Query::default() };
            newest.time(|| search.query(tenant, &query, |_| Ok(true)).unwrap());
            let query = Query { order: Order::Relevance, ..query };
            best.time(|| search.query(tenant, &query, |_| Ok(true)).unwrap());
        }
        told(&mut report, &format!("{kind}, newest first"), &mut newest, 5.0, goals);
        told(&mut report, &format!("{kind}, best first"), &mut best, 20.0, goals.map(|_| (0.5, 5.0)));
        if let Some((half, most)) = fts.as_mut().and_then(|fts| fts.ask(&asked)) {
            let ours = newest.percentile(0.99);
            let times = ours.as_secs_f64() / most.as_secs_f64();
            let shown = format!("{} against {}", millis(ours), millis(most));
            let beside = Figure::less(format!("{kind}, newest first, p99 beside SQLite FTS5"), shown, times, "×").goal(1.0);
            report.tell(beside.note(format!("FTS5 p50 {}", millis(half))));
        }
    }
    drop(fts);
    let mut scan = Samples::default();
    let folded: Vec<String> = (0..messages).map(|n| fold(&text(n))).collect();
    for text in queries("3 words", messages).iter().take(20) {
        scan.time(|| plain_scan(&folded, text));
    }
    report.aside(&format!("  3 words by a plain scan of all texts: p50 / p99 {}", scan.show()));
    drop(folded);
    // Hostile rights: nothing found may be seen, so every page looks at twenty pages of hits.
    let mut blind = Samples::default();
    for text in queries("1 word", messages).into_iter().take(200) {
        let query = Query { text, limit: PAGE, ..Query::default() };
        blind.time(|| search.query(tenant, &query, |_| Ok(false)).unwrap());
    }
    report.aside(&format!("  1 word by somebody who may see nothing: p50 / p99 {}", blind.show()));
    search.stop();
    report.end();
}

/// p50, which has no gate, and p99, which has one.
fn told(report: &mut Report, what: &str, samples: &mut Samples, gate: f64, goals: Option<(f64, f64)>) {
    let (half, most) = (samples.percentile(0.5), samples.percentile(0.99));
    let (half, most) = (in_millis(format!("{what}, p50"), half), in_millis(format!("{what}, p99"), most).gate(gate));
    let (half, most) = match goals {
        Some((p50, p99)) => (half.goal(p50), most.goal(p99)),
        None => (half, most),
    };
    report.tell(half);
    report.tell(most);
}

fn du(path: &std::path::Path) -> u64 {
    let size = |entry: std::fs::DirEntry| {
        let path = entry.path();
        if path.is_dir() { du(&path) } else { entry.metadata().map_or(0, |meta| meta.len()) }
    };
    std::fs::read_dir(path).unwrap().flatten().map(size).sum()
}

/// Newest first until the page is full: the best a search without an index can do.
fn plain_scan(texts: &[String], query: &str) -> usize {
    let folded = fold(query);
    let phrase = folded.trim().trim_matches('"');
    let words: Vec<&str> = if folded.contains('"') { vec![phrase] } else { folded.split_whitespace().collect() };
    texts.iter().rev().filter(|text| words.iter().all(|word| text.contains(word))).take(PAGE).count()
}

/// SQLite's full-text index over the same texts, asked through Python (some 10 µs of its time are in each figure).
struct Fts {
    child: std::process::Child,
    answers: std::io::BufReader<std::process::ChildStdout>,
}

const FTS: &str = r#"
import sqlite3, sys, time
db = sqlite3.connect(":memory:")
db.execute("create virtual table m using fts5(body, content='', tokenize='unicode61 remove_diacritics 2')")
n = int(sys.stdin.readline())
db.executemany("insert into m(rowid, body) values (?, ?)", ((i + 1, sys.stdin.readline().rstrip("\n")) for i in range(n)))
db.commit()
print("ready", flush=True)
while True:
    line = sys.stdin.readline()
    if not line: break
    took = []
    for _ in range(int(line)):
        q = sys.stdin.readline().rstrip("\n")
        if q.startswith('"'): match = q
        else:
            words = q.split()
            match = " ".join('"' + w + '"' for w in words) + ("" if q.endswith(" ") else "*")
        t = time.perf_counter()
        db.execute("select rowid from m where m match ? order by rowid desc limit 20", (match,)).fetchall()
        took.append(time.perf_counter() - t)
    took.sort()
    print(took[len(took) // 2], took[int(len(took) * 0.99)], flush=True)
"#;

impl Fts {
    fn start(messages: usize) -> Option<Self> {
        let mut child = Command::new("python3")
            .args(["-c", FTS])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let answers = std::io::BufReader::new(child.stdout.take()?);
        let mut fts = Self { child, answers };
        let stdin = fts.child.stdin.as_mut()?;
        let mut out = std::io::BufWriter::new(stdin);
        writeln!(out, "{messages}").ok()?;
        for n in 0..messages {
            writeln!(out, "{}", text(n)).ok()?;
        }
        out.flush().ok()?;
        drop(out);
        (fts.line()?.trim() == "ready").then_some(fts)
    }
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut self.answers, &mut line).ok()?;
        Some(line)
    }
    /// p50 and p99 of all the queries.
    fn ask(&mut self, queries: &[String]) -> Option<(Duration, Duration)> {
        let stdin = self.child.stdin.as_mut()?;
        writeln!(stdin, "{}", queries.len()).ok()?;
        for query in queries {
            writeln!(stdin, "{query}").ok()?;
        }
        stdin.flush().ok()?;
        let line = self.line()?;
        let mut times = line.split_whitespace().filter_map(|t| t.parse().ok()).map(Duration::from_secs_f64);
        Some((times.next()?, times.next()?))
    }
}

impl Drop for Fts {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
