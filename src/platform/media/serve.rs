//! Files over HTTP: whole or in part, never such that something in them runs.

use super::{
    files::{Files, MediaHash},
    names::disposition,
    range::{Wanted, wanted},
    sniff::{self, Verdict},
};
use crate::base::{Error, Result, TenantId};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use std::io::SeekFrom;
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

/// Nothing in a file runs, loads or talks, whoever opens it in a window of its own.
const CSP: &str = "sandbox; default-src 'none'";
/// The bytes of a message never change, but who may see them does: a browser keeps them and asks.
const CACHE: &str = "private, no-cache";
/// Read from the disk at once.
const PIECE_BYTES: usize = 64 << 10;

/// A file as it is to be shown. Judge rights before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub hash: Option<MediaHash>,
    /// The name it is saved under, cleaned.
    pub file_name: Option<String>,
    /// To be saved, even where it could be shown.
    pub save: bool,
}

/// Answers with a file of `tenant`, or the part that `asked` wants.
///
/// What it is, is judged anew by its bytes: no record can make a browser take it for more than it is.
///
/// # Errors
/// [`Error::NotFound`] where it is not there.
pub async fn serve(files: &Files, tenant: TenantId, shown: &Shown, asked: &HeaderMap) -> Result<Response> {
    let hash = shown.hash.ok_or(Error::NotFound("media"))?;
    let path = files.path(tenant, hash);
    let file = match File::open(&path).await {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(Error::NotFound("media")),
        Err(e) => return Err(Error::internal(format!("open {}: {e}", path.display()))),
    };
    let io = |e: std::io::Error| Error::internal(format!("read {}: {e}", path.display()));
    let size = file.metadata().await.map_err(io)?.len();
    let name = shown.file_name.clone();
    let mut judged = file.into_std().await;
    let work = tokio::task::spawn_blocking(move || sniff::judge(&mut judged, name.as_deref(), None).map(|v| (v, judged)));
    let (verdict, file) = work.await.map_err(Error::internal)?.map_err(io)?;
    let (mime, inline) = match verdict {
        Verdict::Allowed(found) | Verdict::Mismatch(found) => (found.mime, found.inline),
        // Judged otherwise when it came: then it may at least not be shown.
        Verdict::Forbidden(_) => ("application/octet-stream", false),
    };
    // Pages are never named as such: whoever saves one opens it knowingly.
    let mime = if matches!(mime, "text/html" | "image/svg+xml") { "application/octet-stream" } else { mime };
    let tag = format!("\"{hash}\"");
    let name = shown.file_name.clone().unwrap_or_else(|| format!("media.{}", ending(mime)));

    let text = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    let known = text(header::IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|known| same(known, &tag)));
    // Only a strong tag vouches for a part; dates are never given, so none can match.
    let unchanged = text(header::IF_RANGE).is_none_or(|known| known.trim() == tag);
    let part = wanted(text(header::RANGE).filter(|_| unchanged), size);
    let status = match (known, part) {
        (true, _) => StatusCode::NOT_MODIFIED,
        (_, Wanted::All) => StatusCode::OK,
        (_, Wanted::Part(..)) => StatusCode::PARTIAL_CONTENT,
        (_, Wanted::Nothing) => StatusCode::RANGE_NOT_SATISFIABLE,
    };
    let (body, length) = match (status, part) {
        (StatusCode::OK, _) => (stream(File::from_std(file), 0, size).await.map_err(io)?, size),
        (StatusCode::PARTIAL_CONTENT, Wanted::Part(from, to)) => {
            (stream(File::from_std(file), from, to - from + 1).await.map_err(io)?, to - from + 1)
        }
        _ => (Body::empty(), 0),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    put(header::ETAG, tag);
    put(header::CACHE_CONTROL, CACHE.to_owned());
    put(header::ACCEPT_RANGES, "bytes".to_owned());
    put(header::CONTENT_SECURITY_POLICY, CSP.to_owned());
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    if status != StatusCode::NOT_MODIFIED {
        put(header::CONTENT_LENGTH, length.to_string());
    }
    match part {
        _ if status == StatusCode::NOT_MODIFIED => return Ok(response),
        Wanted::Part(from, to) => put(header::CONTENT_RANGE, format!("bytes {from}-{to}/{size}")),
        Wanted::Nothing => put(header::CONTENT_RANGE, format!("bytes */{size}")),
        Wanted::All => {}
    }
    if status != StatusCode::RANGE_NOT_SATISFIABLE {
        put(header::CONTENT_TYPE, mime.to_owned());
        put(header::CONTENT_DISPOSITION, disposition(inline && !shown.save, &name));
    }
    Ok(response)
}

fn same(known: &str, tag: &str) -> bool {
    let known = known.trim();
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
}

fn ending(mime: &str) -> &str {
    match mime {
        "image/jpeg" => "jpg",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "video/3gpp" => "3gp",
        "video/quicktime" => "mov",
        "video/x-msvideo" => "avi",
        "text/plain" => "txt",
        "application/octet-stream" => "bin",
        mime => mime.rsplit('/').next().filter(|end| end.len() <= 5 && !end.contains(['+', '.'])).unwrap_or("bin"),
    }
}

async fn stream(mut file: File, from: u64, length: u64) -> std::io::Result<Body> {
    file.seek(SeekFrom::Start(from)).await?;
    let pieces = futures_util::stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok::<_, std::io::Error>(None);
        }
        let mut piece = BytesMut::with_capacity(PIECE_BYTES.min(usize::try_from(left).unwrap_or(PIECE_BYTES)));
        let count = (&mut file).take(left).read_buf(&mut piece).await?;
        if count == 0 {
            // Shorter than it was: the connection must break rather than end too early.
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some((Bytes::from(piece), (file, left - count as u64))))
    });
    Ok(Body::from_stream(pieces))
}
