//! `/api/v1/projects/{project_id}/accounts/{account_id}/blocks`: where an account is kept out.

use chrono::{DateTime, Utc};
use domain::access::Right;
use domain::id::{AccountId, ChannelId};
use domain::time::Timestamp;
use persistence::accounts::{Block, NewBlock};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::account::{Account, read};
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::moment::moment;
use crate::page::{List, usual};
use crate::problem::Failure;
use crate::routes::catalogue::page;
use crate::routes::{Found, Gone, Part};

/// A channel that an account does not write in.
#[derive(Debug, Object)]
#[oai(example)]
struct AccountBlock {
    /// The channel, by its id here.
    channel_id: i64,
    /// Its title.
    channel_title: String,
    /// Telegram's name of the error, or a person's words.
    reason: String,
    /// Until when; missing until a person lifts it.
    #[oai(skip_serializing_if_is_none)]
    until: Option<DateTime<Utc>>,
    /// Since when.
    blocked_at: DateTime<Utc>,
}

page! {
    /// Some blocks, in the order of their channels' ids.
    AccountBlockPage of AccountBlock
}

/// A channel that an account is to be kept out of.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct NewAccountBlock {
    /// The channel, by its id here.
    #[oai(validator(minimum(value = "1")))]
    channel_id: i64,
    /// Why, in your words.
    #[oai(validator(min_length = 1, max_length = 200))]
    reason: String,
    /// Until when; without it, until somebody lifts it.
    until: Option<DateTime<Utc>>,
}

pub(crate) struct BlocksApi;

#[OpenApi(tag = "Part::Accounts")]
impl BlocksApi {
    /// List an account's blocks
    ///
    /// The channels that it does not write in, because Telegram or a person says so; in the order of their ids.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id/blocks",
        method = "get",
        operation_id = "listAccountBlocks"
    )]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
        /// `next` of the page before; left out, the list begins with the first.
        after: Query<Option<String>>,
        /// The most blocks to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<AccountBlockPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let account = AccountId(read(&gateway, project, AccountId(account_id.0)).await?.id);
        let list = List::of("blocks").by("project", Some(project)).by("account", Some(account));
        let behind = list.position::<i64>(after.as_deref())?.map(ChannelId);
        let found = gateway.store.list_blocks(project, account, behind, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |block| block.channel.get());
        let items = items.into_iter().map(AccountBlock::from).collect();
        Ok(Found::Whole(Json(AccountBlockPage { items, next })))
    }

    /// Keep an account out of a channel
    ///
    /// It plans and sends nothing there. One that is kept out already stays so on these terms.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id/blocks",
        method = "post",
        operation_id = "blockAccount"
    )]
    async fn add(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
        body: Body<NewAccountBlock>,
    ) -> Result<Found<Account>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let account = AccountId(account_id.0);
        let block = NewBlock {
            channel: ChannelId(body.0.channel_id),
            reason: body.0.reason,
            until: body.0.until.map(|until| Timestamp::from_micros(until.timestamp_micros())),
        };
        gateway.store.add_block(project, account, &block, caller.actor(), gateway.now()).await?;
        Ok(Found::Whole(Json(read(&gateway, project, account).await?)))
    }

    /// Lift an account's block
    ///
    /// It may write in the channel again, whoever kept it out.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id/blocks/:channel_id",
        method = "delete",
        operation_id = "unblockAccount"
    )]
    async fn lift(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
        /// The channel.
        channel_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (account, channel) = (AccountId(account_id.0), ChannelId(channel_id.0));
        gateway.store.lift_block(project, account, channel, caller.actor(), gateway.now()).await?;
        Ok(Gone::Done)
    }
}

impl From<Block> for AccountBlock {
    fn from(block: Block) -> Self {
        Self {
            channel_id: block.channel.get(),
            channel_title: block.channel_title,
            reason: block.reason,
            until: block.until.map(moment),
            blocked_at: moment(block.blocked_at),
        }
    }
}

impl Example for AccountBlock {
    fn example() -> Self {
        Self {
            channel_id: 3,
            channel_title: "Tram news".into(),
            reason: "USER_BANNED_IN_CHANNEL".into(),
            until: None,
            blocked_at: moment(Timestamp::from_secs(1_772_442_000)),
        }
    }
}

impl Example for NewAccountBlock {
    fn example() -> Self {
        Self { channel_id: 3, reason: "the channel's editor asked for it".into(), until: None }
    }
}
