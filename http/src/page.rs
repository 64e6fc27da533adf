//! Pages: lists are read a bounded number of rows at a time, from a cursor on.
//!
//! A cursor is the place of a page's last row in the list's order, in an opaque wrapping with a checksum over the list's name
//! and its filters: one of another list or another filter is refused instead of showing the wrong rows. The checksum keeps
//! no secret, it catches mistakes; what a cursor may lead to is decided by the statement that reads under its project. Lists
//! run newest first by id unless they say otherwise, so rows that arrive meanwhile stand before every cursor handed out:
//! whoever follows cursors sees no row twice and misses none that was there when they began.

use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::problem::{Failure, Kind};

/// Bytes of the checksum.
const SUM: usize = 8;

/// The rows of a page when the reader does not say.
pub(crate) fn usual() -> u32 {
    50
}

/// A list as a reader asked for it: its name and what narrows it.
#[derive(Clone)]
pub(crate) struct List {
    asked: Sha256,
}

impl List {
    /// The list of this name, unique over the API.
    pub(crate) fn of(name: &'static str) -> Self {
        Self { asked: Sha256::new() }.by("list", Some(name))
    }

    /// The list narrowed by a filter; one that is not given narrows nothing.
    pub(crate) fn by(mut self, filter: &str, value: Option<impl Display>) -> Self {
        if let Some(value) = value {
            for part in [filter.to_owned(), value.to_string()] {
                self.asked.update(part.len().to_le_bytes());
                self.asked.update(part);
            }
        }
        self
    }

    /// Reads a cursor: the place behind which the page begins, an id or whatever else the list is ordered by.
    ///
    /// # Errors
    /// A `bad-cursor` problem for anything that [`List::cut`] did not make for this very list.
    pub(crate) fn position<P: DeserializeOwned>(&self, cursor: Option<&str>) -> Result<Option<P>, Failure> {
        let read = |text: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            let (sum, place) = bytes.split_at_checked(SUM)?;
            (sum == self.sum(place)).then(|| serde_json::from_slice(place).ok())?
        };
        cursor.map(|text| read(text).ok_or_else(bad_cursor)).transpose()
    }

    /// Cuts rows that were read with a limit of one more than `limit` to a page, and says how to get the following one:
    /// `None` if there is none.
    pub(crate) fn cut<T, P: Serialize>(
        &self,
        mut rows: Vec<T>,
        limit: u32,
        place: impl Fn(&T) -> P,
    ) -> (Vec<T>, Option<String>) {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).and_then(|last| self.cursor(&place(last)));
        (rows, next)
    }

    /// The cursor behind a place. Numbers and texts always serialise.
    fn cursor(&self, place: &impl Serialize) -> Option<String> {
        let place = serde_json::to_vec(place).ok()?;
        let mut bytes = self.sum(&place).to_vec();
        bytes.extend(place);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    fn sum(&self, place: &[u8]) -> [u8; SUM] {
        let whole = self.asked.clone().chain_update(place).finalize();
        std::array::from_fn(|at| whole[at])
    }
}

fn bad_cursor() -> Failure {
    let detail =
        "take `next` of an earlier page of the same list with the same filters, or leave `after` out";
    Failure::of(Kind::BadCursor, detail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> List {
        List::of("posts").by("project", Some(7)).by("state", None::<&str>)
    }

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        for id in [0, 1, 1_000_000, i64::MAX, -1] {
            let cursor = list().cursor(&id).unwrap();
            assert_eq!(list().position(Some(&cursor)).unwrap(), Some(id));
        }
        let named = ("Ж, \"quoted\"".to_owned(), 5_i64);
        let cursor = list().cursor(&named).unwrap();
        assert_eq!(list().position(Some(&cursor)).unwrap(), Some(named));
        assert_eq!(list().position::<i64>(None).unwrap(), None);
    }

    #[test]
    fn a_cursor_of_another_list_or_filter_is_refused() {
        let cursor = list().cursor(&5).unwrap();
        let others = [
            List::of("comments").by("project", Some(7)),
            List::of("posts").by("project", Some(8)),
            List::of("posts"),
            list().by("state", Some("sent")),
            list().by("stat", Some("esent")),
        ];
        for other in others {
            assert!(other.position::<i64>(Some(&cursor)).is_err());
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let cursor = list().cursor(&5).unwrap();
        let longer = format!("{cursor}A");
        for text in ["", "c5", "5", "!", &longer, &cursor[1..], &cursor.to_lowercase(), &"A".repeat(4000)] {
            assert!(list().position::<i64>(Some(text)).is_err(), "{text:?}");
        }
        let text = list().cursor(&"five").unwrap();
        assert!(list().position::<i64>(Some(&text)).is_err(), "a place of another kind");
    }

    #[test]
    fn a_page_is_cut_and_the_last_one_has_no_next() {
        let (rows, next) = list().cut(vec![9, 8, 7], 2, |row| *row);
        assert_eq!((rows, next), (vec![9, 8], list().cursor(&8)));
        assert_eq!(list().cut(vec![9, 8], 2, |row| *row), (vec![9, 8], None));
        assert_eq!(list().cut(Vec::<i64>::new(), 2, |row| *row), (vec![], None));
    }
}
