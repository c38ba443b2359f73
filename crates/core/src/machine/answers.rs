//! Answers, by what was asked.

use confab_protocol::method::{
    ConversationListLeftResult, ConversationListPublicResult, DeviceListResult, InviteCreateResult,
    MediaLimitsResult, MediaUrlsResult, MessageReceiptsResult,
};
use confab_protocol::model::{DeliveryStatus, NonChatParticipant};
use confab_protocol::{Answer, ErrorCode, WireError};

use super::{Machine, refused};
use crate::command::CommandAnswer;
use crate::cx::Cx;
use crate::news::News;
use crate::requests::Asked;
use crate::view::{LeftView, OutsiderView, PublicView, ReceiptView};

impl Machine {
    pub(super) fn answered(&mut self, asked: Asked, answer: Result<Answer, WireError>, cx: &mut Cx<'_>) {
        if answer.as_ref().is_err_and(|error| error.code == ErrorCode::TokenExpired) && !asked.brings_token()
        {
            // What told of its end may have come before anybody listened.
            self.token_ends();
            if matches!(asked, Asked::Command { .. } | Asked::Request { .. }) {
                // It is asked again with the next one.
                return;
            }
        }
        match (asked, answer) {
            (Asked::Hello, Ok(Answer::Hello(hello))) => self.welcomed(hello, cx),
            (Asked::Hello, Err(error)) => self.not_welcomed(error, cx),
            (Asked::Renew, Ok(Answer::TokenRenew(renewed))) => {
                if let Some(token) = &mut self.link.token {
                    token.expires_at = renewed.token_expires_at;
                }
                self.ask_what_waits();
            }
            (Asked::List { first }, Ok(Answer::ConversationList(page))) => self.listed(first, page, cx),
            (Asked::Resume, Ok(Answer::Resume(page))) => self.resumed(page, cx),
            (Asked::List { .. } | Asked::Resume, Err(error)) => self.sync_refused(&error, cx),
            (Asked::Get { conversation, .. }, Ok(Answer::ConversationGet(got))) => {
                self.got(conversation, got.summary, cx);
            }
            (Asked::Get { conversation, heard }, Err(error)) => {
                self.get_refused(conversation, heard, &error);
            }
            (Asked::Page { place, number }, Ok(Answer::MessagePage(page))) => {
                self.page(place, number, page, cx);
            }
            (Asked::Page { place, number }, Err(error)) => self.page_refused(place, number, &error),
            (Asked::Rows(key), Ok(Answer::MessagePage(page))) => self.reread(key, &page),
            (Asked::Rows(key), Err(error)) => self.not_reread(key, Some(&error)),
            (Asked::Range(key), Ok(Answer::EventRange(range))) => self.range(key, &range, cx),
            (Asked::Range(key), Err(error)) => self.range_refused(key, &error),
            (Asked::Roster(key), Ok(Answer::ParticipantList(list))) => self.roster_page(key, &list),
            (Asked::Roster(key), Err(error)) => self.roster_refused(key, &error),
            (Asked::Roles, answer) => self.roles_answered(answer),
            (Asked::Users { question }, answer) => self.profiles(question, answer),
            (Asked::Presence | Asked::Interest, Err(error)) => self.interest_refused(&error),
            (Asked::Presence, Ok(Answer::PresenceSubscribe(snapshot))) => {
                self.news(News::Presence(snapshot.people.clone()));
                for person in &snapshot.people {
                    self.people.meet(&person.identity, person.profile_version);
                }
                let changed = self.people.snapshot(snapshot.people);
                self.dirty.roster |= !changed.is_empty();
                self.dirty.people.extend(changed);
            }
            (Asked::Entry(id), Ok(answer)) => self.entry_applied(id, answer, cx),
            (Asked::Entry(id), Err(error)) => self.entry_refused(id, error, cx),
            (Asked::Ping | Asked::Probe, Ok(Answer::Ping(pong))) => self.ponged(pong),
            (Asked::Request { ticket }, answer) => self.request_answered(ticket, answer, cx),
            (Asked::Given { ticket }, answer) => self.given_answered(ticket, answer),
            (Asked::Command { ticket }, answer) if self.waiting.answered(ticket).is_some() => {
                let result = answer.map(|answer| self.command_answer(answer, cx)).map_err(refused);
                self.out.answer(ticket, result);
            }
            // A signal needs no answer; an answer of another kind than its request is a defect of the server.
            _ => {}
        }
    }

    /// Something that was asked will not be answered.
    pub(super) fn abandoned(&mut self, asked: Asked) {
        match asked {
            Asked::Get { conversation, .. } => {
                let key = self.book.met(conversation);
                if let Some(conversation) = self.book.get_mut(key) {
                    conversation.getting = false;
                }
            }
            Asked::Range(key) => {
                if let Some(conversation) = self.book.get_mut(key) {
                    conversation.ranging = false;
                }
            }
            Asked::Page { place, number } => {
                self.page_lost(place, number);
            }
            Asked::Rows(key) => self.not_reread(key, None),
            Asked::Roles => self.roles.give_up(),
            Asked::Given { ticket } => self.given_abandoned(ticket),
            Asked::Roster(key) => {
                if let Some(roster) = self.open_at(key).and_then(|open| open.roster.as_mut()) {
                    roster.give_up();
                }
            }
            // The outbox and the people are told as a whole.
            Asked::Hello
            | Asked::Renew
            | Asked::List { .. }
            | Asked::Resume
            | Asked::Users { .. }
            | Asked::Presence
            | Asked::Interest
            | Asked::Entry(_)
            // It is asked for again on the next connection.
            | Asked::Command { .. }
            | Asked::Request { .. }
            | Asked::Ping
            | Asked::Probe
            | Asked::Signal => {}
        }
    }

    fn command_answer(&mut self, answer: Answer, cx: &mut Cx<'_>) -> CommandAnswer {
        match answer {
            Answer::ConversationJoin(result) => self.joined(result.summary, cx),
            Answer::ConversationPeek(result) => {
                CommandAnswer::Public { conversation: Box::new(result.conversation.into()) }
            }
            Answer::ConversationListPublic(ConversationListPublicResult { conversations, more }) => {
                let next = conversations.last().filter(|_| more).map(|row| row.sid.to_string());
                let conversations = conversations.into_iter().map(PublicView::from).collect();
                CommandAnswer::Directory { conversations, next }
            }
            Answer::ConversationListLeft(ConversationListLeftResult { left, more }) => {
                let next = left.last().filter(|_| more).map(|me| me.conversation.to_string());
                let conversations = left.into_iter().map(LeftView::from).collect();
                CommandAnswer::Left { conversations, next }
            }
            Answer::UserList(result) => self.people_page(&result),
            Answer::InviteCreate(InviteCreateResult { invite, link }) => {
                CommandAnswer::Invite { sid: invite.sid.to_string(), link, expires_at: invite.expires_at }
            }
            Answer::MessagePage(page) => self.files_listed(&page),
            Answer::MessageReceipts(found) => self.receipts(found),
            Answer::NonChatList(found) => {
                let people = found.participants.into_iter();
                let view = |person: NonChatParticipant| OutsiderView {
                    sid: person.sid.to_string(),
                    means: person.kind,
                    address: person.address,
                };
                CommandAnswer::Outsiders { people: people.map(view).collect() }
            }
            Answer::MediaUrls(MediaUrlsResult { urls, .. }) => {
                CommandAnswer::MediaUrls { urls: urls.into_iter().map(|url| url.url).collect() }
            }
            Answer::MediaLimits(limits) => {
                let MediaLimitsResult { file_bytes, per_message, allowed_types, denied_types, .. } = limits;
                CommandAnswer::FileLimits { file_bytes, per_message, allowed_types, denied_types }
            }
            Answer::DeviceList(DeviceListResult { mut devices }) => {
                // What is being signed out is as good as gone.
                devices.retain(|device| !self.outbox.revokes(device.sid));
                CommandAnswer::Devices { devices }
            }
            _ => CommandAnswer::Done,
        }
    }

    fn receipts(&self, found: MessageReceiptsResult) -> CommandAnswer {
        let view = |receipt: confab_protocol::model::DetailedReceipt| ReceiptView {
            sid: receipt.participant.to_string(),
            name: receipt.identity.as_ref().map(|identity| self.people.name(identity)).unwrap_or_default(),
            identity: receipt.identity,
            read: receipt.status == DeliveryStatus::Read,
            at: receipt.date_updated,
        };
        CommandAnswer::Receipts {
            total: found.aggregated.total,
            receipts: found.receipts.into_iter().map(view).collect(),
            next: found.next.map(|participant| participant.to_string()),
        }
    }
}
