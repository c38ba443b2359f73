//! One request of the REST API: who asks, what for, and the ways to the rules.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::RequestExt as _;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Path, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use confab_domain::{DomainResult, Event, Ids as _, Read};
use confab_protocol::{Call, ClientId, ConversationSid, ErrorCode};
use sha2::{Digest as _, Sha256};

use super::desk::Desk;
use super::fields::Fields;
use super::find;
use super::reply::Refused;
use crate::clock::SystemIds;
use crate::http::Secure;
use crate::node::Node;
use crate::twilio::keys::{self, account_sid};
use crate::twilio::problem::Problem;
use crate::twilio::webhook::{self, Source};
use crate::twilio::wire::base;

/// Longest body of a request, in bytes: attributes and a text in which every character is written as three.
const BODY: usize = 256 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// Rows of a page when nothing is said, and the most.
const PAGE: (usize, usize) = (50, 100);

/// A request by somebody who has a key.
pub(super) struct Ask {
    pub(super) node: Arc<Node>,
    /// What stands in the address for each name of the route.
    names: BTreeMap<String, String>,
    /// What stands behind the question mark.
    pub(super) query: Fields,
    /// The body.
    pub(super) form: Fields,
    /// Where resources of this request stand, with the service when it was named.
    pub(super) place: Place,
    /// The address of the request without what stands behind the question mark.
    pub(super) url: String,
    /// Hooks are told of what this request does.
    pub(super) tells_hooks: bool,
    /// The key with which it was asked.
    pub(super) key_sid: String,
}

/// Where resources stand, and whose they are.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// `AC…`
    pub(super) account: String,
    /// `IS…`
    pub(super) service: String,
    /// The address in front of `/Conversations`, without the service.
    pub(super) root: String,
    /// The same, with the service when the request named it.
    pub(super) base: String,
}

impl FromRequest<Arc<Node>> for Ask {
    type Rejection = Refused;

    async fn from_request(request: Request, node: &Arc<Node>) -> Result<Self, Refused> {
        Self::read_request(request, node).await.map_err(Refused)
    }
}

impl Ask {
    async fn read_request(mut request: Request, node: &Arc<Node>) -> Result<Self, Problem> {
        if node.is_stopping() {
            return Err(ErrorCode::Unavailable.into());
        }
        let key_sid = authenticated(node, request.headers()).await?;
        let names = request.extract_parts::<Path<BTreeMap<String, String>>>().await;
        let names = names.map_err(|_| Problem::no_route())?.0;
        let service = node.readers.scope().to_string();
        let named = names.get("service");
        if named.is_some_and(|named| *named != service) {
            return Err(Problem::new(
                404,
                20404,
                "The requested resource was not found: there is no such service",
            ));
        }
        let secure = request.extensions().get::<Secure>().copied().unwrap_or(Secure(false));
        let origin = base(node, request.headers(), secure);
        let root = format!("{origin}/v1");
        let base = if named.is_some() { format!("{root}/Services/{service}") } else { root.clone() };
        let url = format!("{origin}{}", request.uri().path());
        let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
        let tells = request.headers().get("X-Twilio-Webhook-Enabled");
        let tells_hooks = tells.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
        let form = if request.method() == Method::POST { body(request).await? } else { Fields::default() };
        let place = Place { account: account_sid(node.readers.scope()), service, root, base };
        Ok(Self { node: Arc::clone(node), names, query, form, place, url, tells_hooks, key_sid })
    }
}

async fn body(request: Request) -> Result<Fields, Problem> {
    let late = |_| Problem::new(408, 20408, "The body did not arrive in time: send it again");
    let read = tokio::time::timeout(PATIENCE, to_bytes(request.into_body(), BODY)).await.map_err(late)?;
    let bytes = read.map_err(|_| Problem::new(413, 20413, "The body is too long"))?;
    Ok(Fields::parse(&bytes))
}

/// The key that is named by itself, or by the account with its secret.
///
/// # Errors
/// 20003 when there is none of that name and secret.
pub(in crate::twilio) async fn authenticated(node: &Node, headers: &HeaderMap) -> Result<String, Problem> {
    let refused = || Problem::new(401, 20003, "Authenticate: name an API key of this server and its secret");
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let basic = given.and_then(|text| text.strip_prefix("Basic ")).ok_or_else(refused)?;
    let decoded = STANDARD.decode(basic).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (name, secret) = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or_else(refused)?;
    let (name, secret) = (name.to_owned(), Sha256::digest(secret));
    let found = move |read: &dyn Read| {
        let keys = if name == account_sid(read.scope()) {
            keys::list(read)?
        } else {
            keys::find(&name, read)?.into_iter().collect()
        };
        Ok(keys.into_iter().find(|key| Sha256::digest(&key.secret) == secret).map(|key| key.sid))
    };
    node.readers.read(found).await?.ok_or_else(refused)
}

impl Ask {
    /// What stands in the address for a name of the route.
    pub(super) fn name(&self, name: &str) -> &str {
        self.names.get(name).map_or("", String::as_str)
    }

    /// A new id for a mutation.
    pub(super) fn client_id() -> ClientId {
        ClientId(SystemIds.uuid())
    }

    /// How many rows a page of the answer holds.
    pub(super) fn page_size(&self) -> Result<usize, Problem> {
        let (default, most) = PAGE;
        let asked = self.query.number("PageSize")?.unwrap_or(default as u64);
        if asked == 0 {
            return Err(Problem::invalid("PageSize", "must be at least 1"));
        }
        Ok(usize::try_from(asked).unwrap_or(most).min(most))
    }

    /// The conversation that the address names, by identifier or unique name.
    pub(super) async fn conversation(&self) -> Result<ConversationSid, Problem> {
        let name = self.name("conversation").to_owned();
        self.read(move |read| Ok(find::conversation(&name, read)?.sid)).await
    }

    /// Reads at one state.
    pub(super) async fn read<T, F>(&self, run: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Read) -> DomainResult<T> + Send + 'static,
    {
        Ok(self.node.readers.read(run).await?)
    }

    /// Asks the hooks whether a mutation may be done, and what it is to be.
    pub(super) async fn before(&self, author: &str, call: Call) -> Result<Call, Problem> {
        if !self.tells_hooks {
            return Ok(call);
        }
        Ok(webhook::before(&self.node, Source::Api, author, call).await?)
    }

    /// Writes in one transaction, and tells whom it concerns.
    pub(super) async fn write<T, F>(&self, mut run: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnMut(&mut Desk<'_>) -> DomainResult<T> + Send + 'static,
    {
        let (node, tells_hooks) = (Arc::clone(&self.node), self.tells_hooks);
        let done = self.node.writer.call(move |tx, now, ids| {
            let mut desk = Desk { tx, now, ids, events: Vec::new() };
            let value = run(&mut desk)?;
            let events: Vec<Event> = desk.events;
            if tells_hooks {
                webhook::owe(&node, Source::Api, &events, now, ids, tx)?;
            } else {
                webhook::forget(&events, tx)?;
            }
            Ok((value, events))
        });
        let value = done.await?;
        if self.tells_hooks {
            self.node.hooks.wake();
        }
        Ok(value)
    }
}
