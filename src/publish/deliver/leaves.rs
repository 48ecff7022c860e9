//! What each leaf of the own log is: the order of facts, walked beside the entries.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{DeliverError, Deliverer};
use crate::accreditation::Award;
use crate::app::App;
use crate::codec::{json, multibase};
use crate::credential::View;
use crate::credential::id::CredentialId;
use crate::log::tile::{FULL, Level, Tile};
use crate::log::{Entry, Leaf};
use crate::publish::log::{LogError, digest_of, list_of};
use crate::store::logs::cut;
use crate::store::{ChangeEntry, Cursor, LogState, StoreError, TrustKind};

/// How many facts are looked at in one go.
const PAGE: usize = 512;

/// A place in the order of facts, and the leaf of the year's log that is next there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walk {
    after: Option<Cursor>,
    index: u64,
}

impl Deliverer {
    /// What the leaves `from..until` of a year's log are, all of one bundle.
    pub(super) async fn entries(
        &mut self,
        log: &LogState,
        origin: &str,
        from: u64,
        until: u64,
    ) -> Result<Vec<Value>, DeliverError> {
        let lost = |index| DeliverError::Lost(origin.to_owned(), index);
        let mut walk = self.walks.remove(origin).filter(|walk| walk.index <= from).unwrap_or_default();
        let mut bundles = Bundles { app: &self.app, log, read: BTreeMap::new() };
        let mut entries = Vec::new();
        loop {
            let page = self.app.store.changes(walk.after, PAGE).await?;
            for fact in &page.items {
                if walk.index == until {
                    self.walks.insert(origin.to_owned(), walk);
                    return Ok(entries);
                }
                if let Some((index, entry)) = self.leaf(fact, &mut bundles, walk.index, from).await? {
                    if index != walk.index {
                        return Err(lost(walk.index));
                    }
                    entries.extend(entry);
                    walk.index += 1;
                }
                walk.after = Some(fact.cursor);
            }
            if walk.index == until {
                self.walks.insert(origin.to_owned(), walk);
                return Ok(entries);
            }
            if page.next.is_none() {
                return Err(lost(walk.index));
            }
            tokio::task::yield_now().await;
        }
    }

    /// The leaf of a fact in this log, and what is told of it from `from` on; `None` for a fact without a leaf there.
    async fn leaf(
        &self,
        fact: &ChangeEntry,
        bundles: &mut Bundles<'_>,
        index: u64,
        from: u64,
    ) -> Result<Option<(u64, Option<Value>)>, DeliverError> {
        let store = &self.app.store;
        match fact.what.as_str() {
            "issued" => {
                let Ok(id) = CredentialId::parse(&fact.subject) else { return Ok(None) };
                let place = store.log_place(id).await?.filter(|place| place.year == bundles.log.year);
                let Some(place) = place else { return Ok(None) };
                let told =
                    if place.index < from { None } else { Some(self.credential(id, place.index).await?) };
                Ok(Some((place.index, told)))
            }
            "list-published" | "trust-list-published" => {
                let body = match self.body(fact).await? {
                    Some(body) => body,
                    None => return Ok(None),
                };
                let digest = digest_of(&body, fact)?;
                let (kind, leaf) = match fact.what.as_str() {
                    "list-published" => ("status-list", Leaf::StatusList { digest }),
                    _ => ("trust-list", Leaf::TrustList { digest }),
                };
                // Whether it stands in this year's log, nothing else tells.
                if bundles.entry(index).await? != Some(leaf.entry()) {
                    return Ok(None);
                }
                let told =
                    json!({"index": index, "kind": kind, "digest": multibase::encode_base64url(&digest)});
                Ok(Some((index, (index >= from).then_some(told))))
            }
            _ => Ok(None),
        }
    }

    async fn credential(&self, id: CredentialId, index: u64) -> Result<Value, DeliverError> {
        let missing = || StoreError::Damaged { key: format!("id/{id}"), because: "it is missing".to_owned() };
        let record = self.app.store.credential(id).await?.ok_or_else(missing)?;
        let member = self.app.registry.member(&record.institution).ok_or_else(missing)?;
        let did = &member.institution.did;
        let (Some(salt), Some(body)) = (record.salt, record.body) else {
            return Ok(json!({"index": index, "kind": "erased", "institution": did}));
        };
        let body = json::parse(&body).unwrap_or_default();
        let empty = Map::new();
        let award = Award::of(View::of(body.as_object().unwrap_or(&empty)));
        let fits = |text: &&&str| (1..=300).contains(&text.len());
        let programme = award
            .as_ref()
            .and_then(|award| award.qualification_ids.iter().find(fits).map(|id| (*id).to_owned()));
        let awarded = award.map(|award| award.awarded_on.to_string());
        Ok(json!({
            "index": index, "kind": "credential", "institution": did, "type": record.kind,
            "salt": multibase::encode_base64url(&salt), "digest": multibase::encode_base64url(&record.digest),
            "programme": programme, "awardDate": awarded,
        }))
    }

    /// The document of a list that was published.
    async fn body(&self, fact: &ChangeEntry) -> Result<Option<Vec<u8>>, DeliverError> {
        let Some(slug) = &fact.institution else { return Ok(None) };
        if fact.what == "trust-list-published" {
            let Ok(number) = fact.subject.parse() else { return Ok(None) };
            let list = self.app.store.trust_version(slug, TrustKind::List, Some(number)).await?;
            return Ok(list.map(|list| list.body));
        }
        let Some((key, version)) = list_of(fact) else { return Ok(None) };
        Ok(self.app.store.list_version(&key, version).await?.map(|list| list.body))
    }
}

/// The entries of a log on record, the last bundle asked for kept.
struct Bundles<'a> {
    app: &'a App,
    log: &'a LogState,
    read: BTreeMap<u64, Vec<Entry>>,
}

impl Bundles<'_> {
    async fn entry(&mut self, index: u64) -> Result<Option<Entry>, DeliverError> {
        let (place, within) = (index / u64::from(FULL), (index % u64::from(FULL)) as usize);
        let Some(tile) = Tile::at(Level::Entries, place, self.log.size) else { return Ok(None) };
        if !self.read.contains_key(&place) {
            let row = self.app.store.log_tile(self.log.year, tile.level, tile.index).await?;
            let bytes = row.and_then(|row| cut(tile, row)).unwrap_or_default();
            self.read = BTreeMap::from([(place, tile.entries(&bytes).map_err(LogError::from)?)]);
        }
        Ok(self.read.get(&place).and_then(|entries| entries.get(within)).copied())
    }
}
