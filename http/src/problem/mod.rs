//! What goes wrong, as RFC 9457 problems, and the one place where errors become them.
//!
//! A problem's `type` is stable: clients may compare it. A cause that is ours (500) is logged and never shown; `instance`
//! names the request's trace, under which the log tells the rest.

mod kind;
mod translate;

pub(crate) use kind::Kind;
pub(crate) use translate::{panicked, translate};

use poem::Response;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object};

use crate::trace;

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
    /// This very occurrence: the trace of the request, as `X-Trace-ID` names it.
    #[oai(skip_serializing_if_is_none)]
    instance: Option<String>,
    /// What is wrong with single fields of the request.
    #[oai(skip_serializing_if_is_empty)]
    errors: Vec<FieldError>,
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
pub(crate) struct FieldError {
    /// Where it stands: a JSON pointer into the body such as `#/name`, or the name of a parameter.
    pub(crate) pointer: String,
    /// What is wrong with it.
    pub(crate) detail: String,
}

impl FieldError {
    /// What is wrong with the field of the body that a JSON pointer without `#` leads to: `/name`.
    pub(crate) fn at(pointer: impl std::fmt::Display, detail: impl Into<String>) -> Self {
        Self { pointer: format!("#{pointer}"), detail: detail.into() }
    }
}

impl Example for Problem {
    fn example() -> Self {
        Self {
            instance: Some("urn:trace:4bf92f3577b34da6a3ce929d0e0e4736".into()),
            ..Self::of(Kind::Unknown("project"), None)
        }
    }
}

impl Problem {
    fn of(kind: Kind, detail: Option<String>) -> Self {
        Self {
            kind: format!("urn:beseda:{}", kind.name()),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail,
            instance: trace::current().map(|trace| format!("urn:trace:{trace}")),
            errors: Vec::new(),
        }
    }
}

type Told = Json<Problem>;

/// What a route answers with instead of its result.
#[derive(Debug, ApiResponse)]
pub(crate) enum Failure {
    /// A parameter or a cursor is not understood, or the body is not JSON.
    #[oai(status = 400, content_type = "application/problem+json")]
    BadRequest(Told),
    /// No token and no session is shown, or none that is good.
    #[oai(status = 401, content_type = "application/problem+json")]
    Unauthorized(
        Told,
        /// How to come in.
        #[oai(header = "WWW-Authenticate")]
        String,
    ),
    /// Whoever asks may not do this.
    #[oai(status = 403, content_type = "application/problem+json")]
    Forbidden(Told),
    /// What the address names does not exist, or not for whoever asks.
    #[oai(status = 404, content_type = "application/problem+json")]
    NotFound(Told),
    /// It contradicts how things stand.
    #[oai(status = 409, content_type = "application/problem+json")]
    Conflict(Told),
    /// It was changed since the version in `If-Match` was read.
    #[oai(status = 412, content_type = "application/problem+json")]
    Changed(Told),
    /// The body is too large.
    #[oai(status = 413, content_type = "application/problem+json")]
    TooLarge(Told),
    /// The body is of another kind than asked for.
    #[oai(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(Told),
    /// Something in the body cannot be; `errors` says where.
    #[oai(status = 422, content_type = "application/problem+json")]
    Invalid(Told),
    /// `If-Match` is missing.
    #[oai(status = 428, content_type = "application/problem+json")]
    VersionRequired(Told),
    /// Too many requests.
    #[oai(status = 429, content_type = "application/problem+json")]
    TooManyRequests(
        Told,
        /// Seconds after which it is worth trying again.
        #[oai(header = "Retry-After")]
        u64,
    ),
    /// Something went wrong on our side.
    #[oai(status = 500, content_type = "application/problem+json")]
    Internal(Told),
    /// A part that is needed does not answer; trying again later may help.
    #[oai(status = 503, content_type = "application/problem+json")]
    Unavailable(Told),
}

impl Failure {
    /// A problem of a kind; a kind that no route answers with becomes a 500.
    pub(crate) fn of(kind: Kind, detail: impl Into<Option<String>>) -> Self {
        Self::telling(kind, Problem::of(kind, detail.into()))
    }

    /// There is nothing of this kind (`"campaign"`) with that id in that project.
    pub(crate) fn unknown(what: &'static str) -> Self {
        Self::of(Kind::Unknown(what), None)
    }

    /// Whoever asks may not do this; `detail` says what they would need.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::of(Kind::Forbidden, detail.into())
    }

    /// It is not possible as things stand.
    pub(crate) fn wrong_state(detail: impl Into<String>) -> Self {
        Self::of(Kind::WrongState, detail.into())
    }

    /// Single fields of the body are wrong.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        Self::telling(Kind::Invalid, Problem { errors, ..Problem::of(Kind::Invalid, None) })
    }

    /// A parameter is not understood.
    pub(crate) fn bad_parameter(error: FieldError) -> Self {
        let errors = vec![error];
        Self::telling(Kind::BadRequest, Problem { errors, ..Problem::of(Kind::BadRequest, None) })
    }

    /// Too many requests; the next is welcome after so many seconds.
    pub(crate) fn too_many_requests(seconds: u64) -> Self {
        let detail = format!("the next one is welcome in {seconds} s");
        Self::TooManyRequests(Json(Problem::of(Kind::TooManyRequests, Some(detail))), seconds)
    }

    fn telling(kind: Kind, problem: Problem) -> Self {
        let told = Json(problem);
        match kind.status().as_u16() {
            400 => Self::BadRequest(told),
            401 => Self::Unauthorized(told, "Bearer realm=\"beseda\"".into()),
            403 => Self::Forbidden(told),
            404 => Self::NotFound(told),
            409 => Self::Conflict(told),
            412 => Self::Changed(told),
            413 => Self::TooLarge(told),
            415 => Self::UnsupportedMediaType(told),
            422 => Self::Invalid(told),
            428 => Self::VersionRequired(told),
            503 => Self::Unavailable(told),
            _ => Self::Internal(told),
        }
    }
}

/// A problem as a response, for what is no route's answer.
pub(crate) fn response(kind: Kind, detail: Option<String>) -> Response {
    use poem::IntoResponse as _;
    let problem = Json(Problem::of(kind, detail)).into_response();
    problem.with_content_type("application/problem+json").with_status(kind.status()).into_response()
}
