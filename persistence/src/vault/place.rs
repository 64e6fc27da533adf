//! The columns that hold sealed values, and the statements that are the same for each of them.
//!
//! A new one is a variant here; sealing, opening, rotating and forgetting follow from it.

use crate::rows::Sql;

/// A column that holds sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An account's session, by the account's id.
    Session,
    /// The phone number that an account logged in with, by the account's id.
    Phone,
    /// What enters a proxy, by the proxy's id.
    ProxyPassword,
    /// What signs for an endpoint, by the webhook's id.
    WebhookSecret,
    /// What signed for it until a while ago, by the webhook's id.
    WebhookOldSecret,
}

/// What is done to a column.
pub(super) struct Statements {
    /// Writes sealed values into rows that exist, and returns the ids of those.
    pub(super) keep: Sql,
    /// The next rows that another key than `$2` sealed, in the order of their ids after `$1`.
    pub(super) stale: Sql,
    /// How many values each key sealed.
    pub(super) keys: Sql,
    /// Empties it.
    pub(super) forget: Sql,
}

macro_rules! statements {
    ($table:literal, $column:literal) => {
        Statements {
            keep: Sql::new(concat!(
                "UPDATE ",
                $table,
                " SET ",
                $column,
                " = r.sealed FROM rows($1: id bigint, sealed bytea) r
                 WHERE ",
                $table,
                ".id = r.id RETURNING ",
                $table,
                ".id"
            )),
            stale: Sql::new(concat!(
                "SELECT id, ",
                $column,
                " AS sealed FROM ",
                $table,
                "
                 WHERE id > $1 AND substr(",
                $column,
                ", 2, 8) <> $2 ORDER BY id LIMIT $3 {FOR UPDATE}"
            )),
            keys: Sql::new(concat!(
                "SELECT substr(",
                $column,
                ", 2, 8) AS key_id, count(*) AS amount FROM ",
                $table,
                "
                 WHERE ",
                $column,
                " IS NOT NULL GROUP BY 1"
            )),
            forget: Sql::new(concat!(
                "UPDATE ",
                $table,
                " SET ",
                $column,
                " = NULL WHERE ",
                $column,
                " IS NOT NULL"
            )),
        }
    };
}

static SESSIONS: Statements = statements!("accounts", "session_sealed");
static PHONES: Statements = statements!("accounts", "phone_sealed");
static PROXY_PASSWORDS: Statements = statements!("proxies", "password_sealed");
static WEBHOOK_SECRETS: Statements = statements!("webhooks", "secret_sealed");
static WEBHOOK_OLD_SECRETS: Statements = statements!("webhooks", "old_secret_sealed");

impl Place {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::Session, Self::Phone, Self::ProxyPassword, Self::WebhookSecret, Self::WebhookOldSecret];

    /// Its name with its table's: part of what a sealed value is bound to, so it never changes.
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Session => "accounts.session_sealed",
            Self::Phone => "accounts.phone_sealed",
            Self::ProxyPassword => "proxies.password_sealed",
            Self::WebhookSecret => "webhooks.secret_sealed",
            Self::WebhookOldSecret => "webhooks.old_secret_sealed",
        }
    }

    pub(super) const fn statements(self) -> &'static Statements {
        match self {
            Self::Session => &SESSIONS,
            Self::Phone => &PHONES,
            Self::ProxyPassword => &PROXY_PASSWORDS,
            Self::WebhookSecret => &WEBHOOK_SECRETS,
            Self::WebhookOldSecret => &WEBHOOK_OLD_SECRETS,
        }
    }
}
