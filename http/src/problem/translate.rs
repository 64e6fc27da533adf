//! How errors become problems: the Store's, the tree's, and those of requests that never reach a route.

use std::error::Error;

use persistence::{Nature, StoreError};
use poem::Response;
use poem::error::{MethodNotAllowedError, NotFoundError, ParseTypedHeaderError, SizedLimitError};
use poem::http::StatusCode;
use poem_openapi::error::{ContentTypeError, ParseParamError, ParsePathError, ParseRequestPayloadError};

use super::{Failure, FieldError, Kind, response};

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let kind = match error.nature() {
            Nature::Unknown(what) => return Self::unknown(what),
            Nature::Changed => return Self::of(Kind::Changed, None),
            Nature::Taken => Kind::Taken,
            Nature::WrongState => Kind::WrongState,
            Nature::InUse => Kind::InUse,
            Nature::Invalid => Kind::Invalid,
            Nature::Overtaken => Kind::Overtaken,
            Nature::QuotaReached => Kind::QuotaReached,
            Nature::Unavailable | Nature::Ours => {
                tracing::error!(error = &error as &dyn Error, "a request failed");
                let later = error.nature() == Nature::Unavailable;
                return Self::of(if later { Kind::Unavailable } else { Kind::Internal }, None);
            }
        };
        Self::of(kind, words(&error))
    }
}

/// An error with its cause, as a sentence for whoever asked. What a driver says is not for them.
fn words(error: &StoreError) -> String {
    match error.source().filter(|_| !matches!(error, StoreError::Taken { .. })) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Makes a problem of what never reached a route: unknown addresses, wrong methods, parameters of the wrong form.
pub(crate) async fn translate(error: poem::Error) -> Response {
    use poem::IntoResponse as _;
    if error.is_from_response() {
        return error.into_response();
    }
    if let Some(wrong) = field(&error) {
        return Failure::bad_parameter(wrong).into_response();
    }
    let told = || Some(error.to_string());
    if error.is::<NotFoundError>() {
        response(Kind::UnknownRoute, None)
    } else if error.is::<MethodNotAllowedError>() {
        response(Kind::MethodNotAllowed, None)
    } else if error.is::<ContentTypeError>() {
        response(Kind::UnsupportedMediaType, told())
    } else if error.is::<SizedLimitError>() || error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        response(Kind::TooLarge, None)
    } else if let Some(wrong) = error.downcast_ref::<ParseRequestPayloadError>() {
        response(Kind::Invalid, Some(wrong.reason.clone()))
    } else if error.is::<ParseTypedHeaderError>() || error.status().is_client_error() {
        response(Kind::BadRequest, told())
    } else {
        tracing::error!(error = %error, "a request failed");
        response(Kind::Internal, None)
    }
}

/// The parameter that an error is about, if it is about one.
fn field(error: &poem::Error) -> Option<FieldError> {
    let (name, reason) = if let Some(wrong) = error.downcast_ref::<ParseParamError>() {
        (wrong.name, &wrong.reason)
    } else {
        let wrong = error.downcast_ref::<ParsePathError>()?;
        (wrong.name, &wrong.reason)
    };
    Some(FieldError { pointer: name.to_owned(), detail: reason.clone() })
}

/// Makes a problem of a panic, which has been reported where it happened.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    response(Kind::Internal, None)
}
