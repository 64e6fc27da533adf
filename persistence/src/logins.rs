//! What a login leaves behind: an account, connected for the first time or again, in one transaction; and the other way
//! round, the session that an owner takes out.
//!
//! An account of Telegram stands here once. Whoever logs in with one that is here already either brings that one back (it
//! needed a login) or is refused, and then nothing is changed: a working session is never replaced from the side.

use domain::account::{Event, Kind, StatusName};
use domain::disclosure::Label;
use domain::event::EventType;
use domain::id::{AccountId, PeerId, ProjectId, ProxyId, UserId};
use domain::login::{Failure, Welcome};
use domain::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use crate::accounts;
use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, NewEvent, Subject, audit};
use crate::proxies::seat;
use crate::row::Row;
use crate::rows::{Sql, name_of, storable};
use crate::settings::{Countable, exhausted};
use crate::store::{Run as _, Store, Tx};
use crate::vault::{Place, keep, open};

static BY_TELEGRAM_ID: Sql = Sql::new(
    "SELECT id, project_id, telegram_id, status, label FROM accounts WHERE telegram_id = $1 {FOR UPDATE}",
);

static BY_ID: Sql = Sql::new(
    "SELECT id, project_id, telegram_id, status, label FROM accounts
     WHERE id = $1 AND project_id = $2 {FOR UPDATE}",
);

/// It takes the label of its project.
static INSERT: Sql = Sql::new(
    "INSERT INTO accounts (project_id, kind, telegram_id, display_name, status, status_since, label)
     SELECT p.id, $2, $3, $4, 'active', $5, p.label FROM projects p WHERE p.id = $1 RETURNING id, label",
);

static PROFILE: Sql = Sql::new(
    "UPDATE accounts SET kind = $2, telegram_id = $3, username = $4, display_name = $5, label_verified_at = $6,
         last_health_at = $7
     WHERE id = $1",
);

static OWNED: Sql = Sql::new(
    "SELECT a.project_id, a.session_sealed FROM accounts a
     JOIN memberships m ON m.project_id = a.project_id AND m.user_id = $2 AND m.role = 'owner'
     WHERE a.id = $1",
);

/// A login that Telegram accepted.
#[derive(Clone, Debug)]
pub struct Login {
    /// For which project.
    pub project: ProjectId,
    /// Who logs the account in.
    pub by: UserId,
    /// By which way.
    pub way: Way,
    /// The account that is to come back, if it is to be a certain one.
    pub for_account: Option<AccountId>,
    /// What kind of account it is.
    pub kind: Kind,
    /// Its Telegram id.
    pub telegram_id: PeerId,
    /// Its username without `@`.
    pub username: Option<String>,
    /// Its name as readers see it.
    pub display_name: String,
    /// Its profile text, in which the label is looked for; not kept.
    pub about: String,
    /// Its session.
    pub session: SecretSlice<u8>,
    /// Its phone number, where it was typed.
    pub phone: Option<SecretString>,
    /// The proxy that it logged in through and goes through from now on; without one, its way stays as it is.
    pub proxy: Option<ProxyId>,
}

/// By which way an account came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By its phone number and a code.
    Phone,
    /// By a QR code.
    Qr,
    /// With a session that was made elsewhere; whoever brought it confirmed that the account is theirs or their team's.
    Import,
}

impl Store {
    /// Whether a session could be kept: whether there is a vault to seal it with.
    #[must_use]
    pub fn keeps_secrets(&self) -> bool {
        self.vault().is_some()
    }

    /// Whether [`Store::admit`] would admit this login now: asked while it can still be taken back. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the account that is to come back.
    pub async fn admits(&self, login: &Login) -> Result<Result<(), Failure>, StoreError> {
        let tx = self.begin("look whether an account may be connected").await?;
        Ok(resident(&tx, login).await?.map(drop))
    }

    /// Connects the account of a login: creates it, or brings the one back that needed a login. The inner error is why it
    /// may not be; then nothing was changed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the project, [`StoreError::Vault`] when the session cannot be sealed,
    /// [`StoreError::Taken`] when the same account was admitted at this very moment, [`StoreError::NoSeat`] when its proxy has
    /// no seat left.
    pub async fn admit(&self, login: &Login, now: Timestamp) -> Result<Result<Welcome, Failure>, StoreError> {
        let mut tx = self.begin("connect an account").await?;
        let resident = match resident(&tx, login).await? {
            Ok(resident) => resident,
            Err(failure) => return Ok(Err(failure)),
        };
        let is_new = resident.is_none();
        let (account, label) = match resident {
            Some((account, label)) => {
                accounts::apply(&mut tx, account, Event::LogIn, "logged in", now).await?;
                (account, label)
            }
            None => create(&mut tx, login, now).await?,
        };
        let labelled = label.stands_in(&login.about);
        write_profile(&tx, account, login, labelled, now).await?;
        keep_secrets(&tx, account, login).await?;
        if let Some(proxy) = login.proxy {
            sit(&tx, account, proxy).await?;
        }
        log(&tx, login, account, is_new, now).await?;
        tx.commit().await?;
        let missing_label = (login.kind == Kind::Person && !labelled).then_some(label);
        Ok(Ok(Welcome { account, is_new, missing_label }))
    }

    /// The session of an account, for the owner of its project, who takes it out. It is written into the audit log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when `by` owns no project with such an account, or it has no session;
    /// [`StoreError::Vault`] when the session does not open.
    pub async fn export_session(
        &self,
        account: AccountId,
        by: UserId,
        now: Timestamp,
    ) -> Result<SecretSlice<u8>, StoreError> {
        let tx = self.begin("export a session").await?;
        let missing = |what| StoreError::NotFound { operation: tx.operation(), what };
        let row = tx.row(&OWNED, [account.get().into(), by.get().into()]).await?;
        let row = row.ok_or_else(|| missing("account in a project that this user owns"))?;
        let session = open(self, &row, Place::Session, account.get(), "session_sealed")?;
        let session = session.ok_or_else(|| missing("session: the account must log in"))?;
        let entry = AuditEntry {
            actor: Actor::User(by),
            project: Some(row.get("project_id")?),
            action: "account.export".to_owned(),
            subject: format!("account:{account}"),
            detail: "its session".to_owned(),
            at: now,
        };
        audit(&tx, &entry).await?;
        tx.commit().await?;
        Ok(session)
    }
}

/// The account that is here already and comes back with this login, with its label; or why it may not.
async fn resident(tx: &Tx, login: &Login) -> Result<Result<Option<(AccountId, Label)>, Failure>, StoreError> {
    let standing = tx.row(&BY_TELEGRAM_ID, [login.telegram_id.get().into()]).await?;
    let row = match (standing, login.for_account) {
        (Some(row), Some(wanted)) if row.get::<AccountId>("id")? != wanted => {
            return Ok(Err(Failure::AnotherAccount));
        }
        (Some(row), _) if row.get::<ProjectId>("project_id")? != login.project => {
            return Ok(Err(Failure::AnotherProject));
        }
        (Some(row), _) => row,
        (None, None) => {
            let full = exhausted(tx, login.project, Countable::Accounts, 1).await?;
            return Ok(full.map_or(Ok(None), |limit| Err(Failure::TooManyAccounts(limit))));
        }
        (None, Some(wanted)) => {
            let missing = StoreError::NotFound { operation: tx.operation(), what: "account" };
            let values = [wanted.get().into(), login.project.get().into()];
            let row = tx.row(&BY_ID, values).await?.ok_or(missing)?;
            if row.maybe::<PeerId>("telegram_id")?.is_some() {
                return Ok(Err(Failure::AnotherAccount));
            }
            row
        }
    };
    let status: StatusName = row.named("status")?;
    if status != StatusName::NeedsLogin {
        return Ok(Err(Failure::NoLoginNeeded(status)));
    }
    Ok(Ok(Some((row.get("id")?, read_label(&row)?))))
}

async fn create(tx: &mut Tx, login: &Login, now: Timestamp) -> Result<(AccountId, Label), StoreError> {
    let values = [
        login.project.get().into(),
        name_of(login.kind).into(),
        login.telegram_id.get().into(),
        storable(&login.display_name).into_owned().into(),
        now.micros().into(),
    ];
    let missing = StoreError::NotFound { operation: tx.operation(), what: "project" };
    let row = tx.row(&INSERT, values).await?.ok_or(missing)?;
    let account = row.get("id")?;
    let detail = Some(StatusName::Active.to_string());
    let subject = Subject { account: Some(account), detail, ..Subject::default() };
    tx.tell(NewEvent { project: Some(login.project), kind: EventType::AccountChanged, subject, at: now });
    Ok((account, read_label(&row)?))
}

async fn write_profile(
    tx: &Tx,
    account: AccountId,
    login: &Login,
    labelled: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let values = [
        account.get().into(),
        name_of(login.kind).into(),
        login.telegram_id.get().into(),
        login.username.clone().into(),
        storable(&login.display_name).into_owned().into(),
        labelled.then_some(now.micros()).into(),
        now.micros().into(),
    ];
    tx.run(&PROFILE, values).await?;
    Ok(())
}

/// A phone number that was not typed this time stays as it was.
async fn keep_secrets(tx: &Tx, account: AccountId, login: &Login) -> Result<(), StoreError> {
    keep(tx, Place::Session, &[(account.get(), login.session.expose_secret())]).await?;
    if let Some(phone) = &login.phone {
        keep(tx, Place::Phone, &[(account.get(), phone.expose_secret().as_bytes())]).await?;
    }
    Ok(())
}

/// An account that goes through the proxy already keeps its seat.
async fn sit(tx: &Tx, account: AccountId, proxy: ProxyId) -> Result<(), StoreError> {
    static WAY: Sql = Sql::new("SELECT proxy_id FROM accounts WHERE id = $1");
    let row = tx.row(&WAY, [account.get().into()]).await?;
    let now = row.map_or(Ok(None), |row| row.maybe("proxy_id"))?;
    if now == Some(proxy) { Ok(()) } else { seat(tx, account, Some(proxy)).await }
}

async fn log(
    tx: &Tx,
    login: &Login,
    account: AccountId,
    is_new: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (action, how) = match login.way {
        Way::Phone => ("account.login", "by phone"),
        Way::Qr => ("account.login", "by a QR code"),
        Way::Import => ("account.import", "confirmed to be theirs or their team's"),
    };
    let entry = AuditEntry {
        actor: Actor::User(login.by),
        project: Some(login.project),
        action: action.to_owned(),
        subject: format!("account:{account}"),
        detail: format!("{how}, {}", if is_new { "for the first time" } else { "again" }),
        at,
    };
    audit(tx, &entry).await
}

fn read_label(row: &Row) -> Result<Label, StoreError> {
    row.named("label")
}
