//! What heavy work does to the people beside it: five hundred sign-ins, a backup and a reindex, each measured with the
//! same load without it.

use crate::{
    Firm, fan_out, get,
    harness::{Figure, Report, Samples, millis, short},
};
use farol::{
    identity::{Cost, Passwords},
    simulator::{
        load::{Requests, load},
        wire_client::request,
    },
};
use serde_json::json;
use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Sign-ins that are asked for.
const LOGINS: usize = 500;
/// People at the door at once: fewer than an address may have under way.
const AT_THE_DOOR: usize = 32;

/// Five hundred sign-ins beside somebody who reads the inbox; beside them the rate of one core that only hashes.
pub async fn logins(firm: &Firm<'_>, people: usize, password: &str, report: &mut Report) {
    let hashing = Passwords::new(Cost::FLOOR);
    let timed = |work: &mut dyn FnMut()| {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    hashing.tune(timed);
    let mut hash = Samples::default();
    for _ in 0..10 {
        hash.time_async(hashing.hash(password)).await.unwrap();
    }
    let a_core = 1.0 / hash.percentile(0.5).as_secs_f64();

    let list: Arc<[Vec<u8>]> = [get(firm.address(), firm.token, "/conversations?tab=all&limit=20")].into();
    let alone = load(firm.address(), 1, Duration::from_secs(5), Requests::InTurn(list.clone())).await.unwrap();
    let asked: Arc<[Vec<u8>]> = (0..LOGINS)
        .map(|n| {
            let body = json!({"email": format!("p{}@example.com", n % people), "password": password}).to_string();
            request(firm.address(), "POST", "/api/v1/auth/login", &[], body.as_bytes())
        })
        .collect();
    let signing_in = load(firm.address(), AT_THE_DOOR, Duration::from_secs(600), Requests::Once(asked));
    let reading = load(firm.address(), 1, Duration::from_secs(5), Requests::InTurn(list));
    let (signed_in, beside) = tokio::join!(signing_in, reading);
    let (signed_in, beside) = (signed_in.unwrap(), beside.unwrap());
    let rate = signed_in.rate();
    let note = format!("{} each on a core that only hashes", millis(hash.percentile(0.5)));
    let name = format!("{LOGINS} sign-ins, {AT_THE_DOOR} at once, as a share of one hashing core");
    report.tell(Figure::more(name, format!("{} /s", short(rate)), rate / a_core, "×").goal(0.8).note(note));
    let moved = beside.at(0.99).as_secs_f64() / alone.at(0.99).as_secs_f64();
    let shown = format!("{} → {}", millis(alone.at(0.99)), millis(beside.at(0.99)));
    report.tell(Figure::less("the inbox's p99 beside them, as a multiple of without", shown, moved, "×").goal(1.2));
}

/// Backups and reindexing, one after the other for as long as the fan-out runs.
pub async fn isolation(firm: &Firm<'_>, people: &[String], sockets: usize, alone: Duration, report: &mut Report) {
    let (stop, backups) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (data, into) = (firm.data.to_owned(), tempfile::tempdir().unwrap());
    let folder = into.path().to_owned();
    let (stopped, done) = (stop.clone(), backups.clone());
    let working = std::thread::spawn(move || {
        while !stopped.load(Ordering::SeqCst) {
            assert!(verb("reindex", &data, &[]), "the index is built anew");
            assert!(verb("backup", &data, &[folder.to_str().unwrap()]), "a backup is written");
            done.fetch_add(1, Ordering::SeqCst);
        }
    });
    let what = format!("1,000 events/s, {sockets} browsers, beside backups and reindexing");
    let beside = fan_out(firm, people, sockets, 1_000, 0, &what, (f64::MAX, f64::MAX), None, report).await;
    stop.store(true, Ordering::SeqCst);
    tokio::task::spawn_blocking(|| working.join().unwrap()).await.unwrap();
    let shown = format!("{} → {}", millis(alone), millis(beside));
    let note = format!("{} backups and as many indexes meanwhile", backups.load(Ordering::SeqCst));
    let moved = beside.as_secs_f64() / alone.as_secs_f64();
    report.tell(Figure::less("push p99 beside them, as a multiple of without", shown, moved, "×").goal(2.0).note(note));
}

/// A verb that speaks to the running server.
fn verb(verb: &str, data: &Path, more: &[&str]) -> bool {
    let mut command = Command::new(crate::appliance::binary());
    command.arg(verb).args(more).arg("--data").arg(data).stdout(Stdio::null()).stderr(Stdio::inherit());
    command.status().is_ok_and(|status| status.success())
}
