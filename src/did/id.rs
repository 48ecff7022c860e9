//! The names themselves: a [`Did`], and a [`DidUrl`] that points into its document.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest DID or DID URL read, in bytes; a P-384 did:jwk needs some 250.
const MAX_LEN: usize = 2048;

/// A well-formed DID (DID Core §3.1), kept as written. `did:web` hosts are not resolved or lowered here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Did(String);

/// A well-formed DID URL (DID Core §3.2): a DID, then a path, a query, a fragment, each optional.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DidUrl {
    text: String,
    /// Length of the DID at its beginning.
    did: usize,
}

/// Why a text is no DID or DID URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DidError {
    /// Longer than 2048 bytes.
    #[error("the DID is too long")]
    TooLong,
    /// Does not follow `did:method:id`.
    #[error("not a DID: `did:`, a method in small letters and digits, `:` and an identifier are expected")]
    Syntax,
    /// The part after the DID is not a path, query and fragment.
    #[error("not a DID URL: the part after the DID is malformed")]
    UrlSyntax,
}

impl Did {
    /// Reads a bare DID; a fragment or path is an error.
    pub fn parse(text: &str) -> Result<Did, DidError> {
        if did_length(text)? == text.len() { Ok(Did(text.to_owned())) } else { Err(DidError::Syntax) }
    }

    /// The whole DID.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `web` of `did:web:college.example`.
    pub fn method(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// What follows the method: `college.example` of `did:web:college.example`.
    pub fn method_specific_id(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or_default()
    }

    /// The did:key of a multikey, which is letters and digits.
    pub(super) fn of_multikey(multikey: &str) -> Did {
        Did(format!("did:key:{multikey}"))
    }

    /// This DID with a fragment; `fragment` comes without its `#`.
    pub fn with_fragment(&self, fragment: &str) -> String {
        format!("{}#{fragment}", self.0)
    }
}

impl DidUrl {
    /// Reads a DID URL; a bare DID is one too.
    pub fn parse(text: &str) -> Result<DidUrl, DidError> {
        let did = did_length(text)?;
        let rest = text.get(did..).unwrap_or_default();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?#%".contains(&b);
        let starts = rest.is_empty() || rest.starts_with(['/', '?', '#']);
        if !starts || !rest.bytes().all(allowed) || rest.matches('#').count() > 1 || !percent_ok(rest) {
            return Err(DidError::UrlSyntax);
        }
        Ok(DidUrl { text: text.to_owned(), did })
    }

    /// Reads `reference` as seen from `base`: `#key-1` belongs to `base`, anything else stands for itself.
    pub fn resolve(base: &Did, reference: &str) -> Result<DidUrl, DidError> {
        if reference.starts_with('#') {
            return DidUrl::parse(&format!("{base}{reference}"));
        }
        DidUrl::parse(reference)
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The DID it begins with.
    pub fn did(&self) -> Did {
        Did(self.did_str().to_owned())
    }

    /// The DID it begins with, as text.
    pub fn did_str(&self) -> &str {
        self.text.get(..self.did).unwrap_or_default()
    }

    /// What follows `#`.
    pub fn fragment(&self) -> Option<&str> {
        self.text.split_once('#').map(|(_, fragment)| fragment)
    }
}

/// The length of the DID that `text` begins with.
fn did_length(text: &str) -> Result<usize, DidError> {
    if text.len() > MAX_LEN {
        return Err(DidError::TooLong);
    }
    let did = text.get(..text.find(['/', '?', '#']).unwrap_or(text.len())).unwrap_or_default();
    let mut parts = did.splitn(3, ':');
    let (Some("did"), Some(method), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(DidError::Syntax);
    };
    let method_ok =
        !method.is_empty() && method.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let id_ok = id.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:%".contains(&b)) && percent_ok(id);
    if method_ok && id_ok && !id.is_empty() && !id.ends_with(':') {
        Ok(did.len())
    } else {
        Err(DidError::Syntax)
    }
}

/// Whether every `%` begins a percent-encoded byte.
fn percent_ok(text: &str) -> bool {
    let hex = |part: &str| part.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    text.split('%').skip(1).all(hex)
}

impl fmt::Display for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Did {
    type Err = DidError;

    fn from_str(text: &str) -> Result<Did, DidError> {
        Did::parse(text)
    }
}

impl TryFrom<String> for Did {
    type Error = DidError;

    fn try_from(text: String) -> Result<Did, DidError> {
        if did_length(&text)? == text.len() { Ok(Did(text)) } else { Err(DidError::Syntax) }
    }
}

impl From<Did> for String {
    fn from(did: Did) -> String {
        did.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dids_are_told_from_lookalikes() {
        for good in [
            "did:web:college.example",
            "did:web:localhost%3A8080:institutions:a",
            "did:key:z6Mk",
            "did:a1::b",
            "did:x:_.-",
        ] {
            assert_eq!(Did::parse(good).map(String::from), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "did",
            "did:",
            "did:web",
            "did:web:",
            "did:web:a:",
            "did:Web:a",
            "DID:web:a",
            "did:web:a%3",
            "did:web:a%zz",
            "did:web:a b",
            "did:web:a#k",
            "did:web:a/b",
            "did:web:é",
            "did::a",
            "https://a.example",
        ] {
            assert!(Did::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Did::parse(&format!("did:web:{}", "a".repeat(3000))), Err(DidError::TooLong));
    }

    #[test]
    fn urls_fall_into_their_parts() {
        let url = DidUrl::parse("did:web:a.example:b?versionId=1#key-1").unwrap();
        assert_eq!((url.did_str(), url.fragment()), ("did:web:a.example:b", Some("key-1")));
        assert_eq!((url.did().method(), url.did().method_specific_id()), ("web", "a.example:b"));
        let base = Did::parse("did:web:a.example").unwrap();
        assert_eq!(DidUrl::resolve(&base, "#k").unwrap().as_str(), "did:web:a.example#k");
        for bad in ["#k", "did:web:a#b#c", "did:web:a#é", "did:web:a# ", "did:web:a?%4", "key-1"] {
            assert!(DidUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
