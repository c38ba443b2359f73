//! Packages for Python that tests run, in an environment of their own below the target.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::command::Run;
use crate::layout;
use crate::ui::{Stamp, fingerprint};

/// Installs what a list of pinned packages names, when that changed.
pub(crate) fn install(requirements: &Path) -> Result<()> {
    let now = fingerprint(&[requirements.to_owned()])?;
    let (stamp, place) = (Stamp::of("stock-python"), layout::target().join("twilio-python"));
    if stamp.holds(now) && program(&place).is_file() {
        return Ok(());
    }
    let (place_text, list) = (place.display().to_string(), requirements.display().to_string());
    let python = if cfg!(windows) { "python" } else { "python3" };
    Run::new(python).args(&["-m", "venv", "--clear", &place_text]).run()?;
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", &list];
    Run::new(program(&place)).args(&quiet).run()?;
    stamp.set(now)
}

fn program(place: &Path) -> PathBuf {
    place.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}
