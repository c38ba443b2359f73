//! Files: brought to the server and fetched from there over HTTP, on the same pinned connection as everything else, and kept
//! here until they are sent.

mod download;
mod kept;
mod look;
mod picture;
pub(crate) mod play;
pub(crate) mod saving;
mod staged;
mod upload;
mod way;

pub use download::{Download, Thumbnail};
pub use kept::{MediaOf, PictureSize};
pub use picture::Picture;
pub use play::Stretch;
pub use saving::Existing;
pub use upload::{NewFile, Upload};

pub(crate) use download::thumbnail;
pub(crate) use kept::{Gone, KeptFiles};
pub(crate) use picture::Pictures;
pub(crate) use staged::{Staged, StagedFiles, stage};
pub(crate) use upload::{Failure, give_up, send_file};
pub(crate) use way::Way;
