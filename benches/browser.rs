//! A browser's socket, as far as a load generator needs one.

use std::time::{SystemTime, UNIX_EPOCH};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// An open socket that has been told where the journal stands: from here on nothing is missed.
pub struct Socket {
    stream: BufReader<TcpStream>,
    frame: Vec<u8>,
    /// The last sequence it was told.
    pub seq: u64,
}

impl Socket {
    /// Opens one; `query` is empty or `?after=SEQ`.
    pub async fn open(address: &str, token: &str, query: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!(
            "GET /api/v1/events{query} HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut stream = BufReader::with_capacity(16 << 10, stream);
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        let mut socket = Self { stream, frame: Vec::new(), seq: 0 };
        socket.frame().await.unwrap();
        socket
    }

    /// The next frame of text; `None` when the server has gone.
    pub async fn frame(&mut self) -> Option<&str> {
        loop {
            let kind = self.stream.read_u8().await.ok()?;
            let length = match self.stream.read_u8().await.ok()? {
                126 => u64::from(self.stream.read_u16().await.ok()?),
                127 => self.stream.read_u64().await.ok()?,
                short => u64::from(short),
            };
            self.frame.resize(length as usize, 0);
            self.stream.read_exact(&mut self.frame).await.ok()?;
            if kind & 0x0F == 1 {
                break;
            }
        }
        let text = std::str::from_utf8(&self.frame).unwrap();
        if let Some(seq) = number_after(text, r#""seq":"#) {
            self.seq = self.seq.max(seq);
        }
        Some(text)
    }

    /// Reads until a frame holds `word`.
    pub async fn until(&mut self, word: &str) {
        while !self.frame().await.expect("the server is there").contains(word) {}
    }

    /// Reads until a frame of this type holds `word`.
    pub async fn until_of(&mut self, kind: &str, word: &str) {
        let kind = format!(r#""type":"{kind}""#);
        loop {
            let text = self.frame().await.expect("the server is there");
            if text.contains(&kind) && text.contains(word) {
                break;
            }
        }
    }

    /// The stamp in the text of the next message that arrived, in nanoseconds of [`now`].
    pub async fn stamp(&mut self) -> Option<u64> {
        loop {
            let text = self.frame().await?;
            assert!(!text.contains(r#""type":"resync""#), "a socket that reads was told to fetch anew");
            // The conversation beside the message may show a later one already.
            if text.contains(r#""type":"message.received""#)
                && let Some(stamp) = number_after(text, r#""content":"stamp "#)
            {
                return Some(stamp);
            }
        }
    }
}

fn number_after(text: &str, word: &str) -> Option<u64> {
    let rest = &text[text.find(word)? + word.len()..];
    rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())].parse().ok()
}

/// Now, in nanoseconds that all processes of this machine share.
#[allow(clippy::disallowed_methods, reason = "a bench measures")]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}
