//! Every method with parameters that are right, to be made wrong.

use serde_json::{Value, json};

use super::super::harness::id;
use super::stage::Stage;

/// A method, parameters that are right but for their `client_id`, and the fields that must be there.
pub(super) struct Right {
    pub(super) method: &'static str,
    pub(super) params: Value,
    pub(super) required: &'static [&'static str],
}

fn right(method: &'static str, params: Value, required: &'static [&'static str]) -> Right {
    Right { method, params, required }
}

/// Every method with parameters that are right.
pub(super) fn table(stage: &Stage) -> Vec<Right> {
    let Stage { room, seat, contact, message, role, invite, device, file, .. } = stage;
    let one = json!({"sid": message});
    let user = &stage.aiko.hello["user"]["sid"];
    let in_room = json!({"conversation": room});
    vec![
        right(
            "hello",
            json!({"versions": {"min": 1, "max": 1}, "token": "t", "capabilities": [], "client": "a test"}),
            &["versions", "token"],
        ),
        right("ping", json!({}), &[]),
        right("token.renew", json!({"token": "t"}), &["token"]),
        right(
            "resume",
            json!({"epoch": stage.ingrid.hello["epoch"], "cursor": 0, "limit": 9, "state_version": 0}),
            &["epoch", "cursor"],
        ),
        right("conversation.list", json!({"after": "1", "limit": 9, "state_version": 0}), &[]),
        right("conversation.get", in_room.clone(), &["conversation"]),
        right("conversation.get", json!({"unique_name": "quay"}), &["unique_name"]),
        right("conversation.get_many", json!({"conversations": [room]}), &["conversations"]),
        right("conversation.peek", in_room.clone(), &["conversation"]),
        right("conversation.list_public", json!({"after": room, "limit": 9}), &[]),
        right("conversation.list_left", json!({"after": room, "limit": 9}), &[]),
        right("conversation.counts", in_room.clone(), &["conversation"]),
        right(
            "conversation.create",
            json!({"client_id": id(), "friendly_name": "Quay", "unique_name": "quay", "uber": false, "direct": false,
                "public_join": false, "participants": [{"identity": "Aiko"}], "state": "active",
                "timers": {"inactive": "PT5M"}, "attributes": {"a": 1}}),
            &["client_id"],
        ),
        right(
            "conversation.update",
            json!({"client_id": id(), "conversation": room, "friendly_name": "Quay", "unique_name": "quay",
                "public_join": true, "state": "inactive", "timers": {"closed": "PT5M"},
                "attributes": {"a": 1}}),
            &["client_id", "conversation"],
        ),
        right(
            "conversation.join",
            json!({"client_id": id(), "conversation": room}),
            &["client_id", "conversation"],
        ),
        right(
            "conversation.delete",
            json!({"client_id": id(), "conversation": room}),
            &["client_id", "conversation"],
        ),
        right(
            "conversation.set_notification_level",
            json!({"client_id": id(), "conversation": room, "level": "muted"}),
            &["client_id", "conversation", "level"],
        ),
        right(
            "participant.list",
            json!({"conversation": room, "after_version": 1, "limit": 9}),
            &["conversation"],
        ),
        right(
            "participant.list",
            json!({"conversation": room, "after": seat, "limit": 9}),
            &["conversation"],
        ),
        right(
            "participant.add",
            json!({"client_id": id(), "conversation": room, "identity": "Bo", "attributes": {"a": 1}}),
            &["client_id", "conversation", "identity"],
        ),
        right(
            "participant.update",
            json!({"client_id": id(), "conversation": room, "identity": "Aiko", "role_sid": role,
                "flags": {"can_write": true}}),
            &["client_id", "conversation", "identity"],
        ),
        right(
            "participant.update",
            json!({"client_id": id(), "conversation": room, "participant": seat, "role": "owner",
                "attributes": {"a": 1}}),
            &["client_id", "conversation", "participant"],
        ),
        right(
            "participant.remove",
            json!({"client_id": id(), "conversation": room, "identity": "Aiko"}),
            &["client_id", "conversation", "identity"],
        ),
        right(
            "participant.remove",
            json!({"client_id": id(), "conversation": room, "participant": seat}),
            &["client_id", "conversation", "participant"],
        ),
        right("participant.list_non_chat", in_room.clone(), &["conversation"]),
        right(
            "participant.add_non_chat",
            json!({"client_id": id(), "conversation": room, "type": "sms", "address": "+47 2",
                "proxy_address": "+47 3", "name": "Ida", "level": "cc", "attributes": {"a": 1}}),
            &["client_id", "conversation", "type", "address"],
        ),
        right(
            "participant.update_non_chat",
            json!({"client_id": id(), "conversation": room, "participant": contact, "attributes": {"a": 1}}),
            &["client_id", "conversation", "participant", "attributes"],
        ),
        right(
            "participant.remove_non_chat",
            json!({"client_id": id(), "conversation": room, "participant": contact}),
            &["client_id", "conversation", "participant"],
        ),
        right("role.list", json!({}), &[]),
        right(
            "role.create",
            json!({"client_id": id(), "friendly_name": "Host", "type": "workspace", "permissions": ["joinConversation"]}),
            &["client_id", "friendly_name", "type", "permissions"],
        ),
        right(
            "role.update",
            json!({"client_id": id(), "role": role, "friendly_name": "Host", "permissions": []}),
            &["client_id", "role"],
        ),
        right("role.delete", json!({"client_id": id(), "role": role}), &["client_id", "role"]),
        right(
            "message.send",
            json!({"client_id": id(), "conversation": room, "body": "Hello", "type": "text", "subject": "Tide",
                "relates_to": message, "mentions": ["Aiko"], "after": id(), "attributes": {"a": 1}}),
            &["client_id", "conversation", "body"],
        ),
        right(
            "message.send",
            json!({"client_id": id(), "conversation": room, "body": "", "media": [file]}),
            &["client_id", "conversation", "body"],
        ),
        right(
            "message.edit",
            json!({"client_id": id(), "conversation": room, "message": one, "body": "Else", "subject": "Ebb",
                "attributes": {"a": 1}}),
            &["client_id", "conversation", "message"],
        ),
        right(
            "message.remove",
            json!({"client_id": id(), "conversation": room, "message": one}),
            &["client_id", "conversation", "message"],
        ),
        right(
            "message.page",
            json!({"conversation": room, "anchor": 1, "direction": "forward", "limit": 9}),
            &["conversation"],
        ),
        right(
            "message.receipts",
            json!({"conversation": room, "message": message, "after": seat, "limit": 9}),
            &["conversation", "message"],
        ),
        right(
            "message.report",
            json!({"client_id": id(), "conversation": room, "message": message, "participant": stage.contact,
                "status": "delivered", "error_code": 0, "channel_message_sid": "SM1",
                "channel_metadata": {"type": "sms", "data": 1}}),
            &["client_id", "conversation", "message", "participant", "status"],
        ),
        right(
            "event.range",
            json!({"conversation": room, "after": 1, "limit": 9}),
            &["conversation", "after"],
        ),
        right(
            "event.replay",
            json!({"conversation": room, "from": 1, "to": 3}),
            &["conversation", "from", "to"],
        ),
        right(
            "event.replay",
            json!({"conversation": room, "from": 1, "count": 2}),
            &["conversation", "from", "count"],
        ),
        right(
            "horizon.set",
            json!({"client_id": id(), "conversation": room, "index": 0, "mode": "advance", "based_on": 99}),
            &["client_id", "conversation", "index", "mode", "based_on"],
        ),
        right(
            "horizon.set",
            json!({"client_id": id(), "conversation": room, "seq": 1, "mode": "advance", "based_on": 99}),
            &["client_id", "conversation", "seq", "mode", "based_on"],
        ),
        right("unread.get", json!({"conversations": [room]}), &["conversations"]),
        right("typing.start", in_room, &["conversation"]),
        right("interest.set", json!({"open": room, "rows": [room], "rosters": true}), &[]),
        right("presence.subscribe", json!({"identities": ["Aiko"]}), &["identities"]),
        right("user.list", json!({"query": "a", "after": user, "limit": 9}), &[]),
        right("user.set_status", json!({"client_id": id(), "status": "online"}), &["client_id"]),
        right("user.get", json!({"identities": ["Aiko"], "users": [user]}), &[]),
        right(
            "user.update",
            json!({"client_id": id(), "user": user, "friendly_name": "A", "attributes": {"a": 1},
                "role": "RL00000000000000000000000000000002"}),
            &["client_id"],
        ),
        right(
            "user.set_password",
            json!({"client_id": id(), "current": "c", "password": "long enough"}),
            &["client_id", "password"],
        ),
        right(
            "invite.create",
            json!({"client_id": id(), "expires_in_ms": 60_000, "max_uses": 1}),
            &["client_id"],
        ),
        right("invite.revoke", json!({"client_id": id(), "invite": invite}), &["client_id", "invite"]),
        right("invite.list", json!({}), &[]),
        right("device.list", json!({}), &[]),
        right("device.revoke", json!({"client_id": id(), "device": device}), &["client_id", "device"]),
        right(
            "push.register",
            json!({"client_id": id(), "type": "fcm", "token": "t", "events": ["message.added"]}),
            &["client_id", "type", "token"],
        ),
        right("push.unregister", json!({"client_id": id(), "device": device}), &["client_id"]),
        right(
            "draft.set",
            json!({"client_id": id(), "conversation": room, "body": "Half", "based_on": 1}),
            &["client_id", "conversation", "body"],
        ),
        right(
            "setting.set",
            json!({"client_id": id(), "key": "theme", "value": "dark"}),
            &["client_id", "key"],
        ),
        right("media.urls", json!({"media": [file]}), &["media"]),
        right("media.limits", json!({}), &[]),
    ]
}
