//! A server that is never the bottleneck: one thread, keep-alive HTTP/1.1, one fixed answer to everything.
//!
//! It does nothing that a benchmark of clients does not need. It prints its port, and ends when its standard input
//! does, so it cannot outlive whoever started it.

#![expect(clippy::disallowed_methods, reason = "a program of its own: it owns its tasks")]
#![expect(clippy::print_stdout, reason = "the port is told on standard output")]

use std::io::{self, Read};
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the tutorial's server answers to an accepted command.
const ANSWER: &[u8] = b"HTTP/1.1 202 Accepted\r\n\
    content-type: application/json\r\n\
    inin-correlation-id: 5b1f8f0c-8f3e-4a5e-9d0b-3f6f0a1c2d3e\r\n\
    content-length: 83\r\n\
    \r\n\
    {\"id\": \"3c2f2b1e-6f0d-4b8e-9a57-0d1e2f3a4b5c\", \"type\": \"start\", \"status\": \"queued\"}";

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("{}", listener.local_addr()?.port());
        std::thread::spawn(|| {
            let _ = io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(0);
        });
        loop {
            let (stream, _) = listener.accept().await?;
            // A client that goes away ends its own connection, nothing else.
            tokio::spawn(async move { drop(serve(stream).await) });
        }
    })
}

/// Answers requests until the client leaves.
async fn serve(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(4096);
    while stream.read_buf(&mut buffer).await? > 0 {
        while let Some(length) = request_length(&buffer) {
            buffer.drain(..length);
            stream.write_all(ANSWER).await?;
        }
    }
    Ok(())
}

/// How long the first request in the buffer is, if all of it has come. Bodies need a Content-Length.
fn request_length(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let body = buffer[..head].split(|byte| *byte == b'\n').find_map(content_length).unwrap_or(0);
    let length = head + 4 + body;
    (buffer.len() >= length).then_some(length)
}

fn content_length(line: &[u8]) -> Option<usize> {
    let (name, value) = line.split_at_checked("content-length:".len())?;
    if !name.eq_ignore_ascii_case(b"content-length:") {
        return None;
    }
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}
