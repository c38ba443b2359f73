//! What needs a connector that this server does not have: it answers as an account does in which nothing of that kind was set up.

use super::ask::Ask;
use super::reply::{Reply, Trail, page};
use super::{Route, Scope};
use crate::twilio::problem::Problem;

const ADDRESS: &str = "/Configuration/Addresses/{address}";

pub(super) const ROUTES: &[Route] = &[
    Route::get("/Credentials", Scope::Account, "list credentials of push services", &[], |ask| {
        Box::pin(list(ask, "credentials"))
    }),
    Route::post("/Credentials", Scope::Account, "create a credential of a push service", &["Type"], |ask| {
        Box::pin(refused(ask, "push services"))
    }),
    Route::get("/Credentials/{credential}", Scope::Account, "fetch a credential", &[], |ask| {
        Box::pin(missing(ask))
    }),
    Route::post("/Credentials/{credential}", Scope::Account, "update a credential", &[], |ask| {
        Box::pin(missing(ask))
    }),
    Route::delete("/Credentials/{credential}", Scope::Account, "delete a credential", |ask| {
        Box::pin(missing(ask))
    }),
    Route::get(
        "/Configuration/Addresses",
        Scope::Account,
        "list addresses of telephones",
        &["Type"],
        |ask| Box::pin(list(ask, "address_configurations")),
    ),
    Route::post(
        "/Configuration/Addresses",
        Scope::Account,
        "create an address",
        &["Type", "Address"],
        |ask| Box::pin(refused(ask, "telephones")),
    ),
    Route::get(ADDRESS, Scope::Account, "fetch an address", &[], |ask| Box::pin(missing(ask))),
    Route::post(ADDRESS, Scope::Account, "update an address", &[], |ask| Box::pin(missing(ask))),
    Route::delete(ADDRESS, Scope::Account, "delete an address", |ask| Box::pin(missing(ask))),
];

async fn list(ask: Ask, key: &'static str) -> Result<Reply, Problem> {
    page(&ask, key, &Trail::read(&ask)?, Vec::new())
}

async fn missing(_: Ask) -> Result<Reply, Problem> {
    Err(Problem::new(404, 20404, "The requested resource was not found"))
}

async fn refused(_: Ask, what: &str) -> Result<Reply, Problem> {
    Err(Problem::new(400, 20001, format!("This server has no connection to {what}")))
}
