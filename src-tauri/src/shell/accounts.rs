//! Signing in and out.

use std::sync::Arc;

use confab_client::{Account, SignedIn, TokenStore};
use confab_core::view::{Problem, ViewDiff};
use confab_protocol::http::TokenGrant;
use confab_protocol::{Link, UserSid, WorkspaceSid};
use sha2::{Digest as _, Sha256};

use super::{Shell, Stage};
use crate::bridge::AppEvent;
use crate::problem;
use crate::session::Session;
use crate::settings::ActiveAccount;
use crate::tokens::{KeptToken, TokenTrouble};

impl Shell {
    /// Joins by an invite link.
    pub(crate) async fn join(
        self: &Arc<Self>,
        link: &str,
        name: &str,
        password: &str,
    ) -> Result<(), Problem> {
        self.usable()?;
        let mut stage = self.stage.lock().await;
        let signed_in = confab_client::join(link, name, password, &device_name()).await?;
        self.enter(&mut stage, signed_in).await
    }

    /// Signs in on this computer to where one has an account already.
    pub(crate) async fn sign_in(
        self: &Arc<Self>,
        address: &str,
        name: &str,
        password: &str,
    ) -> Result<(), Problem> {
        self.usable()?;
        let mut stage = self.stage.lock().await;
        let signed_in = confab_client::sign_in(address, name, password, &device_name()).await?;
        self.enter(&mut stage, signed_in).await
    }

    /// Ends this device's sign-in and shows the welcome. A workspace that this computer serves goes on being served.
    pub(crate) async fn sign_out(&self) -> Result<(), Problem> {
        let mut stage = self.stage.lock().await;
        let Some(session) = stage.session.take() else { return Ok(()) };
        self.set_client(None);
        self.around.notifications.withdraw_all();
        session.sign_out().await;
        let forgotten = self.settings.change(|remembered| remembered.active = None);
        self.show_nobody();
        forgotten
    }

    /// The link by which one's other devices find the workspace. It lets nobody in by itself.
    pub(crate) async fn workspace_link(&self) -> Result<String, Problem> {
        let stage = self.stage.lock().await;
        let session = stage.session.as_ref().ok_or_else(|| problem::local(problem::NOT_SIGNED_IN))?;
        let account = session.account();
        let served = stage.host.as_ref().map(super::Host::link);
        let is_this =
            |link: &String| link.parse::<Link>().is_ok_and(|link| link.workspace == account.workspace);
        served.filter(is_this).map_or_else(|| link_of(account), Ok)
    }

    /// Takes up the last session from what is stored.
    pub(super) async fn resume_session(self: &Arc<Self>, stage: &mut Stage) -> Result<(), Problem> {
        let Some(ActiveAccount { workspace, user }) = self.settings.get().active else { return Ok(()) };
        let account = self.around.data.read_account(workspace, user);
        let path = self.around.data.account(workspace, user);
        let account = account.map_err(|error| problem::unwritable(&path, &error))?;
        self.run(stage, account, None).await
    }

    /// Makes what was signed in the session of this app.
    pub(super) async fn enter(
        self: &Arc<Self>,
        stage: &mut Stage,
        signed_in: SignedIn,
    ) -> Result<(), Problem> {
        let SignedIn { account, grant } = signed_in;
        let active = ActiveAccount { workspace: account.workspace, user: account.user };
        self.run(stage, account, Some(grant)).await?;
        self.settings.change(|remembered| remembered.active = Some(active))
    }

    /// Starts the client of an account in place of the one that runs.
    pub(super) async fn run(
        self: &Arc<Self>,
        stage: &mut Stage,
        account: Account,
        grant: Option<TokenGrant>,
    ) -> Result<(), Problem> {
        // It goes first: two clients cannot have the same databases open.
        self.set_client(None);
        if let Some(before) = stage.session.take() {
            self.around.notifications.withdraw_all();
            before.shutdown().await;
        }
        let tokens = self.token_store(account.workspace, account.user);
        let session = Session::start(self.around.clone(), account, tokens, grant).await;
        let session = session.inspect_err(|_| self.show_nobody())?;
        self.set_client(Some(session.client().clone()));
        stage.session = Some(session);
        Ok(())
    }

    fn token_store(self: &Arc<Self>, workspace: WorkspaceSid, user: UserSid) -> Arc<dyn TokenStore> {
        let shell = Arc::downgrade(self);
        let tell = Box::new(move |trouble| {
            let Some(shell) = shell.upgrade() else { return };
            let code = match trouble {
                TokenTrouble::InFile => problem::KEYRING_MISSING,
                TokenTrouble::OutOfReach => problem::KEYRING_LOCKED,
            };
            shell.notice(problem::local(code), true);
        });
        let file = self.around.data.token(workspace, user);
        Arc::new(KeptToken::new(Arc::clone(&self.keyring), self.keyring_entry(workspace, user), file, tell))
    }

    /// Directories side by side have entries of their own. A path may be long and odd, so its hash stands for it.
    fn keyring_entry(&self, workspace: WorkspaceSid, user: UserSid) -> String {
        let place = Sha256::digest(self.around.data.root().as_os_str().as_encoded_bytes());
        let place: String = place.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{place}/{workspace}/{user}")
    }

    fn show_nobody(&self) {
        self.around.desktop.show_unread(0, None);
        let diffs = vec![ViewDiff::Reset, ViewDiff::Session { session: None }];
        self.around.outlet.picture(AppEvent::View { diffs });
    }
}

fn link_of(account: Account) -> Result<String, Problem> {
    let Account { workspace, workspace_name: name, addresses, fingerprint, .. } = account;
    let fingerprint = fingerprint.ok_or_else(|| problem::local(problem::NOT_SIGNED_IN))?;
    Ok(Link { workspace, name, addresses, fingerprint, secret: None }.to_string())
}

/// What this computer is called in the list of one's devices.
pub(super) fn device_name() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}
