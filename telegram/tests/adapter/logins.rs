//! Logging in, by every way, and every way in which it goes wrong.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use beseda_telegram::{
    CodeRoute, LoginError, LoginLine, LoginStep, Logins as _, QrStep, Route, SignedIn, Telegram as _,
    TelegramError,
};
use secrecy::ExposeSecret as _;
use simulator::WorldPlan;

use crate::place::{ACCOUNT, Place};

async fn line(place: &Place) -> Box<dyn LoginLine> {
    place.adapter.log_in(&Route::Direct).await.unwrap()
}

fn done(step: LoginStep) -> SignedIn {
    match step {
        LoginStep::Done(signed_in) => signed_in,
        LoginStep::PasswordNeeded { hint } => panic!("a password is needed: {hint:?}"),
    }
}

async fn assert_counts(place: &Place, signed_in: SignedIn, account: u32) {
    assert_eq!(signed_in.identity, place.world.profile(account));
    let connection = place.adapter.connect(ACCOUNT, &signed_in.session, &Route::Direct).await.unwrap();
    assert_eq!(connection.identify().await.unwrap().id, WorldPlan::account_peer(account));
}

#[tokio::test]
async fn a_code_gives_a_session_that_counts() {
    let place = Place::new().await;
    let mut line = line(&place).await;
    let wrong = line.submit_code(&"1".into()).await.unwrap_err();
    assert_eq!(wrong, LoginError::OutOfTurn);
    let sent = line.send_code(&place.world.phone(0).into()).await.unwrap();
    assert_ne!(sent.how, CodeRoute::Other);
    assert_eq!(line.submit_code(&"x".into()).await.unwrap_err(), LoginError::CodeInvalid);
    let code = place.world.code(0).unwrap();
    let signed_in = done(line.submit_code(&code.into()).await.unwrap());
    drop(line);
    assert_counts(&place, signed_in, 0).await;
}

#[tokio::test]
async fn a_password_is_proven_and_a_wrong_one_leaves_the_login_where_it_is() {
    let place = Place::new().await;
    let mut line = line(&place).await;
    line.send_code(&place.world.phone(1).into()).await.unwrap();
    let code = place.world.code(1).unwrap();
    let step = line.submit_code(&code.into()).await.unwrap();
    assert!(matches!(step, LoginStep::PasswordNeeded { .. }), "{step:?}");
    let wrong = line.submit_password(&"wrong".into()).await.unwrap_err();
    assert_eq!(wrong, LoginError::PasswordInvalid);
    let password = place.world.password(1).unwrap();
    let signed_in = line.submit_password(&password.into()).await.unwrap();
    drop(line);
    assert_counts(&place, signed_in, 1).await;
}

#[tokio::test]
async fn a_qr_code_is_shown_scanned_and_followed() {
    let place = Place::new().await;
    let mut line = line(&place).await;
    let QrStep::Show { url, expires_at } = line.qr().await.unwrap() else { panic!("scanned by nobody") };
    assert!(expires_at > place.now());
    let token = url.expose_secret().strip_prefix("tg://login?token=").expect("a link for the application");
    assert!(place.world.scan(&URL_SAFE_NO_PAD.decode(token).unwrap(), 0, place.now()));
    line.scanned().await.unwrap();
    let QrStep::Scanned(step) = line.qr().await.unwrap() else { panic!("shown again") };
    let signed_in = done(step);
    drop(line);
    assert_counts(&place, signed_in, 0).await;
}

#[tokio::test]
async fn what_nobody_can_log_in_with_is_refused_and_the_line_goes_on() {
    let place = Place::new().await;
    let mut line = line(&place).await;
    assert_eq!(line.send_code(&"call me".into()).await.unwrap_err(), LoginError::PhoneInvalid);
    assert!(line.send_code(&place.world.phone(0).into()).await.is_ok());
}

#[tokio::test]
async fn whoever_guesses_codes_is_told_to_wait() {
    let place = Place::new().await;
    let mut line = line(&place).await;
    line.send_code(&place.world.phone(0).into()).await.unwrap();
    for _ in 0..5 {
        assert_eq!(line.submit_code(&"x".into()).await.unwrap_err(), LoginError::CodeInvalid);
    }
    let wait = line.submit_code(&"x".into()).await.unwrap_err();
    assert!(matches!(wait, LoginError::Telegram(TelegramError::Wait { .. })), "{wait:?}");
}

#[tokio::test]
async fn a_login_that_is_not_wanted_is_taken_back() {
    let place = Place::new().await;
    let mut line = line(&place).await;
    assert_eq!(line.log_out().await.unwrap_err(), LoginError::OutOfTurn);
    line.send_code(&place.world.phone(0).into()).await.unwrap();
    let code = place.world.code(0).unwrap();
    let signed_in = done(line.submit_code(&code.into()).await.unwrap());
    line.log_out().await.unwrap();
    drop(line);
    let refused = place.adapter.connect(ACCOUNT, &signed_in.session, &Route::Direct).await.err();
    assert_eq!(refused, Some(TelegramError::Unauthorized));
}
