//! Workplace learning: whether the enterprise itself confirmed it, with its own key.

use std::sync::Arc;

use serde_json::{Value, json};
use testamur::clock::FixedClock;
use testamur::credential::{Credential, endorsement};
use testamur::crypto::{Ed25519Signer, Signer as _};
use testamur::did::Did;
use testamur::resolve::{Layered, Mirror, NoOwn};
use testamur::trust::Trust;
use testamur::verify::gather::{self, Sources};
use testamur::verify::{Extent, State, Verdict, judge};

use super::judged::codes;
use super::maker::*;

const NOW: &str = "2026-11-12T00:00:00Z";
const COLLEGE: u8 = 1;
const ENTERPRISE: u8 = 2;
const STRANGER: u8 = 3;

fn did(n: u8) -> String {
    format!("did:key:{}", Ed25519Signer::from_seed("", &[n; 32]).public_key().to_multikey())
}

fn by(n: u8, document: &Value) -> Value {
    serde_json::from_slice(&signed(document, &[key(n, &did(n))], "2026-07-20T00:00:00Z")).unwrap()
}

/// A record of the college that names the enterprise, confirmed by whoever is given.
async fn record(confirmed_by: Option<u8>) -> Verdict {
    let text = include_str!("../../fixtures/credentials/workplace-learning/full.json");
    let mut draft: Value = serde_json::from_str(text).unwrap();
    draft["id"] = json!("https://diplomas.vn.example/c/1");
    draft["issuer"] = json!(did(COLLEGE));
    draft["validFrom"] = json!("2026-07-20T00:00:00Z");
    draft["credentialSubject"]["source"]["id"] = json!(did(ENTERPRISE));
    draft.as_object_mut().unwrap().remove("endorsement");
    if let Some(n) = confirmed_by {
        let digest = endorsement::digest_of(draft.as_object().unwrap());
        draft["endorsement"] = json!([by(
            n,
            &json!({
                "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                    "https://registry.example/contexts/testamur-award-v1.jsonld"],
                "id": "urn:uuid:7d0743eb-1002-4f1a-a479-e68be901b54b",
                "type": ["VerifiableCredential", "EndorsementCredential"], "issuer": did(n), "name": "Confirmed",
                "validFrom": "2026-07-20T00:00:00Z",
                "credentialSubject": {"id": draft["id"], "type": ["EndorsementSubject"], "digestMultibase": digest},
            })
        )]);
    }
    let credential = Credential::parse(by(COLLEGE, &draft).to_string()).unwrap();
    let clock = Arc::new(FixedClock::at(at(NOW)));
    let resolver = Layered::new(Arc::new(NoOwn), Arc::new(Mirror::default()), clock);
    let college = Did::parse(&did(COLLEGE)).unwrap();
    let sources =
        Sources { resolver: &resolver, trust: Arc::new(Trust::new([], &[college], vec![])), own: None };
    let evidence = gather::credential(&sources, &credential, Extent::Full).await;
    judge::credential(credential, &evidence, at(NOW), Extent::Full)
}

#[tokio::test]
async fn a_record_says_whether_the_enterprise_itself_confirmed_it() {
    let confirmed = record(Some(ENTERPRISE)).await;
    assert_eq!((confirmed.state, codes(&confirmed)), (State::Genuine, vec![]), "{:#?}", confirmed.checks);
    for by in [None, Some(STRANGER), Some(COLLEGE)] {
        let found = record(by).await;
        assert_eq!((found.verified, found.state), (true, State::GenuineBut), "{by:?}");
        assert_eq!(codes(&found), ["enterprise.not.confirmed"], "{by:?}: {:#?}", found.checks);
    }
}
