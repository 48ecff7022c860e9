//! Ends connections on which nothing moves: those that say nothing, and those that never read their answer.
//!
//! The limit on request heads begins with the first byte of one; before it, and while an answer waits to be taken, this does.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// An acceptor whose connections end when nothing moves on them for `idle`.
#[derive(Debug, Clone)]
pub struct Watching<A> {
    /// What accepts.
    pub inner: A,
    /// How long nothing may move.
    pub idle: Duration,
}

impl<A, I, S> Accept<I, S> for Watching<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
    A::Stream: Unpin,
{
    type Stream = Watched<A::Stream>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let (accepted, idle) = (self.inner.accept(stream, service), self.idle);
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            Ok((Watched::new(stream, idle), service))
        })
    }
}

/// A stream whose pending reads and writes fail once nothing has moved for a while.
#[derive(Debug)]
pub struct Watched<S> {
    stream: S,
    idle: Duration,
    moved: Instant,
    // Looked at only while something is pending, and set anew only when it rings: moving bytes costs no timer.
    alarm: Pin<Box<Sleep>>,
}

impl<S: Unpin> Watched<S> {
    fn new(stream: S, idle: Duration) -> Self {
        Self { stream, idle, moved: Instant::now(), alarm: Box::pin(tokio::time::sleep(idle)) }
    }

    fn watched<T>(
        &mut self,
        cx: &mut Context<'_>,
        act: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(outcome) = act(Pin::new(&mut self.stream), cx) {
            return Poll::Ready(outcome);
        }
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            let due = self.moved + self.idle;
            if due <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.alarm.as_mut().reset(due);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.watched(cx, |stream, cx| stream.poll_read(cx, buf)))?;
        self.moved = Instant::now();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(self.watched(cx, |stream, cx| stream.poll_write(cx, bytes)))?;
        self.moved = Instant::now();
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(self.watched(cx, |stream, cx| stream.poll_write_vectored(cx, bytes)))?;
        self.moved = Instant::now();
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    // Flushing moves nothing by itself, so it does not count.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watched(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.watched(cx, |stream, cx| stream.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time as often as told, then nothing.
    struct Drip(usize);

    impl AsyncRead for Drip {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            if self.0 == 0 {
                return Poll::Pending;
            }
            self.0 -= 1;
            buf.put_slice(b"x");
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn what_does_not_move_ends() {
        let idle = Duration::from_millis(20);
        let mut watched = Watched::new(Drip(3), idle);
        let begun = Instant::now();
        let mut read = 0;
        let ended = loop {
            let mut byte = [0; 1];
            let mut buf = ReadBuf::new(&mut byte);
            let outcome = std::future::poll_fn(|cx| Pin::new(&mut watched).poll_read(cx, &mut buf)).await;
            match outcome {
                Ok(()) => read += 1,
                Err(error) => break error,
            }
        };
        assert_eq!((read, ended.kind()), (3, io::ErrorKind::TimedOut));
        assert!(begun.elapsed() >= idle);
    }
}
