//! Files of messages before they are sent: chosen, put beside what is being written, taken away again.

use confab_protocol::{ClientId, WireError, limits};

use super::{Machine, problem, refused};
use crate::command::FileToSend;
use crate::effect::Effect;
use crate::key::Key;
use crate::stored::StagedFile;
use crate::view::Problem;

impl Machine {
    pub(super) fn attach(&mut self, conversation: &str, file: FileToSend) -> Result<(), Problem> {
        let id = kept_as(&file.id)?;
        let taken = self.known(conversation).and_then(|key| {
            self.attached.add(key, file).map_err(refused)?;
            self.dirty.conversations.insert(key);
            Ok(())
        });
        if taken.is_err() {
            self.out.effects.push(Effect::Unstage { files: vec![id] });
        }
        taken
    }

    pub(super) fn detach(&mut self, conversation: &str, file: &str) -> Result<(), Problem> {
        let (key, id) = (self.known(conversation)?, kept_as(file)?);
        if self.attached.remove(key, file) {
            self.out.effects.push(Effect::Unstage { files: vec![id] });
            self.dirty.conversations.insert(key);
            self.drop_if_empty(key);
        }
        Ok(())
    }

    /// Nobody writes there any more.
    pub(super) fn drop_attached(&mut self, key: Key) {
        let files = self.attached.drop_all(key);
        if !files.is_empty() {
            self.out.effects.push(Effect::Unstage { files });
        }
    }

    /// The files as the outbox keeps them: by the names that the server will give them.
    pub(super) fn files(&self, files: Vec<FileToSend>) -> Result<Vec<StagedFile>, Problem> {
        if files.is_empty() || files.len() > limits::MEDIA_PER_MESSAGE {
            return Err(refused(WireError::too_large("media", limits::MEDIA_PER_MESSAGE, files.len())));
        }
        let staged = |file: FileToSend| {
            let FileToSend { id, name: file_name, content_type, sniffed_type, size, width, height, .. } =
                file;
            let client_id = kept_as(&id)?;
            let sid = self.book.media(client_id);
            Ok(StagedFile { client_id, sid, file_name, content_type, sniffed_type, size, width, height })
        };
        files.into_iter().map(staged).collect()
    }
}

/// By which the client keeps a file.
fn kept_as(id: &str) -> Result<ClientId, Problem> {
    id.parse().map_err(|_| problem("not_found", "what", "media"))
}
