//! The command line, and where everything is kept when it does not say.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;

/// A desktop chat with its server inside.
#[derive(Debug, Clone, Parser)]
#[command(name = "confab", version)]
pub struct Cli {
    /// Keep everything under DIR; windows with different directories run side by side [env: CONFAB_DATA_DIR]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// A confab:// link to open
    #[arg(value_name = "LINK")]
    pub link: Option<String>,
}

impl Cli {
    /// The directory to keep everything in: as said, else from the environment, else the platform's place.
    /// None when nothing is said and the platform knows no home directory.
    #[must_use]
    pub fn place(&self, environment: Option<OsString>) -> Option<PathBuf> {
        let said = self.data_dir.clone().or_else(|| environment.map(PathBuf::from));
        let place = said.filter(|path| !path.as_os_str().is_empty()).or_else(platform_place)?;
        Some(std::path::absolute(&place).unwrap_or(place))
    }
}

fn platform_place() -> Option<PathBuf> {
    directories::ProjectDirs::from("app", "", "Confab").map(|dirs| dirs.data_local_dir().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Cli {
        Cli::try_parse_from(std::iter::once(&"confab").chain(arguments)).unwrap()
    }

    #[test]
    fn what_is_said_goes_before_the_environment_and_that_before_the_platform() {
        let absolute = |path: &str| std::path::absolute(path).ok();
        let said = parse(&["--data-dir", "/said"]);
        assert_eq!(said.place(Some("/environment".into())), absolute("/said"));
        let silent = parse(&[]);
        assert_eq!(silent.place(Some("/environment".into())), absolute("/environment"));
        assert_eq!(silent.place(Some(OsString::new())), platform_place());
    }

    #[test]
    fn a_relative_directory_stays_where_the_program_was_started() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(parse(&["--data-dir", "d"]).place(None), Some(here.join("d")));
    }

    #[test]
    fn a_link_is_taken_beside_the_directory() {
        let cli = parse(&["confab://join/1/e30", "--data-dir", "/d"]);
        assert_eq!(cli.link.as_deref(), Some("confab://join/1/e30"));
        assert!(Cli::try_parse_from(["confab", "--no-such-thing"]).is_err());
    }
}
