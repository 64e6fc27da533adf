//! What the Store answers when it cannot do what was asked.
//!
//! Callers tell causes apart, people want to know what was being done: so a variant is a cause, and each that comes from
//! the database names the operation it hit. Driver errors are sorted here and nowhere else; the source is kept, not repeated.

use std::path::PathBuf;

use domain::account;
use domain::comment;
use domain::disclosure::DisclosureError;
use domain::job;
use domain::policy::PolicyError;
use domain::spintax::SpintaxError;
use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr};

use crate::review::Decision;
use crate::vault::KeyId;

/// Why an operation of the Store failed. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database's address is not one that the Store opens.
    #[error("the database address {address:?} is not usable: {reason}")]
    Address {
        /// The address without its password.
        address: String,
        /// What is wrong with it, and the accepted form.
        reason: &'static str,
    },
    /// Nothing answers at the address, or the connection broke.
    #[error("the database cannot be reached to {operation}")]
    Unreachable {
        /// What was being done.
        operation: &'static str,
        /// The driver's own words.
        #[source]
        source: DbErr,
    },
    /// The file, its folder or the server accepts no writes.
    #[error("the database is read-only, it is impossible to {operation}")]
    ReadOnly {
        /// What was being done.
        operation: &'static str,
        /// The driver's own words.
        #[source]
        source: DbErr,
    },
    /// The disk, or the size allowed to the database, is used up.
    #[error("the disk is full, it is impossible to {operation}")]
    DiskFull {
        /// What was being done.
        operation: &'static str,
        /// The driver's own words.
        #[source]
        source: DbErr,
    },
    /// Another process holds the database, or two transactions waited for each other; trying again may help.
    #[error("the database is busy, it is impossible to {operation}")]
    Busy {
        /// What was being done.
        operation: &'static str,
        /// The driver's own words.
        #[source]
        source: DbErr,
    },
    /// The schema is older than this version: migrate first.
    #[error("the database lacks {} migrations, run `beseda migrate`", .missing.len())]
    NotMigrated {
        /// The names of the migrations that are missing, oldest first.
        missing: Vec<String>,
    },
    /// The schema was written by a newer version.
    #[error("the database was written by a newer version, which knows {}", .unknown.join(", "))]
    Newer {
        /// The migrations that this version does not know.
        unknown: Vec<String>,
    },
    /// Something with this name or key exists already.
    #[error("it is impossible to {operation}: it exists already")]
    Taken {
        /// What was being done.
        operation: &'static str,
        /// The driver's own words.
        #[source]
        source: DbErr,
    },
    /// The row, or a row it must belong to, does not exist in this project.
    #[error("it is impossible to {operation}: there is no such {what}")]
    NotFound {
        /// What was being done.
        operation: &'static str,
        /// What was looked for.
        what: &'static str,
    },
    /// A constraint of the schema refuses the row: a bug of the caller.
    #[error("the schema refuses to {operation}")]
    Constraint {
        /// What was being done.
        operation: &'static str,
        /// The driver's own words.
        #[source]
        source: DbErr,
    },
    /// The comment is not in a state that admits this.
    #[error("it is impossible to {operation}")]
    Comment {
        /// What was being done.
        operation: &'static str,
        /// The rule.
        #[source]
        source: comment::Illegal,
    },
    /// Somebody decided on the comment first.
    #[error("it is impossible to {operation}: it is {state}, it was {decision}")]
    Decided {
        /// What was being done.
        operation: &'static str,
        /// The state it is in now.
        state: comment::StateName,
        /// Who decided what, and when.
        decision: Box<Decision>,
    },
    /// The comment has a newer text than the one that was read.
    #[error("it is impossible to {operation}: its latest text is revision {}", latest.0)]
    NotLatest {
        /// What was being done.
        operation: &'static str,
        /// The revision to be read.
        latest: comment::Revision,
    },
    /// The post has changed since it was read.
    #[error("it is impossible to {operation}: its post has changed and is at revision {revision}")]
    PostChanged {
        /// What was being done.
        operation: &'static str,
        /// The revision to be read.
        revision: i64,
    },
    /// There is no other chance for the comment.
    #[error("it is impossible to {operation}")]
    NoRetry {
        /// What was being done.
        operation: &'static str,
        /// The rule.
        #[source]
        source: comment::retry::NoRetry,
    },
    /// A filter means more or fewer rows than whoever wants to change them expects.
    #[error("it is impossible to {operation}: the filter means {count} by now")]
    Miscounted {
        /// What was being done.
        operation: &'static str,
        /// How many it means now.
        count: u64,
    },
    /// The job is not one that can be asked this.
    #[error("it is impossible to {operation}")]
    Job {
        /// What was being done.
        operation: &'static str,
        /// The rule.
        #[source]
        source: job::Unfit,
    },
    /// The account is not in a status that admits this.
    #[error("it is impossible to {operation}")]
    Account {
        /// What was being done.
        operation: &'static str,
        /// The rule.
        #[source]
        source: account::Illegal,
    },
    /// Another transaction changed the same rows first; trying again sees what it did.
    #[error("another transaction was faster, it is impossible to {operation}")]
    Overtaken {
        /// What was being done.
        operation: &'static str,
    },
    /// It is not any more what whoever changes it has seen.
    #[error("it is impossible to {operation}: it was changed since it was read")]
    Stale {
        /// What was being done.
        operation: &'static str,
    },
    /// A campaign's numbers contradict each other.
    #[error("it is impossible to {operation}")]
    Policy {
        /// What was being done.
        operation: &'static str,
        /// The rule.
        #[source]
        source: PolicyError,
    },
    /// A template cannot be read.
    #[error("it is impossible to {operation}")]
    Template {
        /// What was being done.
        operation: &'static str,
        /// What is wrong with it, and where.
        #[source]
        source: SpintaxError,
    },
    /// Text and label do not make a message.
    #[error("it is impossible to {operation}")]
    Unsignable {
        /// What was being done.
        operation: &'static str,
        /// The rule.
        #[source]
        source: DisclosureError,
    },
    /// A stored value is not one that this version writes.
    #[error("the column {column} holds what this version cannot read, it is impossible to {operation}")]
    Unreadable {
        /// What was being done.
        operation: &'static str,
        /// Where the value stands.
        column: &'static str,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A secret could not be sealed or opened.
    #[error("it is impossible to {operation}")]
    Vault {
        /// What was being done.
        operation: &'static str,
        /// Why not.
        #[source]
        source: VaultError,
    },
    /// Another process has what this one asks for.
    #[error("another process works with this database; {advice}")]
    Occupied {
        /// What to do about it.
        advice: &'static str,
    },
    /// The file whose lock keeps a second process out cannot be used.
    #[error("the lock {} cannot be taken", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Another node holds the account by now; what this one would write for it is void.
    #[error("another node has taken the account over, it is impossible to {operation}")]
    NotHeld {
        /// What was being done.
        operation: &'static str,
    },
    /// No proxy has a place for one more account.
    #[error(
        "it is impossible to {operation}: there is no free place; at most {} accounts go through one proxy, and only a \
         proxy that works is chosen",
        domain::proxy::ACCOUNTS_PER_PROXY
    )]
    NoSeat {
        /// What was being done.
        operation: &'static str,
    },
    /// Accounts go through the proxy.
    #[error(
        "it is impossible to {operation}: {accounts} accounts go through it; send them another way first"
    )]
    ProxyInUse {
        /// What was being done.
        operation: &'static str,
        /// How many.
        accounts: u8,
    },
    /// What Telegram said to the account holds wherever it comes from.
    #[error("it is impossible to {operation}: it is {status}, and another way would not change that")]
    AccountStays {
        /// What was being done.
        operation: &'static str,
        /// The account's condition.
        status: account::StatusName,
    },
    /// A quota is used up.
    #[error("it is impossible to {operation}: there may be at most {limit} {what}")]
    QuotaReached {
        /// What was being done.
        operation: &'static str,
        /// What there are too many of: "accounts in a project".
        what: &'static str,
        /// How many there may be.
        limit: u32,
    },
    /// Something rests on what was to be taken away.
    #[error("it is impossible to {operation}: {why}")]
    Needed {
        /// What was being done.
        operation: &'static str,
        /// What rests on it, and what to do first.
        why: &'static str,
    },
    /// The name that was to confirm something is another one.
    #[error("it is impossible to {operation}: the name that confirms it is not the project's")]
    NotConfirmed {
        /// What was being done.
        operation: &'static str,
    },
    /// The group of callers that this one was committed with broke down.
    #[error("the shared transaction ended before it could {operation}")]
    Abandoned {
        /// What was being done.
        operation: &'static str,
    },
    /// Any other answer of the database.
    #[error("the database failed to {operation}")]
    Database {
        /// What was being done.
        operation: &'static str,
        /// The driver's own words.
        #[source]
        source: DbErr,
    },
}

/// Why a secret could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The process was given no key.
    #[error("secrets are sealed, and no key is given; give one as vault.key or vault.key_file")]
    Missing,
    /// The process was given other keys than this one.
    #[error("the key {needed} is needed, which is not among those given as vault.key and vault.key_file")]
    Foreign {
        /// The id of the key.
        needed: KeyId,
    },
    /// It was altered, or it stood in another row when it was sealed.
    #[error("the sealed value was altered or belongs to another row")]
    Damaged,
    /// It is none of the forms that this version knows.
    #[error("there is no sealed value of a known form")]
    Malformed,
    /// The operating system gives no randomness.
    #[error("the operating system gives no random numbers")]
    Randomness(#[source] rand::rngs::SysError),
}

impl StoreError {
    /// Sorts a driver's error.
    pub(crate) fn sort(operation: &'static str, source: DbErr) -> Self {
        match cause(&source) {
            Cause::Unreachable => Self::Unreachable { operation, source },
            Cause::ReadOnly => Self::ReadOnly { operation, source },
            Cause::DiskFull => Self::DiskFull { operation, source },
            Cause::Busy => Self::Busy { operation, source },
            Cause::Taken => Self::Taken { operation, source },
            Cause::Constraint => Self::Constraint { operation, source },
            Cause::Other => Self::Database { operation, source },
        }
    }
}

enum Cause {
    Unreachable,
    ReadOnly,
    DiskFull,
    Busy,
    Taken,
    Constraint,
    Other,
}

fn cause(error: &DbErr) -> Cause {
    if let DbErr::ConnectionAcquire(_) = error {
        return Cause::Unreachable;
    }
    let (DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))
    | DbErr::Conn(RuntimeErr::SqlxError(inner))) = error
    else {
        return Cause::Other;
    };
    if let sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) = &**inner {
        return Cause::Unreachable;
    }
    let sqlx::Error::Database(answer) = &**inner else { return Cause::Other };
    let code = answer.code().unwrap_or_default();
    if answer.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        sqlite_cause(code.parse().unwrap_or(0))
    } else {
        postgres_cause(&code)
    }
}

/// SQLite's result codes (sqlite.org/rescode.html): the low byte is the primary code.
fn sqlite_cause(code: i32) -> Cause {
    match (code & 0xff, code) {
        (_, 1555 | 2067) => Cause::Taken,
        (8, _) => Cause::ReadOnly,
        (13, _) => Cause::DiskFull,
        (5 | 6, _) => Cause::Busy,
        (10 | 14, _) => Cause::Unreachable,
        (19, _) => Cause::Constraint,
        _ => Cause::Other,
    }
}

/// PostgreSQL's SQLSTATE codes (appendix A of its manual).
fn postgres_cause(code: &str) -> Cause {
    match code {
        "23505" => Cause::Taken,
        "25006" => Cause::ReadOnly,
        "53100" => Cause::DiskFull,
        "40001" | "40P01" | "55P03" => Cause::Busy,
        "3D000" | "53300" | "57P01" | "57P02" | "57P03" => Cause::Unreachable,
        code if code.starts_with("08") || code.starts_with("28") => Cause::Unreachable,
        code if code.starts_with("23") => Cause::Constraint,
        _ => Cause::Other,
    }
}
