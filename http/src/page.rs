//! Pages: lists are read newest first, a bounded number at a time, from a cursor on.
//!
//! A cursor is the id of the last row of a page in an opaque wrapping. Rows that arrive in the meantime stand before every
//! cursor handed out, so a reader who follows cursors sees no row twice and misses none that was there when it began.

use crate::problem::Failure;

/// The rows of a page when the reader does not say.
pub(crate) fn usual() -> u32 {
    50
}

/// Reads a cursor: the id behind which the page begins.
///
/// # Errors
/// A `bad-cursor` problem for anything that [`cursor`] did not make.
pub(crate) fn position(text: Option<&str>) -> Result<Option<i64>, Failure> {
    let read = |text: &str| {
        let id = text.strip_prefix('c').and_then(|id| id.parse().ok());
        id.filter(|id| cursor(*id) == text).ok_or_else(Failure::bad_cursor)
    };
    text.map(read).transpose()
}

/// Cuts rows that were read with a limit of one more than `limit` to a page, and says how to get the following one: `None`
/// if there is none.
pub(crate) fn cut<T>(mut rows: Vec<T>, limit: u32, id: impl Fn(&T) -> i64) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| cursor(id(last)));
    (rows, next)
}

/// The cursor behind the row with this id.
fn cursor(id: i64) -> String {
    format!("c{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_row() {
        for id in [0, 1, 1_000_000, i64::MAX] {
            assert_eq!(position(Some(&cursor(id))).unwrap(), Some(id));
        }
        assert_eq!(position(None).unwrap(), None);
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["", "c", "5", "c05", "c+1", "c9223372036854775808", "c5 ", "cx"] {
            assert!(position(Some(text)).is_err(), "{text:?}");
        }
    }
}
