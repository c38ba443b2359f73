//! The files of a message: taken into it when it is posted, let go of when it is removed.

use std::collections::BTreeSet;

use confab_protocol::model::MediaCategory;
use confab_protocol::{ErrorCode, MediaSid, MessageSid, WireError, limits};

use crate::DomainResult;
use crate::cx::Cx;
use crate::row::{MediaRow, MediaState, MessageRow};

/// Forms in which an e-mail's body, and what it quotes, may come.
const FORMS: usize = crate::media::EMAIL_TYPES.len();

/// The files that a message is to have. All of them are the actor's, or a program may name them, whole, and in no message.
///
/// # Errors
/// `too_large`, `not_found`, `media_incomplete`, `media_in_use`, `invalid_params`.
pub(super) fn find(cx: &Cx<'_>, named: &[MediaSid]) -> DomainResult<Vec<MediaRow>> {
    const MOST: usize = limits::MEDIA_PER_MESSAGE + 2 * FORMS;
    if named.len() > MOST {
        return Err(WireError::too_large("media", limits::MEDIA_PER_MESSAGE, named.len()).into());
    }
    let rows = named.iter().map(|sid| find_one(cx, *sid)).collect::<DomainResult<Vec<_>>>()?;
    check_categories(&rows)?;
    Ok(rows)
}

fn find_one(cx: &Cx<'_>, sid: MediaSid) -> DomainResult<MediaRow> {
    let refuse = |error: WireError| Err(error.with("media", sid.to_string()).into());
    let found = cx.tx.media(sid)?;
    let may = |row: &MediaRow| row.user == cx.actor.user || cx.warrant.everything;
    let Some(row) = found.filter(|row| may(row) && row.state != MediaState::Gone) else {
        return refuse(WireError::not_found("media"));
    };
    if row.message.is_some() {
        return refuse(ErrorCode::MediaInUse.into());
    }
    match row.state {
        MediaState::Ready => Ok(row),
        MediaState::Uploading | MediaState::Gone => refuse(ErrorCode::MediaIncomplete.into()),
    }
}

/// No file twice, so many attachments, and of body and history one of each type.
fn check_categories(rows: &[MediaRow]) -> Result<(), WireError> {
    let distinct: BTreeSet<MediaSid> = rows.iter().map(|row| row.sid).collect();
    if distinct.len() != rows.len() {
        return Err(WireError::invalid("media", "the same file twice"));
    }
    let (attached, email): (Vec<_>, Vec<_>) =
        rows.iter().partition(|row| row.category == MediaCategory::Media);
    if attached.len() > limits::MEDIA_PER_MESSAGE {
        return Err(WireError::too_large("media", limits::MEDIA_PER_MESSAGE, attached.len()));
    }
    let forms: BTreeSet<_> = email.iter().map(|row| (row.category, &row.content_type)).collect();
    if forms.len() != email.len() {
        return Err(WireError::invalid("media", "two of the same category and type"));
    }
    Ok(())
}

/// The files are in this message from now on, and its author's, whoever uploaded them.
pub(super) fn attach(cx: &mut Cx<'_>, rows: Vec<MediaRow>, message: MessageSid) -> DomainResult<()> {
    for row in rows {
        cx.tx.update_media(&MediaRow { message: Some(message), user: cx.actor.user, ..row })?;
    }
    Ok(())
}

/// The files of a message that is removed go with it.
pub(super) fn release(cx: &mut Cx<'_>, message: &MessageRow) -> DomainResult<()> {
    for media in &message.media {
        if let Some(row) = cx.tx.media(media.sid)? {
            cx.tx.update_media(&MediaRow { state: MediaState::Gone, message: None, ..row })?;
        }
    }
    Ok(())
}
