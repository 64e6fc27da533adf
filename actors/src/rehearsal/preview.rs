//! What templates come out as on a text.

use domain::comment::Intent;
use domain::disclosure::{Label, SignedText, sign};
use domain::seed::Seed;
use domain::spintax::SpintaxError;
use writing::{Request, TemplateWriter, Writer as _, WriterError};

/// What is tried out.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What would be written.
    pub intent: Intent,
    /// The spintax templates.
    pub templates: Vec<String>,
    /// The title of the channel.
    pub channel: String,
    /// The text of the post.
    pub post: String,
    /// The reader's message, for an answer.
    pub question: Option<String>,
    /// What will stand under the text.
    pub label: Label,
    /// How many texts are wanted.
    pub samples: u32,
}

/// Texts as readers would see them, each drawn anew; the same preview gives the same texts. Those that came out alike are
/// shown once, and there are none when no template fits.
///
/// # Errors
/// The first template that cannot be read.
pub async fn preview(wanted: &Preview) -> Result<Vec<SignedText>, SpintaxError> {
    let mut texts = Vec::new();
    for sample in 0..wanted.samples {
        let request = Request {
            intent: wanted.intent,
            templates: wanted.templates.clone(),
            channel: wanted.channel.clone(),
            post: wanted.post.clone(),
            question: wanted.question.clone(),
            label: wanted.label.clone(),
            seed: Seed(0).derive("preview", i64::from(sample)),
        };
        let draft = match TemplateWriter.write(&request).await {
            Ok(Some(draft)) => draft,
            Ok(None) => continue,
            Err(WriterError::Template { source, .. }) => return Err(source),
        };
        if let Ok(text) = sign(&draft.text, &wanted.label)
            && !texts.contains(&text)
        {
            texts.push(text);
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(template: &str, intent: Intent, question: Option<&str>) -> Preview {
        Preview {
            intent,
            templates: vec![template.to_owned()],
            channel: "Tram".to_owned(),
            post: "Spring timetable. From Monday on.".to_owned(),
            question: question.map(str::to_owned),
            label: Label::new("From the team").unwrap(),
            samples: 20,
        }
    }

    async fn texts(wanted: &Preview) -> Vec<String> {
        let texts = preview(wanted).await.unwrap();
        texts.iter().map(|text| text.as_str().to_owned()).collect()
    }

    #[tokio::test]
    async fn a_preview_shows_each_text_once_with_its_label_and_the_same_every_time() {
        let wanted = wanted("{Good|Fine}: {$sentence}", Intent::Opener, None);
        let mut shown = texts(&wanted).await;
        assert_eq!(shown, texts(&wanted).await);
        shown.sort();
        assert_eq!(
            shown,
            ["Fine: Spring timetable\n\nFrom the team", "Good: Spring timetable\n\nFrom the team"]
        );
    }

    #[tokio::test]
    async fn a_preview_is_empty_where_no_template_fits_and_fails_where_one_is_broken() {
        assert_eq!(texts(&wanted("{$question}?", Intent::Opener, Some("When"))).await, Vec::<String>::new());
        let broken = preview(&wanted("{a", Intent::Opener, None)).await;
        assert_eq!(broken.unwrap_err().to_string(), "line 1, column 1: this { is never closed");
    }
}
