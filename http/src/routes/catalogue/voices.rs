//! `/api/v1/projects/{project_id}/voices`: how a project sounds.

use domain::access::Right;
use domain::disclosure::Label;
use domain::id::{ProjectId, VoiceId};
use persistence::catalogue::{ListedVoice, VoiceChange, VoiceSettings};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, MaybeUndefined};
use poem_openapi::{Object, OpenApi};

use super::{editor, page};
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::etag;
use crate::gateway::Gateway;
use crate::page::{List, usual};
use crate::problem::{Failure, FieldError};
use crate::routes::{Found, Gone, Made, Part, Versioned};

/// How a project sounds.
#[derive(Debug, Object)]
#[oai(example)]
struct Voice {
    /// Its id here.
    id: i64,
    /// Its name, unique in the project.
    name: String,
    /// The language it writes, as an IETF tag.
    language: String,
    /// Its tone, in words.
    tone: String,
    /// Words it likes to use.
    vocabulary: Vec<String>,
    /// What it does and what it never does, a sentence each.
    rules: Vec<String>,
    /// The label under what is written in it; missing if it is the account's.
    #[oai(skip_serializing_if_is_none)]
    label: Option<String>,
    /// How many templates it has.
    templates: u32,
    /// How many campaigns speak in it.
    campaigns: u32,
}

page! {
    /// Some voices, the latest first.
    VoicePage of Voice
}

/// A voice to be made.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct NewVoice {
    /// Its name, unique in the project.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// The language it writes, as an IETF tag.
    #[oai(validator(pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length = 35))]
    language: String,
    /// Its tone, in words.
    #[oai(default, validator(max_length = 2000))]
    tone: String,
    /// Words it likes to use.
    #[oai(default, validator(max_items = 200))]
    vocabulary: Vec<String>,
    /// What it does and what it never does, a sentence each.
    #[oai(default, validator(max_items = 100))]
    rules: Vec<String>,
    /// The label under what is written in it: one line, at most 200 characters; left out, it is the account's.
    #[oai(validator(max_length = 200))]
    label: Option<String>,
}

/// What is to become of a voice; what is left out stays.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct VoicePatch {
    /// Its name.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    /// The language it writes, as an IETF tag.
    #[oai(validator(pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length = 35))]
    language: Option<String>,
    /// Its tone, in words.
    #[oai(validator(max_length = 2000))]
    tone: Option<String>,
    /// Words it likes to use, all of them.
    #[oai(validator(max_items = 200))]
    vocabulary: Option<Vec<String>>,
    /// What it does and what it never does, all of it.
    #[oai(validator(max_items = 100))]
    rules: Option<Vec<String>>,
    /// The label under what is written in it; `null` leaves that to the account's.
    #[oai(validator(max_length = 200))]
    label: MaybeUndefined<String>,
}

pub(crate) struct VoicesApi;

#[OpenApi(tag = "Part::Voices")]
impl VoicesApi {
    /// List voices
    ///
    /// The project's voices, the latest first.
    #[oai(path = "/api/v1/projects/:project_id/voices", method = "get", operation_id = "listVoices")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most voices to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<VoicePage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let list = List::of("voices").by("project", Some(project));
        let before = list.position::<i64>(after.as_deref())?.map(VoiceId);
        let found = gateway.store.list_voices(project, before, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |voice| voice.id.get());
        Ok(Found::Whole(Json(VoicePage { items: items.into_iter().map(Voice::from).collect(), next })))
    }

    /// Create a voice
    ///
    /// Makes a voice without templates: until it has some, nothing is written in it.
    #[oai(path = "/api/v1/projects/:project_id/voices", method = "post", operation_id = "createVoice")]
    async fn create(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<NewVoice>,
    ) -> Result<Made<Voice>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let NewVoice { name, language, tone, vocabulary, rules, label } = body.0;
        let label = label.as_deref().map(checked_label).transpose()?;
        let settings = VoiceSettings { name, language, tone, vocabulary, rules, label };
        let id = gateway.store.add_voice(editor(&gateway, &caller, project), &settings).await?;
        let place = format!("/api/v1/projects/{project}/voices/{id}");
        Ok(Made::Whole(Json(gateway.store.voice(project, id).await?.into()), place))
    }

    /// Get a voice
    ///
    /// One voice, with its version.
    #[oai(path = "/api/v1/projects/:project_id/voices/:voice_id", method = "get", operation_id = "getVoice")]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The voice.
        voice_id: Path<i64>,
    ) -> Result<Versioned<Voice>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        read(&gateway, project, VoiceId(voice_id.0)).await
    }

    /// Change a voice
    ///
    /// What is written from now on sounds like it.
    #[oai(
        path = "/api/v1/projects/:project_id/voices/:voice_id",
        method = "patch",
        operation_id = "updateVoice"
    )]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The voice.
        voice_id: Path<i64>,
        /// The version that was read.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<VoicePatch>,
    ) -> Result<Versioned<Voice>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let seen = etag::seen(if_match.as_deref())?;
        let (id, editor) = (VoiceId(voice_id.0), editor(&gateway, &caller, project));
        gateway.store.change_voice(editor, id, &body.0.change()?, seen).await?;
        read(&gateway, project, id).await
    }

    /// Delete a voice
    ///
    /// Takes its templates along. A voice that a campaign speaks in is not deleted.
    #[oai(
        path = "/api/v1/projects/:project_id/voices/:voice_id",
        method = "delete",
        operation_id = "deleteVoice"
    )]
    async fn delete(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The voice.
        voice_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        gateway.store.remove_voice(editor(&gateway, &caller, project), VoiceId(voice_id.0)).await?;
        Ok(Gone::Done)
    }
}

async fn read(gateway: &Gateway, project: ProjectId, voice: VoiceId) -> Result<Versioned<Voice>, Failure> {
    let voice = gateway.store.voice(project, voice).await?;
    let tag = etag::tag(voice.version);
    Ok(Versioned::Whole(Json(voice.into()), tag))
}

/// A label that may stand under a text.
fn checked_label(text: &str) -> Result<Label, Failure> {
    Label::new(text).map_err(|wrong| Failure::invalid(vec![FieldError::at("/label", wrong.to_string())]))
}

impl VoicePatch {
    fn change(self) -> Result<VoiceChange, Failure> {
        let Self { name, language, tone, vocabulary, rules, label } = self;
        let label = match label {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(text) => Some(Some(checked_label(&text)?)),
        };
        Ok(VoiceChange { name, language, tone, vocabulary, rules, label })
    }
}

impl From<ListedVoice> for Voice {
    fn from(voice: ListedVoice) -> Self {
        let VoiceSettings { name, language, tone, vocabulary, rules, label } = voice.settings;
        let label = label.map(String::from);
        let (templates, campaigns) = (voice.templates, voice.campaigns);
        Self { id: voice.id.get(), name, language, tone, vocabulary, rules, label, templates, campaigns }
    }
}

impl Example for Voice {
    fn example() -> Self {
        let NewVoice { name, language, tone, vocabulary, rules, label } = NewVoice::example();
        Self { id: 1, name, language, tone, vocabulary, rules, label, templates: 6, campaigns: 1 }
    }
}

impl Example for NewVoice {
    fn example() -> Self {
        Self {
            name: "The editors".into(),
            language: "en".into(),
            tone: "calm, curious, short".into(),
            vocabulary: vec!["timetable".into(), "stop".into()],
            rules: vec!["Asks one question.".into(), "Never argues.".into()],
            label: Some("from the editors' assistant".into()),
        }
    }
}

impl Example for VoicePatch {
    fn example() -> Self {
        Self {
            name: None,
            language: None,
            tone: Some("calm and short".into()),
            vocabulary: None,
            rules: None,
            label: MaybeUndefined::Undefined,
        }
    }
}
