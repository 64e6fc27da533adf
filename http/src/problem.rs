//! What goes wrong, as RFC 9457 problems, and the one place where errors become them.
//!
//! A problem's `type` is stable: clients may compare it. A cause that is ours (500) is logged and never shown.

use persistence::StoreError;
use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object};

/// A problem (RFC 9457).
#[derive(Clone, Debug, Object)]
#[oai(example)]
pub(crate) struct Problem {
    /// What kind of problem it is; stable, made to be compared.
    #[oai(rename = "type")]
    kind: String,
    /// The kind in words; the same for every problem of it.
    title: String,
    /// The HTTP status code.
    status: u16,
    /// What is special about this one.
    #[oai(skip_serializing_if_is_none)]
    detail: Option<String>,
}

impl Example for Problem {
    fn example() -> Self {
        Kind::UnknownProject.problem(None)
    }
}

/// Every kind of problem there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    BadRequest,
    BadCursor,
    UnknownProject,
    UnknownRoute,
    MethodNotAllowed,
    Unavailable,
    Internal,
}

impl Kind {
    fn parts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::BadRequest => ("bad-request", StatusCode::BAD_REQUEST, "The request is not understood"),
            Self::BadCursor => ("bad-cursor", StatusCode::BAD_REQUEST, "The cursor is not one of ours"),
            Self::UnknownProject => ("unknown-project", StatusCode::NOT_FOUND, "There is no such project"),
            Self::UnknownRoute => {
                ("unknown-route", StatusCode::NOT_FOUND, "There is nothing at this address")
            }
            Self::MethodNotAllowed => (
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "This address does not take this method",
            ),
            Self::Unavailable => {
                ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "A part that is needed does not answer")
            }
            Self::Internal => {
                ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side")
            }
        }
    }

    fn problem(self, detail: Option<String>) -> Problem {
        let (name, status, title) = self.parts();
        Problem { kind: format!("urn:beseda:{name}"), title: title.into(), status: status.as_u16(), detail }
    }

    fn response(self, detail: Option<String>) -> Response {
        let (_, status, _) = self.parts();
        let problem = Json(self.problem(detail)).into_response();
        problem.with_content_type("application/problem+json").with_status(status).into_response()
    }
}

/// What a route answers with instead of its result.
#[derive(Debug, ApiResponse)]
pub(crate) enum Failure {
    /// A parameter is not understood.
    #[oai(status = 400, content_type = "application/problem+json")]
    BadRequest(Json<Problem>),
    /// What the address names does not exist.
    #[oai(status = 404, content_type = "application/problem+json")]
    NotFound(Json<Problem>),
    /// Something went wrong on our side.
    #[oai(status = 500, content_type = "application/problem+json")]
    Internal(Json<Problem>),
    /// A part that is needed does not answer; trying again later may help.
    #[oai(status = 503, content_type = "application/problem+json")]
    Unavailable(Json<Problem>),
}

impl Failure {
    /// A cursor that no page ended with.
    pub(crate) fn bad_cursor() -> Self {
        let detail = "take `next` of an earlier page, or leave `after` out to begin with the newest";
        Self::BadRequest(Json(Kind::BadCursor.problem(Some(detail.into()))))
    }

    /// A project that does not exist.
    pub(crate) fn unknown_project() -> Self {
        Self::NotFound(Json(Kind::UnknownProject.problem(None)))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a request failed");
        if matches!(error, StoreError::Unreachable { .. } | StoreError::Busy { .. }) {
            Self::Unavailable(Json(Kind::Unavailable.problem(None)))
        } else {
            Self::Internal(Json(Kind::Internal.problem(None)))
        }
    }
}

/// Makes a problem of what never reached a route: unknown addresses, wrong methods, parameters of the wrong form.
pub(crate) async fn translate(error: poem::Error) -> Response {
    if error.is_from_response() {
        error.into_response()
    } else if error.is::<NotFoundError>() {
        Kind::UnknownRoute.response(None)
    } else if error.is::<MethodNotAllowedError>() {
        Kind::MethodNotAllowed.response(None)
    } else if error.status().is_client_error() {
        Kind::BadRequest.response(Some(error.to_string()))
    } else {
        tracing::error!(error = %error, "a request failed");
        Kind::Internal.response(None)
    }
}

/// Makes a problem of a panic, which has been reported where it happened.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Kind::Internal.response(None)
}
