//! Who may import whom: each crate's room, held by reading the manifests.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::command::Run;

/// One crate, the crates of ours that it may import, and foreign ones that it never does.
struct Room {
    name: &'static str,
    ours: &'static [&'static str],
    never: &'static [&'static str],
}

/// What does I/O, tells the time or rolls dice.
const WORLD: &[&str] = &[
    "async-std",
    "axum",
    "chrono",
    "fastrand",
    "getrandom",
    "hyper",
    "mio",
    "rand",
    "reqwest",
    "rusqlite",
    "smol",
    "sqlx",
    "tauri",
    "time",
    "tokio",
    "tokio-tungstenite",
    "tungstenite",
];

const ROOMS: &[Room] = &[
    Room { name: "confab-probe", ours: &[], never: WORLD },
    Room { name: "confab-protocol", ours: &[], never: WORLD },
    Room { name: "confab-core", ours: &["confab-probe", "confab-protocol"], never: WORLD },
    Room { name: "confab-domain", ours: &["confab-probe", "confab-protocol"], never: WORLD },
    Room { name: "confab-client", ours: &["confab-core", "confab-protocol"], never: &["axum", "tauri"] },
    Room {
        name: "confab-server",
        ours: &["confab-domain", "confab-probe", "confab-protocol"],
        never: &["tauri"],
    },
    Room {
        name: "confab",
        ours: &["confab-client", "confab-core", "confab-protocol", "confab-server"],
        never: &["axum", "rusqlite", "sqlx", "tokio-tungstenite", "tungstenite"],
    },
];

/// Everything in the manifests that is against the rooms.
pub(super) fn check() -> Result<Vec<String>> {
    let printed = Run::cargo()
        .args(&["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("`cargo metadata` does not work here")?;
    let metadata: Value = serde_json::from_str(&printed)?;
    let packages = metadata["packages"].as_array().context("`cargo metadata` names no packages")?;
    let mut found = Vec::new();
    for room in ROOMS {
        let package = packages.iter().find(|package| package["name"] == room.name);
        let package = package.with_context(|| format!("there is no package {}", room.name))?;
        found.extend(against(room, &imports(package)));
    }
    Ok(found)
}

/// What a package is made of; what only its tests or its build script use is not.
fn imports(package: &Value) -> Vec<String> {
    let all = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
    let normal = all.iter().filter(|dependency| dependency["kind"].is_null());
    normal.filter_map(|dependency| dependency["name"].as_str().map(str::to_owned)).collect()
}

fn against(room: &Room, imports: &[String]) -> Vec<String> {
    let ours = |name: &str| name == "confab" || name.starts_with("confab-");
    let wrong = |name: &&String| {
        let name = name.as_str();
        (ours(name) && !room.ours.contains(&name)) || room.never.contains(&name)
    };
    imports.iter().filter(wrong).map(|name| format!("{} must not import {name}", room.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_refuses_strangers_and_its_forbidden_crates() {
        let room = Room { name: "confab-core", ours: &["confab-protocol"], never: WORLD };
        let imports = ["confab-protocol", "serde", "tokio", "confab-server"].map(str::to_owned);
        let found = against(&room, &imports);
        assert_eq!(found, ["confab-core must not import tokio", "confab-core must not import confab-server"]);
    }
}
