//! JSON Web Keys: OKP Ed25519 (RFC 8037), EC P-256 and P-384 (RFC 7518 §6.2). Public ones only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{KeyError, KeyType, PublicKey};

impl PublicKey {
    /// Reads a public JWK. One that holds private members is refused: whoever published it lost the key.
    pub fn from_jwk(jwk: &Value) -> Result<PublicKey, KeyError> {
        let text =
            |name: &'static str| jwk.get(name).and_then(Value::as_str).ok_or(KeyError::JwkMember(name));
        if ["d", "p", "q", "dp", "dq", "qi", "k", "priv"].iter().any(|name| jwk.get(name).is_some()) {
            return Err(KeyError::PrivateKey);
        }
        let kty = text("kty")?;
        let crv = if matches!(kty, "OKP" | "EC") { text("crv")? } else { "" };
        match jwk.get("use") {
            None => {}
            Some(Value::String(word)) if word == "sig" => {}
            Some(_) => return Err(KeyError::JwkMember("use")),
        }
        let x = |name| coordinate("x", text("x")?, name);
        let y = |name| coordinate("y", text("y")?, name);
        match (kty, crv) {
            ("OKP", "Ed25519") => PublicKey::ed25519(&x(KeyType::Ed25519)?),
            ("EC", "P-256") => {
                let point = [vec![4], x(KeyType::P256)?, y(KeyType::P256)?].concat();
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point);
                key.map(PublicKey::P256).map_err(|_| KeyError::NotAPoint(KeyType::P256))
            }
            ("EC", "P-384") => {
                let point = [vec![4], x(KeyType::P384)?, y(KeyType::P384)?].concat();
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&point);
                key.map(PublicKey::P384).map_err(|_| KeyError::NotAPoint(KeyType::P384))
            }
            _ => Err(KeyError::Unsupported(format!("{kty} {crv}").trim().chars().take(40).collect())),
        }
    }

    /// The key as a JWK.
    pub fn to_jwk(&self) -> Value {
        let ec = |crv: &str, point: &[u8]| {
            let (x, y) = point.split_at(point.len() / 2);
            json!({ "kty": "EC", "crv": crv, "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) })
        };
        match self {
            PublicKey::Ed25519(key) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(key.as_bytes()) })
            }
            PublicKey::P256(key) => {
                ec("P-256", key.to_sec1_point(false).as_bytes().get(1..).unwrap_or_default())
            }
            PublicKey::P384(key) => {
                ec("P-384", key.to_sec1_point(false).as_bytes().get(1..).unwrap_or_default())
            }
        }
    }
}

/// A field element: base64url without padding, of exactly the curve's size.
fn coordinate(member: &'static str, text: &str, name: KeyType) -> Result<Vec<u8>, KeyError> {
    let expected = if name == KeyType::P384 { 48 } else { 32 };
    if text.len() > 2 * expected {
        return Err(KeyError::JwkMember(member));
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyError::JwkMember(member))?;
    if bytes.len() == expected { Ok(bytes) } else { Err(KeyError::JwkMember(member)) }
}
