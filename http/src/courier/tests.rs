//! What a courier does about endpoints that are slow, endless, elsewhere, or somebody's neighbours.

use std::sync::Arc;

use domain::time::Timestamp;
use reqwest::dns::Resolve as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;

/// A receiver that answers every connection in one way, and tells what it was sent.
struct Receiver {
    address: String,
    heard: mpsc::UnboundedReceiver<String>,
}

impl Receiver {
    async fn answering(answer: &'static str) -> Self {
        Self::doing(move |mut stream: TcpStream| async move {
            // A courier that has read enough goes away.
            let _ = stream.write_all(answer.as_bytes()).await;
        })
        .await
    }

    async fn doing<F: Future<Output = ()> + Send + 'static>(
        then: impl Fn(TcpStream) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tell, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (tell, then) = (tell.clone(), then.clone());
                tokio::spawn(async move {
                    let request = read_request(&mut stream).await;
                    let _ = tell.send(request);
                    then(stream).await;
                });
            }
        });
        Self { address, heard }
    }

    async fn told(&mut self, reach: Reach) -> Answer {
        let courier = HttpCourier::new(reach).unwrap();
        courier.carry(&parcel(&format!("http://{}/hook", self.address))).await
    }
}

/// Reads until the body, which is JSON, ends.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut part = [0; 1024];
    while !request.ends_with(b"}") {
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => break,
            Ok(count) => request.extend_from_slice(&part[..count]),
        }
    }
    String::from_utf8(request).unwrap()
}

fn parcel(url: &str) -> Parcel {
    Parcel {
        url: url.to_owned(),
        id: "evt_7".to_owned(),
        at: Timestamp::from_secs(1_772_442_000),
        signature: "v1,abc v1,def".to_owned(),
        payload: r#"{"type":"post.new"}"#.to_owned(),
    }
}

#[tokio::test]
async fn a_parcel_arrives_with_its_headers_and_the_status_comes_back() {
    let mut receiver = Receiver::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(receiver.told(Reach::Anywhere).await, Ok(204));
    let request = receiver.heard.recv().await.unwrap();
    assert!(request.starts_with("POST /hook HTTP/1.1\r\n"), "{request}");
    let expected = [
        "content-type: application/json",
        "webhook-id: evt_7",
        "webhook-timestamp: 1772442000",
        "webhook-signature: v1,abc v1,def",
    ];
    for header in expected {
        assert!(request.contains(&format!("\r\n{header}\r\n")), "{header}: {request}");
    }
    assert!(request.ends_with("\r\n\r\n{\"type\":\"post.new\"}"), "{request}");
}

#[tokio::test]
async fn a_redirect_is_followed_nowhere() {
    let mut secret = Receiver::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let answer = format!(
        "HTTP/1.1 307 Elsewhere\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
        secret.address
    );
    let mut receiver = Receiver::answering(answer.leak()).await;
    assert_eq!(receiver.told(Reach::Anywhere).await, Ok(307));
    assert!(secret.heard.try_recv().is_err(), "nobody came there");
}

#[tokio::test]
async fn no_private_address_is_called_whatever_stands_for_it() {
    let mut receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    assert_eq!(receiver.told(Reach::Public).await, Err(Fault::Forbidden));
    let courier = HttpCourier::new(Reach::Public).unwrap();
    let port = receiver.address.rsplit_once(':').unwrap().1;
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"] {
        let answer = courier.carry(&parcel(&format!("https://{host}:{port}/hook"))).await;
        assert_eq!(answer, Err(Fault::Forbidden), "{host}");
    }
    assert!(receiver.heard.try_recv().is_err(), "nobody came");
}

#[tokio::test]
async fn a_name_is_judged_by_what_it_leads_to_when_the_connection_is_made() {
    let refused = Resolver(Reach::Public).resolve("localhost".parse().unwrap()).await;
    assert!(refused.err().unwrap().is::<OutOfReach>());
    assert!(Resolver(Reach::Anywhere).resolve("localhost".parse().unwrap()).await.unwrap().next().is_some());

    // The same within a client whose address passed every check of its text.
    let courier = HttpCourier::new(Reach::Public).unwrap();
    let error = courier.client.post("http://localhost:1/").send().await.unwrap_err();
    assert_eq!(fault(&error), Fault::Forbidden, "{error:?}");
}

#[tokio::test]
async fn an_endpoint_that_never_answers_is_given_up_after_a_while() {
    let receiver = Receiver::doing(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let courier = HttpCourier::with_patience(Reach::Anywhere, Duration::from_millis(100)).unwrap();
    let answer = courier.carry(&parcel(&format!("http://{}/hook", receiver.address))).await;
    assert_eq!(answer, Err(Fault::TimedOut));
}

#[tokio::test]
async fn of_an_endless_answer_only_the_beginning_is_read() {
    let written = Arc::new(tokio::sync::Semaphore::new(0));
    let count = written.clone();
    let mut receiver = Receiver::doing(move |mut stream| {
        let count = count.clone();
        async move {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while stream.write_all(&[b'x'; 64 * 1024]).await.is_ok() {
                count.add_permits(64);
            }
            count.close();
        }
    })
    .await;
    assert_eq!(receiver.told(Reach::Anywhere).await, Ok(200));
    // The receiver notices that the courier has gone.
    while let Ok(permit) = written.acquire().await {
        permit.forget();
    }
}

#[tokio::test]
async fn nobody_at_the_address_and_a_broken_answer_are_faults() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let courier = HttpCourier::new(Reach::Anywhere).unwrap();
    assert_eq!(courier.carry(&parcel(&format!("http://{address}/"))).await, Err(Fault::Unconnected));
    let unknown = courier.carry(&parcel("http://no-such-host.invalid/")).await;
    assert_eq!(unknown, Err(Fault::Unresolved));
    let mut broken = Receiver::answering("nonsense\r\n\r\n").await;
    assert_eq!(broken.told(Reach::Anywhere).await, Err(Fault::Broken));
}
