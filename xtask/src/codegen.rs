//! `cargo xtask codegen`: the TypeScript types, made from the Rust ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::command::Run;
use crate::{layout, say};

/// Writes the types, or with `check` only compares them.
pub(crate) fn run(check: bool) -> Result<()> {
    let fresh = layout::target().join("codegen");
    generate(&fresh)?;
    let (held, made) = (read(&committed())?, read(&fresh)?);
    let stale = differences(&held, &made);
    if stale.is_empty() {
        say::say("The generated types are up to date.");
        return Ok(());
    }
    if check {
        bail!("stale: {}. Run `cargo xtask codegen` and commit what it writes.", stale.join(", "));
    }
    replace(&committed(), &held, &made)?;
    say::say(&format!("Written: {}", stale.join(", ")));
    Ok(())
}

fn committed() -> PathBuf {
    layout::ui().join("src/lib/backend/generated")
}

fn generate(into: &Path) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into).with_context(|| format!("cannot empty {}", into.display()))?;
    }
    Run::cargo()
        .args(&["run", "--quiet", "--package", "xtask", "--features", "ts", "--bin", "bindings", "--"])
        .path(into)
        .run()
}

/// The files of a directory by name; none when there is no such directory. Line ends may be a checkout's own.
fn read(directory: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    if !directory.exists() {
        return Ok(files);
    }
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.insert(name, fs::read_to_string(entry.path())?.replace("\r\n", "\n"));
    }
    Ok(files)
}

/// Names of files that are new, gone or other than before.
fn differences(held: &BTreeMap<String, String>, made: &BTreeMap<String, String>) -> Vec<String> {
    let mut names: Vec<_> = made
        .iter()
        .filter(|(name, text)| held.get(*name) != Some(text))
        .map(|(name, _)| name.clone())
        .collect();
    names.extend(held.keys().filter(|name| !made.contains_key(*name)).cloned());
    names
}

fn replace(at: &Path, held: &BTreeMap<String, String>, made: &BTreeMap<String, String>) -> Result<()> {
    fs::create_dir_all(at)?;
    for name in held.keys().filter(|name| !made.contains_key(*name)) {
        fs::remove_file(at.join(name))?;
    }
    for (name, text) in made {
        fs::write(at.join(name), text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(of: &[(&str, &str)]) -> BTreeMap<String, String> {
        of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_file_that_is_new_gone_or_changed_is_a_difference() {
        let held = files(&[("a", "1"), ("b", "1"), ("gone", "1")]);
        let made = files(&[("a", "1"), ("b", "2"), ("new", "1")]);
        assert_eq!(differences(&held, &made), ["b", "new", "gone"]);
        assert!(differences(&made, &made).is_empty());
    }
}
