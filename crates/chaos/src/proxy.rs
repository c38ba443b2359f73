//! A TCP proxy between one client and the server: what it carries passes, stalls, dribbles, goes one way only, or is cut.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

/// Bytes carried at once.
const PIECE: usize = 16 * 1024;
/// Bytes carried at once by a slow connection, and the pause after them.
const DRIBBLE: (usize, Duration) = (200, Duration::from_millis(20));

/// What the network is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Weather {
    /// Everything passes.
    #[default]
    Fair,
    /// Nothing passes, and nobody is told.
    Stalled,
    /// Only what the client says passes.
    DeafClient,
    /// Only what the server says passes.
    MuteClient,
    /// Everything passes, a few bytes at a time.
    Slow,
    /// There is no way at all.
    Offline,
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

impl Weather {
    fn carries(self, way: Way) -> bool {
        match self {
            Self::Fair | Self::Slow => true,
            Self::Stalled | Self::Offline => false,
            Self::DeafClient => way == Way::Up,
            Self::MuteClient => way == Way::Down,
        }
    }
}

/// What all connections of a proxy look at.
#[derive(Debug, Clone, Copy, Default)]
struct Sky {
    weather: Weather,
    /// Where the server is; none while it does not run.
    server: Option<SocketAddr>,
    /// Connections of an earlier one are cut.
    cut: u64,
}

/// A running proxy; it ends with its runtime.
pub(crate) struct Proxy {
    address: SocketAddr,
    sky: watch::Sender<Sky>,
}

impl Proxy {
    /// Listens on a free port of the loopback.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (sky, seen) = watch::channel(Sky::default());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, seen.clone()));
            }
        });
        Ok(Self { address, sky })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the server is from now on.
    pub(crate) fn lead_to(&self, server: Option<SocketAddr>) {
        self.sky.send_modify(|sky| sky.server = server);
    }

    /// Changes the weather; going offline cuts what there is.
    pub(crate) fn turn(&self, weather: Weather) {
        self.sky.send_modify(|sky| {
            sky.weather = weather;
            sky.cut += u64::from(weather == Weather::Offline);
        });
    }

    /// Cuts all connections; new ones may be made at once.
    pub(crate) fn cut(&self) {
        self.sky.send_modify(|sky| sky.cut += 1);
    }
}

/// Carries one connection until either side ends it or it is cut. Dropping the sockets is all there is to an end.
async fn carry(client: TcpStream, mut seen: watch::Receiver<Sky>) {
    let Sky { weather, server: Some(server), cut } = *seen.borrow_and_update() else { return };
    if weather == Weather::Offline {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    if client.set_nodelay(true).is_err() || server.set_nodelay(true).is_err() {
        return;
    }
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = stream(from_client, to_server, Way::Up, seen.clone()) => {}
        () = stream(from_server, to_client, Way::Down, seen.clone()) => {}
        _ = seen.wait_for(|sky| sky.cut != cut) => {}
    }
}

async fn stream(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Way, mut seen: watch::Receiver<Sky>) {
    let mut buffer = vec![0; PIECE];
    loop {
        let Ok(weather) = seen.wait_for(|sky| sky.weather.carries(way)).await.map(|sky| sky.weather) else {
            return;
        };
        let most = if weather == Weather::Slow { DRIBBLE.0 } else { PIECE };
        let length = match from.read(&mut buffer[..most]).await {
            Ok(length) if length > 0 => length,
            _ => return,
        };
        // The weather may have turned while nothing was said.
        if seen.wait_for(|sky| sky.weather.carries(way)).await.is_err()
            || to.write_all(&buffer[..length]).await.is_err()
        {
            return;
        }
        if weather == Weather::Slow {
            sleep(DRIBBLE.1).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client and a server that talk through a proxy.
    async fn line() -> Result<(Proxy, TcpStream, TcpStream)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let proxy = Proxy::start().await?;
        proxy.lead_to(Some(listener.local_addr()?));
        let client = TcpStream::connect(proxy.address()).await?;
        let (server, _) = listener.accept().await?;
        Ok((proxy, client, server))
    }

    async fn hear(from: &mut TcpStream, length: usize) -> Result<Vec<u8>> {
        let mut heard = vec![0; length];
        from.read_exact(&mut heard).await?;
        Ok(heard)
    }

    #[tokio::test]
    async fn what_is_said_passes_once_the_weather_allows_it_in_order_and_whole() -> Result<()> {
        let (proxy, mut client, mut server) = line().await?;
        client.write_all(b"one ").await?;
        assert_eq!(hear(&mut server, 4).await?, b"one ");
        proxy.turn(Weather::MuteClient);
        client.write_all(b"two ").await?;
        server.write_all(b"still heard").await?;
        assert_eq!(hear(&mut client, 11).await?, b"still heard");
        let mut nothing = [0];
        assert!(server.try_read(&mut nothing).is_err(), "it is held back");
        proxy.turn(Weather::Slow);
        client.write_all(b"three").await?;
        assert_eq!(hear(&mut server, 9).await?, b"two three");
        Ok(())
    }

    #[tokio::test]
    async fn a_cut_ends_both_sides_and_offline_lets_nobody_in() -> Result<()> {
        let (proxy, mut client, mut server) = line().await?;
        proxy.turn(Weather::Offline);
        assert!(matches!(client.read(&mut [0]).await, Ok(0) | Err(_)));
        assert!(matches!(server.read(&mut [0]).await, Ok(0) | Err(_)));
        let mut late = TcpStream::connect(proxy.address()).await?;
        assert!(matches!(late.read(&mut [0]).await, Ok(0) | Err(_)));
        Ok(())
    }
}
