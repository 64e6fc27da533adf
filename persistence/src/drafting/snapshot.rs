//! Reading what a writer needs: the post, the reader, and the voice it writes in.

use std::collections::HashMap;

use domain::comment::{Intent, Revision};
use domain::disclosure::Label;
use domain::id::{CommentId, VoiceId};
use domain::pacing::Window;
use serde::Serialize;

use crate::drafting::DraftRequest;
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, rows};
use crate::store::{Run as _, Session, Store};

static REQUESTS: Sql = Sql::new(
    "SELECT c.id, c.project_id, c.account_id, c.intent, c.revision, c.window_from, c.window_to, c.due_at,
         ch.title, po.text AS post_text, m.text AS reader_text, p.approval, v.id AS voice_id, v.language,
         COALESCE(v.label, a.label) AS label
     FROM rows($1: id bigint) r
     JOIN comments c ON c.id = r.id
     JOIN projects p ON p.id = c.project_id
     JOIN accounts a ON a.id = c.account_id
     JOIN channels ch ON ch.id = c.channel_id
     JOIN posts po ON po.id = c.post_id
     LEFT JOIN thread_messages m ON m.id = c.answers_id
     LEFT JOIN campaigns ca ON ca.id = c.campaign_id
     LEFT JOIN voices v ON v.id = ca.voice_id
     WHERE c.state IN ('planned', 'void')",
);

static TEMPLATES: Sql = Sql::new(
    "SELECT t.voice_id, t.intent, t.body FROM rows($1: id bigint) r JOIN templates t ON t.voice_id = r.id ORDER BY t.id",
);

#[derive(Serialize)]
struct CommentIdRow {
    id: CommentId,
}

#[derive(Serialize)]
struct VoiceIdRow {
    id: VoiceId,
}

type Templates = HashMap<(VoiceId, Intent), Vec<String>>;

impl Store {
    /// What writing these comments takes, in no order. Comments that do not wait for a text any more are left out; their
    /// jobs end with [`crate::drafting::DraftResult::Nothing`], which changes nothing for them.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn drafting_snapshot(&self, comments: &[CommentId]) -> Result<Vec<DraftRequest>, StoreError> {
        let read = self.read("read what to write");
        let asked: Vec<_> = comments.iter().map(|id| CommentIdRow { id: *id }).collect();
        let found = read.rows(&REQUESTS, [rows(read.operation(), &asked)?]).await?;
        let templates = read_templates(&read, &found).await?;
        found.iter().map(|row| read_request(row, &templates)).collect()
    }
}

async fn read_templates(read: &Session<'_>, found: &[Row]) -> Result<Templates, StoreError> {
    let mut voices = Vec::new();
    for row in found {
        voices.extend(row.maybe::<VoiceId>("voice_id")?);
    }
    voices.sort_unstable();
    voices.dedup();
    let mut templates = Templates::new();
    if voices.is_empty() {
        return Ok(templates);
    }
    let voices: Vec<_> = voices.into_iter().map(|id| VoiceIdRow { id }).collect();
    for row in &read.rows(&TEMPLATES, [rows(read.operation(), &voices)?]).await? {
        let key = (row.get("voice_id")?, row.named("intent")?);
        templates.entry(key).or_default().push(row.get("body")?);
    }
    Ok(templates)
}

fn read_request(row: &Row, templates: &Templates) -> Result<DraftRequest, StoreError> {
    let intent = row.named("intent")?;
    let voice = row.maybe::<VoiceId>("voice_id")?;
    let label = Label::new(&row.get::<String>("label")?).map_err(|source| row.unreadable("label", source))?;
    Ok(DraftRequest {
        comment: row.get("id")?,
        project: row.get("project_id")?,
        account: row.get("account_id")?,
        intent,
        revision: Revision(row.small::<u32>("revision")? + 1),
        language: row.maybe("language")?,
        templates: voice.and_then(|voice| templates.get(&(voice, intent)).cloned()).unwrap_or_default(),
        channel_title: row.get("title")?,
        post_text: row.get("post_text")?,
        reader_text: row.maybe("reader_text")?,
        label,
        approval: row.named("approval")?,
        window: Window { from: row.get("window_from")?, to: row.get("window_to")? },
        due_at: row.get("due_at")?,
    })
}
