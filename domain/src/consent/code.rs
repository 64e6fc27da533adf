//! The code by which a channel's owner shows that the channel is theirs: who may change its description may agree.
//!
//! A code is random, is shown once and kept only as a hash, so that whoever reads the database cannot put it anywhere, and
//! a code that still stands in some description proves nothing for anybody else. It is found in a description whatever stands
//! around it and however its letters are written.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How long a code may be used. Once the channel is verified, the owner may take it out of the description.
pub const CODE_LASTS: Duration = Duration::from_secs(24 * 3600);

/// What every code begins with: it is looked for by this.
const PREFIX: &str = "beseda-";

/// Digits and letters without those that are taken for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many of them a code has, five bits each, and how many stand between two hyphens.
const LENGTH: u32 = 12;
const GROUP: u32 = 4;

/// A code, to be shown to whoever asked for it and to nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsentCode(String);

/// What is kept of a code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeHash(String);

impl ConsentCode {
    /// The code that follows from a number, which must come from the operating system's randomness.
    #[must_use]
    pub fn of_random(number: u64) -> Self {
        let mut code = PREFIX.to_owned();
        for place in 0..LENGTH {
            if place > 0 && place % GROUP == 0 {
                code.push('-');
            }
            let digit = (number >> (place * 5)) & 31;
            code.push(char::from(ALPHABET[usize::try_from(digit).unwrap_or_default()]));
        }
        Self(code)
    }

    /// The code as it is to stand in the description.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> CodeHash {
        CodeHash::of(&self.0)
    }
}

impl std::fmt::Debug for ConsentCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConsentCode(..)")
    }
}

impl CodeHash {
    fn of(code: &str) -> Self {
        let digest = Sha256::digest(code.as_bytes());
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// From where it was kept.
    #[must_use]
    pub const fn kept(hash: String) -> Self {
        Self(hash)
    }

    /// As it is kept: hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the code stands in a channel's description.
    #[must_use]
    pub fn stands_in(&self, description: &str) -> bool {
        let length = PREFIX.len() + usize::try_from(LENGTH + (LENGTH - 1) / GROUP).unwrap_or_default();
        let lower = description.to_ascii_lowercase();
        lower
            .match_indices(PREFIX)
            .filter_map(|(at, _)| lower.get(at..at + length))
            .any(|code| Self::of(code) == *self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_readable_and_does_not_print() {
        let code = ConsentCode::of_random(0x0123_4567_89ab_cdef);
        assert_eq!(code.reveal(), "beseda-ffkq-t4yc-5t82");
        assert_eq!(format!("{code:?}"), "ConsentCode(..)");
        assert_eq!(code.hash().as_str().len(), 64);
    }

    #[test]
    fn a_code_is_found_wherever_it_stands_and_no_other_is() {
        let code = ConsentCode::of_random(77);
        let shown = code.reveal().to_uppercase();
        for description in [
            shown.clone(),
            format!("Новости города. {shown}, до завтра"),
            format!("beseda-is-nice beseda-beseda-{shown}"),
            format!("Код:{shown}🙂"),
        ] {
            assert!(code.hash().stands_in(&description), "{description}");
        }
        let other = ConsentCode::of_random(78);
        let cut = &shown[..shown.len() - 1];
        for description in ["", "beseda-", other.reveal(), cut, "beseda-🙂🙂🙂🙂🙂🙂"] {
            assert!(!code.hash().stands_in(description), "{description}");
        }
    }
}
