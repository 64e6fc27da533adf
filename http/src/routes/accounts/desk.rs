//! `/api/v1/projects/{project_id}/accounts`: what people see of accounts and decide about them.

use std::time::Duration;

use domain::access::Right;
use domain::account::StatusName;
use domain::id::AccountId;
use persistence::accounts::{AccountChange, AccountFilter};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};

use super::account::{Account, AccountStatus, read};
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::page::{List, usual};
use crate::problem::Failure;
use crate::routes::catalogue::page;
use crate::routes::people::label;
use crate::routes::{Found, Part};

page! {
    /// Some accounts, the latest connected first.
    AccountPage of Account
}

/// What is to be different about an account; what is left out stays.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct AccountPatch {
    /// What people sort it by.
    #[oai(validator(max_items = 20, unique_items, max_length = 50, min_length = 1))]
    tags: Option<Vec<String>>,
    /// What people write about it.
    #[oai(validator(max_length = 4000))]
    notes: Option<String>,
    /// The label that its profile has to tell. A person's account does not write before its profile was seen to tell it.
    #[oai(validator(min_length = 1, max_length = 200))]
    label: Option<String>,
    /// How many messages it may send on a calendar day of the project.
    #[oai(validator(maximum(value = "500")))]
    daily_limit: Option<u32>,
    /// The least time between two of its messages, in seconds.
    #[oai(validator(minimum(value = "10"), maximum(value = "86400")))]
    min_gap_seconds: Option<u64>,
}

/// Why an account is stopped, or may work again.
#[derive(Debug, Object)]
#[oai(example, deny_unknown_fields)]
struct SwitchReason {
    /// In your words; shown with the account and in the audit log.
    #[oai(validator(min_length = 1, max_length = 200))]
    why: String,
}

pub(crate) struct AccountsApi;

#[OpenApi(tag = "Part::Accounts")]
impl AccountsApi {
    /// List accounts
    ///
    /// The project's accounts, the latest connected first, with their condition and what is left of their day.
    #[oai(path = "/api/v1/projects/:project_id/accounts", method = "get", operation_id = "listAccounts")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the address")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// Only those in this condition.
        status: Query<Option<AccountStatus>>,
        /// Only those with this tag.
        #[oai(validator(max_length = 50))]
        tag: Query<Option<String>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most accounts to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<AccountPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let filter = AccountFilter { status: status.0.map(StatusName::from), tag: tag.0 };
        let list = List::of("accounts")
            .by("project", Some(project))
            .by("status", filter.status)
            .by("tag", filter.tag.as_ref());
        let before = list.position::<i64>(after.as_deref())?.map(AccountId);
        let found = gateway.store.list_accounts(project, &filter, before, limit.0 + 1, gateway.now()).await?;
        let (items, next) = list.cut(found, limit.0, |account| account.id.get());
        Ok(Found::Whole(Json(AccountPage { items: items.into_iter().map(Account::from).collect(), next })))
    }

    /// Get an account
    ///
    /// One account: its condition and why, its way, its limits and what is left of them today.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id",
        method = "get",
        operation_id = "getAccount"
    )]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
    ) -> Result<Found<Account>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        Ok(Found::Whole(Json(read(&gateway, project, AccountId(account_id.0)).await?)))
    }

    /// Change an account
    ///
    /// Its tags and notes, its label and its limits. Limits count from the next send; with another label, its profile is looked
    /// at at once.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id",
        method = "patch",
        operation_id = "updateAccount"
    )]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
        body: Body<AccountPatch>,
    ) -> Result<Found<Account>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (account, patch) = (AccountId(account_id.0), body.0);
        let change = AccountChange {
            tags: patch.tags,
            notes: patch.notes,
            label: patch.label.map(|text| label(&text)).transpose()?,
            daily_limit: patch.daily_limit,
            min_gap: patch.min_gap_seconds.map(Duration::from_secs),
        };
        gateway.store.update_account(project, account, &change, caller.actor(), gateway.now()).await?;
        if change.label.is_some() {
            gateway.system.look_at_account(account);
        }
        Ok(Found::Whole(Json(read(&gateway, project, account).await?)))
    }

    /// Pause an account
    ///
    /// It writes nothing from before the next send on; it stays connected and reads.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id/pause",
        method = "post",
        operation_id = "pauseAccount"
    )]
    async fn pause(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
        body: Body<SwitchReason>,
    ) -> Result<Found<Account>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (account, why) = (AccountId(account_id.0), &body.0.why);
        let now = gateway.now();
        gateway.store.switch_account(project, account, false, why, caller.actor(), now).await?;
        Ok(Found::Whole(Json(read(&gateway, project, account).await?)))
    }

    /// Let an account work again
    ///
    /// After a pause, or after Telegram limited or froze it and its owner cleared that up with Telegram. A wait that Telegram
    /// asked for is waited out all the same.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id/resume",
        method = "post",
        operation_id = "resumeAccount"
    )]
    async fn resume(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
        body: Body<SwitchReason>,
    ) -> Result<Found<Account>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let (account, why) = (AccountId(account_id.0), &body.0.why);
        let now = gateway.now();
        gateway.store.switch_account(project, account, true, why, caller.actor(), now).await?;
        Ok(Found::Whole(Json(read(&gateway, project, account).await?)))
    }

    /// Look at an account now
    ///
    /// Asks Telegram who it is and whether its profile tells the label, if it has a connection; `checked_at` says when that
    /// last succeeded.
    #[oai(
        path = "/api/v1/projects/:project_id/accounts/:account_id/check",
        method = "post",
        operation_id = "checkAccount"
    )]
    async fn check(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The account.
        account_id: Path<i64>,
    ) -> Result<Found<Account>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let account = AccountId(account_id.0);
        read(&gateway, project, account).await?;
        gateway.system.check_account(account).await?;
        Ok(Found::Whole(Json(read(&gateway, project, account).await?)))
    }
}

impl Example for AccountPatch {
    fn example() -> Self {
        Self {
            tags: Some(vec!["editors".into()]),
            notes: None,
            label: None,
            daily_limit: Some(20),
            min_gap_seconds: None,
        }
    }
}

impl Example for SwitchReason {
    fn example() -> Self {
        Self { why: "the editor is on holidays".into() }
    }
}
