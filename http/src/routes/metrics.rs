//! `/api/v1/projects/{project_id}/metrics`: what was counted, by the day, of the project or of each account or channel.
//!
//! As JSON it is a list in pages like every other; as CSV it is one table, written while it is read, so a year of a thousand
//! channels takes no more memory than a page of them.

use chrono::NaiveDate;
use domain::access::Right;
use domain::id::ProjectId;
use domain::time::Day;
use futures::stream::{self, Stream};
use persistence::metrics::{self, DayFigures, Days};
use persistence::{Store, StoreError};
use poem::Body;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Json};
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};

use super::{Found, Part};
use crate::auth::Reader;
use crate::gateway::Gateway;
use crate::page::{self, List};
use crate::problem::{Failure, FieldError};

/// The most days that are told at once.
const LONGEST: i32 = 400;

/// The days that are told when nobody says from when.
const USUAL: i32 = 30;

/// Rows of the table that are read at once.
const PORTION: u32 = 1000;

/// What figures are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::metrics::Breakdown", rename_all = "snake_case")]
enum MetricsBy {
    /// The project as a whole.
    Project,
    /// Each account.
    Account,
    /// Each channel.
    Channel,
}

/// The figures of one day in the project's time zone.
#[derive(Debug, Object)]
struct DayMetrics {
    /// The day.
    day: NaiveDate,
    /// The account, by its id here, where figures are told of accounts; missing for what belongs to none.
    #[oai(skip_serializing_if_is_none)]
    account_id: Option<i64>,
    /// The channel, by its id here, where figures are told of channels; missing for what belongs to none.
    #[oai(skip_serializing_if_is_none)]
    channel_id: Option<i64>,
    /// Comments that Telegram confirmed.
    sent: i64,
    /// Comments that Telegram refused.
    refused: i64,
    /// Comments whose window closed before they could be sent.
    expired: i64,
    /// Comments that disappeared from their thread.
    removed: i64,
    /// Comments that were seen to stand.
    visible: i64,
    /// Messages that answered comments.
    replies: i64,
    /// Reactions to comments.
    reactions: i64,
    /// Waits that Telegram asked accounts for.
    flood_waits: i64,
}

/// Some days, the latest first.
#[derive(Debug, Object)]
#[oai(example)]
struct MetricsPage {
    /// The days on which something was counted; of one day the accounts or channels in the order of their ids.
    items: Vec<DayMetrics>,
    /// The cursor of the following page; missing on the last one.
    #[oai(skip_serializing_if_is_none)]
    next: Option<String>,
}

impl DayMetrics {
    fn of(by: metrics::Breakdown, row: &DayFigures) -> Self {
        let figures = row.figures;
        Self {
            day: date(row.day),
            account_id: row.subject.filter(|_| by == metrics::Breakdown::Account),
            channel_id: row.subject.filter(|_| by == metrics::Breakdown::Channel),
            sent: figures.sent,
            refused: figures.refused,
            expired: figures.expired,
            removed: figures.removed,
            visible: figures.visible,
            replies: figures.replies,
            reactions: figures.reactions,
            flood_waits: figures.flood_waits,
        }
    }
}

impl Example for MetricsPage {
    fn example() -> Self {
        let day = DayMetrics {
            day: date(Day(20_514)),
            account_id: Some(7),
            channel_id: None,
            sent: 24,
            refused: 1,
            expired: 0,
            removed: 1,
            visible: 22,
            replies: 9,
            reactions: 41,
            flood_waits: 1,
        };
        Self { items: vec![day], next: Some("kq3vGdZyW8Q4OA".into()) }
    }
}

#[derive(ApiResponse)]
enum MetricsTable {
    /// The table, with the names of its columns in the first line.
    #[oai(status = 200, content_type = "text/csv")]
    Whole(Binary<Body>),
}

pub(crate) struct MetricsApi;

#[OpenApi(tag = "Part::Projects")]
impl MetricsApi {
    /// Get daily figures
    ///
    /// What was counted on each day, the latest day first. Days are those of the project's time zone; days on which nothing
    /// was counted are left out.
    #[oai(path = "/api/v1/projects/:project_id/metrics", method = "get", operation_id = "getMetrics")]
    #[expect(clippy::too_many_arguments, reason = "each is a filter of its own in the address")]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// What the figures are told of.
        #[oai(default = "whole")]
        by: Query<MetricsBy>,
        /// The first day; left out, the thirtieth up to the last one.
        from: Query<Option<NaiveDate>>,
        /// The last day, at most 400 days after the first; left out, today.
        to: Query<Option<NaiveDate>>,
        /// `next` of the page before; left out, the list begins with the latest day.
        after: Query<Option<String>>,
        /// The most rows to return, 1 to 200.
        #[oai(default = "page::usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<MetricsPage>, Failure> {
        let (project, days) = asked(&gateway, &caller, project_id.0, from.0, to.0).await?;
        let by = by.0.into();
        let list = List::of("metrics").by("project", Some(project));
        let list = list.by("asked", Some(format!("{by:?} {} {}", days.from, days.to)));
        let after = list.position::<(Day, i64)>(after.as_deref())?;
        let rows = gateway.store.daily_figures(project, by, Days { after, ..days }, limit.0 + 1).await?;
        let (rows, next) = list.cut(rows, limit.0, place);
        let items = rows.iter().map(|row| DayMetrics::of(by, row)).collect();
        Ok(Found::Whole(Json(MetricsPage { items, next })))
    }

    /// Export daily figures
    ///
    /// The same figures as one CSV table, for a spreadsheet.
    #[oai(path = "/api/v1/projects/:project_id/metrics.csv", method = "get", operation_id = "exportMetrics")]
    async fn export(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// What the figures are told of.
        #[oai(default = "whole")]
        by: Query<MetricsBy>,
        /// The first day; left out, the thirtieth up to the last one.
        from: Query<Option<NaiveDate>>,
        /// The last day, at most 400 days after the first; left out, today.
        to: Query<Option<NaiveDate>>,
    ) -> Result<MetricsTable, Failure> {
        let (project, days) = asked(&gateway, &caller, project_id.0, from.0, to.0).await?;
        let table = table(gateway.store.clone(), project, by.0.into(), days);
        Ok(MetricsTable::Whole(Binary(Body::from_bytes_stream(table))))
    }
}

fn whole() -> MetricsBy {
    MetricsBy::Project
}

/// The project and the days that are asked for.
async fn asked(
    gateway: &Gateway,
    caller: &Reader,
    project: i64,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Result<(ProjectId, Days), Failure> {
    let project = caller.project(gateway, project, Right::View).await?.id;
    let zone = gateway.store.project(caller.user(), project).await?.zone;
    let to = to.map_or_else(|| zone.day(gateway.now()), day);
    let from = from.map_or(Day(to.0.saturating_sub(USUAL - 1)), day);
    if from > to || to.0.saturating_sub(from.0) > LONGEST {
        let detail = format!("from must not be after to, and at most {LONGEST} days before it");
        return Err(Failure::bad_parameter(FieldError { pointer: "from".to_owned(), detail }));
    }
    Ok((project, Days { from, to, after: None }))
}

/// The lines of the table, a portion at a time. It breaks off where the Store does not answer, and the connection with it.
fn table(
    store: Store,
    project: ProjectId,
    by: metrics::Breakdown,
    days: Days,
) -> impl Stream<Item = Result<String, std::io::Error>> {
    let first = Some((days, header(by)));
    stream::try_unfold(first, move |ahead| {
        let store = store.clone();
        async move {
            let Some((days, mut text)) = ahead else { return Ok(None) };
            let rows = store.daily_figures(project, by, days, PORTION).await.map_err(broken)?;
            for row in &rows {
                text.push_str(&line(by, row));
            }
            let full = u32::try_from(rows.len()) == Ok(PORTION);
            let after = rows.last().filter(|_| full).map(place);
            Ok(Some((text, after.map(|after| (Days { after: Some(after), ..days }, String::new())))))
        }
    })
}

fn broken(error: StoreError) -> std::io::Error {
    tracing::error!(error = &error as &dyn std::error::Error, "a table of figures broke off");
    std::io::Error::other(error)
}

fn header(by: metrics::Breakdown) -> String {
    let subject = match by {
        metrics::Breakdown::Project => "",
        metrics::Breakdown::Account => "account_id,",
        metrics::Breakdown::Channel => "channel_id,",
    };
    format!("day,{subject}sent,refused,expired,removed,visible,replies,reactions,flood_waits\r\n")
}

/// Numbers and dates need no quotes.
fn line(by: metrics::Breakdown, row: &DayFigures) -> String {
    let subject = match (by, row.subject) {
        (metrics::Breakdown::Project, _) => String::new(),
        (metrics::Breakdown::Account | metrics::Breakdown::Channel, None) => ",".to_owned(),
        (metrics::Breakdown::Account | metrics::Breakdown::Channel, Some(subject)) => format!("{subject},"),
    };
    let metrics::Figures { sent, refused, expired, removed, visible, replies, reactions, flood_waits } =
        row.figures;
    let day = row.day;
    format!(
        "{day},{subject}{sent},{refused},{expired},{removed},{visible},{replies},{reactions},{flood_waits}\r\n"
    )
}

fn place(row: &DayFigures) -> (Day, i64) {
    (row.day, row.subject.unwrap_or(0))
}

fn day(date: NaiveDate) -> Day {
    Day(date.to_epoch_days())
}

/// A day as the calendar names it. One beyond its end becomes the epoch.
fn date(day: Day) -> NaiveDate {
    NaiveDate::from_epoch_days(day.0).unwrap_or_default()
}
