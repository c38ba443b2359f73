//! A request that came in a packet, with its percents resolved.

use std::borrow::Cow;
use std::collections::BTreeMap;

use confab_protocol::ClientId;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::packet::HttpRequest;
use crate::twilio::problem::Problem;

/// What stands at the beginning of an address; whatever is before it is the application's own.
const ROOTS: [&str; 4] = ["Client", "v1", "v3", "v4"];

/// A request.
pub(in crate::twilio) struct Request {
    /// GET, POST, …
    pub(in crate::twilio) method: String,
    /// The parts of the address.
    pub(in crate::twilio) path: Vec<String>,
    query: BTreeMap<String, String>,
    /// Names a mutation, so that it is applied once.
    pub(in crate::twilio) client_id: ClientId,
    body: Vec<u8>,
}

impl Request {
    /// Reads one.
    pub(super) fn read(http: &HttpRequest, body: &[u8]) -> Self {
        let path = http.path.split('?').next().unwrap_or_default();
        let path: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        let root = path.iter().position(|part| ROOTS.contains(&part.as_str())).unwrap_or(0);
        Self {
            method: if http.method.is_empty() { "GET".to_owned() } else { http.method.to_ascii_uppercase() },
            path: path.into_iter().skip(root).collect(),
            query: http
                .params
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), text(value)?)))
                .collect(),
            client_id: mutation_id(http).unwrap_or_else(|| ClientId(Uuid::now_v7())),
            body: body.to_vec(),
        }
    }

    /// A parameter behind the question mark.
    pub(in crate::twilio) fn param(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The body as JSON; none is `{}`.
    pub(in crate::twilio) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(body).map_err(|_| Problem::invalid("body", "not of the expected form"))
    }

    /// A field of a body that is a form.
    pub(in crate::twilio) fn form(&self, name: &str) -> Option<Cow<'_, str>> {
        form_urlencoded::parse(&self.body).find(|(found, _)| found == name).map(|(_, value)| value)
    }
}

/// The first of several values of the same name counts.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(decoded(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(values) => text(values.first()?),
        Value::Null | Value::Object(_) => None,
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn mutation_id(http: &HttpRequest) -> Option<ClientId> {
    let mut headers = http.headers.iter();
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-twilio-mutation-id"))?;
    Uuid::try_parse(value.as_str()?).ok().map(ClientId)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(http: Value, body: &str) -> Request {
        Request::read(&serde_json::from_value(http).unwrap(), body.as_bytes())
    }

    #[test]
    fn parts_are_read_with_their_percents_and_without_what_stands_before() {
        let read = request(
            json!({ "path": "/some/where/Client/v2/Users/Zo%C3%AB%2F1", "params": { "PageToken": "a%3D" } }),
            "",
        );
        assert_eq!(
            (read.method.as_str(), &read.path[..]),
            ("GET", &["Client", "v2", "Users", "Zoë/1"].map(String::from)[..])
        );
        assert_eq!((read.param("PageToken"), read.param("Order")), (Some("a="), None));
        assert!(read.json::<Value>().is_ok());
    }

    #[test]
    fn a_mutation_is_known_by_its_id_and_a_form_by_its_names() {
        let id = Uuid::from_u128(7);
        let http =
            json!({ "path": "/v1/typing", "method": "post", "headers": { "X-Twilio-Mutation-Id": id } });
        let read = request(http, "ChannelSid=CH%201&x=2");
        assert_eq!((read.method.as_str(), read.client_id), ("POST", ClientId(id)));
        assert_eq!(read.form("ChannelSid").as_deref(), Some("CH 1"));
        assert!(read.json::<Value>().is_err_and(|problem| problem.status == 400));
    }
}
