//! Idempotency keys: whatever is posted with one is done once, and every repetition gets the first answer.
//!
//! It stands around all routes and asks nothing of them. A key belongs to its user and to one request, body included; the
//! Store keeps the answer for a day. An answer that must not be kept (`Cache-Control: no-store`: a secret shown once) is
//! remembered without its body. What failed on our side did nothing, so its key is given back.

use std::sync::Arc;

use persistence::access::{Earlier, KeptAnswer, RequestKey};
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Body, Endpoint, IntoResponse as _, Request, Response};

use crate::auth::Arrival;
use crate::description::IDEMPOTENCY_KEY;
use crate::gateway::Gateway;
use crate::problem::{Failure, FieldError, Kind};

/// The longest key.
const LONGEST: usize = 200;
/// The longest answer that is kept, in bytes.
const LARGEST: usize = 1024 * 1024;
/// The headers that a repeated answer has too.
const REPEATED: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];
/// Says that an answer is a repetition.
static REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Does what is posted with a key once.
pub(crate) async fn once<E: Endpoint<Output = Response> + 'static>(
    inside: Arc<E>,
    mut request: Request,
) -> poem::Result<Response> {
    let key = match key_of(&mut request).await {
        Ok(Some(key)) => key,
        Ok(None) => return inside.call(request).await,
        Err(failure) => return Ok(failure.into_response()),
    };
    let Some(gateway) = request.data::<Gateway>().cloned() else { return inside.call(request).await };
    // A task of its own: a caller who goes away in the middle must find an answer when they ask again.
    let work = tokio::spawn(crate::trace::following(async move {
        match gateway.store.take_key(&key, gateway.clock.now()).await.map_err(Failure::from)? {
            Earlier::Nothing => {}
            earlier @ (Earlier::Unanswered | Earlier::Answered(_) | Earlier::Another) => {
                return replay(earlier);
            }
        }
        let response = inside.call(request).await?;
        keep(&gateway, &key, response).await
    }));
    match work.await {
        Ok(answered) => answered,
        Err(stopped) => Err(poem::error::InternalServerError(stopped)),
    }
}

/// The key of a request that has one and may have one.
async fn key_of(request: &mut Request) -> Result<Option<RequestKey>, Failure> {
    let Some(header) = request.headers().get(IDEMPOTENCY_KEY).cloned() else { return Ok(None) };
    let Some(Arrival::Known(caller)) = request.data::<Arrival>().cloned() else { return Ok(None) };
    if request.method() != Method::POST {
        return Ok(None);
    }
    let key = header.to_str().ok().filter(|key| (1..=LONGEST).contains(&key.len())).ok_or_else(|| {
        let detail = format!("1 to {LONGEST} visible characters of ASCII");
        Failure::bad_parameter(FieldError { pointer: IDEMPOTENCY_KEY.to_owned(), detail })
    })?;
    let body = request.take_body().into_bytes().await;
    let body = body.map_err(|wrong| Failure::of(Kind::BadRequest, wrong.to_string()))?;
    let kind = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let place = request.uri().path_and_query().map_or("", |place| place.as_str());
    let key = RequestKey::of(caller.user(), key, &[place.as_bytes(), kind, &body]);
    request.set_body(body);
    Ok(Some(key))
}

fn replay(earlier: Earlier) -> poem::Result<Response> {
    let answer = match earlier {
        Earlier::Answered(answer) => answer,
        Earlier::Another => return Err(Failure::of(Kind::KeyReused, None).into()),
        Earlier::Nothing | Earlier::Unanswered => {
            let detail = "if it stays so, its outcome is not known: look before you ask with another key";
            return Err(Failure::of(Kind::InProgress, detail.to_owned()).into());
        }
    };
    let Some(body) = answer.body else {
        let detail = "it is shown once; make another one if it is lost";
        return Err(Failure::of(Kind::AnswerNotKept, detail.to_owned()).into());
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = Response::builder().status(status).header(&REPLAYED, "true").body(body);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Keeps an answer, if something was decided by it, and passes it on.
async fn keep(gateway: &Gateway, key: &RequestKey, mut response: Response) -> poem::Result<Response> {
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        gateway.store.give_key_back(key).await.map_err(Failure::from)?;
        return Ok(response);
    }
    let named =
        |name: &HeaderName| Some((name.to_string(), response.headers().get(name)?.to_str().ok()?.to_owned()));
    let headers = REPEATED.iter().filter_map(named).collect();
    let secret = response.headers().get(header::CACHE_CONTROL).is_some_and(|value| value == "no-store");
    let body = response.take_body().into_bytes().await.map_err(poem::error::InternalServerError)?;
    let kept = (!secret && body.len() <= LARGEST).then(|| body.to_vec());
    response.set_body(Body::from_bytes(body));
    let answer = KeptAnswer { status: status.as_u16(), headers, body: kept };
    if let Err(error) = gateway.store.keep_answer(key, &answer).await {
        tracing::error!(error = &error as &dyn std::error::Error, "an answer is not kept");
    }
    Ok(response)
}
