//! Ending a program together with everything that it started.

use std::fs;
use std::process::{Child, Command};

use anyhow::Result;

/// Ends it, its children and theirs, and waits for it.
pub(crate) fn end(child: &mut Child) -> Result<()> {
    // Listed before the parent is gone: afterwards nothing says whose children they were.
    let below = descendants(child.id(), &parents());
    child.kill()?;
    for id in below {
        Command::new("kill").args(["-KILL", &id.to_string()]).status()?;
    }
    child.wait()?;
    Ok(())
}

/// Every process with its parent; none where the system does not list them as files.
fn parents() -> Vec<(u32, u32)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.filter_map(|id: u32| Some((id, parent(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?)))
        .collect()
}

/// The parent named in `/proc/ID/stat`; the name before it stands in brackets and may hold anything.
fn parent(stat: &str) -> Option<u32> {
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok()
}

fn descendants(of: u32, parents: &[(u32, u32)]) -> Vec<u32> {
    let mut found = vec![of];
    let mut at = 0;
    while at < found.len() {
        let children = parents.iter().filter(|(_, parent)| *parent == found[at]).map(|(id, _)| *id);
        let children: Vec<_> = children.filter(|id| !found.contains(id)).collect();
        found.extend(children);
        at += 1;
    }
    found.split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descendants_are_found_at_every_depth_and_strangers_are_not() {
        let parents = [(2, 1), (3, 2), (4, 3), (5, 1), (6, 3)];
        assert_eq!(descendants(2, &parents), [3, 4, 6]);
        assert!(descendants(5, &parents).is_empty());
    }

    #[test]
    fn the_parent_is_read_after_a_name_with_brackets() {
        assert_eq!(parent("12 (a) b) S 7 12 12 0"), Some(7));
        assert_eq!(parent("nonsense"), None);
    }
}
