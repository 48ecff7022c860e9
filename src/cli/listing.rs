//! Rows of a list: from a running service, or from the store.

use clap::Args;
use serde_json::Value;

use super::remote::Remote;
use super::{Failure, open};
use crate::app::App;

/// Where a list is read.
#[derive(Debug, Args)]
pub(super) struct Listing {
    #[command(flatten)]
    pub(super) settings: open::Settings,
    #[command(flatten)]
    pub(super) remote: Remote,
}

impl Listing {
    /// What the service answers under `member` at `path`; without a service, what `read` finds in the store.
    pub(super) async fn rows(
        self,
        path: &str,
        member: &str,
        read: impl AsyncFnOnce(&App) -> Result<Vec<Value>, Failure>,
    ) -> Result<Vec<Value>, Failure> {
        match self.remote.client()? {
            Some(client) => {
                let answer = client.get(path).await?;
                Ok(answer.get(member).and_then(Value::as_array).cloned().unwrap_or_default())
            }
            None => read(open::app(self.settings.load()?).await?.as_ref()).await,
        }
    }

    /// The same of a list that the service answers page by page.
    pub(super) async fn pages(
        self,
        path: &str,
        member: &str,
        read: impl AsyncFnOnce(&App) -> Result<Vec<Value>, Failure>,
    ) -> Result<Vec<Value>, Failure> {
        let Some(client) = self.remote.client()? else { return self.rows(path, member, read).await };
        let (mut rows, mut at) = (Vec::new(), format!("{path}?limit=200"));
        loop {
            let answer = client.get(&at).await?;
            let page = answer.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
            let next = answer.get("next").and_then(Value::as_str).filter(|_| !page.is_empty());
            let next =
                next.map(|next| url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
            rows.extend(page);
            match next {
                Some(next) => at = format!("{path}?limit=200&after={next}"),
                None => return Ok(rows),
            }
        }
    }
}

/// A member of a row that is text; empty without it.
pub(super) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}
