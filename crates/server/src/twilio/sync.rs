//! The chat as Sync objects: maps, lists and documents that the client reads, and hears of.
//!
//! An event's id is what the object is versioned by anyway: the sequence of a log for a conversation and its messages, the
//! roster's version, and for the list of conversations the commit that moved the own row. So what a client missed is read
//! from the rows as they stand, from whatever id on. Profiles are not versioned together with presence: what is read of them
//! bears the number of the newest commit, and what is told of them makes commits of its own for its ids.

mod changes;
mod feed;
mod hint;
mod items;
mod open;
mod page;
mod rows;
pub(super) mod subscribe;

pub(super) use feed::{Feed, Reach, reach};
pub(super) use hint::Hint;
pub(super) use items::items;
pub(super) use open::open;
pub(super) use rows::{category, level, state};

use super::problem::Problem;

/// There is no such object, or it is not for the one who asks.
fn no_object() -> Problem {
    Problem::new(404, 54000, "Sync object not found")
}

/// Whether a request asks for a page.
#[cfg(feature = "fuzz")]
pub(super) fn page_of(request: &super::wire::Request) -> bool {
    page::Page::read(request).is_ok()
}
