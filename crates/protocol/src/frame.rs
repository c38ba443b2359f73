//! Frames: requests, answers and pushes, as text over one WebSocket.

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::error::{ErrorCode, WireError};
use crate::event::Push;
use crate::limits;
use crate::method::{Answer, Call};

/// A frame that could not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{error}")]
pub struct DecodeError {
    /// The request to answer, when its id could be read.
    pub id: Option<u64>,
    /// What to answer.
    pub error: WireError,
}

/// `{"id":7,"method":"message.send","params":{…}}`
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Chosen by the client, unique on its connection, below 2^53.
    pub id: u64,
    /// Method and parameters.
    pub call: Call,
}

#[derive(Serialize)]
struct RequestOut<'a> {
    id: u64,
    method: &'a str,
    params: &'a Call,
}

#[derive(Deserialize)]
struct RequestIn<'a> {
    id: u64,
    method: std::borrow::Cow<'a, str>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct IdOnly {
    id: u64,
}

impl Request {
    /// The frame's text.
    #[must_use]
    pub fn encode(&self) -> String {
        let out = RequestOut { id: self.id, method: self.call.method(), params: &self.call };
        serde_json::to_string(&out).expect("invariant: a request has only string keys")
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// `too_large`, `bad_frame`, `unknown_method` or `invalid_params`, with the id when it could be read.
    pub fn decode(text: &str) -> Result<Self, DecodeError> {
        if text.len() > limits::FRAME_BYTES {
            let error = WireError::too_large("frame", limits::FRAME_BYTES, text.len());
            return Err(DecodeError { id: None, error });
        }
        let raw: RequestIn<'_> = serde_json::from_str(text).map_err(|_| DecodeError {
            id: serde_json::from_str::<IdOnly>(text).ok().map(|found| found.id),
            error: ErrorCode::BadFrame.into(),
        })?;
        let params = raw.params.map_or("{}", RawValue::get);
        let call =
            Call::decode(&raw.method, params).map_err(|error| DecodeError { id: Some(raw.id), error })?;
        Ok(Self { id: raw.id, call })
    }
}

/// `{"id":7,"result":{…}}` or `{"id":7,"error":{…}}`
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The request answered.
    pub id: u64,
    /// What came of it.
    pub outcome: Result<Answer, WireError>,
}

#[derive(Serialize)]
struct ResponseOut<'a> {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a WireError>,
}

impl Response {
    /// The frame's text.
    #[must_use]
    pub fn encode(&self) -> String {
        let out = match &self.outcome {
            Ok(answer) => ResponseOut { id: self.id, result: Some(answer), error: None },
            Err(error) => ResponseOut { id: self.id, result: None, error: Some(error) },
        };
        serde_json::to_string(&out).expect("invariant: an answer has only string keys")
    }
}

/// What a client receives, before the answer is read by the method that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerFrame {
    /// An answer.
    Response {
        /// The request answered.
        id: u64,
        /// The result, still to be read with [`Answer::decode`].
        outcome: Result<Value, WireError>,
    },
    /// Something that nobody asked for.
    Push(Box<Push>),
}

impl ServerFrame {
    /// Reads a frame from the server. Events of unknown kinds are `Push::Unknown`, not errors.
    ///
    /// # Errors
    /// `bad_frame` when it is neither an answer nor a push.
    pub fn decode(text: &str) -> Result<Self, WireError> {
        let bad = || WireError::new(ErrorCode::BadFrame);
        let mut value: Value = serde_json::from_str(text).map_err(|_| bad())?;
        if let Some(id) = value.get("id") {
            let id = id.as_u64().ok_or_else(bad)?;
            // Taken, not copied: a tree takes a hundred times the memory of its text.
            let mut take = |name| value.as_object_mut().and_then(|fields| fields.remove(name));
            let outcome = match (take("result"), take("error")) {
                (Some(result), None) => Ok(result),
                (None, Some(error)) => Err(serde_json::from_value(error).map_err(|_| bad())?),
                _ => return Err(bad()),
            };
            return Ok(Self::Response { id, outcome });
        }
        Push::from_value(value).map(Box::new).map(Self::Push)
    }
}
