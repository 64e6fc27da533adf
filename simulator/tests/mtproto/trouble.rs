//! What goes wrong between a client and the world.

use std::io::ErrorKind;

use beseda_simulator::record::Intervention;
use beseda_simulator::{DoorFaults, LostAnswer, SendFault, WorldPlan};
use grammers_mtsender::InvocationError;
use grammers_tl_types::{enums, functions};
use telegram::TelegramError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Client, Loopback, PATIENCE, message, peer};
use crate::writing::comment;

const STATE: functions::updates::GetState = functions::updates::GetState {};

async fn is_cut(client: &Client) -> bool {
    matches!(client.call(&STATE).await, Err(InvocationError::Io(_)))
}

#[tokio::test]
async fn a_door_that_refuses_is_closed_until_it_opens_again() {
    let loopback = Loopback::new().await;
    let client = loopback.client(0);
    client.call(&STATE).await.unwrap();
    loopback.door.set_faults(DoorFaults { refuses: true, ..DoorFaults::default() });
    loopback.door.hang_up();
    let refused = loop {
        match client.call(&STATE).await {
            Err(InvocationError::Io(error)) if error.kind() == ErrorKind::ConnectionRefused => break error,
            Err(InvocationError::Io(_) | InvocationError::Dropped(_)) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    loopback.door.set_faults(DoorFaults::default());
    while client.call(&STATE).await.is_err() {}
    assert_eq!(loopback.door.counts().open, 1);
}

#[tokio::test]
async fn a_lost_answer_is_a_cut_a_503_or_silence_and_the_message_stands() {
    for (how, random_id) in [(LostAnswer::HangUp, 1), (LostAnswer::TimedOut, 2), (LostAnswer::Silence, 3)] {
        let loopback = Loopback::new().await;
        let post = loopback.publish();
        let client = loopback.client(0);
        let (channel, group) = client.chats().await;
        let msg_id = i32::try_from(post.get()).unwrap();
        let ask = functions::messages::GetDiscussionMessage { peer: peer(&channel), msg_id };
        let enums::messages::DiscussionMessage::Message(found) = client.call(&ask).await.unwrap();
        let root = message(&found.messages[0]).id;
        loopback.door.set_faults(DoorFaults { lost_answers: how, ..DoorFaults::default() });
        loopback.stage.world.script(0, SendFault::LoseAnswer);
        let send = comment(&group, root, random_id);
        match how {
            LostAnswer::HangUp => {
                assert!(matches!(client.call(&send).await, Err(InvocationError::Io(_))));
            }
            LostAnswer::TimedOut => assert_eq!(client.refusal(&send).await.0, "-503 Timeout"),
            LostAnswer::Silence => {
                let handle = client.handle.clone();
                let lost = tokio::spawn(async move { handle.invoke_in_dc(2, &send).await });
                // What is asked afterwards is answered, what was asked before never is.
                while loopback.stage.world.verdict().sent == 0 {
                    client.call(&STATE).await.unwrap();
                }
                assert!(!lost.is_finished());
            }
        }
        assert_eq!(loopback.stage.world.verdict().sent, 1);
    }
}

#[tokio::test]
async fn a_silent_door_carries_out_what_it_does_not_answer_and_a_swallowing_one_nothing() {
    for (faults, carried_out) in [
        (DoorFaults { silent: true, ..DoorFaults::default() }, true),
        (DoorFaults { swallows: true, ..DoorFaults::default() }, false),
    ] {
        let loopback = Loopback::new().await;
        loopback.door.set_faults(faults);
        let mut stream = TcpStream::connect(loopback.door.address()).await.unwrap();
        stream.write_all(&plain_request()).await.unwrap();
        drop(stream);
        // The door is open for others as soon as it is well again.
        loopback.door.set_faults(DoorFaults::default());
        let client = loopback.client(0);
        client.call(&STATE).await.unwrap();
        assert_eq!(loopback.door.counts().accepted, 2);
        loopback.door.set_faults(faults);
        let handle = client.handle.clone();
        let asked = tokio::spawn(async move { handle.invoke_in_dc(2, &STATE).await });
        if carried_out {
            while loopback.door.counts().calls["updates.getState"] < 2 {
                tokio::task::yield_now().await;
            }
        }
        assert!(!asked.is_finished());
        loopback.door.hang_up();
        assert!(asked.await.unwrap().is_err());
    }
}

#[tokio::test]
async fn a_dropped_connection_is_begun_anew() {
    let loopback = Loopback::new().await;
    let client = loopback.client(0);
    client.call(&STATE).await.unwrap();
    loopback.intervene(Intervention::Disconnect { account: WorldPlan::account_peer(0) });
    while is_cut(&client).await {}
    assert_eq!(loopback.door.counts().accepted, 2);
    loopback.door.hang_up();
    while loopback.door.pending() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_revoked_session_is_not_authorized() {
    let loopback = Loopback::new().await;
    let client = loopback.client(0);
    client.call(&STATE).await.unwrap();
    loopback.intervene(Intervention::Revoke { account: WorldPlan::account_peer(0) });
    while is_cut(&client).await {}
    assert_eq!(client.refusal(&STATE).await.0, "401 AUTH_KEY_UNREGISTERED");
}

#[tokio::test]
async fn any_call_ends_as_a_test_decides() {
    let loopback = Loopback::new().await;
    let client = loopback.client(0);
    loopback.door.script(0, TelegramError::SessionDuplicated);
    loopback.door.script(0, TelegramError::Other("500 INTERNAL".to_owned()));
    let ask = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
    assert_eq!(client.refusal(&ask).await.0, "406 AUTH_KEY_DUPLICATED");
    assert_eq!(client.refusal(&ask).await.0, "500 INTERNAL");
    assert_eq!(client.call(&ask).await.unwrap().len(), 1);
}

/// `req_pq_multi` in a plain packet of the `full` transport, as a probe sends it.
fn plain_request() -> Vec<u8> {
    let mut packet = vec![0_u8; 8];
    packet.extend((1_i64 << 32).to_le_bytes());
    packet.extend(20_u32.to_le_bytes());
    packet.extend(0xbe7e_8ef1_u32.to_le_bytes());
    packet.extend([5; 16]);
    let mut buffer = grammers_crypto::DequeBuffer::with_capacity(64, 16);
    buffer.extend(packet);
    grammers_mtproto::transport::Transport::pack(&mut grammers_mtproto::transport::Full::new(), &mut buffer);
    buffer[..].to_vec()
}

#[tokio::test]
async fn a_probe_without_a_key_hears_that_telegram_answers() {
    let loopback = Loopback::new().await;
    let mut stream = TcpStream::connect(loopback.door.address()).await.unwrap();
    stream.write_all(&plain_request()).await.unwrap();
    let mut answer = [0; 64];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer[28..32], 0x0516_2463_u32.to_le_bytes(), "resPQ");
    assert_eq!(answer[32..48], [5; 16], "with the nonce of the question");
}

#[tokio::test]
async fn garbage_ends_the_connection_and_nothing_else() {
    let loopback = Loopback::new().await;
    let client = loopback.client(0);
    client.call(&STATE).await.unwrap();
    for garbage in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xef; 64], &[16, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]]
    {
        let mut stream = TcpStream::connect(loopback.door.address()).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        let mut rest = Vec::new();
        // Closed with bytes unread, a connection may end by a reset.
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "{garbage:?} is not waited on");
        assert!(rest.is_empty());
    }
    client.call(&STATE).await.unwrap();
}
