//! Protocol versions and capabilities, exchanged in `hello`.

use serde::{Deserialize, Serialize};

/// The version that this crate speaks.
pub const PROTOCOL_VERSION: u32 = 1;

/// The versions that a side speaks, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRange {
    /// The oldest.
    pub min: u32,
    /// The newest.
    pub max: u32,
}

impl VersionRange {
    /// What this crate speaks.
    pub const OURS: Self = Self { min: 1, max: PROTOCOL_VERSION };

    /// The newest version that both ranges hold.
    #[must_use]
    pub fn common(self, other: Self) -> Option<u32> {
        let newest = self.max.min(other.max);
        (newest >= self.min && newest >= other.min).then_some(newest)
    }
}

/// An optional part of the protocol. Each side names what it can do and ignores what it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Typing indicators.
    Typing,
    /// Presence by subscription.
    Presence,
    /// Read horizons.
    ReadHorizon,
    /// Drafts and settings as one's own versioned state.
    OwnState,
    /// A capability that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Capability {
    /// What this crate can do.
    pub const OURS: &'static [Self] = &[Self::Typing, Self::Presence, Self::ReadHorizon, Self::OwnState];
}
