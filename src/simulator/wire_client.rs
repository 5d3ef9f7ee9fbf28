//! The load generator's client: one kept connection, requests made before the clock runs and written whole,
//! answers read to their last byte. As little as possible of its own, so that what is measured is the server.

use std::io::{Error, ErrorKind, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request as it goes over the line.
pub fn request(host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\ncontent-type: application/json\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    request
}

/// A connection.
pub struct Client {
    stream: TcpStream,
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
        Ok(Self { stream, buffer: Vec::with_capacity(64 << 10) })
    }

    /// One request as [`request`] made it; gives the status and the body.
    ///
    /// # Errors
    /// If the connection ends or the answer is not HTTP/1.1 with a length or chunks.
    pub async fn send(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = &self.buffer[..end];
        let status = std::str::from_utf8(head.get(9..12).unwrap_or_default()).ok().and_then(|s| s.parse().ok());
        let status = status.ok_or_else(|| Error::new(ErrorKind::InvalidData, "no status"))?;
        if let Some(length) = value(head, b"content-length:").and_then(|text| text.parse::<usize>().ok()) {
            while self.buffer.len() < end + length {
                self.more().await?;
            }
            return Ok((status, &self.buffer[end..end + length]));
        }
        if value(head, b"transfer-encoding:") == Some("chunked") {
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

/// What a header says; `name` in lower case, with its colon.
fn value<'h>(head: &'h [u8], name: &[u8]) -> Option<&'h str> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name))?;
    std::str::from_utf8(&line[name.len()..]).ok().map(str::trim)
}
