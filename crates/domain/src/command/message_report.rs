//! `message.report`: how far a message has come with somebody who takes part by other means, as whoever connects the two says.

use confab_protocol::method::{MessageRef, MessageReportParams, MessageReportResult};
use confab_protocol::model::DeliveryStatus;
use confab_protocol::{Answer, Change, ErrorCode, Timestamp, WireError, limits};

use super::message_ref;
use crate::cx::{Cx, Done, Member, limit_reached, member};
use crate::permission::Permission;
use crate::row::{ConversationRow, EventKind, MessageRow, ReceiptRow};
use crate::{Actor, DomainResult, NonChatChange, Read, Tx, check, name, receipts, view};

/// What a log event names as changed.
const CHANGED: [&str; 1] = ["receipts"];

pub(crate) fn run(cx: &mut Cx<'_>, params: &MessageReportParams) -> DomainResult<Done> {
    let said = Said::of(params)?;
    let member = cx.member(params.conversation)?;
    member.authorise(Permission::AddNonChatParticipant)?;
    let mut message = message_ref::find(cx, &member, MessageRef::Sid(params.message))?;
    member.open()?;
    if message.removed {
        return Err(ErrorCode::MessageRemoved.into());
    }
    let Member { mut conversation, .. } = member;
    let held = held(cx.tx, &message, params)?;
    let row = said.on_top_of(held.as_ref(), &message, params, cx.now);
    let receipt = receipts::reported(&row, &message)?;
    if held.as_ref() != Some(&row) {
        cx.tx.put_receipt(&row)?;
        write(cx, &mut conversation, &mut message)?;
        let (message, receipt) = (message.sid, receipt.clone());
        cx.tell_non_chat(conversation.sid, NonChatChange::Reported { message, receipt });
    }
    let answer = Answer::MessageReport(MessageReportResult { receipt });
    Ok(Done { answer, subject: message.sid.0 })
}

/// What a report says, checked.
struct Said {
    channel_message_sid: Option<String>,
    channel_metadata: Option<String>,
}

impl Said {
    fn of(params: &MessageReportParams) -> Result<Self, WireError> {
        if params.status == DeliveryStatus::Unknown {
            return Err(WireError::invalid("status", "no such status"));
        }
        let sid = params.channel_message_sid.as_deref().unwrap_or_default();
        let channel_message_sid = name::optional("channel_message_sid", sid, limits::CHANNEL_SID_CHARS)?;
        let metadata = params.channel_metadata.as_ref();
        let channel_metadata = metadata.map(|metadata| {
            check::kind(&metadata.kind)?;
            let value = serde_json::json!({"type": metadata.kind, "data": metadata.data});
            check::json("channel_metadata", &value, limits::ATTRIBUTES_BYTES)
        });
        Ok(Self {
            channel_message_sid: channel_message_sid.map(str::to_owned),
            channel_metadata: channel_metadata.transpose()?,
        })
    }

    /// The row after this report. A status behind the one that stands was overtaken; what is not said stays.
    fn on_top_of(
        self,
        held: Option<&ReceiptRow>,
        message: &MessageRow,
        params: &MessageReportParams,
        now: Timestamp,
    ) -> ReceiptRow {
        let mut row = held.cloned().unwrap_or(ReceiptRow {
            conversation: message.conversation,
            index: message.index,
            participant: params.participant,
            status: params.status,
            channel_message_sid: None,
            error_code: 0,
            channel_metadata: None,
            date_created: now,
            date_updated: now,
        });
        let before = row.clone();
        if receipts::rank(params.status) > receipts::rank(row.status) {
            row.status = params.status;
        }
        row.error_code = params.error_code.unwrap_or(row.error_code);
        row.channel_message_sid = self.channel_message_sid.or(row.channel_message_sid);
        row.channel_metadata = self.channel_metadata.or(row.channel_metadata);
        if row != before {
            row.date_updated = now;
        }
        row
    }
}

/// What was reported of this copy before. Only of those who are in the conversation anything is reported.
fn held(
    read: &(impl Read + ?Sized),
    message: &MessageRow,
    params: &MessageReportParams,
) -> DomainResult<Option<ReceiptRow>> {
    let present = read.non_chat(message.conversation, limits::NON_CHAT_PARTICIPANTS)?;
    if !present.iter().any(|row| row.sid == params.participant) {
        return Err(WireError::not_found("participant").into());
    }
    let rows = read.receipts(message.conversation, message.index, limits::NON_CHAT_PARTICIPANTS)?;
    let is_full = rows.len() == limits::NON_CHAT_PARTICIPANTS;
    let found = rows.into_iter().find(|row| row.participant == params.participant);
    if found.is_none() && is_full {
        return Err(limit_reached("receipts", limits::NON_CHAT_PARTICIPANTS as u64).into());
    }
    Ok(found)
}

/// Tells of it as of a change of the message, whose text and date stay what they are.
fn write(cx: &mut Cx<'_>, conversation: &mut ConversationRow, message: &mut MessageRow) -> DomainResult<()> {
    message.version = cx.append(conversation, EventKind::MessageEdited, message.sid.0, &CHANGED)?;
    cx.tx.update_message(message)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    let change = Change::MessageEdited(Box::new(view::message(message)?));
    message_ref::tell(cx, conversation, message.index, &CHANGED, change)
}

/// The receipt as it stands, for those who are still in the conversation.
pub(crate) fn replay(actor: &Actor, params: &MessageReportParams, tx: &dyn Tx) -> DomainResult<Answer> {
    member(tx, actor.user, params.conversation)?;
    let message = tx.message(params.message)?.ok_or_else(|| WireError::not_found("message"))?;
    if message.removed {
        return Err(ErrorCode::MessageRemoved.into());
    }
    let rows = tx.receipts(message.conversation, message.index, limits::NON_CHAT_PARTICIPANTS)?;
    let row = rows.into_iter().find(|row| row.participant == params.participant);
    let row = row.ok_or_else(|| WireError::not_found("participant"))?;
    Ok(Answer::MessageReport(MessageReportResult { receipt: receipts::reported(&row, &message)? }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        MessageReceiptsParams, MessageReceiptsResult, MessageReportParams, NonChatAddParams,
    };
    use confab_protocol::model::{ChannelMetadata, DeliveryAmount, DeliveryStatus, DetailedReceipt, Message};
    use confab_protocol::{Answer, Call, ConversationSid, ErrorCode, ParticipantSid, limits};
    use confab_testkit::World;
    use confab_testkit::domain::store::Read as _;
    use confab_testkit::domain::{Actor, Event, NonChatChange, Scan as _, verify};
    use serde_json::json;

    fn phone(world: &mut World, room: ConversationSid, address: &str) -> ParticipantSid {
        let (client_id, kind, address) = (world.client_id(), "sms".to_owned(), address.to_owned());
        let params = NonChatAddParams {
            client_id,
            conversation: room,
            kind,
            address,
            proxy_address: None,
            name: None,
            level: None,
            attributes: None,
        };
        match world.call(&world.owner.clone(), &Call::NonChatAdd(params)) {
            Ok(Answer::NonChatAdd(made)) => made.participant.sid,
            other => panic!("not added: {other:?}"),
        }
    }

    fn report(
        world: &mut World,
        message: &Message,
        participant: ParticipantSid,
        status: DeliveryStatus,
    ) -> MessageReportParams {
        MessageReportParams {
            client_id: world.client_id(),
            conversation: message.conversation,
            message: message.sid,
            participant,
            status,
            channel_message_sid: None,
            error_code: None,
            channel_metadata: None,
        }
    }

    fn reported(world: &mut World, params: MessageReportParams) -> DetailedReceipt {
        match world.call(&world.owner.clone(), &Call::MessageReport(params)) {
            Ok(Answer::MessageReport(result)) => result.receipt,
            other => panic!("not taken: {other:?}"),
        }
    }

    fn receipts(world: &mut World, by: &Actor, message: &Message) -> MessageReceiptsResult {
        let (conversation, sid) = (message.conversation, message.sid);
        let params = MessageReceiptsParams { conversation, message: sid, after: None, limit: None };
        match world.call(by, &Call::MessageReceipts(params)) {
            Ok(Answer::MessageReceipts(found)) => found,
            other => panic!("no receipts: {other:?}"),
        }
    }

    #[test]
    fn a_report_goes_only_forward_and_the_log_says_so() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let ship = phone(&mut world, room, "+47 1");
        let message = world.say(&olga, room, "hello");
        let by_ana = Call::MessageReport(report(&mut world, &message, ship, DeliveryStatus::Sent));
        assert_eq!(world.refused(&ana, &by_ana).code, ErrorCode::Forbidden);
        let params = MessageReportParams {
            channel_message_sid: Some("SM1".into()),
            channel_metadata: Some(ChannelMetadata { kind: "sms".into(), data: json!({"parts": 2}) }),
            ..report(&mut world, &message, ship, DeliveryStatus::Delivered)
        };
        let call = Call::MessageReport(params);
        let events = world.events(&olga, &call);
        let [Event::Log { event, .. }, Event::NonChat { change, .. }] = &events[..] else {
            panic!("not a message and a report: {events:?}")
        };
        assert_eq!(event.changed, ["receipts"]);
        let receipt = receipts(&mut world, &ana, &message).receipts.remove(0);
        assert_eq!(*change, NonChatChange::Reported { message: message.sid, receipt });
        assert_eq!(world.events(&olga, &call), []);
        // One that was overtaken on its way changes nothing, and nobody is told of it.
        let late = report(&mut world, &message, ship, DeliveryStatus::Sent);
        assert_eq!(world.events(&olga, &Call::MessageReport(late)), []);
        let params = report(&mut world, &message, ship, DeliveryStatus::Undelivered);
        let failed = reported(&mut world, MessageReportParams { error_code: Some(30_003), ..params });
        assert_eq!((failed.status, failed.error_code), (DeliveryStatus::Undelivered, 30_003));
        assert_eq!(failed.channel_message_sid.as_deref(), Some("SM1"));
        assert_eq!(failed.channel_metadata.as_ref().map(|it| it.data.clone()), Some(json!({"parts": 2})));
        assert!(failed.date_updated > failed.date_created);
        let found = receipts(&mut world, &ana, &message);
        assert_eq!(found.receipts[0], failed);
        let page = world.page(&olga, room);
        assert_eq!((page[0].body.as_deref(), page[0].last_updated_by.as_deref()), (Some("hello"), None));
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn reports_and_horizons_make_one_sum() {
        use DeliveryAmount::{All, None, Some};
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let (one, two) = (phone(&mut world, room, "+47 1"), phone(&mut world, room, "+47 2"));
        let message = world.say(&olga, room, "hello");
        // Whoever comes later gets no copy of it.
        phone(&mut world, room, "+47 3");
        let sum = |world: &mut World| receipts(world, &olga, &message).aggregated;
        assert_eq!((sum(&mut world).total, sum(&mut world).sent), (3, Some));
        let queued = receipts(&mut world, &olga, &message).receipts;
        assert_eq!(
            (queued.len(), queued[0].status, queued[0].identity.clone()),
            (3, DeliveryStatus::Queued, Option::None)
        );
        for phone in [one, two] {
            let params = report(&mut world, &message, phone, DeliveryStatus::Sent);
            reported(&mut world, params);
        }
        assert_eq!((sum(&mut world).sent, sum(&mut world).delivered), (All, None));
        let params = report(&mut world, &message, one, DeliveryStatus::Read);
        reported(&mut world, params);
        let params = report(&mut world, &message, two, DeliveryStatus::Failed);
        reported(&mut world, params);
        let found = sum(&mut world);
        assert_eq!((found.sent, found.delivered, found.read), (Some, Some, Some));
        assert_eq!((found.undelivered, found.failed), (None, Some));
        let call = world.reading(
            &ana,
            room,
            Option::Some(message.index),
            confab_protocol::method::HorizonMode::Advance,
        );
        world.events(&ana, &call);
        assert_eq!((sum(&mut world).read, sum(&mut world).total), (Some, 3));
    }

    #[test]
    fn with_the_message_they_go() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let ship = phone(&mut world, room, "+47 1");
        let message = world.say(&olga, room, "hello");
        let call = Call::MessageReport(report(&mut world, &message, ship, DeliveryStatus::Sent));
        world.events(&olga, &call);
        let nobody = Call::MessageReport(MessageReportParams {
            participant: ParticipantSid(message.sid.0),
            ..report(&mut world, &message, ship, DeliveryStatus::Sent)
        });
        assert_eq!(world.refused(&olga, &nobody).code, ErrorCode::NotFound);
        let erase = world.erasing(&message);
        world.events(&olga, &erase);
        assert_eq!(world.store.scan_receipts(None, 9).expect("a walk"), []);
        assert_eq!(world.refused(&olga, &call).code, ErrorCode::MessageRemoved);
        let late = Call::MessageReport(report(&mut world, &message, ship, DeliveryStatus::Read));
        assert_eq!(world.refused(&olga, &late).code, ErrorCode::MessageRemoved);
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn a_message_has_only_so_many() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let message = world.say(&olga, room, "hello");
        for number in 0..=limits::NON_CHAT_PARTICIPANTS {
            let ship = phone(&mut world, room, &number.to_string());
            let call = Call::MessageReport(report(&mut world, &message, ship, DeliveryStatus::Sent));
            if number == limits::NON_CHAT_PARTICIPANTS {
                assert_eq!(world.refused(&olga, &call).code, ErrorCode::LimitReached);
                break;
            }
            world.events(&olga, &call);
            let client_id = world.client_id();
            let leave = confab_protocol::method::NonChatRemoveParams {
                client_id,
                conversation: room,
                participant: ship,
            };
            world.events(&olga, &Call::NonChatRemove(leave));
        }
        let stored = world.store.receipts(room, message.index, 99).expect("rows");
        assert_eq!(stored.len(), limits::NON_CHAT_PARTICIPANTS);
        // What was reported of those who are gone still counts.
        assert_eq!(
            receipts(&mut world, &olga, &message).aggregated.total,
            limits::NON_CHAT_PARTICIPANTS as u64
        );
    }
}
