//! The folder under faults; thumbnails, sound, re-boxing; ranges; the sweep.

use super::made;
use crate::{
    base::{Env, Error, Origin, Result, TenantId, Timestamp, time::ManualClock},
    platform::{
        media::{
            Claims, Class, Converted, Converter, Fault, Files, Fit, Holders, Landed, Limits, MediaHash, MediaStore, MediaTools,
            Point, Scanner, Shown, fit, serve, strip, to_ogg,
        },
        store::{Lane, Store},
    },
};
use axum::{
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use image::ImageFormat;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Cursor},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));

pub fn env() -> (Env, ManualClock) {
    Env::simulated(Timestamp(1_800_000_000_000), 1)
}

pub async fn land(store: &MediaStore, bytes: &[u8], name: &str, mime: &str) -> Result<Landed> {
    let mut incoming = store.begin(TENANT, Limits::INBOUND.most())?;
    for piece in bytes.chunks(100_000) {
        incoming.write(Bytes::copy_from_slice(piece)).await?;
    }
    let claims = Claims { mime: Some(mime.into()), file_name: Some(name.into()), sha256: None };
    store.land(incoming, claims, Limits::INBOUND).await
}

pub async fn served(store: &MediaStore, landed: &Landed, name: &str, asked: &[(HeaderName, &str)]) -> Result<Response> {
    let headers: HeaderMap = asked.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
    let shown = Shown { hash: Some(landed.hash), file_name: Some(name.into()), save: false };
    serve(store.files(), TENANT, &shown, &headers).await
}

fn of<'r>(response: &'r Response, name: &HeaderName) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn body(response: Response) -> Vec<u8> {
    axum::body::to_bytes(response.into_body(), 64 << 20).await.unwrap().to_vec()
}

fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = walk(folder).into_iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path) } else { vec![path] }
        })
        .collect()
}

#[tokio::test]
async fn a_file_lies_under_its_hash_once_however_often_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let store = MediaStore::open(folder.path(), env().0, MediaTools::default(), None).unwrap();
    let bytes = made::voice(100);
    let first = land(&store, &bytes, "note.ogg", "audio/ogg; codecs=opus").await.unwrap();
    let again = land(&store, &bytes, "other.ogg", "audio/ogg").await.unwrap();
    assert_eq!(first, again);
    assert_eq!(first.hash, MediaHash(Sha256::digest(&bytes).into()));
    assert_eq!(fs::read(store.files().path(TENANT, first.hash)).unwrap(), bytes);
    assert_eq!(files_in(folder.path()).len(), 1);
}

#[tokio::test]
async fn more_than_was_allowed_and_less_than_was_promised_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = MediaStore::open(folder.path(), env().0, MediaTools::default(), None).unwrap();
    let mut incoming = store.begin(TENANT, 10).unwrap();
    assert!(matches!(incoming.write(Bytes::from_static(&[0; 11])).await, Err(Error::TooLarge(10))));
    drop(incoming);
    let mut incoming = store.begin(TENANT, 10).unwrap();
    incoming.write(Bytes::from_static(b"abc")).await.unwrap();
    let claims = Claims { sha256: Some(MediaHash([7; 32])), ..Claims::default() };
    assert_eq!(store.land(incoming, claims, Limits::INBOUND).await.unwrap_err().code(), "hash_mismatch");
    // A document may be larger than a picture.
    let noise = made::noise(2_800, 2_500, ImageFormat::Png);
    assert!(noise.len() > 16 << 20);
    assert!(matches!(land(&store, &noise, "x.png", "image/png").await, Err(Error::TooLarge(limit)) if limit == 16 << 20));
    assert_eq!(files_in(folder.path()), Vec::<String>::new());
}

#[tokio::test]
async fn whatever_step_a_crash_comes_at_the_next_start_is_clean_and_nothing_is_half_there() {
    let bytes = made::noise(300, 300, ImageFormat::Png);
    let hash = MediaHash(Sha256::digest(&bytes).into());
    for fails_at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let step = Arc::new(AtomicUsize::new(0));
        let steps = step.clone();
        let fault: Fault = Arc::new(move |_: Point| match steps.fetch_add(1, Ordering::Relaxed) {
            n if n == fails_at => Err(io::Error::other("on purpose")),
            _ => Ok(()),
        });
        let files = Files::with_faults(folder.path(), env().0, Some(fault)).unwrap();
        let store = MediaStore::over(files, MediaTools::default(), None);
        let outcome = land(&store, &bytes, "x.png", "image/png").await;
        let (taken, was_ok) = (step.load(Ordering::Relaxed), outcome.is_ok());
        drop(store);
        let store = MediaStore::open(folder.path(), env().0, MediaTools::default(), None).unwrap();
        assert!(walk(&folder.path().join("media/.incoming")).is_empty(), "step {fails_at}");
        for path in walk(folder.path()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(hex::encode(Sha256::digest(fs::read(&path).unwrap())), name, "step {fails_at}: what is there is whole");
        }
        // Whoever was told that it is stored finds it.
        assert!(!was_ok || store.files().holds(TENANT, hash), "step {fails_at}");
        land(&store, &bytes, "x.png", "image/png").await.unwrap();
        if taken <= fails_at {
            assert!(was_ok && fails_at >= 8, "{fails_at} steps: two files, each written, synced, named, folder synced");
            break;
        }
    }
}

#[tokio::test]
async fn pictures_get_small_ones_and_sound_its_shape() {
    let folder = tempfile::tempdir().unwrap();
    let store = MediaStore::open(folder.path(), env().0, MediaTools::default(), None).unwrap();
    for (format, mime) in [
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Gif, "image/gif"),
        (ImageFormat::WebP, "image/webp"),
    ] {
        let landed = land(&store, &made::picture(1_200, 600, format), "x", mime).await.unwrap();
        assert_eq!((landed.size, landed.quarantined, landed.is_mismatch), (Some((1_200, 600)), None, false), "{mime}");
        let small = image::load_from_memory(&fs::read(store.files().path(TENANT, landed.thumbnail.unwrap())).unwrap()).unwrap();
        assert_eq!((small.width(), small.height()), (480, 240), "{mime}");
    }
    // Held upright: the small one stands as people see it.
    let landed = land(&store, &made::photographed(6), "x.jpg", "image/jpeg").await.unwrap();
    let small = image::load_from_memory(&fs::read(store.files().path(TENANT, landed.thumbnail.unwrap())).unwrap()).unwrap();
    assert_eq!((small.width(), small.height()), (32, 64));

    let note = land(&store, &made::voice(250), "x.ogg", "audio/ogg").await.unwrap();
    assert_eq!(note.duration_ms, Some(4_993), "five seconds less what the encoder needs to begin");
    assert_eq!((note.waveform.len(), note.waveform[0], note.waveform[63]), (64, 0, 100));
    let film = land(&store, &made::mp4(12, 640, 360), "x.mp4", "video/mp4").await.unwrap();
    assert_eq!((film.duration_ms, film.size, film.found.unwrap().mime), (Some(12_000), Some((640, 360)), "video/mp4"));
}

#[test]
fn a_browser_s_recording_becomes_a_voice_note() {
    for channels in [1, 2] {
        let mut note = Vec::new();
        to_ogg(&mut Cursor::new(made::webm(120, channels)), &mut note, 7).unwrap();
        assert_eq!(note, made::voice(120), "the same packets, one channel, in another box");
    }
    // Stopped in the middle: what was whole is there.
    let whole = made::webm(120, 1);
    let mut note = Vec::new();
    to_ogg(&mut Cursor::new(&whole[..whole.len() - 3]), &mut note, 7).unwrap();
    let no_sound = [made::mp4(1, 2, 2), Vec::new(), b"\x1a\x45\xdf\xa3\x80".to_vec(), whole[..40].to_vec()];
    for bad in no_sound {
        assert!(to_ogg(&mut Cursor::new(bad), &mut Vec::new(), 7).is_err());
    }
}

#[test]
fn what_goes_out_fits_and_does_not_say_where_it_was_taken() {
    let folder = tempfile::tempdir().unwrap();
    let file = |bytes: &[u8]| {
        let path = folder.path().join("x");
        fs::write(&path, bytes).unwrap();
        File::open(path).unwrap()
    };
    let size = |bytes: &[u8]| image::load_from_memory(bytes).map(|p| (p.width(), p.height())).unwrap();
    // Small and plain: nothing is written anew.
    assert_eq!(fit(&mut file(&made::picture(64, 64, ImageFormat::Jpeg)), "image/jpeg", 1 << 20, 1 << 20).unwrap(), Fit::AsItIs);
    assert_eq!(fit(&mut file(&made::picture(64, 64, ImageFormat::Png)), "image/png", 1 << 20, 1 << 20).unwrap(), Fit::AsItIs);
    // Too large, or of a kind that channels don't take.
    for (bytes, mime) in [
        (made::noise(1_500, 1_500, ImageFormat::Png), "image/png"),
        (made::noise(3_000, 2_000, ImageFormat::Jpeg), "image/jpeg"),
        (made::picture(100, 100, ImageFormat::Gif), "image/gif"),
        (made::picture(100, 100, ImageFormat::WebP), "image/webp"),
    ] {
        let Fit::Anew(anew) = fit(&mut file(&bytes), mime, 700_000, 700_000).unwrap() else { panic!("{mime}") };
        assert!(anew.len() <= 700_000 && anew.starts_with(&[0xff, 0xd8]), "{mime}");
    }
    assert_eq!(fit(&mut file(b"\xff\xd8\xff\xe0broken"), "image/jpeg", 3, 3).unwrap(), Fit::Impossible);
    // Held upright: written anew as it is seen. Otherwise the notes go and the picture stays, byte for byte.
    let Fit::Anew(upright) = fit(&mut file(&made::photographed(6)), "image/jpeg", 1 << 20, 1 << 20).unwrap() else { panic!() };
    assert_eq!(size(&upright), (32, 64));
    let shot = made::photographed(1);
    assert!(shot.windows(3).any(|w| w == b"GPS"));
    let bare_path = folder.path().join("bare");
    assert!(strip(&mut file(&shot), &mut File::create(&bare_path).unwrap(), "image/jpeg").unwrap());
    assert_eq!(fs::read(&bare_path).unwrap(), made::picture(64, 32, ImageFormat::Jpeg));
    let mut png = made::picture(9, 9, ImageFormat::Png);
    let plain = png.clone();
    png.splice(33..33, b"\0\0\0\x07tEXtGPS\0x,y\0\0\0\0".iter().copied());
    assert!(strip(&mut file(&png), &mut File::create(&bare_path).unwrap(), "image/png").unwrap());
    assert_eq!(fs::read(&bare_path).unwrap(), plain);
    assert!(!strip(&mut file(b"\xff\xd8rubbish"), &mut File::create(&bare_path).unwrap(), "image/jpeg").unwrap());
}

#[tokio::test]
async fn parts_of_a_file_are_served_as_players_ask_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = MediaStore::open(folder.path(), env().0, MediaTools::default(), None).unwrap();
    let bytes = made::noise(400, 400, ImageFormat::Png);
    let landed = land(&store, &bytes, "x.png", "image/png").await.unwrap();
    let whole = served(&store, &landed, "São.png", &[]).await.unwrap();
    assert_eq!(whole.status(), StatusCode::OK);
    let tag = of(&whole, &header::ETAG).to_owned();
    assert_eq!(of(&whole, &header::CONTENT_TYPE), "image/png");
    assert_eq!(of(&whole, &header::CONTENT_DISPOSITION), "inline; filename=\"S_o.png\"; filename*=UTF-8''S%C3%A3o.png");
    assert_eq!(of(&whole, &header::CONTENT_SECURITY_POLICY), "sandbox; default-src 'none'");
    assert_eq!(of(&whole, &header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(of(&whole, &header::ACCEPT_RANGES), "bytes");
    assert_eq!(body(whole).await, bytes);

    let part = served(&store, &landed, "x", &[(header::RANGE, "bytes=10-19"), (header::IF_RANGE, &tag)]).await.unwrap();
    assert_eq!(
        (part.status(), of(&part, &header::CONTENT_RANGE)),
        (StatusCode::PARTIAL_CONTENT, &*format!("bytes 10-19/{}", bytes.len()))
    );
    assert_eq!(of(&part, &header::CONTENT_LENGTH), "10");
    assert_eq!(body(part).await, &bytes[10..20]);
    let last = served(&store, &landed, "x", &[(header::RANGE, "bytes=-100000")]).await.unwrap();
    assert_eq!(body(last).await, &bytes[bytes.len() - 100_000..]);
    // Another file by now: all of it.
    for other in ["\"other\"", &format!("W/{tag}"), "Sun, 22 Nov 2026 11:00:00 GMT"] {
        let whole = served(&store, &landed, "x", &[(header::RANGE, "bytes=10-19"), (header::IF_RANGE, other)]).await.unwrap();
        assert_eq!(whole.status(), StatusCode::OK, "{other}");
    }
    let beyond = served(&store, &landed, "x", &[(header::RANGE, "bytes=99999999-")]).await.unwrap();
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(of(&beyond, &header::CONTENT_RANGE), format!("bytes */{}", bytes.len()));
    let known = served(&store, &landed, "x", &[(header::IF_NONE_MATCH, &format!("\"a\", W/{tag}"))]).await.unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    assert!(body(known).await.is_empty());
    // Another firm has no such file.
    let shown = Shown { hash: Some(landed.hash), ..Shown::default() };
    let other = serve(store.files(), TenantId(Uuid::from_u128(2)), &shown, &HeaderMap::new()).await;
    assert!(matches!(other, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn what_nobody_names_goes_after_a_day_and_never_under_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let (env, clock) = env();
    let records = Store::in_memory(env.clone());
    records.write_platform(Lane::People, Origin::system(), |tx| tx.register_tenant(TENANT)).await.unwrap();
    let store = MediaStore::open(folder.path(), env.clone(), MediaTools::default(), None).unwrap();
    let kept = land(&store, &made::voice(10), "a.ogg", "audio/ogg").await.unwrap();
    let lost = land(&store, &made::voice(20), "b.ogg", "audio/ogg").await.unwrap();
    let bad = land(&store, b"MZ\x90\0program", "c.exe", "application/pdf").await.unwrap();
    assert_eq!(bad.quarantined, Some("executable"));
    let mut holders = Holders::new();
    let named = kept.hash.to_string();
    holders.on(move |_, hash| Ok(hash == named));
    let sweep = || store.sweep(&records, &env, &holders).unwrap();
    assert_eq!(sweep(), 0, "somebody may be about to name them");
    clock.advance(std::time::Duration::from_secs(86_400 + 2));
    let backup = store.files().keep_all();
    assert_eq!(sweep(), 0);
    drop(backup);
    // Taken in anew by somebody: its day begins again.
    let again = land(&store, &made::voice(20), "b.ogg", "audio/ogg").await.unwrap();
    assert_eq!(again.hash, lost.hash);
    assert_eq!(sweep(), 1, "what lay in quarantine");
    clock.advance(std::time::Duration::from_secs(86_400 + 2));
    assert_eq!(sweep(), 1);
    assert!(store.files().holds(TENANT, kept.hash) && !store.files().holds(TENANT, lost.hash));
}

#[tokio::test]
async fn the_owner_s_scanner_has_the_last_word() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("scan.sh");
    fs::write(&script, "case \"$(head -c 4 \"$1\")\" in EVIL) exit 1;; FAIL) exit 2;; SLOW) sleep 9;; *) exit 0;; esac\n")
        .unwrap();
    let scanner = Scanner::new(&format!("sh {}", script.display())).unwrap().patience(std::time::Duration::from_millis(600));
    let tools = MediaTools { scanner: Some(scanner), converter: Converter::none() };
    let store = MediaStore::open(folder.path(), env().0, tools, None).unwrap();
    let quarantined = |bytes: &'static [u8]| {
        let store = store.clone();
        async move { land(&store, bytes, "x.txt", "text/plain").await.map(|landed| landed.quarantined) }
    };
    assert_eq!(quarantined(b"good").await.unwrap(), None);
    assert_eq!(quarantined(b"EVIL").await.unwrap(), Some("infected"));
    assert!(matches!(quarantined(b"FAIL").await, Err(Error::Unavailable(_))));
    assert!(matches!(quarantined(b"SLOW").await, Err(Error::Unavailable(_))));
    assert!(Scanner::new("  ").is_none());
}

#[test]
fn without_a_converter_people_are_told_what_to_do() {
    let refused = Converter::none().convert(Path::new("a"), Path::new("b"), Converted::of(Class::Audio, true)).unwrap_err();
    assert_eq!(refused.code(), "media_needs_conversion");
}
