//! What the server does by itself, in the writer's transaction: states that are due, the emptying of what was deleted, and the
//! forgetting of files that are gone.

use confab_core::stored::StagedFile;
use confab_domain::media::{self, Found, Rules};
use confab_domain::{Actor, DomainResult, Event, Read, Tx, account, erasure, timers};
use confab_protocol::http::UploadRequest;
use confab_protocol::model::MediaCategory;
use confab_protocol::{DeviceSid, Timestamp, UserSid, WireError};

use super::Server;
use super::group::Errand;

/// Conversations and files of one turn.
const TURN: usize = 64;

/// Whether there is anything to do.
fn is_due(now: Timestamp, read: &dyn Read) -> bool {
    let is_some = |found: Result<bool, _>| found.expect("the store can be read");
    is_some(read.next_to_erase().map(|row| row.is_some()))
        || is_some(read.state_due(now, 1).map(|rows| !rows.is_empty()))
        || is_some(read.gone_media(1).map(|rows| !rows.is_empty()))
}

/// One turn. Gives what to tell.
pub(super) fn turn(now: Timestamp, tx: &mut dyn Tx) -> DomainResult<Vec<Event>> {
    erasure::step(tx)?;
    let gone: Vec<_> = tx.gone_media(TURN)?.into_iter().map(|row| row.sid).collect();
    media::forget(&gone, tx)?;
    Ok(timers::run_due(now, TURN, tx)?.0)
}

impl Server {
    /// A clock that somebody puts forward closes nothing.
    fn steady(&mut self, now: Timestamp, true_now: Timestamp) -> Timestamp {
        let (wall, began) = *self.steady_from.get_or_insert((now, true_now));
        now.min(wall.plus(true_now.since(began)))
    }

    /// Puts what is due into the next group.
    pub(super) fn see_to_chores(&mut self, now: Timestamp, true_now: Timestamp) {
        let now = self.steady(now, true_now);
        if !self.rests && !self.group.iter().any(Errand::is_chore) && is_due(now, self.db.read()) {
            self.group.push(Errand::chore(now));
        }
    }

    /// From now on nothing changes by itself, so that things can be compared.
    pub(crate) fn rest(&mut self) {
        self.rests = true;
    }

    /// Files of a user have arrived as a whole.
    pub(crate) fn take_files(
        &mut self,
        user: UserSid,
        device: DeviceSid,
        files: &[StagedFile],
        now: Timestamp,
    ) -> Result<(), WireError> {
        let taken = self.db.write(|tx| {
            let (actor, _) = account::authenticate(user, device, tx)?;
            files.iter().try_for_each(|file| take(&actor, file, now, tx))
        });
        taken.map_err(|error| error.to_wire())
    }
}

fn take(actor: &Actor, file: &StagedFile, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<()> {
    let ask = UploadRequest {
        client_id: file.client_id,
        file_name: file.file_name.clone(),
        content_type: file.content_type.clone(),
        size: file.size,
        category: MediaCategory::Media,
    };
    let row = media::begin(actor, &ask, &Rules::default(), now, tx)?;
    media::finish(actor, row.sid, &Found::default(), &Rules::default(), tx)?;
    Ok(())
}
