//! ejabberd from the system's package, its node run in the foreground and without distribution.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::{DOMAIN, PASSWORD, Xmpp, package_version, user_name};
use crate::http;
use crate::process::{Process, free_port};

/// The package's choices (mnesia, polling) with archiving on, and with TLS, shapers and everything unneeded off.
fn configuration(clients: u16, admin: u16) -> String {
    let value = json!({
        "loglevel": "error",
        "log_rotate_count": 0,
        "hosts": [DOMAIN],
        "listen": [
            {"port": clients, "ip": "127.0.0.1", "module": "ejabberd_c2s", "max_stanza_size": 262_144, "access": "all"},
            {"port": admin, "ip": "127.0.0.1", "module": "ejabberd_http", "request_handlers": {"/api": "mod_http_api"}},
        ],
        "auth_method": "internal",
        "auth_password_format": "plain",
        "acl": {"loopback": {"ip": ["127.0.0.0/8"]}},
        "api_permissions": {"bench": {"who": {"access": {"allow": {"acl": "loopback"}}}, "what": ["register"]}},
        "modules": {
            "mod_http_api": {},
            "mod_mam": {"default": "always", "db_type": "mnesia"},
            "mod_muc": {"default_room_options": {"mam": true}},
        },
    });
    // JSON is YAML.
    value.to_string()
}

pub(super) async fn start(directory: &Path, users: usize) -> anyhow::Result<Xmpp> {
    let version = package_version("ejabberd")?;
    fs::create_dir_all(directory)?;
    let (clients, admin) = (free_port()?, free_port()?);
    let file = directory.join("ejabberd.yml");
    fs::write(&file, configuration(clients, admin))?;
    let spool = directory.join("spool");
    let mut command = Command::new("erl");
    // As the package's start script does, but for the node's name: without one there is no port mapper to leave behind.
    command
        .args(["+K", "true", "+P", "250000", "-noinput", "-mnesia", "dir"])
        .arg(format!("\"{}\"", spool.display()))
        .args(["-s", "ejabberd"])
        .env("ERL_LIBS", libraries()?)
        .env("ERL_MAX_PORTS", "32000")
        .env("ERL_MAX_ETS_TABLES", "1400")
        .env("ERL_CRASH_DUMP", directory.join("crash.dump"))
        .env("EJABBERD_CONFIG_PATH", &file)
        .env("EJABBERD_LOG_PATH", directory.join("ejabberd.log"));
    let mut process = Process::start(&mut command, &directory.join("output.log"))?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, clients));
    process.wait_for(Duration::from_secs(60), || std::net::TcpStream::connect(address).ok())?;
    register(SocketAddr::from((Ipv4Addr::LOCALHOST, admin)), users).await?;
    Ok(Xmpp { name: "ejabberd", version, address, process })
}

/// Where the package keeps its Erlang libraries, as its start script says.
fn libraries() -> anyhow::Result<String> {
    let script = fs::read_to_string("/usr/sbin/ejabberdctl").context("ejabberdctl")?;
    let line = script.lines().find_map(|line| line.strip_prefix("ERL_LIBS="));
    Ok(line.context("ERL_LIBS in ejabberdctl")?.trim_matches(['\'', '"']).to_owned())
}

async fn register(admin: SocketAddr, users: usize) -> anyhow::Result<()> {
    for user in 0..users {
        let account = json!({"user": user_name(user), "host": DOMAIN, "password": PASSWORD});
        let answer = http::post(admin, "/api/register", &account).await?;
        if answer.status != 200 {
            bail!("registering an account: {} {}", answer.status, answer.body);
        }
    }
    Ok(())
}
