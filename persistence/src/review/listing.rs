//! Reading comments for people: pages of them, and one with all that was written and decided.

use domain::comment::{Intent, Revision, SkipReason, StateName};
use domain::id::{AccountId, CampaignId, ChannelId, CommentId, MessageId, PostId, ProjectId, UserId};
use domain::time::Timestamp;

use super::filter::matching;
use super::{CommentFilter, Decision};
use crate::drafting::DraftAuthor;
use crate::error::StoreError;
use crate::row::Row;
use crate::rows::Sql;
use crate::store::{Run as _, Store};

/// What [`read_comment`] reads, of tables called `c` and `d`.
macro_rules! select {
    () => {
        "SELECT c.id, c.post_id, c.channel_id, c.campaign_id, c.account_id, c.intent, c.state, c.reason, c.error_code,
             c.revision, c.signed_text, c.window_from, c.window_to, c.due_at, c.sent_at, c.message_id, c.reactions,
             c.replies, c.created_at, d.text AS draft
         FROM comments c LEFT JOIN drafts d ON d.comment_id = c.id AND d.revision = c.revision"
    };
}

/// The whole list, which is asked for most.
static ALL: Sql =
    Sql::new(concat!(select!(), " WHERE c.project_id = $1 AND c.id < $2 ORDER BY c.id DESC LIMIT $3"));

static MATCHING: Sql = Sql::new(concat!(select!(), matching!("")));

/// The condition is the one of the index on comments that have not left yet.
static MATCHING_OPEN: Sql = Sql::new(concat!(
    select!(),
    matching!(" AND c.state IN ('planned', 'drafted', 'approved', 'void', 'scheduled')")
));

static ONE: Sql = Sql::new(concat!(
    "SELECT one.*, po.text AS post_text, po.revision AS post_revision, po.message_id AS post_message, po.deleted_at,
         m.text AS question
     FROM (",
    select!(),
    " WHERE c.id = $2 AND c.project_id = $1) one
     JOIN comments c ON c.id = one.id
     JOIN posts po ON po.id = c.post_id
     LEFT JOIN thread_messages m ON m.id = c.answers_id"
));

static DRAFTS: Sql = Sql::new(
    "SELECT revision, author, text, moderation, written_at FROM drafts WHERE comment_id = $1 ORDER BY revision",
);

static DECISIONS: Sql = Sql::new(
    "SELECT v.revision, v.decision, v.decided_by, u.display_name, v.note, v.decided_at
     FROM approvals v LEFT JOIN users u ON u.id = v.decided_by WHERE v.comment_id = $1 ORDER BY v.id",
);

/// A comment as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedComment {
    /// Its row, which is also its place in the list.
    pub id: CommentId,
    /// The post it stands under.
    pub post: PostId,
    /// The channel.
    pub channel: ChannelId,
    /// The campaign it was planned for.
    pub campaign: Option<CampaignId>,
    /// The account that speaks.
    pub account: Option<AccountId>,
    /// What it is for.
    pub intent: Intent,
    /// The state it is in.
    pub state: StateName,
    /// Why it was skipped.
    pub reason: Option<SkipReason>,
    /// The error's name, if Telegram refused it.
    pub error_code: Option<String>,
    /// The latest revision of its text; 0 before the first.
    pub revision: Revision,
    /// What that revision says, without label.
    pub draft: Option<String>,
    /// What was signed, label included.
    pub signed_text: Option<String>,
    /// When it may leave, from.
    pub window_from: Option<Timestamp>,
    /// When it may leave, to.
    pub window_to: Option<Timestamp>,
    /// The moment promised to it.
    pub due_at: Option<Timestamp>,
    /// When Telegram confirmed it.
    pub sent_at: Option<Timestamp>,
    /// Its id in the group.
    pub message: Option<MessageId>,
    /// How many reactions it has.
    pub reactions: i64,
    /// How many messages answer it.
    pub replies: i64,
    /// When it was decided upon.
    pub created_at: Timestamp,
}

/// A revision of a comment's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenDraft {
    /// Which one.
    pub revision: Revision,
    /// Who wrote it.
    pub author: DraftAuthor,
    /// What it says, without label.
    pub text: String,
    /// What moderation remarked.
    pub remarks: Vec<String>,
    /// When it was written.
    pub written_at: Timestamp,
}

/// What a comment speaks to, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostRead {
    /// Its id in the channel.
    pub message: MessageId,
    /// What the post says.
    pub text: String,
    /// How often its text changed.
    pub revision: i64,
    /// When it was seen to be deleted.
    pub deleted_at: Option<Timestamp>,
    /// What the reader says that is answered, if one is.
    pub question: Option<String>,
}

/// A comment with all that was written and decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentRecord {
    /// The comment.
    pub comment: ListedComment,
    /// What it speaks to.
    pub post: PostRead,
    /// Its texts, the first one first.
    pub drafts: Vec<WrittenDraft>,
    /// The decisions on them, the first one first.
    pub decisions: Vec<Decision>,
}

impl Store {
    /// The comments of a project that a filter means, latest first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn list_comments(
        &self,
        project: ProjectId,
        filter: &CommentFilter,
        before: Option<CommentId>,
        limit: u32,
    ) -> Result<Vec<ListedComment>, StoreError> {
        let read = self.read("list comments");
        let found = if *filter == CommentFilter::default() {
            let before = before.map_or(i64::MAX, CommentId::get);
            read.rows(&ALL, [project.get().into(), before.into(), i64::from(limit).into()]).await?
        } else {
            let sql = if filter.only_open() { &MATCHING_OPEN } else { &MATCHING };
            read.rows(sql, filter.values(project, before, limit)).await?
        };
        found.iter().map(read_comment).collect()
    }

    /// A comment with all that was written and decided.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the project has no such comment.
    pub async fn comment(&self, project: ProjectId, comment: CommentId) -> Result<CommentRecord, StoreError> {
        let read = self.read("read a comment");
        let missing = StoreError::NotFound { operation: "read a comment", what: "comment" };
        let row = read.row(&ONE, [project.get().into(), comment.get().into()]).await?.ok_or(missing)?;
        let drafts = read.rows(&DRAFTS, [comment.get().into()]).await?;
        let decisions = read.rows(&DECISIONS, [comment.get().into()]).await?;
        Ok(CommentRecord {
            comment: read_comment(&row)?,
            post: PostRead {
                message: row.get("post_message")?,
                text: row.get("post_text")?,
                revision: row.get("post_revision")?,
                deleted_at: row.maybe("deleted_at")?,
                question: row.maybe("question")?,
            },
            drafts: drafts.iter().map(read_draft).collect::<Result<_, _>>()?,
            decisions: decisions.iter().map(read_decision).collect::<Result<_, _>>()?,
        })
    }
}

fn read_comment(row: &Row) -> Result<ListedComment, StoreError> {
    Ok(ListedComment {
        id: row.get("id")?,
        post: row.get("post_id")?,
        channel: row.get("channel_id")?,
        campaign: row.maybe("campaign_id")?,
        account: row.maybe("account_id")?,
        intent: row.named("intent")?,
        state: row.named("state")?,
        reason: row.maybe_named("reason")?,
        error_code: row.maybe("error_code")?,
        revision: Revision(row.small("revision")?),
        draft: row.maybe("draft")?,
        signed_text: row.maybe("signed_text")?,
        window_from: row.maybe("window_from")?,
        window_to: row.maybe("window_to")?,
        due_at: row.maybe("due_at")?,
        sent_at: row.maybe("sent_at")?,
        message: row.maybe("message_id")?,
        reactions: row.get("reactions")?,
        replies: row.get("replies")?,
        created_at: row.get("created_at")?,
    })
}

fn read_draft(row: &Row) -> Result<WrittenDraft, StoreError> {
    Ok(WrittenDraft {
        revision: Revision(row.small("revision")?),
        author: row.named("author")?,
        text: row.get("text")?,
        remarks: row.json("moderation")?,
        written_at: row.get("written_at")?,
    })
}

pub(super) fn read_decision(row: &Row) -> Result<Decision, StoreError> {
    let by = row.maybe::<UserId>("decided_by")?;
    Ok(Decision {
        revision: Revision(row.small("revision")?),
        ruling: row.named("decision")?,
        by: by.zip(row.maybe("display_name")?),
        note: row.maybe("note")?,
        at: row.get("decided_at")?,
    })
}
