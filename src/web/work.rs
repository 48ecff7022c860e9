//! Where the work of a request is done: a light one at once, a heavy one beside the others.

use std::future::Future;

use super::extract::Permit;
use super::problem::{Code, Problem};

/// Does the work of a request and gives its permit back when the work is truly over, even if nobody waits any more.
///
/// A heavy document would keep one of the few threads that answer everybody: it gets one of its own.
pub async fn done<T: Send + 'static>(
    heavy: bool,
    permit: Permit,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Problem> {
    if !heavy {
        let outcome = work.await;
        drop(permit);
        return Ok(outcome);
    }
    let runtime = tokio::runtime::Handle::current();
    let beside = move || {
        let outcome = runtime.block_on(work);
        drop(permit);
        outcome
    };
    tokio::task::spawn_blocking(beside).await.map_err(|error| Problem::inside(Code::Internal, &error))
}
