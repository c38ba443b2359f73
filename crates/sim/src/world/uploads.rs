//! Files on their way to the server: whether they get there, and whether that is known.

use confab_core::event::UploadFailure;
use confab_core::stored::StagedFile;
use confab_protocol::ClientId;

use super::{Happening, Inner, World};

impl World {
    pub(super) fn upload(&mut self, client: usize, entry: ClientId, files: Vec<StagedFile>) {
        self.clients[client].uploads.insert(entry);
        let life = self.clients[client].life;
        let takes = 5 + self.below(800);
        self.after(takes, Happening::Upload { client, life, entry, files });
    }

    /// The last byte is there.
    pub(super) fn upload_ends(&mut self, client: usize, life: u64, entry: ClientId, files: &[StagedFile]) {
        if self.clients[client].life != life || !self.clients[client].uploads.contains(&entry) {
            return;
        }
        let result = self.brought(client, files);
        let delay = 1 + self.below(40);
        self.later(client, delay, Inner::Uploaded { entry, result });
    }

    fn brought(&mut self, client: usize, files: &[StagedFile]) -> Result<(), UploadFailure> {
        let is_offline = self.clients[client].offline_until > self.now;
        if is_offline || !self.is_serving() || self.is_signed_out(client) {
            return Err(UploadFailure::Unreached);
        }
        let (account, now) = (&self.clients[client].account, self.server_now());
        self.server
            .take_files(account.user.sid, account.device, files, now)
            .map_err(UploadFailure::Refused)?;
        self.count("files uploaded");
        if self.strikes(self.plan.chances.lose_token) {
            self.count("files uploaded without its being known");
            return Err(UploadFailure::Unreached);
        }
        Ok(())
    }
}
