//! Absolute identifiers: what the data model calls a URL (any scheme: https, did, urn, data, …).

/// Longest identifier accepted, in bytes; `data:` URLs of enveloped credentials are read elsewhere.
pub const MAX_IRI: usize = 4_096;

/// Whether the text is an absolute IRI (RFC 3987): a scheme, a colon, and something after it, without white space,
/// control characters or the characters an IRI never holds; `http` and `https` need a host.
pub fn is_absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let mut letters = scheme.bytes();
    let starts_well = letters.next().is_some_and(|b| b.is_ascii_alphabetic());
    if !starts_well || !letters.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')) {
        return false;
    }
    // To the end, found or not: so the compiler looks at many bytes at a time.
    let ascii = rest.bytes().fold(false, |found, byte| found | never_in_ascii(byte));
    if rest.is_empty() || ascii || !rest.is_ascii() && rest.chars().any(never_in_an_iri) {
        return false;
    }
    if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") {
        return rest.strip_prefix("//").is_some_and(|authority| {
            authority.split(['/', '?', '#']).next().is_some_and(|host| !host.is_empty())
        });
    }
    true
}

/// Whether the text is an absolute IRI no longer than [`MAX_IRI`].
pub fn is_url(text: &str) -> bool {
    text.len() <= MAX_IRI && is_absolute(text)
}

fn never_in_an_iri(c: char) -> bool {
    c.is_control() || c.is_whitespace()
}

fn never_in_ascii(byte: u8) -> bool {
    byte <= b' '
        || byte == 0x7f
        || matches!(byte, b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_every_scheme_are_told_from_what_only_looks_like_one() {
        for good in [
            "https://example.org/a?b#c",
            "did:key:z6Mk",
            "did:web:localhost%3A8080:institutions:x",
            "urn:uuid:72cb9e5c-89df-47a3-8fb4-a888b6063139",
            "https://ví-dụ.example/ß",
            "data:application/vc+jwt,ey",
        ] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "fake-issuer",
            "https ://not-a-url/x",
            "https:",
            "https://",
            "https:///x",
            ":x",
            "1a:b",
            "a:",
            "urn:a b",
            "urn:a\nb",
            "../c",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }
}
