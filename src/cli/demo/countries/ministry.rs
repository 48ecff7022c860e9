//! What the authorities of the drill do: their roots, whom they list, what they grant.

use serde_json::{Map, Value, json};
use url::Url;

use super::super::Failure;
use super::node::Node;
use crate::accredit::{self, Decision};
use crate::administer::{self, Naming, NewInstitution};
use crate::app::App;
use crate::crypto::{Ed25519Signer, Signer as _};
use crate::did::Did;
use crate::institution::{Kind, Slug};
use crate::issue::operator;
use crate::publish;
use crate::text::{LangTag, LocalizedText};
use crate::trustlist::Root;
use crate::trustlist::edit::root::{self, ListKey, NewRoot, Rotation};

/// A list key signs for so long.
const LIST_KEY_LIFE: jiff::SignedDuration = jiff::SignedDuration::from_hours(400 * 24);
/// How many keys a root takes.
const THRESHOLD: usize = 2;

/// An authority: its root keys lie here, in nobody's service.
pub(super) struct Ministry {
    pub(super) territory: &'static str,
    pub(super) slug: Slug,
    /// The DID under which its root keys are named.
    did: Did,
    keys: Vec<[u8; 32]>,
    /// Its roots, oldest first.
    pub(super) roots: Vec<Root>,
}

/// Founds an institution of a node.
pub(super) async fn found(
    app: &App,
    slug: &str,
    names: &[(&str, &str)],
    country: &str,
    kind: Kind,
) -> Result<Slug, Failure> {
    let slug = Slug::parse(slug)?;
    let mut name = LocalizedText::default();
    for (tag, text) in names {
        name.set(LangTag::parse(tag)?, *text);
    }
    let new = NewInstitution {
        slug: slug.clone(),
        name,
        naming: Naming::Web,
        country: Some(country.to_owned()),
        contact: None,
        kind,
    };
    administer::found(app, &operator(app.now()), new).await?;
    Ok(slug)
}

/// Where a college of the drill lies: its town (RFC 5870).
fn place_of(college: &Slug) -> &'static str {
    match college.as_str() {
        "vinh" => "geo:18.6734,105.6923",
        "hue" => "geo:16.4637,107.5909",
        "vientiane" => "geo:17.9757,102.6331",
        _ => "geo:21.0285,105.8542",
    }
}

/// The DID of an institution of a node.
pub(super) fn did(app: &App, slug: &Slug) -> Result<String, Failure> {
    let member = app.registry.member(slug).ok_or_else(|| format!("there is no {slug}"))?;
    Ok(member.institution.did.to_string())
}

impl Ministry {
    /// Founds an authority, makes its root of three keys, and publishes it with an empty list.
    pub(super) async fn open(
        node: &Node,
        territory: &'static str,
        slug: &str,
        names: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let app = &node.app;
        let kind = Kind::Authority { territory: territory.to_owned() };
        let slug = found(app, slug, names, territory, kind).await?;
        let mut keys = vec![[0; 32]; 3];
        keys.iter_mut().try_for_each(|seed| getrandom::fill(seed))?;
        let did = Did::parse(&format!("did:web:root.{}.example", territory.to_ascii_lowercase()))?;
        let mut ministry = Self { territory, slug, did, keys, roots: Vec::new() };
        let public: Vec<String> =
            ministry.keys.iter().map(|seed| ministry.root_key(seed).public_key().to_multikey()).collect();
        let first = root::first(&NewRoot {
            territory,
            did: &ministry.did,
            list_url: &Url::parse(&app.urls.trust_list(territory))?,
            keys: &public,
            threshold: THRESHOLD,
            delegations: &[ministry.newest_key(app)?],
            now: app.now(),
        })?;
        ministry.publish(app, first).await?;
        Ok(ministry)
    }

    fn root_key(&self, seed: &[u8; 32]) -> Ed25519Signer {
        let bare = Ed25519Signer::from_seed("", seed).public_key().to_multikey();
        Ed25519Signer::from_seed(self.did.with_fragment(&bare), seed)
    }

    /// The newest key of the authority, as its root may name it.
    fn newest_key(&self, app: &App) -> Result<ListKey, Failure> {
        let member = app.registry.member(&self.slug).ok_or("the authority is gone")?;
        let key = member.institution.keys.last().ok_or("the authority has no key")?;
        Ok(ListKey { id: member.institution.method_of(&key.key), until: app.now() + LIST_KEY_LIFE })
    }

    /// As many of the holders sign as it takes, and the service publishes.
    async fn publish(&mut self, app: &App, mut document: Map<String, Value>) -> Result<(), Failure> {
        for seed in self.keys.iter().take(THRESHOLD) {
            root::add_signature(&mut document, &self.root_key(seed), app.now())?;
        }
        let root = publish::trust::root(app, &operator(app.now()), Value::Object(document)).await?;
        self.roots.push(root);
        Ok(())
    }

    /// The holders of the root take the list key away, and name a new one.
    pub(super) async fn replace_list_key(&mut self, app: &App) -> Result<(), Failure> {
        let root = self.roots.last().ok_or("there is no root yet")?.clone();
        administer::new_key(app, &operator(app.now()), &self.slug, false).await?;
        let stolen: Vec<String> = root.delegations.iter().map(|one| one.id.clone()).collect();
        let fresh = [self.newest_key(app)?];
        let change = Rotation { delegate: &fresh, revoke: &stolen, ..Rotation::default() };
        let next = root::next(&root, &change, app.now())?;
        self.publish(app, next).await
    }

    /// Decides, and publishes the next list with it.
    pub(super) async fn decide(
        &self,
        app: &App,
        decision: Decision,
        asked: Value,
    ) -> Result<Map<String, Value>, Failure> {
        let Value::Object(mut asked) = asked else { return Err("a decision is an object".into()) };
        asked.insert("authority".to_owned(), json!(self.territory));
        Ok(accredit::decide(app, &operator(app.now()), decision, asked).await?.told)
    }

    /// Lists a college and accredits it for these kinds, until the day; the grant.
    pub(super) async fn accredit(
        &self,
        app: &App,
        college: &Slug,
        kinds: &[&str],
        until: &str,
    ) -> Result<String, Failure> {
        let issuer = did(app, college)?;
        let listed = json!({
            "id": issuer, "loggedSince": "2026-01-01T00:00:00Z", "location": place_of(college),
        });
        self.decide(app, Decision::Issuer, listed).await?;
        let granted = json!({
            "issuer": issuer,
            "grant": {
                "decisionNumber": format!("{}/{college}/2024", kinds.join("+")), "effectiveFrom": "2024-08-01",
                "effectiveTo": until, "scope": [{"types": kinds}],
            },
        });
        let told = self.decide(app, Decision::Grant, granted).await?;
        let grant = told.get("grant").and_then(Value::as_str).ok_or("the decision names no grant")?;
        Ok(grant.to_owned())
    }

    /// Where its first root is served.
    pub(super) fn root_url(&self, app: &App) -> Result<Url, Failure> {
        Ok(Url::parse(&app.urls.trust_root(self.territory, 1))?)
    }

    /// By which it is pinned.
    pub(super) fn fingerprint(&self) -> String {
        self.roots.first().map(|root| root.fingerprint.clone()).unwrap_or_default()
    }
}
