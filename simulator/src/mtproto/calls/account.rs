//! Who the account is: `users.*`, and what of `account.*` a client needs.

use grammers_tl_types::{enums, functions, types};

use super::{Caller, Refused, srp};

/// `users.getFullUser`, of the account itself.
pub(super) fn get_full_user(
    caller: &mut Caller<'_>,
    call: functions::users::GetFullUser,
) -> Result<enums::users::UserFull, Refused> {
    let account = caller.account()?.0;
    caller.is_self(&call.id, account)?;
    let mut drawing = caller.drawing()?;
    let full_user = enums::UserFull::Full(drawing.own_profile());
    let (chats, users) = drawing.company();
    Ok(enums::users::UserFull::Full(types::users::UserFull { full_user, chats, users }))
}

/// `users.getUsers`: the account itself, and others as far as it met them.
pub(super) fn get_users(
    caller: &mut Caller<'_>,
    call: functions::users::GetUsers,
) -> Result<Vec<enums::User>, Refused> {
    let account = caller.account()?.0;
    let drawing = caller.drawing()?;
    Ok(call
        .id
        .iter()
        .map(|user| match caller.is_self(user, account) {
            Ok(()) => drawing.own_user(),
            Err(_) => enums::User::Empty(types::UserEmpty { id: 0 }),
        })
        .collect())
}

/// `account.updateStatus`: nobody looks whether an account is online.
pub(super) fn update_status(
    caller: &mut Caller<'_>,
    _: functions::account::UpdateStatus,
) -> Result<bool, Refused> {
    caller.account().map(|_| true)
}

/// `account.getPassword`: what the password that is asked for must be proven with.
pub(super) fn get_password(
    caller: &mut Caller<'_>,
    _: functions::account::GetPassword,
) -> Result<enums::account::Password, Refused> {
    let account = caller.before_password().or_else(|| caller.account().ok().map(|(index, _)| index));
    let account = account.ok_or(Refused::rpc(401, "AUTH_KEY_UNREGISTERED"))?;
    let asked = caller.state.password(account).map(|password| srp::Asked::about(account, &password));
    let algo = enums::PasswordKdfAlgo::Unknown;
    Ok(enums::account::Password::Password(types::account::Password {
        has_recovery: false,
        has_secure_values: false,
        has_password: asked.is_some(),
        current_algo: asked.as_ref().map(srp::Asked::algorithm),
        srp_b: asked.as_ref().map(srp::Asked::b),
        srp_id: asked.as_ref().map(|_| i64::from(account)),
        hint: asked.as_ref().map(|_| "the usual one".to_owned()),
        email_unconfirmed_pattern: None,
        new_algo: algo,
        new_secure_algo: enums::SecurePasswordKdfAlgo::Unknown,
        secure_random: vec![0; 32],
        pending_reset_date: None,
        login_email_pattern: None,
    }))
}
