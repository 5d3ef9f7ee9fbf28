//! The real binary as a firm has it: starting, resting, taking customers in, waking up after `kill -9`, five
//! hundred browsers, and the demo.
//!
//! Durable operations stand beside `S` (a synced append of 200 bytes), the rest beside the gates of the design.
//! `FAROL_BENCH_BIN` (another binary, say the packaged one), `FAROL_BENCH_MESSAGES` (20,000), `FAROL_BENCH_SOCKETS`
//! (500), `FAROL_BENCH_ROUNDS` (5).
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench measures, prints and stops at a fault"
)]

#[path = "../tests/appliance.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod appliance;
mod beside;
mod browser;
mod harness;

use appliance::{Appliance, signed};
use browser::{Socket, now};
use farol::simulator::{
    load::{Requests, load, process_cpu, willing_provider},
    wire_client::{Client, request},
};
use futures_util::stream::{self, StreamExt};
use harness::{
    Figure, Report, Samples, durable_append, in_mb, in_millis, in_s, limit_s, median, memory, millis, report, setting, short,
    spaced_append,
};
use serde_json::json;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// One person may have twenty sockets open.
const SOCKETS_A_PERSON: usize = 20;
/// What all of them sign in with.
const PASSWORD: &str = "a sentence for the bench";
/// Between two replies.
const PAUSE: Duration = Duration::from_millis(15);
/// Customers who write again and again.
const CUSTOMERS: u64 = 2_000;
/// The first of their numbers.
const FIRST_NUMBER: u64 = 15_550_400_000;

/// A webhook as it goes over the line, signed.
fn webhook(address: &str, from: u64, id: &str, text: &str) -> Vec<u8> {
    let (body, signature) = signed(from, id, text);
    request(address, "POST", "/webhooks/whatsapp", &[("x-hub-signature-256", &signature)], body.as_bytes())
}

fn get(address: &str, token: &str, path: &str) -> Vec<u8> {
    request(address, "GET", &format!("/api/v1{path}"), &[("authorization", &format!("Bearer {token}"))], &[])
}

/// A house that runs, and who asks it.
struct Firm<'f> {
    house: Appliance,
    token: &'f str,
    data: &'f Path,
}

impl<'f> Firm<'f> {
    /// Starts `farol serve` and asks for the inbox until it is there; gives how long that took.
    async fn start(data: &'f Path, token: &'f str) -> (Self, Duration) {
        let begun = Instant::now();
        let (house, _) = Appliance::start(data).await;
        let mut client = Client::connect(house.address()).await.unwrap();
        let (status, _) = client.send(&get(house.address(), token, "/conversations?tab=all&limit=20")).await.unwrap();
        assert_eq!(status, 200);
        (Self { house, token, data }, begun.elapsed())
    }
    fn address(&self) -> &str {
        self.house.address()
    }
    async fn client(&self) -> Client {
        Client::connect(self.address()).await.unwrap()
    }
    fn pid(&self) -> String {
        self.house.pid().to_string()
    }
    /// Memory and CPU of doing nothing.
    async fn rest(&self, what: &str, memory_marks: Option<(f64, f64)>, report: &mut Report) {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let (before, begun) = (process_cpu(&self.pid()), Instant::now());
        tokio::time::sleep(Duration::from_secs(20)).await;
        let share = (process_cpu(&self.pid()) - before).as_secs_f64() / begun.elapsed().as_secs_f64() * 100.0;
        let held = memory(&self.pid());
        if let Some((gate, goal)) = memory_marks {
            report.tell(in_mb(format!("idle memory, {what}"), held.resident).gate(gate).goal(goal).note(held.more()));
        }
        let cpu = Figure::less(format!("idle CPU, {what}"), format!("{share:.2} %"), share, "%");
        report.tell(cpu.gate(2.0).goal(0.3));
    }
}

/// Has the system read everything from the disk again; needs the rights for that.
fn forget_pages() -> bool {
    rustix::fs::sync();
    std::fs::write("/proc/sys/vm/drop_caches", "1").is_ok()
}

/// Has what the files of a folder hold read from the disk again.
fn forget_files(folder: &Path) {
    rustix::fs::sync();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let file = std::fs::File::open(&path).unwrap();
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
        }
    }
}

#[tokio::main]
async fn main() {
    let mut report = report("appliance");
    report.warn("the clients share the machine's cores with the server".to_owned());
    let (messages, sockets) = (setting("FAROL_BENCH_MESSAGES", 20_000), setting("FAROL_BENCH_SOCKETS", 500));
    let rounds = setting("FAROL_BENCH_ROUNDS", 5);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let s = limit_s(&mut report, data);
    binary(data, &mut report);

    let (first, code) = Appliance::start(data).await;
    let token = first.found(&code.unwrap()).await;
    let provider = willing_provider().await.unwrap();
    let config = json!({"config": {"baseUrl": provider, "accessToken": "EAAG-bench"}});
    first.get_done("PATCH", "/channels/1", Some(&token), Some(config)).await;
    // On a slow machine this takes longer than a sign-in usually lasts.
    first.get_done("PUT", "/settings/auth.accessTokenLifetime", Some(&token), Some(json!({"value": "24h"}))).await;
    let token = first.sign_in().await;
    first.stop();
    let mut empty = Samples::default();
    for _ in 0..rounds {
        let (firm, took) = Firm::start(data, &token).await;
        empty.add(took);
        firm.house.stop();
    }
    report.tell(in_millis("start of a new firm's box to a served inbox, p50", empty.percentile(0.5)).gate(1_000.0).goal(50.0));

    let (firm, _) = Firm::start(data, &token).await;
    firm.rest("new firm", Some((60.0, 20.0)), &mut report).await;
    pushed(&firm, rounds, &mut report).await;
    findable(&firm, &mut report).await;
    batches(&firm, rounds, &mut report).await;
    replies(&firm, rounds, &mut report).await;
    filled(&firm, messages, &mut report).await;
    let people = people(&firm, sockets).await;
    let few = 50.min(sockets);
    let push = fan_out(&firm, &people, few, 1_000, 0, "1,000 events/s, 50 browsers", (40.0, 20.0), Some(s), &mut report).await;
    beside::isolation(&firm, &people, few, push, &mut report).await;
    beside::logins(&firm, people.len(), PASSWORD, &mut report).await;
    fan_out(
        &firm,
        &people,
        sockets,
        100,
        1,
        &format!("100 events/s, {sockets} browsers, one more stalled"),
        (25.0, 8.0),
        None,
        &mut report,
    )
    .await;
    firm.house.stop();
    idle_sockets(data, &token, &people, sockets, &mut report).await;
    return_of_all(data, &token, &people, sockets, &mut report).await;
    starts(data, &token, rounds, messages, &mut report).await;
    demo(&mut report).await;
    report.end();
}

fn binary(folder: &Path, report: &mut Report) {
    let (built, copy) = (appliance::binary(), folder.join("stripped"));
    let as_built = std::fs::metadata(&built).unwrap().len();
    let done = std::process::Command::new("strip").arg("-s").arg("-o").arg(&copy).arg(&built).status();
    let stripped = done.is_ok_and(|status| status.success()).then(|| std::fs::metadata(&copy).unwrap().len());
    let _ = std::fs::remove_file(copy);
    let note = if stripped.is_some() { "as built " } else { "no `strip` here, so as built: " };
    let note = format!("{note}{} MB", short(as_built as f64 / f64::from(1 << 20)));
    let figure = in_mb("binary, stripped, web app inside", stripped.unwrap_or(as_built)).goal(20.0).note(note);
    // The gate is for what firms unpack, built by the profile `dist`; this one is built to be quick to build.
    report.tell(if std::env::var_os("FAROL_BENCH_BIN").is_some() { figure.gate(40.0) } else { figure });
}

/// Webhook to durable to a browser, one customer after the other.
async fn pushed(firm: &Firm<'_>, rounds: usize, report: &mut Report) {
    let mut browser = Socket::open(firm.address(), firm.token, "").await;
    let mut client = firm.client().await;
    let (mut acks, mut pushes) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let s = durable_append(firm.data);
        let (mut acked, mut pushed) = (Samples::default(), Samples::default());
        for n in 0..300u64 {
            let id = format!("wamid.push{round}.{n}.");
            let asked = webhook(firm.address(), 15_550_300_000 + n % 50, &id, "o carro não pega");
            let begun = Instant::now();
            let ask = async {
                assert_eq!(client.send(&asked).await.unwrap().0, 200);
                begun.elapsed()
            };
            let see = async {
                browser.until_of("message.received", &id).await;
                begun.elapsed()
            };
            let (ack, push) = tokio::join!(ask, see);
            acked.add(ack);
            pushed.add(push);
        }
        acks.push((s, acked));
        pushes.push((s, pushed));
    }
    both("webhook → durable answer, 1 client", acks, report);
    both("webhook → durable → browser, 1 client", pushes, report);
}

/// p50 and p99 of rounds that each have their own `S` beside them.
fn both(what: &str, rounds: Vec<(f64, Samples)>, report: &mut Report) {
    for (name, share, gate, goal) in [("p50", 0.5, 8.0, 4.0), ("p99", 0.99, 20.0, 10.0)] {
        let at = |samples: &Samples| samples.clone().percentile(share).as_secs_f64();
        let ours = Duration::from_secs_f64(median(rounds.iter().map(|(_, samples)| at(samples)).collect()));
        let ratio = median(rounds.iter().map(|(s, samples)| at(samples) / s).collect());
        report.tell(Figure::less(format!("{what}, {name}"), millis(ours), ratio, "S").gate(gate).goal(goal));
    }
}

async fn findable(firm: &Firm<'_>, report: &mut Report) {
    let (mut client, mut findable) = (firm.client().await, Samples::default());
    for n in 0..40 {
        let word = format!("palavra{n}x{}", std::process::id());
        let posted = webhook(firm.address(), 15_550_300_000, &format!("wamid.find{n}"), &word);
        assert_eq!(client.send(&posted).await.unwrap().0, 200);
        let begun = Instant::now();
        let asked = get(firm.address(), firm.token, &format!("/messages/search?query={word}"));
        loop {
            let (_, said) = client.send(&asked).await.unwrap();
            if said.windows(word.len()).any(|part| part == word.as_bytes()) {
                break;
            }
        }
        findable.add(begun.elapsed());
    }
    let worst = findable.worst();
    let note = format!("worst of 40: {}", millis(worst));
    report.tell(in_millis("findable after the answer, p50", findable.percentile(0.5)).gate(1_500.0).goal(50.0).note(note));
}

/// What a provider that was away for a while posts: a thousand messages in one body.
async fn batches(firm: &Firm<'_>, rounds: usize, report: &mut Report) {
    const MESSAGES: u64 = 1_000;
    let mut browser = Socket::open(firm.address(), firm.token, "").await;
    let mut client = firm.client().await;
    let (mut acked, mut seen, mut parsed, mut bytes) = (Samples::default(), Samples::default(), Samples::default(), 0);
    for round in 0..rounds * 4 {
        let one = |n: u64| {
            let text = format!("mensagem {n} de uma remessa que esperou por nós enquanto a ligação esteve em baixo");
            (FIRST_NUMBER + n % 100, format!("wamid.batch{round}.{n}."), text)
        };
        let (body, signature) = appliance::signed_all((0..MESSAGES).map(one));
        bytes = body.len();
        let last = format!("wamid.batch{round}.{}.", MESSAGES - 1);
        let asked =
            request(firm.address(), "POST", "/webhooks/whatsapp", &[("x-hub-signature-256", &signature)], body.as_bytes());
        let begun = Instant::now();
        let ask = async {
            assert_eq!(client.send(&asked).await.unwrap().0, 200);
            begun.elapsed()
        };
        let see = async {
            browser.until_of("message.received", &last).await;
            begun.elapsed()
        };
        let (ack, all) = tokio::join!(ask, see);
        acked.add(ack);
        seen.add(all);
        let begun = Instant::now();
        let read: serde_json::Value = serde_json::from_str(&body).unwrap();
        parsed.add(begun.elapsed());
        assert!(read.is_object());
    }
    let s = durable_append(firm.data);
    let beside = format!(
        "{} KB; one synced append {}, the parse alone {}",
        bytes / 1024,
        millis(Duration::from_secs_f64(s)),
        millis(parsed.percentile(0.5))
    );
    let answer = in_millis(format!("{MESSAGES} messages in one webhook → durable answer, p99"), acked.percentile(0.99));
    report.tell(answer.gate(250.0).note(beside));
    let all = in_millis(format!("{MESSAGES} messages in one webhook → all in a browser, p99"), seen.percentile(0.99));
    report.tell(all.gate(2_000.0).note(format!("p50 {}", millis(seen.percentile(0.5)))));
}

/// An agent's reply: durable, on a colleague's screen, taken by the provider. Slower than a number may send, so
/// that no message waits for its turn; the limit beside it is asked for in the same rhythm, because a disk and a
/// processor that rest between two appends are slower at each.
async fn replies(firm: &Firm<'_>, rounds: usize, report: &mut Report) {
    let list = firm.house.get_done("GET", "/conversations?tab=all&limit=1", Some(firm.token), None).await;
    let conversation = list["items"][0]["id"].as_str().unwrap().to_owned();
    firm.house.get_done("POST", &format!("/conversations/{conversation}/assign"), Some(firm.token), Some(json!({}))).await;
    let mut client = firm.client().await;
    let mut browser = Socket::open(firm.address(), firm.token, "").await;
    let bearer = format!("Bearer {}", firm.token);
    let (mut acks, mut pushes, mut taken) = (Vec::new(), Vec::new(), Samples::default());
    for round in 0..rounds {
        let s = spaced_append(firm.data, PAUSE);
        let (mut acked, mut pushed) = (Samples::default(), Samples::default());
        for n in 0..60 {
            tokio::time::sleep(PAUSE).await;
            let text = format!("Já vamos a caminho ({round}.{n})");
            let body = json!({"conversationId": conversation, "content": text}).to_string();
            let asked = request(firm.address(), "POST", "/api/v1/messages/send", &[("authorization", &bearer)], body.as_bytes());
            let begun = Instant::now();
            let ask = async {
                assert_eq!(client.send(&asked).await.unwrap().0, 201);
                begun.elapsed()
            };
            let see = async {
                browser.until_of("message.created", &text).await;
                let seen = begun.elapsed();
                browser.until_of("message.updated", r#""status":"SENT""#).await;
                (seen, begun.elapsed())
            };
            let (ack, (push, sent)) = tokio::join!(ask, see);
            acked.add(ack);
            pushed.add(push);
            taken.add(sent);
        }
        acks.push((s, acked));
        pushes.push((s, pushed));
    }
    both("agent's reply → durable answer", acks, report);
    both("agent's reply → a colleague's browser", pushes, report);
    let note = format!("p99 {}", millis(taken.percentile(0.99)));
    report.tell(in_millis("agent's reply → taken by the provider, shown as sent, p50", taken.percentile(0.5)).note(note));
}

/// Many customers at once, as a load and for the history of what follows.
async fn filled(firm: &Firm<'_>, messages: usize, report: &mut Report) {
    let one = |n: usize| {
        let text = format!("Boa tarde, estou parado no quilómetro {n} com um pneu furado");
        webhook(firm.address(), FIRST_NUMBER + n as u64 % CUSTOMERS, &format!("wamid.load{n}"), &text)
    };
    let (mut sent, mut took) = (0, 0.0);
    while sent < messages {
        let until = messages.min(sent + 50_000);
        let all: Arc<[Vec<u8>]> = (sent..until).map(one).collect();
        let sample = load(firm.address(), 64, Duration::from_secs(600), Requests::Once(all)).await.unwrap();
        (sent, took) = (until, took + sample.elapsed.as_secs_f64());
    }
    let held = memory(&firm.pid());
    let rate = format!("{} /s", short(messages as f64 / took));
    report.tell(Figure::more(format!("{messages} webhooks, 64 clients, durable"), rate, messages as f64 / took, "/s"));
    report.tell(in_mb("memory right after that", held.resident).gate(200.0).note(held.more()));
}

/// Tokens of as many people as the sockets need: agents, all of one queue.
async fn people(firm: &Firm<'_>, sockets: usize) -> Vec<String> {
    let queues = firm.house.get_done("GET", "/queues", Some(firm.token), None).await;
    let queue = &queues["items"][0]["id"];
    let one = |n: usize| async move {
        let (email, password) = (format!("p{n}@example.com"), PASSWORD);
        let user = json!({"name": format!("P {n}"), "email": email, "password": password, "role": "AGENT", "queueIds": [queue]});
        firm.house.get_done("POST", "/users", Some(firm.token), Some(user)).await;
        let login = json!({"email": email, "password": password});
        firm.house.get_done("POST", "/auth/login", None, Some(login)).await["token"].as_str().unwrap().to_owned()
    };
    stream::iter(0..sockets.div_ceil(SOCKETS_A_PERSON)).map(one).buffered(2).collect().await
}

async fn open(address: &str, people: &[String], sockets: usize, query: &str) -> Vec<Socket> {
    let all = (0..sockets).map(|n| Socket::open(address, &people[n / SOCKETS_A_PERSON % people.len()], query));
    stream::iter(all).buffer_unordered(sockets.max(1)).collect().await
}

/// Webhooks at a steady rate to many browsers, from the moment each was due to the moment each browser has it.
#[allow(clippy::too_many_arguments, reason = "two calls, one screen apart")]
async fn fan_out(
    firm: &Firm<'_>,
    people: &[String],
    sockets: usize,
    rate: usize,
    stalled: usize,
    what: &str,
    (gate, goal): (f64, f64),
    s: Option<f64>,
    report: &mut Report,
) -> Duration {
    const SECONDS: usize = 5;
    let total = rate * SECONDS;
    // Those who never read are the owner's: the others have as many sockets as they may.
    let silent = open(firm.address(), &[firm.token.to_owned()], stalled, "").await;
    let mut reading = tokio::task::JoinSet::new();
    for mut socket in open(firm.address(), people, sockets, "").await {
        reading.spawn(async move {
            let mut times = Vec::with_capacity(total);
            while times.len() < total {
                match tokio::time::timeout(Duration::from_secs(10), socket.stamp()).await {
                    Ok(Some(due)) => times.push(now().saturating_sub(due)),
                    _ => break,
                }
            }
            times
        });
    }
    let (send, due) = tokio::sync::mpsc::unbounded_channel::<Vec<u8>>();
    let due = Arc::new(tokio::sync::Mutex::new(due));
    let mut sending = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (due, mut client) = (due.clone(), firm.client().await);
        sending.spawn(async move {
            loop {
                let Some(asked) = due.lock().await.recv().await else { break };
                assert_eq!(client.send(&asked).await.unwrap().0, 200);
            }
        });
    }
    let (address, cpu) = (firm.address().to_owned(), process_cpu(&firm.pid()));
    let begun = Instant::now();
    // Timers of the runtime tick each millisecond; a thread's sleep is finer.
    let pacing = std::thread::spawn(move || {
        for n in 0..total {
            let at = Duration::from_secs_f64(n as f64 / rate as f64);
            std::thread::sleep(at.saturating_sub(begun.elapsed()));
            let (due, who) = (now(), FIRST_NUMBER + n as u64 % CUSTOMERS);
            let _ = send.send(webhook(&address, who, &format!("wamid.fan.{due}.{n}"), &format!("stamp {due}, ainda à espera")));
        }
    });
    sending.join_all().await;
    tokio::task::spawn_blocking(|| pacing.join().unwrap()).await.unwrap();
    let (mut all, mut seen) = (Samples::default(), 0);
    for times in reading.join_all().await {
        seen += times.len();
        times.into_iter().for_each(|nanos| all.add(Duration::from_nanos(nanos)));
    }
    let server = (process_cpu(&firm.pid()) - cpu).as_secs_f64() / SECONDS as f64;
    drop(silent);
    let lost = total * sockets - seen;
    let note = format!("p50 {}, {seen} deliveries, {lost} lost, server {server:.2} cores", millis(all.percentile(0.5)));
    let p99 = all.percentile(0.99);
    let figure = match s {
        Some(s) => in_s(format!("{what}, p99"), p99, s),
        None => in_millis(format!("{what}, p99"), p99),
    };
    report.tell(if gate < f64::MAX { figure.gate(gate).goal(goal).note(note) } else { figure.note(note) });
    report.tell(Figure::less(format!("{what}, lost"), lost.to_string(), lost as f64, "").gate(0.0));
    p99
}

/// What each holds is measured in `realtime`, without the start of a house around it.
async fn idle_sockets(data: &Path, token: &str, people: &[String], sockets: usize, report: &mut Report) {
    let (firm, _) = Firm::start(data, token).await;
    let held = open(firm.address(), people, sockets, "").await;
    firm.rest(&format!("{sockets} browsers"), None, report).await;
    firm.house.stop();
    drop(held);
}

/// Everybody comes back at once after a restart, and has to be told what they missed.
async fn return_of_all(data: &Path, token: &str, people: &[String], sockets: usize, report: &mut Report) {
    const MISSED: u64 = 100;
    let (firm, _) = Firm::start(data, token).await;
    let seq = Socket::open(firm.address(), token, "").await.seq;
    let mut client = firm.client().await;
    for n in 0..MISSED {
        let missed = webhook(firm.address(), FIRST_NUMBER + n, &format!("wamid.missed{n}"), &format!("stamp {n}"));
        assert_eq!(client.send(&missed).await.unwrap().0, 200);
    }
    firm.house.stop();
    let (firm, _) = Firm::start(data, token).await;
    let (address, begun) = (firm.address().to_owned(), Instant::now());
    let one = |n: usize| {
        let (address, token) = (address.as_str(), people[n / SOCKETS_A_PERSON].as_str());
        async move {
            let mut socket = Socket::open(address, token, &format!("?after={seq}")).await;
            let mut told = Vec::new();
            while told.len() < MISSED as usize {
                match tokio::time::timeout(Duration::from_secs(20), socket.stamp()).await {
                    Ok(Some(n)) => told.push(n),
                    _ => break,
                }
            }
            // In order, each once.
            (0..MISSED).zip(&told).filter(|(n, told)| n == *told).count()
        }
    };
    let told: Vec<usize> = stream::iter(0..sockets).map(one).buffer_unordered(sockets).collect().await;
    let took = begun.elapsed();
    let lost = sockets * MISSED as usize - told.iter().sum::<usize>();
    let what = format!("{sockets} browsers come back at once, until each has the {MISSED} events it missed");
    report.tell(in_millis(what, took).gate(5_000.0).goal(1_000.0));
    let name = format!("{sockets} browsers come back at once, events lost or out of order");
    report.tell(Figure::less(name, lost.to_string(), lost as f64, "").gate(0.0));
    firm.house.stop();
}

/// From the start of the process to a served inbox: warm, cold, and after `kill -9` in the middle of a burst.
async fn starts(data: &Path, token: &str, rounds: usize, messages: usize, report: &mut Report) {
    let (mut warm, mut cold, mut killed, mut opened) =
        (Samples::default(), Samples::default(), Samples::default(), Samples::default());
    let mut killed_cold = Samples::default();
    for n in 0..rounds as u64 {
        let (firm, took) = Firm::start(data, token).await;
        warm.add(took);
        kill_in_a_burst(firm, n * 2).await;
        let (firm, took) = Firm::start(data, token).await;
        killed.add(took);
        kill_in_a_burst(firm, n * 2 + 1).await;
        let is_cold = forget_pages();
        let (firm, took) = Firm::start(data, token).await;
        if is_cold {
            killed_cold.add(took);
        }
        firm.house.stop();
        if forget_pages() {
            let (firm, took) = Firm::start(data, token).await;
            cold.add(took);
            let mut client = firm.client().await;
            // Somebody's first is not counted: its code comes from the disk too.
            for k in 0..101 {
                if k == 1 {
                    forget_files(data);
                }
                let number = (n * 100 + k) * 37 % CUSTOMERS + 1;
                let head = get(firm.address(), token, &format!("/conversations/{number}"));
                let thread = get(firm.address(), token, &format!("/conversations/{number}/messages?limit=50"));
                let begun = Instant::now();
                let (status, _) = client.send(&head).await.unwrap();
                assert_eq!(status, 200, "conversation {number}");
                let (status, _) = client.send(&thread).await.unwrap();
                assert_eq!(status, 200, "messages of {number}");
                if k > 0 {
                    opened.add(begun.elapsed());
                }
            }
            firm.house.stop();
        }
    }
    let told = |what: &str| format!("{what}, {messages} messages, p50");
    report.tell(in_millis(told("start to a served inbox, warm"), warm.percentile(0.5)).gate(1_000.0).goal(50.0));
    report.tell(in_millis(told("served again after kill -9 under load, warm"), killed.percentile(0.5)).gate(1_000.0).goal(100.0));
    if cold.len() > 0 {
        report.tell(
            in_millis(told("start to a served inbox, nothing in the page cache"), cold.percentile(0.5)).gate(1_000.0).goal(200.0),
        );
        let name = told("served again after kill -9, nothing in the page cache");
        report.tell(in_millis(name, killed_cold.percentile(0.5)).gate(1_000.0).goal(250.0));
        report.tell(
            in_millis("open conversation, head and newest 50, data file not in the page cache, p99", opened.percentile(0.99))
                .gate(5.0)
                .goal(2.0),
        );
    } else {
        report.warn("no right to empty the page cache: cold starts are not measured".to_owned());
    }
    let (firm, _) = Firm::start(data, token).await;
    firm.rest(&format!("{messages} messages"), Some((60.0, 32.0)), report).await;
    firm.house.stop();
}

async fn kill_in_a_burst(firm: Firm<'_>, round: u64) {
    let house = &firm.house;
    let burst = stream::iter(0..400u64).for_each_concurrent(16, |k| async move {
        if k == 300 {
            house.kill_now();
        }
        house.webhook(FIRST_NUMBER + k, &format!("wamid.kill{round}.{k}"), "ainda estou à espera").await;
    });
    burst.await;
}

/// `farol demo`: until it answers, and until a first live message moves on a screen.
async fn demo(report: &mut Report) {
    let begun = Instant::now();
    let mut child = appliance::command("demo").spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut url, mut sign_in) = (String::new(), None);
    for line in lines.map_while(Result::ok) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if sign_in.is_none() && words.iter().any(|word| word.contains('@')) {
            let at = words.iter().position(|word| word.contains('@')).unwrap();
            sign_in = Some((words[at].to_owned(), words[at + 1].to_owned()));
        }
        if let Some(at) = line.strip_prefix("ready ") {
            url = at.trim_end_matches('/').to_owned();
            break;
        }
    }
    let address = url.split("//").nth(1).expect("the demo gets ready").to_owned();
    let mut client = Client::connect(&address).await.unwrap();
    assert_eq!(client.send(&request(&address, "GET", "/readyz", &[], &[])).await.unwrap().0, 200);
    let ready = begun.elapsed();
    report.tell(in_millis("demo: start until it answers, with its year of history", ready).gate(10_000.0));
    let (email, password) = sign_in.expect("it says how to sign in");
    let login = json!({"email": email, "password": password}).to_string();
    let opened = Instant::now();
    let (status, said) = client.send(&request(&address, "POST", "/api/v1/auth/login", &[], login.as_bytes())).await.unwrap();
    assert_eq!(status, 200);
    let said: serde_json::Value = serde_json::from_slice(said).unwrap();
    let mut browser = Socket::open(&address, said["token"].as_str().unwrap(), "").await;
    let seen = tokio::time::timeout(Duration::from_secs(60), browser.until(r#""type":"message."#)).await;
    let moved = if seen.is_ok() { opened.elapsed() } else { Duration::from_secs(60) };
    report.tell(in_millis("demo: page opened until the first live message", moved).gate(10_000.0));
    let held = memory(&child.id().to_string());
    report.tell(in_mb("demo: memory then", held.resident).note(held.more()));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success(), "the demo ends when asked");
}
