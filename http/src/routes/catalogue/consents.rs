//! `/api/v1/projects/{project_id}/channels/{channel_id}/consents`: what a channel's owner agreed to, and how that was
//! proven.

use actors::{Client, Errand, Outcome, start_code};
use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::consent::CODE_LASTS;
use domain::id::{ChannelId, ConsentId};
use domain::time::Timestamp;
use persistence::catalogue::LedgerEntry;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use rand::TryRng as _;

use super::page;
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::page::{List, usual};
use crate::problem::{Failure, Kind};
use crate::routes::{Found, Part};

/// What a consent allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::consent::Scope", rename_all = "snake_case")]
pub(super) enum ConsentScope {
    /// To write comments in the channel's threads.
    Comment,
    /// To keep the channel's posts.
    Read,
    /// To give texts to a language model or a search index.
    Index,
}

/// How a consent was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::consent::Evidence", rename_all = "snake_case")]
enum ConsentEvidence {
    /// An account of the project administers the channel.
    TelegramAdmin,
    /// The owner put a code into the channel's description.
    DescriptionCode,
    /// A written agreement.
    Written,
}

/// An agreement of a channel's owner.
#[derive(Debug, Object)]
#[oai(example)]
struct Consent {
    /// Its id here.
    id: i64,
    /// What it allows.
    scope: ConsentScope,
    /// How it was proven.
    evidence: ConsentEvidence,
    /// What the proof refers to, in words.
    detail: String,
    /// Who entered it, by their id here.
    granted_by: i64,
    /// Since when it counts.
    granted_at: DateTime<Utc>,
    /// When its proof was last seen.
    #[oai(skip_serializing_if_is_none)]
    checked_at: Option<DateTime<Utc>>,
    /// When it ends by itself, unless its proof is seen again.
    #[oai(skip_serializing_if_is_none)]
    expires_at: Option<DateTime<Utc>>,
    /// When it was ended; missing while it stands.
    #[oai(skip_serializing_if_is_none)]
    revoked_at: Option<DateTime<Utc>>,
    /// The account whose rights are the proof, by its id here.
    #[oai(skip_serializing_if_is_none)]
    account_id: Option<i64>,
}

page! {
    /// Some agreements, the latest first.
    ConsentPage of Consent
}

/// What is to be proven.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct ConsentToProve {
    /// What the owner agrees to.
    scope: ConsentScope,
    /// After how many days the agreement ends whatever the proof says; left out, it lasts as long as its proof.
    #[oai(validator(minimum(value = "1"), maximum(value = "3650")))]
    days: Option<u32>,
}

/// For what a code is wanted.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct CodeToMake {
    /// What the owner agrees to by putting it into the description.
    scope: ConsentScope,
}

/// A code for a channel's description. It is shown this once.
#[derive(Debug, Object)]
#[oai(example)]
struct ConsentCode {
    /// The code, to be put anywhere into the description; it may be removed once the channel is verified.
    code: String,
    /// Until when it may be used.
    expires_at: DateTime<Utc>,
}

/// What the end of an agreement took along.
#[derive(Debug, Object)]
#[oai(example)]
struct ConsentEnded {
    /// The agreement.
    consent: Consent,
    /// How many comments that waited are not written or sent any more.
    skipped_comments: u64,
}

/// The answer that holds a code.
#[derive(ApiResponse)]
enum Code {
    /// The code.
    #[oai(status = 201)]
    Made(
        Json<ConsentCode>,
        /// It is kept nowhere.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

pub(crate) struct ConsentsApi;

#[OpenApi(tag = "Part::Channels")]
impl ConsentsApi {
    /// List a channel's consents
    ///
    /// What the owner agreed to, the latest first, also what has ended.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/consents",
        method = "get",
        operation_id = "listConsents"
    )]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most consents to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<ConsentPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let channel = gateway.store.channel(project, ChannelId(channel_id.0)).await?.channel;
        let list = List::of("consents").by("channel", Some(channel));
        let before = list.position::<i64>(after.as_deref())?.map(ConsentId);
        let found = gateway.store.consent_ledger(project, channel, before, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |entry| entry.id.get());
        Ok(Found::Whole(Json(ConsentPage { items: items.into_iter().map(Consent::from).collect(), next })))
    }

    /// Prove a consent
    ///
    /// Asks Telegram whether an account of the project administers the channel, or whether the code that was asked for
    /// stands in its description, and writes the agreement down. Without a proof nothing is written.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/verify",
        method = "post",
        operation_id = "verifyChannel"
    )]
    async fn verify(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
        body: Body<ConsentToProve>,
    ) -> Result<Found<Consent>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let channel = ChannelId(channel_id.0);
        let span = |days: u32| std::time::Duration::from_secs(u64::from(days) * 24 * 3600);
        let until = body.0.days.map(|days| gateway.now() + span(days));
        let client = Client { project, user: caller.user() };
        let errand = Errand::VerifyChannel { channel, scope: body.0.scope.into(), until };
        let Outcome::Verified { consent, .. } = gateway.system.run_errand(client, &errand).await? else {
            return Err(Failure::of(Kind::Internal, None));
        };
        Ok(Found::Whole(Json(gateway.store.ledger_entry(project, channel, consent).await?.into())))
    }

    /// Make a code for a channel's description
    ///
    /// Whoever may change the description may agree: put the code there, verify the channel, take it out again. A code
    /// that was made before for the same purpose no longer counts.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/codes",
        method = "post",
        operation_id = "createConsentCode"
    )]
    async fn code(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
        body: Body<CodeToMake>,
    ) -> Result<Code, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let random = rand::rngs::SysRng.try_next_u64().map_err(|error| {
            tracing::error!(%error, "the operating system gives no random numbers");
            Failure::of(Kind::Internal, None)
        })?;
        let (client, now) = (Client { project, user: caller.user() }, gateway.now());
        let (channel, scope) = (ChannelId(channel_id.0), body.0.scope.into());
        let code = start_code(&gateway.store, client, channel, scope, random, now).await?;
        let made = ConsentCode { code: code.reveal().to_owned(), expires_at: moment(now + CODE_LASTS) };
        Ok(Code::Made(Json(made), "no-store".to_owned()))
    }

    /// Take a consent back
    ///
    /// Ends an agreement at once, drops what waited on it and deletes what was derived from it. Ending it twice changes
    /// nothing.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/consents/:consent_id/revoke",
        method = "post",
        operation_id = "revokeConsent"
    )]
    async fn revoke(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
        /// The consent.
        consent_id: Path<i64>,
    ) -> Result<Found<ConsentEnded>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (channel, consent) = (ChannelId(channel_id.0), ConsentId(consent_id.0));
        let store = &gateway.store;
        store.ledger_entry(project, channel, consent).await?;
        let skipped_comments =
            store.end_consent(project, consent, caller.actor(), "taken back", gateway.now()).await?;
        let consent = store.ledger_entry(project, channel, consent).await?.into();
        Ok(Found::Whole(Json(ConsentEnded { consent, skipped_comments })))
    }
}

impl From<LedgerEntry> for Consent {
    fn from(entry: LedgerEntry) -> Self {
        Self {
            id: entry.id.get(),
            scope: entry.scope.into(),
            evidence: entry.evidence.into(),
            detail: entry.detail,
            granted_by: entry.granted_by.get(),
            granted_at: moment(entry.granted_at),
            checked_at: entry.checked_at.map(moment),
            expires_at: entry.expires_at.map(moment),
            revoked_at: entry.revoked_at.map(moment),
            account_id: entry.account.map(|account| account.get()),
        }
    }
}

impl Example for Consent {
    fn example() -> Self {
        let at = |seconds: i64| moment(Timestamp::from_secs(1_772_442_000 + seconds));
        Self {
            id: 12,
            scope: ConsentScope::Comment,
            evidence: ConsentEvidence::TelegramAdmin,
            detail: "account 7 administers the channel".into(),
            granted_by: 1,
            granted_at: at(0),
            checked_at: Some(at(0)),
            expires_at: Some(at(7 * 24 * 3600)),
            revoked_at: None,
            account_id: Some(7),
        }
    }
}

impl Example for ConsentToProve {
    fn example() -> Self {
        Self { scope: ConsentScope::Comment, days: Some(365) }
    }
}

impl Example for CodeToMake {
    fn example() -> Self {
        Self { scope: ConsentScope::Comment }
    }
}

impl Example for ConsentCode {
    fn example() -> Self {
        let expires_at = moment(Timestamp::from_secs(1_772_528_400));
        Self { code: "beseda-7k3m-9qtx-2hfa".into(), expires_at }
    }
}

impl Example for ConsentEnded {
    fn example() -> Self {
        let ended = moment(Timestamp::from_secs(1_772_528_400));
        Self { consent: Consent { revoked_at: Some(ended), ..Consent::example() }, skipped_comments: 4 }
    }
}
