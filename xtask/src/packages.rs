//! The system packages that Confab is built and tested with.

use anyhow::{Result, bail};

use crate::command::Run;
use crate::say;

/// What building needs on Debian and Ubuntu.
const BUILD: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev"];

/// What the whole-system tests need beyond it: an own display, bus, keyring and driver of windows, and a browser.
const TEST: &[&str] = &[
    "xvfb",
    "xdotool",
    "webkit2gtk-driver",
    "dbus",
    "gnome-keyring",
    "imagemagick",
    "python3",
    "python3-venv",
    "chromium",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "fonts-dejavu-core",
    "fonts-noto-color-emoji",
];

/// The oldest Node.js with which the interface can be built.
const NODE: (u32, u32) = (20, 19);

/// What the packages are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Building.
    Build,
    /// Building and testing.
    Test,
}

/// Installs what is missing, or says exactly what to install.
pub(crate) fn ensure(purpose: Purpose) -> Result<()> {
    if cfg!(target_os = "linux") {
        ensure_system(purpose)?;
    }
    ensure_node()
}

/// Installs servers to measure beside, where they are missing, and leaves none of them running as a service.
pub(crate) fn ensure_peers(peers: &[&str]) -> Result<()> {
    for peer in ensure_these(peers, "Measuring beside peers")? {
        as_root("service").args(&[peer, "stop"]).run()?;
        as_root("update-rc.d").args(&[peer, "disable"]).run()?;
    }
    Ok(())
}

/// Installs packages that something out of the ordinary needs, where they are missing. Gives those.
pub(crate) fn ensure_these<'a>(wanted: &[&'a str], what_for: &str) -> Result<Vec<&'a str>> {
    let missing = missing(wanted);
    if missing.is_empty() {
        return Ok(missing);
    }
    if !Run::new("dpkg-query").args(&["--version"]).succeeds() {
        bail!("{what_for} needs {}: packages of Debian or Ubuntu.", missing.join(" and "));
    }
    install(&missing)?;
    Ok(missing)
}

fn ensure_system(purpose: Purpose) -> Result<()> {
    let mut wanted = BUILD.to_vec();
    if purpose == Purpose::Test {
        wanted.extend(TEST);
    }
    if !Run::new("dpkg-query").args(&["--version"]).succeeds() {
        return ensure_elsewhere(purpose);
    }
    let missing = missing(&wanted);
    if missing.is_empty() { Ok(()) } else { install(&missing) }
}

fn missing<'a>(wanted: &[&'a str]) -> Vec<&'a str> {
    wanted.iter().copied().filter(|name| !is_installed(name)).collect()
}

fn is_installed(package: &str) -> bool {
    Run::new("dpkg-query")
        .args(&["--show", "--showformat=${db:Status-Status}", package])
        .output()
        .is_some_and(|status| status == "installed")
}

fn install(packages: &[&str]) -> Result<()> {
    say::say(&format!("Installing what Confab needs: {}", packages.join(" ")));
    apt(&["update"], &[])?;
    apt(&["install", "--yes", "--no-install-recommends"], packages)
}

fn apt(arguments: &[&str], packages: &[&str]) -> Result<()> {
    // Another installation may be running: wait for it instead of failing.
    let locked = ["-o", "DPkg::Lock::Timeout=600"];
    as_root("apt-get")
        .args(&locked)
        .args(arguments)
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
}

fn as_root(program: &str) -> Run {
    let root = Run::new("id").args(&["--user"]).output().is_some_and(|id| id == "0");
    if root { Run::new(program) } else { sudo().args(&[program]) }
}

/// In CI nobody is there to type a password: sudo then fails instead of asking.
fn sudo() -> Run {
    let sudo = Run::new("sudo").interactive();
    if std::env::var_os("CI").is_some() { sudo.args(&["--non-interactive"]) } else { sudo }
}

/// On a system without dpkg: goes on when the libraries are there, else says what they are called.
fn ensure_elsewhere(purpose: Purpose) -> Result<()> {
    let webkit = Run::new("pkg-config").args(&["--exists", "webkit2gtk-4.1"]).succeeds();
    let tools: &[&str] = if purpose == Purpose::Test {
        &["Xvfb", "xdotool", "WebKitWebDriver", "dbus-daemon", "gnome-keyring-daemon", "import", "python3"]
    } else {
        &["cc"]
    };
    let absent: Vec<_> = tools.iter().copied().filter(|tool| !on_path(tool)).collect();
    if webkit && absent.is_empty() {
        return Ok(());
    }
    let mut lines =
        vec!["Confab needs packages of this system that `cargo xtask` cannot install here:".to_owned()];
    if !webkit {
        lines.push("  a C compiler, pkg-config and WebKitGTK 4.1 with its headers:".into());
        lines.push("    Fedora    dnf install gcc pkgconf webkit2gtk4.1-devel".into());
        lines.push("    Arch      pacman -S base-devel webkit2gtk-4.1".into());
        lines.push("    openSUSE  zypper install gcc pkgconf webkit2gtk3-devel".into());
    }
    if !absent.is_empty() {
        lines.push(format!("  these programs: {}", absent.join(", ")));
    }
    bail!(lines.join("\n"))
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

fn ensure_node() -> Result<()> {
    let (major, minor) = NODE;
    let found = Run::new("node").args(&["--version"]).output();
    match found.as_deref().and_then(node_version) {
        Some(version) if version >= NODE && Run::npm().args(&["--version"]).succeeds() => Ok(()),
        Some(version) if version >= NODE => {
            bail!("npm is missing. It comes with Node.js from https://nodejs.org.")
        }
        Some(_) => bail!(
            "Node.js {} is too old to build the interface. Install {major}.{minor} or newer: https://nodejs.org",
            found.unwrap_or_default()
        ),
        None => bail!("Node.js is missing. Install {major}.{minor} or newer: https://nodejs.org"),
    }
}

/// Reads "v20.19.2".
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_says_its_version_with_a_v() {
        assert_eq!(node_version("v20.19.2"), Some((20, 19)));
        assert_eq!(node_version("20.19.2"), None);
        assert!(node_version("v18.20.4").is_some_and(|version| version < NODE));
        assert!(node_version("v22.1.0").is_some_and(|version| version >= NODE));
    }
}
