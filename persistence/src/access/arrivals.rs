//! Logins of browsers through the Telegram bot.
//!
//! A browser asks for a login and gets a link to the bot with a token in it, and keeps a secret of its own. Whoever opens the
//! link is known to the bot by Telegram; that confirms the token for their user. The browser asks whether it happened, shows
//! its secret, and gets a session, once. A link is good for ten minutes, and for the browser that asked for it alone. The
//! bot shows the same short code as the browser, so that nobody confirms a login that somebody else began.

use std::time::Duration;

use domain::id::{PeerId, UserId};
use domain::time::Timestamp;

use super::{Credential, SESSION_LIFE};
use crate::error::StoreError;
use crate::outbox::{Actor, AuditEntry, audit};
use crate::rows::Sql;
use crate::store::{Run as _, Store, Tx};

/// How long a login waits to be confirmed, and then to be taken up.
pub const LOGIN_LIFE: Duration = Duration::from_secs(600);

static ASK: Sql =
    Sql::new("INSERT INTO login_tokens (hash, browser_hash, status, expires_at) VALUES ($1, $2, 'open', $3)");

static WHO: Sql = Sql::new("SELECT id FROM users WHERE telegram_id = $1 AND status = 'active'");

/// A user who was named by their username alone is known by Telegram's number from their first login on.
static BIND: Sql = Sql::new(
    "UPDATE users SET telegram_id = $1
     WHERE lower(username) = lower($2) AND telegram_id IS NULL AND status = 'active' RETURNING id",
);

static CONFIRM: Sql = Sql::new(
    "UPDATE login_tokens SET status = 'confirmed', user_id = $2
     WHERE hash = $1 AND status = 'open' AND expires_at > $3",
);

static FIND: Sql = Sql::new(
    "SELECT user_id, status FROM login_tokens WHERE browser_hash = $1 AND expires_at > $2 {FOR UPDATE}",
);

static USE: Sql = Sql::new("UPDATE login_tokens SET status = 'used' WHERE browser_hash = $1");

static SESSION: Sql = Sql::new(
    "INSERT INTO web_sessions (hash, user_id, status, created_at, expires_at)
     SELECT $1, id, 'active', $3, $4 FROM users WHERE id = $2 AND status = 'active'",
);

/// A login that a browser asked for.
#[derive(Clone, Debug)]
pub struct AskedLogin {
    /// What the link to the bot carries.
    pub token: Credential,
    /// What the browser keeps to itself.
    pub browser: Credential,
    /// When both end.
    pub expires_at: Timestamp,
}

/// Who opened the link, as Telegram knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// Their number.
    pub telegram_id: PeerId,
    /// Their username without `@`, if they have one.
    pub username: Option<String>,
}

/// What came of opening the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The browser is let in as this user.
    As(UserId),
    /// The link was opened before, has ended, or never was one.
    TooLate,
    /// Whoever opened it is no user here, or a blocked one.
    Unknown,
}

/// What a browser is told about its login.
#[derive(Clone, Debug)]
pub enum Awaited {
    /// Nobody has opened the link yet.
    Waiting,
    /// This is the session's secret.
    In(Credential),
    /// It has ended, was taken up before, or never was; or its user was blocked meanwhile.
    Over,
}

impl Credential {
    /// Four digits that the browser and the bot both show for a login.
    #[must_use]
    pub fn code(&self) -> String {
        let [first, second, ..] = self.hash();
        format!("{:04}", u32::from(u16::from_be_bytes([first, second])) * 10_000 / 65_536)
    }
}

impl Store {
    /// Begins a login.
    ///
    /// # Errors
    /// [`StoreError::Vault`] without randomness.
    pub async fn ask_login(&self, now: Timestamp) -> Result<AskedLogin, StoreError> {
        let operation = "begin a login";
        let (token, browser) = (Credential::plain(operation)?, Credential::plain(operation)?);
        let expires_at = now + LOGIN_LIFE;
        let values = [token.digits().into(), browser.digits().into(), expires_at.micros().into()];
        self.at_once(operation).run(&ASK, values).await?;
        Ok(AskedLogin { token, browser, expires_at })
    }

    /// Confirms a login for whoever opened its link in the bot.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn confirm_login(
        &self,
        token: &Credential,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Confirmed, StoreError> {
        let tx = self.begin("confirm a login").await?;
        let Some(user) = find_visitor(&tx, visitor).await? else { return Ok(Confirmed::Unknown) };
        let values = [token.digits().into(), user.get().into(), now.micros().into()];
        if tx.run(&CONFIRM, values).await? == 0 {
            return Ok(Confirmed::TooLate);
        }
        tx.commit().await?;
        Ok(Confirmed::As(user))
    }

    /// Whether a browser's login was confirmed; if so, this time alone, its session begins.
    ///
    /// # Errors
    /// [`StoreError::Vault`] without randomness.
    pub async fn await_login(&self, browser: &Credential, now: Timestamp) -> Result<Awaited, StoreError> {
        let tx = self.begin("take a login up").await?;
        let found = tx.row(&FIND, [browser.digits().into(), now.micros().into()]).await?;
        let Some(row) = found else { return Ok(Awaited::Over) };
        let status: String = row.get("status")?;
        let user: UserId = match (&*status, row.maybe("user_id")?) {
            ("open", _) => return Ok(Awaited::Waiting),
            ("confirmed", Some(user)) => user,
            _ => return Ok(Awaited::Over),
        };
        let session = Credential::plain(tx.operation())?;
        tx.run(&USE, [browser.digits().into()]).await?;
        let ends = now + SESSION_LIFE;
        let values = [session.digits().into(), user.get().into(), now.micros().into(), ends.micros().into()];
        let begun = tx.run(&SESSION, values).await? > 0;
        let entry = AuditEntry {
            actor: Actor::User(user),
            project: None,
            action: "session.begun".into(),
            subject: format!("user:{user}"),
            detail: String::new(),
            at: now,
        };
        audit(&tx, &entry).await?;
        tx.commit().await?;
        Ok(if begun { Awaited::In(session) } else { Awaited::Over })
    }
}

async fn find_visitor(tx: &Tx, visitor: &Visitor) -> Result<Option<UserId>, StoreError> {
    let number = visitor.telegram_id.get();
    let mut row = tx.row(&WHO, [number.into()]).await?;
    if let (None, Some(username)) = (&row, &visitor.username) {
        row = tx.row(&BIND, [number.into(), username.as_str().into()]).await?;
    }
    row.map(|row| row.get("id")).transpose()
}
