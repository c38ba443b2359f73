//! Where things lie in the checkout.

use std::path::PathBuf;

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("invariant: xtask lies in the checkout").to_owned()
}

/// The interface.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// A program that was built, with the ending of this system.
pub(crate) fn built(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// How cargo is told of all packages, or elsewhere than on Linux of all but those that measure: they read `/proc`.
pub(crate) fn packages(for_linux: bool) -> &'static [&'static str] {
    const ALL: [&str; 5] = ["--workspace", "--exclude", "confab-bench", "--exclude", "confab-empty-window"];
    if for_linux { &ALL[..1] } else { &ALL }
}
