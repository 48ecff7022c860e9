//! Status list credentials: what ours say, and what another's list says of one entry
//! (Bitstring Status List 1.0, sections 2.2 and 3.2). Proofs are checked before; nothing here walks.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::Purpose;
use super::bits::{BitsError, Bitstring};
use super::entry::{Entry, EntryKind};
use crate::did::Did;

/// How far two clocks may differ before a list counts as not yet or no longer valid.
pub const LEEWAY: SignedDuration = SignedDuration::from_mins(5);

/// How long a list may be kept when it does not say (section 2.2: 300,000 ms).
pub const DEFAULT_TTL: SignedDuration = SignedDuration::from_mins(5);

/// What is needed to write a list.
#[derive(Debug, Clone, Copy)]
pub struct ListDraft<'a> {
    /// Its URL, which is its `id`.
    pub url: &'a str,
    /// The URL of the list it stands for, where it is the copy of a closed institution's.
    pub stands_for: Option<&'a str>,
    /// Whose list.
    pub issuer: &'a Did,
    /// What a set bit says.
    pub purpose: Purpose,
    /// From when; written in whole seconds.
    pub valid_from: Timestamp,
    /// Until when; written in whole seconds.
    pub valid_until: Timestamp,
    /// How long a copy may be kept; written in milliseconds.
    pub ttl: SignedDuration,
    /// The bits.
    pub bits: &'a Bitstring,
}

/// An unsigned BitstringStatusListCredential.
pub fn list_credential(draft: &ListDraft<'_>) -> Map<String, Value> {
    let subject = json!({
        "id": format!("{}#list", draft.stands_for.unwrap_or(draft.url)),
        "type": "BitstringStatusList",
        "statusPurpose": draft.purpose.as_str(),
        "ttl": i64::try_from(draft.ttl.as_millis()).unwrap_or(i64::MAX).max(0),
        "encodedList": draft.bits.encode(),
    });
    let mut list = Map::with_capacity(7);
    list.insert("@context".to_owned(), json!(["https://www.w3.org/ns/credentials/v2"]));
    list.insert("id".to_owned(), draft.url.into());
    list.insert("type".to_owned(), json!(["VerifiableCredential", "BitstringStatusListCredential"]));
    list.insert("issuer".to_owned(), draft.issuer.as_str().into());
    list.insert("validFrom".to_owned(), seconds(draft.valid_from).into());
    list.insert("validUntil".to_owned(), seconds(draft.valid_until).into());
    list.insert("credentialSubject".to_owned(), subject);
    list
}

/// What a list says of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Whether the bit is set.
    pub set: bool,
    /// How old the news is: the list's `validFrom`, where it has one.
    pub as_of: Option<Timestamp>,
}

/// Why a list that was had says nothing that can be relied on. None of these is a pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListProblem {
    /// A member is missing or of the wrong form.
    #[error("{pointer}: {because}")]
    Form {
        /// Which member.
        pointer: &'static str,
        /// What it should be.
        because: &'static str,
    },
    /// The bits cannot be read.
    #[error("/credentialSubject/encodedList: {0}")]
    Bits(#[from] BitsError),
    /// It is another list than the entry names.
    #[error("/id: this is the list {0}, not the one asked for")]
    OtherList(String),
    /// It is the list of another issuer.
    #[error("/issuer: this is a list of {0}, not of the issuer of the credential")]
    OtherIssuer(String),
    /// It stands for another list than the entry names.
    #[error("/credentialSubject/id: this stands for the list {0}, not for the one asked for")]
    OtherOriginal(String),
    /// It is not by whoever keeps the register of the issuer, who has closed.
    #[error("/issuer: this is a list of {0}, who does not keep the register of the issuer of the credential")]
    OtherKeeper(String),
    /// It is about another purpose.
    #[error("/credentialSubject/statusPurpose: not a list of this purpose")]
    OtherPurpose,
    /// It follows another specification than the entry.
    #[error("/type: not the type of list the entry asks for")]
    OtherType,
    /// It is not valid yet.
    #[error("/validFrom: not valid before {0}")]
    NotYet(Timestamp),
    /// It is no longer valid.
    #[error("/validUntil: not valid after {0}")]
    Expired(Timestamp),
    /// The index lies beyond its end.
    #[error("the list has {0} entries, fewer than the index")]
    Range(u64),
}

/// A list, read once; asked for many entries.
#[derive(Debug, Clone)]
pub struct StatusList {
    /// Which specification it follows.
    pub kind: EntryKind,
    /// Its `id`.
    pub id: String,
    /// The `id` of its subject: the list's own with a fragment, or that of the list it mirrors.
    pub subject: Option<String>,
    /// Its issuer.
    pub issuer: String,
    /// `statusPurpose`, one or several.
    pub purposes: Vec<String>,
    /// From when it is valid.
    pub valid_from: Option<Timestamp>,
    /// Until when it is valid.
    pub valid_until: Option<Timestamp>,
    /// How long a copy may be kept.
    pub ttl: SignedDuration,
    /// The bits.
    pub bits: Bitstring,
}

impl StatusList {
    /// Reads a list credential whose proof holds.
    pub fn parse(list: &Value) -> Result<Self, ListProblem> {
        let form = |pointer, because| ListProblem::Form { pointer, because };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let kind = if has_type(list, "BitstringStatusListCredential") {
            EntryKind::Bitstring
        } else if has_type(list, "StatusList2021Credential") {
            EntryKind::List2021
        } else {
            return Err(form("/type", "not a status list credential"));
        };
        let subject = match list.get("credentialSubject") {
            Some(Value::Array(one)) if one.len() == 1 => &one[0],
            Some(one @ Value::Object(_)) => one,
            _ => return Err(form("/credentialSubject", "a status list credential has one subject")),
        };
        let subject_type = match kind {
            EntryKind::Bitstring => "BitstringStatusList",
            EntryKind::List2021 => "StatusList2021",
        };
        if !has_type(subject, subject_type) {
            return Err(form("/credentialSubject/type", "not a status list"));
        }
        let purposes = match subject.get("statusPurpose") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) if (1..=8).contains(&many.len()) => {
                let words = many.iter().map(|one| text(Some(one))).collect::<Option<_>>();
                words.ok_or(form("/credentialSubject/statusPurpose", "a purpose is a string"))?
            }
            _ => {
                return Err(form("/credentialSubject/statusPurpose", "a list has a purpose, or up to eight"));
            }
        };
        if subject.get("statusSize").is_some_and(|size| size.as_u64() != Some(1)) {
            return Err(form("/credentialSubject/statusSize", "only lists of single bits are supported"));
        }
        let ttl = match subject.get("ttl") {
            None => DEFAULT_TTL,
            Some(ttl) => ttl
                .as_u64()
                .map(|ms| SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX)))
                .ok_or(form("/credentialSubject/ttl", "a time to live is a whole number of milliseconds"))?,
        };
        let encoded = subject.get("encodedList").and_then(Value::as_str);
        let encoded = encoded.ok_or(form("/credentialSubject/encodedList", "a list has an encodedList"))?;
        Ok(Self {
            kind,
            id: text(list.get("id")).ok_or(form("/id", "a status list has an id"))?,
            subject: text(subject.get("id")),
            issuer: text(list.get("issuer").map(|issuer| issuer.get("id").unwrap_or(issuer)))
                .ok_or(form("/issuer", "a status list has an issuer"))?,
            purposes,
            valid_from: instant(list, ["/validFrom", "/issuanceDate"])?,
            valid_until: instant(list, ["/validUntil", "/expirationDate"])?,
            ttl,
            bits: match kind {
                EntryKind::Bitstring => Bitstring::decode(encoded)?,
                EntryKind::List2021 => Bitstring::decode_2021(encoded)?,
            },
        })
    }

    /// What it says of `entry`, which stands in a credential of `issuer`, at `now`.
    ///
    /// `ttl` is no reason to refuse: it says how long a copy may be kept, and whoever fetches keeps to it.
    /// `validUntil` is the issuer's word on how long the news can be relied on.
    pub fn read(&self, entry: &Entry, issuer: &str, now: Timestamp) -> Result<Reading, ListProblem> {
        if self.id != entry.list {
            return Err(ListProblem::OtherList(clip(&self.id)));
        }
        if self.issuer != issuer {
            return Err(ListProblem::OtherIssuer(clip(&self.issuer)));
        }
        self.says(entry, now)
    }

    /// The same of a list that `keeper`, who has taken over the register of a closed issuer, serves at `at` in the place
    /// of the one that the entry names: its own `id` is where it is served, and its subject's is that of the list it
    /// stands for (with a fragment), so that no list can be shown in the place of another.
    pub fn read_mirrored(
        &self,
        entry: &Entry,
        at: &str,
        keeper: &str,
        now: Timestamp,
    ) -> Result<Reading, ListProblem> {
        if self.id != at {
            return Err(ListProblem::OtherList(clip(&self.id)));
        }
        let subject = self.subject.as_deref().unwrap_or_default();
        if subject.split('#').next() != Some(entry.list.as_str()) {
            return Err(ListProblem::OtherOriginal(clip(subject)));
        }
        if self.issuer != keeper {
            return Err(ListProblem::OtherKeeper(clip(&self.issuer)));
        }
        self.says(entry, now)
    }

    fn says(&self, entry: &Entry, now: Timestamp) -> Result<Reading, ListProblem> {
        if self.kind != entry.kind {
            return Err(ListProblem::OtherType);
        }
        if !self.purposes.iter().any(|purpose| purpose == entry.purpose.as_str()) {
            return Err(ListProblem::OtherPurpose);
        }
        if let Some(from) = self.valid_from.filter(|from| from.duration_since(now) > LEEWAY) {
            return Err(ListProblem::NotYet(from));
        }
        if let Some(until) = self.valid_until.filter(|until| now.duration_since(*until) > LEEWAY) {
            return Err(ListProblem::Expired(until));
        }
        let set = self.bits.get(entry.index).ok_or(ListProblem::Range(self.bits.len()))?;
        Ok(Reading { set, as_of: self.valid_from })
    }
}

/// What a list credential, its proof already verified, says of an entry of a credential of `issuer` at `now`.
pub fn read(list: &Value, entry: &Entry, issuer: &str, now: Timestamp) -> Result<Reading, ListProblem> {
    StatusList::parse(list)?.read(entry, issuer, now)
}

fn has_type(node: &Value, name: &str) -> bool {
    match node.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(many)) => many.iter().any(|one| one.as_str() == Some(name)),
        _ => false,
    }
}

/// The instant at the first pointer that is there: VC 2.0's name, then VC 1.1's.
fn instant(list: &Value, pointers: [&'static str; 2]) -> Result<Option<Timestamp>, ListProblem> {
    for pointer in pointers {
        if let Some(value) = list.pointer(pointer) {
            let because = "not a date and time with offset";
            let read = value.as_str().and_then(|text| text.parse().ok());
            return read.map(Some).ok_or(ListProblem::Form { pointer, because });
        }
    }
    Ok(None)
}

fn seconds(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

fn clip(text: &str) -> String {
    text.chars().take(200).collect()
}
