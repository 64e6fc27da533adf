//! The server's side of SOCKS5, as far as a bridge needs it: one name and password, CONNECT, numeric addresses.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const VERSION: u8 = 5;
const BY_PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xff;
const PASSWORD_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const V4: u8 = 1;
const V6: u8 = 4;

/// What a bridge answers to a request: the codes of RFC 1928, section 6.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Granted = 0,
    Failed = 1,
    NotAllowed = 2,
    HostUnreachable = 4,
    NoSuchCommand = 7,
    NoSuchAddress = 8,
}

/// Lets in whoever knows `username` and `password`, and returns where they want to go.
pub(super) async fn admit(stream: &mut TcpStream, username: &str, password: &str) -> io::Result<SocketAddr> {
    if stream.read_u8().await? != VERSION {
        return Err(refused("another protocol"));
    }
    if !read_short(stream).await?.contains(&BY_PASSWORD) {
        stream.write_all(&[VERSION, NO_METHOD]).await?;
        return Err(refused("no password offered"));
    }
    stream.write_all(&[VERSION, BY_PASSWORD]).await?;
    let version = stream.read_u8().await?;
    let (name, word) = (read_short(stream).await?, read_short(stream).await?);
    let known = version == PASSWORD_VERSION && name == username.as_bytes() && word == password.as_bytes();
    stream.write_all(&[PASSWORD_VERSION, u8::from(!known)]).await?;
    if !known {
        return Err(refused("a stranger"));
    }
    read_request(stream).await
}

/// Tells what became of the request. The address is empty: nobody needs to know from where the proxy went on.
pub(super) async fn answer(stream: &mut TcpStream, answer: Answer) -> io::Result<()> {
    stream.write_all(&[VERSION, answer as u8, 0, V4, 0, 0, 0, 0, 0, 0]).await
}

async fn read_request(stream: &mut TcpStream) -> io::Result<SocketAddr> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let [VERSION, command, _, kind] = head else { return Err(refused("another protocol")) };
    if command != CONNECT {
        answer(stream, Answer::NoSuchCommand).await?;
        return Err(refused("another command than CONNECT"));
    }
    match kind {
        V4 => {
            let address = Ipv4Addr::from(stream.read_u32().await?);
            Ok((address, stream.read_u16().await?).into())
        }
        V6 => {
            let address = Ipv6Addr::from(stream.read_u128().await?);
            Ok((address, stream.read_u16().await?).into())
        }
        _ => {
            answer(stream, Answer::NoSuchAddress).await?;
            Err(refused("a name instead of an address"))
        }
    }
}

/// Reads up to 255 bytes behind their number.
async fn read_short(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}
