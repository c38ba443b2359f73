//! Start of a stock Twilio client with sixty conversations, beside a stub that answers each request with constants.

use anyhow::Context as _;
use confab_tests::server::Server;
use confab_tests::stock;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::report::{Measurement, OURS, Series};

#[derive(Debug, Deserialize)]
struct Times {
    server: Vec<f64>,
    stub: Vec<f64>,
}

#[derive(Debug, Serialize)]
struct Start {
    ready_ms: f64,
}

/// Starts clients by turns.
pub(crate) async fn run(rounds: u32) -> anyhow::Result<Measurement> {
    let directory = tempfile::tempdir()?;
    let server = Server::start(&directory.path().join("data"), &directory.path().join("server.log"))?;
    let said = stock::run("bench/start.mjs", &server, &json!({ "rounds": rounds })).await?;
    let times: Times = serde_json::from_str(said.trim()).context("times")?;
    let mut all = Vec::new();
    for (system, version, times) in
        [(OURS, env!("CARGO_PKG_VERSION"), times.server), ("stub of constants", "", times.stub)]
    {
        let mut series = Series::new("", system, version);
        times.into_iter().try_for_each(|ready_ms| series.push(&Start { ready_ms }))?;
        all.push(series);
    }
    Ok(Measurement {
        name: "stock",
        title: "A stock client with 60 conversations, until all are listed".to_owned(),
        columns: &[("ready_ms", "ready ms")],
        compared: "ready_ms",
        series: all,
    })
}
