//! Prosody from the system's package.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{DOMAIN, PASSWORD, Xmpp, package_version, user_name};
use crate::process::{Process, free_port};

/// The package's storage and network back ends with archiving on, and with TLS, limits and everything unneeded off.
fn configuration(directory: &Path, port: u16) -> String {
    let directory = directory.display();
    format!(
        r#"run_as_root = true
data_path = "{directory}/data"
pidfile = "{directory}/prosody.pid"
certificates = "{directory}"
log = {{ error = "{directory}/prosody.log" }}
modules_enabled = {{ "roster", "saslauth", "disco" }}
modules_disabled = {{ "s2s", "tls", "limits", "offline" }}
authentication = "internal_plain"
storage = "internal"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ }}
http_ports = {{ }}
https_ports = {{ }}
s2s_ports = {{ }}
VirtualHost "{DOMAIN}"
Component "conference.{DOMAIN}" "muc"
  modules_enabled = {{ "muc_mam" }}
  muc_log_by_default = true
  muc_room_locking = false
"#
    )
}

pub(super) async fn start(directory: &Path, users: usize) -> anyhow::Result<Xmpp> {
    let version = package_version("prosody")?;
    let port = free_port()?;
    accounts(&directory.join("data").join(DOMAIN).join("accounts"), users)?;
    let file = directory.join("prosody.cfg.lua");
    fs::write(&file, configuration(directory, port))?;
    let mut command = Command::new("prosody");
    command.arg("-F").arg("--config").arg(&file);
    let mut process = Process::start(&mut command, &directory.join("output.log"))?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    process.wait_for(Duration::from_secs(60), || std::net::TcpStream::connect(address).ok())?;
    Ok(Xmpp { name: "prosody", version, address, process })
}

/// Writes the accounts as Prosody itself would store them.
fn accounts(directory: &Path, users: usize) -> anyhow::Result<()> {
    fs::create_dir_all(directory)?;
    for user in 0..users {
        let text = format!("return {{\n\t[\"password\"] = \"{PASSWORD}\";\n}};\n");
        fs::write(directory.join(format!("{}.dat", user_name(user))), text)?;
    }
    Ok(())
}
