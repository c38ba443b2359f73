//! Serving a workspace from this computer.

use std::sync::Arc;
use std::time::Duration;

use confab_client::{Account, SignedIn};
use confab_core::view::Problem;
use confab_protocol::Link;

use super::accounts::device_name;
use super::{Shell, Stage};
use crate::bridge::Reach;
use crate::host::{Host, Owner};
use crate::problem;

/// The code that the server gives for a port which another program has.
const PORT_IN_USE: &str = "port_in_use";
/// How often it is tried again.
const PORT_PAUSE: Duration = Duration::from_secs(2);

/// What starting a workspace asks for.
pub(crate) struct NewWorkspace {
    pub(crate) workspace_name: String,
    pub(crate) display_name: String,
    pub(crate) reach: Reach,
    pub(crate) password: Option<String>,
}

impl Shell {
    /// Serves a workspace from this computer and signs its owner in. A failure leaves nothing running that did not run
    /// before, and the same call may be made again.
    pub(crate) async fn start_workspace(self: &Arc<Self>, wanted: NewWorkspace) -> Result<(), Problem> {
        self.usable()?;
        let mut stage = self.stage.lock().await;
        let ran = stage.host.is_some();
        let host = match stage.host.take() {
            Some(host) if host.choice().reach == wanted.reach => host,
            Some(host) => self.reopen(host, wanted.reach).await?,
            None => self.open(wanted.reach).await?,
        };
        let owner = Owner {
            workspace_name: wanted.workspace_name,
            display_name: wanted.display_name,
            password: wanted.password,
            device_name: device_name(),
        };
        let (host, grant) = host.owner(owner).await;
        let grant = match grant {
            Ok(grant) => grant,
            Err(problem) => {
                if ran {
                    stage.host = Some(host);
                } else {
                    host.shutdown().await;
                }
                return Err(problem);
            }
        };
        let account = Account::of_grant(&grant, &[host.own_address()]);
        self.settle(&mut stage, host)?;
        self.enter(&mut stage, SignedIn { account, grant }).await
    }

    /// Lets others on the network reach the workspace that is served here, or no longer.
    pub(crate) async fn set_reach(self: &Arc<Self>, reach: Reach) -> Result<(), Problem> {
        self.usable()?;
        let mut stage = self.stage.lock().await;
        let host = match stage.host.take() {
            Some(host) if host.choice().reach == reach => {
                stage.host = Some(host);
                return Ok(());
            }
            Some(host) => {
                let before = host.choice();
                match self.reopen(host, reach).await {
                    Ok(host) => host,
                    Err(problem) => {
                        // As it was; when even that fails, the first problem is the one to tell.
                        if let Ok(host) = Host::resume(self.around.data.server(), before).await {
                            stage.host = Some(host);
                        }
                        self.announce(&stage);
                        return Err(problem);
                    }
                }
            }
            // Served from here, but the port was taken at the start: this is the way out.
            None if self.settings.get().hosting.is_some() => self.open(reach).await?,
            None => return Err(problem::invalid("reach")),
        };
        self.settle(&mut stage, host)?;
        self.follow(&mut stage).await
    }

    /// Serves again what the last start served. While another program has the port, it waits for it to be free.
    pub(super) async fn serve_again(self: Arc<Self>) {
        let mut told = false;
        loop {
            let resumed = self.resume_host(&mut *self.stage.lock().await).await;
            let Err(problem) = resumed else { return };
            let port_in_use = problem.code == PORT_IN_USE;
            if !std::mem::replace(&mut told, true) {
                self.notice(problem, true);
            }
            if !port_in_use {
                return;
            }
            tokio::time::sleep(PORT_PAUSE).await;
        }
    }

    async fn resume_host(self: &Arc<Self>, stage: &mut Stage) -> Result<(), Problem> {
        let (Some(choice), None) = (self.settings.get().hosting, &stage.host) else { return Ok(()) };
        stage.host = Some(Host::resume(self.around.data.server(), choice).await?);
        self.announce(stage);
        self.follow(stage).await
    }

    async fn open(&self, reach: Reach) -> Result<Host, Problem> {
        let known = self.settings.get().hosting.map(|choice| choice.port);
        Host::open(self.around.data.server(), reach, known).await
    }

    /// Listens elsewhere; the port stays when it can.
    async fn reopen(&self, host: Host, reach: Reach) -> Result<Host, Problem> {
        let port = host.choice().port;
        host.shutdown().await;
        Host::open(self.around.data.server(), reach, Some(port)).await
    }

    /// Remembers a host that runs, and tells of it.
    fn settle(&self, stage: &mut Stage, host: Host) -> Result<(), Problem> {
        let choice = host.choice();
        stage.host = Some(host);
        self.announce(stage);
        self.settings.change(|remembered| remembered.hosting = Some(choice))
    }

    /// Leads the app's own client to where the server is now.
    async fn follow(self: &Arc<Self>, stage: &mut Stage) -> Result<(), Problem> {
        let (Some(host), Some(session)) = (&stage.host, &stage.session) else { return Ok(()) };
        let (mut account, own) = (session.account(), host.own_address());
        if host.link().parse::<Link>().is_ok_and(|link| link.workspace != account.workspace) {
            return Ok(());
        }
        if account.addresses.contains(&own) {
            session.client().nudge();
            return Ok(());
        }
        account.addresses.insert(0, own);
        self.run(stage, account, None).await
    }
}
