//! `relatedResource` (VC Data Model 2.0 §5.3): digests compared with those of resources known here.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::iri;
use super::problem::{At, Problem, Problems};
use super::view::{View, each};
use crate::codec::multibase;
use crate::jsonld::contexts::authentic_digest;

/// Compares the digests of related resources with the authentic ones; each problem is a digest that is not.
///
/// A resource that is not known here is never loaded, so nothing rests on its digest: it stays the issuer's signed
/// claim and is no problem.
pub fn check_digests(document: &Map<String, Value>) -> Vec<Problem> {
    let mut problems = Problems::new();
    let root = At::ROOT;
    let member = root.name("relatedResource");
    let many = matches!(document.get("relatedResource"), Some(Value::Array(_)));
    for (index, resource) in View::of(document).related_resources().iter().enumerate() {
        let item = member.item(index);
        let at = if many { &item } else { &member };
        let Some(resource) = resource.as_object() else { continue };
        let Some(url) = resource.get("id").and_then(Value::as_str) else { continue };
        for member in ["digestSRI", "digestMultibase"] {
            let wrong = |digest: &Value| match digest.as_str() {
                Some(text) => authentic_digest(url, text) == Some(false),
                None => true,
            };
            if each(resource.get(member)).iter().any(wrong) {
                problems.add(&at.name(member), "this is not the digest of that resource");
            }
        }
    }
    problems.into_vec()
}

/// The form of `relatedResource`: objects with an `id` of their own each and at least one digest.
pub(super) fn check_form(value: &Value, at: &At<'_>, problems: &mut Problems) {
    let mut ids = HashSet::new();
    super::form::parts::each_object(value, at, problems, |resource, at, problems| {
        match resource.get("id").and_then(Value::as_str) {
            Some(id) if iri::is_url(id) => {
                if !ids.insert(id.to_owned()) {
                    problems.add(&at.name("id"), "another related resource has the same id");
                }
            }
            _ => problems.add(&at.name("id"), "a related resource needs an id that is a URL"),
        }
        let (sri, multi) = (resource.get("digestSRI"), resource.get("digestMultibase"));
        if sri.is_none() && multi.is_none() {
            problems.add(at, "a related resource needs digestSRI or digestMultibase");
        }
        if sri.is_some_and(|value| value.as_str().is_none_or(|text| sri_tokens(text).is_none())) {
            problems.add(&at.name("digestSRI"), "not a subresource integrity digest");
        }
        if multi.is_some_and(|value| {
            let digests = each(Some(value));
            digests.is_empty()
                || !digests.iter().all(|one| one.as_str().is_some_and(|text| digest_bytes(text).is_some()))
        }) {
            problems.add(&at.name("digestMultibase"), "not a multibase digest");
        }
        if resource.get("mediaType").is_some_and(|value| !value.is_string()) {
            problems.add(&at.name("mediaType"), "a media type is a string");
        }
    });
}

/// The digests of a subresource integrity value (W3C SRI §3.1): `shaN-base64`, one or more.
fn sri_tokens(text: &str) -> Option<Vec<Vec<u8>>> {
    use base64::Engine;
    if text.len() > 1_000 {
        return None;
    }
    let mut out = Vec::new();
    for token in text.split_ascii_whitespace() {
        let (algorithm, rest) = token.split_once('-')?;
        let length = match algorithm {
            "sha256" => 32,
            "sha384" => 48,
            "sha512" => 64,
            _ => return None,
        };
        let digest = rest.split('?').next()?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(digest).ok()?;
        if bytes.len() != length {
            return None;
        }
        out.push(bytes);
    }
    (!out.is_empty()).then_some(out)
}

/// The digest of a `digestMultibase`: a multihash of SHA-256 or SHA-384, or the bare digest, as both are in use.
fn digest_bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = multibase::decode(text, 128).ok()?;
    match bytes.as_slice() {
        [0x12, 0x20, digest @ ..] if digest.len() == 32 => Some(digest.to_vec()),
        [0x20, 0x30, digest @ ..] if digest.len() == 48 => Some(digest.to_vec()),
        [0x13, 0x40, digest @ ..] if digest.len() == 64 => Some(digest.to_vec()),
        bare if matches!(bare.len(), 32 | 48 | 64) => Some(bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::view::CONTEXT_V2;
    use serde_json::json;

    fn wrong(resource: Value) -> Vec<String> {
        let document = json!({"relatedResource": resource});
        check_digests(document.as_object().unwrap()).into_iter().map(|problem| problem.pointer).collect()
    }

    #[test]
    fn authentic_digests_pass_in_every_notation() {
        let sri = "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg";
        let bare = "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k";
        assert!(wrong(json!({"id": CONTEXT_V2, "digestSRI": sri, "digestMultibase": bare})).is_empty());
        assert!(wrong(json!([{"id": "https://elsewhere.example/", "digestSRI": "sha256-x"}])).is_empty());
        let bytes = multibase::decode(bare, 64).unwrap();
        let multihash = multibase::encode_base64url(&[&[0x12, 0x20], bytes.as_slice()].concat());
        assert!(wrong(json!({"id": CONTEXT_V2, "digestMultibase": multihash})).is_empty());
    }

    #[test]
    fn others_are_refused() {
        let digest = "uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0";
        assert_eq!(
            wrong(json!([{"id": CONTEXT_V2, "digestMultibase": digest}])),
            ["/relatedResource/0/digestMultibase"]
        );
        assert_eq!(
            wrong(json!({"id": CONTEXT_V2, "digestSRI": "sha384-_rCVIV7f"})),
            ["/relatedResource/digestSRI"]
        );
    }
}
