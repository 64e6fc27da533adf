//! `/api/v1/projects/{project_id}/voices/{voice_id}/preview`: what a voice's templates come out as.

use actors::{Preview, preview};
use domain::access::Right;
use domain::id::{PostId, VoiceId};
use domain::spintax::Template;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::templates::fault;
use crate::auth::Reader;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::{Failure, FieldError};
use crate::routes::comments::CommentIntent;
use crate::routes::{Found, Part};

/// What is tried out, and on what.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct PreviewRequest {
    /// What would be written.
    intent: CommentIntent,
    /// A template that is tried alone, saved or not; left out, all of the voice's for this intent.
    #[oai(validator(min_length = 1, max_length = 8000))]
    body: Option<String>,
    /// A recorded post to write about, by its id here; either this or `text`.
    post_id: Option<i64>,
    /// A text to write about, as if it were a post.
    #[oai(validator(max_length = 8000))]
    text: Option<String>,
    /// The title of the channel that `text` would stand in.
    #[oai(validator(max_length = 200))]
    channel_title: Option<String>,
    /// The reader's message to answer.
    #[oai(validator(max_length = 4096))]
    question: Option<String>,
    /// How many texts are drawn, 1 to 50; those that come out alike are shown once.
    #[oai(default = "several", validator(minimum(value = "1"), maximum(value = "50")))]
    samples: u32,
}

/// What came out.
#[derive(Debug, Object)]
#[oai(example)]
struct PreviewTexts {
    /// The texts exactly as readers would see them, with their label; none if no template fits.
    items: Vec<String>,
    /// How many different texts the template stands for when every variable has a value; missing where a whole voice is
    /// tried.
    #[oai(skip_serializing_if_is_none)]
    ways: Option<u64>,
}

fn several() -> u32 {
    10
}

pub(crate) struct PreviewApi;

#[OpenApi(tag = "Part::Voices")]
impl PreviewApi {
    /// Try a voice out
    ///
    /// Draws texts from the voice's templates, or from one that is not saved yet, on a recorded post or on any text. The
    /// same request draws the same texts. Nothing is kept.
    #[oai(
        path = "/api/v1/projects/:project_id/voices/:voice_id/preview",
        method = "post",
        operation_id = "previewVoice"
    )]
    async fn preview(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The voice.
        voice_id: Path<i64>,
        body: Body<PreviewRequest>,
    ) -> Result<Found<PreviewTexts>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let asked = body.0;
        let mut repertoire = gateway.store.repertoire(project, VoiceId(voice_id.0)).await?;
        let intent = asked.intent.into();
        let ways = asked.body.as_deref().map(Template::parse).transpose().map_err(fault)?;
        let templates = match asked.body {
            Some(body) => vec![body],
            None => repertoire.templates.remove(&intent).unwrap_or_default(),
        };
        let (channel, post) = match (asked.post_id, asked.text) {
            (Some(post), None) => {
                let post = gateway.store.archived_post(project, PostId(post)).await?;
                (post.channel_title, post.text)
            }
            (None, Some(text)) => (asked.channel_title.unwrap_or_default(), text),
            (Some(_), Some(_)) | (None, None) => {
                let either = "give either a post or a text";
                return Err(Failure::invalid(vec![FieldError::at("/text", either)]));
            }
        };
        let label = repertoire.label.unwrap_or(repertoire.default_label);
        let (question, samples) = (asked.question, asked.samples);
        let wanted = Preview { intent, templates, channel, post, question, label, samples };
        let texts = preview(&wanted).await.map_err(fault)?;
        let items = texts.iter().map(|text| text.as_str().to_owned()).collect();
        Ok(Found::Whole(Json(PreviewTexts { items, ways: ways.map(|template| template.count()) })))
    }
}

impl Example for PreviewRequest {
    fn example() -> Self {
        Self {
            intent: CommentIntent::Opener,
            body: Some("{Good to know|Thank you}{!|.} What do you make of {$topic}?".into()),
            post_id: None,
            text: Some("The new line opens on Monday.".into()),
            channel_title: Some("Tram news".into()),
            question: None,
            samples: 10,
        }
    }
}

impl Example for PreviewTexts {
    fn example() -> Self {
        let text = "Good to know! What do you make of opens?\n\nfrom the editors' assistant";
        Self { items: vec![text.into()], ways: Some(4) }
    }
}
