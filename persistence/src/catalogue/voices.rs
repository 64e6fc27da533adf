//! Voices: how a project sounds, in which language, and under which label.

use domain::disclosure::Label;
use domain::id::{ProjectId, VoiceId};
use serde::Serialize;

use super::{Editor, log, missing, unchanged};
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::{Sql, storable};
use crate::store::{Run as _, Store, Tx};

macro_rules! voices {
    ($condition:literal) => {
        concat!(
            "SELECT v.id, v.name, v.language, v.tone, v.vocabulary, v.rules, v.label, v.version,
                 (SELECT count(*) FROM templates t WHERE t.voice_id = v.id) AS templates,
                 (SELECT count(*) FROM campaigns c WHERE c.voice_id = v.id) AS campaigns
             FROM voices v WHERE v.project_id = $1 AND ",
            $condition
        )
    };
}

static ONE: Sql = Sql::new(voices!("v.id = $2"));

static HELD: Sql = Sql::new(voices!("v.id = $2 {FOR UPDATE OF v}"));

static LIST: Sql = Sql::new(voices!("v.id < $2 ORDER BY v.id DESC LIMIT $3"));

static INSERT: Sql = Sql::new(
    "INSERT INTO voices (project_id, name, language, tone, vocabulary, rules, label) VALUES ($1, $2, $3, $4, $5, $6, $7)
     RETURNING id",
);

static UPDATE: Sql = Sql::new(
    "UPDATE voices SET name = $3, language = $4, tone = $5, vocabulary = $6, rules = $7, label = $8, version = version + 1
     WHERE id = $2 AND project_id = $1",
);

static DELETE: Sql = Sql::new("DELETE FROM voices WHERE id = $2 AND project_id = $1");

/// How a voice sounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VoiceSettings {
    /// Its name, unique in the project.
    pub name: String,
    /// The language it writes, as an IETF tag.
    pub language: String,
    /// Its tone, in words.
    pub tone: String,
    /// Words it likes to use.
    pub vocabulary: Vec<String>,
    /// What it does and what it never does, a sentence each.
    pub rules: Vec<String>,
    /// The label under what is written in it, if it is not the account's.
    pub label: Option<Label>,
}

/// A voice as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedVoice {
    /// Its row, which is also its place in the list.
    pub id: VoiceId,
    /// How it sounds.
    pub settings: VoiceSettings,
    /// How often it was changed.
    pub version: i64,
    /// How many templates it has.
    pub templates: u32,
    /// How many campaigns speak in it.
    pub campaigns: u32,
}

/// What is to become of a voice; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VoiceChange {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language it writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Its tone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone: Option<String>,
    /// Words it likes to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<Vec<String>>,
    /// What it does and what it never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<String>>,
    /// The label under what is written in it; `Some(None)` leaves that to the account's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Option<Label>>,
}

impl Store {
    /// A project's voices, latest first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_voices(
        &self,
        project: ProjectId,
        before: Option<VoiceId>,
        limit: u32,
    ) -> Result<Vec<ListedVoice>, StoreError> {
        let before = before.map_or(i64::MAX, VoiceId::get);
        let values = [project.get().into(), before.into(), i64::from(limit).into()];
        self.read("list voices").rows(&LIST, values).await?.iter().map(read_listed).collect()
    }

    /// One voice.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such voice.
    pub async fn voice(&self, project: ProjectId, voice: VoiceId) -> Result<ListedVoice, StoreError> {
        let read = self.read("read a voice");
        let missing = StoreError::NotFound { operation: read.operation(), what: "voice" };
        read_listed(&read.row(&ONE, [project.get().into(), voice.get().into()]).await?.ok_or(missing)?)
    }

    /// Adds a voice.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the project has one of that name.
    pub async fn add_voice(&self, editor: Editor, settings: &VoiceSettings) -> Result<VoiceId, StoreError> {
        let tx = self.begin("add a voice").await?;
        let [name, language, tone, vocabulary, rules, label] = cells(&tx, settings)?;
        let values = [editor.project.get().into(), name, language, tone, vocabulary, rules, label];
        let id: VoiceId = tx.row(&INSERT, values).await?.ok_or_else(|| missing(&tx, "voice"))?.get("id")?;
        log(&tx, editor, "voice.created", format!("voice:{id}"), settings).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Changes a voice; what is written from now on sounds like it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the project has another one of that name, [`StoreError::NotFound`] when it has no such
    /// voice, [`StoreError::Stale`] when the voice is not of the version `made_on` any more.
    pub async fn change_voice(
        &self,
        editor: Editor,
        voice: VoiceId,
        change: &VoiceChange,
        made_on: Option<i64>,
    ) -> Result<(), StoreError> {
        let tx = self.begin("change a voice").await?;
        let found = held(&tx, editor.project, voice).await?;
        unchanged(&tx, found.version, made_on)?;
        let (was, change_to) = (found.settings, change.clone());
        let settings = VoiceSettings {
            name: change_to.name.unwrap_or(was.name),
            language: change_to.language.unwrap_or(was.language),
            tone: change_to.tone.unwrap_or(was.tone),
            vocabulary: change_to.vocabulary.unwrap_or(was.vocabulary),
            rules: change_to.rules.unwrap_or(was.rules),
            label: change_to.label.unwrap_or(was.label),
        };
        let [name, language, tone, vocabulary, rules, label] = cells(&tx, &settings)?;
        let key = (editor.project.get().into(), voice.get().into());
        tx.run(&UPDATE, [key.0, key.1, name, language, tone, vocabulary, rules, label]).await?;
        log(&tx, editor, "voice.updated", format!("voice:{voice}"), change).await?;
        tx.commit().await
    }

    /// Removes a voice that no campaign speaks in, with its templates.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such voice, [`StoreError::Needed`] when campaigns speak in it.
    pub async fn remove_voice(&self, editor: Editor, voice: VoiceId) -> Result<(), StoreError> {
        let tx = self.begin("remove a voice").await?;
        let found = held(&tx, editor.project, voice).await?;
        if found.campaigns > 0 {
            let why = "campaigns speak in it; give them another voice first";
            return Err(StoreError::Needed { operation: tx.operation(), why });
        }
        tx.run(&DELETE, [editor.project.get().into(), voice.get().into()]).await?;
        log(&tx, editor, "voice.deleted", format!("voice:{voice}"), &()).await?;
        tx.commit().await
    }
}

/// A voice, kept from changing until the transaction ends.
pub(super) async fn held(tx: &Tx, project: ProjectId, voice: VoiceId) -> Result<ListedVoice, StoreError> {
    let row = tx.row(&HELD, [project.get().into(), voice.get().into()]).await?;
    read_listed(&row.ok_or_else(|| missing(tx, "voice"))?)
}

/// What is written of a voice, column by column.
fn cells(tx: &Tx, settings: &VoiceSettings) -> Result<[sea_orm::Value; 6], StoreError> {
    let list = |texts: &[String], column| {
        let texts: Vec<_> = texts.iter().map(|text| storable(text)).collect();
        serde_json::to_string(&texts).map_err(|source| StoreError::Unreadable {
            operation: tx.operation(),
            column,
            source: source.into(),
        })
    };
    Ok([
        storable(&settings.name).into_owned().into(),
        storable(&settings.language).into_owned().into(),
        storable(&settings.tone).into_owned().into(),
        list(&settings.vocabulary, "vocabulary")?.into(),
        list(&settings.rules, "rules")?.into(),
        settings.label.as_ref().map(|label| storable(label.as_str()).into_owned()).into(),
    ])
}

fn read_listed(row: &Row) -> Result<ListedVoice, StoreError> {
    let label: Option<String> = row.maybe("label")?;
    let label = label.map(|label| Label::new(&label).map_err(|source| row.unreadable("label", source)));
    Ok(ListedVoice {
        id: row.get("id")?,
        settings: VoiceSettings {
            name: row.get("name")?,
            language: row.get("language")?,
            tone: row.get("tone")?,
            vocabulary: row.json("vocabulary")?,
            rules: row.json("rules")?,
            label: label.transpose()?,
        },
        version: row.get("version")?,
        templates: row.small("templates")?,
        campaigns: row.small("campaigns")?,
    })
}
