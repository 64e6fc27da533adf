//! A voice's templates. A broken one is refused when it is saved, not when it is needed.

use std::collections::HashMap;

use domain::comment::Intent;
use domain::disclosure::Label;
use domain::id::{ProjectId, TemplateId, VoiceId};
use domain::spintax::Template;
use serde::Serialize;

use super::voices::held;
use super::{Editor, log, missing, unchanged};
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, name_of, storable};
use crate::store::{Run as _, Store, Tx};

macro_rules! templates {
    ($condition:literal) => {
        concat!(
            "SELECT t.id, t.intent, t.body, t.version FROM voices v CROSS JOIN templates t
             WHERE v.project_id = $1 AND v.id = $2 AND t.voice_id = v.id AND ",
            $condition
        )
    };
}

static ONE: Sql = Sql::new(templates!("t.id = $3"));

static HELD: Sql = Sql::new(templates!("t.id = $3 {FOR UPDATE OF t}"));

static LIST: Sql =
    Sql::new(templates!("t.id < $3 AND ($4 = '' OR t.intent = $4) ORDER BY t.id DESC LIMIT $5"));

static ALL: Sql = Sql::new(templates!("t.id > 0 ORDER BY t.id"));

static VOICE: Sql = Sql::new(
    "SELECT v.label, p.label AS default_label FROM voices v JOIN projects p ON p.id = v.project_id
     WHERE v.project_id = $1 AND v.id = $2",
);

static INSERT: Sql =
    Sql::new("INSERT INTO templates (voice_id, intent, body) VALUES ($1, $2, $3) RETURNING id");

static UPDATE: Sql =
    Sql::new("UPDATE templates SET intent = $2, body = $3, version = version + 1 WHERE id = $1");

static DELETE: Sql = Sql::new("DELETE FROM templates WHERE id = $2 AND voice_id = $1");

/// A template as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTemplate {
    /// Its row, which is also its place in the list.
    pub id: TemplateId,
    /// What it is for.
    pub intent: Intent,
    /// The spintax.
    pub body: String,
    /// How often it was changed.
    pub version: i64,
}

/// What is to become of a template; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TemplateChange {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
    /// The spintax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What a voice writes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repertoire {
    /// Its templates by what they are for, oldest first.
    pub templates: HashMap<Intent, Vec<String>>,
    /// Its own label, if it has one.
    pub label: Option<Label>,
    /// The project's label.
    pub default_label: Label,
}

#[derive(Serialize)]
struct Added<'a> {
    voice: VoiceId,
    intent: Intent,
    body: &'a str,
}

impl Store {
    /// A voice's templates, latest first, below `before`, at most `limit`, of one intent or of all.
    ///
    /// # Errors
    /// Only the database's own; a voice that is not the project's has none.
    pub async fn list_templates(
        &self,
        project: ProjectId,
        voice: VoiceId,
        intent: Option<Intent>,
        before: Option<TemplateId>,
        limit: u32,
    ) -> Result<Vec<ListedTemplate>, StoreError> {
        let values = [
            project.get().into(),
            voice.get().into(),
            before.map_or(i64::MAX, TemplateId::get).into(),
            intent.map(name_of).unwrap_or_default().into(),
            i64::from(limit).into(),
        ];
        self.read("list templates").rows(&LIST, values).await?.iter().map(read_listed).collect()
    }

    /// One template of a voice.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project's voice has no such template.
    pub async fn template(
        &self,
        project: ProjectId,
        voice: VoiceId,
        template: TemplateId,
    ) -> Result<ListedTemplate, StoreError> {
        let read = self.read("read a template");
        let missing = StoreError::NotFound { operation: read.operation(), what: "template" };
        let values = [project.get().into(), voice.get().into(), template.get().into()];
        read_listed(&read.row(&ONE, values).await?.ok_or(missing)?)
    }

    /// What a voice writes with.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such voice.
    pub async fn repertoire(&self, project: ProjectId, voice: VoiceId) -> Result<Repertoire, StoreError> {
        let read = self.read("read what a voice writes with");
        let key = || [project.get().into(), voice.get().into()];
        let missing = StoreError::NotFound { operation: read.operation(), what: "voice" };
        let row = read.row(&VOICE, key()).await?.ok_or(missing)?;
        let label = row.maybe::<String>("label")?.map(|text| Label::new(&text)).transpose();
        let default_label = Label::new(&row.get::<String>("default_label")?);
        let mut templates: HashMap<Intent, Vec<String>> = HashMap::new();
        for row in &read.rows(&ALL, key()).await? {
            templates.entry(row.named("intent")?).or_default().push(row.get("body")?);
        }
        Ok(Repertoire {
            templates,
            label: label.map_err(|source| row.unreadable("label", source))?,
            default_label: default_label.map_err(|source| row.unreadable("default_label", source))?,
        })
    }

    /// Adds a template to a voice.
    ///
    /// # Errors
    /// [`StoreError::Template`] when the spintax is broken, [`StoreError::NotFound`] when the project has no such voice.
    pub async fn add_template(
        &self,
        editor: Editor,
        voice: VoiceId,
        intent: Intent,
        body: &str,
    ) -> Result<TemplateId, StoreError> {
        let tx = self.begin("add a template").await?;
        let body = checked(&tx, body)?;
        held(&tx, editor.project, voice).await?;
        let values = [voice.get().into(), name_of(intent).into(), body.as_str().into()];
        let id: TemplateId =
            tx.row(&INSERT, values).await?.ok_or_else(|| missing(&tx, "template"))?.get("id")?;
        let detail = Added { voice, intent, body: &body };
        log(&tx, editor, "template.created", format!("template:{id}"), &detail).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a template.
    ///
    /// # Errors
    /// [`StoreError::Template`] when the spintax is broken, [`StoreError::NotFound`] when the project's voice has no such
    /// template, [`StoreError::Stale`] when it is not of the version `made_on` any more.
    pub async fn change_template(
        &self,
        editor: Editor,
        (voice, template): (VoiceId, TemplateId),
        change: &TemplateChange,
        made_on: Option<i64>,
    ) -> Result<(), StoreError> {
        let tx = self.begin("change a template").await?;
        let key = [editor.project.get().into(), voice.get().into(), template.get().into()];
        let row = tx.row(&HELD, key).await?.ok_or_else(|| missing(&tx, "template"))?;
        let found = read_listed(&row)?;
        unchanged(&tx, found.version, made_on)?;
        let body = checked(&tx, change.body.as_ref().unwrap_or(&found.body))?;
        let intent = name_of(change.intent.unwrap_or(found.intent));
        tx.run(&UPDATE, [template.get().into(), intent.into(), body.into()]).await?;
        log(&tx, editor, "template.updated", format!("template:{template}"), change).await?;
        tx.commit().await
    }

    /// Removes a template from a voice.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project's voice has no such template.
    pub async fn remove_template(
        &self,
        editor: Editor,
        voice: VoiceId,
        template: TemplateId,
    ) -> Result<(), StoreError> {
        let tx = self.begin("remove a template").await?;
        held(&tx, editor.project, voice).await?;
        if tx.run(&DELETE, [voice.get().into(), template.get().into()]).await? == 0 {
            return Err(missing(&tx, "template"));
        }
        log(&tx, editor, "template.deleted", format!("template:{template}"), &()).await?;
        tx.commit().await
    }
}

/// A body that can be read, as it is stored.
fn checked(tx: &Tx, body: &str) -> Result<String, StoreError> {
    let body = storable(body).into_owned();
    match Template::parse(&body) {
        Ok(_) => Ok(body),
        Err(source) => Err(StoreError::Template { operation: tx.operation(), source }),
    }
}

fn read_listed(row: &Row) -> Result<ListedTemplate, StoreError> {
    Ok(ListedTemplate {
        id: row.get("id")?,
        intent: row.named("intent")?,
        body: row.get("body")?,
        version: row.get("version")?,
    })
}
