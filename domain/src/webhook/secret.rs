//! What a receiver shares with us, and the signature that shows it.

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha2::Sha256;

use crate::time::Timestamp;

/// How long payloads are signed with the former secret too after it was exchanged, so that a receiver can change over in
/// its own time.
pub const KEPT_AFTER_ROTATION: Duration = Duration::from_secs(24 * 3600);

/// What every secret begins with when it is written down.
const PREFIX: &str = "whsec_";

/// The secret of one endpoint.
#[derive(Clone, Debug)]
pub struct Secret(SecretSlice<u8>);

impl Secret {
    /// How many random bytes a new one is made of.
    pub const BYTES: usize = 32;

    /// From its bytes.
    #[must_use]
    pub fn new(bytes: SecretSlice<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes, for sealing them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// As its owner writes it down: `whsec_` and base64.
    #[must_use]
    pub fn reveal(&self) -> SecretString {
        format!("{PREFIX}{}", STANDARD.encode(self.bytes())).into()
    }

    /// The signature of a payload: `v1,` and base64. It covers what is in the other two headers, so neither can be
    /// exchanged.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, payload: &str) -> String {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.bytes()) else { return String::new() };
        mac.update(format!("{id}.{}.{payload}", at.secs()).as_bytes());
        let mut signature = "v1,".to_owned();
        STANDARD.encode_string(mac.finalize().into_bytes(), &mut signature);
        signature
    }

    /// The header for a receiver who may know either of several secrets: their signatures with spaces between them.
    #[must_use]
    pub fn sign_with_all(secrets: &[Self], id: &str, at: Timestamp, payload: &str) -> String {
        secrets.iter().fold(String::new(), |mut header, secret| {
            let space = if header.is_empty() { "" } else { " " };
            // Writing to a String cannot fail.
            let _ = write!(header, "{space}{}", secret.sign(id, at, payload));
            header
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(STANDARD.decode(text).unwrap().into())
    }

    /// The example of the specification's own libraries.
    #[test]
    fn a_payload_is_signed_as_the_specification_shows() {
        let secret = secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let at = Timestamp::from_secs(1_614_265_330);
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(secret.reveal().expose_secret(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn while_a_secret_is_exchanged_both_sign() {
        let (new, old) = (secret("bmV3"), secret("b2xk"));
        let at = Timestamp::from_secs(1);
        let header = Secret::sign_with_all(&[new.clone(), old.clone()], "evt_1", at, "{}");
        assert_eq!(header, format!("{} {}", new.sign("evt_1", at, "{}"), old.sign("evt_1", at, "{}")));
    }

    #[test]
    fn a_secret_does_not_print() {
        assert!(!format!("{:?}", secret("aHVudGVyMg==")).contains("hunter2"));
    }
}
