//! `POST v1/typing`.

use std::sync::Arc;

use confab_domain::account::may_type;
use confab_protocol::limits;
use serde_json::json;

use super::{Caller, Reply, conversation_sid};
use crate::hub::Input;
use crate::twilio::problem::Problem;
use crate::twilio::wire::Request;

/// How long the client keeps quiet after this, in seconds: one less than the indicator stands.
const AGAIN_SECONDS: u64 = limits::TYPING_TIMEOUT_MS / 1_000 - 1;

/// Tells the others that one types.
pub(super) async fn say(caller: &Caller, request: &Request) -> Result<Reply, Problem> {
    let sid = request.form("ChannelSid").ok_or_else(|| Problem::invalid("ChannelSid", "missing"))?;
    let conversation = conversation_sid(&sid)?;
    let actor = Arc::clone(&caller.actor);
    let participants = caller.read(move |read| may_type(&actor, conversation, read)).await?;
    caller.node.tell_hub(Input::Typing { peer: caller.peer.id, conversation, participants }).await;
    Ok(Reply::ok(json!({ "typing_timeout": AGAIN_SECONDS })))
}
