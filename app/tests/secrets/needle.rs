//! Secrets that can be recognised in whatever a run leaves behind, however they were written there.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A secret, and what it looks like wherever it shows.
pub(crate) struct Needle {
    name: &'static str,
    forms: Vec<String>,
}

impl Needle {
    /// A secret of this name.
    pub(crate) fn new(name: &'static str, secret: &[u8]) -> Self {
        assert!(secret.len() >= 8, "{name} is too short to be recognised");
        let numbers: Vec<_> = secret.iter().map(u8::to_string).collect();
        let forms = vec![
            letters(secret),
            hex::encode(secret),
            hex::encode_upper(secret),
            STANDARD_NO_PAD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            numbers.join(", "),
            numbers.join(","),
            secret.escape_ascii().to_string(),
        ];
        Self { name, forms }
    }
}

/// Fails if any of the secrets stands in what came from `origin`.
#[track_caller]
pub(crate) fn search(needles: &[Needle], origin: &str, left_behind: &[u8]) {
    let text = letters(left_behind);
    for needle in needles {
        for form in &needle.forms {
            if let Some(at) = text.find(form) {
                let before: String = text[..at].chars().rev().take(200).collect();
                panic!(
                    "the {} shows in {origin}, behind {:?}",
                    needle.name,
                    before.chars().rev().collect::<String>()
                );
            }
        }
    }
}

/// Each byte as one character, so that bytes are searched like text.
fn letters(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[test]
fn a_secret_is_found_however_it_is_written() {
    let secret = b"\xffsession\x00\x01";
    let needles = [Needle::new("session", secret)];
    search(&needles, "nothing", b"a sessio\x00n");
    let written = [
        secret.to_vec(),
        format!("{secret:?}").into_bytes(),
        format!("x{}y", hex::encode(secret)).into_bytes(),
        serde_json::to_vec(secret).unwrap(),
        STANDARD_NO_PAD.encode(secret).into_bytes(),
    ];
    for text in written {
        let found = std::panic::catch_unwind(|| search(&needles, "somewhere", &text));
        assert!(found.is_err(), "{text:?}");
    }
}
