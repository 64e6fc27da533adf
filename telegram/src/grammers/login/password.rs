//! The proof that somebody knows an account's password, without showing it (SRP, core.telegram.org/api/srp).
//!
//! grammers computes it, and panics where Telegram's numbers are not of the form it expects; they are looked at first. It
//! takes a good part of a second, so it leaves the async threads alone.

use grammers_crypto::two_factor_auth::{calculate_2fa, check_p_and_g};
use grammers_tl_types::{enums, types};
use rand::TryRng as _;
use rand::rngs::SysRng;
use secrecy::{ExposeSecret as _, SecretString};

use super::unexpected;
use crate::TelegramError;

/// The length of the numbers in the proof.
const LONG: usize = 256;

/// Proves the knowledge of `password` for what Telegram `asked`.
///
/// # Errors
/// `Other` when Telegram asks for a proof that is not known here, or with numbers that are not safe.
pub(super) async fn prove(
    asked: types::account::Password,
    password: SecretString,
) -> Result<enums::InputCheckPasswordSrp, TelegramError> {
    let computed = tokio::task::spawn_blocking(move || compute(asked, &password)).await;
    computed.map_err(|_| unexpected("numbers that lead nowhere"))?
}

fn compute(
    asked: types::account::Password,
    password: &SecretString,
) -> Result<enums::InputCheckPasswordSrp, TelegramError> {
    use enums::PasswordKdfAlgo as Algo;
    let (Some(algo), Some(srp_b), Some(srp_id)) = (asked.current_algo, asked.srp_b, asked.srp_id) else {
        return Err(unexpected("no password to prove"));
    };
    let Algo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algo) = algo else {
        return Err(unexpected("an unknown way to prove the password"));
    };
    let sound = algo.p.len() == LONG && (1..=LONG).contains(&srp_b.len()) && (2..=7).contains(&algo.g);
    if !sound || !check_p_and_g(&algo.p, &algo.g) {
        return Err(unexpected("numbers that are not safe"));
    }
    let mut chance = vec![0; LONG];
    SysRng.try_fill_bytes(&mut chance).map_err(|_| unexpected("no random numbers"))?;
    let (m1, a) = calculate_2fa(
        &algo.salt1,
        &algo.salt2,
        &algo.p,
        &algo.g,
        srp_b,
        chance,
        password.expose_secret().as_bytes(),
    );
    Ok(types::InputCheckPasswordSrp { srp_id, a: a.to_vec(), m1: m1.to_vec() }.into())
}
