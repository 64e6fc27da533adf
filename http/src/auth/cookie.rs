//! The two cookies: of a browser's session, and of a login that is on its way.
//!
//! Both are out of reach for scripts and stay at home when another site posts; served over https, they never leave by http.

use std::time::Duration;

use persistence::access::Credential;
use poem::Request;
use poem::http::header;

/// The cookie of a session.
pub(crate) const SESSION: &str = "beseda_session";
/// The cookie of a login.
pub(crate) const LOGIN: &str = "beseda_login";

/// The value of a cookie that came with a request.
pub(crate) fn read<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let lines = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(found, value)| (found == name).then_some(value))
}

/// A `Set-Cookie` for a secret that lasts so long.
pub(crate) fn give(name: &str, secret: &Credential, lasts: Duration, https: bool) -> String {
    written(name, secret.expose(), lasts.as_secs(), https)
}

/// A `Set-Cookie` that takes a cookie away.
pub(crate) fn take(name: &str, https: bool) -> String {
    written(name, "", 0, https)
}

fn written(name: &str, value: &str, seconds: u64, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let request = Request::builder().header("cookie", "a=b; beseda_session=x=y ;beseda_login=z").finish();
        assert_eq!(read(&request, SESSION), Some("x=y"));
        assert_eq!(read(&request, LOGIN), Some("z"));
        assert_eq!(read(&request, "beseda"), None);
    }

    #[test]
    fn a_cookie_is_kept_from_scripts_and_from_other_sites_and_from_http_where_there_is_https() {
        let secret = Credential::shown("secret");
        let plain = give(SESSION, &secret, Duration::from_secs(60), false);
        assert_eq!(plain, "beseda_session=secret; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        assert!(give(SESSION, &secret, Duration::from_secs(60), true).ends_with("; Secure"));
        assert!(
            take(SESSION, false).starts_with("beseda_session=; ")
                && take(SESSION, false).contains("Max-Age=0")
        );
    }
}
