//! The rules of the house that no compiler checks: openings, sizes, words, and who may import whom.

mod rooms;
mod source;

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::command::Run;
use crate::{layout, say};

/// Reads every text of the project and says everything that is against the rules.
pub(crate) fn run() -> Result<()> {
    let mut found = rooms::check()?;
    for name in files()? {
        // A file that is deleted and not yet committed is listed too; pictures are no text.
        if let Ok(text) = fs::read_to_string(layout::root().join(&name)) {
            found.extend(source::check(&name, &text));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    for line in &found {
        say::say(line);
    }
    bail!("{} places are against the rules", found.len())
}

/// Every file that is, or is about to be, under version control.
fn files() -> Result<Vec<String>> {
    let listed = Run::new("git")
        .args(&["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("`git ls-files` does not work here: tidy needs a checkout")?;
    Ok(listed.lines().map(str::to_owned).collect())
}
