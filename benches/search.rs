//! Search in process, beside a plain scan of the same texts and SQLite's FTS5 (where `python3` has it).
//!
//! `FAROL_BENCH_MESSAGES` sets how many messages there are (usually 200,000).
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
use harness::{Samples, machine, millis, row, setting};
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

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let messages = setting("FAROL_BENCH_MESSAGES", 200_000);
    machine(&format!("search, {messages} messages, page of {PAGE}"));
    let env = Env::system();
    let store = Store::in_memory(env.clone());
    let tenant: TenantId = env.new_id();
    store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(tenant)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let texts: Vec<String> = (0..messages).map(text).collect();
    let bytes: usize = texts.iter().map(String::len).sum();

    let began = Instant::now();
    let parts =
        SearchParts { store: store.clone(), folder: folder.path().join("search"), extractors: vec![Box::new(Made(messages))] };
    let search = Search::start(parts).unwrap();
    assert!(search.reached(0, Duration::from_secs(3_600)).await);
    let built = began.elapsed();
    let size: u64 = du(folder.path());
    let rate = messages as f64 / built.as_secs_f64();
    row("build", &format!("{rate:.0} messages/s"), &format!("{} segments", search.size().unwrap().1));
    row("index on disk / text", &format!("{:.2}", size as f64 / bytes as f64), "gate 0.7, goal 0.55");

    let folded: Vec<String> = texts.iter().map(|text| fold(text)).collect();
    let mut fts = Fts::start(&texts);
    row("", "p50 / p99", "beside it, p50 / p99");
    for kind in ["1 word", "2 words", "3 words", "phrase of 2", "beginning of 4", "number"] {
        let asked = queries(kind, messages);
        let (mut newest, mut best, mut scan) = (Samples::default(), Samples::default(), Samples::default());
        for text in &asked {
            let query = Query { text: text.clone(), limit: PAGE, ..Query::default() };
            newest.time(|| search.query(tenant, &query, |_| Ok(true)).unwrap());
            let query = Query { order: Order::Relevance, ..query };
            best.time(|| search.query(tenant, &query, |_| Ok(true)).unwrap());
        }
        for text in asked.iter().take(40) {
            scan.time(|| plain_scan(&folded, text));
        }
        let rival = fts.as_mut().map_or_else(|| "FTS5: no python3 with it".to_owned(), |fts| format!("FTS5 {}", fts.ask(&asked)));
        row(&format!("{kind}, newest first"), &newest.show(), &format!("{rival}; scan {}", scan.show()));
        row(&format!("{kind}, best first"), &best.show(), "");
    }
    // Hostile rights: nothing found may be seen, so every page looks at twenty pages of hits.
    let mut blind = Samples::default();
    for text in queries("1 word", messages).into_iter().take(200) {
        let query = Query { text, limit: PAGE, ..Query::default() };
        blind.time(|| search.query(tenant, &query, |_| Ok(false)).unwrap());
    }
    row("1 word by somebody who may see nothing", &blind.show(), "");
    search.stop();
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
    fn start(texts: &[String]) -> Option<Self> {
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
        writeln!(out, "{}", texts.len()).ok()?;
        for text in texts {
            writeln!(out, "{text}").ok()?;
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
    fn ask(&mut self, queries: &[String]) -> String {
        let stdin = self.child.stdin.as_mut().unwrap();
        writeln!(stdin, "{}", queries.len()).unwrap();
        for query in queries {
            writeln!(stdin, "{query}").unwrap();
        }
        stdin.flush().unwrap();
        let line = self.line().unwrap_or_default();
        let times: Vec<String> =
            line.split_whitespace().filter_map(|t| t.parse().ok()).map(|t| millis(Duration::from_secs_f64(t))).collect();
        format!("{} ms", times.join(" / "))
    }
}
