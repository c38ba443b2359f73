//! The running parts of a server without a socket, a thread or a clock: whoever drives them says what happens, and when.
//!
//! [`Hub`] and [`Session`] are the server's own fan-out and queues, [`Database`] is its own SQLite store; group commit
//! itself is [`confab_domain::group`]. The same inputs give the same frames in every run.
//!
//! ```
//! use std::time::Duration;
//!
//! use confab_domain::{account, group, tail, Ids as _};
//! use confab_protocol::{Timestamp, WorkspaceSid};
//! use confab_server::Bounds;
//! use confab_server::simulation::{Database, Hub, Session};
//! use confab_testkit::SeededIds;
//!
//! let (mut ids, now) = (SeededIds::new(1), Timestamp(1_700_000_000_000));
//! let mut database = Database::in_memory(WorkspaceSid(ids.uuid())).unwrap();
//! let mut owner = None;
//! // Each piece of a group is run in the transaction; what it gives is told after the commit alone.
//! let done = group::commit(database.journal(), &mut [()], &mut |(), tx| {
//!     account::create_workspace("Fjordline", now, &mut ids, tx)?;
//!     owner = Some(account::create_owner("Olga", None, "Laptop", now, &mut ids, tx)?);
//!     Ok(())
//! });
//! assert!(done.unwrap().results[0].is_ok());
//!
//! let grant = owner.unwrap();
//! let (actor, _) = account::authenticate(grant.user.sid, grant.device, database.read()).unwrap();
//! let mut hub = Hub::new(Bounds::default());
//! let session = Session::new(1, actor, &hub, Duration::ZERO);
//! let standing = tail::standing(database.read(), grant.user.sid).unwrap();
//! hub.attach(&session, standing, Duration::ZERO);
//! hub.told(grant.events, Duration::from_millis(3));
//! hub.tick(Duration::from_secs(5));
//! assert!(session.take().last().unwrap().contains("heartbeat"));
//!
//! database.power_cut().unwrap();
//! assert!(database.read().user(grant.user.sid).unwrap().is_some());
//! ```

mod database;
mod fanout;

pub use database::Database;
pub use fanout::{Ask, Ended, Hub, Session};
