//! What a starting process must know to rebuild its actors: light rows, in pages by id, so that memory stays flat.

use domain::account::Status;
use domain::id::{AccountId, ChannelId, MessageId, PeerId, ProjectId};
use domain::proxy::ProxyAddress;
use secrecy::SecretSlice;

use crate::accounts::read_status;
use crate::error::{StoreError, VaultError};
use crate::proxies::read_proxy;
use crate::row::Row;
use crate::rows::Sql;
use crate::setup::Assignment;
use crate::store::{Run as _, Store};
use crate::vault::{Place, open};

static ACCOUNTS: Sql =
    Sql::new("SELECT id, project_id FROM accounts WHERE id > $1 AND status <> 'dead' ORDER BY id LIMIT $2");

static CHANNELS: Sql = Sql::new(
    "SELECT id, project_id, telegram_id, discussion_id, newest_id, audited_up_to FROM channels
     WHERE id > $1 AND status <> 'lost' AND telegram_id IS NOT NULL ORDER BY id LIMIT $2",
);

static ASSIGNMENTS: Sql = Sql::new(
    "SELECT account_id, channel_id FROM account_channels
     WHERE (account_id, channel_id) > ($1, $2) ORDER BY account_id, channel_id LIMIT $3",
);

static PROJECTS: Sql = Sql::new("SELECT id FROM projects WHERE status <> 'archived' ORDER BY id");

/// An account that an actor is to own. What the actor needs to know of it, its session above all, it asks for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountOnRoster {
    /// Its row.
    pub account: AccountId,
    /// Whose it is.
    pub project: ProjectId,
}

/// An account's session as it is kept.
#[derive(Clone, Debug)]
pub enum KeptSession {
    /// There is none: it has not logged in, or its key was worthless.
    None,
    /// It is there and opens.
    Opens(SecretSlice<u8>),
    /// It is there and never opens: it was altered, or belongs to another row. Only a login helps.
    Spoilt,
}

impl KeptSession {
    /// Whether there is none at all.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The session, if there is one that opens.
    #[must_use]
    pub fn opened(self) -> Option<SecretSlice<u8>> {
        match self {
            Self::Opens(session) => Some(session),
            Self::None | Self::Spoilt => None,
        }
    }
}

/// An account that an actor owns.
#[derive(Clone, Debug)]
pub struct AccountToRun {
    /// Its row.
    pub account: AccountId,
    /// Whose it is.
    pub project: ProjectId,
    /// Its Telegram id, if it has logged in.
    pub telegram_id: Option<PeerId>,
    /// Its condition.
    pub status: Status,
    /// Its session.
    pub session: KeptSession,
    /// The proxy it goes through; `None` if it goes straight.
    pub proxy: Option<ProxyAddress>,
}

/// A channel that an actor watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelToWatch {
    /// Its row.
    pub channel: ChannelId,
    /// Whose it is.
    pub project: ProjectId,
    /// Its Telegram id.
    pub telegram_id: PeerId,
    /// The discussion group linked to it.
    pub discussion: Option<PeerId>,
    /// The newest message known.
    pub newest: MessageId,
    /// Up to where nothing is missing.
    pub audited_up_to: MessageId,
}

impl Store {
    /// Accounts that are not dead, in the order of their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn accounts_to_run(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountOnRoster>, StoreError> {
        let read = self.read("read the accounts to run");
        let after = after.map_or(0, AccountId::get);
        let account =
            |row: &Row| Ok(AccountOnRoster { account: row.get("id")?, project: row.get("project_id")? });
        read.rows(&ACCOUNTS, [after.into(), i64::from(limit).into()]).await?.iter().map(account).collect()
    }

    /// One account, dead or not; `None` when there is no such account.
    ///
    /// # Errors
    /// [`StoreError::Vault`] when the key of its session is not at hand, or its proxy's password does not open.
    pub async fn account_to_run(&self, account: AccountId) -> Result<Option<AccountToRun>, StoreError> {
        static ACCOUNT: Sql = Sql::new(
            "SELECT a.id, a.project_id, a.telegram_id, a.status, a.wait_until, a.session_sealed, a.proxy_id, p.scheme,
                 p.host, p.port, p.username, p.password_sealed
             FROM accounts a LEFT JOIN proxies p ON p.id = a.proxy_id WHERE a.id = $1",
        );
        let row = self.read("read an account").row(&ACCOUNT, [account.get().into()]).await?;
        row.as_ref().map(|row| read_account(self, row)).transpose()
    }

    /// Channels that can be read, also those in which a person stopped the work, in the order of their ids after `after`, at
    /// most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn channels_to_watch(
        &self,
        after: Option<ChannelId>,
        limit: u32,
    ) -> Result<Vec<ChannelToWatch>, StoreError> {
        let read = self.read("read the channels to watch");
        let after = after.map_or(0, ChannelId::get);
        let channel = |row: &Row| {
            Ok(ChannelToWatch {
                channel: row.get("id")?,
                project: row.get("project_id")?,
                telegram_id: row.get("telegram_id")?,
                discussion: row.maybe("discussion_id")?,
                newest: row.get("newest_id")?,
                audited_up_to: row.get("audited_up_to")?,
            })
        };
        read.rows(&CHANNELS, [after.into(), i64::from(limit).into()]).await?.iter().map(channel).collect()
    }

    /// Which accounts may write in which channels, in the order of account and channel after `after`, at most `limit`.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn assignments(
        &self,
        after: Option<Assignment>,
        limit: u32,
    ) -> Result<Vec<Assignment>, StoreError> {
        let read = self.read("read who may write where");
        let (account, channel) = after.map_or((0, 0), |after| (after.account.get(), after.channel.get()));
        let values = [account.into(), channel.into(), i64::from(limit).into()];
        let assignment =
            |row: &Row| Ok(Assignment { account: row.get("account_id")?, channel: row.get("channel_id")? });
        read.rows(&ASSIGNMENTS, values).await?.iter().map(assignment).collect()
    }

    /// All projects that are not archived.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn projects_to_plan(&self) -> Result<Vec<ProjectId>, StoreError> {
        let read = self.read("read the projects to plan");
        read.rows(&PROJECTS, []).await?.iter().map(|row| row.get("id")).collect()
    }
}

fn read_account(store: &Store, row: &Row) -> Result<AccountToRun, StoreError> {
    let account: AccountId = row.get("id")?;
    Ok(AccountToRun {
        account,
        project: row.get("project_id")?,
        telegram_id: row.maybe("telegram_id")?,
        status: read_status(row)?,
        session: read_session(store, row, account)?,
        proxy: read_proxy(store, row)?,
    })
}

fn read_session(store: &Store, row: &Row, account: AccountId) -> Result<KeptSession, StoreError> {
    match open(store, row, Place::Session, account.get(), "session_sealed") {
        Ok(session) => Ok(session.map_or(KeptSession::None, KeptSession::Opens)),
        Err(StoreError::Vault { source: VaultError::Damaged | VaultError::Malformed, .. }) => {
            Ok(KeptSession::Spoilt)
        }
        Err(other) => Err(other),
    }
}
