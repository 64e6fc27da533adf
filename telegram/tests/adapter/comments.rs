//! Comments: written once, whatever becomes of the answer.

use std::time::Duration;

use beseda_telegram::TelegramError;
use beseda_telegram::grammers::Patience;
use simulator::{DoorFaults, LostAnswer, SendFault};

use crate::place::{Place, channel, outgoing};

#[tokio::test]
async fn a_lost_answer_is_an_unknown_outcome_and_the_message_is_found_in_its_thread() {
    for how in [LostAnswer::HangUp, LostAnswer::TimedOut, LostAnswer::Silence] {
        let patience = Patience { answer: Duration::from_secs(1), ..Patience::default() };
        let place = Place::with_patience(patience).await;
        let post = place.publish();
        let connection = place.connect(0).await;
        let thread = connection.thread(channel(), post).await.unwrap();
        let comment = outgoing(thread, "Good to know", 11);
        assert_eq!(connection.find_sent(&comment).await, Ok(None));
        place.fail(DoorFaults { lost_answers: how, ..DoorFaults::default() });
        place.world.script(0, SendFault::LoseAnswer);
        assert_eq!(connection.comment(&comment).await, Err(TelegramError::UnknownOutcome), "{how:?}");
        let connection = place.connect(0).await;
        let sent = connection.find_sent(&comment).await.unwrap().expect("it was written");
        assert!(sent.id > thread.root);
        assert_eq!(connection.comment(&comment).await, Err(TelegramError::RandomIdDuplicate));
        assert_eq!(place.world.verdict().sent, 1, "{how:?}");
    }
}

#[tokio::test]
async fn a_comment_after_the_connection_ended_was_surely_not_written() {
    let place = Place::new().await;
    let post = place.publish();
    let connection = place.connect(0).await;
    let thread = connection.thread(channel(), post).await.unwrap();
    let mut updates = connection.updates().await.unwrap();
    place.door.hang_up();
    assert_eq!(crate::place::next(updates.as_mut()).await, Err(TelegramError::Disconnected));
    let late = connection.comment(&outgoing(thread, "Late", 1)).await;
    assert_eq!(late, Err(TelegramError::Disconnected));
    assert_eq!(place.world.verdict().sent, 0);
}
