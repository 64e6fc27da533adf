//! The address of a receiver, as far as it can be judged before anybody asks where its name leads.

use std::net::IpAddr;

use url::{Host, Url};

use super::Reach;

/// The longest address in bytes.
const LONGEST: usize = 2000;

/// Where webhooks are carried to: an `https` address without credentials and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

/// Why an address is none for webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is no absolute address.
    #[error("it is no address; give one such as https://example.com/hooks/beseda")]
    Malformed,
    /// It has more than 2,000 bytes.
    #[error("it has more than {LONGEST} bytes")]
    TooLong,
    /// It is not encrypted.
    #[error("it must begin with https://")]
    NotHttps,
    /// It carries a name or a password, which would be shown to everybody who sees the address.
    #[error("it must not carry a name or a password; check the signature instead")]
    Credentials,
    /// It has a fragment, which no server ever sees.
    #[error("it must not have a fragment (#)")]
    Fragment,
    /// It names a private address.
    #[error("it leads to a private address")]
    Private,
}

impl Endpoint {
    /// Reads an address. A name is taken for granted; where it leads is asked with every connection, see [`Reach::admits`].
    ///
    /// # Errors
    /// What is wrong with it, for people to read.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, EndpointError> {
        if text.len() > LONGEST {
            return Err(EndpointError::TooLong);
        }
        let url = Url::parse(text).map_err(|_| EndpointError::Malformed)?;
        match (url.scheme(), reach) {
            ("https", _) | ("http", Reach::Anywhere) => {}
            _ => return Err(EndpointError::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        if url.fragment().is_some() {
            return Err(EndpointError::Fragment);
        }
        let admitted = match url.host().ok_or(EndpointError::Malformed)? {
            Host::Ipv4(address) => reach.admits(IpAddr::V4(address)),
            Host::Ipv6(address) => reach.admits(IpAddr::V6(address)),
            Host::Domain(name) => reach == Reach::Anywhere || !is_this_machine(name),
        };
        if admitted { Ok(Self(url)) } else { Err(EndpointError::Private) }
    }

    /// The address in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// RFC 6761: such names lead to the machine that asks.
fn is_this_machine(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_https_address_is_taken_in_its_normal_form() {
        let endpoint = Endpoint::parse("HTTPS://Example.COM:443/a/../hooks?x=1", Reach::Public).unwrap();
        assert_eq!(endpoint.as_str(), "https://example.com/hooks?x=1");
    }

    #[test]
    fn what_is_no_public_address_is_refused_however_it_is_spelled() {
        use EndpointError as E;
        let cases = [
            ("", E::Malformed),
            ("example.com/hooks", E::Malformed),
            ("https://", E::Malformed),
            ("http://example.com/", E::NotHttps),
            ("ftp://example.com/", E::NotHttps),
            ("file:///etc/hosts", E::NotHttps),
            ("https://ann@example.com/", E::Credentials),
            ("https://:secret@example.com/", E::Credentials),
            ("https://example.com/#part", E::Fragment),
            ("https://localhost/", E::Private),
            ("https://LOCALHOST./", E::Private),
            ("https://api.localhost/", E::Private),
            ("https://127.0.0.1/", E::Private),
            ("https://127.1/", E::Private),
            ("https://0x7f000001/", E::Private),
            ("https://2130706433/", E::Private),
            ("https://0177.0.0.1/", E::Private),
            ("https://169.254.169.254/latest/meta-data", E::Private),
            ("https://[::1]/", E::Private),
            ("https://[::ffff:10.0.0.1]/", E::Private),
        ];
        for (text, expected) in cases {
            assert_eq!(Endpoint::parse(text, Reach::Public).unwrap_err(), expected, "{text}");
        }
        let long = format!("https://example.com/{}", "x".repeat(LONGEST));
        assert_eq!(Endpoint::parse(&long, Reach::Public).unwrap_err(), E::TooLong);
    }

    #[test]
    fn where_private_addresses_are_allowed_they_need_no_tls() {
        for text in ["http://127.0.0.1:8080/", "http://localhost/", "https://receiver.internal/"] {
            assert!(Endpoint::parse(text, Reach::Anywhere).is_ok(), "{text}");
        }
    }
}
