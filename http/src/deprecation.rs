//! Operations that are on their way out say so in every answer (RFC 9745), and when they will be gone (RFC 8594).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::time::Timestamp;
use poem::http::{HeaderName, HeaderValue};
use poem::{Endpoint, Request, Response};
use poem_openapi::OperationId;

use crate::moment::moment;

/// An operation on its way out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deprecation {
    /// Its `operationId`.
    pub(crate) operation: &'static str,
    /// Since when nobody should begin to use it.
    pub(crate) since: Timestamp,
    /// When it will be gone.
    pub(crate) sunset: Timestamp,
}

/// Every operation on its way out.
pub(crate) const DEPRECATED: &[Deprecation] = &[];

static DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
static SUNSET: HeaderName = HeaderName::from_static("sunset");

/// Says in an answer that its operation is on its way out, if it is among `deprecated`.
pub(crate) async fn announce<E: Endpoint<Output = Response>>(
    deprecated: &'static [Deprecation],
    inside: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let mut response = inside.call(request).await?;
    let operation = response.data::<OperationId>().map(|id| id.0);
    if let Some(found) = deprecated.iter().find(|known| Some(known.operation) == operation) {
        let since = format!("@{}", found.since.micros() / 1_000_000);
        let sunset = http_date(moment(found.sunset));
        for (name, value) in [(&DEPRECATION, since), (&SUNSET, sunset)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    Ok(response)
}

/// A moment as HTTP writes it (RFC 9110, 5.6.7).
fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use poem::endpoint::make_sync;
    use poem::{EndpointExt as _, IntoResponse as _};

    use super::*;

    const OLD: &[Deprecation] = &[Deprecation {
        operation: "oldOne",
        since: Timestamp::from_secs(1_772_442_000),
        sunset: Timestamp::from_secs(1_788_220_800),
    }];

    async fn answer(operation: &'static str) -> Response {
        let endpoint = make_sync(move |_| {
            let mut response = ().into_response();
            response.set_data(OperationId(operation));
            response
        });
        endpoint
            .around(|inside, request| announce(OLD, inside, request))
            .call(Request::default())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn an_operation_on_its_way_out_says_since_when_and_until_when() {
        let old = answer("oldOne").await;
        assert_eq!(old.header("deprecation"), Some("@1772442000"));
        assert_eq!(old.header("sunset"), Some("Tue, 01 Sep 2026 00:00:00 GMT"));
        assert_eq!(answer("newOne").await.header("deprecation"), None);
    }
}
