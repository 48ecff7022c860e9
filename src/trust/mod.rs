//! Who vouches for an issuer: this service's own institutions, the settings, and the trust lists pinned here.

mod own;
pub mod directory;
pub mod pins;

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::did::Did;
use crate::institution::Institution;
use crate::text::LocalizedText;
use crate::trustlist::{TrustList, TrustedIssuer};
pub use own::{Own, with_own};
pub use pins::{Pin, PinError, Pinned, Pins};

/// Who vouches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voucher {
    /// The issuer is an institution of this service.
    ThisService,
    /// The operator lists it in `[trust] issuers`.
    Settings,
}

impl Voucher {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ThisService => "this-service",
            Self::Settings => "settings",
        }
    }
}

/// Who keeps the register of an issuer that has closed, by the word of who vouches for the issuer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Keeper {
    /// Its DID.
    pub id: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedText>,
    /// From when: a date, or a moment.
    pub since: String,
}

impl Keeper {
    /// Who keeps the register of the issuer by its list, where it has closed.
    pub fn of(list: &TrustList, issuer: &TrustedIssuer) -> Option<Self> {
        let successor = issuer.successor.as_ref().filter(|successor| successor.has_begun(list))?;
        Some(Self {
            id: successor.did.to_string(),
            name: list.issuer(successor.did.as_str()).map(|keeper| keeper.names.clone()),
            since: successor.since.to_string(),
        })
    }
}

/// What is known of an issuer from those who vouch for it, never from its credentials.
#[derive(Debug, Clone, PartialEq)]
pub struct Vouch {
    /// Who vouches.
    pub by: Voucher,
    /// Its name.
    pub name: Option<LocalizedText>,
    /// ISO 3166-1 alpha-2 code of its country.
    pub country: Option<String>,
    /// Where it can be asked: of a closed one, its keeper.
    pub contact: Option<String>,
    /// Who keeps its register, where it has closed.
    pub kept_by: Option<Keeper>,
    /// Whether it is the authority of a territory: accredits, and decides on recognition.
    pub authority: bool,
}

/// Everybody vouched for. Made anew when an institution is founded or a pin changes.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    vouched: HashMap<Did, Vouch>,
    pinned: Vec<Arc<Pinned>>,
}

/// An issuer on a list that is pinned here.
#[derive(Debug, Clone)]
pub struct Listing(Arc<Pinned>, Did);

impl Listing {
    /// The list and the issuer's entry on it.
    pub fn get(&self) -> Option<(&TrustList, &TrustedIssuer)> {
        let list = self.0.list.as_ref()?;
        Some((list, list.issuer(self.1.as_str())?))
    }
}

impl Trust {
    /// Vouches for these institutions, for the issuers the settings list, and for those on the lists pinned.
    pub fn new<'a>(
        institutions: impl IntoIterator<Item = &'a Institution>,
        issuers: &[Did],
        pinned: Vec<Arc<Pinned>>,
    ) -> Self {
        let institutions: HashMap<_, _> = institutions.into_iter().map(|one| (&one.slug, one)).collect();
        let listed = Vouch {
            by: Voucher::Settings,
            name: None,
            country: None,
            contact: None,
            kept_by: None,
            authority: false,
        };
        let mut vouched: HashMap<_, _> = issuers.iter().map(|did| (did.clone(), listed.clone())).collect();
        for institution in institutions.values() {
            let mut keeper = *institution;
            // As many steps as there are institutions at most, whatever a file says.
            for _ in 0..institutions.len() {
                let Some(next) = keeper.closed.as_ref().and_then(|one| institutions.get(&one.successor))
                else {
                    break;
                };
                keeper = next;
            }
            let vouch = Vouch {
                by: Voucher::ThisService,
                name: Some(institution.name.clone()),
                country: institution.country.clone(),
                contact: keeper.contact.clone(),
                kept_by: institution.closed.as_ref().map(|closing| Keeper {
                    id: keeper.did.to_string(),
                    name: Some(keeper.name.clone()),
                    since: closing.at.to_string(),
                }),
                authority: institution.territory().is_some(),
            };
            vouched.insert(institution.did.clone(), vouch);
        }
        Self { vouched, pinned }
    }

    /// Who vouches for the issuer, and what they say of it; `None` when nobody does.
    pub fn vouch(&self, issuer: &Did) -> Option<&Vouch> {
        self.vouched.get(issuer)
    }

    /// Where the issuer stands on the lists pinned here: at most one by right.
    pub fn listings(&self, issuer: &Did) -> Vec<Listing> {
        let on = |pinned: &&Arc<Pinned>| {
            pinned.list.as_ref().is_some_and(|list| list.issuer(issuer.as_str()).is_some())
        };
        self.pinned.iter().filter(on).map(|pinned| Listing(pinned.clone(), issuer.clone())).collect()
    }

    /// The list in force of a territory, among those gone by here.
    pub fn list_of(&self, territory: &str) -> Option<&TrustList> {
        let lists = self.pinned.iter().filter_map(|pinned| pinned.list.as_ref());
        lists.into_iter().find(|list| list.territory == territory)
    }

    /// The territories of authorities gone by here whose list is not in force: the root has put out the key that signed it.
    pub fn silent(&self) -> Vec<String> {
        let silent = self.pinned.iter().filter(|pinned| pinned.list.is_none());
        silent.map(|pinned| pinned.root.territory.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_institution_of_this_service_is_known_by_name_and_a_stranger_not_at_all() {
        let did = |text: &str| Did::parse(text).unwrap();
        let institution: Institution = serde_json::from_value(serde_json::json!({
            "slug": "cdktcn-mau", "did": "did:web:a.example", "name": { "vi": "Trường Cao đẳng mẫu" },
            "country": "VN", "contact": null, "created": "2026-07-01T00:00:00Z", "keys": [],
        }))
        .unwrap();
        let trust =
            Trust::new([&institution], &[did("did:web:a.example"), did("did:web:b.example")], Vec::new());
        let own = trust.vouch(&institution.did).unwrap();
        assert_eq!((own.by, own.country.as_deref()), (Voucher::ThisService, Some("VN")));
        assert_eq!(own.name, Some(institution.name));
        assert_eq!(trust.vouch(&did("did:web:b.example")).map(|vouch| vouch.by.as_str()), Some("settings"));
        assert_eq!(trust.vouch(&did("did:web:c.example")), None);
    }
}
