//! What a window shows, read in one look so that its parts belong together.

use serde::Deserialize;

/// Reads everything that tests look at. Gives an object of the form of [`Seen`].
pub(crate) const SCRIPT: &str = r#"
const all = (id, within = document) => [...within.querySelectorAll(`[data-testid="${id}"]`)];
const text = (node) => (node ? node.textContent.trim() : null);
const index = (node) => (/^\d+$/.test(node.dataset.messageIndex ?? "") ? Number(node.dataset.messageIndex) : null);
const notice = (node) => ({ code: node.dataset.code ?? "", text: text(node) });
return {
  title: document.title,
  focused: document.hasFocus(),
  welcome: all("welcome").length > 0,
  connection: all("connection-state")[0]?.dataset.state ?? null,
  rows: all("conversation-item").map((row) => ({
    sid: row.dataset.conversationSid ?? "",
    name: text(all("conversation-name", row)[0]) ?? "",
    unread: Number(row.dataset.unread ?? 0),
    badge: text(all("unread-badge", row)[0]),
    text: text(row) ?? "",
    open: (row.getAttribute("aria-current") ?? "false") !== "false",
  })),
  messages: all("message").map((message) => ({
    index: index(message),
    author: message.dataset.author ?? "",
    state: message.dataset.state ?? "",
    body: text(all("message-body", message)[0]) ?? "",
    problem: all("message-problem", message).map(notice)[0] ?? null,
  })),
  people: all("participant").map((person) => person.dataset.identity ?? ""),
  composer: all("composer-input")[0]?.value ?? null,
  theme: document.documentElement.dataset.theme ?? "system",
  typing: text(all("typing-indicator")[0]),
  errors: all("error-notice").map(notice),
  storage: all("storage-notice").map(notice)[0] ?? null,
  stuck: all("stuck").map(notice),
};
"#;

/// What a window shows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Seen {
    /// The title of the page.
    pub title: String,
    /// The keyboard is in it.
    pub focused: bool,
    /// It is the first-run screen.
    pub welcome: bool,
    /// The connection state.
    pub connection: Option<String>,
    /// The conversation list.
    pub rows: Vec<Row>,
    /// The messages of the open conversation that are drawn.
    pub messages: Vec<Message>,
    /// Identities in the open details.
    pub people: Vec<String>,
    /// What is being written in the open conversation, where one may.
    pub composer: Option<String>,
    /// The theme that was chosen.
    pub theme: String,
    /// The typing indicator, when it is there.
    pub typing: Option<String>,
    /// Refused actions.
    pub errors: Vec<Notice>,
    /// Why nothing can be kept or taken, while it cannot.
    pub storage: Option<Notice>,
    /// What was refused and has no row: what is said of each.
    pub stuck: Vec<Notice>,
}

/// A row of the conversation list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Row {
    /// SID, empty until the server has made it.
    pub sid: String,
    /// Friendly name.
    pub name: String,
    /// The count that it carries.
    pub unread: u64,
    /// The count that it shows.
    pub badge: Option<String>,
    /// All that it says: name, preview or draft, time.
    pub text: String,
    /// It is the open one.
    pub open: bool,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Message {
    /// Its index; none while it is an echo.
    pub index: Option<u64>,
    /// Identity of its author.
    pub author: String,
    /// `sending`, `unsaved`, `sent` or `failed`.
    pub state: String,
    /// Its text.
    pub body: String,
    /// Why it was refused.
    pub problem: Option<Notice>,
}

/// A refusal in words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Notice {
    /// Its code.
    pub code: String,
    /// Its sentence.
    pub text: String,
}

impl Seen {
    /// The row of a conversation.
    #[must_use]
    pub fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// The unread count of a conversation whose badge says the same; none when the two differ or there is no such row.
    #[must_use]
    pub fn unread(&self, name: &str) -> Option<u64> {
        let row = self.row(name)?;
        let shown = row.badge.as_deref().map_or(Some(0), |badge| badge.parse().ok())?;
        (row.unread == shown).then_some(shown)
    }

    /// How many messages with this text stand in the timeline.
    #[must_use]
    pub fn count(&self, body: &str) -> usize {
        self.messages.iter().filter(|message| message.body == body).count()
    }

    /// Whether a message with this text stands there in this state.
    #[must_use]
    pub fn is(&self, body: &str, state: &str) -> bool {
        self.messages.iter().any(|message| message.body == body && message.state == state)
    }

    /// Whether a message with this text stands there, and the server has it.
    #[must_use]
    pub fn has_sent(&self, body: &str) -> bool {
        self.messages
            .iter()
            .any(|message| message.body == body && message.state == "sent" && message.index.is_some())
    }
}
