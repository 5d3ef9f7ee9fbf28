//! The owner's private door: a socket in the data folder, for the command line of the same machine.
//!
//! One request a connection, `{"verb": …, "args": {…}}` on one line; the answer is lines of
//! `{"line": …}`, one for each thing found, and at the end `{"done": true}` or `{"error": …}`.
//! The socket belongs to the owner of the data folder alone, so whoever can open it could read the
//! store anyway; that is its whole authentication. With no server running the command line runs the
//! same [`Verbs`] over a store it opened itself.

use super::{Exit, Failure, Outcome};
use crate::base::{Error, Result};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::HashMap,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::{mpsc, watch},
};

/// Name of the socket in the data folder.
const SOCKET: &str = "admin.sock";
/// Longest request; arguments are names and ids.
const REQUEST_BYTES_MAX: u64 = 64 << 10;
/// A client that connects and says nothing is let go.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lines found but not yet read by the client.
const LINES_WAITING: usize = 64;

/// Where a verb puts what it finds.
#[derive(Clone)]
pub struct Tell(mpsc::Sender<Value>);

impl Tell {
    /// One more line. Waits where the reader is slow.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when nobody reads any more, which ends the verb.
    pub async fn line(&self, line: impl Serialize) -> Result<()> {
        let line = serde_json::to_value(line).map_err(Error::internal)?;
        self.0.send(line).await.map_err(|_| Error::unavailable("nobody is listening any more"))
    }
}

type Verb = dyn Fn(Value, Tell) -> BoxFuture<'static, Result<()>> + Send + Sync;

/// What can be asked for, by name.
#[derive(Default, Clone)]
pub struct Verbs(HashMap<&'static str, Arc<Verb>>);

impl Verbs {
    /// Adds a verb. Its arguments are read into `A`; what does not fit is the caller's mistake.
    pub fn add<A, F, W>(&mut self, name: &'static str, verb: F) -> &mut Self
    where
        A: for<'de> Deserialize<'de> + Send + 'static,
        F: Fn(A, Tell) -> W + Send + Sync + Clone + 'static,
        W: Future<Output = Result<()>> + Send + 'static,
    {
        let run = move |args: Value, tell: Tell| -> BoxFuture<'static, Result<()>> {
            let verb = verb.clone();
            Box::pin(async move {
                let args = serde_json::from_value(args).map_err(|e| Error::invalid("args", "format", e.to_string()))?;
                verb(args, tell).await
            })
        };
        self.0.insert(name, Arc::new(run));
        self
    }

    /// Runs a verb; `each` sees every line as it is found.
    pub async fn run(&self, name: &str, args: Value, mut each: impl FnMut(Value)) -> Result<()> {
        let verb = self.0.get(name).ok_or(Error::NotFound("verb"))?;
        let (tell, mut told) = mpsc::channel(LINES_WAITING);
        let mut work = verb(args, Tell(tell));
        let outcome = loop {
            tokio::select! {
                biased;
                Some(line) = told.recv() => each(line),
                outcome = &mut work => break outcome,
            }
        };
        drop(work);
        while let Some(line) = told.recv().await {
            each(line);
        }
        outcome
    }
}

#[derive(Serialize, Deserialize)]
struct Request {
    verb: String,
    #[serde(default)]
    args: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Reply {
    Line(Value),
    Done(bool),
    Error { code: String, detail: String },
}

/// The bound socket. Its file goes with it.
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
}

impl Drop for Door {
    fn drop(&mut self) {
        // A file that stays behind is replaced by the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Door {
    /// Binds `DATA/admin.sock`. Call it only while holding the store: then a socket that stands there is a dead one's.
    ///
    /// # Errors
    /// When the folder refuses.
    pub fn open(data: &Path) -> std::io::Result<Self> {
        let path = data.join(SOCKET);
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Answers until `stop` turns true.
    pub async fn serve(self, verbs: Verbs, mut stop: watch::Receiver<bool>) {
        let verbs = Arc::new(verbs);
        loop {
            let stream = tokio::select! {
                () = async { drop(stop.wait_for(|stopping| *stopping).await) } => return,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "could not accept the command line");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
            };
            let verbs = verbs.clone();
            tokio::spawn(async move {
                if let Err(error) = answer(stream, &verbs).await {
                    tracing::debug!(%error, "the command line went away");
                }
            });
        }
    }
}

async fn answer(stream: UnixStream, verbs: &Verbs) -> std::io::Result<()> {
    let own = rustix::process::geteuid().as_raw();
    let peer = stream.peer_cred()?.uid();
    if peer != own && peer != 0 {
        return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, "another user"));
    }
    let (read, mut write) = stream.into_split();
    let mut request = String::new();
    let mut read = BufReader::new(read.take(REQUEST_BYTES_MAX));
    tokio::time::timeout(PATIENCE, read.read_line(&mut request)).await.map_err(std::io::Error::other)??;
    let (lines, mut written) = mpsc::channel::<Reply>(LINES_WAITING);
    let writing = async move {
        while let Some(reply) = written.recv().await {
            let mut text = serde_json::to_vec(&reply)?;
            text.push(b'\n');
            write.write_all(&text).await?;
        }
        write.shutdown().await
    };
    let working = async move {
        let outcome = match serde_json::from_str::<Request>(&request) {
            Ok(Request { verb, args }) => {
                tracing::info!(verb, "asked by the command line");
                let (tell, mut told) = mpsc::channel(LINES_WAITING);
                let pass = async {
                    while let Some(line) = told.recv().await {
                        if lines.send(Reply::Line(line)).await.is_err() {
                            return;
                        }
                    }
                };
                let run = async {
                    let verb = verbs.0.get(verb.as_str()).ok_or(Error::NotFound("verb"))?;
                    verb(args, Tell(tell)).await
                };
                tokio::join!(run, pass).0
            }
            Err(error) => Err(Error::invalid("request", "format", error.to_string())),
        };
        let last = match outcome {
            Ok(()) => Reply::Done(true),
            Err(error) => Reply::Error { code: error.code().into(), detail: error.to_string() },
        };
        // Nobody there to hear the end: nothing left to do.
        let _ = lines.send(last).await;
    };
    tokio::join!(writing, working).0
}

/// Connects to the server of this data folder; `None` when none runs.
pub async fn connect(data: &Path) -> Outcome<Option<UnixStream>> {
    match UnixStream::connect(data.join(SOCKET)).await {
        Ok(stream) => Ok(Some(stream)),
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused) => Ok(None),
        Err(e) => Err(Failure::new(format!("speak to the server of {}: {e}", data.display()))),
    }
}

/// Asks a running server; `each` sees every line as it comes.
pub async fn ask(stream: UnixStream, verb: &str, args: Value, mut each: impl FnMut(Value)) -> Outcome {
    let (read, mut write) = stream.into_split();
    let mut request = serde_json::to_vec(&Request { verb: verb.into(), args }).map_err(Failure::new)?;
    request.push(b'\n');
    write.write_all(&request).await?;
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line).map_err(Failure::new)? {
            Reply::Line(line) => each(line),
            Reply::Done(_) => return Ok(()),
            Reply::Error { code, detail } => {
                let exit = if code == "invalid" { Exit::Usage } else { Exit::Failed };
                return Err(Failure { exit, text: detail });
            }
        }
    }
    Err(Failure::new("the server ended before it had answered"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verbs() -> Verbs {
        let mut verbs = Verbs::default();
        verbs.add("count", |to: u32, tell| async move {
            for i in 0..to {
                tell.line(i).await?;
            }
            if to > 1_000 { Err(Error::conflict("too_many", "that is too many")) } else { Ok(()) }
        });
        verbs
    }

    async fn asked(data: &Path, verb: &str, args: Value) -> (Vec<Value>, Outcome) {
        let mut lines = Vec::new();
        let stream = connect(data).await.unwrap().expect("a server runs");
        let outcome = ask(stream, verb, args, |line| lines.push(line)).await;
        (lines, outcome)
    }

    #[tokio::test]
    async fn answers_line_by_line_and_says_how_it_ended() {
        let data = tempfile::tempdir().unwrap();
        assert!(connect(data.path()).await.unwrap().is_none());
        let door = Door::open(data.path()).unwrap();
        let mode = std::fs::metadata(data.path().join(SOCKET)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(door.serve(verbs(), stopped));
        let (lines, outcome) = asked(data.path(), "count", json!(3)).await;
        assert_eq!(lines, [json!(0), json!(1), json!(2)]);
        assert!(outcome.is_ok());
        let (lines, outcome) = asked(data.path(), "count", json!(5_000)).await;
        assert_eq!((lines.len(), outcome.unwrap_err().text.as_str()), (5_000, "that is too many"));
        for (verb, args, exit) in [("count", json!("x"), Exit::Usage), ("nothing", json!(null), Exit::Failed)] {
            assert_eq!(asked(data.path(), verb, args).await.1.unwrap_err().exit, exit);
        }
        stop.send_replace(true);
        serving.await.unwrap();
        assert!(!data.path().join(SOCKET).exists());
    }

    #[tokio::test]
    async fn the_same_verbs_run_without_a_server() {
        let mut seen = 0;
        verbs().run("count", json!(500), |_| seen += 1).await.unwrap();
        assert_eq!(seen, 500);
    }
}
