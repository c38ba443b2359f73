//! What the resources of the REST API hold: which of them a route answers with, and the types of their fields.

use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

use crate::twilio::rest::Route;

/// What a field holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Number,
    Flag,
    List,
    Free,
    MaybeText,
    MaybeNumber,
    MaybeFlag,
    MaybeList,
    MaybeFree,
}
use Kind::{Flag, Free, List, MaybeFlag, MaybeFree, MaybeList, MaybeNumber, MaybeText, Number, Text};

/// A resource: what it is called, and its fields.
pub(super) struct Resource {
    pub(super) name: &'static str,
    fields: &'static [(&'static str, Kind)],
}

impl Resource {
    /// A reference to its schema.
    pub(super) fn reference(&self) -> RefOr<Schema> {
        RefOr::Ref(Ref::from_schema_name(self.name))
    }

    /// Its schema: every field is always there.
    pub(super) fn schema(&self) -> Object {
        let with = |object: ObjectBuilder, (name, kind): &(&str, Kind)| {
            object.property(*name, of(*kind)).required(*name)
        };
        self.fields.iter().fold(ObjectBuilder::new(), with).build()
    }
}

fn of(kind: Kind) -> RefOr<Schema> {
    let single = |kind| ObjectBuilder::new().schema_type(kind).into();
    let maybe = |kind| ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null])).into();
    match kind {
        Text => single(Type::String),
        Number => single(Type::Integer),
        Flag => single(Type::Boolean),
        Free => single(Type::Object),
        List => ArrayBuilder::new().items(ObjectBuilder::new().schema_type(SchemaType::AnyValue)).into(),
        MaybeText => maybe(Type::String),
        MaybeNumber => maybe(Type::Integer),
        MaybeFlag => maybe(Type::Boolean),
        MaybeList => maybe(Type::Array),
        MaybeFree => maybe(Type::Object),
    }
}

/// What a route answers with.
pub(super) enum Shape {
    One(&'static Resource),
    /// A page, and the name of its rows.
    Page(&'static str, &'static Resource),
    /// It only refuses.
    Nothing,
}

/// What a route answers with; what is deleted is gone.
pub(super) fn shape(route: &Route) -> Shape {
    let (resource, rows) = match route.path {
        "" => (&SERVICE, ""),
        "/Services" => (&SERVICE, "services"),
        "/Configuration" if route.scope == crate::twilio::rest::Scope::Account => (&ACCOUNT, ""),
        "/Configuration" => (&OF_SERVICE, ""),
        "/Configuration/Notifications" => (&NOTIFICATIONS, ""),
        "/Configuration/Webhooks" => (&HOOK, ""),
        "/ConversationWithParticipants" => (&CONVERSATION, ""),
        "/ParticipantConversations" => (&PARTICIPATION, "conversations"),
        path if path.contains("Credentials") || path.contains("Addresses") => return Shape::Nothing,
        path if path.ends_with("/ChannelMetadata") => return Shape::Nothing,
        path if path.starts_with("/Users/{user}/Conversations") => (&OWN, "conversations"),
        path => match path.split('/').rfind(|part| !part.starts_with('{')) {
            Some("Conversations") => (&CONVERSATION, "conversations"),
            Some("Messages") => (&MESSAGE, "messages"),
            Some("Receipts") => (&RECEIPT, "delivery_receipts"),
            Some("Participants") => (&PARTICIPANT, "participants"),
            Some("Users") => (&USER, "users"),
            Some("Roles") => (&ROLE, "roles"),
            Some("Webhooks") => (&OWN_HOOK, "webhooks"),
            Some("Bindings") => (&BINDING, "bindings"),
            _ => return Shape::Nothing,
        },
    };
    let is_page = route.method == "GET" && !rows.is_empty() && !route.path.ends_with('}');
    if is_page { Shape::Page(rows, resource) } else { Shape::One(resource) }
}

/// Every resource.
pub(super) const ALL: [&Resource; 15] = [
    &CONVERSATION,
    &MESSAGE,
    &RECEIPT,
    &PARTICIPANT,
    &USER,
    &OWN,
    &PARTICIPATION,
    &ROLE,
    &SERVICE,
    &ACCOUNT,
    &OF_SERVICE,
    &NOTIFICATIONS,
    &HOOK,
    &OWN_HOOK,
    &BINDING,
];

/// What stands beside the rows of a page.
pub(super) const META: Resource = Resource {
    name: "Meta",
    fields: &[
        ("key", Text),
        ("page", Number),
        ("page_size", Number),
        ("url", Text),
        ("first_page_url", Text),
        ("previous_page_url", MaybeText),
        ("next_page_url", MaybeText),
    ],
};

static CONVERSATION: Resource = Resource {
    name: "Conversation",
    fields: &[
        ("sid", Text),
        ("account_sid", Text),
        ("chat_service_sid", Text),
        ("messaging_service_sid", MaybeText),
        ("friendly_name", MaybeText),
        ("unique_name", MaybeText),
        ("attributes", Text),
        ("state", Text),
        ("date_created", Text),
        ("date_updated", Text),
        ("timers", Free),
        ("bindings", Free),
        ("url", Text),
        ("links", Free),
    ],
};

static MESSAGE: Resource = Resource {
    name: "Message",
    fields: &[
        ("sid", Text),
        ("account_sid", Text),
        ("conversation_sid", Text),
        ("index", Number),
        ("author", Text),
        ("body", MaybeText),
        ("subject", MaybeText),
        ("attributes", Text),
        ("participant_sid", MaybeText),
        ("media", MaybeList),
        ("content_sid", MaybeText),
        ("delivery", MaybeFree),
        ("date_created", Text),
        ("date_updated", Text),
        ("url", Text),
        ("links", Free),
    ],
};

static RECEIPT: Resource = Resource {
    name: "DeliveryReceipt",
    fields: &[
        ("sid", Text),
        ("account_sid", Text),
        ("conversation_sid", Text),
        ("message_sid", Text),
        ("channel_message_sid", MaybeText),
        ("participant_sid", Text),
        ("status", Text),
        ("error_code", MaybeNumber),
        ("date_created", Text),
        ("date_updated", Text),
        ("url", Text),
    ],
};

static PARTICIPANT: Resource = Resource {
    name: "Participant",
    fields: &[
        ("sid", Text),
        ("account_sid", Text),
        ("conversation_sid", Text),
        ("identity", MaybeText),
        ("attributes", Text),
        ("messaging_binding", MaybeFree),
        ("role_sid", MaybeText),
        ("last_read_message_index", MaybeNumber),
        ("last_read_timestamp", MaybeText),
        ("date_created", Text),
        ("date_updated", Text),
        ("url", Text),
    ],
};

static USER: Resource = Resource {
    name: "User",
    fields: &[
        ("sid", Text),
        ("account_sid", Text),
        ("chat_service_sid", Text),
        ("identity", Text),
        ("friendly_name", Text),
        ("attributes", Text),
        ("role_sid", Text),
        ("is_online", MaybeFlag),
        ("is_notifiable", MaybeFlag),
        ("date_created", Text),
        ("date_updated", Text),
        ("url", Text),
        ("links", Free),
    ],
};

static OWN: Resource = Resource {
    name: "UserConversation",
    fields: &[
        ("account_sid", Text),
        ("chat_service_sid", Text),
        ("conversation_sid", Text),
        ("unread_messages_count", MaybeNumber),
        ("last_read_message_index", MaybeNumber),
        ("participant_sid", Text),
        ("user_sid", Text),
        ("friendly_name", MaybeText),
        ("unique_name", MaybeText),
        ("conversation_state", Text),
        ("timers", Free),
        ("attributes", Text),
        ("created_by", Text),
        ("notification_level", Text),
        ("date_created", Text),
        ("date_updated", Text),
        ("url", Text),
        ("links", Free),
    ],
};

static PARTICIPATION: Resource = Resource {
    name: "ParticipantConversation",
    fields: &[
        ("account_sid", Text),
        ("chat_service_sid", Text),
        ("participant_sid", Text),
        ("participant_user_sid", MaybeText),
        ("participant_identity", MaybeText),
        ("participant_messaging_binding", MaybeFree),
        ("conversation_sid", Text),
        ("conversation_unique_name", MaybeText),
        ("conversation_friendly_name", MaybeText),
        ("conversation_attributes", Text),
        ("conversation_date_created", Text),
        ("conversation_date_updated", Text),
        ("conversation_created_by", Text),
        ("conversation_state", Text),
        ("conversation_timers", Free),
        ("links", Free),
    ],
};

static ROLE: Resource = Resource {
    name: "Role",
    fields: &[
        ("sid", Text),
        ("account_sid", Text),
        ("chat_service_sid", Text),
        ("friendly_name", Text),
        ("type", Text),
        ("permissions", List),
        ("date_created", Text),
        ("date_updated", Text),
        ("url", Text),
    ],
};

static SERVICE: Resource = Resource {
    name: "Service",
    fields: &[
        ("sid", Text),
        ("account_sid", Text),
        ("friendly_name", Text),
        ("date_created", Text),
        ("date_updated", Text),
        ("url", Text),
        ("links", Free),
    ],
};

static ACCOUNT: Resource = Resource {
    name: "Configuration",
    fields: &[
        ("account_sid", Text),
        ("default_chat_service_sid", Text),
        ("default_messaging_service_sid", MaybeText),
        ("default_inactive_timer", MaybeText),
        ("default_closed_timer", MaybeText),
        ("url", Text),
        ("links", Free),
    ],
};

static OF_SERVICE: Resource = Resource {
    name: "ServiceConfiguration",
    fields: &[
        ("chat_service_sid", Text),
        ("default_conversation_creator_role_sid", Text),
        ("default_conversation_role_sid", Text),
        ("default_chat_service_role_sid", Text),
        ("reachability_enabled", Flag),
        ("url", Text),
        ("links", Free),
    ],
};

static NOTIFICATIONS: Resource = Resource {
    name: "Notifications",
    fields: &[
        ("account_sid", Text),
        ("chat_service_sid", Text),
        ("log_enabled", Flag),
        ("new_message", Free),
        ("added_to_conversation", Free),
        ("removed_from_conversation", Free),
        ("url", Text),
    ],
};

static HOOK: Resource = Resource {
    name: "Webhook",
    fields: &[
        ("account_sid", Text),
        ("chat_service_sid", Text),
        ("pre_webhook_url", MaybeText),
        ("post_webhook_url", MaybeText),
        ("method", Text),
        ("filters", List),
        ("target", Text),
        ("url", Text),
    ],
};

static OWN_HOOK: Resource = Resource {
    name: "ConversationWebhook",
    fields: &[
        ("sid", Text),
        ("account_sid", Text),
        ("conversation_sid", Text),
        ("target", Text),
        ("configuration", Free),
        ("date_created", Text),
        ("date_updated", Text),
        ("url", Text),
    ],
};

static BINDING: Resource = Resource {
    name: "Binding",
    fields: &[
        ("sid", Text),
        ("account_sid", Text),
        ("chat_service_sid", Text),
        ("credential_sid", MaybeText),
        ("date_created", Text),
        ("date_updated", Text),
        ("endpoint", Text),
        ("identity", Text),
        ("binding_type", Text),
        ("message_types", List),
        ("url", Text),
    ],
};
