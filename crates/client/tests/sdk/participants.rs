//! Participants: who is in it, with what role, and what changes of them.

use confab_client::sdk::{
    ConversationEvent, Error, ErrorCode, Event, ParticipantEvent, ParticipantFlags, ParticipantKind,
    ParticipantUpdateReason as Reason, Role, RoleSid, RoleType,
};
use serde_json::json;

use crate::world::{World, find, say, talk};

/// T006 T049 T073 T079 T080 T081 T082 T132 T133 T134 T135 T136 T137 T141 T142 V026 V057: somebody is added, found, and told of.
#[tokio::test(flavor = "multi_thread")]
async fn participants_are_added_and_found() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let _cleo = world.guest("Cleo").await;
    let (here, there) = talk(&ada, &ben).await;
    let (mut inside, mut events) = (there.subscribe(), ben.subscribe());
    let cleo = here.add("cleo", Some(json!({"shift": "day"}))).await.unwrap();
    let told = find(&mut inside, |event| match event {
        ConversationEvent::ParticipantJoined(them) => (*them == cleo).then(|| them.clone()),
        _ => None,
    })
    .await;
    find(&mut events, |event| matches!(event, Event::ParticipantJoined(them) if *them == told).then_some(()))
        .await;
    assert_eq!((told.sid(), told.identity()), (cleo.sid(), "Cleo".to_owned()));
    assert_eq!((told.attributes(), told.kind()), (json!({"shift": "day"}), ParticipantKind::Chat));
    assert_eq!((told.last_read_message_index(), told.last_read_timestamp()), (None, None));
    assert_eq!(told.role_sid(), Some(RoleSid::PARTICIPANT));
    assert!(told.date_created().0 > 0 && told.date_updated() == told.date_created());
    assert_eq!(told.conversation(), there);
    let mut names: Vec<_> =
        there.participants().await.unwrap().iter().map(confab_client::sdk::Participant::identity).collect();
    names.sort();
    assert_eq!(names, ["Ada", "Ben", "Cleo"]);
    assert_eq!(there.participants_count().await.unwrap(), 3);
    assert_eq!(there.participant_by_sid(cleo.sid()).await.unwrap(), cleo);
    assert_eq!(there.participant_by_identity("CLEO").await.unwrap(), cleo);
    let unknown = there.participant_by_identity("Dora").await;
    assert_eq!(unknown, Err(Error::NotFound { what: "participant" }));
    let twice = here.add("Cleo", None).await.unwrap_err();
    assert_eq!((twice.code(), twice.status()), (Some(ErrorCode::AlreadyParticipant), Some(409)));
    assert!(matches!(here.add(" ", None).await, Err(Error::InvalidArgument { argument: "identity", .. })));
}

/// V035 V037 T087: several at once, and all or nobody.
#[tokio::test(flavor = "multi_thread")]
async fn several_come_and_go_at_once() {
    let world = World::new().await;
    let ada = world.ada().await;
    for name in ["Ben", "Cleo", "Dora"] {
        world.guest(name).await;
    }
    let here = ada.create_conversation().create().await.unwrap();
    assert_eq!(here.add_participants(&["Ben", "ben", "Cleo"]).await.unwrap().len(), 2);
    assert_eq!(here.add_participants(&["Dora", "Nobody"]).await, Err(Error::NotFound { what: "user" }));
    let twice = here.add_participants(&["Dora", "Ben"]).await.unwrap_err();
    assert_eq!(twice.code(), Some(ErrorCode::AlreadyParticipant));
    assert_eq!(here.participants_count().await.unwrap(), 3, "Dora was not added");
    let gone = here.remove_participants(&["Ben", "Dora"]).await;
    assert_eq!(gone, Err(Error::NotFound { what: "participant" }));
    here.remove_participants(&["Ben", "BEN"]).await.unwrap();
    let cleo = here.participant_by_identity("Cleo").await.unwrap();
    here.remove_participant(cleo.sid().to_string().as_str()).await.unwrap();
    let unknown = here.remove_participant("Cleo").await.unwrap_err();
    assert_eq!(unknown.status(), Some(404));
    assert_eq!(here.participants_count().await.unwrap(), 1);
    assert!(matches!(here.add_participants(&[]).await, Err(Error::InvalidArgument { .. })));
}

/// T008 T051 T139 T140 T146 T149 V065 V082: what changes of a participant is told with its reasons, wherever one listens.
#[tokio::test(flavor = "multi_thread")]
async fn changes_of_participants_are_told() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    say(&here, "hello").await;
    let seen = here.participant_by_identity("Ben").await.unwrap();
    let (mut theirs, mut inside, mut events) = (seen.subscribe(), here.subscribe(), ada.subscribe());
    let mine = there.participant_by_identity("Ben").await.unwrap();
    mine.update_attributes(json!({"shift": "day"})).await.unwrap();
    let reasons = find(&mut theirs, |event| match event {
        ParticipantEvent::Updated { reasons } => Some(reasons.clone()),
        _ => None,
    })
    .await;
    assert!(reasons.contains(&Reason::Attributes), "{reasons:?}");
    assert_eq!(seen.attributes(), json!({"shift": "day"}));
    there.set_all_messages_read().await.unwrap();
    let read = |reasons: &[Reason]| reasons.contains(&Reason::LastReadMessageIndex);
    find(&mut theirs, |event| match event {
        ParticipantEvent::Updated { reasons } => read(reasons).then_some(()),
        _ => None,
    })
    .await;
    find(&mut inside, |event| match event {
        ConversationEvent::ParticipantUpdated { participant, reasons } => {
            (*participant == seen && read(reasons)).then_some(())
        }
        _ => None,
    })
    .await;
    find(&mut events, |event| match event {
        Event::ParticipantUpdated { participant, reasons } => {
            (*participant == seen && read(reasons)).then_some(())
        }
        _ => None,
    })
    .await;
    assert_eq!(seen.last_read_message_index(), Some(0));
    assert!(seen.last_read_timestamp().is_some() && seen.last_read_event_sequence() > 0);
}

/// T141 T148 V036 V058 V059 V060 V061 V062 V063 V064: rights come from a role or from flags, and change at once.
#[tokio::test(flavor = "multi_thread")]
async fn rights_come_from_roles_and_flags() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let (owner, them) = (
        here.participant_by_identity("Ada").await.unwrap(),
        here.participant_by_identity("Ben").await.unwrap(),
    );
    let all = ParticipantFlags {
        can_write: true,
        can_edit: true,
        can_edit_all: true,
        can_remove: true,
        can_remove_all: true,
        can_manage_participants: true,
        owner: true,
    };
    assert_eq!(owner.flags().await.unwrap(), all);
    let ordinary = them.flags().await.unwrap();
    assert!(ordinary.can_write && ordinary.can_edit && ordinary.can_remove);
    assert!(!ordinary.can_edit_all && !ordinary.can_remove_all && !ordinary.owner);
    here.edit_participants(&[("Ben", ParticipantFlags { can_write: false, ..ordinary })]).await.unwrap();
    assert!(!them.flags().await.unwrap().can_write);
    them.set_flags(ParticipantFlags { can_edit_all: true, ..them.flags().await.unwrap() }).await.unwrap();
    let set = ParticipantFlags { can_write: false, can_edit_all: true, ..ordinary };
    assert_eq!(them.flags().await, Ok(set));
    let refused = crate::world::within(there.send_message("may I?").await.unwrap()).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::Forbidden));
    let reader = ada.create_role("Reader", RoleType::Conversation, &["leaveConversation"]).await.unwrap();
    assert!(ada.roles().await.unwrap().contains(&reader));
    let named = ada.update_role(reader.sid, &["leaveConversation", "sendMessage"]).await.unwrap();
    assert_eq!(named.permissions.len(), 2);
    let mut inside = there.subscribe();
    them.set_role(reader.sid).await.unwrap();
    find(&mut inside, |event| match event {
        ConversationEvent::ParticipantUpdated { reasons, .. } => {
            reasons.contains(&Reason::Role).then_some(())
        }
        _ => None,
    })
    .await;
    say(&there, "thank you").await;
    assert_eq!(ada.delete_role(reader.sid).await.unwrap_err().code(), Some(ErrorCode::RoleInUse));
    them.set_role(RoleSid::OWNER).await.unwrap();
    ada.delete_role(reader.sid).await.unwrap();
    let ben_is_owner = |event: &ConversationEvent| match event {
        ConversationEvent::Updated { .. } => (there.role() == Role::Owner).then_some(()),
        _ => None,
    };
    find(&mut inside, ben_is_owner).await;
    there.participant_by_identity("Ada").await.unwrap().remove().await.unwrap();
    assert_eq!(there.participants_count().await.unwrap(), 1);
}

/// T070 T074 T143: those who take part by other means are records with their addresses.
#[tokio::test(flavor = "multi_thread")]
async fn some_take_part_by_other_means() {
    let world = World::new().await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    let pilot = here
        .add_non_chat_participant("sms", Some("+15550000001"), "+15550000002", Some(json!({"boat": "pilot"})))
        .await
        .unwrap();
    assert_eq!((pilot.kind.as_str(), pilot.address.as_str()), ("sms", "+15550000002"));
    assert_eq!(
        (pilot.proxy_address.as_deref(), &pilot.attributes),
        (Some("+15550000001"), &json!({"boat": "pilot"}))
    );
    let changed = here.update_non_chat_participant(pilot.sid, json!({"boat": "tug"})).await.unwrap();
    assert_eq!(here.non_chat_participants().await.unwrap(), std::slice::from_ref(&changed));
    here.remove_non_chat_participant(pilot.sid).await.unwrap();
    assert_eq!(here.non_chat_participants().await.unwrap(), []);
    for wrong in [
        here.add_non_chat_participant(" ", None, "+15550000002", None).await,
        here.add_non_chat_participant("sms", None, " ", None).await,
    ] {
        assert!(matches!(wrong, Err(Error::InvalidArgument { .. })));
    }
}

/// T147: the user behind a participant.
#[tokio::test(flavor = "multi_thread")]
async fn a_participant_has_a_user() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, _) = talk(&ada, &ben).await;
    let user = here.participant_by_identity("Ben").await.unwrap().user().await.unwrap();
    assert_eq!((user.identity(), user.is_subscribed()), ("Ben".to_owned(), true));
    assert_eq!(ada.subscribed_users().len(), 2);
}
