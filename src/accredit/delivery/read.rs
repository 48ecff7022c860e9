//! The form of a delivery, read strictly: who sends it is not known yet.

use serde_json::{Map, Value};

use super::DeliveryError;
use crate::codec::{json, multibase};
use crate::credential::validity::Day;
use crate::did::Did;
use crate::log::{Leaf, SALT_LEN};
use crate::store::CountedLeaf;
use crate::store::counted::MAX_DELIVERY;

/// The type of the document.
pub const TYPE: &str = "LogDelivery";

/// The longest delivery read, in bytes.
pub const MAX_BYTES: usize = 512 * 1024;

/// Longest text of an entry, in bytes.
const MAX_TEXT: usize = 300;

/// A delivery before anything of it was checked against the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Which log.
    pub origin: String,
    /// The index of the first leaf.
    pub from: u64,
    /// The leaves from there on, all of one bundle of entries.
    pub entries: Vec<Told>,
}

/// What is told of one leaf.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The leaf; none for what was erased.
    pub leaf: Option<Leaf>,
    /// What is recorded of it.
    pub counted: CountedLeaf,
}

type Read<T> = Result<T, DeliveryError>;

/// Reads the signed document, all but its proof.
pub(super) fn delivery(bytes: &[u8]) -> Read<(Map<String, Value>, Asked)> {
    let parsed = json::parse(bytes).map_err(|error| wrong("", error.to_string()))?;
    let Value::Object(document) = parsed else { return Err(wrong("", "is to be a JSON object")) };
    let at = Place { members: &document, at: String::new() };
    at.only(&["type", "origin", "from", "entries", "proof"])?;
    if at.text("type")? != TYPE {
        return Err(at.wrong("type", format!("is to be {TYPE}")));
    }
    let origin = at.text("origin")?.to_owned();
    let from = at.number("from")?;
    let Some(Value::Array(told)) = document.get("entries") else {
        return Err(at.wrong("entries", "is to be a list"));
    };
    let bundle = MAX_DELIVERY as u64;
    let last = from.checked_add(told.len() as u64).map(|until| until.saturating_sub(1));
    if told.is_empty() || last.is_none_or(|last| last / bundle != from / bundle) {
        let most = format!("is 1 to {MAX_DELIVERY} entries, all of one bundle of the log's entries");
        return Err(at.wrong("entries", most));
    }
    let read = |(place, value): (usize, &Value)| {
        let at = format!("/entries/{place}");
        let Value::Object(members) = value else { return Err(wrong(&at, "is to be a JSON object")) };
        entry(&Place { members, at }, from + place as u64)
    };
    let entries = told.iter().enumerate().map(read).collect::<Read<_>>()?;
    Ok((document, Asked { origin, from, entries }))
}

fn entry(at: &Place<'_>, index: u64) -> Read<Told> {
    if at.number("index")? != index {
        return Err(at.wrong("index", format!("is to be {index}: the entries follow one another")));
    }
    match at.text("kind")? {
        "credential" => {
            at.only(&["index", "kind", "institution", "type", "salt", "digest", "programme", "awardDate"])?;
            let award_date = at.maybe_text("awardDate")?;
            if award_date.is_some_and(|day| Day::parse(day).is_err()) {
                return Err(at.wrong("awardDate", "is to be a day, YYYY-MM-DD"));
            }
            let leaf = Leaf::Credential { salt: at.bytes::<SALT_LEN>("salt")?, digest: at.bytes("digest")? };
            let counted = CountedLeaf::Credential {
                institution: at.did()?,
                r#type: at.text("type")?.to_owned(),
                programme: at.maybe_text("programme")?.map(str::to_owned),
                award_date: award_date.map(str::to_owned),
            };
            Ok(Told { leaf: Some(leaf), counted })
        }
        kind @ ("status-list" | "trust-list") => {
            at.only(&["index", "kind", "digest"])?;
            let digest = at.bytes("digest")?;
            let (leaf, counted) = match kind {
                "status-list" => (Leaf::StatusList { digest }, CountedLeaf::StatusList),
                _ => (Leaf::TrustList { digest }, CountedLeaf::TrustList),
            };
            Ok(Told { leaf: Some(leaf), counted })
        }
        "erased" => {
            at.only(&["index", "kind", "institution"])?;
            Ok(Told { leaf: None, counted: CountedLeaf::Erased { institution: at.did()? } })
        }
        _ => Err(at.wrong("kind", "is credential, status-list, trust-list or erased")),
    }
}

/// An object and where it stands.
struct Place<'a> {
    members: &'a Map<String, Value>,
    at: String,
}

impl<'a> Place<'a> {
    fn wrong(&self, name: &str, why: impl Into<String>) -> DeliveryError {
        wrong(&format!("{}/{name}", self.at), why)
    }

    fn only(&self, known: &[&str]) -> Read<()> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let name: String = name.chars().take(40).collect();
                Err(self.wrong(&name.replace('~', "~0").replace('/', "~1"), "is not understood here"))
            }
        }
    }

    fn maybe_text(&self, name: &str) -> Read<Option<&'a str>> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() && text.len() <= MAX_TEXT => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, format!("is to be text of 1 to {MAX_TEXT} bytes"))),
        }
    }

    fn text(&self, name: &str) -> Read<&'a str> {
        self.maybe_text(name)?.ok_or_else(|| self.wrong(name, "is missing"))
    }

    fn number(&self, name: &str) -> Read<u64> {
        let number = self.members.get(name).and_then(Value::as_u64);
        number
            .filter(|number| *number <= crate::log::merkle::MAX_SIZE)
            .ok_or_else(|| self.wrong(name, "is to be a whole number, not negative"))
    }

    fn did(&self) -> Read<Did> {
        Did::parse(self.text("institution")?).map_err(|_| self.wrong("institution", "is to be a DID"))
    }

    fn bytes<const N: usize>(&self, name: &str) -> Read<[u8; N]> {
        let read = multibase::decode(self.text(name)?, N).ok().and_then(|bytes| bytes.try_into().ok());
        read.ok_or_else(|| self.wrong(name, format!("is to be {N} bytes, multibase")))
    }
}

fn wrong(at: &str, why: impl Into<String>) -> DeliveryError {
    DeliveryError::Form(at.to_owned(), why.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn document() -> Value {
        json!({"type": TYPE, "origin": "log.a.example/2026", "from": 0, "proof": {}, "entries": [
            {"index": 0, "kind": "credential", "institution": "did:web:a.example", "type": "diploma",
             "salt": multibase::encode_base64url(&[1; 16]), "digest": multibase::encode_base64url(&[2; 32]),
             "programme": "urn:p", "awardDate": "2026-06-30"},
            {"index": 1, "kind": "erased", "institution": "did:web:a.example"},
            {"index": 2, "kind": "status-list", "digest": multibase::encode_base64url(&[2; 32])},
        ]})
    }

    fn asked(document: &Value) -> Read<Asked> {
        delivery(document.to_string().as_bytes()).map(|(_, asked)| asked)
    }

    #[test]
    fn a_delivery_is_read_and_each_wrong_member_named() {
        assert_eq!(asked(&document()).unwrap().entries.len(), 3);
        for (pointer, value) in [
            ("/from", json!(-1)),
            ("/from", json!(254)),
            ("/from", json!(u64::MAX)),
            ("/type", json!("Delivery")),
            ("/entries", json!([])),
            ("/entries", json!({})),
            ("/entries/0", json!(7)),
            ("/entries/1/index", json!(2)),
            ("/entries/0/salt", json!("u")),
            ("/entries/0/digest", json!("x".repeat(100_000))),
            ("/entries/0/programme", json!("x".repeat(301))),
            ("/entries/0/awardDate", json!("2026-02-30")),
            ("/entries/0/institution", json!("ha-noi")),
            ("/entries/2/kind", json!("root")),
        ] {
            let mut wrong = document();
            *wrong.pointer_mut(pointer).unwrap() = value.clone();
            let told = asked(&wrong).unwrap_err();
            let DeliveryError::Form(at, _) = &told else { panic!("{told}") };
            assert!(at.starts_with(pointer) || pointer == "/from", "{pointer}: {told}");
        }
        let mut named = document();
        named["entries"][0]["name"] = json!("Nguyễn Văn An");
        let told = asked(&named).unwrap_err().to_string();
        assert!(told.starts_with("/entries/0/name ") && !told.contains("Nguy"), "{told}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, text: String, number: i64) {
            let _ = delivery(&bytes);
            let _ = delivery(text.as_bytes());
            let mut hostile = document();
            hostile["from"] = json!(number);
            hostile["entries"][1]["institution"] = json!(text);
            let _ = asked(&hostile);
        }
    }
}
