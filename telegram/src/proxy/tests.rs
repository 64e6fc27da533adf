//! Probes and bridges over proxies that this file serves on loopback: good ones of each kind, and every bad one.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::proxy::ProxyAddress;
use domain::time::{Clock, Timestamp};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_socks::tcp::Socks5Stream;

use super::entrance::{self, Answer};
use super::{Bridge, Prober};
use crate::{ProbeError, Probes as _, Route};

/// Long enough for loopback, short enough to wait for.
const BRIEF: Duration = Duration::from_millis(400);

/// What the proxies of these tests want to hear. Neither would pass through an address unencoded.
const USERNAME: &str = "ann@home";
const PASSWORD: &str = "p:a/s%s#ö";

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_780_000_000)
    }
}

/// Serves every connection to a port of its own as long as the test runs.
async fn server<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// A server that accepts and says nothing.
async fn silent() -> SocketAddr {
    server(|stream| async move {
        let _held = stream;
        std::future::pending().await
    })
    .await
}

/// A port where nothing listens.
async fn nobody() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap()
}

/// Frames what a server of Telegram's says in the transport *full*.
fn framed(payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len() + 12).unwrap().to_le_bytes().to_vec();
    frame.extend(0_u32.to_le_bytes());
    frame.extend(payload);
    frame.extend(crc32fast::hash(&frame).to_le_bytes());
    frame
}

/// Reads the question and answers it with the nonce that `twist` makes of the one that was asked with.
async fn answer_question(mut stream: TcpStream, twist: u8) -> std::io::Result<()> {
    let mut question = [0; 52];
    stream.read_exact(&mut question).await?;
    assert_eq!(framed(&question[8..48]), question, "one frame, number 0, with its checksum");
    assert_eq!(question[28..32], 0xbe7e_8ef1_u32.to_le_bytes());
    let mut answer = [0; 20].to_vec();
    answer.extend(0x0516_2463_u32.to_le_bytes());
    answer.extend(question[32..48].iter().map(|byte| byte ^ twist));
    answer.extend([7; 40]);
    stream.write_all(&framed(&answer)).await
}

async fn telegram() -> SocketAddr {
    server(|stream| answer_question(stream, 0)).await
}

/// A SOCKS5 proxy that wants the credentials.
async fn socks5_proxy() -> SocketAddr {
    server(|mut client| async move {
        let to = entrance::admit(&mut client, USERNAME, PASSWORD).await?;
        let Ok(mut onwards) = TcpStream::connect(to).await else {
            return entrance::answer(&mut client, Answer::HostUnreachable).await;
        };
        entrance::answer(&mut client, Answer::Granted).await?;
        copy_bidirectional(&mut client, &mut onwards).await.map(drop)
    })
    .await
}

/// A SOCKS5 proxy that lets everybody pass.
async fn open_socks5_proxy() -> SocketAddr {
    server(|mut client| async move {
        let mut greeting = [0; 3];
        client.read_exact(&mut greeting).await?;
        assert_eq!(greeting, [5, 1, 0]);
        client.write_all(&[5, 0]).await?;
        let mut request = [0; 10];
        client.read_exact(&mut request).await?;
        let [5, 1, 0, 1, a, b, c, d, high, low] = request else { panic!("{request:?}") };
        let mut onwards =
            TcpStream::connect((Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([high, low]))).await?;
        client.write_all(&[5, 0, 0, 3, 4, b'h', b'e', b'r', b'e', 0, 0]).await?;
        copy_bidirectional(&mut client, &mut onwards).await.map(drop)
    })
    .await
}

/// An HTTP proxy that wants the credentials, or none.
async fn http_proxy(credentials: Option<&'static str>) -> SocketAddr {
    server(move |mut client| async move {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await?);
        }
        let head = String::from_utf8(head).unwrap();
        let authorized = head.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: Basic "));
        if authorized != credentials {
            return client.write_all(b"HTTP/1.1 407 Who are you?\r\nContent-Length: 0\r\n\r\n").await;
        }
        let to = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
        let Ok(mut onwards) = TcpStream::connect(to).await else {
            return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
        };
        client.write_all(b"HTTP/1.0 200 \r\nVia: here\r\n\r\n").await?;
        copy_bidirectional(&mut client, &mut onwards).await.map(drop)
    })
    .await
}

/// `USERNAME:PASSWORD` in Base64.
const BASIC: &str = "YW5uQGhvbWU6cDphL3MlcyPDtg==";

fn open(scheme: &str, address: SocketAddr) -> ProxyAddress {
    format!("{scheme}://{address}").parse().unwrap()
}

fn known(scheme: &str, address: SocketAddr) -> ProxyAddress {
    format!("{scheme}://ann%40home:p%3Aa%2Fs%25s%23%C3%B6@{address}").parse().unwrap()
}

async fn probe(proxy: ProxyAddress, telegram: SocketAddr) -> Result<Duration, ProbeError> {
    let prober = Prober::of(vec![telegram], Arc::new(Still)).with_patience(BRIEF);
    prober.probe(&Route::Through(proxy)).await.map(|probe| probe.latency)
}

#[tokio::test]
async fn telegram_is_found_behind_every_kind_of_proxy() {
    let telegram = telegram().await;
    for proxy in [
        open("socks5", open_socks5_proxy().await),
        known("socks5", socks5_proxy().await),
        open("http", http_proxy(None).await),
        known("http", http_proxy(Some(BASIC)).await),
    ] {
        let shown = proxy.to_string();
        let latency = probe(proxy, telegram).await.unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert!(latency > Duration::ZERO && latency < BRIEF * 3, "{shown}: {latency:?}");
    }
}

#[tokio::test]
async fn telegram_is_found_without_a_proxy_and_at_the_second_server_if_the_first_is_gone() {
    let prober = Prober::of(vec![nobody().await, telegram().await], Arc::new(Still));
    prober.probe(&Route::Direct).await.unwrap();
    let proxy = open("http", http_proxy(None).await);
    prober.probe(&Route::Through(proxy)).await.unwrap();
}

#[tokio::test]
async fn a_proxy_that_refuses_the_credentials_is_told_from_one_that_is_broken() {
    let telegram = telegram().await;
    let (socks5, http) = (socks5_proxy().await, http_proxy(Some(BASIC)).await);
    for scheme in ["socks5", "http"] {
        let address = if scheme == "http" { http } else { socks5 };
        let wrong: ProxyAddress = format!("{scheme}://ann:wrong@{address}").parse().unwrap();
        assert_eq!(probe(wrong, telegram).await, Err(ProbeError::Denied), "{scheme}");
        assert_eq!(probe(open(scheme, address), telegram).await, Err(ProbeError::Denied), "{scheme}");
    }
}

#[tokio::test]
async fn a_proxy_that_answers_garbage_says_nothing_or_is_not_there_has_an_error_of_its_own() {
    let telegram = telegram().await;
    let silent = silent().await;
    let deaf = server(|stream| async move { stream.set_zero_linger().map(|()| drop(stream)) }).await;
    let babbling =
        server(|mut stream| async move { stream.write_all(b"220 ready for mail\r\n").await }).await;
    let endless = server(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        loop {
            stream.write_all(b"X-More: and more\r\n").await?;
        }
    })
    .await;
    let gone = nobody().await;
    for scheme in ["socks5", "http"] {
        let ask = async |address| probe(known(scheme, address), telegram).await.unwrap_err();
        assert_eq!(ask(silent).await, ProbeError::Silent(BRIEF), "{scheme}");
        for (bad, address) in [("deaf", deaf), ("babbling", babbling), ("endless", endless)] {
            let error = ask(address).await;
            assert!(matches!(error, ProbeError::Garbled(_)), "{scheme} {bad}: {error:?}");
        }
        let error = ask(gone).await;
        assert!(matches!(error, ProbeError::Unreachable(_)), "{scheme}: {error:?}");
        let unknown = format!("{scheme}://no-such-host.invalid:1").parse().unwrap();
        let error = probe(unknown, telegram).await.unwrap_err();
        assert!(matches!(error, ProbeError::Unreachable(_)), "{scheme}: {error:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_works_but_does_not_reach_telegram_says_so() {
    let silent = silent().await;
    let echo = server(|mut stream| async move {
        let (mut back, mut forth) = stream.split();
        tokio::io::copy(&mut back, &mut forth).await.map(drop)
    })
    .await;
    let forger = server(|stream| answer_question(stream, 1)).await;
    let web =
        server(|mut stream| async move { stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await }).await;
    let gone = nobody().await;
    for proxy in [known("socks5", socks5_proxy().await), known("http", http_proxy(Some(BASIC)).await)] {
        for (behind, address) in
            [("silence", silent), ("an echo", echo), ("a forger", forger), ("the web", web), ("nobody", gone)]
        {
            let error = probe(proxy.clone(), address).await.unwrap_err();
            assert!(matches!(error, ProbeError::NoTelegram(_)), "{behind} behind {proxy}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_refuses_the_question_in_telegrams_transport_is_telegram() {
    let code = (-404_i32).to_le_bytes();
    for answer in [framed(&code), code.to_vec()] {
        let refusing = server(move |mut stream| {
            let answer = answer.clone();
            async move {
                stream.read_exact(&mut [0; 52]).await?;
                stream.write_all(&answer).await
            }
        })
        .await;
        probe(open("http", http_proxy(None).await), refusing).await.unwrap();
    }
}

/// Host, name and password of a bridge, from its address.
fn entered(bridge: &Bridge) -> (SocketAddr, String, String) {
    let url = bridge.url().expose_secret().to_owned();
    let (credentials, address) = url.strip_prefix("socks5://").unwrap().split_once('@').unwrap();
    let (username, password) = credentials.split_once(':').unwrap();
    assert!(
        credentials.chars().all(|symbol| symbol == ':' || symbol.is_ascii_alphanumeric()),
        "{credentials}"
    );
    (address.parse().unwrap(), username.to_owned(), password.to_owned())
}

/// Doubles every byte, so that a test sees which way it came.
async fn doubling() -> SocketAddr {
    server(|mut stream| async move {
        loop {
            let byte = stream.read_u8().await?;
            stream.write_all(&[byte, byte]).await?;
        }
    })
    .await
}

#[tokio::test]
async fn a_client_that_speaks_socks5_passes_over_a_bridge_through_every_kind_of_proxy() {
    let behind = doubling().await;
    for proxy in [known("socks5", socks5_proxy().await), known("http", http_proxy(Some(BASIC)).await)] {
        let bridge = Bridge::open(proxy).await.unwrap();
        let (address, username, password) = entered(&bridge);
        let mut stream =
            Socks5Stream::connect_with_password(address, behind, &username, &password).await.unwrap();
        stream.write_all(b"ab").await.unwrap();
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"aabb");
        drop(bridge);
        assert_eq!(stream.read(&mut answer).await.unwrap_or(0), 0, "a bridge that is gone holds nobody");
        assert!(TcpStream::connect(address).await.is_err(), "nor does it let anybody in");
    }
}

#[tokio::test]
async fn a_bridge_lets_nobody_pass_who_does_not_know_its_password() {
    let behind = doubling().await;
    let bridge = Bridge::open(open("http", http_proxy(None).await)).await.unwrap();
    let (address, username, password) = entered(&bridge);
    let other = Bridge::open(open("http", http_proxy(None).await)).await.unwrap();
    assert_ne!(entered(&other).2, password, "each bridge has its own");
    assert!(Socks5Stream::connect(address, behind).await.is_err());
    let guess = entered(&other).2;
    assert!(Socks5Stream::connect_with_password(address, behind, &username, &guess).await.is_err());
    assert!(Socks5Stream::connect_with_password(address, behind, &username, &password).await.is_ok());
    assert!(!format!("{bridge:?}").contains(&password));
}

#[tokio::test]
async fn a_bridge_to_a_proxy_that_refuses_passes_the_refusal_on() {
    let behind = doubling().await;
    let denied = open("http", http_proxy(Some(BASIC)).await);
    let gone = open("socks5", nobody().await);
    for proxy in [denied, gone] {
        let bridge = Bridge::open(proxy).await.unwrap();
        let (address, username, password) = entered(&bridge);
        let refused = Socks5Stream::connect_with_password(address, behind, &username, &password).await;
        assert!(refused.is_err());
    }
}
