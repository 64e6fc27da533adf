//! The handle's part for logins: what a gateway, a bot and the command line offer to those who bring an account.

use domain::account::StatusName;
use domain::id::{LoginId, ProjectId};
use domain::login::{Failure, State, Welcome};
use persistence::StoreError;
use secrecy::SecretString;
use tokio::sync::watch;

use super::System;
use crate::error::{ActorError, LoginError};
use crate::logins::{ImportSession, LoginMessage, OngoingLogin, StartLogin, Wanted, import, route};
use crate::runtime::Address;

impl System {
    /// Begins a login and returns its number. It expires after [`domain::login::LIFETIME`].
    ///
    /// # Errors
    /// [`LoginError::NoVault`], [`LoginError::Busy`], [`LoginError::Failed`] when the account that is to come back needs no
    /// login, and the Store's when the project has no such account or proxy, or that has no seat left.
    pub async fn start_login(&self, request: StartLogin) -> Result<LoginId, LoginError> {
        if !self.deps.store.keeps_secrets() {
            return Err(LoginError::NoVault);
        }
        self.may_come_back(&request).await?;
        let route = route(&self.deps, request.project, request.proxy, request.for_account).await;
        let mut wanted = Box::new(Wanted { request, route: route.map_err(ActorError::Store)? });
        for _ in self.deps.places.all() {
            let id = self.deps.places.next();
            let Ok(place) = self.place(id) else { continue };
            match place.ask(|reply| LoginMessage::Begin { id, wanted, reply }).await? {
                Ok(()) => return Ok(id),
                Err(returned) => wanted = returned,
            }
        }
        Err(LoginError::Busy)
    }

    /// Passes on the code that the owner typed, and tells where the login is then.
    ///
    /// # Errors
    /// [`LoginError::Unknown`], and [`LoginError::OutOfTurn`] when no code is awaited.
    pub async fn submit_code(&self, login: LoginId, code: SecretString) -> Result<State, LoginError> {
        self.place(login)?.ask(|reply| LoginMessage::Code { id: login, code, reply }).await?
    }

    /// Passes on the password that the owner typed, and tells where the login is then.
    ///
    /// # Errors
    /// [`LoginError::Unknown`], and [`LoginError::OutOfTurn`] when no password is awaited.
    pub async fn submit_password(&self, login: LoginId, password: SecretString) -> Result<State, LoginError> {
        self.place(login)?.ask(|reply| LoginMessage::Password { id: login, password, reply }).await?
    }

    /// A login of a project; another project's is unknown there.
    ///
    /// # Errors
    /// [`LoginError::Unknown`].
    pub async fn login(&self, project: ProjectId, login: LoginId) -> Result<OngoingLogin, LoginError> {
        let found = self.place(login)?.ask(|reply| LoginMessage::Describe { id: login, reply }).await??;
        if found.project == project { Ok(found) } else { Err(LoginError::Unknown) }
    }

    /// Where a login is: what its owner is to type, or the address to show as a QR code.
    ///
    /// # Errors
    /// [`LoginError::Unknown`].
    pub async fn login_state(&self, login: LoginId) -> Result<State, LoginError> {
        Ok(self.follow_login(login).await?.borrow().clone())
    }

    /// Where a login is, and every change from now on; it ends when the login is forgotten.
    ///
    /// # Errors
    /// [`LoginError::Unknown`].
    pub async fn follow_login(&self, login: LoginId) -> Result<watch::Receiver<State>, LoginError> {
        self.place(login)?.ask(|reply| LoginMessage::Follow { id: login, reply }).await?
    }

    /// Gives a login up.
    ///
    /// # Errors
    /// [`LoginError::Unknown`], and [`LoginError::OutOfTurn`] when it has ended.
    pub async fn cancel_login(&self, login: LoginId) -> Result<State, LoginError> {
        self.place(login)?.ask(|reply| LoginMessage::Cancel { id: login, reply }).await?
    }

    /// Connects the account of a session that was made elsewhere, once Telegram said whose it is.
    ///
    /// # Errors
    /// [`LoginError::NoVault`], and [`LoginError::Failed`] when the session does not count or the account may not come in;
    /// nothing is changed then.
    pub async fn import_session(&self, session: ImportSession) -> Result<Welcome, LoginError> {
        if !self.deps.store.keeps_secrets() {
            return Err(LoginError::NoVault);
        }
        import(&self.deps, session).await
    }

    /// That the account that is to come back is one of the project's and needs it.
    async fn may_come_back(&self, request: &StartLogin) -> Result<(), LoginError> {
        let Some(account) = request.for_account else { return Ok(()) };
        let health = self.deps.store.account_health(account).await.map_err(ActorError::Store)?;
        if health.project != request.project {
            let missing = StoreError::NotFound { operation: "log an account in", what: "account" };
            return Err(ActorError::Store(missing).into());
        }
        let status = health.status.name();
        if status == StatusName::NeedsLogin {
            Ok(())
        } else {
            Err(LoginError::Failed(Failure::NoLoginNeeded(status)))
        }
    }

    fn place(&self, login: LoginId) -> Result<Address<LoginMessage>, LoginError> {
        let place = self.deps.places.of(login);
        self.deps.directory.logins.find(place).ok_or(LoginError::Unknown)
    }
}
