//! `farol bench`: what this machine allows, and how near to it the house comes, in one run.
//!
//! Limits: `S`, the median of a synced append of 200 bytes to a file of the same folder; `H1` and `H`, the
//! median and the rate of a server that says hello. Every figure of ours stands beside its ratio to one.

use super::{
    demo::{self, DemoOptions},
    wire::{self, Line, Person},
    wire_client::Client,
};
use crate::{
    app::StartError,
    base::{Env, Error, time::Stopwatch},
    channels::{AppSecret, SIGNATURE_HEADER},
    config::Config,
};
use serde_json::{Value, json};
use std::{
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How the bench is to be.
#[derive(Debug, Clone)]
pub struct BenchOptions {
    /// Messages in the store before anything is measured.
    pub messages: usize,
    /// How long each operation is measured.
    pub time: Duration,
    /// The same seed asks the same questions.
    pub seed: u64,
    /// Only operations whose name begins with this.
    pub only: Option<String>,
}

/// One measured operation.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What was done.
    pub name: &'static str,
    /// So many at the same time.
    pub clients: usize,
    /// A second.
    pub rate: f64,
    /// Half took at most this long.
    pub p50: Duration,
    /// 99 of 100 took at most this long.
    pub p99: Duration,
    /// The distance to a limit, in words: `3.2 S (gate 8, goal 4)`.
    pub beside: String,
}

/// Everything one run found.
#[derive(Debug, Clone)]
pub struct Report {
    /// Median of a synced append.
    pub s: Duration,
    /// Median of a hello, one client.
    pub h1: Duration,
    /// Hellos a second, 64 clients.
    pub h: f64,
    /// Ours.
    pub figures: Vec<Figure>,
}

struct Sample {
    rate: f64,
    times: Vec<Duration>,
}

impl Sample {
    fn at(&self, share: f64) -> Duration {
        let last = self.times.len().saturating_sub(1);
        self.times.get((last as f64 * share) as usize).copied().unwrap_or_default()
    }
}

/// What one request of an operation is: method, path, headers, body.
type Request = (&'static str, String, Vec<(String, String)>, Vec<u8>);
type Make = Arc<dyn Fn(u64) -> Request + Send + Sync>;

/// Runs everything.
///
/// # Errors
/// If the house does not start, or an operation is refused.
pub async fn run(config: Config, options: BenchOptions) -> Result<Report, StartError> {
    let wanted = DemoOptions { seed: options.seed, messages: options.messages, live: false, ..DemoOptions::default() };
    let demo = demo::start(config, wanted).await?;
    let report = measure(&demo, &options).await;
    demo.stop();
    demo.run().await;
    report.map_err(|error| StartError::Other(Error::internal(format!("measure: {error}"))))
}

async fn measure(demo: &demo::Demo, options: &BenchOptions) -> Result<Report, Box<dyn std::error::Error + Send + Sync>> {
    let host = demo.url.split("//").nth(1).unwrap_or_default().to_owned();
    let s = synced_append(&demo.folder)?;
    let hello = hello().await?;
    let get: Make = Arc::new(|_| ("GET", "/".to_owned(), Vec::new(), Vec::new()));
    let h1 = load(&hello, 1, options.time, get.clone()).await?.at(0.5);
    let h = load(&hello, 64, options.time, get).await?.rate;

    let token = demo.owner_token().await?;
    let list = fetch(&host, &token, "/api/v1/conversations?tab=all&limit=200").await?;
    let ids: Vec<String> =
        list["items"].as_array().into_iter().flatten().filter_map(|c| c["id"].as_str().map(str::to_owned)).collect();
    let bearer = vec![("authorization".to_owned(), format!("Bearer {token}"))];
    let reading = |paths: Vec<String>| -> Make {
        let bearer = bearer.clone();
        Arc::new(move |n| ("GET", paths[n as usize % paths.len()].clone(), bearer.clone(), Vec::new()))
    };
    let words = ["guincho", "bateria", "pneu furado", "BR-101", "obrigado", "placa", "chaveiro", "recibo"];
    let searches = words.iter().map(|w| format!("/api/v1/messages/search?query={}&limit=20", w.replace(' ', "%20"))).collect();
    let inbox = reading(vec!["/api/v1/conversations?tab=all&limit=20".to_owned()]);
    let threads = reading(ids.iter().map(|id| format!("/api/v1/conversations/{id}")).collect());
    let found = reading(searches);
    let webhook = signed_webhooks(demo);
    // A note is an agent's write without the provider behind it, whose pace would be measured instead.
    let notes: Make = {
        let (mut headers, ids) = (bearer.clone(), ids.clone());
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        Arc::new(move |n| {
            let path = format!("/api/v1/conversations/{}/notes", ids[n as usize % ids.len()]);
            let body = json!({"content": format!("Cliente avisado ({n})")});
            ("POST", path, headers.clone(), body.to_string().into_bytes())
        })
    };

    let times = |d: Duration, unit: Duration| d.as_secs_f64() / unit.as_secs_f64().max(1e-9);
    let mut figures = Vec::new();
    for (name, clients, make, judge) in [
        ("webhook, durable ack", 1, webhook.clone(), Judge::S(8.0, 4.0)),
        ("webhook, durable ack", 64, webhook, Judge::H(0.10, 0.25)),
        ("agent's note, durable ack", 1, notes, Judge::S(8.0, 4.0)),
        ("inbox list of 20", 1, inbox.clone(), Judge::H1(3.0, 2.0)),
        ("inbox list of 20", 16, inbox, Judge::H(0.25, 0.45)),
        ("open conversation", 1, threads.clone(), Judge::H1(4.0, 2.5)),
        ("open conversation", 16, threads, Judge::H(0.0, 0.3)),
        ("search over HTTP", 1, found, Judge::H1(0.0, 4.0)),
    ] {
        if options.only.as_deref().is_some_and(|only| !name.starts_with(only)) {
            continue;
        }
        let sample = load(&host, clients, options.time, make).await?;
        let (ratio, unit, gate, goal) = match judge {
            Judge::S(gate, goal) => (times(sample.at(0.5), s), "S", gate, goal),
            Judge::H1(gate, goal) => (times(sample.at(0.5), h1), "H1", gate, goal),
            Judge::H(gate, goal) => (sample.rate / h.max(1.0), "H", gate, goal),
        };
        let gate = if gate > 0.0 { format!("gate {gate}, ") } else { String::new() };
        let beside = format!("{ratio:.2} {unit} ({gate}goal {goal})");
        figures.push(Figure { name, clients, rate: sample.rate, p50: sample.at(0.5), p99: sample.at(0.99), beside });
    }
    Ok(Report { s, h1, h, figures })
}

/// By which limit a figure is judged: gate and goal as multiples of it.
#[derive(Clone, Copy)]
enum Judge {
    S(f64, f64),
    H1(f64, f64),
    H(f64, f64),
}

fn signed_webhooks(demo: &demo::Demo) -> Make {
    let line = Line {
        phone_number_id: demo::PHONE_NUMBER_ID.to_owned(),
        business_account_id: demo::BUSINESS_ACCOUNT_ID.to_owned(),
        display_number: demo::DISPLAY_NUMBER.to_owned(),
    };
    let (secret, env, run) = (AppSecret::new(&demo.app_secret), Env::system(), AtomicU64::new(0));
    Arc::new(move |_| {
        let n = run.fetch_add(1, Ordering::Relaxed);
        // Customers write more than once: the first two thousand open a conversation, whoever comes then has one.
        let who = n % 2_000;
        let person = Person { wa_id: Some(format!("5500901{who:06}")), user_id: None, name: format!("Cliente {who}") };
        let (now, id) = (env.now(), wire::wamid(env.chance.as_ref()));
        let change = wire::text(&line, &person, &id, now, &format!("Olá, preciso de um guincho ({n})"));
        let body = wire::to_bytes(&wire::envelope(&line.business_account_id, &[change]));
        let headers =
            vec![("content-type".to_owned(), "application/json".to_owned()), (SIGNATURE_HEADER.to_owned(), secret.sign(&body))];
        ("POST", "/webhooks/whatsapp".to_owned(), headers, body)
    })
}

/// Closed loop: each client asks again as soon as it is answered. The clients share a thread and a runtime of
/// their own, as a load generator beside the server would; in the server's runtime an answer would reach its
/// asker without a change of thread, which no real client sees.
async fn load(host: &str, clients: usize, time: Duration, make: Make) -> std::io::Result<Sample> {
    let host = host.to_owned();
    let (answer, sample) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("farol-clients".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let _ = answer.send(runtime.and_then(|runtime| runtime.block_on(ask(&host, clients, time, make))));
    })?;
    sample.await.map_err(std::io::Error::other)?
}

async fn ask(host: &str, clients: usize, time: Duration, make: Make) -> std::io::Result<Sample> {
    let count = Arc::new(AtomicU64::new(0));
    let watch = Stopwatch::start();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (host, make, count) = (host.to_owned(), make.clone(), count.clone());
            tokio::spawn(async move {
                let mut client = Client::connect(&host).await?;
                let (mut times, watch) = (Vec::new(), Stopwatch::start());
                while watch.elapsed() < time {
                    let (method, path, headers, body) = make(count.fetch_add(1, Ordering::Relaxed));
                    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                    let one = Stopwatch::start();
                    let (status, said) = client.ask(method, &path, &headers, &body).await?;
                    times.push(one.elapsed());
                    if !(200..300).contains(&status) {
                        let said = String::from_utf8_lossy(said).into_owned();
                        return Err(std::io::Error::other(format!("{method} {path}: {status} {said}")));
                    }
                }
                Ok::<_, std::io::Error>(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.map_err(std::io::Error::other)??);
    }
    let rate = times.len() as f64 / watch.elapsed().as_secs_f64().max(1e-9);
    times.sort_unstable();
    Ok(Sample { rate, times })
}

async fn fetch(host: &str, token: &str, path: &str) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    let mut client = Client::connect(host).await?;
    let bearer = format!("Bearer {token}");
    let (_, body) = client.ask("GET", path, &[("authorization", bearer.as_str())], &[]).await?;
    Ok(serde_json::from_slice(body)?)
}

/// Median of a synced append of 200 bytes.
fn synced_append(folder: &Path) -> std::io::Result<Duration> {
    let path = folder.join("bench-append");
    let mut file = std::fs::File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..500 {
        let one = Stopwatch::start();
        file.write_all(&[7; 200])?;
        file.sync_data()?;
        times.push(one.elapsed());
    }
    std::fs::remove_file(&path)?;
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// A server that says hello; where it listens.
async fn hello() -> std::io::Result<String> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let host = listener.local_addr()?.to_string();
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(host)
}
