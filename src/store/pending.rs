//! An append or a snapshot that is on its way to the disk.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::sync::oneshot;

use super::error::StoreError;

/// Why a piece of work was not done, and which failure of the writer that was.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: StoreError,
    /// Number of the failure; [`Pending`] marks it as seen.
    pub(super) number: u64,
}

/// Resolves once the work is on disk, to the number of the last fact it covers, or once it failed. Await it, or block on
/// it with [`Pending::wait`]. Dropping it takes nothing back.
#[derive(Debug)]
#[must_use = "work is acknowledged only when its Pending says so"]
pub struct Pending {
    reply: Result<oneshot::Receiver<Result<u64, Failure>>, StoreError>,
    failures_seen: Arc<AtomicU64>,
}

impl Pending {
    /// Waits for `reply`.
    pub(super) fn new(
        reply: oneshot::Receiver<Result<u64, Failure>>,
        failures_seen: Arc<AtomicU64>,
    ) -> Pending {
        Pending { reply: Ok(reply), failures_seen }
    }

    /// Failed before it was handed to the writer.
    pub(super) fn failed(error: StoreError) -> Pending {
        Pending { reply: Err(error), failures_seen: Arc::default() }
    }

    /// Blocks the thread until the work is on disk or failed. In asynchronous code await it instead: this stops every
    /// other task of the thread.
    ///
    /// # Errors
    /// What went wrong; the work was not done.
    pub fn wait(self) -> Result<u64, StoreError> {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut pending = pin!(self);
        loop {
            match pending.as_mut().poll(&mut context) {
                Poll::Ready(result) => return result,
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

impl Future for Pending {
    type Output = Result<u64, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = match &mut self.reply {
            Err(error) => return Poll::Ready(Err(error.clone())),
            Ok(reply) => match Pin::new(reply).poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(result) => result,
            },
        };
        Poll::Ready(match result {
            Ok(Ok(sequence)) => Ok(sequence),
            Ok(Err(failure)) => {
                self.failures_seen.fetch_max(failure.number, Ordering::AcqRel);
                Err(failure.error)
            }
            Err(_) => Err(StoreError::Closed),
        })
    }
}

/// Wakes the thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
