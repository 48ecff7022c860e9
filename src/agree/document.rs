//! The document that the parties sign: an AgreementCredential that says the terms on record and nothing else.
//!
//! Who signs, signs all of it. What comes from outside is therefore taken only where it is, member by member, what would have
//! been written here for one of the parties: no sentence of its own can slip in beside the terms.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use url::Url;

use crate::codec::datetime::{self, to_seconds};
use crate::credential::Problem;
use crate::credential::kinds::{CONTEXT_AUTHORITY_PATH, CONTEXT_AWARD_PATH, CONTEXT_OB};
use crate::credential::problem::push_name_within;
use crate::credential::view::CONTEXT_V2;
use crate::did::{Did, web};
use crate::jsonld::contexts;
use crate::recognition::{Registered, State};
use crate::status::list::LEEWAY;
use crate::urls::{Urls, agreement_path};

/// The members of a proof, as every suite that signs here makes them.
const PROOF: &[&str] =
    &["@context", "type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"];
/// How long the first signature of a document that comes in may lie back.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What differs from one party's document to the next.
struct Own<'a> {
    context: Value,
    id: &'a str,
    issuer: &'a str,
    valid_from: &'a str,
    subject: &'a str,
}

/// The document as the party of this DID begins it, unsigned.
pub(super) fn begin(
    registered: &Registered,
    urls: &Urls,
    did: &str,
    id: &str,
    now: Timestamp,
) -> Map<String, Value> {
    let context = json!(urls.authority_contexts());
    let subject = urls.agreement(&registered.agreement().id);
    let own = Own { context, id, issuer: did, valid_from: &to_seconds(now), subject: &subject };
    written(registered, &own)
}

fn written(registered: &Registered, own: &Own<'_>) -> Map<String, Value> {
    let terms = registered.terms();
    let mut subject = Map::new();
    subject.insert("id".to_owned(), json!(own.subject));
    subject.extend(terms.iter().map(|(name, value)| (name.clone(), value.clone())));
    subject.insert("state".to_owned(), json!(State::Signed.as_str()));
    let name = terms.get("name").and_then(Value::as_str).unwrap_or(&registered.agreement().id);
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    put("@context", own.context.clone());
    put("id", json!(own.id));
    put("type", json!(["VerifiableCredential", "AgreementCredential"]));
    put("name", json!(name));
    put("issuer", issuer(registered, own.issuer));
    put("validFrom", json!(own.valid_from));
    put("credentialSubject", Value::Object(subject));
    document
}

/// A party, by the name that the terms give it.
fn issuer(registered: &Registered, did: &str) -> Value {
    let mut issuer = Map::new();
    issuer.insert("id".to_owned(), json!(did));
    issuer.insert("type".to_owned(), json!(["Profile"]));
    let parties = registered.terms().get("party").and_then(Value::as_array);
    let own =
        parties.into_iter().flatten().find(|party| party.get("id").and_then(Value::as_str) == Some(did));
    if let Some(name) = own.and_then(|party| party.get("name")) {
        issuer.insert("name".to_owned(), name.clone());
    }
    Value::Object(issuer)
}

/// What in a document with its proofs is not as one of the parties here writes it, as pointers into it.
pub(super) fn faults(registered: &Registered, document: &Map<String, Value>, now: Timestamp) -> Vec<Problem> {
    let mut faults = Faults(Vec::new());
    let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
    let issuer = document.get("issuer").and_then(|issuer| issuer.get("id")?.as_str()).unwrap_or_default();
    let subject =
        document.get("credentialSubject").and_then(|one| one.get("id")?.as_str()).unwrap_or_default();
    let own = Own {
        context: document.get("@context").filter(|context| is_ours(context)).cloned().unwrap_or_default(),
        id: Some(text("id")).filter(|id| is_urn(id)).unwrap_or_default(),
        issuer,
        valid_from: text("validFrom"),
        subject: Some(subject)
            .filter(|url| is_address(url, issuer, &registered.agreement().id))
            .unwrap_or_default(),
    };
    let wanted = written(registered, &own);
    faults.differ("", &wanted, document, &["proof"]);

    let proofs = proofs(document);
    let of = |proof: &Value| -> Option<Timestamp> { datetime::parse(proof.get("created")?.as_str()?).ok() };
    match proofs.iter().find(|proof| signer(proof) == Some(issuer)) {
        None => faults.add("/issuer/id", "the party in whose name it is written has not signed it"),
        Some(proof) => {
            let from = datetime::parse(own.valid_from).ok().filter(|from| from.duration_since(now) <= LEEWAY);
            let apart = from.zip(of(proof)).map(|(from, made)| from.duration_since(made).abs());
            if apart.is_none_or(|apart| apart > LEEWAY) {
                faults.add("/validFrom", "it begins when the party in whose name it is written signs it");
            }
        }
    }
    for (index, proof) in proofs.iter().enumerate() {
        let at = if document.get("proof").is_some_and(Value::is_array) {
            format!("/proof/{index}")
        } else {
            "/proof".to_owned()
        };
        let members = proof.as_object();
        if let Some(stray) =
            members.and_then(|members| members.keys().find(|name| !PROOF.contains(&name.as_str())))
        {
            let mut pointer = at.clone();
            push_name_within(&mut pointer, stray);
            faults.add(pointer, "a signature says nothing of its own here");
        }
        if proof.get("@context").is_some_and(|context| Some(context) != document.get("@context")) {
            faults.add(format!("{at}/@context"), "it is that of the document");
        }
        if signer(proof).is_some() && proofs.iter().filter(|other| signer(other) == signer(proof)).count() > 1
        {
            faults.add(format!("{at}/verificationMethod"), "a party signs once");
        }
    }
    faults.0
}

/// What is to be said of a document that was begun too long ago to be signed by others now.
pub(super) fn too_old(document: &Map<String, Value>, now: Timestamp) -> Option<Problem> {
    let from = document.get("validFrom").and_then(|from| datetime::parse(from.as_str()?).ok());
    let old = from.is_none_or(|from| now.duration_since(from) > MAX_AGE);
    let message = "it was begun more than a year ago: have it signed anew";
    old.then(|| Problem { pointer: "/validFrom".to_owned(), message: message.into() })
}

/// The proofs of a document.
pub(super) fn proofs(document: &Map<String, Value>) -> Vec<Value> {
    match document.get("proof") {
        Some(Value::Array(proofs)) => proofs.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

/// The DID whose key made a proof, by the proof's word.
pub(super) fn signer(proof: &Value) -> Option<&str> {
    let method = proof.get("verificationMethod")?.as_str()?;
    Some(method.split_once('#').map_or(method, |(did, _)| did))
}

/// The four contexts, the last two at their path on any host.
fn is_ours(context: &Value) -> bool {
    let texts: Option<Vec<&str>> = context.as_array().and_then(|all| all.iter().map(Value::as_str).collect());
    let Some([first, second, award, authority]) = texts.as_deref() else { return false };
    let is = |url: &str, name: &str| {
        let pinned = contexts::by_url(url).filter(|pinned| pinned.url.ends_with(name));
        pinned.is_some_and(|pinned| Url::parse(url).is_ok_and(|url| url.path() == pinned.url))
    };
    [*first, *second] == [CONTEXT_V2, CONTEXT_OB]
        && is(award, CONTEXT_AWARD_PATH)
        && is(authority, CONTEXT_AUTHORITY_PATH)
}

fn is_urn(id: &str) -> bool {
    let hex = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
    let parts: Vec<&str> = id.strip_prefix("urn:uuid:").unwrap_or_default().split('-').collect();
    matches!(*parts, [a, b, c, d, e] if hex(a, 8) && hex(b, 4) && hex(c, 4) && hex(d, 4) && hex(e, 12))
}

/// Whether this is where the issuer serves the agreement: at its path, and at the host of a DID that names one.
fn is_address(url: &str, issuer: &str, id: &str) -> bool {
    let path = agreement_path(id);
    let Some(base) = url.strip_suffix(&path) else { return false };
    let Ok(parsed) = Url::parse(url) else { return false };
    let plain = matches!(parsed.scheme(), "http" | "https") && parsed.origin().ascii_serialization() == base;
    let host = Did::parse(issuer).ok().and_then(|did| web::url(&did).ok());
    let at_home =
        host.is_none_or(|host| (host.host_str(), host.port()) == (parsed.host_str(), parsed.port()));
    plain && at_home
}

struct Faults(Vec<Problem>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, message: &'static str) {
        self.0.push(Problem { pointer: pointer.into(), message: message.into() });
    }

    /// Every member that is wanted otherwise, missing, or one too many; of objects, those within.
    fn differ(&mut self, at: &str, wanted: &Map<String, Value>, found: &Map<String, Value>, free: &[&str]) {
        let within = |name: &str| {
            let mut pointer = at.to_owned();
            push_name_within(&mut pointer, name);
            pointer
        };
        for (name, value) in wanted {
            match (value, found.get(name)) {
                (value, Some(other)) if value == other && !is_empty(value) => {}
                (Value::Object(value), Some(Value::Object(other))) if at.is_empty() => {
                    self.differ(&within(name), value, other, &[]);
                }
                _ if at == "/credentialSubject" && name != "id" => {
                    self.add(within(name), "the terms on record say otherwise");
                }
                _ => self.add(within(name), "it is not what a party writes of these terms"),
            }
        }
        let stray = |name: &&String| !wanted.contains_key(*name) && !free.contains(&name.as_str());
        for name in found.keys().filter(stray) {
            self.add(within(name), "the terms on record do not say this");
        }
    }
}

/// What stands where nothing that came was fit.
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}
