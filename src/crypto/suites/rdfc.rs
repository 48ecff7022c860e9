//! What the suites over RDF share: the canonical N-Quads of a proof's options.

use serde_json::{Map, Value};

use crate::crypto::proof::{ProofError, Unsecured};
use crate::jsonld::{self, HashAlgorithm};

/// Its terms for proofs are protected: no later context can give them another meaning.
const CREDENTIALS_V2: &str = "https://www.w3.org/ns/credentials/v2";

/// The canonical N-Quads of the proof `config` without its `proofValue`, under the context of `document`.
pub(super) fn options(
    document: &Unsecured<'_>,
    config: &Map<String, Value>,
    hash: HashAlgorithm,
) -> Result<String, ProofError> {
    if let Some(known) = plain(document.context(), config) {
        return Ok(known);
    }
    let mut options = config.clone();
    options.shift_remove("proofValue");
    match document.context() {
        Some(context) => options.insert("@context".into(), context.clone()),
        None => options.shift_remove("@context"),
    };
    jsonld::canonicalize_with(&options, &[], hash).map_err(|mut error| {
        error.pointer.insert_str(0, document.proof_pointer());
        error.into()
    })
}

/// The same for the proof nearly every credential has, written down at once: VC 2.0's context first, then contexts
/// named by URL (which the document's own canonicalization looks up; none of them names a prefix `did` or `urn`), and
/// no member but the five below and an id.
fn plain(context: Option<&Value>, config: &Map<String, Value>) -> Option<String> {
    let by_name = match context? {
        Value::String(only) => only == CREDENTIALS_V2,
        Value::Array(several) => {
            several.first().is_some_and(|first| first == CREDENTIALS_V2)
                && several.iter().all(Value::is_string)
        }
        _ => false,
    };
    let members =
        ["type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue", "id"];
    if !by_name || !config.keys().all(|name| members.contains(&name.as_str())) {
        return None;
    }
    let text = |name: &str| config.get(name).and_then(Value::as_str);
    let subject = match config.get("id") {
        None => "_:c14n0".to_owned(),
        Some(id) => format!("<{}>", id.as_str().filter(|id| is_plain_iri(id))?),
    };
    let (suite, method) = (text("cryptosuite")?, text("verificationMethod").filter(|iri| is_plain_iri(iri))?);
    let purpose = match text("proofPurpose")? {
        "assertionMethod" => "assertionMethod",
        "authentication" => "authenticationMethod",
        _ => return None,
    };
    if text("type")? != "DataIntegrityProof" || !is_plain(suite) {
        return None;
    }
    let created = match config.get("created") {
        None => String::new(),
        Some(at) => {
            let at = at.as_str().filter(|at| is_plain(at))?;
            format!(
                "{subject} <http://purl.org/dc/terms/created> \"{at}\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n"
            )
        }
    };
    Some(format!(
        "{created}\
         {subject} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/security#DataIntegrityProof> .\n\
         {subject} <https://w3id.org/security#cryptosuite> \"{suite}\"^^<https://w3id.org/security#cryptosuiteString> .\n\
         {subject} <https://w3id.org/security#proofPurpose> <https://w3id.org/security#{purpose}> .\n\
         {subject} <https://w3id.org/security#verificationMethod> <{method}> .\n"
    ))
}

/// Whether a text means itself in N-Quads and in an IRI.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:+".contains(&b))
}

/// Whether a text is an absolute IRI of a scheme no context here uses as a prefix, in plain letters.
fn is_plain_iri(text: &str) -> bool {
    let (scheme, rest) = text.split_once(':').unwrap_or_default();
    let letters = rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:#%/".contains(&b));
    matches!(scheme, "did" | "urn") && !rest.is_empty() && letters && rest.matches('#').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_down_is_what_json_ld_says() {
        let contexts = [
            json!(CREDENTIALS_V2),
            json!([CREDENTIALS_V2]),
            json!([CREDENTIALS_V2, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]),
            json!([CREDENTIALS_V2, "https://www.w3.org/ns/credentials/examples/v2"]),
            json!([CREDENTIALS_V2, "https://a.example/contexts/testamur-award-v1.jsonld"]),
        ];
        let base = json!({
            "type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "created": "2026-07-03T09:00:00.5+07:00",
            "verificationMethod": "did:web:localhost%3A8080:institutions:a#z6Mk", "proofPurpose": "assertionMethod", "proofValue": "z2",
        });
        let variants = [
            json!({}),
            json!({ "created": null }),
            json!({ "id": "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544" }),
            json!({ "proofPurpose": "authentication" }),
            json!({ "verificationMethod": "did:key:z6Mk#z6Mk", "cryptosuite": "ecdsa-rdfc-2019" }),
        ];
        for context in &contexts {
            for variant in &variants {
                let mut config = base.as_object().unwrap().clone();
                config.extend(variant.as_object().unwrap().clone());
                config.retain(|_, value| !value.is_null());
                let quick = plain(Some(context), &config).unwrap();
                config.shift_remove("proofValue");
                config.insert("@context".into(), context.clone());
                assert_eq!(quick, jsonld::canonicalize(&config, &[]).unwrap(), "{context} {variant}");
            }
        }
    }

    #[test]
    fn anything_unusual_goes_the_long_way() {
        let context = json!([CREDENTIALS_V2]);
        let base = json!({
            "type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "created": "2026-07-03T09:00:00Z",
            "verificationMethod": "did:web:a#k", "proofPurpose": "assertionMethod",
        });
        let base = base.as_object().unwrap();
        assert!(plain(Some(&context), base).is_some());
        for context in [
            None,
            Some(json!("https://www.w3.org/2018/credentials/v1")),
            Some(json!([CREDENTIALS_V2, { "did": "https://evil.example/" }])),
            Some(json!(["https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", CREDENTIALS_V2])),
        ] {
            assert_eq!(plain(context.as_ref(), base), None, "{context:?}");
        }
        for (name, value) in [
            ("nonce", json!("x")),
            ("@context", json!(CREDENTIALS_V2)),
            ("previousProof", json!("urn:x")),
            ("created", json!("a\"b")),
            ("verificationMethod", json!("https://a.example/k")),
            ("verificationMethod", json!("did:a b")),
            ("verificationMethod", json!("key")),
            ("verificationMethod", json!("did:a#b#c")),
            ("proofPurpose", json!("keyAgreement")),
            ("type", json!(["DataIntegrityProof"])),
            ("cryptosuite", json!("\\")),
            ("id", json!("#p")),
            ("id", json!(null)),
            ("created", json!(null)),
        ] {
            let mut config = base.clone();
            config.insert(name.into(), value);
            assert_eq!(plain(Some(&context), &config), None, "{name}");
        }
    }
}
