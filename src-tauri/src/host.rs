//! The server in this app: on which port it listens, and for whom.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use confab_core::view::Problem;
use confab_protocol::http::TokenGrant;
use confab_server::{RunningServer, ServerConfig, ServerError};
use tokio::task::spawn_blocking;

use crate::bridge::{Hosting, Reach};
use crate::problem;
use crate::settings::HostingChoice;

/// The port that is tried first when others on the network are to reach it: easier to allow in a firewall than a random one.
const NETWORK_PORT: u16 = 7420;

/// Who becomes the owner of a workspace.
#[derive(Clone)]
pub(crate) struct Owner {
    pub(crate) workspace_name: String,
    pub(crate) display_name: String,
    pub(crate) password: Option<String>,
    pub(crate) device_name: String,
}

/// A server that runs in this app.
pub(crate) struct Host {
    server: RunningServer,
    reach: Reach,
}

impl Host {
    /// Starts it on the port under which it is known.
    pub(crate) async fn resume(directory: PathBuf, choice: HostingChoice) -> Result<Self, Problem> {
        Self::start(directory, choice.reach, vec![choice.port]).await
    }

    /// Starts it on the first of the ports that is free; `known` is the one that links name already.
    pub(crate) async fn open(directory: PathBuf, reach: Reach, known: Option<u16>) -> Result<Self, Problem> {
        Self::start(directory, reach, ports(reach, known)).await
    }

    async fn start(directory: PathBuf, reach: Reach, ports: Vec<u16>) -> Result<Self, Problem> {
        blocking(move || {
            let server = first_free(&directory, reach, &ports).map_err(|error| problem::of_server(&error))?;
            tracing::info!(address = %server.local_addr(), "this computer serves a workspace");
            Ok(Self { server, reach })
        })
        .await
    }

    /// What to remember of it.
    pub(crate) fn choice(&self) -> HostingChoice {
        HostingChoice { reach: self.reach, port: self.server.local_addr().port() }
    }

    /// Where the app's own client finds it.
    pub(crate) fn own_address(&self) -> String {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.server.local_addr().port())).to_string()
    }

    /// The link that says where it is and lets nobody in.
    pub(crate) fn link(&self) -> String {
        self.server.link()
    }

    /// What the interface shows of it.
    pub(crate) fn shown(&self) -> Hosting {
        Hosting { reach: self.reach, addresses: self.server.addresses().to_vec() }
    }

    /// Makes the workspace and its owner the first time, later another device for the owner. Gives the host back in any case.
    pub(crate) async fn owner(self, owner: Owner) -> (Self, Result<TokenGrant, Problem>) {
        let asked = spawn_blocking(move || {
            let Owner { workspace_name, display_name, password, device_name } = owner;
            let grant = self.server.owner(&workspace_name, &display_name, password.as_deref(), &device_name);
            (self, grant.map_err(|error| problem::of_server(&error)))
        });
        asked.await.expect("invariant: minting a grant does not panic")
    }

    /// Ends it after what it is doing.
    pub(crate) async fn shutdown(self) {
        let ended = blocking(move || {
            self.server.shutdown();
            Ok(())
        });
        if ended.await.is_ok() {
            tracing::info!("this computer serves no workspace any more");
        }
    }
}

/// The ports to try. Links name the known one, so it goes first; zero is whatever is free.
fn ports(reach: Reach, known: Option<u16>) -> Vec<u16> {
    let preferred = (reach == Reach::Network && known != Some(NETWORK_PORT)).then_some(NETWORK_PORT);
    known.into_iter().chain(preferred).chain([0]).collect()
}

fn first_free(directory: &Path, reach: Reach, ports: &[u16]) -> Result<RunningServer, ServerError> {
    let ip = IpAddr::V4(match reach {
        Reach::Computer => Ipv4Addr::LOCALHOST,
        Reach::Network => Ipv4Addr::UNSPECIFIED,
    });
    let start = |port: &u16| RunningServer::start(ServerConfig::new(directory, SocketAddr::new(ip, *port)));
    let mut tried = ports.iter();
    let mut result = tried.next().map(start).unwrap_or(Err(ServerError::Stopped));
    while let Err(ServerError::PortInUse { .. } | ServerError::CannotListen { .. }) = &result {
        match tried.next() {
            Some(port) => result = start(port),
            None => break,
        }
    }
    result
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    spawn_blocking(work).await.map_err(|error| problem::of_ended_task(&error))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_port_goes_first_and_any_free_one_last() {
        assert_eq!(ports(Reach::Computer, None), [0]);
        assert_eq!(ports(Reach::Computer, Some(41_000)), [41_000, 0]);
        assert_eq!(ports(Reach::Network, None), [NETWORK_PORT, 0]);
        assert_eq!(ports(Reach::Network, Some(41_000)), [41_000, NETWORK_PORT, 0]);
        assert_eq!(ports(Reach::Network, Some(NETWORK_PORT)), [NETWORK_PORT, 0]);
    }

    #[tokio::test]
    async fn a_known_port_that_is_taken_is_a_problem_for_a_resume_and_passed_over_otherwise() {
        let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("server");
        let choice = HostingChoice { reach: Reach::Computer, port };
        let refused = Host::resume(directory.clone(), choice).await.err().unwrap();
        assert_eq!(refused, problem::with(problem::local("port_in_use"), "port", port));
        let host = Host::open(directory, Reach::Computer, Some(port)).await.ok().unwrap();
        assert_ne!(host.choice().port, port);
        host.shutdown().await;
    }
}
