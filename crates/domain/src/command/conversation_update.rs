//! `conversation.update`: names, attributes, state, timers, and whether anybody may join. What stays the same makes no event.

use confab_protocol::method::{ConversationResult, ConversationUpdateParams};
use confab_protocol::model::ConversationState;
use confab_protocol::{Answer, Change, ConversationSid, Timestamp, WireError, limits};
use uuid::Uuid;

use crate::cx::{Audience, Cx, Done, Member};
use crate::permission::Permission;
use crate::row::{ConversationRow, EventKind, TimersRow};
use crate::{Actor, DomainResult, Tx, check, name, timers, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &ConversationUpdateParams) -> DomainResult<Done> {
    let wish = wish(params)?;
    let member = cx.member(params.conversation)?;
    wish.authorise(&member)?;
    member.open()?;
    if wish.public_join == Some(true) {
        member.not_direct("not_public")?;
    }
    let Member { mut conversation, me, .. } = member;
    let changed = wish.put(&mut conversation, cx.now);
    if !changed.is_empty() {
        write(cx, &mut conversation, &changed)?;
    }
    let summary = view::summary(cx.tx, &me, &conversation)?;
    let answer = Answer::ConversationUpdate(ConversationResult { summary });
    Ok(Done { answer, subject: conversation.sid.0 })
}

/// The fields to change; an inner `None` clears.
struct Wish {
    friendly_name: Option<Option<String>>,
    unique_name: Option<Option<String>>,
    attributes: Option<String>,
    public_join: Option<bool>,
    state: Option<ConversationState>,
    timers: Option<TimersRow>,
}

fn clean(
    field: &str,
    asked: Option<&Option<String>>,
    chars: usize,
) -> Result<Option<Option<String>>, WireError> {
    let Some(text) = asked else { return Ok(None) };
    let text = name::optional(field, text.as_deref().unwrap_or_default(), chars)?;
    Ok(Some(text.map(str::to_owned)))
}

fn wish(params: &ConversationUpdateParams) -> Result<Wish, WireError> {
    let attributes = params.attributes.as_ref();
    let wish = Wish {
        friendly_name: clean("friendly_name", params.friendly_name.as_ref(), limits::FRIENDLY_NAME_CHARS)?,
        unique_name: clean("unique_name", params.unique_name.as_ref(), limits::UNIQUE_NAME_CHARS)?,
        attributes: attributes
            .map(|value| check::attributes(value, limits::CONVERSATION_ATTRIBUTES_BYTES))
            .transpose()?,
        public_join: params.public_join,
        state: params.state,
        timers: params.timers.as_ref().map(timers::read).transpose()?,
    };
    if params.state == Some(ConversationState::Unknown) {
        return Err(WireError::invalid("state", "no such state"));
    }
    if wish.is_empty() {
        return Err(WireError::invalid("params", "nothing to change"));
    }
    Ok(wish)
}

impl Wish {
    fn is_empty(&self) -> bool {
        let names = self.friendly_name.is_none() && self.unique_name.is_none();
        names && self.attributes.is_none() && !self.is_of_its_life()
    }

    /// It is about who may come, and when the conversation ends.
    fn is_of_its_life(&self) -> bool {
        self.public_join.is_some() || self.state.is_some() || self.timers.is_some()
    }

    fn authorise(&self, member: &Member) -> Result<(), WireError> {
        if self.friendly_name.is_some() || self.unique_name.is_some() {
            member.authorise(Permission::EditConversationName)?;
        }
        if self.attributes.is_some() || self.is_of_its_life() {
            member.authorise(Permission::EditConversationAttributes)?;
        }
        Ok(())
    }

    /// Puts the fields and names those that are different now.
    fn put(self, conversation: &mut ConversationRow, now: Timestamp) -> Vec<&'static str> {
        let mut changed = Vec::new();
        let fields = [
            ("friendly_name", self.friendly_name, &mut conversation.friendly_name),
            ("unique_name", self.unique_name, &mut conversation.unique_name),
        ];
        for (field, asked, present) in fields {
            if let Some(asked) = asked.filter(|asked| asked != present) {
                *present = asked;
                changed.push(field);
            }
        }
        if let Some(asked) = self.attributes.filter(|asked| *asked != conversation.attributes) {
            conversation.attributes = asked;
            changed.push("attributes");
        }
        if let Some(asked) = self.public_join.filter(|asked| *asked != conversation.public_join) {
            conversation.public_join = asked;
            changed.push("public_join");
        }
        if let Some(asked) = self.timers.filter(|asked| *asked != conversation.timers) {
            conversation.timers = asked;
            conversation.state_due = timers::due(conversation);
            changed.push("timers");
        }
        if let Some(asked) = self.state.filter(|asked| *asked != conversation.state) {
            timers::enter(conversation, asked, now);
            changed.push("state");
        }
        changed
    }
}

/// Writes what changed, and tells of it.
pub(super) fn write(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    changed: &[&str],
) -> DomainResult<()> {
    if let (true, Some(unique_name)) = (changed.contains(&"unique_name"), &conversation.unique_name) {
        super::conversation_create::refuse_taken(cx, unique_name)?;
    }
    conversation.date_updated = cx.updated();
    cx.append(conversation, EventKind::ConversationUpdated, conversation.sid.0, changed)?;
    cx.tx.update_conversation(conversation)?;
    let change = Change::ConversationUpdated(Box::new(view::conversation_for_all(conversation)?));
    cx.tell(conversation, changed, change, Audience::default());
    Ok(())
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let summary = view::summary_of(tx, actor.user, ConversationSid(subject))?
        .ok_or_else(|| WireError::not_found("conversation"))?;
    Ok(Answer::ConversationUpdate(ConversationResult { summary }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::ConversationUpdateParams;
    use confab_protocol::{Answer, Call, Change, ConversationSid, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::Event;
    use serde_json::json;

    fn update(world: &mut World, conversation: ConversationSid) -> ConversationUpdateParams {
        let client_id = world.client_id();
        ConversationUpdateParams::new(client_id, conversation)
    }

    #[test]
    fn fields_change_clear_or_stay() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let params = ConversationUpdateParams {
            unique_name: Some(Some("plans".into())),
            friendly_name: Some(Some("Plans".into())),
            attributes: Some(json!([1])),
            ..update(&mut world, room)
        };
        let events = world.events(&olga, &Call::ConversationUpdate(params));
        let [Event::Log { event, .. }] = &events[..] else { panic!("not one event") };
        assert_eq!(event.changed, ["unique_name", "attributes"]);
        let params =
            ConversationUpdateParams { friendly_name: Some(Some(String::new())), ..update(&mut world, room) };
        let Ok(Answer::ConversationUpdate(result)) = world.call(&olga, &Call::ConversationUpdate(params))
        else {
            panic!("not changed");
        };
        let found = result.summary.conversation.expect("she is in it");
        assert_eq!((found.friendly_name, found.unique_name), (None, Some("plans".into())));
        assert_eq!(found.attributes, json!([1]));
    }

    #[test]
    fn a_unique_name_is_free_again_when_it_is_given_up() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let (one, two) = (world.conversation(&olga, &[]), world.conversation(&olga, &[]));
        let name = |world: &mut World, room, name: Option<&str>| {
            let unique_name = Some(name.map(str::to_owned));
            Call::ConversationUpdate(ConversationUpdateParams { unique_name, ..update(world, room) })
        };
        let take = name(&mut world, one, Some("plans"));
        world.events(&olga, &take);
        let taken = name(&mut world, two, Some("plans"));
        assert_eq!(world.refused(&olga, &taken).code, ErrorCode::UniqueNameTaken);
        let give_up = name(&mut world, one, None);
        world.events(&olga, &give_up);
        assert_eq!(world.events(&olga, &taken).len(), 1);
    }

    #[test]
    fn what_all_are_told_holds_nothing_that_some_may_not_see() {
        let mut world = World::default();
        let olga = world.owner.clone();
        for (room, told) in [(world.conversation(&olga, &[]), true), (world.uber(&olga, &[]), false)] {
            world.say(&olga, room, "from before others came");
            let friendly_name = Some(Some("Other".into()));
            let params = ConversationUpdateParams { friendly_name, ..update(&mut world, room) };
            let events = world.events(&olga, &Call::ConversationUpdate(params));
            let [Event::Log { event, .. }] = &events[..] else { panic!("not one event") };
            let Change::ConversationUpdated(found) = &event.change else { panic!("another change") };
            assert_eq!(found.last_message.is_some(), told);
        }
    }

    #[test]
    fn asking_for_nothing_is_refused() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let call = Call::ConversationUpdate(update(&mut world, room));
        assert_eq!(world.refused(&olga, &call).code, ErrorCode::InvalidParams);
    }
}
