//! Answers: one resource, a page of them, or nothing.

use axum::http::StatusCode;
use axum::http::header::WWW_AUTHENTICATE;
use axum::response::{IntoResponse, Json, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::fields::status;
use crate::twilio::problem::Problem;

/// Pages that a token leads back over: beyond those there is no way back but from the beginning.
const BACK: usize = 20;

/// What is answered.
#[derive(Debug)]
pub(super) struct Reply {
    status: StatusCode,
    body: Option<Value>,
}

impl Reply {
    /// A resource as it stands.
    pub(super) fn found(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body) }
    }

    /// A resource that was made.
    pub(super) fn made(body: Value) -> Self {
        Self { status: StatusCode::CREATED, body: Some(body) }
    }

    /// A resource whose making goes on at Twilio, and has ended here.
    pub(super) fn accepted(body: Value) -> Self {
        Self { status: StatusCode::ACCEPTED, body: Some(body) }
    }

    /// Something is gone.
    pub(super) fn gone() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self.body {
            Some(body) => (self.status, Json(body)).into_response(),
            None => self.status.into_response(),
        }
    }
}

/// Why a request was refused, as a back end hears it.
pub(super) struct Refused(pub(super) Problem);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Problem { status: number, code, message } = self.0;
        let more_info = format!("https://www.twilio.com/docs/errors/{code}");
        let body = json!({ "status": number, "code": code, "message": message, "more_info": more_info });
        let mut response = (status(number), Json(body)).into_response();
        if number == 401 {
            let realm = axum::http::HeaderValue::from_static("Basic realm=\"Confab\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, realm);
        }
        response
    }
}

/// A row of a list, with the place behind which the next page begins.
pub(super) struct Listed {
    /// Where it stands in the list.
    pub(super) place: String,
    /// The resource.
    pub(super) body: Value,
}

/// The places behind which the pages up to this one began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trail {
    /// How many pages were before this one.
    page: u64,
    /// The last of those places, the one of this page at the end.
    places: Vec<String>,
}

impl Trail {
    /// Reads the token of a request; none is the beginning.
    pub(super) fn read(ask: &Ask) -> Result<Self, Problem> {
        let Some(token) = ask.query.text("PageToken").filter(|token| !token.is_empty()) else {
            return Ok(Self::default());
        };
        Self::parse(token).ok_or_else(|| Problem::invalid("PageToken", "not from an answer"))
    }

    fn parse(token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (page, places): (u64, Vec<String>) = serde_json::from_slice(&bytes).ok()?;
        (!places.is_empty() && places.len() <= BACK).then_some(Self { page, places })
    }

    /// Behind what the page begins.
    pub(super) fn after(&self) -> Option<&str> {
        self.places.last().map(String::as_str)
    }

    fn token(&self) -> String {
        let text = serde_json::to_string(&(self.page, &self.places));
        URL_SAFE_NO_PAD.encode(text.expect("invariant: texts can be written as JSON"))
    }

    fn next(&self, place: String) -> Self {
        let mut places = self.places.clone();
        places.push(place);
        let spare = places.len().saturating_sub(BACK);
        Self { page: self.page + 1, places: places.split_off(spare) }
    }

    /// The page before this one, as far as the way back is known.
    fn previous(&self) -> Option<Self> {
        let page = self.page.checked_sub(1)?;
        let places = self.places[..self.places.len() - 1].to_vec();
        (page == 0 || !places.is_empty()).then_some(Self { page, places })
    }
}

/// A page: of one more row than it holds it tells that there is another page.
pub(super) fn page(ask: &Ask, key: &str, trail: &Trail, rows: Vec<Listed>) -> Result<Reply, Problem> {
    page_of(ask, key, trail, rows, None)
}

/// The same of a list that was looked through as far as a place, behind which there may be more, though the page is not full.
pub(super) fn page_of(
    ask: &Ask,
    key: &str,
    trail: &Trail,
    mut rows: Vec<Listed>,
    looked_to: Option<String>,
) -> Result<Reply, Problem> {
    let size = ask.page_size()?;
    let more = rows.len() > size;
    rows.truncate(size);
    let last = if more { rows.last().map(|row| row.place.clone()) } else { looked_to };
    let next = last.map(|place| trail.next(place));
    let url = |trail: &Trail| address(ask, size, trail);
    let meta = json!({
        "key": key,
        "page": trail.page,
        "page_size": size,
        "url": url(trail),
        "first_page_url": url(&Trail::default()),
        "previous_page_url": trail.previous().as_ref().map(url),
        "next_page_url": next.as_ref().map(url),
    });
    let mut body = Map::new();
    body.insert(key.to_owned(), rows.into_iter().map(|row| row.body).collect());
    body.insert("meta".to_owned(), meta);
    Ok(Reply::found(Value::Object(body)))
}

/// What the same question is called for another page of its answer.
fn address(ask: &Ask, size: usize, trail: &Trail) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        ask.query.iter().filter(|(name, _)| !matches!(*name, "Page" | "PageToken" | "PageSize"))
    {
        query.append_pair(name, value);
    }
    query.append_pair("PageSize", &size.to_string()).append_pair("Page", &trail.page.to_string());
    if !trail.places.is_empty() {
        query.append_pair("PageToken", &trail.token());
    }
    format!("{}?{}", ask.url, query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_leads_on_and_back_as_far_as_it_reaches() {
        let mut trail = Trail::default();
        assert_eq!((trail.after(), trail.previous()), (None, None));
        for number in 0..BACK + 5 {
            trail = trail.next(number.to_string());
            assert_eq!(Trail::parse(&trail.token()), Some(trail.clone()));
        }
        assert_eq!((trail.page, trail.after()), (BACK as u64 + 5, Some("24")));
        let mut back = 0;
        while let Some(before) = trail.previous() {
            trail = before;
            back += 1;
        }
        assert_eq!((back, trail.after()), (BACK - 1, Some("5")));
        let first = Trail::default().next("a".into());
        assert_eq!(first.previous(), Some(Trail::default()));
        assert_eq!(Trail::parse("nonsense"), None);
    }
}
