use super::*;
use crate::{
    base::{Env, Origin, Timestamp},
    platform::{
        journal::{Audience, NewEvent},
        store::{Lane, Store, StoreOptions},
    },
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

fn env() -> Env {
    Env::simulated(Timestamp::parse("2026-11-22T09:30:05Z").unwrap(), 1).0
}

/// A data folder with a store, a media file and a key.
fn folder() -> (tempfile::TempDir, Store) {
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(data.path(), &StoreOptions::default(), env()).unwrap();
    for (name, bytes) in [("media/t/photo", vec![7u8; 300_000]), ("keys/secrets.key", b"1 key".to_vec())] {
        let path = data.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    (data, store)
}

fn backup(data: &Path, store: &Store, passphrase: Option<&str>) -> Written {
    let key_file = data.join("keys/secrets.key");
    write(Source { store, data, key_file: &key_file, beside: &[] }, &data.join("backups"), env().now(), passphrase).unwrap()
}

#[test]
fn comes_back_whole_into_an_empty_folder_with_a_new_epoch() {
    let (data, store) = folder();
    let made = backup(data.path(), &store, None);
    assert_eq!(made.path.file_name().unwrap(), "farol-20261122_093005.tar.zst");
    let target = data.path().join("again");
    let restored = restore(&made.path, &target, None, env()).unwrap();
    assert_eq!((restored.manifest, restored.files), (made.manifest, 1));
    assert_eq!(fs::read(target.join("media/t/photo")).unwrap(), vec![7u8; 300_000]);
    assert!(!target.join("keys").exists(), "keys leave the box only under a passphrase");
    assert!(!target.join("restoring").exists());
    let again = Store::open(&target, &StoreOptions::default(), env()).unwrap();
    assert_ne!(again.epoch(), store.epoch());
    again.close();
    drop(again);
    assert!(verify_folder(&target, 64 << 20).is_ok());
}

#[test]
fn a_sealed_backup_carries_the_keys_and_opens_only_with_its_passphrase() {
    let (data, store) = folder();
    let made = backup(data.path(), &store, Some("correct horse"));
    assert!(made.path.to_str().unwrap().ends_with(".tar.zst.sealed"));
    let try_with = |passphrase, name: &str| restore(&made.path, &data.path().join(name), passphrase, env());
    assert_eq!(try_with(None, "a").unwrap_err().code(), "invalid");
    assert_eq!(try_with(Some("wrong horse"), "b").unwrap_err().code(), "invalid");
    let restored = try_with(Some("correct horse"), "c").unwrap();
    assert_eq!(fs::read(restored.folder.join("keys/secrets.key")).unwrap(), b"1 key");
}

#[test]
fn the_keys_are_packed_from_where_they_lie_and_never_claimed_when_they_are_not() {
    let (data, store) = folder();
    let elsewhere = tempfile::tempdir().unwrap();
    let key_file = elsewhere.path().join("farol-key");
    let into = data.path().join("backups");
    let from = Source { store: &store, data: data.path(), key_file: &key_file, beside: &[] };
    let without = write(from, &into, env().now(), Some("correct horse")).unwrap();
    assert!(!without.manifest.keys && !without.manifest.parts.contains_key(KEYS));
    fs::remove_file(without.path).unwrap();
    fs::write(&key_file, b"1 the real key").unwrap();
    let with = write(from, &into, env().now(), Some("correct horse")).unwrap();
    assert!(with.manifest.keys);
    let restored = restore(&with.path, &data.path().join("again"), Some("correct horse"), env()).unwrap();
    assert_eq!(fs::read(restored.folder.join(KEYS)).unwrap(), b"1 the real key");
}

#[test]
fn what_lies_beside_and_must_stay_out_costs_nothing_but_itself() {
    let (data, store) = folder();
    let elsewhere = tempfile::tempdir().unwrap();
    let sessions = elsewhere.path().join("sessions");
    fs::create_dir(&sessions).unwrap();
    fs::write(sessions.join("creds.json"), b"paired").unwrap();
    fs::File::create(sessions.join("large")).unwrap().set_len((64 << 20) + 1).unwrap();
    let link = elsewhere.path().join("link");
    std::os::unix::fs::symlink(data.path(), &link).unwrap();
    let around = data.path().parent().unwrap().to_owned();
    let beside = [
        ("waha/missing".to_owned(), elsewhere.path().join("missing")),
        ("waha/around".to_owned(), around),
        ("waha/equal".to_owned(), data.path().to_owned()),
        ("waha/inside".to_owned(), data.path().join("media")),
        ("waha/link".to_owned(), link),
        ("waha/file".to_owned(), sessions.join("creds.json")),
        ("waha/good".to_owned(), sessions),
    ];
    let key_file = data.path().join("keys/secrets.key");
    let from = Source { store: &store, data: data.path(), key_file: &key_file, beside: &beside };
    let made = write(from, &data.path().join("backups"), env().now(), Some("correct horse")).unwrap();
    let parts: Vec<&String> = made.manifest.parts.keys().filter(|part| part.starts_with(BESIDE)).collect();
    assert_eq!(parts, ["beside/waha/good/creds.json"]);
    let restored = restore(&made.path, &data.path().join("again"), Some("correct horse"), env()).unwrap();
    assert_eq!(fs::read(restored.folder.join("beside/waha/good/creds.json")).unwrap(), b"paired");
}

#[test]
fn what_is_restored_is_its_owner_s_alone() {
    let (data, store) = folder();
    let made = backup(data.path(), &store, Some("correct horse"));
    let target = data.path().join("again");
    restore(&made.path, &target, Some("correct horse"), env()).unwrap();
    let mut open = Vec::new();
    let mut folders = vec![target];
    while let Some(folder) = folders.pop() {
        for path in [folder.clone()].into_iter().chain(fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path())) {
            let meta = fs::metadata(&path).unwrap();
            if meta.permissions().mode() & 0o077 != 0 {
                open.push(path.clone());
            }
            if meta.is_dir() && path != folder {
                folders.push(path);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test]
async fn a_store_whose_last_writes_were_of_the_past_comes_back_too() {
    let (data, store) = folder();
    let tenant = env().new_id();
    store.write_platform(Lane::People, Origin::system(), move |tx| tx.register_tenant(tenant)).await.unwrap();
    let at = Timestamp::parse("2025-01-01T00:00:00Z").unwrap();
    let (before, after) = (Audience::nobody(), Audience::nobody());
    let event = NewEvent { kind: "said", subject: uuid::Uuid::nil(), before, after, data: serde_json::Value::Null };
    store.import(tenant, at, Origin::system(), move |tx| tx.emit(event)).await.unwrap();
    store.sync().await.unwrap();
    let made = backup(data.path(), &store, None);
    verify_file(&made.path, &data.path().join("scratch"), None, env(), |_| Ok(())).unwrap();
}

#[test]
fn a_part_that_claims_more_than_a_part_may_hold_is_refused_unread() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bomb.tar.zst");
    let mut tar = tar::Builder::new(zstd::Encoder::new(fs::File::create(&file).unwrap(), 3).unwrap());
    let size = 200 << 20;
    let mut head = tar::Header::new_gnu();
    head.set_size(size);
    tar.append_data(&mut head, "store/000001", std::io::Read::take(std::io::repeat(0), size)).unwrap();
    tar.into_inner().unwrap().finish().unwrap();
    let error = restore(&file, &folder.path().join("into"), None, env()).unwrap_err();
    assert!(error.to_string().contains("longer than a part may be"), "{error}");
}

#[test]
fn nothing_is_overwritten() {
    let (data, store) = folder();
    let made = backup(data.path(), &store, None);
    let error = restore(&made.path, data.path(), None, env()).unwrap_err();
    assert_eq!(error.code(), "not_empty");
}

#[test]
fn two_backups_of_one_second_stand_beside_each_other_and_one_that_was_cut_off_is_cleared_away() {
    let (data, store) = folder();
    let first = backup(data.path(), &store, None);
    let cut = first.path.with_file_name("farol-20200101_000000.tar.zst.part");
    let busy = first.path.with_file_name("farol-20261122_093005-2.tar.zst.part");
    for part in [&cut, &busy] {
        fs::write(part, b"half").unwrap();
    }
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_577_836_800);
    fs::File::options().write(true).open(&cut).unwrap().set_modified(long_ago).unwrap();
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_millis(env().now().as_millis() as u64);
    fs::File::options().write(true).open(&busy).unwrap().set_modified(now).unwrap();
    let second = backup(data.path(), &store, None);
    assert_eq!(second.path.file_name().unwrap(), "farol-20261122_093005-3.tar.zst");
    assert!(first.path.exists() && busy.exists() && !cut.exists());
}

#[test]
fn the_bodies_of_large_webhooks_come_back_too() {
    let (data, store) = folder();
    fs::create_dir_all(data.path().join("inbound")).unwrap();
    fs::write(data.path().join("inbound/body.json"), vec![b'x'; 100_000]).unwrap();
    let made = backup(data.path(), &store, None);
    let target = data.path().join("again");
    restore(&made.path, &target, None, env()).unwrap();
    assert_eq!(fs::read(target.join("inbound/body.json")).unwrap().len(), 100_000);
}

#[test]
fn nothing_is_made_where_something_is_to_be_proved() {
    let data = tempfile::tempdir().unwrap();
    let code = |data: &Path| match verify_folder(data, 1 << 20) {
        Ok(_) => "whole",
        Err(crate::platform::store::OpenError::Damaged(_)) => "damaged",
        Err(crate::platform::store::OpenError::Newer { .. }) => "newer",
        Err(other) => panic!("{other}"),
    };
    assert_eq!(code(data.path()), "damaged");
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0, "proving made something");
    fs::write(data.path().join("farol.redb"), b"").unwrap();
    assert_eq!((code(data.path()), check_folder(data.path()).is_err()), ("damaged", true));
    fs::remove_file(data.path().join("farol.redb")).unwrap();
    assert!(check_folder(data.path()).is_ok(), "an empty folder is one to begin in");
    for left in ["restoring", "search", "inbound", "media"] {
        fs::create_dir(data.path().join(left)).unwrap();
        let words = check_folder(data.path()).unwrap_err();
        assert!(words.contains("restore"), "{words}");
        fs::remove_dir(data.path().join(left)).unwrap();
    }
    let store = Store::open(data.path(), &StoreOptions::default(), env()).unwrap();
    store.release();
    assert_eq!(code(data.path()), "whole");
    {
        use crate::platform::store::{Durability, Engine, RedbEngine, engine::Batch, schema_key};
        let engine = RedbEngine::open(&data.path().join("farol.redb"), 1 << 20).unwrap();
        let newer = (crate::platform::store::SCHEMA + 1).to_le_bytes().to_vec();
        engine.commit(Batch::from([(schema_key(), Some(newer))]), Durability::Durable).unwrap();
    }
    assert_eq!(code(data.path()), "newer");
}

#[test]
fn a_damaged_or_cut_backup_is_refused_wherever_it_is_hurt() {
    let (data, store) = folder();
    for passphrase in [None, Some("p")] {
        let made = backup(data.path(), &store, passphrase);
        let whole = fs::read(&made.path).unwrap();
        let hurt = data.path().join("hurt");
        let steps = 12;
        for i in 0..steps {
            let at = whole.len() * i / steps;
            let mut flipped = whole.clone();
            flipped[at] ^= 0x10;
            for bytes in [flipped, whole[..at].to_vec()] {
                fs::write(&hurt, bytes).unwrap();
                let outcome = verify_file(&hurt, &data.path().join("scratch"), passphrase, env(), |_| Ok(()));
                assert!(outcome.is_err(), "hurt at {at} of {} went unnoticed", whole.len());
                assert!(!data.path().join("scratch").exists());
            }
        }
        fs::write(&hurt, &whole).unwrap();
        verify_file(&hurt, &data.path().join("scratch"), passphrase, env(), |_| Ok(())).unwrap();
        fs::remove_file(&made.path).unwrap();
    }
}
