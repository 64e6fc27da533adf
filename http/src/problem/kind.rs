//! Every kind of problem there is. A kind's name is part of the API: clients compare it, so it never changes.

use poem::http::StatusCode;

/// What kind of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 400: not understood.
    BadRequest,
    /// 400: no page of this list ended with this cursor.
    BadCursor,
    /// 401: nobody is named, or nobody we know.
    Unauthorized,
    /// 403: whoever asks may not do this.
    Forbidden,
    /// 403: a browser was sent here by another site.
    ForeignSite,
    /// 404: there is nothing of that kind with that id; the word says of what kind.
    Unknown(&'static str),
    /// 404: no route.
    UnknownRoute,
    /// 405.
    MethodNotAllowed,
    /// 409: a name or key is in use.
    Taken,
    /// 409: it is not in a state that admits this.
    WrongState,
    /// 409: something else needs it.
    InUse,
    /// 409: somebody else changed it at the same moment.
    Overtaken,
    /// 409: a request with the same idempotency key is still being answered.
    InProgress,
    /// 409: it was answered before, and the answer was a secret that is not kept.
    AnswerNotKept,
    /// 409: a limit of this installation is reached.
    QuotaReached,
    /// 412: it was changed since it was read.
    Changed,
    /// 413: the body is too large.
    TooLarge,
    /// 415: not JSON, or not what else is asked for.
    UnsupportedMediaType,
    /// 422: understood, and impossible.
    Invalid,
    /// 422: the idempotency key was used for another request.
    KeyReused,
    /// 428: it may only be changed by whoever says which version they saw.
    VersionRequired,
    /// 429: too many requests.
    TooManyRequests,
    /// 503: a part that is needed does not answer.
    Unavailable,
    /// 500: our fault.
    Internal,
}

impl Kind {
    /// Its name behind `urn:beseda:`.
    pub(super) fn name(self) -> String {
        let name = match self {
            Self::BadRequest => "bad-request",
            Self::BadCursor => "bad-cursor",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::ForeignSite => "foreign-site",
            Self::Unknown(what) => return format!("unknown-{}", what.replace(' ', "-")),
            Self::UnknownRoute => "unknown-route",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Taken => "taken",
            Self::WrongState => "wrong-state",
            Self::InUse => "in-use",
            Self::Overtaken => "overtaken",
            Self::InProgress => "in-progress",
            Self::AnswerNotKept => "answer-not-kept",
            Self::QuotaReached => "quota-reached",
            Self::Changed => "changed",
            Self::TooLarge => "too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::Invalid => "invalid",
            Self::KeyReused => "key-reused",
            Self::VersionRequired => "version-required",
            Self::TooManyRequests => "too-many-requests",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        };
        name.to_owned()
    }

    /// Its HTTP status.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::BadCursor => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::ForeignSite => StatusCode::FORBIDDEN,
            Self::Unknown(_) | Self::UnknownRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Taken | Self::WrongState | Self::InUse | Self::Overtaken => StatusCode::CONFLICT,
            Self::InProgress | Self::AnswerNotKept | Self::QuotaReached => StatusCode::CONFLICT,
            Self::Changed => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::VersionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The kind in words, the same for every problem of it.
    pub(super) fn title(self) -> String {
        let title = match self {
            Self::BadRequest => "The request is not understood",
            Self::BadCursor => "The cursor is not one of this list",
            Self::Unauthorized => "Show a token, or log in",
            Self::Forbidden => "This is not allowed to you",
            Self::ForeignSite => "Another site may not do this in your name",
            Self::Unknown(what) => return format!("There is no such {what}"),
            Self::UnknownRoute => "There is nothing at this address",
            Self::MethodNotAllowed => "This address does not take this method",
            Self::Taken => "The name is in use",
            Self::WrongState => "This is not possible as things stand",
            Self::InUse => "Something else needs it",
            Self::Overtaken => "Somebody else was faster",
            Self::InProgress => "The same request is still being answered",
            Self::AnswerNotKept => "This was done before, and its answer was a secret",
            Self::QuotaReached => "A limit is reached",
            Self::Changed => "It was changed since you read it",
            Self::TooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body is not of a kind that is understood",
            Self::Invalid => "Something in the request cannot be",
            Self::KeyReused => "The idempotency key belongs to another request",
            Self::VersionRequired => "Say which version you are changing",
            Self::TooManyRequests => "Too many requests",
            Self::Unavailable => "A part that is needed does not answer",
            Self::Internal => "Something went wrong on our side",
        };
        title.to_owned()
    }
}
