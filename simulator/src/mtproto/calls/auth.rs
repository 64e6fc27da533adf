//! Logging in and out: `auth.*`, on keys that belong to new logins.

use grammers_tl_types::{enums, functions, types};

use super::super::drawn::{self, Drawing};
use super::super::keys::Holder;
use super::{Caller, Refused, srp};
use crate::record::{Deed, Intervention};
use crate::world::{LoginRefusal, Opened};

/// How many digits a code has.
const CODE_LENGTH: i32 = 5;

/// `auth.sendCode`.
pub(super) fn send_code(
    caller: &mut Caller<'_>,
    call: functions::auth::SendCode,
) -> Result<enums::auth::SentCode, Refused> {
    let phone_code_hash = caller.state.send_code(&call.phone_number, caller.now)?;
    let app = types::auth::SentCodeTypeApp { length: CODE_LENGTH };
    Ok(enums::auth::SentCode::Code(types::auth::SentCode {
        r#type: enums::auth::SentCodeType::App(app),
        phone_code_hash,
        next_type: None,
        timeout: None,
    }))
}

/// `auth.signIn`.
pub(super) fn sign_in(
    caller: &mut Caller<'_>,
    call: functions::auth::SignIn,
) -> Result<enums::auth::Authorization, Refused> {
    let key = caller.login_key()?;
    let code = call.phone_code.unwrap_or_default();
    let shown = (call.phone_number.as_str(), call.phone_code_hash.as_str(), code.as_str());
    match caller.state.show_code(key, shown, caller.now) {
        Ok(opened) => Ok(caller.authorization(opened)),
        Err(LoginRefusal::SignUpRequired) => {
            Ok(enums::auth::Authorization::SignUpRequired(types::auth::AuthorizationSignUpRequired {
                terms_of_service: None,
            }))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// `auth.checkPassword`.
pub(super) fn check_password(
    caller: &mut Caller<'_>,
    call: functions::auth::CheckPassword,
) -> Result<enums::auth::Authorization, Refused> {
    let key = caller.login_key()?;
    let account = caller.before_password().ok_or(LoginRefusal::OutOfTurn)?;
    let password = caller.state.password(account).ok_or(LoginRefusal::OutOfTurn)?;
    let enums::InputCheckPasswordSrp::Srp(proof) = call.password else {
        return Err(Refused::rpc(400, "PASSWORD_EMPTY"));
    };
    if proof.srp_id != i64::from(account) {
        return Err(Refused::rpc(400, "SRP_ID_INVALID"));
    }
    if !srp::Asked::about(account, &password).is_proven_by(&proof.a, &proof.m1) {
        return Err(Refused::rpc(400, "PASSWORD_HASH_INVALID"));
    }
    let opened = caller.state.password_shown(key, caller.now)?;
    Ok(caller.authorization(opened))
}

/// `auth.exportLoginToken`.
pub(super) fn export_login_token(
    caller: &mut Caller<'_>,
    _: functions::auth::ExportLoginToken,
) -> Result<enums::auth::LoginToken, Refused> {
    let key = caller.login_key()?;
    let opened = match caller.state.login_token(key, caller.scanned, caller.now)? {
        Ok((token, expires)) => {
            let expires = drawn::date(expires);
            return Ok(enums::auth::LoginToken::Token(types::auth::LoginToken { expires, token }));
        }
        Err(opened) => opened,
    };
    let authorization = caller.authorization(opened);
    Ok(enums::auth::LoginToken::Success(types::auth::LoginTokenSuccess { authorization }))
}

/// `auth.logOut`: the session ends as if its owner had ended it elsewhere.
pub(super) fn log_out(
    caller: &mut Caller<'_>,
    _: functions::auth::LogOut,
) -> Result<enums::auth::LoggedOut, Refused> {
    let account = crate::plan::WorldPlan::account_peer(caller.account()?.0);
    if !caller.state.record(caller.now, Deed::Intervened(Intervention::Revoke { account })) {
        return Err(LoginRefusal::Trouble.into());
    }
    Ok(enums::auth::LoggedOut::Out(types::auth::LoggedOut { future_auth_token: None }))
}

impl Caller<'_> {
    /// The number of the key, if it belongs to a new login.
    fn login_key(&self) -> Result<u16, Refused> {
        match self.holder {
            Holder::Login(number) => Ok(number),
            Holder::Account(..) => Err(Refused::rpc(400, "AUTH_KEY_PERM_EMPTY")),
        }
    }

    /// The account whose password is asked for on this connection.
    pub(super) fn before_password(&self) -> Option<u32> {
        self.login_key().ok().and_then(|key| self.state.before_password(key))
    }

    fn authorization(&self, (account, _): Opened) -> enums::auth::Authorization {
        let user = Drawing::new(self.state, account, self.now).own_user();
        enums::auth::Authorization::Authorization(types::auth::Authorization {
            setup_password_required: false,
            otherwise_relogin_days: None,
            tmp_sessions: None,
            future_auth_token: None,
            user,
        })
    }
}
