//! Bodies are read as a whole before anything is done with them, up to a size: a megabyte for whoever is known, and a
//! little for whoever is not. What says that it is larger is not read at all.

use std::sync::Arc;

use poem::error::ReadBodyError;
use poem::http::{Method, header};
use poem::{Endpoint, IntoResponse as _, Request, Response};

use crate::auth::Arrival;
use crate::problem::{Failure, Kind};

/// The most bytes of somebody who is known.
const LARGEST: usize = 1024 * 1024;
/// The most bytes of anybody else: enough to log in.
const LARGEST_OF_STRANGERS: usize = 16 * 1024;

/// Reads the body of a request, and refuses one that is too large.
pub(crate) async fn whole<E: Endpoint<Output = Response>>(
    inside: Arc<E>,
    mut request: Request,
) -> poem::Result<Response> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return inside.call(request).await;
    }
    let known = matches!(request.data::<Arrival>(), Some(Arrival::Known(_)));
    let largest = if known { LARGEST } else { LARGEST_OF_STRANGERS };
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let refusal = || {
        let detail = format!("at most {largest} bytes");
        Ok(Failure::of(Kind::TooLarge, detail).into_response())
    };
    if said.and_then(|digits| digits.parse::<u64>().ok()).is_some_and(|said| said > largest as u64) {
        return refusal();
    }
    match request.take_body().into_bytes_limit(largest).await {
        Ok(body) => {
            request.set_body(body);
            inside.call(request).await
        }
        Err(ReadBodyError::PayloadTooLarge) => refusal(),
        Err(wrong) => Ok(Failure::of(Kind::BadRequest, wrong.to_string()).into_response()),
    }
}
