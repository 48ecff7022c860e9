//! Keys against Wycheproof and the did:key vectors: good ones are read, everything else is refused by its name.

use proptest::prelude::*;
use serde_json::{Value, json};
use testamur::codec::multibase;
use testamur::crypto::{Ed25519Signer, KeyError, KeyType, PublicKey, Signer};

use crate::shared;

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn ed25519_agrees_with_wycheproof() {
    let Some(suite) = shared::json("vectors/wycheproof/testvectors_v1/ed25519_test.json") else { return };
    let mut seen = 0;
    for group in suite["testGroups"].as_array().unwrap() {
        let mut multikey = vec![0xed, 0x01];
        multikey.extend(unhex(group["publicKey"]["pk"].as_str().unwrap()));
        let key = PublicKey::from_multikey(&multibase::encode_base58btc(&multikey)).unwrap();
        for case in group["tests"].as_array().unwrap() {
            let (message, signature) =
                (unhex(case["msg"].as_str().unwrap()), unhex(case["sig"].as_str().unwrap()));
            let good = key.verify(&message, &signature).is_ok();
            assert_eq!(good, case["result"] == "valid", "{}: {}", case["tcId"], case["comment"]);
            seen += 1;
        }
    }
    assert_eq!(seen, 151);
}

#[test]
fn small_order_keys_sign_nothing() {
    // The identity: with R = the identity and s = 0 a lenient check passes any message.
    let mut point = [0; 32];
    point[0] = 1;
    let mut signature = [0; 64];
    signature[0] = 1;
    let multikey = multibase::encode_base58btc(&[&[0xed, 0x01][..], &point].concat());
    let key = PublicKey::from_multikey(&multikey).unwrap();
    assert!(key.verify(b"any message", &signature).is_err());
}

#[test]
fn supported_keys_read_alike_in_both_forms() {
    for file in shared::files("vectors/did-key/test-vectors", ".json") {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let vectors: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for (did, case) in vectors.as_object().unwrap() {
            let Some(multikey) = did.strip_prefix("did:key:") else { continue };
            let key = PublicKey::from_multikey(multikey);
            let jwk = &case["verificationMethod"]["publicKeyJwk"];
            match (name.as_str(), jwk["crv"].as_str()) {
                ("ed25519-x25519.json", _) => {
                    let key = key.unwrap();
                    let pair = &case["verificationKeyPair"];
                    match pair["publicKeyBase58"].as_str() {
                        Some(text) => assert_eq!(
                            multibase::decode(multikey, 34).unwrap()[2..],
                            bs58::decode(text).into_vec().unwrap()
                        ),
                        None => assert_eq!(key.to_jwk()["x"], pair["publicKeyJwk"]["x"]),
                    }
                    assert_eq!((key.key_type(), key.to_multikey().as_str()), (KeyType::Ed25519, multikey));
                    assert_eq!(PublicKey::from_jwk(&key.to_jwk()).unwrap(), key);
                    if let Some(seed) = case["seed"].as_str() {
                        let seed: [u8; 32] = unhex(seed).try_into().unwrap();
                        assert_eq!(*Ed25519Signer::from_seed("k", &seed).public_key(), key);
                    }
                }
                ("nist-curves.json", Some("P-256" | "P-384")) => {
                    let key = key.unwrap();
                    assert_eq!(
                        (PublicKey::from_jwk(jwk).unwrap(), key.to_multikey().as_str()),
                        (key.clone(), multikey)
                    );
                    assert_eq!(key.to_jwk(), *jwk);
                }
                // One P-256 vector gives its key in base58 alone.
                ("nist-curves.json", None) if multikey.starts_with("zDn") => {
                    assert_eq!(key.unwrap().to_multikey(), multikey)
                }
                _ => assert!(matches!(key, Err(KeyError::Unsupported(_))), "{did} {key:?}"),
            }
        }
    }
}

#[test]
fn lengths_points_and_private_keys_are_checked() {
    let read = |bytes: &[u8]| PublicKey::from_multikey(&multibase::encode_base58btc(bytes)).unwrap_err();
    let length = |name, expected, found| KeyError::Length { name, expected, found };
    assert_eq!(read(&[&[0xed, 0x01][..], &[7; 31]].concat()), length(KeyType::Ed25519, 32, 31));
    assert_eq!(read(&[&[0x80, 0x24][..], &[2; 65]].concat()), length(KeyType::P256, 33, 65));
    assert_eq!(read(&[&[0x81, 0x24][..], &[2; 33]].concat()), length(KeyType::P384, 49, 33));
    assert_eq!(
        read(&[&[0xed, 0x01][..], &[0xff; 31], &[0x7f]].concat()),
        KeyError::NotAPoint(KeyType::Ed25519)
    );
    assert_eq!(read(&[&[0x80, 0x24][..], &[5; 33]].concat()), KeyError::NotAPoint(KeyType::P256));
    assert_eq!(read(&[&[0x80, 0x26][..], &[7; 32]].concat()), KeyError::PrivateKey);
    assert!(matches!(read(&[0xed]), KeyError::Unsupported(_)));
    assert!(matches!(PublicKey::from_multikey(""), Err(KeyError::Multibase(_))));
    assert!(matches!(
        PublicKey::from_multikey(&format!("z{}", "1".repeat(100_000))),
        Err(KeyError::Multibase(_))
    ));
    let in_base64 = multibase::encode_base64url(&[&[0xed, 0x01][..], &[7; 32]].concat());
    assert!(matches!(PublicKey::from_multikey(&in_base64), Err(KeyError::Multibase(_))));
}

#[test]
fn jwks_must_be_public_whole_and_for_signatures() {
    let good = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "x", "use": "sig" });
    assert!(PublicKey::from_jwk(&good).is_ok());
    let with = |name: &str, value: Value| {
        let mut jwk = good.clone();
        jwk[name] = value;
        PublicKey::from_jwk(&jwk).unwrap_err()
    };
    assert_eq!(with("d", "AAAA".into()), KeyError::PrivateKey);
    assert_eq!(with("use", "enc".into()), KeyError::JwkMember("use"));
    assert_eq!(with("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR".into()), KeyError::JwkMember("x"));
    assert_eq!(with("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=".into()), KeyError::JwkMember("x"));
    assert_eq!(with("x", 1.into()), KeyError::JwkMember("x"));
    assert_eq!(with("crv", "X25519".into()), KeyError::Unsupported("OKP X25519".into()));
    assert_eq!(with("kty", "RSA".into()), KeyError::Unsupported("RSA".into()));
    assert_eq!(PublicKey::from_jwk(&Value::Null), Err(KeyError::JwkMember("kty")));
}

#[test]
fn a_signer_never_prints_its_key() {
    let signer = Ed25519Signer::from_seed("did:web:a.example#k", &[0x5a; 32]);
    assert_eq!(format!("{signer:?}"), "Ed25519Signer { key_id: \"did:web:a.example#k\", .. }");
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_nothing_else(seed: [u8; 32], message: Vec<u8>, bit in 0usize..512) {
        let signer = Ed25519Signer::from_seed("k", &seed);
        let mut signature = signer.sign(&message).unwrap();
        prop_assert!(signer.public_key().verify(&message, &signature).is_ok());
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(signer.public_key().verify(&message, &signature).is_err());
    }

    #[test]
    fn no_text_panics_the_key_readers(text in "z[1-9A-HJ-NP-Za-km-z]{0,80}|.{0,20}") {
        let _ = PublicKey::from_multikey(&text);
        let _ = PublicKey::from_jwk(&json!({ "kty": "EC", "crv": "P-256", "x": text, "y": text }));
    }
}
