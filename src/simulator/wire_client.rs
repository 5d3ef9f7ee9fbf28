//! The load generator's client: one kept connection, requests written whole, answers read to their last
//! byte. As little as possible of its own, so that what is measured is the server.

use std::io::{Error, ErrorKind, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection.
pub struct Client {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

impl Client {
    /// Connects to `host` (`address:port`).
    ///
    /// # Errors
    /// If nobody listens.
    pub async fn connect(host: &str) -> Result<Self> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: host.to_owned(), buffer: Vec::with_capacity(64 << 10) })
    }

    /// One request; gives the status and the body.
    ///
    /// # Errors
    /// If the connection ends or the answer is not HTTP/1.1 with a length or chunks.
    pub async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<(u16, &[u8])> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n", self.host, body.len());
        for (name, value) in headers {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        self.stream.write_all(&request).await?;
        self.buffer.clear();
        let odd = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
        let end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
        let status = head.get(9..12).and_then(|s| s.parse().ok()).ok_or_else(|| odd("no status"))?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        if let Some(length) = length {
            while self.buffer.len() < end + length {
                self.more().await?;
            }
            return Ok((status, &self.buffer[end..end + length]));
        }
        if head.contains("transfer-encoding: chunked") {
            while !self.buffer[end..].ends_with(b"0\r\n\r\n") {
                self.more().await?;
            }
            return Ok((status, &self.buffer[end..]));
        }
        Ok((status, &[]))
    }

    async fn more(&mut self) -> Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(Error::new(ErrorKind::UnexpectedEof, "the server hung up")),
            _ => Ok(()),
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
