//! Changes of a list as somebody asks for them, each read strictly and named by its place in the request.

use serde_json::{Map, Value, json};

use super::{Edit, EditError};
use crate::accreditation::Grant;
use crate::codec::datetime::to_seconds;
use crate::credential::problem::At;
use crate::did::DidDocument;
use crate::trustlist::issuer::location;
use crate::trustlist::read::Reader;
use crate::trustlist::{KeyUse, TrustListError};

/// Most keys or entries in one request.
const MAX_EACH: usize = 64;

type Asked = Result<Edit, EditError>;

fn reader<'a>(members: &'a Map<String, Value>, known: &[&str]) -> Result<Reader<'a>, EditError> {
    only(members, "", known)?;
    Ok(Reader { map: members, at: At::ROOT })
}

/// Refuses members nobody here understands.
pub fn only(members: &Map<String, Value>, pointer: &str, known: &[&str]) -> Result<(), EditError> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let name: String =
                name.chars().take(80).collect::<String>().replace('~', "~0").replace('/', "~1");
            Err(EditError::wrong(
                format!("{pointer}/{name}"),
                format!("is not understood here; known are {}", known.join(", ")),
            ))
        }
    }
}

/// `{id, nameI18n, institutionCode, location, loggedSince, keyUse, trustedKey, archivedDidDocument}`: an issuer.
pub fn issuer(members: &Map<String, Value>) -> Asked {
    const COPIED: &[&str] =
        &["nameI18n", "institutionCode", "location", "loggedSince", "archivedDidDocument"];
    let reader = reader(members, &[COPIED, &["id", "keyUse", "trustedKey"]].concat())?;
    let did = reader.did("id")?.to_string();
    if members.contains_key("nameI18n") && reader.names("nameI18n")?.is_empty() {
        return Err(EditError::wrong("/nameI18n", "a name is needed in at least one language"));
    }
    reader.maybe_text("institutionCode")?;
    location(&reader)?;
    reader.maybe_time("loggedSince")?;
    if let Some(raw) = members.get("archivedDidDocument") {
        let document =
            DidDocument::parse(raw).map_err(|_| reader.wrong("archivedDidDocument", "is no DID document"))?;
        if document.id.as_str() != did {
            return Err(reader.wrong("archivedDidDocument", "is the document of another DID").into());
        }
    }
    let usual = key_use(&reader)?.unwrap_or("award");
    let keys = reader.each("trustedKey", MAX_EACH, |key| {
        let (id, _) = key.key("id")?;
        if id.did_str() != did {
            return Err(key.wrong("id", "is a key of another DID"));
        }
        let mut entry = Map::new();
        entry.insert("id".to_owned(), id.as_str().into());
        entry.insert("keyUse".to_owned(), key_use(&key)?.unwrap_or(usual).into());
        for name in ["notBefore", "notAfter", "compromisedSince"] {
            if let Some(at) = key.maybe_time(name)? {
                entry.insert(name.to_owned(), to_seconds(at).into());
            }
        }
        Ok(entry)
    })?;
    let mut copied = Map::new();
    for name in COPIED {
        if let Some(value) = members.get(*name) {
            copied.insert((*name).to_owned(), value.clone());
        }
    }
    Ok(Edit::Issuer { did, members: copied, keys })
}

fn key_use<'a>(reader: &Reader<'a>) -> Result<Option<&'a str>, TrustListError> {
    let Some(word) = reader.maybe_text("keyUse")? else { return Ok(None) };
    match KeyUse::parse(word) {
        Some(KeyUse::Award | KeyUse::Endorsement | KeyUse::Status) => Ok(Some(word)),
        _ => Err(reader.wrong("keyUse", "is award, endorsement or status")),
    }
}

/// `{issuer, key, notAfter, compromisedSince}`: what became of a key.
pub fn key(members: &Map<String, Value>) -> Asked {
    let reader = reader(members, &["issuer", "key", "notAfter", "compromisedSince"])?;
    let edit = Edit::Key {
        issuer: reader.did("issuer")?.to_string(),
        key: reader.key("key")?.0.to_string(),
        not_after: reader.maybe_time("notAfter")?,
        compromised_since: reader.maybe_time("compromisedSince")?,
    };
    match &edit {
        Edit::Key { not_after: None, compromised_since: None, .. } => {
            Err(EditError::wrong("/notAfter", "is missing: say until when it was good, or compromisedSince"))
        }
        _ => Ok(edit),
    }
}

/// `{grant, standing, since, effective}`: what became of a grant. Without `since`: since `today`.
pub fn standing(members: &Map<String, Value>, today: &str) -> Asked {
    let reader = reader(members, &["grant", "standing", "since", "effective"])?;
    let standing = reader.text("standing")?;
    if !["granted", "teach-out", "suspended", "withdrawn", "annulled"].contains(&standing) {
        return Err(EditError::wrong(
            "/standing",
            "is one of granted, teach-out, suspended, withdrawn, annulled",
        ));
    }
    let since =
        if members.contains_key("since") { reader.day("since")?.to_string() } else { today.to_owned() };
    let effective = match (standing == "annulled", members.contains_key("effective")) {
        (true, _) => Some(reader.day("effective")?.to_string()),
        (false, true) => {
            return Err(EditError::wrong("/effective", "only an annulment takes effect on a day of its own"));
        }
        (false, false) => None,
    };
    Ok(Edit::Standing {
        grant: reader.text("grant")?.to_owned(),
        standing: standing.to_owned(),
        since,
        effective,
    })
}

/// `{territory, listUrl, rootUrl, fingerprint, agreementId}`: a foreign root that this authority has pinned.
pub fn pointer(members: &Map<String, Value>) -> Asked {
    let reader = reader(members, &["territory", "listUrl", "rootUrl", "fingerprint", "agreementId"])?;
    let fingerprint = crate::trustlist::fingerprint_of(reader.text("fingerprint")?);
    if crate::trustlist::spoken(&fingerprint).is_none() {
        return Err(EditError::wrong("/fingerprint", "is no fingerprint of a root: u and 46 characters"));
    }
    let mut pointer = Map::new();
    let mut put = |name: &str, value: Value| pointer.insert(name.to_owned(), value);
    put("territory", crate::trustlist::root::territory(&reader)?.into());
    put("listUrl", reader.url("listUrl")?.as_str().into());
    put("rootUrl", reader.url("rootUrl")?.as_str().into());
    put("digestMultibase", fingerprint.into());
    if let Some(agreement) = reader.maybe_text("agreementId")? {
        put("agreementId", agreement.into());
    }
    Ok(Edit::Pointer(pointer))
}

/// `{issuer, successor, since, statusMirror: [{prefix, mirror, key, notBefore}]}`: who takes over a closed issuer.
pub fn successor(members: &Map<String, Value>) -> Asked {
    let reader = reader(members, &["issuer", "successor", "since", "statusMirror"])?;
    let mirrors = reader.each("statusMirror", MAX_EACH, |one| {
        let key = json!({
            "id": one.key("key")?.0.as_str(), "keyUse": "status", "notBefore": to_seconds(one.time("notBefore")?),
        });
        Ok(json!({
            "prefix": one.url("prefix")?.as_str(), "mirror": one.url("mirror")?.as_str(), "trustedKey": key,
        }))
    })?;
    let mut successor = Map::new();
    successor.insert("id".to_owned(), reader.did("successor")?.as_str().into());
    successor.insert("since".to_owned(), reader.day("since")?.to_string().into());
    if !mirrors.is_empty() {
        successor.insert("statusMirror".to_owned(), Value::Array(mirrors));
    }
    Ok(Edit::Successor { issuer: reader.did("issuer")?.to_string(), successor })
}

/// `{logPolicy, closedLog: [{origin, treeSize, rootHash}]}`: by what logs are judged.
pub fn policy(members: &Map<String, Value>) -> Asked {
    let reader = reader(members, &["logPolicy", "closedLog"])?;
    let text = reader.maybe_text("logPolicy")?;
    if let Some(Err(why)) = text.map(|text| crate::log::Policy::parse(text.as_bytes())) {
        return Err(EditError::wrong("/logPolicy", format!("is no tlog-policy: {why}")));
    }
    let closed = reader.each("closedLog", MAX_EACH, |one| {
        one.text("origin")?;
        one.number("treeSize")?;
        one.text("rootHash")?;
        Ok(one.map.clone())
    })?;
    if text.is_none() && closed.is_empty() {
        return Err(EditError::wrong("/logPolicy", "is missing, or closedLog"));
    }
    Ok(Edit::Policy { text: text.map(str::to_owned), closed })
}

/// A grant as it is asked for, at `/grant`: `{id, decisionNumber, effectiveFrom, effectiveTo, scope}`.
pub fn grant(grant: &Map<String, Value>) -> Result<Grant, EditError> {
    only(grant, "/grant", &["id", "decisionNumber", "effectiveFrom", "effectiveTo", "scope"])?;
    let root = At::ROOT;
    Grant::parse(grant, &root.name("grant")).map_err(|problems| {
        let first = problems.into_iter().next().map(TrustListError::Form);
        first.map_or_else(|| EditError::wrong("/grant", "is no grant"), EditError::from)
    })
}
