//! `farol bench`: what this machine allows, and how near to it the house comes, in one run.
//!
//! Limits: `S`, the median of a synced append of 200 bytes to a file of the same folder; `H1` and `H`, the
//! median with one client and the rate with 64 of an axum server that says hello. Beside each figure also stands
//! what a bare handler makes of the same request when it answers as many bytes as we do. All are asked by the same
//! client over the same number of connections, with requests made before the clock runs; no answer is parsed.
//! Rounds of limit, bare handler and house take turns, so that a busy moment meets all of them.

use super::{
    demo::{self, DemoOptions},
    load::{self, Bare, Requests, Sample},
    report::{Figure, Report, millis, short},
    wire::{self, Line, Person},
    wire_client::{Client, request},
};
use crate::{
    app::StartError,
    base::{Env, Error},
    channels::{AppSecret, SIGNATURE_HEADER},
    config::Config,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How the bench is to be.
#[derive(Debug, Clone)]
pub struct BenchOptions {
    /// Messages in the store before anything is measured; each number is a run of its own, and more than one
    /// shows how the figures grow.
    pub messages: Vec<usize>,
    /// How long each operation is measured, all rounds together.
    pub time: Duration,
    /// The same seed asks the same questions.
    pub seed: u64,
    /// Only operations whose name begins with this.
    pub only: Option<String>,
    /// Prints a line.
    pub say: fn(&str),
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// How often limit and house take turns.
const ROUNDS: u32 = 5;
/// The limits are steadier than we are: they get this part of our time.
const LIMIT_SHARE: f64 = 0.4;
/// Requests made for one client's second, and for the second of many: more than any machine answers, so far.
const ONE_CLIENT_MAX: usize = 8_000;
const ALL_CLIENTS_MAX: usize = 40_000;
/// Clients of the limit `H`.
const H_CLIENTS: usize = 64;

/// By which limit a figure is judged: gate and goal as multiples of it.
#[derive(Clone, Copy)]
enum Judge {
    /// Median and p99 in multiples of `S`.
    P50S(f64, f64),
    P99S(f64, f64),
    /// Median in multiples of `H1`; a gate of 0 is none.
    P50H1(f64, f64),
    /// Rate as a share of `H`; a gate of 0 is none.
    RateH(f64, f64),
    /// p99 in milliseconds.
    P99Ms(f64, f64),
}

/// An operation: requests are made anew for each round.
struct Operation {
    name: &'static str,
    clients: usize,
    judges: &'static [Judge],
    make: Make,
}

/// Makes requests: at least so many, where each can be asked once only.
type Make = Arc<dyn Fn(usize) -> Requests + Send + Sync>;

/// Runs everything, each number of messages in a house of its own.
///
/// # Errors
/// If the house does not start, or an operation is refused.
pub async fn run(config: Config, options: BenchOptions) -> Result<(), StartError> {
    let failed = |error: Failed| StartError::Other(Error::internal(format!("measure: {error}")));
    let mut sizes = Vec::new();
    for messages in &options.messages {
        let wanted = DemoOptions { seed: options.seed, messages: *messages, live: false, ..DemoOptions::default() };
        let demo = demo::start(config.clone(), wanted).await?;
        let mut report = Report::begin("http", options.say);
        report.warn("the clients share the machine's cores with the house; what they take stands beside each figure".to_owned());
        let told = measure(&demo, &options, &mut report).await;
        let bytes = on_disk(&demo.folder);
        demo.stop();
        let stored = demo.messages;
        demo.run().await;
        sizes.push((stored, bytes, told.map_err(failed)?));
        report.end();
    }
    grown(&sizes, options.say);
    Ok(())
}

/// Median and p99 in seconds, and the rate, of each operation.
type Told = BTreeMap<String, (f64, f64, f64)>;

async fn measure(demo: &demo::Demo, options: &BenchOptions, report: &mut Report) -> Result<Told, Failed> {
    let bare = Bare::start().await?;
    let slice = options.time / ROUNDS;
    let mut bench = Bench {
        host: demo.url.split("//").nth(1).unwrap_or_default().to_owned(),
        folder: demo.folder.clone(),
        bare,
        slice,
        limit_slice: slice.mul_f64(LIMIT_SHARE),
    };
    report.aside(&format!("{} messages of history, {} MB on disk", demo.messages, on_disk(&demo.folder) >> 20));
    bench.limits(report).await?;
    let mut told = Told::new();
    for operation in operations(demo, &mut bench).await? {
        if options.only.as_deref().is_none_or(|only| operation.name.starts_with(only)) {
            let figures = bench.operation(&operation, report).await?;
            told.insert(format!("{}, {}", operation.name, clients(operation.clients)), figures);
        }
    }
    Ok(told)
}

fn clients(count: usize) -> String {
    if count == 1 { "1 client".to_owned() } else { format!("{count} clients") }
}

struct Bench {
    host: String,
    folder: std::path::PathBuf,
    bare: Bare,
    slice: Duration,
    limit_slice: Duration,
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

impl Bench {
    async fn s(&self) -> Result<f64, Failed> {
        let folder = self.folder.clone();
        let times = tokio::task::spawn_blocking(move || load::synced_appends(&folder, 300)).await??;
        Ok(times[times.len() / 2].as_secs_f64())
    }
    async fn h1(&self) -> Result<f64, Failed> {
        Ok(load::load(&self.bare.host, 1, self.limit_slice, self.bare.hello()).await?.at(0.5).as_secs_f64())
    }
    async fn h(&self) -> Result<f64, Failed> {
        Ok(load::load(&self.bare.host, H_CLIENTS, self.limit_slice, self.bare.hello()).await?.rate())
    }

    /// What the machine gives before anything is asked of us.
    async fn limits(&self, report: &mut Report) -> Result<(), Failed> {
        let (mut s, mut h1, mut h) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            s.push(self.s().await?);
            h1.push(self.h1().await?);
            h.push(self.h().await?);
        }
        for (name, rounds) in [("S", &s), ("H1", &h1), ("H", &h)] {
            report.steady(name, rounds);
        }
        let (s, h1, h) = (median(s), median(h1), median(h));
        report.limit("S", "synced append of 200 bytes, p50", &format!("{} ms", short(s * 1e3)), s);
        report.limit("H1", "axum hello, 1 client, p50", &format!("{} ms", short(h1 * 1e3)), h1);
        report.limit("H", "axum hello, 64 clients", &format!("{} /s", short(h)), h);
        Ok(())
    }

    /// Rounds of limit, bare handler and house; ratios are made within a round, and their median counts.
    async fn operation(&mut self, operation: &Operation, report: &mut Report) -> Result<(f64, f64, f64), Failed> {
        let Operation { name, clients: count, judges, make } = operation;
        let (mut p50, mut p99, mut rates, mut bares) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut ratios: Vec<Vec<f64>> = vec![Vec::new(); judges.len()];
        let (mut asked, mut size, mut clients_cpu, mut all_cpu, mut took) = (0, 0, 0.0, 0.0, 0.0);
        let per_second = if *count == 1 { ONE_CLIENT_MAX } else { ALL_CLIENTS_MAX };
        let needed = (self.slice.as_secs_f64() * per_second as f64) as usize;
        for round in 0..ROUNDS {
            let requests = make(needed);
            let cpu = load::process_cpu("self");
            let sample = load::load(&self.host, *count, self.slice, requests.clone()).await?;
            all_cpu += load::process_cpu("self").saturating_sub(cpu).as_secs_f64();
            clients_cpu += sample.clients_cpu.as_secs_f64();
            took += sample.elapsed.as_secs_f64();
            (asked, size) = (asked + sample.times.len(), sample.size());
            if round == 0 {
                self.bare.answers(size);
            }
            bares.push(load::load(&self.bare.host, *count, self.limit_slice, requests).await?);
            for (judge, ratios) in judges.iter().zip(&mut ratios) {
                ratios.push(self.ratio(*judge, &sample).await?);
            }
            p50.push(sample.at(0.5).as_secs_f64());
            p99.push(sample.at(0.99).as_secs_f64());
            rates.push(sample.rate());
        }
        let (p50, p99, rate) = (median(p50), median(p99), median(rates));
        let each = |cpu: f64| short(cpu * 1e6 / asked.max(1) as f64);
        let bare_rate = median(bares.iter().map(Sample::rate).collect());
        let bare_p50 = median(bares.iter().map(|sample| sample.at(0.5).as_secs_f64()).collect());
        let beside = format!(
            "{} a second; bare handler with the same {} B: {} a second, p50 {} ms; house {} µs of CPU each, clients {} µs \
             ({:.2} cores)",
            short(rate),
            short(size as f64),
            short(bare_rate),
            short(bare_p50 * 1e3),
            each(all_cpu - clients_cpu),
            each(clients_cpu),
            clients_cpu / took
        );
        let mut first = Some(beside);
        for (judge, ratios) in judges.iter().zip(ratios) {
            let figure = judge.figure(&format!("{name}, {}", clients(*count)), (p50, p99, rate), median(ratios));
            report.tell(figure.note(first.take().unwrap_or_default()));
        }
        Ok((p50, p99, rate))
    }

    /// One round's figure beside the limit of the same moment.
    async fn ratio(&self, judge: Judge, sample: &Sample) -> Result<f64, Failed> {
        Ok(match judge {
            Judge::P50S(..) => sample.at(0.5).as_secs_f64() / self.s().await?,
            Judge::P99S(..) => sample.at(0.99).as_secs_f64() / self.s().await?,
            Judge::P50H1(..) => sample.at(0.5).as_secs_f64() / self.h1().await?,
            Judge::RateH(..) => sample.rate() / self.h().await?,
            Judge::P99Ms(..) => sample.at(0.99).as_secs_f64() * 1e3,
        })
    }
}

impl Judge {
    fn figure(self, name: &str, (p50, p99, rate): (f64, f64, f64), value: f64) -> Figure {
        let ms = |seconds: f64| millis(Duration::from_secs_f64(seconds));
        let (figure, gate, goal) = match self {
            Self::P50S(gate, goal) => (Figure::less(format!("{name}, p50"), ms(p50), value, "S"), gate, goal),
            Self::P99S(gate, goal) => (Figure::less(format!("{name}, p99"), ms(p99), value, "S"), gate, goal),
            Self::P50H1(gate, goal) => (Figure::less(format!("{name}, p50"), ms(p50), value, "H1"), gate, goal),
            Self::RateH(gate, goal) => (Figure::more(name, format!("{} /s", short(rate)), value, "H"), gate, goal),
            Self::P99Ms(gate, goal) => (Figure::less(format!("{name}, p99"), ms(p99), value, "ms"), gate, goal),
        };
        let figure = if gate > 0.0 { figure.gate(gate) } else { figure };
        figure.goal(goal)
    }
}

/// Everything that is measured, reading first, then what leaves work behind it.
async fn operations(demo: &demo::Demo, bench: &mut Bench) -> Result<Vec<Operation>, Failed> {
    let host = bench.host.clone();
    let mut owner = Asker { host: host.clone(), token: demo.owner_token().await? };
    // A long run outlasts a usual sign-in.
    owner.ask("PUT", "/api/v1/settings/auth.accessTokenLifetime", Some(json!({"value": "24h"}))).await?;
    owner.token = demo.owner_token().await?;
    let token = owner.token.clone();
    let ids = conversations(&owner).await?;
    let inbox = inboxes(demo, &owner).await?;
    let words = ["guincho", "bateria", "pneu furado", "BR-101", "obrigado", "placa", "chaveiro", "recibo"];
    let search = |order: &str| -> Vec<String> {
        let path = |word: &&str| format!("/api/v1/messages/search?query={}&limit=20&order={order}", word.replace(' ', "%20"));
        words.iter().map(path).collect()
    };
    let reading = |paths: Vec<String>| -> Make {
        let bearer = format!("Bearer {token}");
        let all: Arc<[Vec<u8>]> =
            paths.iter().map(|path| request(&host, "GET", path, &[("authorization", &bearer)], &[])).collect();
        Arc::new(move |_| Requests::InTurn(all.clone()))
    };
    let threads = reading(ids.iter().map(|id| format!("/api/v1/conversations/{id}")).collect());
    let webhook = signed_webhooks(demo, &host);
    let mine = customers(demo, bench, &owner, &webhook).await?;
    let (notes, replies) = (writing(&host, &token, &mine, true), writing(&host, &token, &mine, false));
    let inbox: Make = Arc::new(move |_| Requests::InTurn(inbox.clone()));
    let all: [(&'static str, usize, Make, &'static [Judge]); 12] = [
        ("inbox list of 20", 1, inbox.clone(), &[Judge::P50H1(3.0, 2.0)]),
        ("inbox list of 20", 16, inbox, &[Judge::RateH(0.25, 0.45)]),
        ("open conversation", 1, threads.clone(), &[Judge::P50H1(4.0, 2.5)]),
        ("open conversation", 16, threads, &[Judge::RateH(0.0, 0.3)]),
        ("search over HTTP, newest first", 1, reading(search("newest")), &[Judge::P50H1(0.0, 4.0)]),
        ("search over HTTP, best first", 1, reading(search("relevance")), &[Judge::P50H1(0.0, 4.0)]),
        ("webhook, durable answer", 1, webhook.clone(), &[Judge::P50S(8.0, 4.0), Judge::P99S(20.0, 10.0)]),
        ("webhook, durable answer", 64, webhook.clone(), &[Judge::RateH(0.10, 0.25), Judge::P99Ms(60.0, 20.0)]),
        ("webhook, durable answer", 256, webhook, &[Judge::RateH(0.10, 0.25), Judge::P99Ms(60.0, 20.0)]),
        ("agent's note, durable answer", 1, notes, &[Judge::P50S(8.0, 4.0), Judge::P99S(20.0, 10.0)]),
        ("agent's reply, durable and queued", 1, replies.clone(), &[Judge::P50S(8.0, 4.0), Judge::P99S(20.0, 10.0)]),
        ("agent's reply, durable and queued", 64, replies, &[Judge::RateH(0.10, 0.25), Judge::P99Ms(60.0, 20.0)]),
    ];
    Ok(all.into_iter().map(|(name, clients, make, judges)| Operation { name, clients, judges, make }).collect())
}

/// Asks now and then, over a connection of its own each time: a kept one is closed when it is silent for long.
struct Asker {
    host: String,
    token: String,
}

impl Asker {
    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Failed> {
        let (bearer, body) = (format!("Bearer {}", self.token), body.map_or_else(Vec::new, |body| body.to_string().into_bytes()));
        let asked = request(&self.host, method, path, &[("authorization", bearer.as_str())], &body);
        let mut client = Client::connect(&self.host).await?;
        let (status, said) = client.send(&asked).await?;
        if !(200..300).contains(&status) {
            return Err(format!("{method} {path}: {status} {}", String::from_utf8_lossy(said)).into());
        }
        Ok(serde_json::from_slice(said).unwrap_or(Value::Null))
    }
}

/// Conversations of the past, old and new ones, at most 2,000.
async fn conversations(owner: &Asker) -> Result<Vec<String>, Failed> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    while ids.len() < 2_000 {
        let path = format!("/api/v1/conversations?status=OPEN,ASSIGNED,RESOLVED&limit=200{cursor}");
        let page = owner.ask("GET", &path, None).await?;
        ids.extend(page["items"].as_array().into_iter().flatten().filter_map(|c| c["id"].as_str().map(str::to_owned)));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    Ok(ids)
}

/// Full pages of the inbox, as different people filter it.
async fn inboxes(demo: &demo::Demo, owner: &Asker) -> Result<Arc<[Vec<u8>]>, Failed> {
    let host = owner.host.clone();
    let mut paths = Vec::new();
    for queue in owner.ask("GET", "/api/v1/queues", None).await?["items"].as_array().into_iter().flatten() {
        paths.push(format!(
            "/api/v1/conversations?status=OPEN,ASSIGNED,RESOLVED&queueId={}&limit=20",
            queue["id"].as_str().unwrap_or_default()
        ));
    }
    for filter in ["tab=all", "tab=resolved", "tab=mine", "status=ASSIGNED,RESOLVED", "assignedTo=me&status=RESOLVED"] {
        paths.push(format!("/api/v1/conversations?{filter}&limit=20"));
    }
    let mut full = Vec::new();
    for person in &demo.sign_ins {
        let login = json!({"email": person.email, "password": person.password});
        let told = owner.ask("POST", "/api/v1/auth/login", Some(login)).await?;
        let token = told["token"].as_str().unwrap_or_default().to_owned();
        let eyes = Asker { host: host.clone(), token };
        for path in &paths {
            let page = eyes.ask("GET", path, None).await?;
            if page["items"].as_array().is_some_and(|items| items.len() == 20) {
                let bearer = format!("Bearer {}", eyes.token);
                full.push(request(&host, "GET", path, &[("authorization", &bearer)], &[]));
            }
        }
    }
    if full.is_empty() {
        return Err("no page of the inbox is full: give more messages".into());
    }
    Ok(full.into())
}

/// Customers of the bench itself, whose conversations are open and may be answered freely; and a provider that
/// takes what is sent to them. Gives the conversations.
async fn customers(demo: &demo::Demo, bench: &Bench, owner: &Asker, webhook: &Make) -> Result<Vec<String>, Failed> {
    let channels = owner.ask("GET", "/api/v1/channels", None).await?;
    let channel = channels["items"][0]["id"].as_str().unwrap_or_default().to_owned();
    let provider = load::willing_provider().await?;
    let config = json!({"config": {"baseUrl": provider, "accessToken": "EAAG-bench"}});
    owner.ask("PATCH", &format!("/api/v1/channels/{channel}"), Some(config)).await?;
    let Requests::Once(all) = webhook(PEOPLE as usize) else { return Err("webhooks are asked once each".into()) };
    load::load(&bench.host, 16, Duration::from_secs(30), Requests::Once(all)).await?;
    let me = owner.ask("GET", "/api/v1/auth/me", None).await?;
    let page = owner.ask("GET", "/api/v1/conversations?tab=unassigned&limit=200", None).await?;
    let mut mine = Vec::new();
    for conversation in page["items"].as_array().into_iter().flatten() {
        let id = conversation["id"].as_str().unwrap_or_default();
        if conversation["customerName"].as_str().is_some_and(|name| name.starts_with(NAME)) {
            owner.ask("POST", &format!("/api/v1/conversations/{id}/assign"), Some(json!({"userId": me["id"]}))).await?;
            mine.push(id.to_owned());
        }
    }
    if mine.is_empty() {
        return Err(format!("no webhook of the bench arrived in {}", demo.url).into());
    }
    Ok(mine)
}

/// How the bench's own customers are called.
const NAME: &str = "Cliente ";
/// As many as they are: the first message of each opens a conversation, whoever writes again has one.
const PEOPLE: u64 = 2_000;

/// Notes, which stay inside, or replies, which go out.
fn writing(host: &str, token: &str, conversations: &[String], inside: bool) -> Make {
    let (host, bearer, ids, run) = (host.to_owned(), format!("Bearer {token}"), conversations.to_vec(), AtomicU64::new(0));
    Arc::new(move |count| {
        let one = |_| {
            let n = run.fetch_add(1, Ordering::Relaxed);
            let id = &ids[n as usize % ids.len()];
            let (path, body) = if inside {
                (format!("/api/v1/conversations/{id}/notes"), json!({"content": format!("Cliente avisado ({n})")}))
            } else {
                let body = json!({"conversationId": id, "content": format!("Já estamos a caminho, {n} minutos")});
                ("/api/v1/messages/send".to_owned(), body)
            };
            request(&host, "POST", &path, &[("authorization", &bearer)], body.to_string().as_bytes())
        };
        Requests::Once((0..count).map(one).collect())
    })
}

fn signed_webhooks(demo: &demo::Demo, host: &str) -> Make {
    let line = Line {
        phone_number_id: demo::PHONE_NUMBER_ID.to_owned(),
        business_account_id: demo::BUSINESS_ACCOUNT_ID.to_owned(),
        display_number: demo::DISPLAY_NUMBER.to_owned(),
    };
    let (secret, env, run, host) = (AppSecret::new(&demo.app_secret), Env::system(), AtomicU64::new(0), host.to_owned());
    Arc::new(move |count| {
        let one = |_| {
            let n = run.fetch_add(1, Ordering::Relaxed);
            let who = n % PEOPLE;
            let person = Person { wa_id: Some(format!("5500901{who:06}")), user_id: None, name: format!("{NAME}{who}") };
            let (now, id) = (env.now(), wire::wamid(env.chance.as_ref()));
            let change = wire::text(&line, &person, &id, now, &format!("Olá, preciso de um guincho ({n})"));
            let body = wire::to_bytes(&wire::envelope(&line.business_account_id, &[change]));
            request(&host, "POST", "/webhooks/whatsapp", &[(SIGNATURE_HEADER, &secret.sign(&body))], &body)
        };
        Requests::Once((0..count).map(one).collect())
    })
}

/// Bytes of everything below a folder.
fn on_disk(folder: &std::path::Path) -> u64 {
    let size = |entry: std::fs::DirEntry| {
        let path = entry.path();
        if path.is_dir() { on_disk(&path) } else { entry.metadata().map_or(0, |meta| meta.len()) }
    };
    std::fs::read_dir(folder).map_or(0, |entries| entries.flatten().map(size).sum())
}

/// The slope from the fewest messages to the most.
fn grown(sizes: &[(usize, u64, Told)], say: fn(&str)) {
    let ([(few, few_bytes, before), ..], [.., (many, many_bytes, after)]) = (sizes, sizes) else { return };
    if sizes.len() < 2 {
        return;
    }
    let mut report = Report::begin("growth", say);
    let span = format!("{} → {} messages", short(*few as f64), short(*many as f64));
    for (name, (p50, p99, rate)) in after {
        let Some((p50_before, p99_before, rate_before)) = before.get(name) else { continue };
        let ms = |from: f64, to: f64| format!("{} → {} ms", short(from * 1e3), short(to * 1e3));
        if name.starts_with("webhook") {
            let shown = format!("{} → {} /s", short(*rate_before), short(*rate));
            report.tell(Figure::more(format!("{name}, {span}"), shown, rate / rate_before, "×").gate(0.7).goal(0.9));
        } else {
            report.tell(
                Figure::less(format!("{name}, p50, {span}"), ms(*p50_before, *p50), p50 / p50_before, "×").gate(2.0).goal(1.3),
            );
            report.tell(Figure::less(format!("{name}, p99, {span}"), ms(*p99_before, *p99), p99 / p99_before, "×").goal(2.0));
        }
    }
    let each = many_bytes.saturating_sub(*few_bytes) as f64 / many.saturating_sub(*few).max(1) as f64;
    report.tell(Figure::less("disk for each further message, all included", format!("{} B", short(each)), each, "B").goal(250.0));
    report.end();
}
