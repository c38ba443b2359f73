//! Files: who may upload them, who may have them, and when they go.
//!
//! A file is uploaded by one person, then taken into one message. Until then it is its uploader's alone; from then on it is
//! for those who may see the message. What is in no message goes after a while, what was in one that was removed at once.

use confab_protocol::http::UploadRequest;
use confab_protocol::model::{Media, MediaCategory};
use confab_protocol::{ErrorCode, MediaSid, Timestamp, UserSid, WireError, derived, limits};

use crate::row::{Hash, MediaRow, MediaState};
use crate::visible::visible;
use crate::{Actor, DomainResult, Read, Tx, view};

/// Types of an e-mail's body and of what it quotes (Twilio's).
pub const EMAIL_TYPES: [&str; 2] = ["text/plain", "text/html"];

/// What may be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Longest file, in bytes.
    pub file_bytes: u64,
    /// Files of one user that are in no message, together, in bytes.
    pub unsent_bytes: u64,
    /// Files of one user that are in no message.
    pub unsent_files: u64,
    /// Types that are taken, such as `image/png` or `image/*`; empty: all.
    pub allowed_types: Vec<String>,
    /// Types that are not, whatever is allowed.
    pub denied_types: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            file_bytes: limits::MEDIA_BYTES,
            unsent_bytes: limits::UNSENT_MEDIA_BYTES,
            unsent_files: limits::UNSENT_MEDIA as u64,
            allowed_types: Vec::new(),
            denied_types: Vec::new(),
        }
    }
}

impl Rules {
    /// Whether a file of this type is taken.
    ///
    /// # Errors
    /// `unsupported_type`.
    pub fn take_type(&self, content_type: &str) -> Result<(), WireError> {
        let is_allowed =
            self.allowed_types.is_empty() || self.allowed_types.iter().any(|rule| covers(rule, content_type));
        if is_allowed && !self.denied_types.iter().any(|rule| covers(rule, content_type)) {
            return Ok(());
        }
        Err(unsupported(content_type))
    }

    fn take(&self, ask: &UploadRequest) -> Result<(), WireError> {
        if ask.size > self.file_bytes {
            let error = WireError::new(ErrorCode::TooLarge).with("field", "size");
            return Err(error.with("limit", self.file_bytes).with("actual", ask.size));
        }
        self.take_type(&ask.content_type)?;
        let is_email = matches!(ask.category, MediaCategory::Body | MediaCategory::History);
        if is_email && !EMAIL_TYPES.iter().any(|form| covers(form, &ask.content_type)) {
            return Err(unsupported(&ask.content_type));
        }
        Ok(())
    }
}

fn unsupported(content_type: &str) -> WireError {
    WireError::new(ErrorCode::UnsupportedType).with("content_type", content_type)
}

/// Whether a rule (`image/png`, `image/*`, `*/*`) stands for a type, whose parameters do not count.
fn covers(rule: &str, content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    match rule.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => essence.split('/').next().is_some_and(|found| found.eq_ignore_ascii_case(kind)),
        None => essence.eq_ignore_ascii_case(rule),
    }
}

/// What was found in the bytes of a file that is whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What its first bytes say that it is.
    pub sniffed_type: Option<String>,
    /// SHA-256 of all of it.
    pub sha256: Hash,
    /// Width of a picture.
    pub width: Option<u32>,
    /// Height of a picture.
    pub height: Option<u32>,
}

/// Begins an upload; the same one again gives what there is of it.
///
/// # Errors
/// `invalid_params`, `too_large`, `unsupported_type`, `limit_reached`; `client_id_reused` for another file under the same id,
/// `unavailable` while one that was given up under it is being cleared away.
pub fn begin(
    actor: &Actor,
    ask: &UploadRequest,
    rules: &Rules,
    now: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<MediaRow> {
    begin_as(actor, derived::media(actor.workspace, actor.user, ask.client_id), ask, rules, now, tx)
}

/// The same under an identifier that the file had elsewhere, which only a program may give.
///
/// # Errors
/// As [`begin`].
pub fn begin_as(
    actor: &Actor,
    sid: MediaSid,
    ask: &UploadRequest,
    rules: &Rules,
    now: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<MediaRow> {
    check_form(ask)?;
    rules.take(ask)?;
    if let Some(row) = tx.media(sid)? {
        return again(row, actor, ask);
    }
    check_usage(actor.user, ask.size, rules, tx)?;
    let row = MediaRow {
        sid,
        user: actor.user,
        client_id: ask.client_id,
        file_name: ask.file_name.as_deref().and_then(file_name),
        content_type: ask.content_type.clone(),
        sniffed_type: None,
        size: ask.size,
        category: ask.category,
        width: None,
        height: None,
        sha256: None,
        state: MediaState::Uploading,
        message: None,
        date_created: now,
    };
    tx.insert_media(&row)?;
    Ok(row)
}

fn check_form(ask: &UploadRequest) -> Result<(), WireError> {
    if ask.size == 0 {
        return Err(WireError::invalid("size", "empty"));
    }
    if ask.category == MediaCategory::Unknown {
        return Err(WireError::invalid("category", "no such category"));
    }
    if ask.content_type.len() > limits::CONTENT_TYPE_BYTES {
        let actual = ask.content_type.len();
        return Err(WireError::too_large("content_type", limits::CONTENT_TYPE_BYTES, actual));
    }
    let token = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let essence = ask.content_type.split(';').next().unwrap_or_default().trim();
    let printable = ask.content_type.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    match essence.split_once('/') {
        Some((kind, form)) if token(kind) && token(form) && printable => Ok(()),
        _ => Err(WireError::invalid("content_type", "not of the form type/subtype")),
    }
}

/// The last part of a name, without what makes a file hidden, misleading or impossible to save.
fn file_name(given: &str) -> Option<String> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_plain = |sign: &char| !sign.is_control() && !is_bidi(*sign);
    let name: String = last.chars().filter(is_plain).take(limits::FILE_NAME_CHARS).collect();
    let name = name.trim().trim_start_matches('.').to_owned();
    (!name.is_empty()).then_some(name)
}

/// Signs that turn the direction of what follows: `gpj.exe` would read `exe.jpg`.
fn is_bidi(sign: char) -> bool {
    matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn again(row: MediaRow, actor: &Actor, ask: &UploadRequest) -> DomainResult<MediaRow> {
    let named = ask.file_name.as_deref().and_then(file_name);
    let same = (row.size, &row.content_type, row.category) == (ask.size, &ask.content_type, ask.category);
    let is_own = (row.user, row.client_id) == (actor.user, ask.client_id);
    match row.state {
        MediaState::Gone => Err(ErrorCode::Unavailable.into()),
        _ if !is_own || !same || row.file_name != named => Err(ErrorCode::ClientIdReused.into()),
        MediaState::Uploading | MediaState::Ready => Ok(row),
    }
}

fn check_usage(user: UserSid, size: u64, rules: &Rules, tx: &dyn Tx) -> DomainResult<()> {
    let used = tx.media_usage(user)?;
    let full = |what: &str, limit: u64| {
        WireError::new(ErrorCode::LimitReached).with("what", what).with("limit", limit)
    };
    if used.files >= rules.unsent_files {
        return Err(full("unsent_files", rules.unsent_files).into());
    }
    if used.bytes.saturating_add(size) > rules.unsent_bytes {
        return Err(full("unsent_bytes", rules.unsent_bytes).into());
    }
    Ok(())
}

/// A file of one's own, whole or not.
///
/// # Errors
/// `not_found`.
pub fn own(actor: &Actor, media: MediaSid, read: &dyn Read) -> DomainResult<MediaRow> {
    let row = read.media(media)?;
    let row = row.filter(|row| row.user == actor.user && row.state != MediaState::Gone);
    Ok(row.ok_or_else(|| WireError::not_found("media"))?)
}

/// How long a file is that was begun before anybody knew: at most as long as was said then.
///
/// # Errors
/// `not_found`; `invalid_params` when it is empty, `too_large` when it is longer.
pub fn measured(actor: &Actor, media: MediaSid, size: u64, tx: &mut dyn Tx) -> DomainResult<()> {
    let row = own(actor, media, tx)?;
    if size == 0 {
        return Err(WireError::invalid("size", "empty").into());
    }
    if row.state == MediaState::Ready || size > row.size {
        let error = WireError::new(ErrorCode::TooLarge).with("field", "size");
        return Err(error.with("limit", row.size).with("actual", size).into());
    }
    Ok(tx.update_media(&MediaRow { size, ..row })?)
}

/// All bytes of a file are there. Finishing twice changes nothing.
///
/// # Errors
/// `not_found`; `unsupported_type` when it is not what it was said to be, and what it is is not taken.
pub fn finish(
    actor: &Actor,
    media: MediaSid,
    found: &Found,
    rules: &Rules,
    tx: &mut dyn Tx,
) -> DomainResult<MediaRow> {
    let row = own(actor, media, tx)?;
    if row.state == MediaState::Ready {
        return Ok(row);
    }
    found.sniffed_type.as_deref().map_or(Ok(()), |sniffed| rules.take_type(sniffed))?;
    let Found { sniffed_type, sha256, width, height } = found.clone();
    let row = MediaRow { sniffed_type, sha256: Some(sha256), width, height, state: MediaState::Ready, ..row };
    tx.update_media(&row)?;
    Ok(row)
}

/// Gives a file up that is in no message. One that is gone already is no failure.
///
/// # Errors
/// `not_found` for a file of somebody else; `media_in_use`.
pub fn cancel(actor: &Actor, media: MediaSid, tx: &mut dyn Tx) -> DomainResult<()> {
    let row = tx.media(media)?.filter(|row| row.user == actor.user);
    let row = row.ok_or_else(|| WireError::not_found("media"))?;
    if row.message.is_some() {
        return Err(WireError::new(ErrorCode::MediaInUse).with("media", media.to_string()).into());
    }
    tx.update_media(&MediaRow { state: MediaState::Gone, ..row })?;
    Ok(())
}

/// A whole file that a user may have: one that is in no message is its uploader's, any other is for those who may see its
/// message.
///
/// # Errors
/// `not_found`, whatever the reason.
pub fn readable(user: UserSid, media: MediaSid, read: &dyn Read) -> DomainResult<MediaRow> {
    let unknown = || WireError::not_found("media").with("media", media.to_string());
    let row = read.media(media)?.filter(|row| row.state == MediaState::Ready).ok_or_else(unknown)?;
    let Some(sid) = row.message else {
        return if row.user == user { Ok(row) } else { Err(unknown().into()) };
    };
    let message = read.message(sid)?.filter(|message| !message.removed).ok_or_else(unknown)?;
    let conversation = read.conversation(message.conversation)?.ok_or_else(unknown)?;
    let me = read.membership(user, message.conversation)?;
    let seen = visible(read, me.as_ref(), &conversation)?.holds_index(message.index);
    if seen { Ok(row) } else { Err(unknown().into()) }
}

/// A whole file that a program may have which may do everything: one that is in no message, or in one that stands in a
/// conversation that does.
///
/// # Errors
/// `not_found`.
pub fn held(media: MediaSid, read: &dyn Read) -> DomainResult<MediaRow> {
    let unknown = || WireError::not_found("media").with("media", media.to_string());
    let row = read.media(media)?.filter(|row| row.state == MediaState::Ready).ok_or_else(unknown)?;
    let Some(sid) = row.message else { return Ok(row) };
    let message = read.message(sid)?.filter(|message| !message.removed).ok_or_else(unknown)?;
    let conversation = read.conversation(message.conversation)?;
    let stands = conversation.is_some_and(|conversation| conversation.deleted_at.is_none());
    if stands { Ok(row) } else { Err(unknown().into()) }
}

/// Files that a user may have, all of them.
///
/// # Errors
/// `invalid_params` for none, `too_large` for too many, `not_found` when one of them may not be had.
pub fn readable_all(user: UserSid, media: &[MediaSid], read: &dyn Read) -> DomainResult<Vec<MediaRow>> {
    match media.len() {
        0 => Err(WireError::invalid("media", "none").into()),
        many if many > limits::MEDIA_URLS => {
            Err(WireError::too_large("media", limits::MEDIA_URLS, many).into())
        }
        _ => media.iter().map(|sid| readable(user, *sid, read)).collect(),
    }
}

/// All bytes of a file are there, and it may be had.
#[must_use]
pub fn is_whole(row: &MediaRow) -> bool {
    row.state == MediaState::Ready
}

/// As it goes over the wire.
#[must_use]
pub fn described(row: &MediaRow) -> Media {
    view::media(row)
}

/// Lets go of files from before an instant that came into no message, at most `limit`. Gives how many; as many as `limit`
/// means that there may be more.
///
/// # Errors
/// Failures of the store.
pub fn expire(before: Timestamp, limit: usize, tx: &mut dyn Tx) -> DomainResult<usize> {
    let rows = tx.unsent_media(before, limit)?;
    let count = rows.len();
    for row in rows {
        tx.update_media(&MediaRow { state: MediaState::Gone, ..row })?;
    }
    Ok(count)
}

/// Forgets files whose bytes are no more.
///
/// # Errors
/// Failures of the store.
pub fn forget(gone: &[MediaSid], tx: &mut dyn Tx) -> DomainResult<()> {
    for sid in gone {
        if tx.media(*sid)?.is_some_and(|row| row.state == MediaState::Gone) {
            tx.delete_media(*sid)?;
        }
    }
    Ok(())
}

/// Takes a file whose bytes are lost out of its message, as if it had never been in it.
///
/// # Errors
/// Failures of the store.
pub fn lose(media: MediaSid, tx: &mut dyn Tx) -> DomainResult<()> {
    let Some(row) = tx.media(media)? else { return Ok(()) };
    if let Some(mut message) = row.message.map(|sid| tx.message(sid)).transpose()?.flatten() {
        message.media.retain(|held| held.sid != media);
        tx.update_message(&message)?;
    }
    Ok(tx.delete_media(media)?)
}

#[cfg(test)]
mod tests;
