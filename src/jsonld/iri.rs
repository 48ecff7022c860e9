//! IRIs as strings: is it one, and resolving a relative reference (RFC 3986 section 5.2, without any normalizing).

/// `@` followed by one or more ASCII letters: reserved for keywords, whether or not it is one.
pub(super) fn looks_like_keyword(text: &str) -> bool {
    match text.as_bytes() {
        [b'@', rest @ ..] => !rest.is_empty() && rest.iter().all(u8::is_ascii_alphabetic),
        _ => false,
    }
}

/// The length of the scheme before the first `:`, if the text begins with a well-formed one.
fn scheme_len(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_alphabetic() {
        return None;
    }
    let end = bytes.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')))?;
    (bytes[end] == b':').then_some(end)
}

/// True for an absolute IRI that N-Quads can hold between `<` and `>` (RFC 3987 scheme, none of the characters
/// the IRIREF production forbids, one fragment at most). Everything else must never reach canonical output: it could end the term early.
pub(super) fn is_well_formed(text: &str) -> bool {
    // plain folds over bytes: the compiler turns them into vector instructions
    let bad = text.bytes().fold(false, |bad, b| {
        bad | (b <= 0x20) | matches!(b, b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`')
    });
    !bad && text.bytes().filter(|b| *b == b'#').count() <= 1 && scheme_len(text).is_some()
}

/// True for an absolute IRI or a blank node identifier, by form alone (what expansion calls "has the form of an IRI").
pub(super) fn is_absolute(text: &str) -> bool {
    text.starts_with("_:") || scheme_len(text).is_some()
}

/// BCP 47's outer form, as JSON-LD processors test it: `[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*`.
pub(super) fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let sized = |p: &str| (1..=8).contains(&p.len());
    parts.next().is_some_and(|p| sized(p) && p.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|p| sized(p) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

/// RFC 3986 appendix B.
fn split(text: &str) -> Parts<'_> {
    let (scheme, rest) = match scheme_len(text) {
        Some(end) => (Some(&text[..end]), &text[end + 1..]),
        None => (None, text),
    };
    let (rest, fragment) = match rest.split_once('#') {
        Some((before, after)) => (before, Some(after)),
        None => (rest, None),
    };
    let (rest, query) = match rest.split_once('?') {
        Some((before, after)) => (before, Some(after)),
        None => (rest, None),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(after) => {
            let end = after.find('/').unwrap_or(after.len());
            (Some(&after[..end]), &after[end..])
        }
        None => (None, rest),
    };
    Parts { scheme, authority, path, query, fragment }
}

/// Resolves `reference` against `base` (RFC 3986 section 5.2.2). A base without a scheme resolves what it can.
pub(super) fn resolve(base: &str, reference: &str) -> String {
    let r = split(reference);
    if r.scheme.is_some() {
        return reference.to_owned();
    }
    let b = split(base);
    let (authority, path, query) = if r.authority.is_some() {
        (r.authority, remove_dot_segments(r.path), r.query)
    } else if r.path.is_empty() {
        (b.authority, b.path.to_owned(), r.query.or(b.query))
    } else if r.path.starts_with('/') {
        (b.authority, remove_dot_segments(r.path), r.query)
    } else {
        let merged = if b.authority.is_some() && b.path.is_empty() {
            format!("/{}", r.path)
        } else {
            format!("{}{}", &b.path[..b.path.rfind('/').map_or(0, |i| i + 1)], r.path)
        };
        (b.authority, remove_dot_segments(&merged), r.query)
    };
    let mut out = String::with_capacity(base.len() + reference.len());
    for (part, before, after) in [
        (b.scheme, "", ":"),
        (authority, "//", ""),
        (Some(path.as_str()), "", ""),
        (query, "?", ""),
        (r.fragment, "#", ""),
    ] {
        if let Some(part) = part {
            out.push_str(before);
            out.push_str(part);
            out.push_str(after);
        }
    }
    out
}

/// RFC 3986 section 5.2.4.
fn remove_dot_segments(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let absolute = path.starts_with('/');
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    out.pop();
                }
                if last {
                    out.push("");
                }
            }
            _ => out.push(segment),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, out.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3986_section_5_4() {
        let base = "http://a/b/c/d;p?q";
        for (reference, expected) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g#s", "http://a/b/c/g#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            (".g", "http://a/b/c/.g"),
            ("g..", "http://a/b/c/g.."),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g#s/../x", "http://a/b/c/g#s/../x"),
        ] {
            assert_eq!(resolve(base, reference), expected, "{reference}");
        }
    }

    #[test]
    fn forms() {
        assert!(
            is_well_formed("https://a.example/é#ö")
                && is_well_formed("urn:x")
                && is_well_formed("did:web:a%3A1")
        );
        for bad in [
            "",
            "a",
            "/a",
            "_:b0",
            ":a",
            "1a:b",
            "https://a b",
            "https://a>",
            "https://a\"",
            "https://a\n",
            "a\\:b",
        ] {
            assert!(!is_well_formed(bad), "{bad}");
        }
        assert!(looks_like_keyword("@ignoreMe") && !looks_like_keyword("@") && !looks_like_keyword("@a.b"));
        assert!(
            is_language_tag("vi")
                && is_language_tag("zh-Hans-CN")
                && !is_language_tag("a b")
                && !is_language_tag("")
        );
    }
}
