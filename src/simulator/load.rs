//! The load generator and the limits it measures with the same client: what this machine's disk and a bare HTTP
//! server give.

use super::wire_client::Client;
use crate::base::time::Stopwatch;
use arc_swap::ArcSwap;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::header::CONTENT_TYPE,
    response::IntoResponse,
    routing::{any, get},
};
use std::{
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// What clients ask, ready to be written.
#[derive(Clone)]
pub enum Requests {
    /// In turn, over and over.
    InTurn(Arc<[Vec<u8>]>),
    /// Each once; when they are used up the clients stop.
    Once(Arc<[Vec<u8>]>),
}

impl Requests {
    fn at(&self, n: usize) -> Option<&[u8]> {
        match self {
            Self::InTurn(all) => all.get(n % all.len().max(1)).map(Vec::as_slice),
            Self::Once(all) => all.get(n).map(Vec::as_slice),
        }
    }
}

/// What one load found.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// How long each request took, shortest first.
    pub times: Vec<Duration>,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// CPU time the clients took.
    pub clients_cpu: Duration,
    /// Bytes of the answers' bodies, all together.
    pub bytes: u64,
}

impl Sample {
    /// The time that `share` of all stay below, e.g. 0.99.
    pub fn at(&self, share: f64) -> Duration {
        let last = self.times.len().saturating_sub(1);
        self.times.get((last as f64 * share) as usize).copied().unwrap_or_default()
    }
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
    /// Bytes of one answer's body, on average.
    pub fn size(&self) -> usize {
        (self.bytes / self.times.len().max(1) as u64) as usize
    }
}

/// Closed loop: each client asks again as soon as it is answered. The clients share a thread and a runtime of
/// their own, as a load generator beside the server would; in the server's runtime an answer would reach its
/// asker without a change of thread, which no real client sees.
///
/// # Errors
/// If a connection fails or an answer is no success.
pub async fn load(host: &str, clients: usize, time: Duration, requests: Requests) -> io::Result<Sample> {
    let host = host.to_owned();
    let (answer, sample) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("farol-clients".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let _ = answer.send(runtime.and_then(|runtime| runtime.block_on(ask(&host, clients, time, requests))));
    })?;
    sample.await.map_err(io::Error::other)?
}

async fn ask(host: &str, clients: usize, time: Duration, requests: Requests) -> io::Result<Sample> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut connected = Vec::new();
    for _ in 0..clients {
        connected.push(Client::connect(host).await?);
    }
    let (before, watch) = (thread_cpu(), Stopwatch::start());
    let tasks: Vec<_> = connected
        .into_iter()
        .map(|mut client| {
            let (requests, next) = (requests.clone(), next.clone());
            tokio::spawn(async move {
                let (mut times, mut bytes) = (Vec::new(), 0);
                while watch.elapsed() < time {
                    let Some(request) = requests.at(next.fetch_add(1, Ordering::Relaxed)) else { break };
                    let one = Stopwatch::start();
                    let (status, said) = client.send(request).await?;
                    times.push(one.elapsed());
                    bytes += said.len() as u64;
                    if !(200..300).contains(&status) {
                        let asked = String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned();
                        return Err(io::Error::other(format!("{asked}: {status} {}", String::from_utf8_lossy(said))));
                    }
                }
                Ok::<_, io::Error>((times, bytes))
            })
        })
        .collect();
    let mut sample = Sample::default();
    for task in tasks {
        let (times, bytes) = task.await.map_err(io::Error::other)??;
        sample.times.extend(times);
        sample.bytes += bytes;
    }
    (sample.elapsed, sample.clients_cpu) = (watch.elapsed(), thread_cpu().saturating_sub(before));
    sample.times.sort_unstable();
    Ok(sample)
}

/// CPU time of this thread, where the system tells.
fn thread_cpu() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or(0))
}

/// CPU time of a process (`self`, or its number), where the system tells; to a hundredth of a second.
pub fn process_cpu(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.get(11..13).unwrap_or_default().iter().filter_map(|n| n.parse::<u64>().ok()).sum();
    // Linux counts in hundredths of a second on every architecture we build for.
    Duration::from_millis(ticks * 10)
}

/// A bare axum server, what HTTP costs without us: `/` says hello, everything else reads the body and answers
/// as many bytes as it was told to.
pub struct Bare {
    /// Where it listens.
    pub host: String,
    answer: Arc<ArcSwap<Bytes>>,
}

impl Bare {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// If there is none.
    pub async fn start() -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let host = listener.local_addr()?.to_string();
        let answer = Arc::new(ArcSwap::from_pointee(Bytes::new()));
        let router = Router::new().route("/", get(|| async { "hello" })).fallback(any(sized)).with_state(answer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { host, answer })
    }
    /// From now on it answers so many bytes.
    pub fn answers(&self, bytes: usize) {
        self.answer.store(Arc::new(Bytes::from(vec![b'x'; bytes])));
    }
    /// The request for a hello.
    pub fn hello(&self) -> Requests {
        Requests::InTurn([super::wire_client::request(&self.host, "GET", "/", &[], &[])].into())
    }
}

async fn sized(State(answer): State<Arc<ArcSwap<Bytes>>>, _asked: Bytes) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], Bytes::clone(&answer.load()))
}

/// A provider that takes every message at once, so that its pace is not measured as ours. Gives its `baseUrl`.
///
/// # Errors
/// If there is no free port.
pub async fn willing_provider() -> io::Result<String> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let count = Arc::new(AtomicUsize::new(0));
    let take = move || {
        let n = count.fetch_add(1, Ordering::Relaxed);
        async move { ([(CONTENT_TYPE, "application/json")], format!(r#"{{"messages":[{{"id":"wamid.TAKEN.{n}"}}]}}"#)) }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(take))).await });
    Ok(format!("http://{address}/v21.0"))
}

/// Durations of a synced append of 200 bytes, shortest first.
///
/// # Errors
/// If the folder can't be written.
pub fn synced_appends(folder: &Path, count: usize) -> io::Result<Vec<Duration>> {
    spaced_appends(folder, count, Duration::ZERO)
}

/// As [`synced_appends`], each after so long a rest: what the disk and a processor that has gone to sleep take for
/// somebody who comes now and then.
///
/// # Errors
/// If the folder can't be written.
pub fn spaced_appends(folder: &Path, count: usize, rest: Duration) -> io::Result<Vec<Duration>> {
    let path = folder.join("bench-append");
    let mut file = std::fs::File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..count {
        if !rest.is_zero() {
            std::thread::sleep(rest);
        }
        let one = Stopwatch::start();
        file.write_all(&[7; 200])?;
        file.sync_data()?;
        times.push(one.elapsed());
    }
    std::fs::remove_file(&path)?;
    times.sort_unstable();
    Ok(times)
}
