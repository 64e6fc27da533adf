//! Trying things out without leaving a trace: a campaign on the posts that are there, a voice on a text.
//!
//! A rehearsal reads what the planner reads, asks the same functions with the same chance, and has the template writer
//! write: a language model is never asked for something that nobody will read. Nothing here writes to the Store or asks
//! Telegram.

mod preview;

use domain::comment::{Intent, SkipReason};
use domain::disclosure::{SignedText, sign};
use domain::id::{AccountId, CampaignId, ChannelId, PostId, ProjectId, ThreadMessageId};
use domain::pacing::Window;
use domain::planning::{Cue, Plan, Rehearsed, rehearse};
use domain::seed::Seed;
use domain::time::Timestamp;
use persistence::catalogue::Rehearsal;
use persistence::{Store, StoreError};
use writing::{Request, TemplateWriter, Writer as _};

pub use preview::{Preview, preview};

/// What a campaign would have done about one post or message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RehearsedComment {
    /// The channel.
    pub channel: ChannelId,
    /// Its title.
    pub channel_title: String,
    /// The post it is about.
    pub post: PostId,
    /// The reader's message that it would answer; none for an opener.
    pub message: Option<ThreadMessageId>,
    /// When the post or the message came out.
    pub at: Timestamp,
    /// What would have come of it.
    pub outcome: RehearsedOutcome,
}

/// What would have come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RehearsedOutcome {
    /// A comment would have been written.
    Written {
        /// The account that would have spoken.
        account: AccountId,
        /// When it would have been allowed to leave.
        window: Window,
        /// The moment that would have been promised to it.
        due_at: Timestamp,
        /// What readers would have seen, label included.
        text: SignedText,
    },
    /// Nothing would have been written.
    Skipped(SkipReason),
    /// Another campaign stands before this one in the channel.
    Yielded(CampaignId),
}

/// Rehearses a campaign, see [`crate::System::rehearse`].
pub(crate) async fn run(
    store: &Store,
    (project, campaign): (ProjectId, CampaignId),
    posts: u32,
    now: Timestamp,
    seed: Seed,
) -> Result<Vec<RehearsedComment>, StoreError> {
    let mut rehearsal = store.rehearsal(project, campaign, posts, now).await?;
    let cues = std::mem::take(&mut rehearsal.cues);
    let acted = rehearse(rehearsal.desk.clone(), campaign, &cues, now, seed);
    let mut comments = Vec::with_capacity(cues.len());
    for (cue, acted) in cues.into_iter().zip(acted) {
        let silent = [SkipReason::NotAQuestion, SkipReason::OwnMessage];
        if !silent.iter().any(|reason| acted == Rehearsed::Skip(*reason)) {
            comments.push(play(&rehearsal, cue, acted, seed).await);
        }
    }
    Ok(comments)
}

async fn play(rehearsal: &Rehearsal, cue: Cue, acted: Rehearsed, seed: Seed) -> RehearsedComment {
    let (channel, at) = (cue.channel(), cue.at());
    let channel_title = rehearsal.titles.get(&channel).cloned().unwrap_or_default();
    let (post, message) = match &cue {
        Cue::Post(post) => (post.id, None),
        Cue::Message(message) => (message.post.id, Some(message.id)),
    };
    let outcome = match acted {
        Rehearsed::Skip(reason) => RehearsedOutcome::Skipped(reason),
        Rehearsed::Yield(other) => RehearsedOutcome::Yielded(other),
        Rehearsed::Write(plan) => match write(rehearsal, cue, &channel_title, plan, seed).await {
            Some(text) => {
                let Plan { account, window, due_at, .. } = plan;
                RehearsedOutcome::Written { account, window, due_at, text }
            }
            None => RehearsedOutcome::Skipped(SkipReason::NothingWritten),
        },
    };
    RehearsedComment { channel, channel_title, post, message, at, outcome }
}

/// What the campaign's voice would have written, signed; `None` when it has nothing that fits.
async fn write(rehearsal: &Rehearsal, cue: Cue, channel: &str, plan: Plan, seed: Seed) -> Option<SignedText> {
    let repertoire = rehearsal.repertoire.as_ref()?;
    let label = repertoire.label.as_ref().or_else(|| rehearsal.labels.get(&plan.account))?.clone();
    let (intent, post, question, seed) = match cue {
        Cue::Post(post) => (Intent::Opener, post.text, None, seed.derive("rehearsed opener", post.id.get())),
        Cue::Message(message) => {
            let seed = seed.derive("rehearsed answer", message.id.get());
            (Intent::Answer, message.post.text, Some(message.text), seed)
        }
    };
    let request = Request {
        intent,
        templates: repertoire.templates.get(&intent).cloned().unwrap_or_default(),
        channel: channel.to_owned(),
        post,
        question,
        label: label.clone(),
        seed,
    };
    let draft = TemplateWriter.write(&request).await.ok()??;
    sign(&draft.text, &label).ok()
}
