//! The REST API of Twilio Conversations, for back ends that were written for it. Each route only translates to the commands of the
//! native protocol, done by a program with every right, and back to Twilio's form.

mod ask;
mod bindings;
mod configuration;
mod contacts;
mod conversations;
mod date;
mod desk;
mod fields;
mod find;
mod messages;
mod participants;
mod people;
mod receipts;
mod reply;
mod roles;
pub(crate) mod settings;
mod shape;
mod unconfigured;
mod users;
mod webhooks;

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodFilter, get, on};

use super::openapi;
use super::problem::Problem;
use crate::node::Node;
pub(super) use ask::authenticated;
use ask::{Ask, Place};
pub(super) use contacts::find as contact;
pub(super) use receipts::status as delivery_status;
use reply::{Refused, Reply};

/// Where a route stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Below `/v1`.
    Account,
    /// Below `/v1/Services/{service}`.
    Service,
    /// Below both.
    Both,
}

/// What a route does.
type Run = fn(Ask) -> Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;

/// One route: what the router goes by, and what the document of the API is made of.
#[derive(Clone, Copy)]
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) scope: Scope,
    /// What it does, in words.
    pub(super) does: &'static str,
    /// Fields of the form, or of the query of a list.
    pub(super) takes: &'static [&'static str],
    run: Run,
}

impl Route {
    const fn get(
        path: &'static str,
        scope: Scope,
        does: &'static str,
        takes: &'static [&'static str],
        run: Run,
    ) -> Self {
        Self { method: "GET", path, scope, does, takes, run }
    }

    const fn post(
        path: &'static str,
        scope: Scope,
        does: &'static str,
        takes: &'static [&'static str],
        run: Run,
    ) -> Self {
        Self { method: "POST", path, scope, does, takes, run }
    }

    const fn delete(path: &'static str, scope: Scope, does: &'static str, run: Run) -> Self {
        Self { method: "DELETE", path, scope, does, takes: &[], run }
    }

    /// Every address that it stands at.
    pub(super) fn addresses(&self) -> Vec<String> {
        let below = |base: &str| format!("{base}{}", self.path);
        let (account, service) = (below("/v1"), below("/v1/Services/{service}"));
        match self.scope {
            Scope::Account => vec![account],
            Scope::Service => vec![service],
            Scope::Both => vec![account, service],
        }
    }

    /// The status of its answer when it goes well.
    pub(super) fn status(&self) -> u16 {
        match self.method {
            "DELETE" => 204,
            "POST" if self.path == people::AT_ONCE => 202,
            "POST" if !self.path.ends_with('}') && !self.path.starts_with("/Configuration") => 201,
            _ => 200,
        }
    }

    /// Whether hooks are told of what it does, when the request wants that.
    pub(super) fn tells_hooks(&self) -> bool {
        let is_hooks = self.path.contains("/Webhooks");
        let of = ["/Conversation", "/Users"].iter().any(|start| self.path.starts_with(start));
        self.method != "GET" && of && !is_hooks
    }

    fn filter(&self) -> MethodFilter {
        match self.method {
            "POST" => MethodFilter::POST,
            "DELETE" => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        }
    }
}

/// Every route.
pub(super) fn all() -> impl Iterator<Item = &'static Route> {
    let parts = [
        conversations::ROUTES,
        messages::ROUTES,
        receipts::ROUTES,
        participants::ROUTES,
        users::ROUTES,
        people::ROUTES,
        roles::ROUTES,
        configuration::ROUTES,
        webhooks::ROUTES,
        bindings::ROUTES,
        unconfigured::ROUTES,
    ];
    parts.into_iter().flatten()
}

/// The router of all routes, and of the document that describes them.
pub(crate) fn routes() -> Router<Arc<Node>> {
    let mut router = Router::new().route(openapi::PATH, get(openapi::document));
    for route in all() {
        let run = route.run;
        for address in route.addresses() {
            router = router.route(
                &address,
                on(route.filter(), move |ask: Ask| async move { run(ask).await.map_err(Refused) }),
            );
        }
    }
    router
}
