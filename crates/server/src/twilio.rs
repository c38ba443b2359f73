//! The gateway for programs that were written for Twilio Conversations: its keys and tokens. It holds no state of its own beside
//! what is kept in the database, and does nothing that the native protocol could not do.

pub(crate) mod keys;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the door for stock clients asks it, and is built beside it")
)]
pub(crate) mod token;
