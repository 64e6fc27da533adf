//! `/api/v1/projects/{project_id}/assignments`, and a channel's accounts: who may write where.

use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::id::{AccountId, ChannelId};
use persistence::catalogue::{Assigning, ChannelAccount as Account, RefusedAssignment as Refused};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object, OpenApi};

use super::{editor, page};
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::page::{List, usual};
use crate::problem::Failure;
use crate::routes::{Found, Gone, Part};

/// The condition of an account that may write in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::account::StatusName", rename_all = "snake_case")]
enum SpeakerStatus {
    /// Its owner must log in.
    NeedsLogin,
    /// It works.
    Active,
    /// Telegram asked it to wait.
    Waiting,
    /// Telegram restricts its writing.
    Limited,
    /// Telegram froze it.
    Frozen,
    /// It no longer exists.
    Dead,
    /// A person stopped it.
    Paused,
}

/// An account that may write in a channel.
#[derive(Debug, Object)]
#[oai(example)]
struct ChannelAccount {
    /// Its id here.
    id: i64,
    /// Its username without `@`; missing if it has none.
    #[oai(skip_serializing_if_is_none)]
    username: Option<String>,
    /// Its name as readers see it.
    display_name: String,
    /// Its condition.
    status: SpeakerStatus,
    /// Why it does not write in this channel now, though it may; missing if nothing keeps it.
    #[oai(skip_serializing_if_is_none)]
    blocked: Option<String>,
    /// Until when, if that ends by itself.
    #[oai(skip_serializing_if_is_none)]
    blocked_until: Option<DateTime<Utc>>,
}

page! {
    /// Some accounts of a channel, the latest connected first.
    ChannelAccountPage of ChannelAccount
}

/// Who is to write where: each of the accounts in each of the channels.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct AssignmentsToMake {
    /// The accounts, by their ids here.
    #[oai(validator(min_items = 1, max_items = 50, unique_items))]
    account_ids: Vec<i64>,
    /// The channels, by their ids here; where an account has no room for all of them, the first ones count.
    #[oai(validator(min_items = 1, max_items = 200, unique_items))]
    channel_ids: Vec<i64>,
}

/// What became of assignments.
#[derive(Debug, Object)]
#[oai(example)]
struct AssignmentReport {
    /// How many of those asked for stand now, those that stood before included.
    applied: u32,
    /// Those that do not stand.
    refused: Vec<RefusedAssignment>,
}

/// An assignment that does not stand.
#[derive(Debug, Object)]
struct RefusedAssignment {
    /// The account.
    account_id: i64,
    /// The channel.
    channel_id: i64,
    /// Why not.
    reason: AssignmentRefusal,
}

/// Why an assignment does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "persistence::catalogue::Refusal", rename_all = "snake_case")]
enum AssignmentRefusal {
    /// The account has as many channels as an account may have: 50.
    Full,
    /// The project has no such account.
    UnknownAccount,
    /// The project has no such channel.
    UnknownChannel,
}

pub(crate) struct AssignmentsApi;

#[OpenApi(tag = "Part::Channels")]
impl AssignmentsApi {
    /// Let accounts write in channels
    ///
    /// Each account in each channel, as far as that fits: an account has at most 50 channels. What does not fit is named
    /// and changes nothing; what stood before stays.
    #[oai(
        path = "/api/v1/projects/:project_id/assignments",
        method = "post",
        operation_id = "assignChannels"
    )]
    async fn assign(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<AssignmentsToMake>,
    ) -> Result<Found<AssignmentReport>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let accounts: Vec<_> = body.0.account_ids.into_iter().map(AccountId).collect();
        let channels: Vec<_> = body.0.channel_ids.into_iter().map(ChannelId).collect();
        let wanted = Assigning { accounts: &accounts, channels: &channels };
        let (applied, refused) = gateway.store.assign(editor(&gateway, &caller, project), wanted).await?;
        gateway.system.enrol().await;
        let refused = refused.into_iter().map(RefusedAssignment::from).collect();
        let applied = u32::try_from(applied).unwrap_or(u32::MAX);
        Ok(Found::Whole(Json(AssignmentReport { applied, refused })))
    }

    /// List a channel's accounts
    ///
    /// The accounts that may write in the channel, the latest connected first.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/accounts",
        method = "get",
        operation_id = "listChannelAccounts"
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
        /// The most accounts to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<ChannelAccountPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let (store, now) = (&gateway.store, gateway.now());
        let channel = store.channel(project, ChannelId(channel_id.0)).await?.channel;
        let list = List::of("channel accounts").by("channel", Some(channel));
        let before = list.position::<i64>(after.as_deref())?.map(AccountId);
        let found = store.accounts_of_channel(project, channel, before, limit.0 + 1, now).await?;
        let (items, next) = list.cut(found, limit.0, |account| account.id.get());
        let items = items.into_iter().map(ChannelAccount::from).collect();
        Ok(Found::Whole(Json(ChannelAccountPage { items, next })))
    }

    /// Take an account out of a channel
    ///
    /// Nothing is planned for it there any more. What was planned before still leaves.
    #[oai(
        path = "/api/v1/projects/:project_id/channels/:channel_id/accounts/:account_id",
        method = "delete",
        operation_id = "unassignAccount"
    )]
    async fn unassign(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (account, channel) = (AccountId(account_id.0), ChannelId(channel_id.0));
        gateway.store.unassign(editor(&gateway, &caller, project), account, channel).await?;
        Ok(Gone::Done)
    }
}

impl From<Account> for ChannelAccount {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.get(),
            username: account.username,
            display_name: account.display_name,
            status: account.status.into(),
            blocked: account.blocked,
            blocked_until: account.blocked_until.map(moment),
        }
    }
}

impl From<Refused> for RefusedAssignment {
    fn from(refused: Refused) -> Self {
        Self {
            account_id: refused.account.get(),
            channel_id: refused.channel.get(),
            reason: refused.reason.into(),
        }
    }
}

impl Example for ChannelAccount {
    fn example() -> Self {
        Self {
            id: 7,
            username: Some("tram_editor".into()),
            display_name: "Tram news, the editors".into(),
            status: SpeakerStatus::Active,
            blocked: None,
            blocked_until: None,
        }
    }
}

impl Example for AssignmentsToMake {
    fn example() -> Self {
        Self { account_ids: vec![7], channel_ids: vec![3, 4] }
    }
}

impl Example for AssignmentReport {
    fn example() -> Self {
        let refused = RefusedAssignment { account_id: 7, channel_id: 4, reason: AssignmentRefusal::Full };
        Self { applied: 1, refused: vec![refused] }
    }
}
