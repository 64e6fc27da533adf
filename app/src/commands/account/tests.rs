//! What a person at the terminal is asked and told, with a scripted Telegram behind it.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use domain::id::PeerId;
use domain::login::{CodeRoute, CodeSent, Failure};
use secrecy::{ExposeSecret as _, SecretString};
use telegram::{Identity, LoginError, LoginLine, LoginStep, QrStep, Route, Session, SignedIn, TelegramError};
use testkit::{Database, Scene, Sketch};

use super::*;
use crate::cli::LoginArgs;

/// A Telegram that lets in whoever types 12345 and then "horse".
struct Gate {
    about: &'static str,
}

struct Line(&'static str);

#[async_trait]
impl Logins for Gate {
    async fn log_in(&self, _: &Route) -> Result<Box<dyn LoginLine>, TelegramError> {
        Ok(Box::new(Line(self.about)))
    }

    async fn recognise(&self, _: &Session, _: &Route) -> Result<SignedIn, TelegramError> {
        Err(TelegramError::Unauthorized)
    }
}

#[async_trait]
impl LoginLine for Line {
    async fn send_code(&mut self, phone: &SecretString) -> Result<CodeSent, LoginError> {
        assert_eq!(phone.expose_secret(), "+49123");
        Ok(CodeSent { how: CodeRoute::App, length: Some(5) })
    }

    async fn submit_code(&mut self, code: &SecretString) -> Result<LoginStep, LoginError> {
        match code.expose_secret() {
            "12345" => Ok(LoginStep::PasswordNeeded { hint: Some("an animal".to_owned()) }),
            _ => Err(LoginError::CodeInvalid),
        }
    }

    async fn submit_password(&mut self, password: &SecretString) -> Result<SignedIn, LoginError> {
        if password.expose_secret() != "horse" {
            return Err(LoginError::PasswordInvalid);
        }
        let identity = Identity {
            id: PeerId(77),
            username: None,
            display_name: "Editor".to_owned(),
            is_bot: false,
            about: self.0.to_owned(),
        };
        Ok(SignedIn { session: Session::new(b"key".to_vec()), identity })
    }

    async fn qr(&mut self) -> Result<QrStep, LoginError> {
        Err(LoginError::OutOfTurn)
    }

    async fn scanned(&mut self) -> Result<(), LoginError> {
        Err(LoginError::OutOfTurn)
    }

    async fn log_out(&mut self) -> Result<(), LoginError> {
        Ok(())
    }
}

/// Somebody who answers by a script; what they were asked and told is kept.
struct Scripted {
    answers: VecDeque<&'static str>,
    heard: Mutex<Vec<String>>,
}

impl Scripted {
    fn new(answers: &[&'static str]) -> Self {
        Self { answers: answers.iter().copied().collect(), heard: Mutex::default() }
    }

    fn heard(&self, words: &str) -> bool {
        self.heard.lock().unwrap().iter().any(|line| line.contains(words))
    }

    fn hear(&self, line: &str) {
        self.heard.lock().unwrap().push(line.to_owned());
    }
}

impl Person for Scripted {
    fn tell(&mut self, line: &str) -> Result<(), AppError> {
        self.hear(line);
        Ok(())
    }

    async fn ask(&mut self, question: &str) -> Result<String, AppError> {
        self.hear(question);
        Ok(self.answers.pop_front().unwrap().to_owned())
    }

    async fn ask_secret(&mut self, question: &str) -> Result<SecretString, AppError> {
        Ok(self.ask(question).await?.into())
    }

    fn show_qr(&mut self, _: &SecretString) -> Result<(), AppError> {
        Ok(())
    }
}

async fn log_in(db: &Database, about: &'static str, person: &mut Scripted) -> Result<(), AppError> {
    let store = db.store();
    Scene::new(store, &Sketch::default()).await.unwrap();
    let system = logins(&Records::of(store.clone()), Arc::new(Gate { about })).await.unwrap();
    let args = LoginArgs { project: "Project".to_owned(), qr: false, again: None, proxy: None };
    let done = login::run(&args, store, &system, person).await;
    system.stop().await.unwrap();
    done
}

#[test]
fn a_person_is_asked_for_number_code_and_password_and_told_what_is_missing() {
    Database::with_sqlite(async |db| {
        let mut person = Scripted::new(&["+49123", "54321", "12345", "cow", "horse"]);
        log_in(db, "Photographer", &mut person).await.unwrap();
        for words in [
            "Telegram sent a code to the account's other devices of 5 digits",
            "That code is wrong, 2 tries left",
            "(your hint: an animal)",
            "That password is wrong, 2 tries left",
            "Account 2 is connected.",
            "From the channel's team",
        ] {
            assert!(person.heard(words), "{words}: {:?}", person.heard);
        }
    });
}

#[test]
fn a_profile_with_the_label_is_welcomed_without_another_word() {
    Database::with_sqlite(async |db| {
        let mut person = Scripted::new(&["+49123", "12345", "horse"]);
        log_in(db, "Editor. From the channel's team", &mut person).await.unwrap();
        assert!(!person.heard("does not write"), "{:?}", person.heard);
    });
}

#[test]
fn a_login_that_fails_ends_in_one_line_that_says_what_to_do() {
    Database::with_sqlite(async |db| {
        let mut person = Scripted::new(&["+49123", "1", "2", "3"]);
        let error = log_in(db, "", &mut person).await.unwrap_err();
        assert_eq!(error.line(), Failure::TooManyCodes.to_string());
    });
}
