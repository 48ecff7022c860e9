//! What every handler shares: the service itself, the limits at the door, and what is counted.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::directory::Known;
use super::limits::{self, Limits, PerAddress};
use super::meter::Meter;
use super::problem::{Code, Problem};
use crate::app::App;
use crate::store::ListKey;

/// The state of the door, cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Shared>);

/// See [`Web`].
pub struct Shared {
    /// The service.
    pub app: Arc<App>,
    /// The limits.
    pub limits: Limits,
    /// The counters.
    pub meter: Meter,
    /// What one address may ask.
    pub per_address: Option<PerAddress>,
    /// How many applications for recognition one address may send a day.
    pub applicants: Option<PerAddress>,
    /// Whether the world sees us over TLS, ours or a proxy's.
    pub tls: bool,
    /// Status lists compressed, by list and version.
    pub squeezed: Mutex<HashMap<ListKey, (u64, Bytes)>>,
    /// The directory of institutions as it was shown last.
    pub directory: Mutex<Arc<Known>>,
    work: Arc<Semaphore>,
    heavy_bodies: Arc<Semaphore>,
    heavy_work: Arc<Semaphore>,
}

impl Web {
    /// The door of a service.
    pub fn new(app: Arc<App>) -> Self {
        let limits = Limits::of(&app.config.limits);
        let tls = app.urls.public().starts_with("https://");
        Self(Arc::new(Shared {
            per_address: PerAddress::new(limits.per_second, limits.burst),
            applicants: PerAddress::a_day(app.config.recognition.per_day),
            work: Arc::new(Semaphore::new(limits.requests)),
            heavy_bodies: Arc::new(Semaphore::new(limits::HEAVY_BODIES)),
            heavy_work: Arc::new(Semaphore::new(limits::HEAVY_WORK)),
            meter: Meter::default(),
            squeezed: Mutex::default(),
            directory: Mutex::default(),
            app,
            limits,
            tls,
        }))
    }
}

impl Shared {
    /// Leave to do some work, given back when dropped; a busy service refuses at once instead of queueing.
    pub fn work(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.work.clone().try_acquire_owned().map_err(|_| self.busy())
    }

    /// Leave to hold a heavy body in memory.
    pub fn heavy_body(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.heavy_bodies.clone().try_acquire_owned().map_err(|_| self.busy())
    }

    /// Leave to work on a heavy body, awaited for a moment.
    pub async fn heavy_work(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = self.heavy_work.clone().acquire_owned();
        match tokio::time::timeout(Duration::from_secs(1), turn).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(self.busy()),
        }
    }

    fn busy(&self) -> Problem {
        self.meter.overloaded.fetch_add(1, Relaxed);
        Problem::new(Code::Overloaded).retry_after(1)
    }
}

impl Deref for Web {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}
