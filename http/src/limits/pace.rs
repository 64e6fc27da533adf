//! Connections that dawdle are closed, however busy they look.
//!
//! A server that waits for whole requests can be held by clients who send a byte at a time or never read an answer. Three
//! spans bound every connection: from the first byte of a request to the first byte of its answer, between an answer and the
//! next request, and for one write to get anywhere. They are kept where bytes pass, below HTTP, so they hold in every
//! state of it. A stream of events writes its heartbeats well within them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// The spans that bound a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spans {
    /// From the first byte of a request to the first byte of its answer.
    request: Duration,
    /// Between an answer and the next request.
    idle: Duration,
    /// For one write to get anywhere.
    write: Duration,
}

/// Those of the gateway.
const SPANS: Spans =
    Spans { request: Duration::from_secs(30), idle: Duration::from_secs(75), write: Duration::from_secs(60) };

/// Accepts connections and bounds them.
pub(crate) struct Paced<A> {
    acceptor: A,
    spans: Spans,
}

impl<A> Paced<A> {
    /// What an acceptor accepts, within the gateway's spans.
    pub(crate) fn new(acceptor: A) -> Self {
        Self { acceptor, spans: SPANS }
    }
}

impl<A: Acceptor> Acceptor for Paced<A> {
    type Io = PacedIo<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.acceptor.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        let (io, local, remote, scheme) = self.acceptor.accept().await?;
        Ok((PacedIo::new(io, self.spans), local, remote, scheme))
    }
}

/// A connection that is closed when it dawdles.
pub(crate) struct PacedIo<T> {
    io: T,
    spans: Spans,
    /// Whether bytes came in since the last went out.
    owing: bool,
    reading: Pin<Box<Sleep>>,
    /// Runs while a write gets nowhere.
    writing: Option<Pin<Box<Sleep>>>,
}

impl<T> PacedIo<T> {
    fn new(io: T, spans: Spans) -> Self {
        let reading = Box::pin(sleep_until(Instant::now() + spans.request));
        Self { io, spans, owing: true, reading, writing: None }
    }

    /// Something was written, or could not be: what that means for the spans.
    fn wrote<R>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.writing = None;
            return written;
        }
        let until = Instant::now() + self.spans.write;
        let writing = self.writing.get_or_insert_with(|| Box::pin(sleep_until(until)));
        ready!(writing.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Bytes went out: the next request has its time.
    fn answered(&mut self) {
        self.owing = false;
        self.reading.as_mut().reset(Instant::now() + self.spans.idle);
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for PacedIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.reading.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        if !self.owing {
            self.owing = true;
            let until = Instant::now() + self.spans.request;
            self.reading.as_mut().reset(until);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for PacedIo<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, buf);
        let written = ready!(self.wrote(cx, written))?;
        self.answered();
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        let written = ready!(self.wrote(cx, written))?;
        self.answered();
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        self.wrote(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.io).poll_shutdown(cx);
        self.wrote(cx, shut)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    /// Spans of which one, that a test waits for, is short.
    const LONG: Duration = Duration::from_secs(600);
    const SHORT: Duration = Duration::from_millis(40);

    /// A connection with room for 16 bytes each way, and its other end.
    fn connection(spans: Spans) -> (PacedIo<DuplexStream>, DuplexStream) {
        let (near, far) = duplex(16);
        (PacedIo::new(near, spans), far)
    }

    #[tokio::test]
    async fn a_request_that_never_ends_is_cut_off_however_much_comes_in() {
        let (mut near, mut far) = connection(Spans { request: SHORT, idle: LONG, write: LONG });
        let began = Instant::now();
        let dawdling = tokio::spawn(async move { while far.write_all(b"x").await.is_ok() {} });
        let mut byte = [0];
        let error = loop {
            if let Err(error) = near.read_exact(&mut byte).await {
                break error;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= SHORT);
        drop(near);
        dawdling.await.unwrap();
    }

    #[tokio::test]
    async fn an_answer_gives_the_next_request_its_time_and_silence_ends_it() {
        let (mut near, mut far) = connection(Spans { request: LONG, idle: SHORT, write: LONG });
        for _ in 0..3 {
            far.write_all(b"ask").await.unwrap();
            near.read_exact(&mut [0; 3]).await.unwrap();
            assert!(near.owing, "the time of a request runs");
            near.write_all(b"say").await.unwrap();
            assert!(!near.owing, "the time between requests runs");
            far.read_exact(&mut [0; 3]).await.unwrap();
        }
        let began = Instant::now();
        assert_eq!(near.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() <= LONG);
    }

    #[tokio::test]
    async fn who_never_reads_the_answer_is_cut_off() {
        let (mut near, _far) = connection(Spans { request: LONG, idle: LONG, write: SHORT });
        near.write_all(&[0; 16]).await.unwrap();
        let error = near.write_all(&[0; 16]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
