//! `conversation.set_notification_level`: one's own row alone.

use confab_protocol::method::{SetNotificationLevelParams, StateResult};
use confab_protocol::model::{NotificationLevel, UserConversation};
use confab_protocol::{Answer, ConversationSid, WireError};
use uuid::Uuid;

use crate::cx::{Cx, Done, Member, user_row};
use crate::permission::Permission;
use crate::{Actor, DomainResult, Tx, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &SetNotificationLevelParams) -> DomainResult<Done> {
    if params.level == NotificationLevel::Unknown {
        return Err(WireError::invalid("level", "no such level").into());
    }
    let member = cx.member(params.conversation)?;
    if !member.me.is_joined() {
        return Err(WireError::not_found("conversation").into());
    }
    member.authorise(Permission::EditNotificationLevel)?;
    let Member { conversation, mut me, .. } = member;
    let own = if me.level == params.level {
        view::own_row(cx.tx, &me, &conversation)?
    } else {
        me.level = params.level;
        let mut user = user_row(cx.tx, cx.actor.user)?;
        cx.put_membership(&mut user, &mut me)?;
        cx.tell_state(&me, &conversation)?
    };
    let answer = Answer::SetNotificationLevel(StateResult { me: own });
    Ok(Done { answer, subject: conversation.sid.0 })
}

/// One's own row as it stands.
pub(super) fn own_row(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<UserConversation> {
    let summary = view::summary_of(tx, actor.user, ConversationSid(subject))?
        .ok_or_else(|| WireError::not_found("conversation"))?;
    Ok(summary.me)
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    Ok(Answer::SetNotificationLevel(StateResult { me: own_row(actor, subject, tx)? }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::Call;
    use confab_protocol::method::SetNotificationLevelParams;
    use confab_protocol::model::NotificationLevel;
    use confab_testkit::World;
    use confab_testkit::domain::Event;

    #[test]
    fn only_the_own_devices_hear_of_it() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let mute = |world: &mut World| {
            let (client_id, level) = (world.client_id(), NotificationLevel::Muted);
            Call::SetNotificationLevel(SetNotificationLevelParams { client_id, conversation: room, level })
        };
        let call = mute(&mut world);
        let events = world.events(&ana, &call);
        let [Event::State { user, from, to, rows, .. }] = &events[..] else { panic!("not one event") };
        assert_eq!((*user, *to), (ana.user, from + 1));
        assert_eq!(rows[0].notification_level, NotificationLevel::Muted);
        let call = mute(&mut world);
        assert_eq!(world.events(&ana, &call), []);
        assert_eq!(world.summary(&olga, room).me.notification_level, NotificationLevel::Default);
        // It outlasts leaving and coming back.
        world.remove(&ana, room, &ana);
        world.add(&olga, room, &ana);
        assert_eq!(world.summary(&ana, room).me.notification_level, NotificationLevel::Muted);
    }
}
