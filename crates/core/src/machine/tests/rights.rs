//! What one may do follows from roles and flags, and changes with them at once.

use confab_protocol::event::Signal;
use confab_protocol::model::{NamedRole, ParticipantFlags, Role, RoleType, UserConversation, UserStatus};
use confab_protocol::permission::built_in_roles;
use confab_protocol::{Change, ErrorCode, LogEvent, Push, RoleSid, WireError};
use expect_test::expect;
use serde_json::json;
use uuid::Uuid;

use super::rig::{Rig, changed, conversation, event, own, row};
use super::{check_connected, check_open};
use crate::command::Command;
use crate::testing::{self, participant};
use crate::view::{PresenceState, ViewDiff};
use crate::{Event, Timer};

const GUEST: RoleSid = RoleSid(Uuid::from_u128(0xb));

fn guest(permissions: &[&str]) -> NamedRole {
    NamedRole {
        sid: GUEST,
        kind: RoleType::Conversation,
        friendly_name: "Guest".into(),
        permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
        built_in: false,
    }
}

fn roles(from: u64, permissions: &[&str]) -> Signal {
    Signal::RolesChanged { from, to: from + 1, roles: vec![guest(permissions)], removed: Vec::new() }
}

/// Ingrid's own row with another role.
fn with_role(role: RoleSid) -> UserConversation {
    UserConversation { role_sid: Some(role), ..own(4, Some(1), 1, 5) }
}

/// Who may be changed by oneself, and what they may do as it is shown.
fn shown(rig: &Rig) -> Vec<(String, bool, ParticipantFlags)> {
    let roster = rig.machine.snapshot().into_iter().find_map(|diff| match diff {
        ViewDiff::Roster { upsert, .. } => Some(upsert),
        _ => None,
    });
    let mut rows: Vec<_> =
        roster.unwrap().into_iter().map(|row| (row.identity, row.can_change, row.flags)).collect();
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows
}

fn can_edit(rig: &Rig) -> Vec<(bool, bool)> {
    let rows = rig.machine.snapshot().into_iter().find_map(|diff| match diff {
        ViewDiff::Timeline { upsert, .. } => Some(upsert),
        _ => None,
    });
    rows.unwrap().iter().map(|row| (row.can_edit, row.can_remove)).collect()
}

#[test]
fn a_made_role_takes_the_right_to_write_and_a_change_of_it_gives_it_back() {
    check_open(
        |rig| {
            rig.signal(roles(0, &["leaveConversation"]));
            rig.note("she has it now");
            rig.signal(changed(vec![with_role(GUEST)]));
            rig.note("it gives more");
            rig.signal(roles(1, &["sendMessage", "editAnyMessage"]));
            assert_eq!(can_edit(rig), [(true, false); 3]);
            rig.note("told twice");
            rig.signal(roles(1, &[]));
        },
        &expect![[r#"
            cache: meta at Some(41), state 3
            = roles Guest: leaveConversation
            # she has it now
            cache: conversation CHc unread 1 log Some(5), meta at Some(41), state 4
            = rights ["leave"]
            # it gives more
            cache: meta at Some(41), state 4
            = roles Guest: sendMessage editAnyMessage
            = rights ["send"]
            = timeline
                + 2000 0 Aiko Mori: "zero" Sent
                + 2001 1 Aiko Mori: "one" Sent
                + 2002 2 Aiko Mori: "two" Sent
            # told twice
        "#]],
    );
}

#[test]
fn roles_that_are_not_the_newest_are_asked_for_once_and_outlast_a_restart() {
    check_connected(
        |rig| {
            rig.signal(roles(3, &["sendMessage"]));
            let beat = |roles_version| Signal::Heartbeat {
                heads: Vec::new(),
                number: 0,
                state_version: None,
                roles_version,
                people: None,
            };
            rig.signal(beat(Some(4)));
            let mut all = built_in_roles();
            all.push(guest(&["sendMessage"]));
            rig.reply("role.list", json!({ "as_of": 4, "roles": all }));
            rig.signal(beat(Some(4)));
            rig.note("the server knows no roles");
            rig.signal(beat(Some(5)));
            rig.refuse("role.list", WireError::new(ErrorCode::UnknownMethod));
        },
        &expect![[r#"
            -> role.list {}
            cache: meta at Some(41), state 3
            = roles Guest: sendMessage
            # the server knows no roles
            -> role.list {}
        "#]],
    );
}

#[test]
fn what_others_may_do_is_shown_as_wished_and_only_changed_by_those_who_may() {
    check_open(
        |rig| {
            let all = |rig: &Rig| shown(rig).iter().map(|row| row.1).collect::<Vec<_>>();
            assert_eq!(all(rig), [false, false]);
            rig.signal(changed(vec![UserConversation { role: Role::Owner, ..with_role(RoleSid::OWNER) }]));
            assert_eq!(all(rig), [true, true]);
            let flags = ParticipantFlags { can_edit: true, ..ParticipantFlags::default() };
            let set = Command::SetFlags { conversation: conversation(), identity: "Aiko".into(), flags };
            rig.command(set.clone());
            assert_eq!(shown(rig)[0].2, flags);
            rig.refuse("participant.update", WireError::new(ErrorCode::Forbidden));
            assert!(shown(rig)[0].2.can_write);
            rig.command(set);
            let mut aiko = participant("Aiko", 3);
            aiko.flags = Some(flags);
            rig.reply("participant.update", json!({ "participant": aiko }));
            let role = GUEST.to_string();
            rig.command(Command::GiveRole { conversation: conversation(), identity: "Aiko".into(), role });
            assert_eq!(
                shown(rig)[0].2,
                ParticipantFlags::default(),
                "a role that is not known gives nothing"
            );
            let role = "nonsense".to_owned();
            rig.command(Command::GiveRole { conversation: conversation(), identity: "Aiko".into(), role });
        },
        &expect![[r#"
            cache: conversation CHc unread 1 log Some(5), meta at Some(41), state 4
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            = rights ["add_participant", "configure", "delete", "leave", "remove_participant", "rename", "send", "send_media", "set_role"]
            = timeline
                + 2000 0 Aiko Mori: "zero" Sent
                + 2001 1 Aiko Mori: "one" Sent
                + 2002 2 Aiko Mori: "two" Sent
            = roster +["Aiko Mori", "Ingrid S."] -0 complete true
            disk 0: put a01 set_flags in CHc "released"
            = roster +["Aiko Mori"] -0 complete true
            answer 1: {"kind":"done"}
            -> participant.update {"client_id":"a01","conversation":"CHc","flags":{"can_edit":true,"can_edit_all":false,"can_manage_participants":false,"can_remove":false,"can_remove_all":false,"can_write":false,"owner":false},"identity":"Aiko"}
            disk 1: put a01 set_flags in CHc "refused"
            = stuck
                a01 set_flags "Aiko" in "Release": forbidden
            = roster +["Aiko Mori"] -0 complete true
            disk 2: put a02 set_flags in CHc "released"
            = roster +["Aiko Mori"] -0 complete true
            answer 1: {"kind":"done"}
            -> participant.update {"client_id":"a02","conversation":"CHc","flags":{"can_edit":true,"can_edit_all":false,"can_manage_participants":false,"can_remove":false,"can_remove_all":false,"can_write":false,"owner":false},"identity":"Aiko"}
            disk 3: put a02 set_flags in CHc "acknowledged"
            cache: participant Aiko v3
            disk 4: put a03 give_role in CHc "released"
            = roster +["Aiko Mori"] -0 complete true
            answer 1: {"kind":"done"}
            -> participant.update {"client_id":"a03","conversation":"CHc","identity":"Aiko","role_sid":"RLb"}
            answer 1: error {"code":"not_found","params":{"what":"role"}}
        "#]],
    );
}

#[test]
fn a_status_is_shown_at_once_and_that_of_others_as_soon_as_it_is_told() {
    check_open(
        |rig| {
            rig.command(Command::SetStatus { status: Some(UserStatus::Busy) });
            let mut me = testing::user("Ingrid", "Ingrid S.", 2);
            me.status = Some(UserStatus::Busy);
            rig.reply("user.set_status", json!({ "user": me }));
            let mut aiko = testing::user("Aiko", "Aiko Mori", 2);
            aiko.status = Some(UserStatus::Away);
            rig.signal(Signal::UserChanged { users: vec![aiko] });
            let people = rig.machine.snapshot().into_iter().find_map(|diff| match diff {
                ViewDiff::People { upsert } => Some(upsert),
                _ => None,
            });
            let aiko = people.unwrap().into_iter().find(|person| person.identity == "Aiko").unwrap();
            assert_eq!(aiko.presence, Some(PresenceState::Away));
            rig.command(Command::SetStatus { status: Some(UserStatus::Unknown) });
        },
        &expect![[r#"
            disk 0: put a01 set_status in  "released"
            = session "Ingrid S." in "Fjordline"
            answer 1: {"kind":"done"}
            -> user.set_status {"client_id":"a01","status":"busy"}
            disk 1: put a01 set_status in  "acknowledged"
            cache: user Ingrid, meta at Some(41), state 3
            cache: user Aiko
            = people Aiko=Aiko Mori Some(Away)
            = roster +["Aiko Mori"] -0 complete true
            answer 1: error {"code":"invalid_params","params":{"field":"status","reason":"no such status"}}
        "#]],
    );
}

#[test]
fn people_receipts_and_roles_are_asked_for_while_one_waits() {
    check_open(
        |rig| {
            rig.command(Command::ListPeople { query: Some(" ai ".into()), after: None });
            let next = testing::user("Aiko", "Aiko Mori", 1).sid;
            rig.reply(
                "user.list",
                json!({ "users": [testing::user("Aiko", "Aiko Mori", 1)], "more": true, "next": next }),
            );
            let message = testing::message(1, 4, "").client_id.to_string();
            rig.command(Command::ListReceipts { conversation: conversation(), message, after: None });
            let aiko = participant("Aiko", 1);
            rig.reply("message.receipts", json!({
                "aggregated": { "total": 1, "sent": "all", "delivered": "all", "read": "all", "undelivered": "none", "failed": "none" },
                "receipts": [{ "sid": format!("DY{:032x}", 1), "date_created": 5, "participant": aiko.sid, "identity": "Aiko", "status": "read", "date_updated": 7 }],
            }));
            rig.command(Command::ListOutsiders { conversation: conversation() });
            let sid = format!("MB{:032x}", 9);
            rig.reply("participant.list_non_chat", json!({
                "as_of": 4,
                "participants": [{ "sid": sid, "type": "sms", "address": "+4755010203", "proxy_address": "+4755010200", "date_created": 5, "date_updated": 5 }],
            }));
            let change = Change::ConversationUpdated(Box::new(row(6)));
            let changed = vec!["non_chat_participants".to_owned()];
            rig.push(&Push::Log(LogEvent { changed, ..event(6, change) }));
            rig.command(Command::CreateRole {
                name: " Guest ".into(),
                place: RoleType::Conversation,
                permissions: vec!["sendMessage".into()],
            });
            rig.refuse("role.create", WireError::new(ErrorCode::Forbidden));
            rig.command(Command::CreateRole {
                name: " ".into(),
                place: RoleType::Conversation,
                permissions: Vec::new(),
            });
            rig.feed(Event::Lost);
            rig.command(Command::DeleteRole { role: GUEST.to_string() });
        },
        &expect![[r#"
            -> user.list {"query":"ai"}
            timer Waiting 5000
            answer 1: {"kind":"people","people":[{"identity":"Aiko","sid":"US2a48753ac","name":"Aiko Mori","presence":"online","role":null,"attributes":{},"deactivated":false}],"next":"US2a48753ac"}
            -> message.receipts {"conversation":"CHc","message":"IM1001"}
            answer 1: {"kind":"receipts","total":1,"receipts":[{"sid":"MB2a48753ac","identity":"Aiko","name":"Aiko Mori","read":true,"at":7}],"next":null}
            -> participant.list_non_chat {"conversation":"CHc"}
            answer 1: {"kind":"outsiders","people":[{"sid":"MB9","means":"sms","address":"+4755010203"}]}
            cache: conversation CHc unread 1 log Some(6)
            = outsiders
            -> role.create {"client_id":"a01","friendly_name":"Guest","permissions":["sendMessage"]}
            answer 1: error {"code":"forbidden","params":{}}
            answer 1: error {"code":"invalid_params","params":{"field":"friendly_name","reason":"empty"}}
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            = people Aiko=Aiko Mori None
            = roster +["Aiko Mori"] -0 complete true
            answer 1: error {"code":"offline","params":{}}
        "#]],
    );
}

#[test]
fn marking_read_goes_to_the_newest_message_and_everywhere_only_where_something_is_unread() {
    check_connected(
        |rig| {
            rig.command(Command::MarkAllRead);
            rig.timer(Timer::Horizons);
            rig.command(Command::MarkRead { conversation: conversation() });
        },
        &expect![[r#"
            timer Horizons 1000
            = list
                + CHc "Release" unread 0 Aiko Mori: "two"
            = total 0 @0
            answer 1: {"kind":"done"}
            disk 0: put a01 horizon Advance Some(2) on 3 in CHc "released"
            -> horizon.set {"based_on":3,"client_id":"a01","conversation":"CHc","index":2,"mode":"advance"}
            answer 1: {"kind":"done"}
        "#]],
    );
}
