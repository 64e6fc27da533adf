//! Whether a browser was sent here by our own site.
//!
//! A browser adds its session's cookie to whatever any page makes it ask. What only reads is safe, since the page cannot see
//! the answer; what changes something is answered only if three things fit, each of which another site's page cannot bring
//! about: the browser's own word in `Sec-Fetch-Site`, the `Origin`, and a header that no form and no link can send.

use poem::Request;
use poem::http::{Method, header};

use crate::problem::{Failure, Kind};

/// The header that whatever changes something by a session needs, with any value.
pub(crate) const OWN: &str = "X-Requested-With";

/// Lets only our own site change something by a browser's session.
///
/// # Errors
/// 403 `foreign-site`.
pub(super) fn check(request: &Request, public_url: Option<&str>) -> Result<(), Failure> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let refuse = |detail: &str| Err(Failure::of(Kind::ForeignSite, detail.to_owned()));
    if text(OWN).is_none() {
        return refuse("with a session, the header X-Requested-With is needed");
    }
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return refuse("the browser says that another site asks");
    }
    match text(header::ORIGIN.as_str()) {
        Some(origin) if !is_ours(origin, public_url, text(header::HOST.as_str())) => {
            refuse("the origin is another site's")
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether an origin is the configured address, or without one the host that the browser thinks it talks to.
fn is_ours(origin: &str, public_url: Option<&str>, host: Option<&str>) -> bool {
    match public_url {
        Some(url) => origin == url,
        None => origin.split_once("://").is_some_and(|(_, authority)| host == Some(authority)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, headers: &[(&str, &str)], public_url: Option<&str>) -> bool {
        let request = headers
            .iter()
            .fold(Request::builder().method(method), |request, (name, value)| request.header(*name, *value));
        check(&request.finish(), public_url).is_ok()
    }

    #[test]
    fn only_our_own_site_changes_something_by_a_session() {
        let own = ("x-requested-with", "desk");
        let host = ("host", "desk.example");
        let post = |headers: &[(&str, &str)]| asked(Method::POST, headers, None);
        assert!(post(&[own, host, ("sec-fetch-site", "same-origin"), ("origin", "https://desk.example")]));
        assert!(post(&[own, host]), "a client that is no browser");
        assert!(!post(&[host, ("sec-fetch-site", "same-origin")]), "a form of our own site");
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!post(&[own, host, ("sec-fetch-site", site)]), "{site}");
        }
        for origin in ["https://evil.example", "https://desk.example.evil", "null", ""] {
            assert!(!post(&[own, host, ("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn a_configured_address_is_the_only_origin_of_ours() {
        let own = ("x-requested-with", "desk");
        let from = |origin| {
            asked(Method::DELETE, &[own, ("host", "inner"), ("origin", origin)], Some("https://desk.example"))
        };
        assert!(from("https://desk.example"));
        assert!(!from("http://desk.example") && !from("https://inner"));
    }

    #[test]
    fn reading_needs_nothing_of_the_kind() {
        assert!(asked(Method::GET, &[("sec-fetch-site", "cross-site")], None));
    }
}
