//! A draft: a credential before it is signed, and what is filled in before it is.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::kinds::{By, Class};
use super::problem::{At, Problem, Problems};
use super::validity::stamp_text;
use super::view::{View, each};
use super::{CredentialError, form};
use crate::codec::json;

/// The context VC 1.1 needs for a Data Integrity proof; VC 2.0 has its terms already.
pub const CONTEXT_DATA_INTEGRITY: &str = "https://w3id.org/security/data-integrity/v2";

/// How a credential is shaped for its readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// As VC Data Model 2.0 allows: revocation and suspension entries.
    #[default]
    Plain,
    /// As the JSON Schema of Open Badges 3.0 demands: the revocation entry alone, as an object, and the schema named.
    ObStrict,
}

impl Profile {
    /// The profile of a name in `options.profile`.
    pub fn parse(name: &str) -> Option<Self> {
        (name == "ob-strict").then_some(Self::ObStrict)
    }
}

/// What the service knows when a draft is filled in.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// The DID of the institution that issues.
    pub issuer: &'a str,
    /// Its names, language tag and text, the first one its own.
    pub issuer_names: &'a [(&'a str, &'a str)],
    /// The URL the credential gets when it has no `id`.
    pub id: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// A credential before it is signed.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    members: Map<String, Value>,
}

/// Members that come before the subject, in the order in which one reads; what is not listed keeps its own order
/// between the two lists.
const HEAD: &[&str] = &[
    "@context",
    "id",
    "type",
    "name",
    "description",
    "image",
    "issuer",
    "awardedDate",
    "issuanceDate",
    "validFrom",
    "expirationDate",
    "validUntil",
    "partial",
    "replaces",
    "recordOrigin",
    "credentialSubject",
];
/// Members that come last.
const TAIL: &[&str] = &["credentialSchema", "credentialStatus", "endorsement", "endorsementJwt", "proof"];

impl Draft {
    /// A draft from its text, strict JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, CredentialError> {
        match json::parse(bytes)? {
            Value::Object(members) => Ok(Self { members }),
            _ => Err(CredentialError::NotAnObject),
        }
    }

    /// A draft from members read as part of a larger document.
    pub fn from_members(members: Map<String, Value>) -> Self {
        Self { members }
    }

    /// Its members.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// Its members, given away.
    pub fn into_members(self) -> Map<String, Value> {
        self.members
    }

    /// The typed view.
    pub fn view(&self) -> View<'_> {
        View::of(&self.members)
    }

    /// What it is.
    pub fn class(&self) -> Class {
        Class::of(&self.members)
    }

    /// What is wrong with it as it came, before anything is filled in: its form. Ask this before looking up the issuer
    /// or the id, so that a malformed draft is told so whoever it names.
    pub fn check_form(&self) -> Vec<Problem> {
        form::check_draft(&self.members)
    }

    /// Everything that is wrong with it once filled in: its form and what its kind demands.
    pub fn check(&self) -> Vec<Problem> {
        let problems = form::check(&self.members);
        if problems.is_empty() { self.check_kind() } else { problems }
    }

    /// What its kind, and the digests of related resources, find wrong with a draft whose form is sound.
    pub fn check_kind(&self) -> Vec<Problem> {
        let unconfirmed = super::resource::unconfirmed_throughout(&self.members);
        let mut problems: Vec<_> = unconfirmed.into_iter().map(|one| one.problem).collect();
        problems.extend(self.class().check(&self.members));
        problems
    }

    /// Fills in what is missing and orders the members for the reader.
    ///
    /// VC 2.0: `issuer`, `id`, `validFrom`. VC 1.1: `issuanceDate` and the data-integrity context, nothing else. What
    /// the caller wrote stays as it is, a wrong value included: the check complains about it.
    pub fn fill(&mut self, filling: &Filling<'_>) {
        if self.view().is_v1() {
            self.default("issuanceDate", || Value::String(stamp_text(filling.now)));
            if let Some(Value::Array(contexts)) = self.members.get_mut("@context") {
                let there = |one: &Value| {
                    one.as_str()
                        .is_some_and(|url| url.starts_with("https://w3id.org/security/data-integrity/"))
                };
                if !contexts.iter().any(there) {
                    contexts.push(CONTEXT_DATA_INTEGRITY.into());
                }
            }
        } else {
            self.default("id", || Value::String(filling.id.to_owned()));
            if !self.members.contains_key("issuer") {
                let issuer = self.issuer_value(filling);
                self.members.insert("issuer".to_owned(), issuer);
            }
            self.default("validFrom", || Value::String(stamp_text(filling.now)));
        }
        self.order();
    }

    /// Fills in the unsigned credentials inside a record (CLR 2.0): issuer, `validFrom`, and an id from `ids` each.
    /// The issuer may then sign them ([`Draft::unsigned_inner`]) before the record.
    pub fn fill_inner(&mut self, filling: &Filling<'_>, mut ids: impl FnMut() -> String) {
        for inner in self.unsigned_inner() {
            let mut draft = Draft { members: std::mem::take(inner) };
            let id = if draft.members.contains_key("id") { String::new() } else { ids() };
            draft.fill(&Filling { id: &id, ..*filling });
            *inner = draft.members;
        }
    }

    fn default(&mut self, member: &str, value: impl FnOnce() -> Value) {
        if !self.members.contains_key(member) {
            self.members.insert(member.to_owned(), value());
        }
    }

    /// In our kinds an Open Badges profile with the institution's names; elsewhere the DID alone, as no other term is
    /// sure to be defined.
    fn issuer_value(&self, filling: &Filling<'_>) -> Value {
        let Some((_, own_name)) = filling.issuer_names.first() else { return filling.issuer.into() };
        if !matches!(self.class(), Class::Kind(_, By::OwnType)) {
            return filling.issuer.into();
        }
        let names: Map<String, Value> =
            filling.issuer_names.iter().map(|(tag, name)| ((*tag).to_owned(), Value::from(*name))).collect();
        json!({"id": filling.issuer, "type": ["Profile"], "name": own_name, "nameI18n": names})
    }

    /// Whether status entries of ours belong on it: VC 2.0 without any of its own.
    pub fn wants_status(&self) -> bool {
        self.view().is_v2() && !self.members.contains_key("credentialStatus")
    }

    /// Adds our status entries: as an array, or under `ob-strict` the first one alone as an object. Does nothing to a
    /// draft that does not want any.
    ///
    /// An embedded endorsement's digest covers the status entries, so a record that is to be endorsed gets them before
    /// the endorser signs.
    pub fn add_status(&mut self, entries: Vec<Value>, profile: Profile) {
        if !self.wants_status() || entries.is_empty() {
            return;
        }
        let value = match profile {
            Profile::Plain => Value::Array(entries),
            Profile::ObStrict => entries.into_iter().next().unwrap_or_default(),
        };
        self.members.insert("credentialStatus".to_owned(), value);
        self.order();
    }

    /// Shapes the draft for the profile; the complaints when it cannot be.
    pub fn apply(&mut self, profile: Profile) -> Vec<Problem> {
        let mut problems = Problems::new();
        if profile == Profile::ObStrict {
            let root = At::ROOT;
            match self.open_badges_schema() {
                None => problems.add(&root.name("type"), "ob-strict is for Open Badges and CLR credentials"),
                Some(url) => {
                    // `JsonSchema`: the type 1EdTech names is in no context of Open Badges 3.0 and fails safe mode.
                    self.default("credentialSchema", || json!([{"id": url, "type": "JsonSchema"}]));
                }
            }
            if let Some(Value::Array(entries)) = self.members.get_mut("credentialStatus") {
                match entries.len() {
                    1 => {
                        let only = entries.pop().unwrap_or_default();
                        self.members.insert("credentialStatus".to_owned(), only);
                    }
                    _ => problems.add(&root.name("credentialStatus"), "ob-strict allows one status entry"),
                }
            }
            self.order();
        }
        problems.into_vec()
    }

    fn open_badges_schema(&self) -> Option<&'static str> {
        let view = self.view();
        if view.has_type("ClrCredential") {
            Some("https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json")
        } else if view.has_type("OpenBadgeCredential") || view.has_type("AchievementCredential") {
            Some(
                "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
            )
        } else if view.has_type("EndorsementCredential") {
            Some(
                "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_endorsementcredential_schema.json",
            )
        } else {
            None
        }
    }

    /// The credentials inside a record (CLR 2.0) that nobody has signed: the record's own proof
    /// covers them, and an issuer that wants them to stand alone signs them first.
    pub fn unsigned_inner(&mut self) -> Vec<&mut Map<String, Value>> {
        let subjects = match self.members.get_mut("credentialSubject") {
            Some(Value::Object(subject)) => std::slice::from_mut(subject).iter_mut().collect::<Vec<_>>(),
            Some(Value::Array(items)) => items.iter_mut().filter_map(Value::as_object_mut).collect(),
            _ => Vec::new(),
        };
        let mut out = Vec::new();
        for subject in subjects {
            match subject.get_mut("verifiableCredential") {
                Some(Value::Object(inner)) => out.push(inner),
                Some(Value::Array(items)) => out.extend(items.iter_mut().filter_map(Value::as_object_mut)),
                _ => {}
            }
        }
        out.retain(|inner| !inner.contains_key("proof"));
        out
    }

    /// The signed credential: ours is its proof, or the first of the set when the draft came with proofs of others.
    ///
    /// A draft may carry proofs (VC-API lets an issuer add to a set): they stay, after ours, because readers that look
    /// at one proof only look at the first. A proof of theirs that does not hold is found when our own verifier reads
    /// the result, before anything leaves.
    pub fn into_signed(mut self, proof: Value) -> Map<String, Value> {
        let earlier = each(self.members.get("proof"));
        let value = if earlier.is_empty() {
            proof
        } else {
            Value::Array(std::iter::once(proof).chain(earlier.iter().cloned()).collect())
        };
        self.members.insert("proof".to_owned(), value);
        self.order();
        self.members
    }

    /// The draft again: without the proof that [`Draft::into_signed`] put first, and without status entries.
    pub fn from_signed(mut document: Map<String, Value>) -> Self {
        document.shift_remove("credentialStatus");
        if let Some(Value::Array(proofs)) = document.shift_remove("proof") {
            document.insert("proof".to_owned(), proofs.into_iter().skip(1).collect());
        }
        Self { members: document }
    }

    /// Orders the top-level members as one reads them; what they hold is not touched.
    fn order(&mut self) {
        // Mostly they are: each filling puts only what is new at the end.
        if self.members.keys().map(|name| place(name)).is_sorted() {
            return;
        }
        let mut rest = std::mem::take(&mut self.members);
        let mut take = |names: &[&str]| -> Vec<(String, Value)> {
            names.iter().filter_map(|name| rest.shift_remove_entry(*name)).collect()
        };
        let (head, tail) = (take(HEAD), take(TAIL));
        self.members = head.into_iter().chain(rest).chain(tail).collect();
    }
}

/// Where a member stands: by its place in [`HEAD`], then all that neither list names, then by its place in [`TAIL`].
fn place(name: &str) -> usize {
    let at = |names: &[&str]| names.iter().position(|one| *one == name);
    at(HEAD).or_else(|| at(TAIL).map(|place| HEAD.len() + 1 + place)).unwrap_or(HEAD.len())
}

#[cfg(test)]
mod tests;
