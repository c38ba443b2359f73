//! Whether somebody was entitled to what they did, by a table of its own: which call takes which permission, and whether that is held
//! in the rows of the transaction that the call is applied in.

use confab_domain::name::identity_key;
use confab_domain::row::{MembershipRow, ParticipantRow, Seen};
use confab_domain::{Actor, StoreResult, Tx};
use confab_protocol::method::{
    ConversationCreateParams, ConversationUpdateParams, InitialParticipant, MessageEditParams, MessageRef,
    MessageSendParams, ParticipantUpdateParams, UserUpdateParams,
};
use confab_protocol::model::{ParticipantFlags, Role};
use confab_protocol::permission::{Permission, Permissions};
use confab_protocol::{Answer, Call, ConversationSid, DeviceSid, ParticipantSid, RoleSid};

/// Conversations that somebody is in at most: more than any run makes.
const OWN: usize = 1_000;

/// What a call takes of whoever makes it.
#[derive(Debug)]
enum Need {
    /// To be in a conversation, with these permissions there.
    There(ConversationSid, Vec<Permission>),
    /// Permissions in the workspace.
    Workspace(Vec<Permission>),
    /// The conversation to be open to them.
    MayEnter(ConversationSid),
    /// The device to be theirs.
    Own(DeviceSid),
}

fn found<T>(row: StoreResult<T>) -> T {
    row.expect("the store can be read")
}

/// What somebody may do just before a call of theirs is applied.
pub(super) struct Entitled {
    missing: Option<String>,
    may: Permissions,
    /// What the participant whose rights are to be changed may do.
    target: Option<Permissions>,
}

impl Entitled {
    /// Looks at the rows before the call is applied.
    pub(super) fn look(actor: &Actor, call: &Call, read: &dyn Tx) -> Self {
        let looking = Looking { actor, read };
        let missing = looking.needs(call).into_iter().find_map(|need| looking.lacks(need));
        let Call::ParticipantUpdate(params) = call else {
            return Self { missing, may: Permissions::default(), target: None };
        };
        let row = looking.named(params.conversation, params.participant, params.identity.as_deref());
        let may = looking.held(params.conversation).unwrap_or_default();
        Self { missing, may, target: row.map(|row| looking.given_to(&row)) }
    }

    /// What was missing for a call that was applied all the same: nobody gives or takes, too, what they may not do themselves.
    pub(super) fn trespass(
        self,
        actor: &Actor,
        answer: &Answer,
        call: &Call,
        read: &dyn Tx,
    ) -> Option<String> {
        let Self { missing, may, target } = self;
        let exceeded = match (call, answer, target) {
            (Call::ParticipantUpdate(params), Answer::ParticipantUpdate(done), Some(before)) => {
                let row = found(read.participant(params.conversation, done.participant.sid));
                let after = row.map(|row| Looking { actor, read }.given_to(&row)).unwrap_or_default();
                before != after && !(may.hold_all(before) && may.hold_all(after))
            }
            _ => false,
        };
        let lacked = missing.or(exceeded.then(|| "all of what they gave or took".to_owned()))?;
        Some(format!("{} did {} without {lacked}", actor.identity, call.method()))
    }
}

struct Looking<'a> {
    actor: &'a Actor,
    read: &'a dyn Tx,
}

impl Looking<'_> {
    fn of(&self, role: Role, custom: Option<RoleSid>, flags: Option<ParticipantFlags>) -> Permissions {
        let of_role = match custom {
            Some(sid) => found(self.read.role(sid)).map(|row| row.permissions).unwrap_or_default(),
            None => Permissions::of(role),
        };
        of_role.with_flags(flags)
    }

    fn given_to(&self, row: &ParticipantRow) -> Permissions {
        self.of(row.role, row.custom_role, row.flags)
    }

    fn held(&self, conversation: ConversationSid) -> Option<Permissions> {
        let row = found(self.read.membership(self.actor.user, conversation));
        row.filter(MembershipRow::is_joined).map(|row| self.of(row.role, row.custom_role, row.flags))
    }

    fn lacks(&self, need: Need) -> Option<String> {
        match need {
            Need::There(conversation, all) => match self.held(conversation) {
                None => Some(format!("being in {conversation}")),
                Some(may) => first_missing(may, &all),
            },
            Need::Workspace(all) => {
                let user = found(self.read.user(self.actor.user)).filter(|row| !row.deactivated);
                let may = user.map(|row| self.of(row.role, row.custom_role, None)).unwrap_or_default();
                first_missing(may, &all)
            }
            Need::MayEnter(conversation) => {
                let row = found(self.read.conversation(conversation));
                let open = row.is_some_and(|row| {
                    let never = found(self.read.membership(self.actor.user, conversation)).is_none();
                    row.deleted_at.is_none()
                        && (row.public_join || (never && row.created_by == self.actor.identity))
                });
                (!open).then(|| format!("{conversation} to be open"))
            }
            Need::Own(device) => {
                let row = found(self.read.device(device));
                let own = row.is_some_and(|row| row.user == self.actor.user);
                (!own).then(|| format!("{device} to be theirs"))
            }
        }
    }

    fn needs(&self, call: &Call) -> Vec<Need> {
        let there = |conversation, permission| vec![Need::There(conversation, vec![permission])];
        let workspace = |permission| vec![Need::Workspace(vec![permission])];
        match call {
            Call::ConversationCreate(params) if self.has_pair(params) => Vec::new(),
            Call::ConversationCreate(_) => workspace(Permission::CreateConversation),
            Call::ConversationJoin(params) => {
                vec![Need::Workspace(vec![Permission::JoinConversation]), Need::MayEnter(params.conversation)]
            }
            Call::RoleCreate(_) | Call::RoleUpdate(_) | Call::RoleDelete(_) => {
                workspace(Permission::EditRoles)
            }
            Call::UserSetStatus(_) => workspace(Permission::EditOwnUserInfo),
            Call::UserUpdate(params) => vec![Need::Workspace(self.of_profile(params))],
            Call::InviteCreate(_) => workspace(Permission::CreateInvite),
            Call::InviteRevoke(_) => workspace(Permission::RevokeInvite),
            Call::DeviceRevoke(params) => vec![Need::Own(params.device)],
            Call::PushUnregister(params) => params.device.map(Need::Own).into_iter().collect(),
            Call::ConversationUpdate(params) => vec![of_conversation(params)],
            Call::ConversationDelete(params) => there(params.conversation, Permission::DeleteConversation),
            Call::SetNotificationLevel(params) => {
                there(params.conversation, Permission::EditNotificationLevel)
            }
            Call::ParticipantAdd(params) => there(params.conversation, Permission::AddParticipant),
            Call::ParticipantUpdate(params) => vec![self.of_participant(params)],
            Call::ParticipantRemove(params) => {
                let own = self.is_me(params.conversation, params.participant, params.identity.as_deref());
                let permission =
                    if own { Permission::LeaveConversation } else { Permission::RemoveParticipant };
                there(params.conversation, permission)
            }
            Call::NonChatAdd(params) => there(params.conversation, Permission::AddNonChatParticipant),
            Call::NonChatUpdate(params) => {
                there(params.conversation, Permission::EditAnyParticipantAttributes)
            }
            Call::NonChatRemove(params) => there(params.conversation, Permission::RemoveParticipant),
            Call::MessageSend(params) => vec![of_sending(params)],
            Call::MessageEdit(params) => vec![self.of_editing(params)],
            Call::MessageRemove(params) => {
                let own = self.is_mine(params.message);
                let permission =
                    if own { Permission::DeleteOwnMessage } else { Permission::DeleteAnyMessage };
                there(params.conversation, permission)
            }
            Call::MessageReport(params) => there(params.conversation, Permission::AddNonChatParticipant),
            Call::HorizonSet(params) => vec![Need::There(params.conversation, Vec::new())],
            // Whoever has left may still give up a draft.
            Call::DraftSet(params) if !params.body.is_empty() => {
                vec![Need::There(params.conversation, Vec::new())]
            }
            // What concerns oneself alone takes nothing, and what changes nothing is not asked about.
            _ => Vec::new(),
        }
    }

    /// Whether the conversation of two that is asked for is there already: then nothing is made.
    fn has_pair(&self, params: &ConversationCreateParams) -> bool {
        let with = |conversation, wish: &InitialParticipant| {
            let user = found(self.read.user_by_key(&identity_key(&wish.identity)));
            let other = user.filter(|user| user.sid != self.actor.user);
            other.is_some_and(|other| found(self.read.membership(other.sid, conversation)).is_some())
        };
        let pair = |row: &MembershipRow| {
            let direct = found(self.read.conversation(row.conversation)).is_some_and(|row| row.direct);
            direct && params.participants.iter().any(|wish| with(row.conversation, wish))
        };
        let own = found(self.read.own_rows_moved(self.actor.user, 0, OWN));
        params.direct && own.iter().filter(|row| row.is_joined()).any(pair)
    }

    fn of_profile(&self, params: &UserUpdateParams) -> Vec<Permission> {
        let own = params.user.is_none_or(|user| user == self.actor.user);
        let profile = if own { Permission::EditOwnUserInfo } else { Permission::EditAnyUserInfo };
        let of_profile = params.friendly_name.is_some() || params.attributes.is_some();
        let needs = [(of_profile, profile), (params.role.is_some(), Permission::EditRoles)];
        needs.into_iter().filter(|need| need.0).map(|need| need.1).collect()
    }

    fn named(
        &self,
        conversation: ConversationSid,
        participant: Option<ParticipantSid>,
        identity: Option<&str>,
    ) -> Option<ParticipantRow> {
        let by_name = || {
            let user = found(self.read.user_by_key(&identity_key(identity?)))?;
            found(self.read.membership(user.sid, conversation))?.participant
        };
        found(self.read.participant(conversation, participant.or_else(by_name)?))
    }

    fn is_me(
        &self,
        conversation: ConversationSid,
        participant: Option<ParticipantSid>,
        identity: Option<&str>,
    ) -> bool {
        let row = self.named(conversation, participant, identity);
        row.is_some_and(|row| row.user == self.actor.user)
    }

    fn of_participant(&self, params: &ParticipantUpdateParams) -> Need {
        let own = self.is_me(params.conversation, params.participant, params.identity.as_deref());
        let of_rights = params.role.is_some() || params.role_sid.is_some() || params.flags.is_some();
        let permission = if own && !of_rights {
            Permission::EditOwnParticipantAttributes
        } else {
            Permission::EditAnyParticipantAttributes
        };
        Need::There(params.conversation, vec![permission])
    }

    fn is_mine(&self, message: MessageRef) -> bool {
        let row = match message {
            MessageRef::Sid(sid) => found(self.read.message(sid)),
            MessageRef::ClientId(id) => match found(self.read.seen(self.actor.user, id)) {
                Some(Seen::Message(row)) => Some(*row),
                _ => None,
            },
        };
        row.is_some_and(|row| row.user == self.actor.user)
    }

    fn of_editing(&self, params: &MessageEditParams) -> Need {
        let own = self.is_mine(params.message);
        let (text, attributes) = if own {
            (Permission::EditOwnMessage, Permission::EditOwnMessageAttributes)
        } else {
            (Permission::EditAnyMessage, Permission::EditAnyMessageAttributes)
        };
        let of_text = params.body.is_some() || params.subject.is_some();
        let needs = [(of_text, text), (params.attributes.is_some(), attributes)];
        let needs = needs.into_iter().filter(|need| need.0).map(|need| need.1).collect();
        Need::There(params.conversation, needs)
    }
}

fn of_conversation(params: &ConversationUpdateParams) -> Need {
    let names = params.friendly_name.is_some() || params.unique_name.is_some();
    let others = params.attributes.is_some()
        || params.public_join.is_some()
        || params.state.is_some()
        || params.timers.is_some();
    let needs = [(names, Permission::EditConversationName), (others, Permission::EditConversationAttributes)];
    let needs = needs.into_iter().filter(|need| need.0).map(|need| need.1).collect();
    Need::There(params.conversation, needs)
}

fn of_sending(params: &MessageSendParams) -> Need {
    let mut needs = vec![Permission::SendMessage];
    if !params.media.is_empty() {
        needs.push(Permission::SendMediaMessage);
    }
    Need::There(params.conversation, needs)
}

fn first_missing(may: Permissions, all: &[Permission]) -> Option<String> {
    all.iter().find(|one| !may.hold(**one)).map(|one| one.as_str().to_owned())
}
