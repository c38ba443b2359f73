//! Signing a person in before the app first starts in a directory, as demonstrations do.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use confab_client::{SignedIn, TokenStore as _};

use crate::data_dir::DataDir;
use crate::settings::{ActiveAccount, Geometry, Settings};
use crate::tokens::KeptToken;
use crate::tokens::keyring::NoKeyring;

/// Where the window is to stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Its outer corner, in physical pixels.
    pub corner: (i32, i32),
    /// Its inner size, in logical pixels.
    pub size: (f64, f64),
}

/// Leaves in `directory` what a sign-in in the window would have left: the next start there finds the person signed in.
/// The refresh token lies in a private file, also where there is a keyring.
///
/// # Errors
/// When the directory cannot be written.
pub fn sign_in_ahead(directory: &Path, signed_in: &SignedIn, place: Place) -> anyhow::Result<()> {
    let SignedIn { account, grant } = signed_in;
    let data = DataDir::new(directory.to_owned());
    data.prepare().context("the directory cannot be written")?;
    data.write_account(account).context("the account cannot be stored")?;
    let file = data.token(account.workspace, account.user);
    KeptToken::new(Arc::new(NoKeyring), String::new(), file, Box::new(|_| {})).save(&grant.refresh_token)?;
    let active = ActiveAccount { workspace: account.workspace, user: account.user };
    let (width, height) = place.size;
    let window = Geometry { width, height, place: Some(place.corner), maximized: false };
    let remember = Settings::open(data.settings()).change(|remembered| {
        remembered.active = Some(active);
        remembered.window = Some(window);
    });
    remember.map_err(|problem| anyhow::anyhow!("the settings cannot be stored: {}", problem.code))
}
