//! `/api/v1/projects/{project_id}/voices/{voice_id}/templates`: what a voice writes with.

use domain::access::Right;
use domain::id::{ProjectId, TemplateId, VoiceId};
use domain::spintax::{SpintaxError, Template as Spintax};
use persistence::catalogue::{ListedTemplate, TemplateChange};
use poem::web::Data;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::{editor, page};
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::etag;
use crate::gateway::Gateway;
use crate::page::{List, usual};
use crate::problem::{Failure, FieldError};
use crate::routes::comments::CommentIntent;
use crate::routes::{Found, Gone, Made, Part, Versioned};

/// A template of a voice.
#[derive(Debug, Object)]
#[oai(example)]
struct Template {
    /// Its id here.
    id: i64,
    /// What it is for.
    intent: CommentIntent,
    /// The spintax: choices as `{one|another}`, and the variables `{$channel}`, `{$topic}`, `{$sentence}`, `{$question}`.
    body: String,
}

page! {
    /// Some templates of a voice, the latest first.
    TemplatePage of Template
}

/// A template to be made.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct NewTemplate {
    /// What it is for.
    intent: CommentIntent,
    /// The spintax: choices as `{one|another}`, and the variables `{$channel}`, `{$topic}`, `{$sentence}`, `{$question}`. A
    /// template that speaks of the question answers readers, every other one opens conversations.
    #[oai(validator(min_length = 1, max_length = 8000))]
    body: String,
}

/// What is to become of a template; what is left out stays.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct TemplatePatch {
    /// What it is for.
    intent: Option<CommentIntent>,
    /// The spintax.
    #[oai(validator(min_length = 1, max_length = 8000))]
    body: Option<String>,
}

pub(crate) struct TemplatesApi;

#[OpenApi(tag = "Part::Voices")]
impl TemplatesApi {
    /// List templates
    ///
    /// A voice's templates, the latest first.
    #[oai(
        path = "/api/v1/projects/:project_id/voices/:voice_id/templates",
        method = "get",
        operation_id = "listTemplates"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the query")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The voice.
        voice_id: Path<i64>,
        /// Only templates for this.
        intent: Query<Option<CommentIntent>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most templates to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<TemplatePage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let voice = gateway.store.voice(project, VoiceId(voice_id.0)).await?.id;
        let list = List::of("templates")
            .by("voice", Some(voice))
            .by("intent", intent.0.map(|intent| format!("{intent:?}")));
        let before = list.position::<i64>(after.as_deref())?.map(TemplateId);
        let intent = intent.0.map(Into::into);
        let found = gateway.store.list_templates(project, voice, intent, before, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |template| template.id.get());
        Ok(Found::Whole(Json(TemplatePage { items: items.into_iter().map(Template::from).collect(), next })))
    }

    /// Create a template
    ///
    /// Adds a template to a voice. A broken one is refused with the place of its fault.
    #[oai(
        path = "/api/v1/projects/:project_id/voices/:voice_id/templates",
        method = "post",
        operation_id = "createTemplate"
    )]
    async fn create(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The voice.
        voice_id: Path<i64>,
        body: Body<NewTemplate>,
    ) -> Result<Made<Template>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let NewTemplate { intent, body } = body.0;
        Spintax::parse(&body).map_err(fault)?;
        let (voice, editor) = (VoiceId(voice_id.0), editor(&gateway, &caller, project));
        let id = gateway.store.add_template(editor, voice, intent.into(), &body).await?;
        let place = format!("/api/v1/projects/{project}/voices/{voice}/templates/{id}");
        Ok(Made::Whole(Json(gateway.store.template(project, voice, id).await?.into()), place))
    }

    /// Get a template
    ///
    /// One template, with its version.
    #[oai(
        path = "/api/v1/projects/:project_id/voices/:voice_id/templates/:template_id",
        method = "get",
        operation_id = "getTemplate"
    )]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The voice.
        voice_id: Path<i64>,
        /// The template.
        template_id: Path<i64>,
    ) -> Result<Versioned<Template>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        read(&gateway, project, VoiceId(voice_id.0), TemplateId(template_id.0)).await
    }

    /// Change a template
    ///
    /// What is written from now on comes from the new one. A broken one is refused with the place of its fault.
    #[oai(
        path = "/api/v1/projects/:project_id/voices/:voice_id/templates/:template_id",
        method = "patch",
        operation_id = "updateTemplate"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the request")]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The voice.
        voice_id: Path<i64>,
        /// The template.
        template_id: Path<i64>,
        /// The version that was read.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<TemplatePatch>,
    ) -> Result<Versioned<Template>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let seen = etag::seen(if_match.as_deref())?;
        let TemplatePatch { intent, body } = body.0;
        if let Some(body) = &body {
            Spintax::parse(body).map_err(fault)?;
        }
        let change = TemplateChange { intent: intent.map(Into::into), body };
        let (voice, id) = (VoiceId(voice_id.0), TemplateId(template_id.0));
        gateway.store.change_template(editor(&gateway, &caller, project), (voice, id), &change, seen).await?;
        read(&gateway, project, voice, id).await
    }

    /// Delete a template
    ///
    /// Takes a template out of its voice.
    #[oai(
        path = "/api/v1/projects/:project_id/voices/:voice_id/templates/:template_id",
        method = "delete",
        operation_id = "deleteTemplate"
    )]
    async fn delete(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The voice.
        voice_id: Path<i64>,
        /// The template.
        template_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (voice, id) = (VoiceId(voice_id.0), TemplateId(template_id.0));
        gateway.store.remove_template(editor(&gateway, &caller, project), voice, id).await?;
        Ok(Gone::Done)
    }
}

/// What is wrong with a template's body, and where.
pub(super) fn fault(wrong: SpintaxError) -> Failure {
    Failure::invalid(vec![FieldError::at("/body", wrong.to_string())])
}

async fn read(
    gateway: &Gateway,
    project: ProjectId,
    voice: VoiceId,
    template: TemplateId,
) -> Result<Versioned<Template>, Failure> {
    let template = gateway.store.template(project, voice, template).await?;
    let tag = etag::tag(template.version);
    Ok(Versioned::Whole(Json(template.into()), tag))
}

impl From<ListedTemplate> for Template {
    fn from(template: ListedTemplate) -> Self {
        Self { id: template.id.get(), intent: template.intent.into(), body: template.body }
    }
}

impl Example for Template {
    fn example() -> Self {
        let NewTemplate { intent, body } = NewTemplate::example();
        Self { id: 5, intent, body }
    }
}

impl Example for NewTemplate {
    fn example() -> Self {
        let body = "{Good to know|Thank you}{!|.} What do you make of {$topic}?".into();
        Self { intent: CommentIntent::Opener, body }
    }
}

impl Example for TemplatePatch {
    fn example() -> Self {
        Self { intent: None, body: Some("{Good to know|Thank you}: {$sentence}".into()) }
    }
}
