//! A comment as its reviewers read it: what it speaks to, everything that was written, and everything that was decided.

use chrono::{DateTime, Utc};
use domain::time::Timestamp;
use persistence::review::{self, CommentRecord, PostRead};
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use super::Comment;
use crate::moment::moment;

/// Who wrote a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::drafting::DraftAuthor", rename_all = "snake_case")]
enum DraftAuthor {
    /// A language model.
    Model,
    /// A template.
    Template,
    /// A person.
    Person,
}

/// What was decided on a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::review::Ruling", rename_all = "snake_case")]
enum Ruling {
    /// It may be sent.
    Approved,
    /// It may not.
    Rejected,
    /// An approval of it does not count any more.
    Void,
}

/// A revision of a comment's text.
#[derive(Debug, Object)]
struct Draft {
    /// Which one, from 1.
    revision: u32,
    /// Who wrote it.
    author: DraftAuthor,
    /// What it says, without label.
    text: String,
    /// What moderation remarked.
    remarks: Vec<String>,
    /// When it was written.
    written_at: DateTime<Utc>,
}

/// A decision on a revision.
#[derive(Debug, Object)]
struct Decision {
    /// Which revision.
    revision: u32,
    /// What was decided.
    ruling: Ruling,
    /// Who decided, by their id here; missing for the project's rule, or a change of the post.
    #[oai(skip_serializing_if_is_none)]
    user_id: Option<i64>,
    /// Their name.
    #[oai(skip_serializing_if_is_none)]
    user_name: Option<String>,
    /// Why, in their words.
    #[oai(skip_serializing_if_is_none)]
    note: Option<String>,
    /// When.
    decided_at: DateTime<Utc>,
}

/// What a comment speaks to, as it stands now.
#[derive(Debug, Object)]
struct SpokenTo {
    /// The post's id in its channel.
    message_id: i64,
    /// What the post says.
    text: String,
    /// How often that changed: an approval names it.
    revision: i64,
    /// When the post was seen to be deleted.
    #[oai(skip_serializing_if_is_none)]
    deleted_at: Option<DateTime<Utc>>,
    /// What the reader says who is answered, if one is.
    #[oai(skip_serializing_if_is_none)]
    question: Option<String>,
}

/// A comment with all that was written and decided.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct ReviewedComment {
    /// The comment.
    comment: Comment,
    /// What it speaks to.
    post: SpokenTo,
    /// Its texts, the first one first.
    drafts: Vec<Draft>,
    /// The decisions on them, the first one first.
    decisions: Vec<Decision>,
}

impl From<CommentRecord> for ReviewedComment {
    fn from(record: CommentRecord) -> Self {
        Self {
            comment: record.comment.into(),
            post: record.post.into(),
            drafts: record.drafts.into_iter().map(Draft::from).collect(),
            decisions: record.decisions.into_iter().map(Decision::from).collect(),
        }
    }
}

impl From<PostRead> for SpokenTo {
    fn from(post: PostRead) -> Self {
        Self {
            message_id: post.message.get(),
            text: post.text,
            revision: post.revision,
            deleted_at: post.deleted_at.map(moment),
            question: post.question,
        }
    }
}

impl From<review::WrittenDraft> for Draft {
    fn from(draft: review::WrittenDraft) -> Self {
        Self {
            revision: draft.revision.0,
            author: draft.author.into(),
            text: draft.text,
            remarks: draft.remarks,
            written_at: moment(draft.written_at),
        }
    }
}

impl From<review::Decision> for Decision {
    fn from(decision: review::Decision) -> Self {
        let (user_id, user_name) = decision.by.map(|(user, name)| (user.get(), name)).unzip();
        Self {
            revision: decision.revision.0,
            ruling: decision.ruling.into(),
            user_id,
            user_name,
            note: decision.note,
            decided_at: moment(decision.at),
        }
    }
}

impl Example for ReviewedComment {
    fn example() -> Self {
        let at = |seconds: i64| moment(Timestamp::from_secs(1_772_442_000 + seconds));
        Self {
            comment: Comment::example(),
            post: SpokenTo {
                message_id: 512,
                text: "The new tram line opens on Saturday.".into(),
                revision: 0,
                deleted_at: None,
                question: None,
            },
            drafts: vec![Draft {
                revision: 1,
                author: DraftAuthor::Template,
                text: "Which stop will you use first?".into(),
                remarks: Vec::new(),
                written_at: at(3),
            }],
            decisions: vec![Decision {
                revision: 1,
                ruling: Ruling::Approved,
                user_id: Some(5),
                user_name: Some("Anna".into()),
                note: None,
                decided_at: at(60),
            }],
        }
    }
}
