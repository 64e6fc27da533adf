//! Reading a row by column names into the domain's own types.
//!
//! Numbers are 64-bit integers in both databases, names of states are text, structures are JSON text. A value that this
//! version would not have written is [`StoreError::Unreadable`] and names its column.

use domain::id;
use domain::time::{Timestamp, UnknownZone, Zone};
use sea_orm::{QueryResult, TryGetable};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as NameError, StrDeserializer};

use crate::error::StoreError;

/// One row of an answer.
pub(crate) struct Row {
    cells: QueryResult,
    operation: &'static str,
}

/// A type that stands in one column.
pub(crate) trait Cell: Sized {
    /// What the driver reads.
    type Raw: TryGetable;

    /// From what the driver read.
    fn from_raw(raw: Self::Raw) -> Self;
}

impl Row {
    pub(crate) fn new(cells: QueryResult, operation: &'static str) -> Self {
        Self { cells, operation }
    }

    /// What the row was read for.
    pub(crate) const fn operation(&self) -> &'static str {
        self.operation
    }

    /// The value of a column that is never null.
    pub(crate) fn get<T: Cell>(&self, column: &'static str) -> Result<T, StoreError> {
        self.cells.try_get_by(column).map(T::from_raw).map_err(|source| self.unreadable(column, source))
    }

    /// The value of a column that may be null.
    pub(crate) fn maybe<T: Cell>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        let raw: Option<T::Raw> =
            self.cells.try_get_by(column).map_err(|source| self.unreadable(column, source))?;
        Ok(raw.map(T::from_raw))
    }

    /// A count or another number that must fit a smaller type.
    pub(crate) fn small<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError> {
        let wide: i64 = self.get(column)?;
        T::try_from(wide).map_err(|_| self.unreadable(column, format!("{wide} is out of range")))
    }

    /// A number that must fit a smaller type, in a column that may be null.
    pub(crate) fn maybe_small<T: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        if self.maybe::<i64>(column)?.is_some() { self.small(column).map(Some) } else { Ok(None) }
    }

    /// One of an enum's names, as serde spells them.
    pub(crate) fn named<T: for<'de> Deserialize<'de>>(&self, column: &'static str) -> Result<T, StoreError> {
        let name: String = self.get(column)?;
        let name: StrDeserializer<'_, NameError> = name.as_str().into_deserializer();
        T::deserialize(name).map_err(|source| self.unreadable(column, source))
    }

    /// An enum's name in a column that may be null.
    pub(crate) fn maybe_named<T: for<'de> Deserialize<'de>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        if self.maybe::<String>(column)?.is_some() { self.named(column).map(Some) } else { Ok(None) }
    }

    /// A time zone, by its name.
    pub(crate) fn zone(&self, column: &'static str) -> Result<Zone, StoreError> {
        let name: String = self.get(column)?;
        name.parse().map_err(|source: UnknownZone| self.unreadable(column, source))
    }

    /// A structure kept as JSON text.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|source| self.unreadable(column, source))
    }

    /// That what `column` holds contradicts a rule of the domain.
    pub(crate) fn unreadable(
        &self,
        column: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::Unreadable { operation: self.operation, column, source: source.into() }
    }
}

/// The ids of rows that one statement inserted, in the order of the array they came from: both databases read an array from
/// its beginning, so ids rise with it.
pub(crate) fn ids_in_order<T: Cell + Ord>(inserted: &[Row]) -> Result<Vec<T>, StoreError> {
    let mut ids: Vec<T> = inserted.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
    ids.sort_unstable();
    Ok(ids)
}

macro_rules! plain_cells {
    ($($plain:ty),+) => {$(
        impl Cell for $plain {
            type Raw = Self;

            fn from_raw(raw: Self) -> Self {
                raw
            }
        }
    )+};
}

macro_rules! number_cells {
    ($($name:ty),+) => {$(
        impl Cell for $name {
            type Raw = i64;

            fn from_raw(raw: i64) -> Self {
                Self(raw)
            }
        }
    )+};
}

plain_cells!(i64, f64, bool, String, Vec<u8>);

number_cells!(
    id::UserId,
    id::ProjectId,
    id::AccountId,
    id::ChannelId,
    id::PostId,
    id::ThreadMessageId,
    id::CommentId,
    id::CampaignId,
    id::VoiceId,
    id::TemplateId,
    id::PlaylistId,
    id::ConsentId,
    id::JobId,
    id::ErrandId,
    id::EventId,
    id::ProxyId,
    id::WebhookId,
    id::DeliveryId,
    id::TokenId,
    id::PeerId,
    id::MessageId,
    id::RandomId
);

impl Cell for Timestamp {
    type Raw = i64;

    fn from_raw(raw: i64) -> Self {
        Self::from_micros(raw)
    }
}
