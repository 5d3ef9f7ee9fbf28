//! A body made of a file, read from the disk as it is sent.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::io::AsyncReadExt;

/// A body made of a file on the disk, which is read as it is sent.
#[derive(Debug, Clone)]
pub struct FileBody {
    /// What stands before it, e.g. the first parts of a form.
    pub before: Bytes,
    /// The file.
    pub path: std::path::PathBuf,
    /// Its length.
    pub bytes: u64,
    /// What stands behind it.
    pub after: Bytes,
    /// How its bytes are written.
    pub encoding: Encoding,
}

/// How the bytes of a file stand in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Raw,
    /// As text, in Base64 with padding.
    Base64,
}

impl Encoding {
    /// The length that so many bytes have then.
    pub(super) fn length(self, bytes: u64) -> u64 {
        match self {
            Self::Raw => bytes,
            Self::Base64 => bytes.div_ceil(3) * 4,
        }
    }
}

/// Read from the disk at once; three bytes are four letters of Base64, so a piece is a multiple of three.
const FILE_PIECE_BYTES: usize = 63 << 10;

impl FileBody {
    pub(super) fn stream(&self) -> reqwest::Body {
        let (path, bytes, encoding) = (self.path.clone(), self.bytes, self.encoding);
        let file = futures_util::stream::try_unfold((None, bytes), move |(file, left)| {
            let path = path.clone();
            async move {
                if left == 0 {
                    return Ok::<_, std::io::Error>(None);
                }
                let mut file = match file {
                    Some(file) => file,
                    None => tokio::fs::File::open(path).await?,
                };
                let mut piece = vec![0; FILE_PIECE_BYTES.min(usize::try_from(left).unwrap_or(FILE_PIECE_BYTES))];
                file.read_exact(&mut piece).await?;
                let left = left - piece.len() as u64;
                let piece = match encoding {
                    Encoding::Raw => piece.into(),
                    Encoding::Base64 => STANDARD.encode(piece).into(),
                };
                Ok(Some((piece, (Some(file), left))))
            }
        });
        let whole = |bytes: &Bytes| futures_util::stream::iter([Ok(bytes.clone())]);
        reqwest::Body::wrap_stream(whole(&self.before).chain(file).chain(whole(&self.after)))
    }
}
