//! The real binary as a firm has it: starting, resting, taking customers in, waking up after `kill -9`, and five
//! hundred browsers that all come back at once.
//!
//! Durable operations stand beside `S` (a synced append of 200 bytes), the rest beside the gates of the design.
//! `FAROL_BENCH_MESSAGES` (20,000), `FAROL_BENCH_SOCKETS` (500), `FAROL_BENCH_ROUNDS` (5).
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench measures, prints and stops at a fault"
)]

#[path = "../tests/appliance.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod appliance;
mod harness;

use appliance::Appliance;
use futures_util::stream::{self, StreamExt};
use harness::{Samples, durable_append, machine, millis, row, setting, times};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One person may have twenty sockets open.
const SOCKETS_A_PERSON: usize = 20;

/// A browser's socket, as far as a load generator needs one.
struct Socket(TcpStream);

impl Socket {
    async fn open(address: &str, token: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!(
            "GET /api/v1/events HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        let mut socket = Self(stream);
        // The first frame says where the journal stands: from here on nothing is missed.
        socket.frame().await;
        socket
    }
    async fn frame(&mut self) -> Vec<u8> {
        let _ = self.0.read_u8().await.unwrap();
        let length = match self.0.read_u8().await.unwrap() {
            126 => u64::from(self.0.read_u16().await.unwrap()),
            127 => self.0.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut body = vec![0; length as usize];
        self.0.read_exact(&mut body).await.unwrap();
        body
    }
    async fn until(&mut self, word: &str) {
        while !self.frame().await.windows(word.len()).any(|part| part == word.as_bytes()) {}
    }
}

fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

fn cpu_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split_whitespace().collect();
    fields[11..13].iter().map(|n| n.parse::<u64>().unwrap()).sum()
}

fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / f64::from(1 << 20))
}

/// How long `farol serve` takes until it answers.
async fn start(data: &std::path::Path) -> (Appliance, Duration) {
    let begun = Instant::now();
    let (appliance, _) = Appliance::start(data).await;
    (appliance, begun.elapsed())
}

/// Has the system read everything from the disk again; needs the rights for that.
fn forget_pages() -> bool {
    rustix::fs::sync();
    std::fs::write("/proc/sys/vm/drop_caches", "1").is_ok()
}

async fn rest(pid: u32, name: &str, gate: &str) {
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = cpu_ticks(pid);
    tokio::time::sleep(Duration::from_secs(10)).await;
    // A tick is a hundredth of a second on every architecture we build for.
    let share = (cpu_ticks(pid) - before) as f64 / 10.0;
    row(name, &format!("{}, {share:.2} % CPU", mb(memory(pid))), gate);
}

#[tokio::main]
async fn main() {
    machine("appliance");
    let (messages, sockets) = (setting("FAROL_BENCH_MESSAGES", 20_000), setting("FAROL_BENCH_SOCKETS", 500));
    let rounds = setting("FAROL_BENCH_ROUNDS", 5);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let limit = durable_append(data).percentile(0.5);
    row("S, synced append of 200 bytes", &format!("{} ms", millis(limit)), "");
    let binary = std::fs::metadata(env!("CARGO_BIN_EXE_farol")).unwrap().len();
    row("binary as built here", &mb(binary), "gate 40 MB, goal 20 MB (the packaged one is stripped)");

    let (first, code) = Appliance::start(data).await;
    let token = first.found(&code.unwrap()).await;
    rest(first.pid(), "at rest, new firm", "gate 60 MB, 2 %; goal 20 MB, 0.3 %").await;
    first.stop();
    let mut warm = Samples::default();
    for _ in 0..rounds {
        let (appliance, took) = start(data).await;
        warm.add(took);
        appliance.stop();
    }
    row("start of a new firm's box", &warm.show(), "goal 50 ms");

    let (house, _) = start(data).await;
    let address = house.address().to_owned();
    let mut browser = Socket::open(&address, &token).await;
    let (mut acked, mut pushed) = (Samples::default(), Samples::default());
    for n in 0..1_000u64 {
        let (id, begun) = (format!("wamid.push{n}."), Instant::now());
        let ask = async {
            assert!(house.webhook(15_550_300_000 + n % 50, &id, "o carro não pega").await);
            begun.elapsed()
        };
        let see = async {
            browser.until(&id).await;
            begun.elapsed()
        };
        let (ack, push) = tokio::join!(ask, see);
        acked.add(ack);
        pushed.add(push);
    }
    row("webhook, durable ack, 1 client", &acked.show(), &times(&mut acked, limit));
    row("webhook, durable, in the browser, 1 client", &pushed.show(), &format!("{} (gate 8 / 20 S)", times(&mut pushed, limit)));
    drop(browser);

    let mut findable = Samples::default();
    for n in 0..20 {
        let word = format!("palavra{n}x{}", std::process::id());
        assert!(house.webhook(15_550_300_000, &format!("wamid.find{n}"), &word).await);
        let begun = Instant::now();
        let path = format!("/messages/search?query={word}");
        while house.get_done("GET", &path, Some(&token), None).await["items"].as_array().is_none_or(Vec::is_empty) {}
        findable.add(begun.elapsed());
    }
    row("findable after the ack", &findable.show(), "gate 1,500 ms, goal 50 ms");

    let conversation = house.get_done("GET", "/conversations?tab=all&limit=1", Some(&token), None).await;
    let conversation = conversation["items"][0]["id"].as_str().unwrap().to_owned();
    house.get_done("POST", &format!("/conversations/{conversation}/assign"), Some(&token), Some(json!({}))).await;
    let mut replies = Samples::default();
    for n in 0..300 {
        let body = json!({"conversationId": conversation, "content": format!("Já vamos a caminho ({n})")});
        let begun = Instant::now();
        house.get_done("POST", "/messages/send", Some(&token), Some(body)).await;
        replies.add(begun.elapsed());
    }
    row("agent's reply, durable ack", &replies.show(), &format!("{} (gate 8 / 20 S)", times(&mut replies, limit)));

    let begun = Instant::now();
    let house_ref = &house;
    stream::iter(0..messages as u64)
        .for_each_concurrent(64, |n| async move {
            let text = format!("Boa tarde, estou parado no quilómetro {n} com um pneu furado");
            assert!(house_ref.webhook(15_550_400_000 + n % 2_000, &format!("wamid.load{n}"), &text).await);
        })
        .await;
    let rate = messages as f64 / begun.elapsed().as_secs_f64();
    row(&format!("{messages} webhooks, 64 clients"), &format!("{rate:.0} /s"), &mb(memory(house.pid())));

    let people: Vec<String> = stream::iter(0..sockets.div_ceil(SOCKETS_A_PERSON))
        .map(|n| {
            let (house, token) = (&house, token.as_str());
            async move {
                let (email, password) = (format!("p{n}@example.com"), "a sentence for the bench");
                let user = json!({"name": format!("P {n}"), "email": email, "password": password, "role": "SUPERVISOR"});
                house.get_done("POST", "/users", Some(token), Some(user)).await;
                let login = json!({"email": email, "password": password});
                house.get_done("POST", "/auth/login", None, Some(login)).await["token"].as_str().unwrap().to_owned()
            }
        })
        .buffered(2)
        .collect()
        .await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = memory(house.pid());
    let open = async |address: &str| {
        let all = (0..sockets).map(|n| Socket::open(address, &people[n / SOCKETS_A_PERSON]));
        stream::iter(all).buffer_unordered(sockets).collect::<Vec<Socket>>().await
    };
    let held = open(&address).await;
    let each = memory(house.pid()).saturating_sub(before) / sockets as u64;
    row("memory of an idle socket", &format!("{:.1} KB", each as f64 / 1024.0), "gate 30 KB, goal 12 KB");
    rest(house.pid(), &format!("at rest, {sockets} sockets"), "gate 2 %, goal 0.3 %").await;
    house.stop();
    drop(held);

    let (house, _) = start(data).await;
    let begun = Instant::now();
    let held = open(house.address()).await;
    row(
        &format!("{sockets} browsers come back at once"),
        &format!("{} ms", millis(begun.elapsed())),
        "gate 5,000 ms, goal 1,000 ms",
    );
    drop(held);
    house.stop();

    let (mut warm, mut cold, mut killed) = (Samples::default(), Samples::default(), Samples::default());
    for n in 0..rounds as u64 {
        let (appliance, took) = start(data).await;
        warm.add(took);
        // Killed in the middle of a burst.
        let burst = stream::iter(0..400u64).for_each_concurrent(16, |k| {
            let appliance = &appliance;
            async move {
                if k == 300 {
                    appliance.kill_now();
                }
                appliance.webhook(15_550_400_000 + k, &format!("wamid.kill{n}.{k}"), "ainda estou à espera").await;
            }
        });
        burst.await;
        drop(appliance);
        let (appliance, took) = start(data).await;
        killed.add(took);
        appliance.stop();
        if forget_pages() {
            let (appliance, took) = start(data).await;
            cold.add(took);
            appliance.stop();
        }
    }
    row("start, warm", &warm.show(), "gate 1,000 ms, goal 50 ms");
    if cold.len() > 0 {
        row("start, nothing in the page cache", &cold.show(), "gate 1,000 ms, goal 200 ms");
    }
    row("ready after kill -9 under load", &killed.show(), "gate 1,000 ms, goal 100 ms");
}
