//! Reading the daily figures: of a whole project, or of each of its accounts or channels, day by day.

use domain::id::ProjectId;
use domain::time::Day;

use super::Figures;
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// Days from the latest on, and of one day the subjects in the order of their ids. What belongs to no account or channel
/// comes first, as 0.
macro_rules! figures {
    ($subject:literal) => {
        concat!(
            "SELECT day, subject, CAST(SUM(sent) AS BIGINT) AS sent, CAST(SUM(refused) AS BIGINT) AS refused,
                 CAST(SUM(expired) AS BIGINT) AS expired, CAST(SUM(removed) AS BIGINT) AS removed,
                 CAST(SUM(visible) AS BIGINT) AS visible, CAST(SUM(replies) AS BIGINT) AS replies,
                 CAST(SUM(reactions) AS BIGINT) AS reactions, CAST(SUM(flood_waits) AS BIGINT) AS flood_waits
             FROM (SELECT m.*, ",
            $subject,
            " AS subject FROM metrics_daily m WHERE m.project_id = $1 AND m.day BETWEEN $2 AND $3) figures
             WHERE day < $4 OR (day = $4 AND subject > $5)
             GROUP BY day, subject ORDER BY day DESC, subject LIMIT $6"
        )
    };
}

static OF_PROJECT: Sql = Sql::new(figures!("CAST(0 AS BIGINT)"));
static OF_ACCOUNTS: Sql = Sql::new(figures!("coalesce(m.account_id, 0)"));
static OF_CHANNELS: Sql = Sql::new(figures!("coalesce(m.channel_id, 0)"));

/// What figures are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Breakdown {
    /// The project as a whole.
    Project,
    /// Each account.
    Account,
    /// Each channel.
    Channel,
}

/// Which days are asked for, both included, and where to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The day and subject (0 for none) of the last row that was read.
    pub after: Option<(Day, i64)>,
}

/// The figures of one day in the project's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayFigures {
    /// The day.
    pub day: Day,
    /// The account or channel by its row; `None` for the project as a whole, and for what belongs to none.
    pub subject: Option<i64>,
    /// What was counted.
    pub figures: Figures,
}

impl Store {
    /// The figures of a project, latest day first, at most `limit` rows. Days without any are left out.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn daily_figures(
        &self,
        project: ProjectId,
        by: Breakdown,
        days: Days,
        limit: u32,
    ) -> Result<Vec<DayFigures>, StoreError> {
        let sql = match by {
            Breakdown::Project => &OF_PROJECT,
            Breakdown::Account => &OF_ACCOUNTS,
            Breakdown::Channel => &OF_CHANNELS,
        };
        let (day, subject) = days.after.map_or((i64::MAX, 0), |(day, subject)| (i64::from(day.0), subject));
        let values = [
            project.get().into(),
            i64::from(days.from.0).into(),
            i64::from(days.to.0).into(),
            day.into(),
            subject.into(),
            i64::from(limit).into(),
        ];
        self.read("read the daily figures").rows(sql, values).await?.iter().map(read_figures).collect()
    }
}

fn read_figures(row: &Row) -> Result<DayFigures, StoreError> {
    let subject: i64 = row.get("subject")?;
    Ok(DayFigures {
        day: Day(row.small("day")?),
        subject: (subject != 0).then_some(subject),
        figures: Figures {
            sent: row.get("sent")?,
            refused: row.get("refused")?,
            expired: row.get("expired")?,
            removed: row.get("removed")?,
            visible: row.get("visible")?,
            replies: row.get("replies")?,
            reactions: row.get("reactions")?,
            flood_waits: row.get("flood_waits")?,
        },
    })
}
