//! Answers are compressed for those who take it: zstd before gzip, as far as the caller does not prefer one.
//!
//! Only what gains by it: text of a kilobyte or more. Streams are left alone, so that an event leaves when it happens.
//! Requests are never unpacked: a few bytes could become gigabytes.

use std::sync::Arc;

use poem::http::{HeaderValue, header};
use poem::web::{Compress, CompressionAlgo, CompressionLevel};
use poem::{Endpoint, IntoResponse as _, Request, Response};

/// Smaller answers fit into one packet anyway.
const WORTH_IT: usize = 1024;

/// Compresses the answer to a request.
pub(crate) async fn compress<E: Endpoint<Output = Response>>(
    inside: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let taken =
        request.headers().get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let way = preferred(taken);
    let mut response = inside.call(request).await?;
    if !is_text(&response) {
        return Ok(response);
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let Some(way) = way else { return Ok(response) };
    // What is text here is there as a whole already.
    let body = response.take_body().into_bytes().await.map_err(poem::error::InternalServerError)?;
    let worth_it = body.len() >= WORTH_IT;
    response.set_body(body);
    if !worth_it {
        return Ok(response);
    }
    response.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(Compress::new(response, way).with_quality(CompressionLevel::Fastest).into_response())
}

fn is_text(response: &Response) -> bool {
    let kind = response.content_type().unwrap_or_default();
    let encoded = response.headers().contains_key(header::CONTENT_ENCODING);
    let named = ["application/json", "application/problem+json", "text/html"];
    !encoded && named.iter().any(|name| kind.starts_with(name))
}

/// The best of the ways that a caller takes (RFC 9110, 12.5.3).
fn preferred<'a>(lines: impl Iterator<Item = &'a str>) -> Option<CompressionAlgo> {
    let (mut zstd, mut gzip) = (0, 0);
    for one in lines.flat_map(|line| line.split(',')) {
        let (name, rest) = one.split_once(';').unwrap_or((one, ""));
        let weight = rest.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
        // From 0 to 1 with three digits.
        let weight = (weight.unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0) as u16;
        match name.trim() {
            name if name.eq_ignore_ascii_case("zstd") => zstd = weight,
            name if name.eq_ignore_ascii_case("gzip") => gzip = weight,
            _ => {}
        }
    }
    match (zstd, gzip) {
        (0, 0) => None,
        (zstd, gzip) if zstd >= gzip => Some(CompressionAlgo::ZSTD),
        _ => Some(CompressionAlgo::GZIP),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_chooses_and_zstd_goes_before_gzip() {
        let chosen = |line: &str| preferred([line].into_iter()).map(|way| format!("{way:?}"));
        assert_eq!(chosen("gzip, deflate, br, zstd").as_deref(), Some("ZSTD"));
        assert_eq!(chosen("gzip;q=1.0, zstd;q=0.5").as_deref(), Some("GZIP"));
        assert_eq!(chosen("GZIP").as_deref(), Some("GZIP"));
        for none in ["", "br", "identity", "gzip;q=0", "zstd;q=0, gzip;q=broken"] {
            assert_eq!(chosen(none), None, "{none}");
        }
    }
}
