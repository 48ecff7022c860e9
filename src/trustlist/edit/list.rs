//! The next trust list from the one before: what changed is written in, everything else stands as it stood.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Around, EditError, entries, following, subject};
use crate::codec::datetime::to_seconds;
use crate::did::Did;
use crate::institution::profile;
use crate::text::LocalizedText;
use crate::trustlist::{MAX_LIST, signed};

/// What stands on every list of an authority, whatever is changed.
#[derive(Debug, Clone)]
pub struct Frame {
    /// ISO 3166-1 alpha-2.
    pub territory: String,
    /// Where the newest list is served.
    pub url: String,
    /// The contexts of what an authority of the service signs.
    pub contexts: [String; 4],
    /// Who makes it.
    pub issuer: Did,
    /// Its names.
    pub names: LocalizedText,
    /// Where the root is served that it rests on.
    pub root_url: String,
    /// The version of that root.
    pub root_version: u64,
    /// The authority's own keys, as `trustedKey` entries.
    pub keys: Vec<Value>,
    /// What the register of the authority says of agreements, as `agreement` entries: a list follows it.
    pub agreements: Vec<Value>,
    /// The number of this list.
    pub sequence: u64,
    /// When it is made.
    pub now: Timestamp,
    /// When a newer one is due.
    pub next_update: Timestamp,
    /// After which it says nothing any more.
    pub valid_until: Timestamp,
}

/// A change of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// An issuer is listed, or what is given of it replaces what was said; keys are added to those listed.
    Issuer {
        /// Its DID.
        did: String,
        /// `nameI18n`, `institutionCode`, `location`, `loggedSince`, `archivedDidDocument`, as they stand on a list.
        members: Map<String, Value>,
        /// `trustedKey` entries.
        keys: Vec<Map<String, Value>>,
    },
    /// What became of a key of an issuer.
    Key {
        /// The issuer's DID.
        issuer: String,
        /// The key's full URL.
        key: String,
        /// Until when it was good.
        not_after: Option<Timestamp>,
        /// Since when somebody else may have it.
        compromised_since: Option<Timestamp>,
    },
    /// An issuer is granted something.
    Grant {
        /// The issuer's DID.
        issuer: String,
        /// The grant, its history included.
        grant: Map<String, Value>,
    },
    /// What became of a grant.
    Standing {
        /// Its id.
        grant: String,
        /// `granted`, `teach-out`, `suspended`, `withdrawn` or `annulled`.
        standing: String,
        /// Since which day, `YYYY-MM-DD`.
        since: String,
        /// For an annulment: from which day on it never held.
        effective: Option<String>,
    },
    /// Another issuer takes over the register of one that is closed.
    Successor {
        /// The closed one.
        issuer: String,
        /// The `successor` member.
        successor: Map<String, Value>,
    },
    /// The root of another territory, which this authority has pinned.
    Pointer(Map<String, Value>),
    /// The policy by which logs are judged, and logs that take nothing more.
    Policy {
        /// `tlog-policy` text.
        text: Option<String>,
        /// `closedLog` entries to add.
        closed: Vec<Map<String, Value>>,
    },
}

/// The list after `before` (its JSON; `None` for the first), unsigned.
///
/// # Errors
/// What cannot be changed that way. Whether the list as a whole is one that others take is not asked here: read it back.
pub fn next(before: Option<&[u8]>, frame: &Frame, edits: &[Edit]) -> Result<Map<String, Value>, EditError> {
    let mut document = match before {
        Some(before) => signed::parse(before, MAX_LIST).map_err(EditError::Before)?,
        None => Map::new(),
    };
    let mut content = subject(&mut document).map(std::mem::take).unwrap_or_default();
    for edit in edits {
        apply(&mut content, edit, frame.now)?;
    }
    let before = content.get("issuedAt").and_then(|at| at.as_str()?.parse().ok());
    let told = entries(&content).to_vec();
    content.shift_remove("agreement");
    let list = json!({
        "@context": frame.contexts,
        "id": format!("{}/{}", frame.url, frame.sequence),
        "type": ["VerifiableCredential", "TrustListCredential"],
        "name": format!("{} trust list {}", frame.territory, frame.sequence),
        "issuer": profile(&frame.issuer, &frame.names, Some(&frame.territory)),
        "validFrom": to_seconds(frame.now),
        "validUntil": to_seconds(frame.valid_until),
        "credentialSubject": {
            "id": frame.url,
            "territory": frame.territory,
            "sequenceNumber": frame.sequence,
            "issuedAt": to_seconds(frame.now),
            "nextUpdate": to_seconds(frame.next_update),
            "rootUrl": frame.root_url,
            "rootVersion": frame.root_version,
            "trustedKey": frame.keys,
        },
    });
    let Value::Object(mut list) = list else { return Ok(document) };
    if let Some(said) = subject(&mut list) {
        for (name, value) in content {
            said.entry(name).or_insert(value);
        }
    }
    let around = Around::of(&list, &frame.territory, before, frame.now);
    let agreements = following(&told, &frame.agreements, &around);
    if let Some(said) = subject(&mut list).filter(|_| !agreements.is_empty()) {
        said.insert("agreement".to_owned(), Value::Array(agreements));
    }
    Ok(list)
}

fn apply(content: &mut Map<String, Value>, edit: &Edit, now: Timestamp) -> Result<(), EditError> {
    match edit {
        Edit::Issuer { did, members, keys } => {
            let entry = match find(list_of(content, "trustedIssuer"), "id", did) {
                Some(known) => known,
                None if members.contains_key("nameI18n") => {
                    let issuers = list_of(content, "trustedIssuer");
                    issuers.push(json!({ "id": did }));
                    find(issuers, "id", did).ok_or_else(|| EditError::NotListed(did.clone()))?
                }
                None => return Err(EditError::wrong("/nameI18n", "an issuer is listed by its names")),
            };
            for (name, value) in members {
                entry.insert(name.clone(), value.clone());
            }
            for key in keys {
                add_key(list_of(entry, "trustedKey"), key)?;
            }
        }
        Edit::Key { issuer, key, not_after, compromised_since } => {
            let known = find(list_of(issuer_of(content, issuer)?, "trustedKey"), "id", key);
            let known = known.ok_or_else(|| EditError::NoKey(key.clone()))?;
            for (name, at) in [("notAfter", not_after), ("compromisedSince", compromised_since)] {
                if let Some(at) = at {
                    known.insert(name.to_owned(), to_seconds(*at).into());
                }
            }
        }
        Edit::Grant { issuer, grant } => {
            let text = |name: &str| grant.get(name).and_then(Value::as_str);
            let (id, number) = (text("id"), text("decisionNumber"));
            let taken = grants(content).find(|known| known.get("id").and_then(Value::as_str) == id);
            if let (Some(_), Some(id)) = (taken, id) {
                return Err(EditError::Conflict(format!("the grant {id} is on the list already")));
            }
            let listed = list_of(issuer_of(content, issuer)?, "grant");
            let same = |known: &Value| {
                number.is_some() && known.get("decisionNumber").and_then(Value::as_str) == number
            };
            if let Some(same) = listed.iter().find(|known| same(known)) {
                let id = same.get("id").and_then(Value::as_str).unwrap_or_default();
                let number = number.unwrap_or_default();
                return Err(EditError::Conflict(format!(
                    "the decision {number} is on the list already, as {id}"
                )));
            }
            listed.push(Value::Object(grant.clone()));
        }
        Edit::Standing { grant, standing, since, effective } => {
            let known = grants(content).find(|known| known.get("id").and_then(Value::as_str) == Some(grant));
            let known = known.ok_or_else(|| EditError::NoGrant(grant.clone()))?;
            change(list_of(known, "history"), standing, since, effective.as_deref(), now)?;
        }
        Edit::Successor { issuer, successor } => {
            issuer_of(content, issuer)?.insert("successor".to_owned(), Value::Object(successor.clone()));
        }
        Edit::Pointer(pointer) => {
            let mut pointer = pointer.clone();
            pointer.insert("recordedAt".to_owned(), to_seconds(now).into());
            let territory = pointer.get("territory").and_then(Value::as_str).unwrap_or_default().to_owned();
            let pointers = list_of(content, "pointer");
            match find(pointers, "territory", &territory) {
                Some(known) => *known = pointer,
                None => pointers.push(Value::Object(pointer)),
            }
        }
        Edit::Policy { text, closed } => {
            if let Some(text) = text {
                content.insert("logPolicy".to_owned(), text.as_str().into());
            }
            if !closed.is_empty() {
                list_of(content, "closedLog").extend(closed.iter().cloned().map(Value::Object));
            }
        }
    }
    Ok(())
}

/// An entry more at the end of a history.
fn change(
    history: &mut Vec<Value>,
    standing: &str,
    since: &str,
    effective: Option<&str>,
    now: Timestamp,
) -> Result<(), EditError> {
    let last = |name: &str| history.last().and_then(|last| last.get(name)?.as_str());
    match last("standing").unwrap_or("granted") {
        "annulled" => return Err(EditError::Conflict("it is annulled, which is final".to_owned())),
        "withdrawn" if standing != "annulled" => {
            return Err(EditError::Conflict("it is withdrawn, which is final: grant anew".to_owned()));
        }
        same if same == standing => return Err(EditError::Conflict(format!("it is {standing} already"))),
        _ => {}
    }
    // Days of this form compare as texts do.
    if last("since").is_some_and(|last| since < last) {
        return Err(EditError::wrong("/since", "is before the entry that stands before it"));
    }
    let mut entry = Map::new();
    entry.insert("standing".to_owned(), standing.into());
    entry.insert("since".to_owned(), since.into());
    if let Some(effective) = effective {
        entry.insert("effective".to_owned(), effective.into());
    }
    entry.insert("recordedAt".to_owned(), to_seconds(now).into());
    history.push(Value::Object(entry));
    Ok(())
}

fn add_key(keys: &mut Vec<Value>, key: &Map<String, Value>) -> Result<(), EditError> {
    let id = key.get("id").and_then(Value::as_str).unwrap_or_default();
    match find(keys, "id", id) {
        None => keys.push(Value::Object(key.clone())),
        Some(known) if known.get("keyUse") == key.get("keyUse") => {
            for name in ["notAfter", "compromisedSince"] {
                let moment = |map: &Map<String, Value>| map.get(name)?.as_str()?.parse::<Timestamp>().ok();
                let (told, new) = (moment(known), moment(key));
                // What was told may turn out to have been earlier, never later.
                if let Some(new) = new.filter(|new| told.is_none_or(|told| *new < told)) {
                    known.insert(name.to_owned(), to_seconds(new).into());
                }
            }
        }
        Some(_) => return Err(EditError::Conflict(format!("{id} is listed for another use"))),
    }
    Ok(())
}

fn issuer_of<'a>(
    content: &'a mut Map<String, Value>,
    did: &str,
) -> Result<&'a mut Map<String, Value>, EditError> {
    find(list_of(content, "trustedIssuer"), "id", did).ok_or_else(|| EditError::NotListed(did.to_owned()))
}

fn grants(content: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let issuers = list_of(content, "trustedIssuer").iter_mut().filter_map(Value::as_object_mut);
    issuers
        .filter(|issuer| issuer.contains_key("grant"))
        .flat_map(|issuer| list_of(issuer, "grant").iter_mut().filter_map(Value::as_object_mut))
}

/// A member as a list, made when it is not there; a lone object counts as a list of one.
fn list_of<'a>(map: &'a mut Map<String, Value>, name: &str) -> &'a mut Vec<Value> {
    let value = map.entry(name).or_insert_with(|| Value::Array(Vec::new()));
    if !value.is_array() {
        *value = Value::Array(vec![value.take()]);
    }
    match value {
        Value::Array(items) => items,
        _ => unreachable!("made an array above"),
    }
}

fn find<'a>(items: &'a mut [Value], by: &str, wanted: &str) -> Option<&'a mut Map<String, Value>> {
    let is = |item: &&mut Value| item.get(by).and_then(Value::as_str) == Some(wanted);
    items.iter_mut().find(is).and_then(Value::as_object_mut)
}
