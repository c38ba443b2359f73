//! Effects as lines that can be read.

use std::fmt::Write as _;

use confab_protocol::{ClientId, Request};
use serde_json::Value;

use crate::stored::{Action, CacheWrite, OutboxWrite};
use crate::view::{ConversationRow, MessageRow, ViewDiff};
use crate::{Effect, News};

/// One line per effect, one per diff of the view.
pub(super) fn effect(effect: &Effect) -> String {
    let text = match effect {
        Effect::Connect => "connect\n".to_owned(),
        Effect::Disconnect => "disconnect\n".to_owned(),
        Effect::RefreshToken => "refresh token\n".to_owned(),
        Effect::Send(request) => send(request),
        Effect::CacheWrite(writes) => {
            format!("cache: {}\n", writes.iter().map(cache_write).collect::<Vec<_>>().join(", "))
        }
        Effect::ReadCache(read) => {
            format!("read cache {}: {:?}, roster {}\n", read.id, read.place, read.roster)
        }
        Effect::OutboxWrite { write, writes } => {
            let writes: Vec<String> = writes.iter().map(outbox_write).collect();
            format!("disk {write}: {}\n", writes.join(", "))
        }
        Effect::Upload { entry, files } => {
            let files: Vec<String> = files.iter().map(|file| file.client_id.to_string()).collect();
            format!("upload {entry}: {}\n", files.join(", "))
        }
        Effect::StopUpload { entry } => format!("stop upload {entry}\n"),
        Effect::Unstage { files } => {
            let files: Vec<String> = files.iter().map(ClientId::to_string).collect();
            format!("unstage {}\n", files.join(", "))
        }
        Effect::SetTimer { timer, after_ms } => format!("timer {timer:?} {after_ms}\n"),
        Effect::CancelTimer(timer) => format!("no timer {timer:?}\n"),
        Effect::View(diffs) => diffs.iter().map(diff).collect(),
        Effect::Notify(view) => {
            format!("notify {} {:?} {}: {:?}\n", view.key, view.conversation_name, view.author, view.body)
        }
        Effect::Withdraw { keys } => format!("withdraw {}\n", keys.join(" ")),
        Effect::Answer { ticket, result } => match result {
            Ok(answer) => format!("answer {ticket}: {}\n", json(answer)),
            Err(problem) => format!("answer {ticket}: error {}\n", json(problem)),
        },
        Effect::Answered { ticket, result } => match result.as_deref() {
            Some(Ok(answer)) => format!("answered {ticket}: {}\n", json(answer)),
            Some(Err(error)) => format!("answered {ticket}: error {}\n", json(error)),
            None => format!("answered {ticket}: nothing\n"),
        },
        Effect::News(news) => news.iter().map(self::news).collect(),
        Effect::Learned(workspace) => format!("learned {}\n", workspace.name),
    };
    shorten(&text)
}

/// What programs are told, by what it is about.
fn news(news: &News) -> String {
    match news {
        News::Conversation { row, me } => {
            format!("news {} v{} unread {}\n", row.sid, row.version, me.unread.unread)
        }
        News::Log(event) => format!("news event {}\n", event.seq),
        News::User(user) | News::InStep(user) => format!("news of {}\n", user.identity),
        News::Roster { from, to, .. } => format!("news roster {from}..{to}\n"),
        News::Posted { entry, outcome: Ok(message) } => format!("news {entry} is {}\n", message.index),
        other => format!("news {other:?}\n"),
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn send(request: &Request) -> String {
    let mut params = serde_json::to_value(&request.call).unwrap();
    if let Value::Object(fields) = &mut params {
        for dull in ["token", "versions", "capabilities", "client", "type", "state_version"] {
            fields.remove(dull);
        }
        fields.retain(|_, value| !value.is_null());
    }
    format!("-> {} {}\n", request.call.method(), params)
}

fn cache_write(write: &CacheWrite) -> String {
    match write {
        CacheWrite::Meta(meta) => format!("meta at {:?}, state {}", meta.cursor, meta.state_version),
        CacheWrite::Conversation(row) => {
            let version = row.history.map(|history| history.version);
            format!("conversation {} unread {} log {version:?}", row.sid, row.me.unread.unread)
        }
        CacheWrite::Message(message) => format!("message {} v{}", message.index, message.version),
        CacheWrite::Participant { participant, .. } => {
            format!("participant {} v{}", participant.identity, participant.version)
        }
        CacheWrite::User(user) => format!("user {}", user.identity),
        CacheWrite::Draft(draft) => {
            format!("draft {} v{} {:?}", draft.conversation, draft.version, draft.body)
        }
        CacheWrite::Setting(setting) => {
            format!("setting {} v{} {}", setting.key, setting.version, setting.value)
        }
        CacheWrite::ForgetMessage { message, .. } => format!("forget {message}"),
        CacheWrite::DropMessages { .. } => "drop messages".to_owned(),
        CacheWrite::DropRoster { .. } => "drop roster".to_owned(),
        CacheWrite::DropConversation { conversation } => format!("drop {conversation}"),
        CacheWrite::DropAll => "drop all".to_owned(),
    }
}

fn outbox_write(write: &OutboxWrite) -> String {
    match write {
        OutboxWrite::Put(entry) => {
            let state = serde_json::to_value(&entry.state).unwrap()["state"].clone();
            let place = entry.action.place().map(|place| place.to_string()).unwrap_or_default();
            let what = match &entry.action {
                Action::Send { body, .. } | Action::Edit { body, .. } => format!(" {body:?}"),
                Action::SetDraft { body, based_on, .. } => format!(" {body:?} on {based_on:?}"),
                Action::SetSetting { key, value } => format!(" {key} {value}"),
                Action::Horizon { index, mode, based_on, .. } => format!(" {mode:?} {index:?} on {based_on}"),
                _ => String::new(),
            };
            format!("put {} {}{what} in {place} {state}", entry.client_id, entry.action.name())
        }
        OutboxWrite::Delete(id) => format!("delete {id}"),
        OutboxWrite::PutDraft(draft) => format!("draft {} {:?}", draft.conversation, draft.body),
        OutboxWrite::DeleteDraft { conversation } => format!("no draft {conversation}"),
    }
}

/// One diff.
pub(super) fn diff(diff: &ViewDiff) -> String {
    let mut out = String::new();
    match diff {
        ViewDiff::Conversations { upsert, removed, loaded } => {
            write!(out, "= list{}", if *loaded { "" } else { " (not loaded)" }).unwrap();
            upsert.iter().for_each(|row| out.push_str(&conversation(row)));
            removed.iter().for_each(|key| write!(out, "\n    - {key}").unwrap());
        }
        ViewDiff::Timeline { upsert, removed, reset, ends, .. } => {
            let flags = [
                (*reset, " reset"),
                (ends.has_older, " older"),
                (ends.has_newer, " newer"),
                (ends.loading, " loading"),
            ];
            let flags: String = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
            write!(out, "= timeline{flags}").unwrap();
            upsert.iter().for_each(|row| out.push_str(&message(row)));
            removed.iter().for_each(|key| write!(out, "\n    - {key}").unwrap());
        }
        ViewDiff::Roster { upsert, removed, complete, .. } => {
            let names: Vec<&str> = upsert.iter().map(|row| row.name.as_str()).collect();
            write!(out, "= roster +{names:?} -{} complete {complete}", removed.len()).unwrap();
        }
        ViewDiff::Connection { state, retry_at } => write!(out, "= {state:?} {retry_at:?}").unwrap(),
        ViewDiff::Opened { conversation, new_after, new_count, .. } => {
            write!(out, "= opened {conversation:?} new after {new_after:?}, {new_count}").unwrap();
        }
        ViewDiff::UnreadTotal { unread, mentions } => write!(out, "= total {unread} @{mentions}").unwrap(),
        ViewDiff::Session { session } => {
            let session = session.as_ref().unwrap();
            write!(out, "= session {:?} in {:?}", session.friendly_name, session.workspace_name).unwrap();
        }
        ViewDiff::People { upsert } => {
            let people: Vec<String> = upsert
                .iter()
                .map(|row| format!("{}={} {:?}", row.identity, row.name, row.presence))
                .collect();
            write!(out, "= people {}", people.join(", ")).unwrap();
        }
        ViewDiff::Roles { roles } => {
            let made: Vec<String> = roles
                .iter()
                .filter(|role| !role.built_in)
                .map(|role| format!("{}: {}", role.friendly_name, role.permissions.join(" ")))
                .collect();
            if made.is_empty() {
                return out;
            }
            write!(out, "= roles {}", made.join(", ")).unwrap();
        }
        ViewDiff::Settings { upsert, removed } => {
            let set: Vec<String> = upsert.iter().map(|row| format!("{}={}", row.key, row.value)).collect();
            write!(out, "= settings {set:?} -{removed:?}").unwrap();
        }
        ViewDiff::Stuck { entries } => {
            write!(out, "= stuck").unwrap();
            for entry in entries {
                let (action, subject) = (&entry.action, &entry.subject);
                write!(
                    out,
                    "\n    {} {action} {subject:?} in {:?}: {}",
                    entry.key, entry.conversation, entry.problem.code
                )
                .unwrap();
            }
        }
        ViewDiff::Rights { rights, .. } => {
            let rights = serde_json::to_value(rights).unwrap();
            let given = rights.as_object().unwrap().iter().filter(|(_, given)| **given == true);
            let given: Vec<&str> = given.map(|(name, _)| name.as_str()).collect();
            write!(out, "= rights {given:?}").unwrap();
        }
        ViewDiff::OutsidersChanged { .. } => write!(out, "= outsiders").unwrap(),
        ViewDiff::MessageGone { message, .. } => write!(out, "= gone {message}").unwrap(),
        ViewDiff::Reset | ViewDiff::Notice { .. } | ViewDiff::Storage { .. } => {
            out = format!("= {}", json(diff));
        }
    }
    out.push('\n');
    out
}

fn conversation(row: &ConversationRow) -> String {
    let mut out = format!("\n    + {} {:?} unread {}", row.key, row.name, row.unread);
    if row.mentions > 0 {
        write!(out, " @{}", row.mentions).unwrap();
    }
    if let Some(preview) = &row.preview {
        write!(out, " {}: {preview:?}", row.preview_author.as_deref().unwrap_or("?")).unwrap();
    }
    if !row.draft.is_empty() {
        write!(out, " draft {:?}", row.draft).unwrap();
    }
    if !row.typing.is_empty() {
        write!(out, " typing {:?}", row.typing).unwrap();
    }
    if let Some(peer) = &row.peer {
        write!(out, " with {peer}").unwrap();
    }
    let state = serde_json::to_value(row.state).unwrap();
    if state != "active" {
        write!(out, " {}", state.as_str().unwrap()).unwrap();
    }
    let marks = [
        (row.public_join, " public"),
        (row.uber, " uber"),
        (row.going, " going"),
        (row.failed, " failed"),
        (row.left, " left"),
        (row.sid.is_none(), " being made"),
    ];
    marks.iter().filter(|(set, _)| *set).for_each(|(_, name)| out.push_str(name));
    out
}

fn message(row: &MessageRow) -> String {
    let index = row.index.map_or("-".to_owned(), |index| index.to_string());
    let problem = row.problem.as_ref().map_or(String::new(), |problem| format!(" {}", problem.code));
    let edited = if row.edited { " edited" } else { "" };
    format!(
        "\n    + {} {index} {}: {:?} {:?}{problem}{edited}",
        row.key, row.author_name, row.body, row.state
    )
}

/// Identifiers without their zeros.
fn shorten(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("000000") {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        rest = found.trim_start_matches('0');
    }
    out + rest
}
