//! A connection as both ends hold it: the world pushes updates and hangs up, the door's stream waits for them.
//!
//! The queue is bounded: beyond its capacity the newest update is dropped, and the stream says so once with
//! [`Heard::TooLong`], as Telegram does. Everything that the product has yet to deal with counts as *pending*: what is queued,
//! the notice of an end, and what was last handed out, until the stream is asked again. At virtual speed the clock stands
//! still until nothing is pending.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use telegram::{TelegramError, Update};

/// What the world pushes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// What happened.
    pub(crate) update: Update,
    /// The `pts` of the chat where it happened, after it.
    pub(crate) pts: i32,
}

/// What a stream gets to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Something happened.
    Told(Told),
    /// More happened than the queue could hold.
    TooLong,
}

/// What all lines of a world count together.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pending: AtomicUsize,
    dropped: AtomicU64,
}

impl Traffic {
    pub(crate) fn pending(&self) -> usize {
        self.pending.load(Ordering::SeqCst)
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// The connection.
#[derive(Debug)]
pub(crate) struct Line {
    traffic: Arc<Traffic>,
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Why the connection is over.
    ended: Option<TelegramError>,
    /// Which stream reads; 0 for none yet.
    stream: u32,
    listening: bool,
    queue: VecDeque<Told>,
    overflowed: bool,
    end_told: bool,
    in_hand: bool,
    waker: Option<Waker>,
}

impl State {
    fn pending(&self) -> usize {
        let end = self.listening && self.ended.is_some() && !self.end_told;
        self.queue.len() + usize::from(self.overflowed) + usize::from(end) + usize::from(self.in_hand)
    }

    fn stop_listening(&mut self) {
        self.listening = false;
        self.queue = VecDeque::new();
        self.overflowed = false;
        self.in_hand = false;
        self.waker = None;
    }
}

impl Line {
    pub(crate) fn new(capacity: usize, traffic: Arc<Traffic>) -> Self {
        Self { traffic, capacity, state: Mutex::default() }
    }

    /// Why the connection is over, if it is.
    pub(crate) fn ended(&self) -> Option<TelegramError> {
        self.lock().ended.clone()
    }

    /// Queues an update, if a stream listens.
    pub(crate) fn push(&self, told: Told) {
        self.change(|state| {
            if !state.listening || state.ended.is_some() {
                return None;
            }
            if state.queue.len() < self.capacity {
                state.queue.push_back(told);
            } else {
                state.overflowed = true;
                self.traffic.dropped.fetch_add(1, Ordering::Relaxed);
            }
            state.waker.take()
        });
    }

    /// Ends the connection; what was queued is lost with it.
    pub(crate) fn end(&self, why: TelegramError) {
        self.change(|state| {
            state.ended.get_or_insert(why);
            state.queue.clear();
            state.overflowed = false;
            state.waker.take()
        });
    }

    /// Begins a stream in place of the one before and yields its number.
    pub(crate) fn listen(&self) -> u32 {
        let mut number = 0;
        self.change(|state| {
            let old = state.waker.take();
            state.stop_listening();
            state.listening = true;
            state.stream += 1;
            number = state.stream;
            old
        });
        number
    }

    /// Ends a stream, if it is the one that reads.
    pub(crate) fn stop_listening(&self, stream: u32) {
        self.change(|state| {
            if state.stream == stream {
                state.stop_listening();
            }
            None
        });
    }

    /// The next update of a stream. Being polled first of all means that the item handed out before is dealt with.
    pub(crate) fn poll_next(&self, stream: u32, context: &Context<'_>) -> Poll<Result<Heard, TelegramError>> {
        let mut answer = Poll::Pending;
        self.change(|state| {
            if state.stream != stream {
                answer = Poll::Ready(Err(TelegramError::Disconnected));
                return None;
            }
            state.in_hand = false;
            if let Some(told) = state.queue.pop_front() {
                answer = Poll::Ready(Ok(Heard::Told(told)));
            } else if std::mem::take(&mut state.overflowed) {
                answer = Poll::Ready(Ok(Heard::TooLong));
            } else if let Some(why) = &state.ended {
                answer = Poll::Ready(Err(why.clone()));
                state.end_told = true;
            } else {
                state.waker = Some(context.waker().clone());
                return None;
            }
            state.in_hand = true;
            None
        });
        answer
    }

    /// What is queued beyond the item handed out last; it is in hand together with that one.
    pub(crate) fn take_at_hand(&self, stream: u32) -> Vec<Told> {
        let mut taken = Vec::new();
        self.change(|state| {
            if state.stream == stream && state.in_hand {
                taken.extend(state.queue.drain(..));
            }
            None
        });
        taken
    }

    /// Changes the state, keeps the count of what is pending right, and wakes whom the change concerns.
    fn change(&self, change: impl FnOnce(&mut State) -> Option<Waker>) {
        let mut state = self.lock();
        let before = state.pending();
        let waker = change(&mut state);
        let after = state.pending();
        if after >= before {
            self.traffic.pending.fetch_add(after - before, Ordering::SeqCst);
        } else {
            self.traffic.pending.fetch_sub(before - after, Ordering::SeqCst);
        }
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(capacity: usize) -> (Line, Arc<Traffic>) {
        let traffic = Arc::new(Traffic::default());
        (Line::new(capacity, traffic.clone()), traffic)
    }

    fn next(line: &Line, stream: u32) -> Poll<Result<Heard, TelegramError>> {
        line.poll_next(stream, &Context::from_waker(Waker::noop()))
    }

    fn gone(id: i64) -> Told {
        let ids = vec![domain::id::MessageId(id)];
        Told { update: Update::DeletedPosts { channel: domain::id::PeerId(1), ids }, pts: 1 }
    }

    fn heard(id: i64) -> Heard {
        Heard::Told(gone(id))
    }

    #[test]
    fn an_item_is_pending_until_the_stream_is_asked_again() {
        let (line, traffic) = line(10);
        line.push(gone(0));
        assert_eq!(traffic.pending(), 0, "nobody listens yet");
        let stream = line.listen();
        line.push(gone(1));
        line.push(gone(2));
        assert_eq!(traffic.pending(), 2);
        assert_eq!(next(&line, stream), Poll::Ready(Ok(heard(1))));
        assert_eq!(traffic.pending(), 2);
        assert_eq!(next(&line, stream), Poll::Ready(Ok(heard(2))));
        assert_eq!(traffic.pending(), 1);
        assert_eq!(next(&line, stream), Poll::Pending);
        assert_eq!(traffic.pending(), 0);
    }

    #[test]
    fn what_is_at_hand_comes_along_in_order_and_is_pending_with_the_first() {
        let (line, traffic) = line(10);
        let stream = line.listen();
        (1..=3).for_each(|id| line.push(gone(id)));
        assert_eq!(line.take_at_hand(stream), [], "nothing was handed out yet");
        assert_eq!(next(&line, stream), Poll::Ready(Ok(heard(1))));
        assert_eq!(line.take_at_hand(stream), [gone(2), gone(3)]);
        assert_eq!(traffic.pending(), 1, "they are in hand");
        assert_eq!(next(&line, stream), Poll::Pending);
        assert_eq!(traffic.pending(), 0);
    }

    #[test]
    fn an_overflow_drops_the_newest_and_says_so_once() {
        let (line, traffic) = line(1);
        let stream = line.listen();
        (1..=3).for_each(|id| line.push(gone(id)));
        assert_eq!(traffic.dropped(), 2);
        assert_eq!(next(&line, stream), Poll::Ready(Ok(heard(1))));
        assert_eq!(next(&line, stream), Poll::Ready(Ok(Heard::TooLong)));
        assert_eq!(next(&line, stream), Poll::Pending);
        assert_eq!(traffic.pending(), 0);
    }

    #[test]
    fn an_end_is_pending_until_it_was_dealt_with_and_takes_the_queue_along() {
        let (line, traffic) = line(10);
        let stream = line.listen();
        line.push(gone(1));
        line.end(TelegramError::Unauthorized);
        line.end(TelegramError::Disconnected);
        assert_eq!(traffic.pending(), 1);
        assert_eq!(next(&line, stream), Poll::Ready(Err(TelegramError::Unauthorized)));
        assert_eq!(traffic.pending(), 1);
        line.stop_listening(stream);
        assert_eq!(traffic.pending(), 0);
    }

    #[test]
    fn a_new_stream_replaces_the_old_one() {
        let (line, traffic) = line(10);
        let old = line.listen();
        line.push(gone(1));
        let new = line.listen();
        line.push(gone(2));
        assert_eq!(next(&line, old), Poll::Ready(Err(TelegramError::Disconnected)));
        line.stop_listening(old);
        assert_eq!(next(&line, new), Poll::Ready(Ok(heard(2))));
        assert_eq!(traffic.pending(), 1);
    }
}
