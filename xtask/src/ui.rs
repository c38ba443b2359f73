//! The interface: its packages and its build, each done again only when what it is made of changed.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::command::Run;
use crate::layout;

/// What `npm run build` reads, relative to the interface or the root.
const SOURCES: &[&str] = &["src", "public", "static", "index.html", "../locales"];

/// Installs the packages when the lock file changed.
pub(crate) fn install() -> Result<()> {
    install_in(&layout::ui(), "npm-ci")
}

/// Installs the packages of a directory when its lock file changed; the step is remembered under its name.
pub(crate) fn install_in(directory: &Path, step: &str) -> Result<()> {
    let now = fingerprint(&[directory.join("package-lock.json")])?;
    let stamp = Stamp::of(step);
    if stamp.holds(now) && directory.join("node_modules").is_dir() {
        return Ok(());
    }
    Run::npm_in(directory).args(&["ci", "--no-audit", "--no-fund"]).run()?;
    stamp.set(now)
}

/// Builds the interface into `ui/dist` when it changed.
pub(crate) fn build() -> Result<()> {
    install()?;
    let ui = layout::ui();
    let mut sources: Vec<_> = SOURCES.iter().map(|name| ui.join(name)).collect();
    sources.extend(configuration(&ui)?);
    let now = fingerprint(&sources)?;
    let stamp = Stamp::of("ui-build");
    if stamp.holds(now) && ui.join("dist/index.html").is_file() {
        return Ok(());
    }
    Run::npm().args(&["run", "build"]).run()?;
    stamp.set(now)
}

/// The files that lie directly in the directory: package.json, the configuration of the tools.
fn configuration(ui: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(ui).context("there is no interface to build")?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    Ok(paths.into_iter().filter(|path| path.is_file()).collect())
}

/// One number for names and content of everything under `paths`; what is not there counts as absent.
pub(crate) fn fingerprint(paths: &[PathBuf]) -> Result<u64> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    }
    Ok(())
}

/// A file that remembers what a step last worked on.
pub(crate) struct Stamp(PathBuf);

impl Stamp {
    pub(crate) fn of(step: &str) -> Self {
        Self(layout::target().join("xtask").join(step))
    }

    pub(crate) fn holds(&self, now: u64) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|text| text == now.to_string())
    }

    pub(crate) fn set(&self, now: u64) -> Result<()> {
        fs::create_dir_all(self.0.parent().expect("invariant: a stamp lies in a directory"))?;
        fs::write(&self.0, now.to_string())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_follows_names_and_content() -> Result<()> {
        let directory = layout::target().join("xtask").join(format!("fingerprint-{}", std::process::id()));
        fs::create_dir_all(directory.join("deep"))?;
        let of = || fingerprint(std::slice::from_ref(&directory));
        fs::write(directory.join("deep/a"), "1")?;
        let first = of()?;
        fs::write(directory.join("deep/a"), "2")?;
        let changed = of()?;
        fs::rename(directory.join("deep/a"), directory.join("deep/b"))?;
        let renamed = of()?;
        fs::remove_dir_all(&directory)?;
        assert!(first != changed && changed != renamed && first != renamed);
        Ok(())
    }
}
