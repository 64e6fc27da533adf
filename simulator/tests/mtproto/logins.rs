//! Logging in by code, by password and by QR code.

use std::time::Duration;

use beseda_simulator::WorldPlan;
use grammers_crypto::two_factor_auth::calculate_2fa;
use grammers_tl_types::{enums, functions, types};
use telegram::grammers::KeyPurpose;

use crate::client::{Client, Loopback};

async fn send_code(client: &Client, phone: &str) -> String {
    let settings = types::CodeSettings {
        allow_flashcall: false,
        current_number: false,
        allow_app_hash: false,
        allow_missed_call: false,
        allow_firebase: false,
        unknown_number: false,
        logout_tokens: None,
        token: None,
        app_sandbox: None,
    };
    let ask = functions::auth::SendCode {
        phone_number: phone.to_owned(),
        api_id: 1,
        api_hash: "hash".to_owned(),
        settings: settings.into(),
    };
    let enums::auth::SentCode::Code(sent) = client.call(&ask).await.unwrap() else { panic!("no code") };
    sent.phone_code_hash
}

fn sign_in(phone: &str, hash: &str, code: &str) -> functions::auth::SignIn {
    functions::auth::SignIn {
        phone_number: phone.to_owned(),
        phone_code_hash: hash.to_owned(),
        phone_code: Some(code.to_owned()),
        email_verification: None,
    }
}

async fn assert_logged_in(client: &Client, account: u32) {
    let ask = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
    let users = client.call(&ask).await.unwrap();
    let [enums::User::User(user)] = &users[..] else { panic!("{users:?}") };
    assert_eq!((user.id, user.is_self), (WorldPlan::account_peer(account).get(), true));
}

async fn proof(client: &Client, password: &str) -> functions::auth::CheckPassword {
    let enums::account::Password::Password(asked) =
        client.call(&functions::account::GetPassword {}).await.unwrap();
    let Some(enums::PasswordKdfAlgo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algorithm)) =
        asked.current_algo
    else {
        panic!("no password is asked for")
    };
    let types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow { salt1, salt2, g, p } =
        algorithm;
    let (m1, a) = calculate_2fa(&salt1, &salt2, &p, &g, asked.srp_b.unwrap(), vec![3; 256], password);
    let proof =
        types::InputCheckPasswordSrp { srp_id: asked.srp_id.unwrap(), a: a.to_vec(), m1: m1.to_vec() };
    functions::auth::CheckPassword { password: proof.into() }
}

#[tokio::test]
async fn a_code_logs_an_account_in_and_ends_its_login_before() {
    let loopback = Loopback::new().await;
    let (old, client) = (loopback.client(0), loopback.client_with(KeyPurpose::Login(17)));
    assert_logged_in(&old, 0).await;
    let phone = loopback.stage.world.phone(0);
    let ask = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
    assert_eq!(client.refusal(&ask).await.0, "401 AUTH_KEY_UNREGISTERED");
    let hash = send_code(&client, &phone).await;
    assert_eq!(client.refusal(&sign_in(&phone, &hash, "x")).await.0, "400 PHONE_CODE_INVALID");
    assert_eq!(client.refusal(&sign_in(&phone, "x", "x")).await.0, "400 PHONE_CODE_EXPIRED");
    let code = loopback.stage.world.code(0).unwrap();
    client.call(&sign_in(&phone, &hash, &code)).await.unwrap();
    assert_logged_in(&client, 0).await;
    while old.call(&ask).await.is_ok() {}
    while client.call(&ask).await.is_err() {}
    assert_eq!(old.refusal(&ask).await.0, "401 AUTH_KEY_UNREGISTERED");
}

#[tokio::test]
async fn codes_expire_and_whoever_guesses_has_to_wait() {
    let loopback = Loopback::new().await;
    let client = loopback.client_with(KeyPurpose::Login(1));
    let phone = loopback.stage.world.phone(0);
    let hash = send_code(&client, &phone).await;
    for _ in 0..5 {
        assert_eq!(client.refusal(&sign_in(&phone, &hash, "x")).await.0, "400 PHONE_CODE_INVALID");
    }
    assert_eq!(client.refusal(&sign_in(&phone, &hash, "x")).await, ("420 FLOOD_WAIT".to_owned(), Some(300)));

    let phone = loopback.stage.world.phone(2);
    let hash = send_code(&client, &phone).await;
    let code = loopback.stage.world.code(2).unwrap();
    loopback.stage.pass(Duration::from_secs(300));
    assert_eq!(client.refusal(&sign_in(&phone, &hash, &code)).await.0, "400 PHONE_CODE_EXPIRED");
}

#[tokio::test]
async fn a_number_without_an_account_is_not_registered() {
    let loopback = Loopback::new().await;
    let client = loopback.client_with(KeyPurpose::Login(1));
    let nobody = "+99966000777";
    let hash = send_code(&client, nobody).await;
    assert_eq!(client.refusal(&sign_in(nobody, &hash, "x")).await.0, "400 PHONE_CODE_INVALID");
    let ask = functions::auth::SendCode {
        phone_number: "call me".to_owned(),
        api_id: 1,
        api_hash: String::new(),
        settings: types::CodeSettings {
            allow_flashcall: false,
            current_number: false,
            allow_app_hash: false,
            allow_missed_call: false,
            allow_firebase: false,
            unknown_number: false,
            logout_tokens: None,
            token: None,
            app_sandbox: None,
        }
        .into(),
    };
    assert_eq!(client.refusal(&ask).await.0, "400 PHONE_NUMBER_INVALID");
}

#[tokio::test]
async fn an_account_with_a_password_is_let_in_by_it_alone() {
    let loopback = Loopback::new().await;
    let client = loopback.client_with(KeyPurpose::Login(4_095));
    let phone = loopback.stage.world.phone(1);
    let hash = send_code(&client, &phone).await;
    let code = loopback.stage.world.code(1).unwrap();
    assert_eq!(client.refusal(&sign_in(&phone, &hash, &code)).await.0, "401 SESSION_PASSWORD_NEEDED");
    let wrong = proof(&client, "wrong").await;
    assert_eq!(client.refusal(&wrong).await.0, "400 PASSWORD_HASH_INVALID");
    let right = proof(&client, &loopback.stage.world.password(1).unwrap()).await;
    client.call(&right).await.unwrap();
    assert_logged_in(&client, 1).await;
}

#[tokio::test]
async fn a_scanned_qr_code_logs_its_account_in() {
    let loopback = Loopback::new().await;
    let mut client = loopback.client_with(KeyPurpose::Login(5));
    let ask =
        functions::auth::ExportLoginToken { api_id: 1, api_hash: "hash".to_owned(), except_ids: vec![] };
    let shown = async |client: &Client| {
        let enums::auth::LoginToken::Token(token) = client.call(&ask).await.unwrap() else {
            panic!("nothing to show")
        };
        token
    };
    let first = shown(&client).await;
    loopback.stage.pass(Duration::from_secs(30));
    assert!(!loopback.stage.world.scan(&first.token, 0, loopback.stage.now()), "it has expired");
    let second = shown(&client).await;
    assert_ne!(first.token, second.token);
    assert!(loopback.stage.world.scan(&second.token, 0, loopback.stage.now()));
    let (updates, _) = client.pushed().await;
    assert_eq!(updates, [enums::Update::LoginToken]);
    assert!(matches!(client.call(&ask).await, Ok(enums::auth::LoginToken::Success(_))));
    assert_logged_in(&client, 0).await;
}

#[tokio::test]
async fn a_login_survives_the_world_and_a_logout_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    for round in 0..2 {
        let stage = crate::stage::Stage::recorded(crate::stage::silent(), &record);
        let loopback = Loopback::around(stage).await;
        let client = loopback.client_with(KeyPurpose::Login(9));
        if round == 0 {
            let phone = loopback.stage.world.phone(0);
            let hash = send_code(&client, &phone).await;
            let code = loopback.stage.world.code(0).unwrap();
            client.call(&sign_in(&phone, &hash, &code)).await.unwrap();
        }
        assert_logged_in(&client, 0).await;
        if round == 1 {
            client.call(&functions::auth::LogOut {}).await.unwrap();
            let ask = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
            while client.call(&ask).await.is_ok() {}
            assert_eq!(client.refusal(&ask).await.0, "401 AUTH_KEY_UNREGISTERED");
        }
        loopback.door.close().await;
    }
}
