//! Files and pictures of the clipboard, read by the toolkit: the page of a web view does not get them on every system.

use gtk::gdk::SELECTION_CLIPBOARD;
use gtk::{Clipboard, gdk_pixbuf::Pixbuf, glib};

use super::FilesTold;
use crate::incoming::Source;

/// Reads it. Must be called on the main thread; `tell` is called there too, as soon as whoever filled the clipboard has answered.
pub(super) fn read(tell: FilesTold) {
    Clipboard::get(&SELECTION_CLIPBOARD).request_uris(move |clipboard, uris| {
        let files: Vec<Source> = uris.iter().filter_map(|uri| of_uri(uri)).collect();
        if !files.is_empty() {
            return tell(files);
        }
        clipboard.request_image(move |_, picture| tell(picture.and_then(of_picture).into_iter().collect()));
    });
}

fn of_uri(uri: &str) -> Option<Source> {
    glib::filename_from_uri(uri).ok().map(|(path, _)| Source::Path(path))
}

fn of_picture(picture: &Pixbuf) -> Option<Source> {
    picture.save_to_bufferv("png", &[]).ok().map(Source::Picture)
}
