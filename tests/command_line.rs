//! The program from outside: what scripts, units and installers rely on.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, SystemTime},
};

const FAROL: &str = env!("CARGO_BIN_EXE_farol");
/// A start on a busy machine.
const READY_MAX: Duration = Duration::from_secs(60);

/// A data folder of its own, gone afterwards.
struct Folder(PathBuf);
impl Folder {
    #[allow(clippy::disallowed_methods, reason = "a name for a folder, not a decision")]
    fn new(name: &str) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
        let path = std::env::temp_dir().join(format!("farol-cli-{name}-{}-{now}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// `farol ARGS… --data DATA`, with nothing of the machine's environment but a path.
fn farol(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(FAROL);
    command.args(args).arg("--data").arg(data).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", data);
    command
}

fn run(data: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    told(farol(data, args).stdin(Stdio::null()).output().unwrap())
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn set_up(data: &Path) -> (Option<i32>, String, String) {
    set_up_with(data, &[])
}

fn set_up_with(data: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let args = ["setup", "--company", "Reboques Exemplo", "--email", "ana@example.com", "--password-stdin"];
    let mut child = farol(data, &args)
        .args(more)
        .args(["--language", "fr", "--timezone", "Europe/Paris", "--country", "FR"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A refusal may come before the password is read.
    let _ = child.stdin.take().unwrap().write_all(b"correct horse battery\n");
    told(child.wait_with_output().unwrap())
}

/// A running server; killed if a test forgets it.
struct Server {
    child: Child,
    lines: Vec<String>,
    address: String,
}
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(data: &Path) -> Self {
        Self::logging_to(data, Stdio::null())
    }
    fn logging_to(data: &Path, log: Stdio) -> Self {
        let mut command = farol(data, &["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let (tell, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || BufReader::new(out).lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let mut server = Self { child, lines: Vec::new(), address: String::new() };
        while server.address.is_empty() {
            let line = lines.recv_timeout(READY_MAX).expect("the server says that it is ready");
            server.address = line.strip_prefix("ready http://").unwrap_or_default().to_owned();
            server.lines.push(line);
        }
        server
    }
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
    /// Asks it to stop, as a service manager does, and says what it ended with.
    fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

#[test]
fn a_server_starts_answers_and_ends_well() {
    let folder = Folder::new("serve");
    let server = Server::start(&folder.data());
    assert!(server.lines.iter().any(|l| l.starts_with("setup http://") && l.contains("/setup?code=")), "{:?}", server.lines);
    assert!(server.get("/livez").starts_with("HTTP/1.1 200"));
    assert!(server.get("/api/health").starts_with("HTTP/1.1 200"));
    let (code, _, err) = run(&folder.data(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(4), "a second server on the same folder: {err}");
    assert_eq!(server.terminate(), Some(0));
    assert!(!folder.data().join("admin.sock").exists());
}

#[test]
fn verbs_answer_the_same_with_a_server_and_without() {
    let folder = Folder::new("verbs");
    let data = folder.data();
    assert_eq!(set_up(&data).0, Some(0));
    let (code, _, err) = set_up(&data);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("has an owner"), "{err}");
    let verbs: &[(&[&str], &str)] = &[
        (&["jobs"], "nothing is waiting"),
        (&["deadletters", "list"], "no dead letters"),
        (&["user", "reset-password", "ana@example.com"], "has a new password"),
        (&["backup", "--to", folder.0.to_str().unwrap()], "rows, up to event"),
    ];
    let check = |with: &str| {
        for (args, expected) in verbs {
            let (code, out, err) = run(&data, args);
            assert_eq!(code, Some(0), "{args:?} {with}: {err}");
            assert!(out.contains(expected), "{args:?} {with}: {out}");
        }
        let (code, out, _) = run(&data, &["doctor"]);
        assert!(code == Some(0) || code == Some(1), "doctor ends with {code:?}");
        assert!(out.contains("dead letters: 0 open"), "{out}");
        assert_eq!(run(&data, &["user", "reset-password", "nobody@example.com"]).0, Some(1));
    };
    check("without a server");
    // Backups are named by the second.
    std::thread::sleep(Duration::from_millis(1_100));
    let server = Server::start(&data);
    check("with a server");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn the_doctor_says_how_each_channel_does_and_what_to_do() {
    let folder = Folder::new("doctor");
    let data = folder.data();
    // Nobody answers at this port.
    let waha = ["--whatsapp-provider", "waha", "--waha-url", "http://127.0.0.1:9", "--waha-api-key", "key"];
    let (code, _, err) = set_up_with(&data, &waha);
    assert_eq!(code, Some(0), "{err}");
    // Without a server the records tell.
    let (code, out, _) = run(&data, &["doctor"]);
    assert_eq!(code, Some(1), "{out}");
    let told = |out: &str, of: &str| out.lines().skip_while(|line| !line.contains(of)).take(2).collect::<Vec<_>>().join("\n");
    let state = told(&out, "channel: WhatsApp: not proven to work; no message yet");
    assert!(state.starts_with("MEND") && state.contains("Settings › Channels › WhatsApp"), "{out}");
    assert!(!out.contains("reachable"), "nobody is asked: {out}");
    // With one, the provider is asked.
    let server = Server::start(&data);
    let (code, out, _) = run(&data, &["doctor"]);
    assert_eq!(code, Some(1), "{out}");
    let cause = told(&out, "channel: WhatsApp: reachable: ");
    assert!(cause.starts_with("MEND") && cause.contains("nobody answers at the provider's address"), "{out}");
    let (_, lines, _) = run(&data, &["doctor", "--json"]);
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["check"] == "channel" && line["ok"] == false && line["remedy"].is_string()));
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_backup_is_proved_and_comes_back_in_another_folder() {
    let folder = Folder::new("backup");
    let data = folder.data();
    assert_eq!(set_up(&data).0, Some(0));
    let passphrase = folder.0.join("passphrase");
    std::fs::write(&passphrase, "correct horse battery\n").unwrap();
    let passphrase = passphrase.to_str().unwrap();
    let (code, out, err) = run(&data, &["backup", "--passphrase-file", passphrase]);
    assert_eq!(code, Some(0), "{err}");
    let file = out.lines().next().unwrap().to_owned();
    assert_eq!(run(&data, &["verify", &file]).0, Some(2), "without the passphrase");
    assert_eq!(run(&data, &["verify", &file, "--passphrase-file", passphrase]).0, Some(0));
    let target = folder.0.join("again");
    let args = ["restore", &file, "--to", target.to_str().unwrap(), "--passphrase-file", passphrase];
    assert_eq!(run(&data, &args).0, Some(0));
    assert_eq!(run(&data, &args).0, Some(1), "a restore never overwrites");
    let (code, out, err) = run(&data, &["verify", target.to_str().unwrap()]);
    assert!(code == Some(0) && out.contains(" references"), "{out} {err}");
    let (code, out, err) = run(&target, &["reindex"]);
    assert!(code == Some(0) && out.contains(" documents"), "without a server: {out} {err}");
    let server = Server::start(&target);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    assert!(!server.lines.iter().any(|l| l.starts_with("setup ")), "the restored box has its owner");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn half_a_backup_is_called_damaged() {
    let folder = Folder::new("half");
    assert_eq!(set_up(&folder.data()).0, Some(0));
    let (_, out, _) = run(&folder.data(), &["backup"]);
    let file = out.lines().next().unwrap().to_owned();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let (code, _, err) = run(&folder.data(), &["verify", &file]);
    assert_eq!(code, Some(5), "{err}");
    assert!(err.contains("older backup"), "says what to do: {err}");
}

#[test]
fn what_can_not_be_done_has_its_own_number() {
    let folder = Folder::new("codes");
    let data = folder.data();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["dance"], 2, "unrecognized subcommand"),
        (&["serve", "--listen", "banana"], 2, "listen (flag --listen): \"banana\" is not an address and a port"),
        (&["serve", "--listen", "0.0.0.0:0"], 2, "plain HTTP could be read by anybody"),
        (&["jobs"], 2, "there is no store in"),
        (&["config", "check", "--tls-key", "/nowhere"], 2, "tls.key"),
        (&["config", "check", "--jwt-expiry", "1000000d"], 2, "jwt.expiry"),
        (&["demo", "--speed", "NaN"], 2, "give a number from 0.01 to 100"),
        (&["verify", "/nowhere/at/all"], 2, "there is no /nowhere/at/all"),
        (&["verify"], 2, "name a backup file or a data folder"),
    ];
    for (args, code, text) in cases {
        let (found, _, err) = run(&data, args);
        assert_eq!(found, Some(*code), "{args:?}: {err}");
        assert!(err.contains(text), "{args:?}: {err}");
    }
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("farol.redb"), vec![0x5A; 70_000]).unwrap();
    let (code, _, err) = run(&data, &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(5), "a store that is none: {err}");
    assert!(err.contains("farol restore"), "names the command that helps: {err}");
}

#[test]
fn data_of_a_newer_version_is_left_alone() {
    use farol::platform::store::{Durability, Engine, RedbEngine, SCHEMA};
    let folder = Folder::new("newer");
    let data = folder.data();
    assert_eq!(set_up(&data).0, Some(0));
    let file = data.join("farol.redb");
    {
        let engine = RedbEngine::open(&file, 1 << 20).unwrap();
        let snapshot = engine.snapshot().unwrap();
        let mut pairs = snapshot.range(&[], &[0, 0, 0, 1], false).unwrap().map(Result::unwrap);
        let is_number = |(key, value): &(Vec<u8>, Vec<u8>)| {
            key.windows(6).any(|part| part == b"schema") && value.as_slice() == SCHEMA.to_le_bytes()
        };
        let (key, _) = pairs.find(is_number).expect("the store carries its format's number");
        let newer = [(key, Some((SCHEMA + 1).to_le_bytes().to_vec()))].into();
        drop(pairs);
        drop(snapshot);
        engine.commit(newer, Durability::Durable).unwrap();
    }
    let rows = || {
        let engine = RedbEngine::open(&file, 1 << 20).unwrap();
        let snapshot = engine.snapshot().unwrap();
        snapshot.range(&[], &[0xFF; 8], false).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    let before = rows();
    for verb in [&["serve", "--listen", "127.0.0.1:0"][..], &["jobs"], &["reindex"]] {
        let (code, out, err) = run(&data, verb);
        assert_eq!(code, Some(3), "{verb:?}: {out} {err}");
        assert!(err.contains("newer version") && err.trim().lines().count() == 1, "one sentence: {err}");
    }
    assert!(rows() == before, "nothing was written");
}

#[tokio::test]
async fn the_log_level_changes_while_the_server_runs() {
    use serde_json::{Value, json};
    let folder = Folder::new("log");
    let data = folder.data();
    assert_eq!(set_up(&data).0, Some(0));
    let log = folder.0.join("log");
    let server = Server::logging_to(&data, std::fs::File::create(&log).unwrap().into());
    farol::platform::outbound::install_tls_provider();
    let (http, url) = (reqwest::Client::new(), format!("http://{}/api/v1", server.address));
    let login = json!({"email": "ana@example.com", "password": "correct horse battery"});
    let answer: Value = http.post(format!("{url}/auth/login")).json(&login).send().await.unwrap().json().await.unwrap();
    let token = answer["token"].as_str().unwrap().to_owned();
    let set = async |value: Value| {
        let put = http.put(format!("{url}/settings/system.logLevel")).bearer_auth(&token);
        put.json(&json!({"value": value, "level": "global"})).send().await.unwrap().status().as_u16()
    };
    // A probe that is answered is told of only at the finest level.
    let told = || {
        server.get("/livez");
        std::thread::sleep(Duration::from_millis(200));
        std::fs::read_to_string(&log).unwrap().lines().filter(|line| line.contains("/livez")).count()
    };
    assert_eq!(told(), 0);
    assert_eq!(set(json!("debug")).await, 200);
    assert_eq!(told(), 1);
    assert_eq!(set(json!("loud")).await, 422);
    assert_eq!(set(Value::Null).await, 200);
    assert_eq!(told(), 1);
    // What is set in the app holds from the next start on.
    assert_eq!(set(json!("debug")).await, 200);
    assert_eq!(server.terminate(), Some(0));
    let server = Server::logging_to(&data, std::fs::File::create(&log).unwrap().into());
    server.get("/livez");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(std::fs::read_to_string(&log).unwrap().lines().filter(|line| line.contains("/livez")).count(), 1);
}

#[tokio::test]
async fn what_is_set_in_the_app_is_in_force_for_the_command_line() {
    use serde_json::{Value, json};
    let folder = Folder::new("settings");
    let data = folder.data();
    assert_eq!(set_up(&data).0, Some(0));
    let server = Server::start(&data);
    farol::platform::outbound::install_tls_provider();
    let (http, url) = (reqwest::Client::new(), format!("http://{}/api/v1", server.address));
    let login = json!({"email": "ana@example.com", "password": "correct horse battery"});
    let answer: Value = http.post(format!("{url}/auth/login")).json(&login).send().await.unwrap().json().await.unwrap();
    let token = answer["token"].as_str().unwrap().to_owned();
    let set = async |key: &str, value: Value| {
        let put = http.put(format!("{url}/settings/{key}")).bearer_auth(&token);
        assert_eq!(put.json(&json!({"value": value, "level": "global"})).send().await.unwrap().status().as_u16(), 200, "{key}");
    };
    set("http.publicUrl", json!("http://desk.invalid")).await;
    set("http.endpoints", json!(["POST /api/v1/messages/send timeout=5"])).await;
    let check = |with: &str| {
        let (code, out, err) = run(&data, &["config", "print", "--origin"]);
        assert_eq!(code, Some(0), "{err}");
        let line = |start: &str| out.lines().find(|l| l.starts_with(start)).unwrap_or_default().to_owned();
        assert!(line("public_url = \"http://desk.invalid\"").ends_with("# app settings"), "{with}: {out}");
        assert!(
            line("# http.endpoints = [\"POST /api/v1/messages/send timeout=5\"]").ends_with("# app settings"),
            "{with}: {out}"
        );
        assert!(line("log.level").ends_with("# default"), "{with}: {out}");
        let told = run(&data, &["config", "print", "--origin", "--public-url", "https://flag.example.com"]).1;
        assert!(
            told.lines().any(|l| l.starts_with("public_url = \"https://flag.") && l.ends_with("# flag --public-url")),
            "{told}"
        );
        run(&data, &["doctor"]).1
    };
    let doctor = check("with a server");
    assert!(doctor.contains("public address: http://desk.invalid"), "WHK-22, without a restart: {doctor}");
    assert_eq!(server.terminate(), Some(0));
    check("without a server");
}

#[test]
fn answers_that_need_no_data() {
    let folder = Folder::new("answers");
    let (code, out, _) = run(&folder.data(), &["config", "print", "--origin"]);
    assert_eq!(code, Some(0));
    assert!(out.lines().any(|l| l.starts_with("data = ") && l.contains("# flag --data")), "{out}");
    let (code, out, _) = run(&folder.data(), &["openapi"]);
    assert_eq!(code, Some(0));
    assert!(out.trim_start().starts_with('{') && out.contains("\"openapi\""), "the contract is JSON");
    let (code, out, _) = run(&folder.data(), &["licences"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("Apache License") && out.contains("redb "), "our licence and the others'");
    assert!(!folder.data().exists(), "nothing was made");
}

#[test]
fn dead_letters_are_shown_and_decided_on_once() {
    use farol::{
        base::{Env, Origin},
        platform::{
            deadletters::NewDeadLetter,
            store::{Lane, Store, StoreOptions},
        },
    };
    let folder = Folder::new("letters");
    let data = folder.data();
    assert_eq!(set_up(&data).0, Some(0));
    // Two that somebody must decide on: a delivery nobody performs, and words nobody will ever read.
    let store = Store::open(&data, &StoreOptions::default(), Env::system()).unwrap();
    let tenant = store.tenants()[0];
    let letter = |kind: &'static str, raw: &str, retry: serde_json::Value| NewDeadLetter {
        kind,
        code: "given_up".into(),
        reason: "it never worked".into(),
        subject: Some(uuid::Uuid::from_u128(7)),
        raw: raw.as_bytes().to_vec(),
        retry,
    };
    let letters = [
        letter("delivery", "{}", serde_json::json!({"kind": "nobody.does", "lane": "a", "payload": {}})),
        letter("inbound", "quetzal", serde_json::json!({})),
    ];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ids = letters.map(|letter| {
        let buried = store.write(tenant, Lane::People, Origin::system(), move |tx| tx.bury(letter));
        runtime.block_on(buried).unwrap().to_string()
    });
    store.release();
    drop(store);

    let verb = |verb: &str, id: &str| run(&data, &["deadletters", verb, id]);
    let (_, out, _) = run(&data, &["deadletters", "list"]);
    assert!(ids.iter().all(|id| out.contains(id)) && !out.contains("quetzal"), "{out}");
    let (code, out, err) = verb("show", &ids[1]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("quetzal") && out.contains("it never worked"), "{out}");
    assert_eq!(verb("show", "0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f").0, Some(1));
    let (code, _, err) = verb("retry", &ids[1]);
    assert!(code == Some(1) && err.contains("still can't be read"), "{code:?} {err}");

    let server = Server::start(&data);
    let (code, out, err) = verb("retry", &ids[0]);
    assert!(code == Some(0) && out.contains("RETRIED"), "{code:?} {out} {err}");
    assert_eq!(server.terminate(), Some(0));
    let (code, out, err) = verb("discard", &ids[1]);
    assert!(code == Some(0) && out.contains("DISCARDED"), "{code:?} {out} {err}");
    for (id, again) in ids.iter().flat_map(|id| [(id, "retry"), (id, "discard")]) {
        let (code, _, err) = verb(again, id);
        assert!(code == Some(1) && err.contains("has decided"), "{again}: {code:?} {err}");
    }
    let (_, out, _) = run(&data, &["deadletters", "list"]);
    assert!(out.contains("no dead letters"), "{out}");
    let (_, out, _) = run(&data, &["deadletters", "list", "--kind", "inbound"]);
    assert!(out.contains(&ids[1]), "decided ones stay readable: {out}");
}

#[test]
fn what_a_disk_or_a_restore_left_in_pieces_is_not_started_in() {
    let folder = Folder::new("pieces");
    let data = folder.data();
    assert_eq!(set_up(&data).0, Some(0));
    let store = data.join("farol.redb");
    let whole = std::fs::read(&store).unwrap();
    let serve = || run(&data, &["serve", "--listen", "127.0.0.1:0"]);
    for (what, bytes) in [("empty", Some(&[][..])), ("missing", None)] {
        match bytes {
            Some(bytes) => std::fs::write(&store, bytes).unwrap(),
            None => std::fs::remove_file(&store).unwrap(),
        }
        for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["verify"], &["doctor"]] {
            let (code, _, err) = run(&data, args);
            assert_eq!((code, err.contains("restore")), (Some(5), true), "{what} {args:?}: {err}");
        }
        assert_eq!(store.exists(), bytes.is_some(), "nothing was made in its place");
    }
    std::fs::write(&store, &whole).unwrap();
    std::fs::create_dir(data.join("restoring")).unwrap();
    assert_eq!(serve().0, Some(5));
    std::fs::remove_dir(data.join("restoring")).unwrap();
    assert_eq!(run(&data, &["verify"]).0, Some(0), "whole again");
}

#[test]
fn a_lost_key_file_is_told_and_never_replaced_unasked() {
    let folder = Folder::new("keys");
    let data = folder.data();
    assert_eq!(set_up(&data).0, Some(0));
    assert_eq!(Server::start(&data).terminate(), Some(0));
    let key = data.join("keys/secrets.key");
    let right = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let (code, _, err) = run(&data, &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("secrets.key is missing") && err.contains("farol new-keys"), "{err}");
    let (code, out, _) = run(&data, &["doctor"]);
    assert!(code == Some(1) && out.contains("MEND  keys"), "{out}");
    assert!(!key.exists());
    std::fs::write(&key, &right).unwrap();
    assert_eq!(Server::start(&data).terminate(), Some(0));
    std::fs::remove_file(&key).unwrap();
    assert_eq!(run(&data, &["new-keys"]).0, Some(0));
    assert_eq!(Server::start(&data).terminate(), Some(0));
}
