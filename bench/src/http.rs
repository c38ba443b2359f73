//! As much of an HTTP client as setting servers up takes. HTTP/1.0: the answer ends with the connection.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its body.
    pub(crate) body: String,
}

/// `POST`s JSON.
pub(crate) async fn post(address: SocketAddr, path: &str, body: &impl Serialize) -> anyhow::Result<Answer> {
    let body = serde_json::to_string(body)?;
    exchange(address, "POST", path, &body).await
}

/// `GET`s a text.
pub(crate) async fn get(address: SocketAddr, path: &str) -> anyhow::Result<Answer> {
    exchange(address, "GET", path, "").await
}

async fn exchange(address: SocketAddr, method: &str, path: &str, body: &str) -> anyhow::Result<Answer> {
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let talk = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        anyhow::Ok(answer)
    };
    let answer = timeout(Duration::from_secs(30), talk).await.with_context(|| path.to_owned())??;
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { bail!("{path}: no HTTP answer") };
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status")?;
    Ok(Answer { status, body: body.to_owned() })
}
