//! Roles and devices.

use confab_protocol::model::Role;
use confab_protocol::{ErrorCode, WireError};
use expect_test::expect;
use serde_json::json;

use super::rig::conversation;
use super::{check_connected, check_open};
use crate::command::Command;
use crate::testing::participant;

#[test]
fn a_role_is_shown_at_once_and_taken_back_when_it_is_refused() {
    check_open(
        |rig| {
            let role =
                |role| Command::SetRole { conversation: conversation(), identity: "Aiko".into(), role };
            rig.command(role(Role::Owner));
            assert_eq!(
                rig.roles(),
                [("Aiko".to_owned(), Role::Owner), ("Ingrid".to_owned(), Role::Participant)]
            );
            rig.refuse("participant.update", WireError::new(ErrorCode::Forbidden));
            assert_eq!(rig.roles()[0].1, Role::Participant);
            rig.command(role(Role::Owner));
            let mut aiko = participant("Aiko", 3);
            aiko.role = Role::Owner;
            rig.reply("participant.update", json!({ "participant": aiko }));
            assert_eq!(rig.roles()[0].1, Role::Owner);
            rig.command(role(Role::Unknown));
        },
        &expect![[r#"
            disk 0: put a01 set_role in CHc "released"
            = roster +["Aiko Mori"] -0 complete true
            answer 1: {"kind":"done"}
            -> participant.update {"client_id":"a01","conversation":"CHc","identity":"Aiko","role":"owner"}
            disk 1: put a01 set_role in CHc "refused"
            = stuck
                a01 set_role "Aiko" in "Release": forbidden
            = roster +["Aiko Mori"] -0 complete true
            disk 2: put a02 set_role in CHc "released"
            = roster +["Aiko Mori"] -0 complete true
            answer 1: {"kind":"done"}
            -> participant.update {"client_id":"a02","conversation":"CHc","identity":"Aiko","role":"owner"}
            disk 3: put a02 set_role in CHc "acknowledged"
            cache: participant Aiko v3
            answer 1: error {"code":"invalid_params","params":{"field":"role","reason":"no such role"}}
        "#]],
    );
}

#[test]
fn a_device_that_is_being_signed_out_is_listed_no_more() {
    check_connected(
        |rig| {
            let device = |number: u32, name: &str| json!({ "sid": format!("DV{number:032x}"), "name": name, "date_created": 1, "last_seen": 2, "current": number == 3 });
            rig.command(Command::RevokeDevice { device: format!("DV{:032x}", 4) });
            rig.command(Command::ListDevices);
            rig.reply("device.list", json!({ "devices": [device(3, "Desk"), device(4, "Lost laptop")] }));
            rig.reply("device.revoke", json!({}));
            rig.command(Command::RevokeDevice { device: "nonsense".into() });
        },
        &expect![[r#"
            disk 0: put a01 revoke_device in  "released"
            answer 1: {"kind":"done"}
            -> device.revoke {"client_id":"a01","device":"DV4"}
            -> device.list {}
            timer Waiting 5000
            answer 1: {"kind":"devices","devices":[{"sid":"DV3","name":"Desk","date_created":1,"last_seen":2,"current":true}]}
            disk 1: put a01 revoke_device in  "acknowledged"
            answer 1: error {"code":"not_found","params":{"what":"device"}}
        "#]],
    );
}
