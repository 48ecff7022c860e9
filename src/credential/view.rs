//! A typed view of a credential's members, without a copy: what is not as it should be reads as absent.

use serde_json::{Map, Value};

use super::problem::push_name;

/// The base context of VC Data Model 2.0.
pub const CONTEXT_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// The base context of VC Data Model 1.1.
pub const CONTEXT_V1: &str = "https://www.w3.org/2018/credentials/v1";

/// Which data model a credential follows, by its first context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// VC Data Model 1.1.
    V1,
    /// VC Data Model 2.0.
    V2,
}

/// The values of a member that holds one value or an array of them; nothing when absent or null.
pub fn each(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
    }
}

/// An object inside a credential, with its place.
#[derive(Debug, Clone)]
pub struct Embedded<'a> {
    /// JSON pointer from the root of the outer credential.
    pub pointer: String,
    /// Its members.
    pub members: &'a Map<String, Value>,
}

impl<'a> Embedded<'a> {
    /// The typed view.
    pub fn view(&self) -> View<'a> {
        View::of(self.members)
    }
}

/// A view of a credential, a draft or an embedded credential.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    members: &'a Map<String, Value>,
}

impl<'a> View<'a> {
    /// The view of these members.
    pub fn of(members: &'a Map<String, Value>) -> Self {
        Self { members }
    }

    /// The members themselves.
    pub fn members(self) -> &'a Map<String, Value> {
        self.members
    }

    /// A member as text.
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.members.get(name)?.as_str()
    }

    /// Which data model it follows; `None` when its first context is neither base context.
    pub fn version(self) -> Option<Version> {
        match each(self.members.get("@context")).first()?.as_str()? {
            CONTEXT_V2 => Some(Version::V2),
            CONTEXT_V1 => Some(Version::V1),
            _ => None,
        }
    }

    /// Whether it follows VC Data Model 2.0.
    pub fn is_v2(self) -> bool {
        self.version() == Some(Version::V2)
    }

    /// Whether it follows VC Data Model 1.1.
    pub fn is_v1(self) -> bool {
        self.version() == Some(Version::V1)
    }

    /// Its own `id`.
    pub fn id(self) -> Option<&'a str> {
        self.text("id")
    }

    /// Its types, in order.
    pub fn types(self) -> impl Iterator<Item = &'a str> {
        each(self.members.get("type")).iter().filter_map(Value::as_str)
    }

    /// Whether it has the type.
    pub fn has_type(self, name: &str) -> bool {
        self.types().any(|each| each == name)
    }

    /// The issuer's id, whether the issuer is written as text or as an object.
    pub fn issuer_id(self) -> Option<&'a str> {
        match self.members.get("issuer")? {
            Value::String(id) => Some(id),
            Value::Object(issuer) => issuer.get("id")?.as_str(),
            _ => None,
        }
    }

    /// The issuer as an object, where it is one: what it claims about itself.
    pub fn issuer(self) -> Option<&'a Map<String, Value>> {
        self.members.get("issuer")?.as_object()
    }

    /// The name the issuer gives itself, as plain text.
    pub fn issuer_name(self) -> Option<&'a str> {
        plain_text(self.issuer()?.get("name")?)
    }

    /// From when it is valid, as written: `validFrom`, in VC 1.1 `issuanceDate`.
    pub fn valid_from(self) -> Option<&'a str> {
        self.text(if self.is_v1() { "issuanceDate" } else { "validFrom" })
    }

    /// Until when it is valid, as written: `validUntil`, in VC 1.1 `expirationDate`.
    pub fn valid_until(self) -> Option<&'a str> {
        self.text(if self.is_v1() { "expirationDate" } else { "validUntil" })
    }

    /// The award date, as written.
    pub fn awarded_date(self) -> Option<&'a str> {
        self.text("awardedDate")
    }

    /// Its subjects, those that are objects.
    pub fn subjects(self) -> impl Iterator<Item = &'a Map<String, Value>> {
        each(self.members.get("credentialSubject")).iter().filter_map(Value::as_object)
    }

    /// Its status entries, raw, in order.
    pub fn statuses(self) -> &'a [Value] {
        each(self.members.get("credentialStatus"))
    }

    /// Its proofs, raw, in order.
    pub fn proofs(self) -> &'a [Value] {
        each(self.members.get("proof"))
    }

    /// Its related resources, raw, in order.
    pub fn related_resources(self) -> &'a [Value] {
        each(self.members.get("relatedResource"))
    }

    /// The endorsements it embeds (Open Badges 3.0: on the credential, its issuer, its achievements and their sources),
    /// with their places. Those that are not objects are the form check's matter.
    pub fn endorsements(self) -> Vec<Embedded<'a>> {
        let mut out = Vec::new();
        gather(self.members, "", "endorsement", &mut out);
        if let Some(issuer) = self.issuer() {
            gather(issuer, "/issuer", "endorsement", &mut out);
        }
        for (pointer, subject) in placed(self.members, "", "credentialSubject") {
            for member in ["achievement", "source"] {
                for (pointer, object) in placed(subject, &pointer, member) {
                    gather(object, &pointer, "endorsement", &mut out);
                }
            }
        }
        out
    }

    /// The credentials it embeds as its subject's record (CLR 2.0 `credentialSubject.verifiableCredential`), with their places.
    pub fn embedded(self) -> Vec<Embedded<'a>> {
        let mut out = Vec::new();
        for (pointer, subject) in placed(self.members, "", "credentialSubject") {
            gather(subject, &pointer, "verifiableCredential", &mut out);
        }
        out
    }
}

/// The text of a string or of a value object (VC 2.0 §11.1).
pub fn plain_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(object) => object.get("@value")?.as_str(),
        Value::Array(items) => items.first().and_then(|first| match first {
            Value::Array(_) => None,
            other => plain_text(other),
        }),
        _ => None,
    }
}

/// The objects a member holds, one or many, with their places.
pub fn placed<'a>(
    object: &'a Map<String, Value>,
    pointer: &str,
    member: &str,
) -> impl Iterator<Item = (String, &'a Map<String, Value>)> {
    let value = object.get(member);
    let many = matches!(value, Some(Value::Array(_)));
    let mut base = pointer.to_owned();
    push_name(&mut base, member);
    each(value).iter().enumerate().filter_map(move |(at, item)| {
        let place = if many { format!("{base}/{at}") } else { base.clone() };
        item.as_object().map(|object| (place, object))
    })
}

fn gather<'a>(object: &'a Map<String, Value>, pointer: &str, member: &str, out: &mut Vec<Embedded<'a>>) {
    if object.contains_key(member) {
        out.extend(placed(object, pointer, member).map(|(pointer, members)| Embedded { pointer, members }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn members(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn both_models_are_read() {
        let two = members(
            json!({"@context": [CONTEXT_V2], "validFrom": "a", "validUntil": "b", "issuer": {"id": "did:x:y", "name": {"@value": "N"}}}),
        );
        let view = View::of(&two);
        assert!(view.is_v2());
        assert_eq!((view.valid_from(), view.valid_until()), (Some("a"), Some("b")));
        assert_eq!((view.issuer_id(), view.issuer_name()), (Some("did:x:y"), Some("N")));
        let one = members(
            json!({"@context": [CONTEXT_V1], "issuanceDate": "a", "validFrom": "no", "issuer": "did:x:z"}),
        );
        let view = View::of(&one);
        assert!(view.is_v1());
        assert_eq!((view.valid_from(), view.issuer_id()), (Some("a"), Some("did:x:z")));
    }

    #[test]
    fn embedded_documents_are_found_with_their_places() {
        let document = members(json!({
            "endorsement": [{"n": 1}, "not one"],
            "issuer": {"endorsement": {"n": 2}},
            "credentialSubject": [{"achievement": {"endorsement": [{"n": 3}]}, "verifiableCredential": {"n": 4}}],
        }));
        let places = |list: Vec<Embedded<'_>>| list.into_iter().map(|one| one.pointer).collect::<Vec<_>>();
        let view = View::of(&document);
        assert_eq!(
            places(view.endorsements()),
            ["/endorsement/0", "/issuer/endorsement", "/credentialSubject/0/achievement/endorsement/0"]
        );
        assert_eq!(places(view.embedded()), ["/credentialSubject/0/verifiableCredential"]);
    }

    #[test]
    fn what_is_not_as_it_should_be_reads_as_absent() {
        let odd = members(
            json!({"@context": 4, "type": {"a": 1}, "issuer": [], "credentialSubject": "x", "proof": null, "id": 7}),
        );
        let view = View::of(&odd);
        assert_eq!(view.version(), None);
        assert_eq!(view.types().count() + view.subjects().count() + view.proofs().len(), 0);
        assert_eq!((view.id(), view.issuer_id()), (None, None));
    }
}
