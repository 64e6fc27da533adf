//! The writer that needs no model: a voice's templates, filled from the post.
//!
//! A template that speaks of the reader's question answers readers; every other one opens conversations. Among those that fit
//! the request one is drawn; a template that lacks a value here (a post without a topic), comes out blank or is too long
//! for the room above the label gives way to the next. When none is left, the writer declines.

mod excerpt;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use domain::comment::Intent;
use domain::spintax::{Template, Variable};
use domain::text::{is_blank, telegram_len};

use crate::{Draft, Request, Writer, WriterError};

/// Writes by template.
#[derive(Clone, Copy, Debug, Default)]
pub struct TemplateWriter;

#[async_trait]
impl Writer for TemplateWriter {
    async fn write(&self, request: &Request) -> Result<Option<Draft>, WriterError> {
        let excerpts = Excerpts::of(request);
        let room = request.label.room();
        let texts = fitting(request)?.into_iter().filter_map(|template| {
            let text =
                template.render(|variable| excerpts.value(variable), request.seed.derive("text", 0))?;
            Some(text.trim().to_owned())
        });
        Ok(texts
            .into_iter()
            .find(|text| !is_blank(text) && telegram_len(text) <= room)
            .map(|text| Draft { text }))
    }
}

/// The templates made for such a request, in the order drawn by its seed.
fn fitting(request: &Request) -> Result<Vec<Template>, WriterError> {
    let answers = match request.intent {
        Intent::Opener => false,
        Intent::Answer | Intent::FollowUp => true,
    };
    let mut fitting = Vec::new();
    for (number, source) in (1..).zip(&request.templates) {
        let template = Template::parse(source).map_err(|source| WriterError::Template { number, source })?;
        if template.mentions(Variable::Question) == answers {
            let turn = request.seed.derive("template", i64::try_from(number).unwrap_or(i64::MAX));
            fitting.push((turn.0, template));
        }
    }
    fitting.sort_by_key(|(turn, _)| *turn);
    Ok(fitting.into_iter().map(|(_, template)| template).collect())
}

/// What the variables stand for in one request.
struct Excerpts {
    channel: Option<String>,
    topic: Option<String>,
    sentence: Option<String>,
    question: Option<String>,
}

impl Excerpts {
    fn of(request: &Request) -> Self {
        let opening = excerpt::opening(&request.post);
        let opening = opening.as_deref();
        Self {
            channel: excerpt::line(&request.channel),
            topic: excerpt::topic(&request.post, opening.unwrap_or_default()),
            sentence: opening.and_then(excerpt::sentence),
            question: request.question.as_deref().and_then(excerpt::line),
        }
    }

    fn value(&self, variable: Variable) -> Option<&str> {
        match variable {
            Variable::Channel => self.channel.as_deref(),
            Variable::Topic => self.topic.as_deref(),
            Variable::Sentence => self.sentence.as_deref(),
            Variable::Question => self.question.as_deref(),
        }
    }
}
