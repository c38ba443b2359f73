//! Files: fetched at one end by an address that stands for itself, and handed on to the other as they come, under the
//! identifiers that they had.

use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::{Api, ImportError, is_passing, patiently};
use crate::import::row::File;

/// How long one file may take from end to end.
const LONGEST: Duration = Duration::from_secs(3_600);

/// What is said of a file where it is.
#[derive(Deserialize)]
struct Record {
    size: u64,
    links: Links,
}

#[derive(Deserialize)]
struct Links {
    content_direct_temporary: String,
}

impl Api {
    /// The service of those who name none.
    pub(in crate::import) async fn default_service(&self) -> Result<String, ImportError> {
        let found = self.find("/Configuration").await?.unwrap_or_default();
        let service = found["default_chat_service_sid"].as_str().map(str::to_owned);
        service.ok_or_else(|| ImportError::Unreadable(self.path("/Configuration")))
    }

    /// Hands a file of a service on to a service of another end. Gives whether it is there then: it may be gone here, or not be
    /// taken there.
    ///
    /// # Errors
    /// An end cannot be reached, or refuses the key.
    pub(in crate::import) async fn hand_on(
        &self,
        service: &str,
        file: &File,
        to: &Self,
        service_there: &str,
    ) -> Result<bool, ImportError> {
        let once = || self.hand_on_once(service, file, to, service_there);
        patiently(once, |done| done.as_ref().is_err_and(ImportError::is_passing)).await
    }

    async fn hand_on_once(
        &self,
        service: &str,
        file: &File,
        to: &Self,
        service_there: &str,
    ) -> Result<bool, ImportError> {
        let Some(record) = self.record(service, &file.sid).await? else { return Ok(false) };
        // Whoever has this address needs no key, and gets none.
        let bytes = self.patient.get(&record.links.content_direct_temporary).timeout(LONGEST).send().await;
        let bytes = bytes.map_err(|error| self.unreachable(&error))?;
        match bytes.status() {
            status if is_gone(status) => Ok(false),
            status if !status.is_success() => Err(self.refused(&file.sid, status, "the bytes of a file")),
            _ => to.take_in(service_there, file, record.size, bytes).await,
        }
    }

    async fn record(&self, service: &str, sid: &str) -> Result<Option<Record>, ImportError> {
        let url = format!("{}/Services/{service}/Media/{sid}", self.media);
        let answer = self.request(reqwest::Method::GET, &url, &[]).send().await;
        let answer = answer.map_err(|error| self.unreachable(&error))?;
        if is_gone(answer.status()) {
            return Ok(None);
        }
        self.read(answer, &url).await.map(Some)
    }

    /// Takes a file in as it comes. One that is here already is here.
    async fn take_in(
        &self,
        service: &str,
        file: &File,
        size: u64,
        bytes: Response,
    ) -> Result<bool, ImportError> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("Sid", &file.sid)
            .append_pair("Category", file.category.as_deref().unwrap_or("media"));
        if let Some(name) = &file.filename {
            query.append_pair("Filename", name);
        }
        let url = format!("{}/Services/{service}/Media?{}", self.media, query.finish());
        let request = self.request(reqwest::Method::POST, &url, &[]).timeout(LONGEST);
        let request = request
            .header(CONTENT_TYPE, file.content_type.as_deref().unwrap_or("application/octet-stream"))
            .header(CONTENT_LENGTH, bytes.content_length().unwrap_or(size))
            .body(bytes);
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        match answer.status() {
            status if status.is_success() || status == StatusCode::CONFLICT => Ok(true),
            status if is_passing(status) || status == StatusCode::UNAUTHORIZED => {
                self.read::<Value>(answer, &url).await.map(|_| true)
            }
            _ => Ok(false),
        }
    }

    fn refused(&self, what: &str, status: StatusCode, message: &str) -> ImportError {
        let (what, message) = (what.to_owned(), message.to_owned());
        ImportError::Refused { at: self.media.clone(), what, status: status.as_u16(), message }
    }
}

impl ImportError {
    fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => StatusCode::from_u16(*status).is_ok_and(is_passing),
            Self::Address(_) | Self::Unreadable(_) | Self::Stopped | Self::System(_) => false,
        }
    }
}

/// It was removed, or is for nobody any more.
fn is_gone(status: StatusCode) -> bool {
    matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE)
}
