//! `/Conversations/{conversation}/Messages/{message}/Receipts`: what connectors have reported of copies outside the workspace; and
//! `…/ChannelMetadata`, which no message has.

use confab_domain::row::ReceiptRow;
use confab_protocol::model::DeliveryStatus;
use confab_protocol::{derived, limits};
use serde_json::{Value, json};

use super::ask::Ask;
use super::date::write;
use super::messages::named;
use super::reply::{Listed, Reply, Trail, page};
use super::roles::behind;
use super::{Route, Scope};
use crate::twilio::problem::Problem;

const LIST: &str = "/Conversations/{conversation}/Messages/{message}/Receipts";
const ONE: &str = "/Conversations/{conversation}/Messages/{message}/Receipts/{receipt}";
const METADATA: &str = "/Conversations/{conversation}/Messages/{message}/ChannelMetadata";

pub(super) const ROUTES: &[Route] = &[
    Route::get(LIST, Scope::Both, "list receipts of connectors", &[], |ask| Box::pin(list(ask))),
    Route::get(ONE, Scope::Both, "fetch a receipt of a connector", &[], |ask| Box::pin(fetch(ask))),
    Route::get(METADATA, Scope::Both, "fetch the metadata of a channel", &[], |ask| Box::pin(metadata(ask))),
];

/// Receipts of the message that the address names. Within a workspace the read horizon tells who has read what.
async fn listed(ask: &Ask) -> Result<Vec<Listed>, Problem> {
    let conversation = ask.conversation().await?;
    let message = named(ask, conversation).await?;
    let (index, sid) = (message.index, message.sid);
    let rows =
        ask.read(move |read| Ok(read.receipts(conversation, index, limits::NON_CHAT_PARTICIPANTS)?)).await?;
    let one = |row: &ReceiptRow| {
        let receipt = derived::receipt(sid, row.participant).to_string();
        let url =
            format!("{}/Conversations/{conversation}/Messages/{sid}/Receipts/{receipt}", ask.place.base);
        Listed { body: shape(row, &receipt, &sid.to_string(), &ask.place.account, &url), place: receipt }
    };
    Ok(rows.iter().map(one).collect())
}

fn shape(row: &ReceiptRow, sid: &str, message: &str, account: &str, url: &str) -> Value {
    json!({
        "sid": sid,
        "account_sid": account,
        "conversation_sid": row.conversation,
        "message_sid": message,
        "channel_message_sid": row.channel_message_sid,
        "participant_sid": row.participant,
        "status": status(row.status),
        "error_code": row.error_code,
        "date_created": write(row.date_created),
        "date_updated": write(row.date_updated),
        "url": url,
    })
}

/// How far a copy has come, in Twilio's word.
pub(in crate::twilio) fn status(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Queued => "queued",
        DeliveryStatus::Delivered => "delivered",
        DeliveryStatus::Read => "read",
        DeliveryStatus::Undelivered => "undelivered",
        DeliveryStatus::Failed => "failed",
        DeliveryStatus::Sent | DeliveryStatus::Unknown => "sent",
    }
}

async fn list(ask: Ask) -> Result<Reply, Problem> {
    let trail = Trail::read(&ask)?;
    let rows = behind(listed(&ask).await?, trail.after());
    page(&ask, "delivery_receipts", &trail, rows)
}

async fn fetch(ask: Ask) -> Result<Reply, Problem> {
    let row = listed(&ask).await?.into_iter().find(|row| row.place == ask.name("receipt"));
    let missing = || Problem::new(404, 20404, "The requested resource was not found");
    Ok(Reply::found(row.ok_or_else(missing)?.body))
}

async fn metadata(ask: Ask) -> Result<Reply, Problem> {
    named(&ask, ask.conversation().await?).await?;
    Err(Problem::no_channel_metadata())
}
