//! Versions of what people edit at once, as `ETag` and `If-Match`.
//!
//! A row that several people change carries a number that rises with every change. Reading it tells the number as its
//! `ETag`; whoever changes it says in `If-Match` which number they saw, and the Store compares it in the transaction that
//! writes ([`persistence::StoreError::Stale`], 412 here), so of two who saw the same version only one changes it.

use crate::problem::{Failure, Kind};

/// The `ETag` of a version.
pub(crate) fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version that an `If-Match` names; `None` for `*`, which takes any.
///
/// # Errors
/// A 428 without the header, a 412 for a tag that is none of ours: no version matches it.
pub(crate) fn seen(if_match: Option<&str>) -> Result<Option<i64>, Failure> {
    let Some(text) = if_match.map(str::trim) else {
        let detail = "send the ETag of what you read as If-Match";
        return Err(Failure::of(Kind::VersionRequired, detail.to_owned()));
    };
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let version = version.and_then(|digits| digits.parse().ok());
    version.filter(|version| tag(*version) == text).map(Some).ok_or_else(|| Failure::of(Kind::Changed, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_a_version_names_it_again() {
        assert_eq!(seen(Some(&tag(12))).unwrap(), Some(12));
        assert_eq!(seen(Some(" * ")).unwrap(), None);
    }

    #[test]
    fn without_a_version_nothing_is_changed_and_a_foreign_tag_matches_none() {
        assert!(matches!(seen(None), Err(Failure::VersionRequired(_))));
        for foreign in ["", "12", "\"x\"", "W/\"12\"", "\"12", "\"012\"", "\"1\", \"2\""] {
            assert!(matches!(seen(Some(foreign)), Err(Failure::Changed(_))), "{foreign}");
        }
    }
}
