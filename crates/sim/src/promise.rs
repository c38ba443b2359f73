//! What is promised, each with a name; and a promise that was not kept.

use std::fmt;

/// A promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Every message that was safe in an outbox stands, or its author knows why not, or took it back.
    NotLost,
    /// No message stands twice, and no other mutation was applied twice.
    Once,
    /// Messages of a device stand in the order in which they were sent.
    InOrder,
    /// No client receives what it may not see at that moment.
    Private,
    /// At rest every client shows what the server has and may be seen.
    Equal,
    /// Counts and badges are those of a recount.
    Counted,
    /// What the server has acknowledged is still there after a crash.
    Durable,
    /// Nobody changes anything that they have no right to at that place of the log.
    Entitled,
    /// No client goes back to an older state of a message that it has shown.
    Fresh,
    /// No client is ahead of the server, whatever happened to the server.
    OfThisEpoch,
    /// A horizon that was put back stays back until somebody who knew of it reads on.
    HorizonKept,
    /// What was refused has changed nothing: log, views and counters agree.
    Whole,
    /// What nobody was told of is found within ten seconds, what was lost on the way within thirty, a dead connection within
    /// fifteen.
    Timely,
    /// Outboxes come to an end: empty, or stuck with a reason that is shown.
    Settled,
}

impl Promise {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotLost => "not lost",
            Self::Once => "once",
            Self::InOrder => "in order",
            Self::Private => "private",
            Self::Equal => "equal",
            Self::Counted => "counted",
            Self::Durable => "durable",
            Self::Entitled => "entitled",
            Self::Fresh => "fresh",
            Self::OfThisEpoch => "of this epoch",
            Self::HorizonKept => "horizon kept",
            Self::Whole => "whole",
            Self::Timely => "timely",
            Self::Settled => "settled",
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub promise: Promise,
    /// How.
    pub how: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.how)
    }
}

/// What a check gives.
pub(crate) type Kept<T = ()> = Result<T, Broken>;

/// Breaks off unless a condition holds.
macro_rules! ensure {
    ($promise:ident, $condition:expr, $($text:tt)*) => {
        if !$condition {
            return Err($crate::promise::Broken {
                promise: $crate::promise::Promise::$promise,
                how: format!($($text)*),
            });
        }
    };
}
pub(crate) use ensure;
