//! A client in another language, written from docs/protocol.md alone, against a real server.

use std::process::Command;

use anyhow::{Result, ensure};
use confab_tests::server::Server;

#[test]
fn a_client_written_from_the_documentation_alone_signs_in_sends_receives_and_resumes() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let server = Server::start(&directory.path().join("data"), &directory.path().join("server.log"))?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python_client.py");
    let python = if cfg!(windows) { "python" } else { "python3" };
    let output =
        Command::new(python).arg("-B").arg(script).arg(server.invite(&["--max-uses", "2"])?).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success() && said.contains("resumed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
