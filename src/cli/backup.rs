//! `farol backup`, `verify`, `restore`: a copy of everything, the proof that it is whole, and the way back.

use super::{
    Failure, Options, Outcome,
    admin::{Tell, Verbs},
    house::House,
    output::{Output, field},
    reach, references,
};
use crate::{
    base::{Env, Error, Result},
    channels,
    platform::{backup, media::MediaStore, secrets::Keyring},
};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Where the backup goes.
#[derive(Debug, Args)]
pub struct Backup {
    /// Folder to write into [default: backup.folder]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Seal the file, keys included, with the passphrase in this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// What is to be proved whole.
#[derive(Debug, Args)]
pub struct Verify {
    /// A backup file, or a data folder that no server uses [default: the data folder]
    path: Option<PathBuf>,
    /// The passphrase of a sealed backup
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// What is to be restored.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup file
    file: PathBuf,
    /// An empty or new folder to restore into
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The passphrase of a sealed backup
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Runs `farol backup`.
pub fn run(args: &Backup, options: &Options) -> Outcome {
    // The server has a working folder of its own: names are made whole here.
    let to = args.to.as_deref().map(std::path::absolute).transpose()?;
    let request = json!({"to": to, "passphrase": passphrase(args.passphrase_file.as_deref())?});
    reach::ask(options, "backup", request, |line| {
        args.output.line(&line, |l| {
            let f = |name| field(l, name);
            format!("{}\n{} bytes, {} rows, up to event {}", f("path"), f("bytes"), f("rows"), f("seq"))
        });
        if line["keys"] == false {
            let sealed = if args.passphrase_file.is_some() { "" } else { ", or give --passphrase-file" };
            let file = field(&line, "keyFile");
            args.output.remark(&format!("the keys that open secrets are not in it: keep {file} elsewhere too{sealed}"));
        }
    })
}

/// Runs `farol verify`.
pub fn verify(args: &Verify, options: &Options) -> Outcome {
    let config = options.load()?;
    let path = args.path.clone().unwrap_or_else(|| config.data.clone());
    if !path.exists() {
        return Err(Failure::usage(format!("there is no {}: name a backup file or a data folder", path.display())));
    }
    if path.is_dir() {
        if !path.join("farol.redb").exists() {
            reach::must_be_whole(&path)?;
            return Err(Failure::usage(format!("there is no store in {}: name a data folder or a backup", path.display())));
        }
        let (rows, files) = backup::verify_folder(&path, config.store().cache_bytes)?;
        let references = references::check(&path, Env::system()).map_err(damage)?;
        println!("{}: whole; {rows} rows, {files} media files, {references} references", path.display());
        return Ok(());
    }
    let env = Env::system();
    let scratch = scratch_beside(&path, &env);
    let passphrase = passphrase(args.passphrase_file.as_deref())?;
    let also = |folder: &Path| references::check(folder, env.clone());
    let (manifest, references) =
        backup::verify_file(&path, &scratch, passphrase.as_deref(), env.clone(), also).map_err(damage)?;
    let rows: u64 = manifest.rows.values().sum();
    println!("{}: whole; made {} by version {}", path.display(), manifest.created_at, manifest.version);
    println!("{rows} rows, {references} references, {} parts, up to event {}", manifest.parts.len(), manifest.seq);
    Ok(())
}

/// Runs `farol restore`.
pub fn restore(args: &Restore) -> Outcome {
    let passphrase = passphrase(args.passphrase_file.as_deref())?;
    let restored = backup::restore(&args.file, &args.to, passphrase.as_deref(), Env::system()).map_err(damage)?;
    references::check(&restored.folder, Env::system()).map_err(damage)?;
    let folder = restored.folder.display();
    println!("restored and proved: {folder}, up to event {}, {} files", restored.manifest.seq, restored.files);
    if !restored.manifest.keys {
        println!("the backup holds no keys: copy the old box's key file to {folder}/keys/secrets.key before the first start");
    }
    let beside = restored.folder.join(backup::BESIDE);
    if beside.exists() {
        let beside = beside.display();
        println!(
            "sessions of a WAHA server are in {beside}: copy them to its folder before it starts, and no phone must be paired anew"
        );
    }
    println!("start it with: farol serve --data {folder}");
    Ok(())
}

/// A damaged or too new backup has its own exit code.
fn damage(error: Error) -> Failure {
    match error.code() {
        "damaged" => Failure { exit: super::Exit::Damaged, text: format!("{error}: take an older backup") },
        "newer" => Failure { exit: super::Exit::Newer, text: error.to_string() },
        _ => error.into(),
    }
}

/// The proof needs a folder for a while; the backup's own place is the one most likely to have room.
fn scratch_beside(file: &Path, env: &Env) -> PathBuf {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.join(format!(".farol-verify-{}-{:x}", std::process::id(), env.chance.next()))
}

fn passphrase(file: Option<&Path>) -> Outcome<Option<String>> {
    let Some(file) = file else { return Ok(None) };
    let text = std::fs::read_to_string(file).map_err(|e| Failure::usage(format!("read {}: {e}", file.display())))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.chars().count() < 12 {
        return Err(Failure::usage(format!("the passphrase in {} is shorter than 12 characters", file.display())));
    }
    Ok(Some(text.to_owned()))
}

#[derive(Deserialize)]
struct BackupArgs {
    to: Option<PathBuf>,
    passphrase: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    path: PathBuf,
    bytes: u64,
    rows: u64,
    seq: u64,
    keys: bool,
    key_file: PathBuf,
}

/// The server's side.
pub fn register(verbs: &mut Verbs, house: &House) {
    let house = house.clone();
    verbs.add("backup", move |args: BackupArgs, tell| make(house.clone(), args, tell));
}

async fn make(house: House, args: BackupArgs, tell: Tell) -> Result<()> {
    let key_file = Keyring::file(&house.config.data, house.config.key_file.as_deref());
    let keys = key_file.clone();
    let media = house.kit.as_ref().and_then(|kit| kit.find_service::<MediaStore>());
    let work = move || {
        // Every file that the snapshot names must still be there when its turn comes.
        let _kept = media.as_ref().map(|media| media.files().keep_all());
        let into = args.to.unwrap_or_else(|| house.backups());
        let beside = channels::session_folders(&house.store, house.config.waha_session_folder.as_deref())?;
        let from = backup::Source { store: &house.store, data: &house.config.data, key_file: &keys, beside: &beside };
        backup::write(from, &into, house.env.now(), args.passphrase.as_deref())
    };
    let made = tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
    let rows = made.manifest.rows.values().sum();
    tell.line(Made { path: made.path, bytes: made.bytes, rows, seq: made.manifest.seq, keys: made.manifest.keys, key_file }).await
}
