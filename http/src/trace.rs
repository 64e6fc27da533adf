//! The trace of a request: what joins its answer, its log lines and whoever asked.
//!
//! A caller that is part of a trace says so in `traceparent` (W3C Trace Context); everybody else begins one here. The answer
//! carries the trace in both spellings, `traceparent` and `X-Trace-ID`, and a problem names it as its `instance`.

use std::sync::Arc;

use poem::http::{HeaderMap, HeaderName, HeaderValue};
use poem::{Endpoint, IntoResponse as _, Request, Response};
use rand::TryRng as _;

tokio::task_local! {
    static CURRENT: Trace;
}

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// A trace, and the part of it that this process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Trace {
    id: u128,
    span: u128,
    sampled: bool,
}

impl Trace {
    /// The trace that a caller belongs to, going on here; a new one for whoever belongs to none.
    fn of(headers: &HeaderMap) -> Self {
        let mut chance = [0; 24];
        if let Err(error) = rand::rngs::SysRng.try_fill_bytes(&mut chance) {
            tracing::error!(error = &error as &dyn std::error::Error, "traces have no ids of their own");
        }
        let (span, id) = chance.split_at(8);
        let number =
            |bytes: &[u8]| bytes.iter().fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
        let given = headers.get(&TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(parse);
        let (id, sampled) = given.unwrap_or((number(id), false));
        Self { id, span: number(span), sampled }
    }

    fn headers(self) -> [(&'static HeaderName, String); 2] {
        let parent = format!("00-{:032x}-{:016x}-{:02x}", self.id, self.span, u8::from(self.sampled));
        [(&TRACEPARENT, parent), (&TRACE_ID, format!("{:032x}", self.id))]
    }
}

/// Reads a `traceparent`: the trace's id and whether it is sampled. Versions after ours may say more behind it.
fn parse(value: &str) -> Option<(u128, bool)> {
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let mut parts = value.split('-');
    let (version, id, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let whole = version != "00" || parts.next().is_none();
    let formed = hex(version, 2) && hex(id, 32) && hex(span, 16) && hex(flags, 2);
    if !whole || !formed || version == "ff" || span.bytes().all(|digit| digit == b'0') {
        return None;
    }
    let id = u128::from_str_radix(id, 16).ok().filter(|id| *id != 0)?;
    Some((id, u8::from_str_radix(flags, 16).ok()? & 1 == 1))
}

/// The id of the trace that this code runs for, as `X-Trace-ID` spells it; `None` outside of requests.
pub(crate) fn current() -> Option<String> {
    CURRENT.try_with(|trace| format!("{:032x}", trace.id)).ok()
}

/// Work for the same trace, wherever it runs.
pub(crate) fn following<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let trace = CURRENT.try_with(|trace| *trace).ok();
    async move {
        match trace {
            Some(trace) => CURRENT.scope(trace, work).await,
            None => work.await,
        }
    }
}

/// Answers a request within its trace. What goes wrong inside has become a response before.
pub(crate) async fn follow<E: Endpoint<Output = Response>>(
    inside: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let trace = Trace::of(request.headers());
    let mut response = CURRENT.scope(trace, inside.call(request)).await?.into_response();
    for (name, value) in trace.headers() {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_callers_trace_goes_on_with_a_span_of_ours() {
        let mut headers = HeaderMap::new();
        headers.insert(&TRACEPARENT, format!("00-{ID}-00f067aa0ba902b7-01").parse().unwrap());
        let trace = Trace::of(&headers);
        let [(_, parent), (_, id)] = trace.headers();
        assert_eq!(id, ID);
        assert!(parent.starts_with(&format!("00-{ID}-")) && parent.ends_with("-01"), "{parent}");
        assert!(!parent.contains("00f067aa0ba902b7"), "the span is ours");
    }

    #[test]
    fn what_is_no_traceparent_begins_a_trace() {
        let zeros = "0".repeat(32);
        let broken = [
            String::new(),
            ID.to_owned(),
            format!("00-{ID}-00f067aa0ba902b7"),
            format!("00-{ID}-00f067aa0ba902b7-01-more"),
            format!("ff-{ID}-00f067aa0ba902b7-01"),
            format!("00-{}-00f067aa0ba902b7-01", ID.to_uppercase()),
            format!("00-{zeros}-00f067aa0ba902b7-01"),
            format!("00-{ID}-0000000000000000-01"),
        ];
        for value in broken {
            assert_eq!(parse(&value), None, "{value}");
        }
        assert!(parse(&format!("01-{ID}-00f067aa0ba902b7-00-more")).is_some());
        assert_ne!(Trace::of(&HeaderMap::new()).id, Trace::of(&HeaderMap::new()).id);
    }
}
