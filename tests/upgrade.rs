//! Data folders that older versions left behind must open, and say what they said then.
//!
//! `tests/upgrade/<version>/` was written by that version's own binary and is never touched again. To leave
//! this version's: `cargo nextest run --run-ignored only -E 'test(leave_the_data)'`, once, at a release.

use crate::appliance::Appliance;
use farol::base::Env;
use farol::platform::store::{Store, StoreOptions};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

fn kept() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/upgrade")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn items(list: &Value) -> usize {
    list["items"].as_array().map_or(0, Vec::len)
}

async fn one_conversation(appliance: &Appliance, token: &str) -> String {
    for _ in 0..100 {
        let list = appliance.get_done("GET", "/conversations?tab=all", Some(token), None).await;
        if let Some(id) = list["items"][0]["id"].as_str() {
            return id.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no conversation appears");
}

/// A firm with an owner, a colleague, a queue, a channel, customers, a conversation with messages both ways and a note.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run once at a release, to leave a data folder for later versions"]
async fn leave_the_data_of_this_version() {
    let target = kept().join(env!("CARGO_PKG_VERSION"));
    assert!(!target.exists(), "{} is there already and must not change", target.display());
    let folder = tempfile::tempdir().unwrap();
    let (appliance, code) = Appliance::start(folder.path()).await;
    let token = appliance.found(&code.unwrap()).await;
    let t = Some(token.as_str());
    appliance.get_done("POST", "/queues", t, Some(json!({"name": "Oficina", "color": "#00bfa5"}))).await;
    let colleague = json!({"name": "Rui", "email": "rui@example.com", "password": "another long sentence", "role": "AGENT"});
    appliance.get_done("POST", "/users", t, Some(colleague)).await;
    let contact = json!({"name": "Zoé Exemplo", "phoneNumber": "+15550100099"});
    appliance.get_done("POST", "/contacts", t, Some(contact)).await;
    for n in 0..12 {
        assert!(appliance.webhook(15_550_100_000 + n % 3, &format!("wamid.{n}"), &format!("mensagem número {n}")).await);
    }
    let conversation = one_conversation(&appliance, &token).await;
    let path = |verb: &str| format!("/conversations/{conversation}/{verb}");
    appliance.get_done("POST", &path("assign"), t, Some(json!({}))).await;
    appliance.get_done("POST", &path("notes"), t, Some(json!({"content": "prefers the morning"}))).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    appliance.stop();
    let store = Store::open(folder.path(), &StoreOptions::default(), Env::system()).unwrap();
    store.close();
    drop(store);
    fs::create_dir_all(&target).unwrap();
    fs::copy(folder.path().join("farol.redb"), target.join("farol.redb")).unwrap();
    copy(&folder.path().join("keys"), &target.join("keys"));
    let bytes = fs::metadata(target.join("farol.redb")).unwrap().len();
    assert!(bytes <= 2 << 20, "{bytes} bytes are too many to keep for ever");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_of_every_released_version_opens_and_is_whole() {
    let mut versions: Vec<PathBuf> =
        fs::read_dir(kept()).into_iter().flatten().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    versions.sort();
    for version in versions {
        let folder = tempfile::tempdir().unwrap();
        copy(&version, folder.path());
        let (appliance, code) = Appliance::start(folder.path()).await;
        assert_eq!(code, None, "{} has an owner", version.display());
        let token = appliance.sign_in().await;
        for (path, least) in [("/users", 2), ("/queues", 2), ("/channels", 1), ("/contacts", 4), ("/conversations?tab=all", 3)] {
            let list = appliance.get_done("GET", path, Some(&token), None).await;
            assert!(items(&list) >= least, "{} {path}: {list}", version.display());
        }
        let conversation = one_conversation(&appliance, &token).await;
        let messages = appliance.get_done("GET", &format!("/conversations/{conversation}/messages"), Some(&token), None).await;
        assert!(messages["messages"].as_array().is_some_and(|list| list.len() >= 4), "{messages}");
        let note = json!({"content": "written by a later version"});
        appliance.get_done("POST", &format!("/conversations/{conversation}/notes"), Some(&token), Some(note)).await;
        appliance.stop();
        farol::platform::backup::verify_folder(folder.path(), 64 << 20).unwrap();
    }
}
