//! How owners log their accounts in: phone numbers, codes, passwords, and QR codes that somebody scans.
//!
//! Numbers and passwords follow from the seed, so that a test or a person at the control can look them up. What is under way
//! (a code on its way, a QR code on a screen) is not in the record: a killed Telegram forgets it, as the client would expect.
//! A login that succeeded is in the record, with the number of the key it stands on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::time::Timestamp;
use tokio::sync::Notify;

use super::state::State;
use crate::plan::WorldPlan;
use crate::record::Deed;

/// Where the accounts' phone numbers begin; Telegram reserves the country code 999 for tests.
const PHONES: u64 = 99_966_000_000;
/// How long a code counts.
const CODE_COUNTS: Duration = Duration::from_secs(300);
/// How long a QR code counts.
const TOKEN_COUNTS: Duration = Duration::from_secs(30);
/// Wrong codes until Telegram asks to wait.
const PATIENCE: u32 = 5;

/// Why a step of a login is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginRefusal {
    PhoneInvalid,
    PhoneBanned,
    SignUpRequired,
    CodeInvalid,
    CodeExpired,
    TooManyCodes,
    PasswordNeeded,
    /// The login is not at this step.
    OutOfTurn,
    /// The record cannot be written.
    Trouble,
}

/// A login that succeeded: which account, which of its logins.
pub(crate) type Opened = (u32, u32);

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct Logins {
    codes: HashMap<String, Code>,
    tokens: HashMap<u16, Token>,
    /// The connections that showed a code or a scanned QR code, and whose account has a password.
    before_password: HashMap<u16, u32>,
    sent: i64,
}

#[derive(Debug)]
struct Code {
    code: String,
    hash: String,
    at: Timestamp,
    wrong: u32,
}

#[derive(Debug)]
struct Token {
    bytes: Vec<u8>,
    expires: Timestamp,
    scanned_by: Option<u32>,
    scanned: Arc<Notify>,
}

impl State {
    /// An account's phone number, with its country code and without a plus sign.
    pub(crate) fn phone(account: u32) -> String {
        (PHONES + u64::from(account)).to_string()
    }

    /// An account's password, if it has one: every second one has.
    pub(crate) fn password(&self, account: u32) -> Option<String> {
        let seed = self.plan.seed.derive("password", account.into());
        (account % 2 == 1).then(|| format!("password-{:06}", seed.0 % 1_000_000))
    }

    /// The last code sent to a phone number.
    pub(crate) fn code_sent_to(&self, phone: &str) -> Option<String> {
        self.logins.codes.get(phone).map(|code| code.code.clone())
    }

    fn by_phone(&self, phone: &str) -> Option<u32> {
        let number = phone.parse::<u64>().ok()?.checked_sub(PHONES)?;
        u32::try_from(number).ok().filter(|index| *index < self.plan.accounts)
    }

    /// Sends a code and yields what must come back with it. Whether anybody has the number shows only with the code.
    pub(crate) fn send_code(&mut self, phone: &str, now: Timestamp) -> Result<String, LoginRefusal> {
        let phone = digits(phone);
        if !(7..=15).contains(&phone.len()) {
            return Err(LoginRefusal::PhoneInvalid);
        }
        if self.by_phone(&phone).and_then(|index| self.account(index)).is_some_and(|it| it.frozen) {
            return Err(LoginRefusal::PhoneBanned);
        }
        self.logins.sent += 1;
        let seed = self.plan.seed.derive("code", self.logins.sent);
        let (code, hash) = (format!("{:05}", seed.0 % 100_000), format!("{:016x}", seed.derive("hash", 0).0));
        let wrong = self.logins.codes.get(&phone).map_or(0, |code| code.wrong);
        self.logins.codes.insert(phone, Code { code, hash: hash.clone(), at: now, wrong });
        Ok(hash)
    }

    /// Takes the code that a connection on a login key shows.
    pub(crate) fn show_code(
        &mut self,
        key: u16,
        (phone, hash, code): (&str, &str, &str),
        now: Timestamp,
    ) -> Result<Opened, LoginRefusal> {
        let phone = digits(phone);
        let account = self.by_phone(&phone);
        let sent = self.logins.codes.get_mut(&phone).ok_or(LoginRefusal::CodeExpired)?;
        if sent.hash != hash || now.since(sent.at) >= CODE_COUNTS {
            return Err(LoginRefusal::CodeExpired);
        }
        if sent.wrong >= PATIENCE {
            return Err(LoginRefusal::TooManyCodes);
        }
        if sent.code != code {
            sent.wrong += 1;
            return Err(LoginRefusal::CodeInvalid);
        }
        self.logins.codes.remove(&phone);
        self.let_in(key, account.ok_or(LoginRefusal::SignUpRequired)?, now)
    }

    /// What a QR code shows next on a login key: bytes and until when they count. After somebody scanned the one before, the
    /// login itself.
    pub(crate) fn login_token(
        &mut self,
        key: u16,
        scanned: &Arc<Notify>,
        now: Timestamp,
    ) -> Result<Result<(Vec<u8>, Timestamp), Opened>, LoginRefusal> {
        if let Some(account) = self.logins.tokens.get(&key).and_then(|token| token.scanned_by) {
            self.logins.tokens.remove(&key);
            return self.let_in(key, account, now).map(Err);
        }
        self.logins.sent += 1;
        let seed = self.plan.seed.derive("login token", self.logins.sent);
        let bytes: Vec<u8> = (0..4).flat_map(|part| seed.derive("part", part).0.to_le_bytes()).collect();
        let expires = now + TOKEN_COUNTS;
        let token = Token { bytes: bytes.clone(), expires, scanned_by: None, scanned: scanned.clone() };
        self.logins.tokens.insert(key, token);
        Ok(Ok((bytes, expires)))
    }

    /// An account's owner scans a QR code; whether it counts.
    pub(super) fn scan(&mut self, bytes: &[u8], account: u32, now: Timestamp) -> bool {
        let known = account < self.plan.accounts;
        let shown = self.logins.tokens.values_mut().find(|token| token.bytes == bytes && now < token.expires);
        let Some(token) = shown.filter(|_| known) else { return false };
        token.scanned_by = Some(account);
        token.scanned.notify_one();
        true
    }

    /// The account whose password is asked for on a login key.
    pub(crate) fn before_password(&self, key: u16) -> Option<u32> {
        self.logins.before_password.get(&key).copied()
    }

    /// Takes note that the password shown on a login key was right.
    pub(crate) fn password_shown(&mut self, key: u16, now: Timestamp) -> Result<Opened, LoginRefusal> {
        let account = self.logins.before_password.remove(&key).ok_or(LoginRefusal::OutOfTurn)?;
        self.open(key, account, now)
    }

    fn let_in(&mut self, key: u16, account: u32, now: Timestamp) -> Result<Opened, LoginRefusal> {
        if self.password(account).is_some() {
            self.logins.before_password.insert(key, account);
            return Err(LoginRefusal::PasswordNeeded);
        }
        self.open(key, account, now)
    }

    fn open(&mut self, key: u16, account: u32, now: Timestamp) -> Result<Opened, LoginRefusal> {
        let deed = Deed::LoggedIn { account: WorldPlan::account_peer(account), key: Some(key) };
        if !self.record(now, deed) {
            return Err(LoginRefusal::Trouble);
        }
        Ok((account, self.account(account).map_or(0, |it| it.login)))
    }

    /// Which account is logged in on a login key, and by which of its logins.
    pub(crate) fn on_login_key(&self, key: u16) -> Option<Opened> {
        let mut accounts = (0..).zip(&self.accounts);
        accounts.find(|(_, it)| it.key == Some(key)).map(|(index, it)| (index, it.login))
    }

    /// Which login of an account came last, and whether it stands on a key of the account's own.
    pub(crate) fn last_login(&self, account: u32) -> Option<(u32, bool)> {
        self.account(account).map(|it| (it.login, it.key.is_none()))
    }
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}
