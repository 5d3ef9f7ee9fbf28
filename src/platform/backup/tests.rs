use super::*;
use crate::{
    base::{Env, Timestamp},
    platform::store::{Store, StoreOptions},
};
use std::{fs, path::Path};

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
    write(store, data, &data.join("backups"), env().now(), passphrase).unwrap()
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
fn nothing_is_overwritten() {
    let (data, store) = folder();
    let made = backup(data.path(), &store, None);
    let error = restore(&made.path, data.path(), None, env()).unwrap_err();
    assert_eq!(error.code(), "not_empty");
    let again = write(&store, data.path(), &data.path().join("backups"), env().now(), None).unwrap_err();
    assert_eq!(again.code(), "exists");
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
                let outcome = verify_file(&hurt, &data.path().join("scratch"), passphrase, env());
                assert!(outcome.is_err(), "hurt at {at} of {} went unnoticed", whole.len());
                assert!(!data.path().join("scratch").exists());
            }
        }
        fs::write(&hurt, &whole).unwrap();
        verify_file(&hurt, &data.path().join("scratch"), passphrase, env()).unwrap();
        fs::remove_file(&made.path).unwrap();
    }
}
