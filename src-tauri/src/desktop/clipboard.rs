//! Files and pictures of the clipboard, read by the toolkit: the page of a web view does not get them on every system.

use gtk::gdk::{Atom, SELECTION_CLIPBOARD};
use gtk::glib::{self, GString};
use gtk::{Clipboard, gdk_pixbuf::Pixbuf};

use super::FilesTold;
use crate::incoming::Source;

/// How file managers say among themselves what was copied; some say it in no other way.
const COPIED: &str = "x-special/gnome-copied-files";

/// Reads it. Must be called on the main thread; `tell` is called there too, as soon as whoever filled the clipboard has answered.
pub(super) fn read(tell: FilesTold) {
    Clipboard::get(&SELECTION_CLIPBOARD).request_uris(move |clipboard, uris| {
        let files = of_uris(uris.iter().map(GString::as_str));
        if files.is_empty() { read_copied(clipboard, tell) } else { tell(files) }
    });
}

fn read_copied(clipboard: &Clipboard, tell: FilesTold) {
    clipboard.request_contents(&Atom::intern(COPIED), move |clipboard, held| {
        let files = of_copied(&held.data());
        if files.is_empty() { read_picture(clipboard, tell) } else { tell(files) }
    });
}

fn read_picture(clipboard: &Clipboard, tell: FilesTold) {
    clipboard.request_image(move |_, picture| tell(picture.and_then(of_picture).into_iter().collect()));
}

/// `copy` or `cut`, and an address on each line behind it. What was cut is attached all the same: only who cut it moves it.
fn of_copied(held: &[u8]) -> Vec<Source> {
    let text = String::from_utf8_lossy(held);
    of_uris(text.trim_end_matches('\0').lines().filter(|line| line.contains(':')))
}

fn of_uris<'a>(uris: impl Iterator<Item = &'a str>) -> Vec<Source> {
    let path = |uri: &str| glib::filename_from_uri(uri).ok().map(|(path, _)| Source::Path(path));
    uris.filter_map(path).collect()
}

fn of_picture(picture: &Pixbuf) -> Option<Source> {
    picture.save_to_bufferv("png", &[]).ok().map(Source::Picture)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn what_a_file_manager_copied_is_read_and_everything_else_is_not() {
        let read = |held: &str| {
            let paths = of_copied(held.as_bytes()).into_iter().map(|source| match source {
                Source::Path(path) => path,
                Source::Picture(_) => panic!("a picture"),
            });
            paths.collect::<Vec<_>>()
        };
        let two = ["/home/a/quay plan.pdf", "/tmp/b"].map(PathBuf::from);
        assert_eq!(read("copy\nfile:///home/a/quay%20plan.pdf\nfile:///tmp/b"), two);
        assert_eq!(read("cut\nfile:///tmp/b\0"), two[1..]);
        assert!(read("copy\nsftp://host/b\nhttps://example.com/c").is_empty());
        assert!(read("").is_empty());
    }
}
