//! What lies where under the data directory.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use confab_client::Account;
use confab_protocol::{UserSid, WorkspaceSid};

use crate::files;

/// The directory that holds everything the app keeps.
#[derive(Debug, Clone)]
pub(crate) struct DataDir {
    root: PathBuf,
}

impl DataDir {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Makes it when it is missing and makes sure that it can be written.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        files::make_private_dir(&self.root)?;
        let probe = self.root.join("probe");
        files::open_private(&probe, OpenOptions::new().create(true).truncate(true).write(true))?;
        files::remove(&probe)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What the person chose, and what the app remembers.
    pub(crate) fn settings(&self) -> PathBuf {
        self.root.join("settings.json")
    }

    /// The log.
    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("confab.log")
    }

    /// The picture in notifications.
    pub(crate) fn icon(&self) -> PathBuf {
        self.root.join("icon.png")
    }

    /// The data directory of the server in this app.
    pub(crate) fn server(&self) -> PathBuf {
        self.root.join("server")
    }

    /// Held by the one app that works here.
    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// How a second start reaches the app that works here.
    pub(crate) fn door(&self) -> PathBuf {
        self.root.join("door.json")
    }

    /// What the web view keeps for itself.
    pub(crate) fn webview(&self) -> PathBuf {
        self.root.join("webview")
    }

    /// The cache and the outbox of one person in one workspace.
    pub(crate) fn client(&self, workspace: WorkspaceSid, user: UserSid) -> PathBuf {
        self.root.join("clients").join(workspace.to_string()).join(user.to_string())
    }

    /// Which account lies in a client's directory.
    pub(crate) fn account(&self, workspace: WorkspaceSid, user: UserSid) -> PathBuf {
        self.client(workspace, user).join("account.json")
    }

    /// The refresh token when no keyring takes it, and in any case what is known of where it is.
    pub(crate) fn token(&self, workspace: WorkspaceSid, user: UserSid) -> PathBuf {
        self.root.join("tokens").join(format!("{workspace}-{user}.json"))
    }

    /// Stores an account beside its cache. One that is there already is not written again: on a full disk nobody could come back
    /// to what is theirs.
    pub(crate) fn write_account(&self, account: &Account) -> io::Result<()> {
        if self.read_account(account.workspace, account.user).is_ok_and(|held| held == *account) {
            return Ok(());
        }
        let path = self.account(account.workspace, account.user);
        files::make_private_dir(&self.client(account.workspace, account.user))?;
        files::replace_private(&path, &serde_json::to_vec_pretty(account)?)
    }

    /// The account that lies there.
    pub(crate) fn read_account(&self, workspace: WorkspaceSid, user: UserSid) -> io::Result<Account> {
        Ok(serde_json::from_slice(&std::fs::read(self.account(workspace, user))?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_below_a_file_cannot_be_prepared() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(DataDir::new(file.path().join("data")).prepare().is_err());
    }

    #[test]
    fn an_account_that_is_stored_is_not_written_again() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(place.path().to_owned());
        let account: Account = serde_json::from_value(serde_json::json!({
            "workspace": format!("IS{:032x}", 1), "workspace_name": "Fjordline", "user": format!("US{:032x}", 2),
            "identity": "ada", "device": format!("DV{:032x}", 3), "addresses": [], "fingerprint": null,
        }))
        .unwrap();
        data.write_account(&account).unwrap();
        // In the way of every further write, as a full disk is.
        let path = data.account(account.workspace, account.user);
        std::fs::create_dir(path.with_extension("json.partial")).unwrap();
        data.write_account(&account).unwrap();
        let renamed = Account { workspace_name: "Harbour".into(), ..account.clone() };
        assert!(data.write_account(&renamed).is_err());
        assert_eq!(data.read_account(account.workspace, account.user).unwrap(), account);
    }

    #[test]
    fn preparing_leaves_nothing_behind_and_can_be_repeated() {
        let place = tempfile::tempdir().unwrap();
        let data = DataDir::new(place.path().join("deep/er"));
        data.prepare().unwrap();
        data.prepare().unwrap();
        assert_eq!(std::fs::read_dir(data.root()).unwrap().count(), 0);
    }
}
