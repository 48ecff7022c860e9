//! The service on a port of this machine, for tests of what only a connection can do.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use testamur::app::App;
use testamur::web;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A listening service; stopped and awaited by [`Listening::stop`].
pub struct Listening {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Listening {
    pub async fn to(app: Arc<App>, _folder: &Path) -> Self {
        let listener = web::bind(&app.config).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let stopped = async move {
                let _ = stopped.await;
            };
            web::serve(app, listener, stopped).await.unwrap();
        });
        Self { address, stop, serving }
    }

    /// Sends bytes on a new connection and reads until it is closed or ten seconds have passed.
    pub async fn raw(&self, bytes: impl Into<Vec<u8>>) -> String {
        let (address, bytes) = (self.address, bytes.into());
        let talk = move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            // The other side may close before it has read everything.
            let _ = stream.write_all(&bytes);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8_lossy(&answer).into_owned()
        };
        tokio::task::spawn_blocking(talk).await.unwrap()
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
    }
}
