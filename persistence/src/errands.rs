//! What a command asks of the service that runs beside it, and the answer, by way of the database.
//!
//! Only the process that holds an account may connect it, so a command that needs Telegram leaves its question here while a
//! service runs. A question is no work that must survive: whoever asked waits for it, and one that nobody took in time is
//! forgotten. It is taken once, whatever becomes of it.

use std::time::Duration;

use domain::id::{ErrandId, ProjectId, UserId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// How long whoever asked waits for an answer.
pub const ERRAND_LASTS: Duration = Duration::from_secs(60);

static LEAVE: Sql = Sql::new(
    "INSERT INTO errands (project_id, asked_by, question, asked_at) VALUES ($1, $2, $3, $4) RETURNING id",
);

static FORGET: Sql = Sql::new("DELETE FROM errands WHERE asked_at < $1");

static TAKE: Sql = Sql::new(
    "UPDATE errands SET taken_at = $1
     WHERE id IN (SELECT id FROM errands WHERE taken_at IS NULL AND asked_at > $2 ORDER BY id LIMIT $3
         {FOR UPDATE SKIP LOCKED})
     RETURNING id, project_id, asked_by, question",
);

static PUT_BACK: Sql = Sql::new("UPDATE errands SET taken_at = NULL WHERE id = $1 AND answer IS NULL");

static ANSWER: Sql = Sql::new("UPDATE errands SET answer = $2 WHERE id = $1");

static FETCH: Sql = Sql::new("DELETE FROM errands WHERE id = $1 AND answer IS NOT NULL RETURNING answer");

/// A question that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenErrand {
    /// Its row.
    pub id: ErrandId,
    /// The project it is about.
    pub project: ProjectId,
    /// Who asks.
    pub by: UserId,
    /// What is asked, in the words of those who ask and answer.
    pub question: String,
}

impl Store {
    /// Leaves a question for whoever runs the service, and forgets those whose time is over.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn leave_errand(
        &self,
        project: ProjectId,
        by: UserId,
        question: &str,
        now: Timestamp,
    ) -> Result<ErrandId, StoreError> {
        let tx = self.begin("leave a question for the service").await?;
        tx.run(&FORGET, [(now - ERRAND_LASTS).micros().into()]).await?;
        let values = [project.get().into(), by.get().into(), question.into(), now.micros().into()];
        let missing = StoreError::NotFound { operation: tx.operation(), what: "project" };
        let id = tx.row(&LEAVE, values).await?.ok_or(missing)?.get("id")?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes up to `limit` questions that somebody still waits for; no two callers take the same.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn take_errands(&self, now: Timestamp, limit: u32) -> Result<Vec<TakenErrand>, StoreError> {
        let values = [now.micros().into(), (now - ERRAND_LASTS).micros().into(), i64::from(limit).into()];
        let taken = self.at_once("take questions").rows(&TAKE, values).await?;
        let errand = |row: &Row| {
            Ok(TakenErrand {
                id: row.get("id")?,
                project: row.get("project_id")?,
                by: row.get("asked_by")?,
                question: row.get("question")?,
            })
        };
        taken.iter().map(errand).collect()
    }

    /// Leaves a question to another node, which holds the accounts that can answer it.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn put_errand_back(&self, errand: ErrandId) -> Result<(), StoreError> {
        self.at_once("put a question back").run(&PUT_BACK, [errand.get().into()]).await?;
        Ok(())
    }

    /// Writes the answer to a question.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn answer_errand(&self, errand: ErrandId, answer: &str) -> Result<(), StoreError> {
        self.at_once("answer a question").run(&ANSWER, [errand.get().into(), answer.into()]).await?;
        Ok(())
    }

    /// The answer to a question, once; `None` as long as there is none.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn fetch_answer(&self, errand: ErrandId) -> Result<Option<String>, StoreError> {
        let row = self.at_once("fetch an answer").row(&FETCH, [errand.get().into()]).await?;
        row.map(|row| row.get("answer")).transpose()
    }
}
