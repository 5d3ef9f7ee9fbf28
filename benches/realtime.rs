//! Fan-out to many sockets, beside a plain loop of TCP writes of the same bytes (`W`), and memory of an idle socket:
//! the hub alone over a store in memory. The whole program with as many browsers is in `appliance`.
//!
//! The clients are this program again, in a process of their own (`realtime clients ADDRESS COUNT`), so that memory
//! and CPU shown are the server's. `FAROL_BENCH_SOCKETS` (500), `FAROL_BENCH_SECONDS` (5), `FAROL_BENCH_RATE` (100).
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench measures, prints and stops at a fault"
)]

mod harness;

use farol::{
    base::{Actor, Env, Error, Grants, Origin, Result, SessionId, TenantId, UserId},
    platform::{
        http::{Authenticator, HttpSettings, Kit, site},
        journal::{Audience, Event, NewEvent},
        realtime::{Class, Encoded, Encoder, Hub, HubParts, Rights, Touched, routes},
        store::{Lane, Store, View},
    },
};
use harness::{Figure, Report, Samples, cpu, in_millis, median, millis, report, resident, setting, short};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

/// As long as a message of the inbox with its conversation.
const PAD: usize = 900;

struct Everybody(TenantId);
impl Everybody {
    fn actor(&self, number: u128) -> Actor {
        Actor {
            user: UserId(Uuid::from_u128(number)),
            name: "agent".into(),
            session: SessionId(Uuid::from_u128(number)),
            tenant: self.0,
            grants: Arc::new(Grants::default()),
            queues: Arc::new([]),
            origin: Origin::system(),
        }
    }
}
impl Rights for Everybody {
    fn again(&self, actor: &Actor) -> Result<Actor> {
        Ok(actor.clone())
    }
    fn touches(&self, _: &Event) -> Touched {
        Touched::Nobody
    }
}
impl Authenticator for Everybody {
    fn authenticate(&self, parts: &axum::http::request::Parts, _: &Origin) -> Result<Actor> {
        let token = parts.headers.get("authorization").and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "));
        token.and_then(|t| t.parse().ok()).map(|n| self.actor(n)).ok_or(Error::Unauthenticated("unauthenticated"))
    }
}

struct Frames;
impl Encoder for Frames {
    fn wants(&self, _: &str) -> bool {
        true
    }
    fn encode(&self, _: &View, event: &Event, _: Class) -> Result<Option<Encoded>> {
        let data = json!({"t": event.data["t"], "end": event.data["end"], "pad": "x".repeat(PAD)});
        Ok(Some(Encoded { kind: event.kind.clone(), data, audience: None }))
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// The other process: opens sockets, reads until the frame that says so, prints what it saw.
struct Clients {
    child: Child,
    say: ChildStdin,
    told: BufReader<std::process::ChildStdout>,
}

impl Clients {
    fn start(mode: &str, address: &str, count: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([mode, address, &count.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut clients = Self { say: child.stdin.take().unwrap(), told: BufReader::new(child.stdout.take().unwrap()), child };
        assert_eq!(clients.line(), "ready");
        clients
    }
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
    fn end(mut self) {
        let _ = writeln!(self.say, "end");
        let _ = self.child.wait();
    }
}

#[tokio::main(flavor = "current_thread")]
async fn clients(mode: &str, address: &str, count: usize) {
    let mut reading = tokio::task::JoinSet::new();
    let mut kept = Vec::new();
    for n in 0..count {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        if mode != "plain" {
            // Twenty sockets are one person's at most.
            let head = format!(
                "GET /api/v1/events HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                 sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nauthorization: Bearer {}\r\n\r\n",
                n + 1
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\n") {
                answer.push(stream.read_u8().await.unwrap());
            }
            assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        }
        match mode {
            "clients" => drop(reading.spawn(read_frames(stream))),
            "plain" => drop(reading.spawn(read_plain(stream))),
            // Idle and stalled ones read nothing at all.
            _ => kept.push(stream),
        }
    }
    println!("ready");
    if !kept.is_empty() {
        let _ = std::io::stdin().read_line(&mut String::new());
        return;
    }
    let (mut samples, mut frames, mut lost) = (Samples::default(), 0u64, 0);
    while let Some(seen) = reading.join_next().await {
        let (times, count, resyncs) = seen.unwrap();
        frames += count;
        lost += resyncs;
        for t in times {
            samples.add(Duration::from_nanos(t));
        }
    }
    // Whoever only swallowed bytes has nothing to tell, and nobody listens any more.
    if mode == "plain" {
        return;
    }
    let (p50, p99) = (samples.percentile(0.5), samples.percentile(0.99));
    println!("{frames} {lost} {} {} {}", p50.as_nanos(), p99.as_nanos(), cpu().as_millis());
}

async fn read_frames(stream: tokio::net::TcpStream) -> (Vec<u64>, u64, u64) {
    let mut stream = tokio::io::BufReader::with_capacity(64 << 10, stream);
    let (mut times, mut count, mut resyncs) = (Vec::new(), 0, 0);
    let mut body = Vec::new();
    while let (Ok(op), Ok(short)) = (stream.read_u8().await, stream.read_u8().await) {
        let length = match short {
            126 => u64::from(stream.read_u16().await.unwrap()),
            127 => stream.read_u64().await.unwrap(),
            n => u64::from(n),
        };
        body.resize(length as usize, 0);
        stream.read_exact(&mut body).await.unwrap();
        if op & 0x0F != 1 {
            continue;
        }
        let text = std::str::from_utf8(&body).unwrap();
        if text.contains(r#""type":"resync""#) {
            resyncs += 1;
        }
        let Some(at) = text.find(r#""t":"#) else { continue };
        let sent: u64 = text[at + 4..].split([',', '}']).next().unwrap().parse().unwrap();
        times.push(now().saturating_sub(sent));
        count += 1;
        if text.contains(r#""end":true"#) {
            break;
        }
    }
    (times, count, resyncs)
}

async fn read_plain(mut stream: tokio::net::TcpStream) -> (Vec<u64>, u64, u64) {
    let mut buffer = vec![0; 64 << 10];
    while stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {}
    (Vec::new(), 0, 0)
}

struct House {
    store: Store,
    tenant: TenantId,
    address: String,
    hub: Hub,
}

impl House {
    async fn build() -> Self {
        let env = Env::system();
        let store = Store::in_memory(env.clone());
        let tenant: TenantId = env.new_id();
        store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(tenant)).await.unwrap();
        let people = Arc::new(Everybody(tenant));
        let hub = Hub::new(HubParts {
            store: store.clone(),
            env: env.clone(),
            build: "bench".into(),
            encoders: vec![Box::new(Frames)],
            rights: people.clone(),
            sight: None,
            numbered: None,
        });
        tokio::spawn(hub.clone().run());
        let mut settings = HttpSettings::default();
        settings.rates.enabled = false;
        let kit = Kit::builder(store.clone(), env, settings).authenticator(people).provide(Arc::new(hub.clone())).build();
        let site = site(&kit, routes());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let service = axum::ServiceExt::<axum::extract::Request>::into_make_service(site);
            // As our own listener does: a small frame must not wait for the next one.
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream: &mut tokio::net::TcpStream| {
                let _ = stream.set_nodelay(true);
            });
            axum::serve(listener, service).await.unwrap();
        });
        Self { store, tenant, address, hub }
    }

    async fn publish(&self, end: bool) {
        let t = now();
        let tell = move |tx: &mut farol::platform::store::Tx<'_, '_>| {
            let everybody = Audience { exists: true, ..Audience::default() };
            let (before, data) = (everybody.clone(), json!({"t": t, "end": end}));
            tx.emit(NewEvent { kind: "bench.told", subject: Uuid::nil(), before, after: everybody, data })
        };
        self.store.write(self.tenant, Lane::Jobs, Origin::system(), tell).await.unwrap();
    }

    /// Events at a steady rate to everybody.
    async fn steady(&self, sockets: usize, rate: usize, seconds: usize) -> Steady {
        let mut clients = Clients::start("clients", &self.address, sockets);
        while self.hub.sockets() < sockets {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (used, began) = (cpu(), tokio::time::Instant::now());
        let mut tick = tokio::time::interval(Duration::from_secs_f64(1.0 / rate as f64));
        for n in 0..rate * seconds {
            tick.tick().await;
            self.publish(n + 1 == rate * seconds).await;
        }
        let line = tokio::task::spawn_blocking(move || {
            let line = clients.line();
            clients.end();
            line
        });
        let line = line.await.unwrap();
        let took = began.elapsed().as_secs_f64();
        let n: Vec<u64> = line.split(' ').map(|n| n.parse().unwrap()).collect();
        Steady {
            frames: n[0],
            resyncs: n[1],
            lost: (sockets * rate * seconds) as i64 - n[0] as i64,
            p50: Duration::from_nanos(n[2]),
            p99: Duration::from_nanos(n[3]),
            server: (cpu() - used).as_secs_f64() / took,
            clients: n[4] as f64 / 1e3 / took,
        }
    }
}

/// What one steady load found.
#[derive(Clone)]
struct Steady {
    frames: u64,
    resyncs: u64,
    lost: i64,
    p50: Duration,
    p99: Duration,
    /// Cores that the server and the clients took.
    server: f64,
    clients: f64,
}

impl Steady {
    fn words(&self) -> String {
        let Self { resyncs, lost, p50, server, clients, .. } = self;
        let p50 = millis(*p50);
        format!("p50 {p50}, {lost} frames lost, {resyncs} resyncs; server {server:.2} cores, clients {clients:.2}")
    }
}

/// One thread writes the same bytes to every socket, again and again: nothing that writes frame by frame is faster.
fn plain_writes(sockets: usize, frames: usize) -> f64 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let accepting = std::thread::spawn(move || (0..sockets).map(|_| listener.accept().unwrap().0).collect::<Vec<_>>());
    let clients = Clients::start("plain", &address, sockets);
    let mut streams = accepting.join().unwrap();
    let frame = vec![b'x'; PAD + 150];
    let began = std::time::Instant::now();
    for _ in 0..frames {
        for stream in &mut streams {
            stream.write_all(&frame).unwrap();
        }
    }
    let took = began.elapsed();
    drop(streams);
    drop(clients.say);
    (sockets * frames) as f64 / took.as_secs_f64()
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.len() == 4 && matches!(args[1].as_str(), "clients" | "plain" | "idle" | "stalled") {
        return clients(&args[1], &args[2], args[3].parse().unwrap());
    }
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(bench());
}

/// How often the same load is measured; the middle one counts.
const ROUNDS: usize = 3;

async fn bench() {
    let sockets = setting("FAROL_BENCH_SOCKETS", 500);
    let (seconds, rate) = (setting("FAROL_BENCH_SECONDS", 5), setting("FAROL_BENCH_RATE", 100));
    let mut report = report("realtime");
    report.warn("the clients, a process of their own, share the machine's cores with the server".to_owned());
    report.aside(&format!("{sockets} sockets, frames of about {} bytes", PAD + 150));

    let house = House::build().await;
    house.publish(false).await;
    for count in [sockets, sockets * 4] {
        idle(&house, count, seconds, &mut report).await;
    }

    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(house.steady(sockets, rate, seconds).await);
        let stalled = Clients::start("stalled", &house.address, 5);
        beside.push(house.steady(sockets, rate, seconds).await);
        tokio::task::spawn_blocking(move || stalled.end()).await.unwrap();
    }
    let (alone, beside) = (middle(alone), middle(beside));
    let to_all = in_millis(format!("{rate} events/s to {sockets} sockets, p99"), alone.p99).gate(25.0).goal(8.0);
    report.tell(to_all.note(alone.words()));
    let lost = alone.lost + alone.resyncs as i64;
    report.tell(Figure::less(format!("{rate} events/s to {sockets} sockets, lost"), lost.to_string(), lost as f64, "").gate(0.0));
    let with = in_millis(format!("{rate} events/s to {sockets} sockets, five stalled ones among them, p99"), beside.p99);
    report.tell(with.gate(25.0).goal(8.0).note(beside.words()));
    let slower = beside.p99.as_secs_f64() / alone.p99.as_secs_f64();
    let name = "p99 beside stalled sockets, as a multiple of without";
    report.tell(Figure::less(name, format!("{} ×", short(slower)), slower, "×").goal(1.1));

    let w = median((0..ROUNDS).map(|_| plain_writes(sockets, 200)).collect());
    report.limit("W", "plain TCP writes of the same bytes, one thread", &format!("{} writes/s", short(w)), w);
    let mut high = 0.0f64;
    for rate in [300, 600, 1_200, 2_400] {
        let found = house.steady(sockets, rate, 3).await;
        let delivered = found.frames as f64 / 3.0;
        if found.p99 <= Duration::from_millis(20) && found.resyncs == 0 {
            high = high.max(delivered);
        }
        let (p99, words) = (millis(found.p99), found.words());
        report.aside(&format!("  {rate} events/s to all: {} deliveries/s, p99 {p99}, {words}", short(delivered)));
    }
    let shown = format!("{} /s", short(high));
    report.tell(Figure::more("deliveries/s at p99 <= 20 ms", shown, high / w, "W").goal(0.9));
    house.hub.stop();
    report.end();
}

fn middle(mut rounds: Vec<Steady>) -> Steady {
    rounds.sort_by_key(|round| round.p99);
    rounds.swap_remove(rounds.len() / 2)
}

/// What sockets cost that only listen.
async fn idle(house: &House, sockets: usize, seconds: usize, report: &mut Report) {
    let before = resident();
    let idle = Clients::start("idle", &house.address, sockets);
    while house.hub.sockets() < sockets {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let each = resident().saturating_sub(before) as f64 / sockets as f64 / 1024.0;
    let memory = Figure::less(format!("memory of an idle socket, of {sockets}"), format!("{} KB", short(each)), each, "KB");
    report.tell(memory.gate(30.0).goal(12.0));
    let (used, began) = (cpu(), tokio::time::Instant::now());
    tokio::time::sleep(Duration::from_secs(seconds as u64 * 2)).await;
    let share = (cpu() - used).as_secs_f64() / began.elapsed().as_secs_f64() * 100.0;
    let figure = Figure::less(format!("CPU of {sockets} idle sockets"), format!("{share:.2} %"), share, "%");
    report.tell(figure.gate(2.0).goal(0.3));
    tokio::task::spawn_blocking(move || idle.end()).await.unwrap();
    while house.hub.sockets() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
