//! Memory of the server per idle connection.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::sleep;

use crate::recorder::Recorder;
use crate::system::System;

/// Connections opened.
const CONNECTIONS: usize = 1_000;
/// How long the server is left alone before it is weighed.
const SETTLE: Duration = Duration::from_secs(3);

/// One run.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Memory {
    /// Memory of the server before, in MiB.
    pub(crate) empty_mib: f64,
    /// Memory of the server with the connections, in MiB.
    pub(crate) full_mib: f64,
    /// Growth per connection, in KiB.
    pub(crate) per_connection_kib: f64,
    /// Connections that ended meanwhile.
    pub(crate) lost: u64,
}

/// Weighs the server without and with the connections. Once per start of a server: freed memory is not given back.
pub(crate) async fn run(system: &mut System) -> anyhow::Result<Memory> {
    let (recorder, _) = Recorder::new();
    let recorder = Arc::new(recorder);
    sleep(SETTLE).await;
    let empty = system.process().memory_kib()? as f64;
    let connections = system.open_idle(CONNECTIONS, &recorder).await?;
    sleep(SETTLE).await;
    let full = system.process().memory_kib()? as f64;
    drop(connections);
    Ok(Memory {
        empty_mib: empty / 1_024.0,
        full_mib: full / 1_024.0,
        per_connection_kib: (full - empty) / CONNECTIONS as f64,
        lost: recorder.snapshot().lost,
    })
}
