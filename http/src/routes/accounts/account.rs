//! An account, as the API shows it.

use chrono::{DateTime, Utc};
use domain::account::WayBack;
use domain::id::{AccountId, PeerId, ProjectId, ProxyId};
use domain::time::Timestamp;
use persistence::accounts::ListedAccount;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use crate::gateway::Gateway;
use crate::moment::moment;
use crate::problem::Failure;

/// What kind of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::account::Kind", rename_all = "snake_case")]
pub(super) enum AccountKind {
    /// A person's own account.
    Person,
    /// A bot, over MTProto.
    Bot,
}

/// The condition of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::account::StatusName", rename_all = "snake_case")]
pub(super) enum AccountStatus {
    /// Telegram does not know its session (any more); its owner must log in.
    NeedsLogin,
    /// It works.
    Active,
    /// Telegram asked it to wait.
    Waiting,
    /// Telegram restricts its writing; a person must look at it.
    Limited,
    /// Telegram froze it; it can only read.
    Frozen,
    /// The account no longer exists.
    Dead,
    /// A person stopped it.
    Paused,
}

/// What leads an account back to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum AccountWayBack {
    /// Nothing is in its way.
    None,
    /// Time alone: it goes on by itself at `wait_until`.
    Wait,
    /// Its owner logs it in again; a login for it takes no other account.
    LogIn,
    /// Its owner asks Telegram (@SpamBot) to lift what bars it, and then resumes it.
    AskTelegram,
    /// Whoever stopped it resumes it.
    Resume,
    /// Nothing does: the account no longer exists.
    Gone,
}

/// The proxy that an account goes through.
#[derive(Debug, Object)]
pub(super) struct AccountProxy {
    /// Its id.
    id: i64,
    /// What it is called.
    name: String,
}

/// An account that speaks for a project.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct Account {
    /// Its id here.
    pub(super) id: i64,
    /// What kind of account it is.
    kind: AccountKind,
    /// Its Telegram id, once it has logged in.
    #[oai(skip_serializing_if_is_none)]
    telegram_id: Option<i64>,
    /// Its username, without `@`.
    #[oai(skip_serializing_if_is_none)]
    username: Option<String>,
    /// Its name as readers see it.
    display_name: String,
    /// Its condition.
    status: AccountStatus,
    /// Why it is in this condition: Telegram's name of the error, or what a person said.
    #[oai(skip_serializing_if_is_none)]
    status_reason: Option<String>,
    /// Since when; missing if it was never in another one.
    #[oai(skip_serializing_if_is_none)]
    status_since: Option<DateTime<Utc>>,
    /// Until when Telegram asked it to wait.
    #[oai(skip_serializing_if_is_none)]
    wait_until: Option<DateTime<Utc>>,
    /// What leads it back to work.
    way_back: AccountWayBack,
    /// The proxy that it goes through; missing if it goes straight.
    #[oai(skip_serializing_if_is_none)]
    proxy: Option<AccountProxy>,
    /// The label that its profile has to tell, and that stands under what it writes.
    label: String,
    /// When its profile was last seen to tell the label; missing if it did not. A person's account does not write then.
    #[oai(skip_serializing_if_is_none)]
    label_verified_at: Option<DateTime<Utc>>,
    /// How many messages it may send on a calendar day of the project.
    daily_limit: u32,
    /// How many it has sent today.
    sent_today: u32,
    /// The least time between two of its messages, in seconds.
    min_gap_seconds: u64,
    /// What people sort it by.
    tags: Vec<String>,
    /// What people wrote about it.
    notes: String,
    /// When it was last looked at.
    #[oai(skip_serializing_if_is_none)]
    checked_at: Option<DateTime<Utc>>,
    /// When it last sent anything.
    #[oai(skip_serializing_if_is_none)]
    last_sent_at: Option<DateTime<Utc>>,
    /// In how many channels it may write.
    channels: u32,
    /// In how many channels it is kept out.
    blocks: u32,
}

/// An account of a project, as it is now.
pub(super) async fn read(
    gateway: &Gateway,
    project: ProjectId,
    account: AccountId,
) -> Result<Account, Failure> {
    Ok(gateway.store.listed_account(project, account, gateway.now()).await?.into())
}

impl From<WayBack> for AccountWayBack {
    fn from(way: WayBack) -> Self {
        match way {
            WayBack::None => Self::None,
            WayBack::Wait { .. } => Self::Wait,
            WayBack::LogIn => Self::LogIn,
            WayBack::AskTelegram => Self::AskTelegram,
            WayBack::Resume => Self::Resume,
            WayBack::Gone => Self::Gone,
        }
    }
}

impl From<ListedAccount> for Account {
    fn from(account: ListedAccount) -> Self {
        let proxy = |(id, name): (ProxyId, String)| AccountProxy { id: id.get(), name };
        Self {
            id: account.id.get(),
            kind: account.kind.into(),
            telegram_id: account.telegram_id.map(PeerId::get),
            username: account.username,
            display_name: account.display_name,
            status: account.status.name().into(),
            status_reason: account.reason,
            status_since: account.since.map(moment),
            wait_until: account.status.waits_until().map(moment),
            way_back: account.status.way_back().into(),
            proxy: account.proxy.map(proxy),
            label: account.label.as_str().to_owned(),
            label_verified_at: account.label_verified_at.map(moment),
            daily_limit: account.limits.daily,
            sent_today: account.sent_today,
            min_gap_seconds: account.limits.gap.as_secs(),
            tags: account.tags,
            notes: account.notes,
            checked_at: account.checked_at.map(moment),
            last_sent_at: account.last_sent_at.map(moment),
            channels: account.channels,
            blocks: account.blocks,
        }
    }
}

impl Example for Account {
    fn example() -> Self {
        let at = |seconds: i64| Some(moment(Timestamp::from_secs(1_772_442_000 + seconds)));
        Self {
            id: 7,
            kind: AccountKind::Person,
            telegram_id: Some(777_000_111),
            username: Some("tram_editor".into()),
            display_name: "Tram editor".into(),
            status: AccountStatus::Waiting,
            status_reason: Some("FLOOD_WAIT".into()),
            status_since: at(0),
            wait_until: at(300),
            way_back: AccountWayBack::Wait,
            proxy: Some(AccountProxy { id: 2, name: "office".into() }),
            label: "from the editors' assistant".into(),
            label_verified_at: at(-3600),
            daily_limit: 30,
            sent_today: 4,
            min_gap_seconds: 60,
            tags: vec!["editors".into()],
            notes: String::new(),
            checked_at: at(-3600),
            last_sent_at: at(-120),
            channels: 12,
            blocks: 0,
        }
    }
}
