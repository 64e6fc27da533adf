//! The client's side of SOCKS5 (RFC 1928, passwords by RFC 1929), and what its errors mean.

use std::net::SocketAddr;

use domain::proxy::Credentials;
use secrecy::ExposeSecret as _;
use tokio::net::TcpStream;
use tokio_socks::Error;
use tokio_socks::tcp::Socks5Stream;

use super::dial::broken;
use crate::ProbeError;

/// Asks the proxy at the other end of `stream` for a way to `server`.
pub(super) async fn ask(
    stream: &mut TcpStream,
    credentials: Option<&Credentials>,
    server: SocketAddr,
) -> Result<(), ProbeError> {
    let opened = match credentials {
        None => Socks5Stream::connect_with_socket(stream, server).await,
        Some(Credentials { username, password }) => {
            let password = password.expose_secret();
            Socks5Stream::connect_with_password_and_socket(stream, server, username, password).await
        }
    };
    opened.map(drop).map_err(|error| meaning(&error))
}

fn meaning(error: &Error) -> ProbeError {
    match error {
        Error::Io(error) => broken(error),
        Error::NoAcceptableAuthMethods
        | Error::PasswordAuthFailure(_)
        | Error::AuthorizationRequired
        | Error::InvalidAuthValues(_) => ProbeError::Denied,
        Error::GeneralSocksServerFailure
        | Error::ConnectionNotAllowedByRuleset
        | Error::NetworkUnreachable
        | Error::HostUnreachable
        | Error::ConnectionRefused
        | Error::TtlExpired
        | Error::CommandNotSupported
        | Error::AddressTypeNotSupported => ProbeError::NoTelegram(error.to_string()),
        Error::ParseError(_)
        | Error::InvalidTargetAddress(_)
        | Error::ProxyServerUnreachable
        | Error::InvalidResponseVersion
        | Error::UnknownAuthMethod
        | Error::UnknownError
        | Error::InvalidReservedByte
        | Error::UnknownAddressType
        | Error::IdentdAuthFailure
        | Error::InvalidUserIdAuthFailure => ProbeError::Garbled(error.to_string()),
    }
}
