//! Where the work of a request is done: beside the others when it is heavy, to its end when it changes what is on record.

use std::future::Future;

use tokio::task::JoinError;

use super::extract::Permit;
use super::problem::{Code, Problem};

/// Does what changes nothing, and gives the permit back when the work is truly over, even if nobody waits any more.
///
/// A heavy document would keep one of the few threads that answer everybody: it gets one of its own.
pub async fn reading<T: Send + 'static>(
    heavy: bool,
    permit: Permit,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Problem> {
    if heavy {
        return beside(permit, work).await;
    }
    let outcome = work.await;
    drop(permit);
    Ok(outcome)
}

/// Does what changes the record, to its end: a client that hangs up between the record and what memory makes of it
/// must not leave the two apart.
pub async fn recording<T: Send + 'static>(
    heavy: bool,
    permit: Permit,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Problem> {
    if heavy {
        return beside(permit, work).await;
    }
    let whole = async move {
        let outcome = work.await;
        drop(permit);
        outcome
    };
    tokio::spawn(whole).await.map_err(broken)
}

async fn beside<T: Send + 'static>(
    permit: Permit,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Problem> {
    let runtime = tokio::runtime::Handle::current();
    let whole = move || {
        let outcome = runtime.block_on(work);
        drop(permit);
        outcome
    };
    tokio::task::spawn_blocking(whole).await.map_err(broken)
}

fn broken(error: JoinError) -> Problem {
    Problem::inside(Code::Internal, &error)
}
