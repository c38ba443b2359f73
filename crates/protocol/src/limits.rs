//! The bounds of everything that crosses the wire. Sizes are bytes of UTF-8 unless a name says characters.

/// One frame to the server.
pub const FRAME_BYTES: usize = 256 * 1024;
/// One frame to the client: a page of the longest messages fits.
pub const ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// Body of a message (Twilio's figure).
pub const BODY_BYTES: usize = 32 * 1024;
/// Subject of a message, in characters.
pub const SUBJECT_CHARS: usize = 256;
/// Friendly names of conversations and users, in characters (Twilio's figure).
pub const FRIENDLY_NAME_CHARS: usize = 256;
/// Unique name of a conversation, in characters.
pub const UNIQUE_NAME_CHARS: usize = 256;
/// Identity, in characters (Twilio's figure).
pub const IDENTITY_CHARS: usize = 256;
/// Attributes of a conversation, as JSON (Twilio's figure).
pub const CONVERSATION_ATTRIBUTES_BYTES: usize = 16 * 1024;
/// Attributes of a message, a participant or a user, as JSON (Twilio's figure).
pub const ATTRIBUTES_BYTES: usize = 4 * 1024;
/// Depth to which attributes may nest.
pub const ATTRIBUTES_DEPTH: usize = 32;
/// Identities mentioned by one message.
pub const MENTIONS: usize = 100;
/// Attachments of one message (Twilio's figure).
pub const MEDIA_PER_MESSAGE: usize = 10;
/// Longest file unless the server is told otherwise (Twilio's figure).
pub const MEDIA_BYTES: u64 = 150 * 1024 * 1024;
/// Files of one user that are in no message, together, unless the server is told otherwise, in bytes.
pub const UNSENT_MEDIA_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Files of one user that are in no message.
pub const UNSENT_MEDIA: usize = 200;
/// How long a file that is in no message is kept, in milliseconds.
pub const UNSENT_MEDIA_MS: u64 = 24 * 60 * 60 * 1_000;
/// Name of a file, in characters.
pub const FILE_NAME_CHARS: usize = 255;
/// Content type of a file, in bytes.
pub const CONTENT_TYPE_BYTES: usize = 127;
/// Uploads are kept in parts of this size: one that breaks off goes on after the last whole part.
pub const MEDIA_PART_BYTES: u64 = 1024 * 1024;
/// Files of one `media.urls`.
pub const MEDIA_URLS: usize = 100;
/// How long an address of `media.urls` is good, in milliseconds (Twilio's figure).
pub const MEDIA_URL_MS: u64 = 300 * 1_000;
/// Width and height that a thumbnail fits into, in pixels.
pub const THUMBNAIL_PIXELS: u32 = 512;
/// Largest picture of which a thumbnail is made, in pixels (width times height).
pub const PICTURE_PIXELS: u64 = 50_000_000;
/// Longest file of which a thumbnail is made.
pub const PICTURE_BYTES: u64 = 32 * 1024 * 1024;
/// Messages of one page (Twilio's figure).
pub const MESSAGE_PAGE: usize = 100;
/// Events of one range (Voximplant's figure).
pub const EVENT_RANGE: usize = 100;
/// Conversations of one page.
pub const CONVERSATION_PAGE: usize = 50;
/// Conversations of one look-up by SID (Voximplant's figure).
pub const CONVERSATION_BATCH: usize = 30;
/// Participants that a conversation is made with, besides its maker.
pub const INITIAL_PARTICIPANTS: usize = 100;
/// Shortest timer of a conversation, in milliseconds (Twilio's figure).
pub const TIMER_MIN_MS: u64 = 60 * 1_000;
/// Longest timer of a conversation, in milliseconds.
pub const TIMER_MAX_MS: u64 = 3_653 * 24 * 60 * 60 * 1_000;
/// Drafts and settings of one page, together.
pub const STATE_PAGE: usize = 20;
/// Name of a setting, in characters.
pub const SETTING_KEY_CHARS: usize = 64;
/// Value of a setting, as JSON.
pub const SETTING_BYTES: usize = 4 * 1024;
/// Settings of one user.
pub const SETTINGS: usize = 128;
/// Names of settings that one user ever used: other devices have to hear of those that were forgotten.
pub const SETTING_KEYS: usize = 1_024;
/// Shortest time between two drafts of one conversation by one client, in milliseconds.
pub const DRAFT_DEBOUNCE_MS: u64 = 1_000;
/// Participants of one page.
pub const PARTICIPANT_PAGE: usize = 200;
/// Users of one look-up (Voximplant's figure).
pub const USER_BATCH: usize = 50;
/// People and rows that one session may declare interest in.
pub const INTEREST: usize = 100;
/// Participants of a conversation unless the server is told otherwise (Twilio's figure).
pub const PARTICIPANTS: usize = 1_000;
/// Participants that a server may be told to allow in one conversation.
pub const PARTICIPANTS_MOST: usize = 10_000;
/// Participants of a conversation who are no users of the workspace (Twilio's figure).
pub const NON_CHAT_PARTICIPANTS: usize = 50;
/// Address of one of them, in characters (Twilio's figure).
pub const ADDRESS_CHARS: usize = 256;
/// Token by which a carrier of push notifications knows a device.
pub const PUSH_TOKEN_BYTES: usize = 4 * 1024;
/// Name of a message in another system, in characters.
pub const CHANNEL_SID_CHARS: usize = 256;
/// Roles of one workspace besides the built-in ones.
pub const ROLES: usize = 100;
/// Conversations of one user (Twilio's figure).
pub const CONVERSATIONS_PER_USER: usize = 1_000;
/// Live WebSockets of one user.
pub const CONNECTIONS_PER_USER: usize = 16;
/// Live WebSockets of one server.
pub const CONNECTIONS: usize = 20_000;
/// Requests that one user may make in a second, sustained.
pub const REQUESTS_PER_SECOND: u32 = 200;
/// Requests that one user may make at once on top of the sustained rate.
pub const REQUEST_BURST: u32 = 400;
/// Requests of one session that may wait for their answer at once.
pub const REQUESTS_IN_FLIGHT: usize = 128;
/// Frames queued for one session before ephemeral ones are dropped.
pub const SESSION_QUEUE: usize = 1_024;
/// Above this number of participants read horizons are pulled, not pushed.
pub const HORIZON_PUSH_PARTICIPANTS: usize = 200;
/// Above this number of participants typing is not passed on.
pub const TYPING_PARTICIPANTS: usize = 1_000;
/// Typists passed on per conversation and second.
pub const TYPISTS_PER_SECOND: usize = 3;
/// How long a typing indicator stands without renewal, in milliseconds.
pub const TYPING_TIMEOUT_MS: u64 = 6_000;
/// How often a client renews its typing indicator, in milliseconds.
pub const TYPING_RENEWAL_MS: u64 = 4_000;
/// How long a person without a connection still counts as online, in milliseconds.
pub const OFFLINE_AFTER_MS: u64 = 10_000;
/// Heartbeat interval, both ways, in milliseconds.
pub const HEARTBEAT_MS: u64 = 5_000;
/// A connection on which nothing arrived for this long is dead, in milliseconds.
pub const DEAD_AFTER_MS: u64 = 15_000;
/// A request that has no answer after this long was lost, and its connection is given up, in milliseconds.
pub const ANSWER_MS: u64 = 30_000;
/// Over how long the clients of a small server spread their first attempt to come back, in milliseconds.
pub const RECONNECT_SPREAD_MS: u64 = 250;
/// Shortest time between two horizon writes of one conversation by one client, in milliseconds.
pub const HORIZON_DEBOUNCE_MS: u64 = 1_000;
/// How long an access token lives, in milliseconds.
pub const ACCESS_TOKEN_MS: u64 = 10 * 60 * 1_000;
/// How long before its end `token.about_to_expire` is sent, in milliseconds.
pub const TOKEN_WARNING_MS: u64 = 2 * 60 * 1_000;
/// How long a refresh token lives without use, in milliseconds.
pub const REFRESH_TOKEN_MS: u64 = 90 * 24 * 60 * 60 * 1_000;
/// How long outcomes of mutations other than messages are kept for deduplication, in milliseconds.
pub const OUTCOME_MS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// Longest life of an invite, in milliseconds.
pub const INVITE_MS: u64 = 30 * 24 * 60 * 60 * 1_000;
/// Times that one invite may be used at most.
pub const INVITE_USES: u32 = 1_000;
/// Live invites of one workspace.
pub const INVITES: usize = 200;
/// Devices of one user.
pub const DEVICES: usize = 50;
/// Shortest password, in characters.
pub const PASSWORD_MIN_CHARS: usize = 8;
/// Longest password, in bytes.
pub const PASSWORD_BYTES: usize = 1_024;
/// Name of a device, in characters.
pub const DEVICE_NAME_CHARS: usize = 128;
/// Name of a workspace, in characters.
pub const WORKSPACE_NAME_CHARS: usize = 128;
/// Body of an HTTP request other than media.
pub const HTTP_BODY_BYTES: usize = 16 * 1024;
