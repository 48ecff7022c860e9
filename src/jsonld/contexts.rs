//! The pinned contexts: bytes compiled in (see contexts/README.md), and the digests under which a document may refer to them.

use sha2::{Digest, Sha256, Sha384, Sha512};
use std::sync::OnceLock;

use crate::codec::{digest, hex};

/// A context this program knows. It is never fetched.
#[derive(Debug)]
pub struct Pinned {
    /// The URL documents name it by. For our own two it is the end of the path, good on any host.
    pub url: &'static str,
    /// SHA-256 of `bytes` in hexadecimal, as `contexts/README.md` pins it.
    pub sha256: &'static str,
    /// The JSON-LD document.
    pub bytes: &'static [u8],
    /// Its place in [`PINNED`].
    pub(super) index: usize,
}

/// The path ending by which our own contexts are known on any `http` or `https` host.
const OURS: &str = "/contexts/testamur-";

macro_rules! pinned {
    ($($index:literal $url:literal $file:literal $sha256:literal)+) => {
        /// Every context compiled in.
        pub static PINNED: &[Pinned] = &[$(Pinned {
            url: $url, sha256: $sha256, bytes: include_bytes!(concat!("contexts/", $file)), index: $index,
        }),+];
    };
}

pinned! {
    0 "https://www.w3.org/2018/credentials/v1" "credentials-v1.jsonld"
        "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc"
    1 "https://www.w3.org/ns/credentials/v2" "credentials-v2.jsonld"
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
    2 "https://www.w3.org/2018/credentials/examples/v1" "credentials-examples-v1.jsonld"
        "2070ae4e75bc3b4c2cfe2b8b6e86ec45119672bbb5da283f0399ea96c60a0104"
    3 "https://www.w3.org/ns/credentials/examples/v2" "credentials-examples-v2.jsonld"
        "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c"
    4 "https://www.w3.org/ns/credentials/undefined-terms/v2" "credentials-undefined-terms-v2.jsonld"
        "82dab514ba44eb18f5d1b0f638c5e140c6a556fbfb5089601bdc0fa5eb8b2581"
    5 "https://www.w3.org/ns/credentials/status/v1" "bitstring-status-list-v1.jsonld"
        "fda5add353231e6a6884a46b12e6c75464281900cb348284d9c360f62381d9f7"
    6 "https://w3id.org/vc/status-list/2021/v1" "status-list-2021-v1.jsonld"
        "6dd06a52bedb771e059c1083ba8ba7848dce22f6b4a8cfa0b98ba3fc188870e4"
    7 "https://w3id.org/security/data-integrity/v1" "data-integrity-v1.jsonld"
        "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554"
    8 "https://w3id.org/security/data-integrity/v2" "data-integrity-v2.jsonld"
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4"
    9 "https://w3id.org/security/multikey/v1" "multikey-v1.jsonld"
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597"
    10 "https://w3id.org/security/jwk/v1" "jwk-v1.jsonld"
        "0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece"
    11 "https://w3id.org/security/suites/ed25519-2020/v1" "ed25519-2020-v1.jsonld"
        "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588"
    12 "https://www.w3.org/ns/did/v1" "did-v1.jsonld"
        "62c1054bf404d6dd3a4b26b64f830fd72095f6a26edc4469908c94351352ce5f"
    13 "https://purl.imsglobal.org/spec/ob/v3p0/context.json" "ob-3.0.0.jsonld"
        "b077fa134d909d92c1dcd1c153f2af1b244aeb415967fdc1467d7fc5dd48ac10"
    14 "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json" "ob-3.0.1.jsonld"
        "d582f3564282fb3b709136d28412e78e70b678b4dbc2f0221f67d84932748355"
    15 "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json" "ob-3.0.2.jsonld"
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53"
    16 "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json" "ob-3.0.3.jsonld"
        "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761"
    17 "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json" "ob-extensions.jsonld"
        "146f85aa16effd7ca1da8056eb443f53ce1eca8a34186cb062832c0a97d889c3"
    18 "https://purl.imsglobal.org/spec/clr/v2p0/context.json" "clr-2.0.0.jsonld"
        "e198d7b517d74c5036434ce495086f67b10244709e9a3df9dcb7f8b1579b6167"
    19 "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json" "clr-2.0.1.jsonld"
        "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6"
    20 "https://www.w3.org/ns/odrl.jsonld" "odrl.jsonld"
        "88e7f9f9048f7c4997ecdd09dd82f864f92eb267ef3d4297dd7db971132583c1"
    21 "https://w3id.org/citizenship/v4rc1" "citizenship-v4rc1.jsonld"
        "a89b0bc00b1848ac3dfdf956c7dd5de8567e755351c07ec6a1c2b4a08b67953b"
    22 "/contexts/testamur-award-v1.jsonld" "testamur-award-v1.jsonld"
        "0b8f92ed60c37d68e4e0ac6b3c8d9ec17a35247bbd27cb58d0ff8fa5995b2c4a"
    23 "/contexts/testamur-authority-v1.jsonld" "testamur-authority-v1.jsonld"
        "1bde71a3aee0806482570ea4818a2055cb95c781d94b582df7aee0f192536df8"
}

/// The pinned context a document means by `url`, or none. Our own two are recognised by the end of the path on any `http` or
/// `https` host, without query or fragment.
pub fn by_url(url: &str) -> Option<&'static Pinned> {
    if let Some(found) = PINNED.iter().find(|p| p.url == url) {
        return Some(found);
    }
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let at = rest.rfind(OURS).filter(|at| *at > 0)?;
    PINNED.iter().find(|p| p.url == &rest[at..]).filter(|_| !rest[..at].contains(['?', '#', '@']))
}

/// Digests of bytes once served at a URL that differ from ours: URL, SHA-256, SHA-384, SHA-512, all hexadecimal.
const FORMER: &[(&str, &str, &str, &str)] = &[
    // Of 20 July 2024, quoted by the W3C data model suite. The final one of February 2025 moved statusMessage, statusReference and
    // statusSize from the list to its entries; documents are read with that one.
    (
        "https://www.w3.org/ns/credentials/v2",
        "24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9",
        "35239c36999d2155312091af194a1edb61634d6ad789a5e5b19f2aebdd762dd9d1dcaada40eda7ef921c6b8c0ae107a0",
        "cb1336dfa8670d80d03344b3b0cc25faf4d45201823c35f39bb1afe5a9f911f615ff4ec80ec5f2f89e33d14e96bec8be78e38df35b918c9cd5f3b3449bd6c88f",
    ),
];

/// Whether a digest is that of the resource at a URL this program knows.
///
/// `digest` is a `digestSRI` (`sha256-…`, `sha384-…`, `sha512-…`, base64; several separated by spaces all have to be right) or a
/// `digestMultibase` (base58btc `z` or base64url `u`, of a multihash or of the bare digest). `None`: we do not know the URL.
/// `Some(false)`: we do, and this is not its digest, or not one we can read.
pub fn authentic_digest(url: &str, digest: &str) -> Option<bool> {
    let pinned = by_url(url)?;
    let known = |found: &[u8]| {
        digests(pinned).iter().any(|d| d == found)
            || FORMER
                .iter()
                .filter(|f| f.0 == pinned.url)
                .any(|f| [f.1, f.2, f.3].iter().any(|hex| is_hex_of(hex, found)))
    };
    let digests = match digest.starts_with("sha") {
        true => digest::from_sri(digest),
        false => digest::from_multibase(digest).map(|one| vec![one]),
    };
    Some(digests.is_some_and(|digests| digests.iter().all(|one| known(one))))
}

fn is_hex_of(digits: &str, bytes: &[u8]) -> bool {
    digits == hex::encode(bytes)
}

/// SHA-256, SHA-384 and SHA-512 of a pinned context, computed when first asked for.
fn digests(pinned: &Pinned) -> &'static [Vec<u8>; 3] {
    static ALL: OnceLock<Vec<OnceLock<[Vec<u8>; 3]>>> = OnceLock::new();
    static NONE: [Vec<u8>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    let all = ALL.get_or_init(|| PINNED.iter().map(|_| OnceLock::new()).collect());
    all.get(pinned.index).map_or(&NONE, |slot| {
        slot.get_or_init(|| {
            let b = pinned.bytes;
            [Sha256::digest(b).to_vec(), Sha384::digest(b).to_vec(), Sha512::digest(b).to_vec()]
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str = "https://www.w3.org/ns/credentials/v2";

    #[test]
    fn table_is_in_order_and_true() {
        for (at, pinned) in PINNED.iter().enumerate() {
            assert_eq!(pinned.index, at, "{}", pinned.url);
            assert!(is_hex_of(pinned.sha256, &Sha256::digest(pinned.bytes)), "{}", pinned.url);
        }
    }

    #[test]
    fn ours_on_any_host() {
        for url in [
            "https://registry.example/contexts/testamur-award-v1.jsonld",
            "http://localhost:8080/contexts/testamur-authority-v1.jsonld",
            "https://h.example/a/b/contexts/testamur-award-v1.jsonld",
        ] {
            assert!(by_url(url).is_some(), "{url}");
        }
        for url in [
            "/contexts/testamur-award-v1.jsonld",
            "ftp://h/contexts/testamur-award-v1.jsonld",
            "https://h/contexts/testamur-award-v1.jsonld?x",
            "https://h/?/contexts/testamur-award-v1.jsonld",
            "https:///contexts/testamur-award-v1.jsonld",
            "https://h/contexts/testamur-award-v2.jsonld",
            "https://h.example/",
        ] {
            assert!(by_url(url).is_none() || url.starts_with("/contexts"), "{url}");
        }
    }

    #[test]
    fn digests_as_the_data_model_suite_posts_them() {
        assert_eq!(
            authentic_digest(V2, "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"),
            Some(true)
        );
        assert_eq!(authentic_digest(V2, "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"), Some(true));
        // today's bytes
        assert_eq!(
            authentic_digest(V2, "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"),
            Some(true)
        );
        assert_eq!(authentic_digest(V2, "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"), Some(true));
        assert_eq!(
            authentic_digest(V2, "uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA"),
            Some(true),
            "multihash"
        );
        // wrong, malformed, unknown
        assert_eq!(authentic_digest(V2, "uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0"), Some(false));
        for bad in ["", "sha384-", "sha384-AAAA", "md5-AAAA", "u", "u!!", "sha256-sha384-l/Hr"] {
            assert_eq!(authentic_digest(V2, bad), Some(false), "{bad}");
        }
        assert_eq!(authentic_digest("https://other.example/", "uAAAA"), None);
    }
}
