//! An N-Quads reader for the test suites (RDF 1.1 N-Quads), into the product's dataset.

use std::borrow::Cow;
use testamur::jsonld::{Dataset, Quad, RDF_LANG_STRING, Term, XSD_STRING};

/// Reads a whole file; panics on what is not N-Quads.
pub fn parse(text: &str) -> Dataset<'static> {
    let mut out = Dataset::default();
    for line in text.lines() {
        let mut rest = line.trim();
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        let subject = term(&mut rest, &mut out);
        let Term::Iri(predicate) = term(&mut rest, &mut out) else { unreachable!("predicate in {line}") };
        let object = term(&mut rest, &mut out);
        let graph = (!rest.starts_with('.')).then(|| term(&mut rest, &mut out));
        assert!(rest.starts_with('.'), "{line}");
        out.quads.push(Quad { subject, predicate, object, graph });
    }
    out
}

fn term(rest: &mut &str, out: &mut Dataset<'static>) -> Term<'static> {
    let text: &str = rest;
    let (term, after) = if let Some(inner) = text.strip_prefix('<') {
        let (iri, after) = inner.split_once('>').unwrap();
        (Term::Iri(Cow::Owned(unescape(iri))), after)
    } else if let Some(inner) = text.strip_prefix("_:") {
        let end = inner.find([' ', '\t']).unwrap_or(inner.len());
        (Term::Blank(out.labelled(&inner[..end])), &inner[end..])
    } else {
        literal(text.strip_prefix('"').unwrap())
    };
    *rest = after.trim_start();
    term
}

fn literal(text: &str) -> (Term<'static>, &str) {
    let mut escaped = false;
    let end = text
        .bytes()
        .position(|b| {
            let closes = b == b'"' && !escaped;
            escaped = b == b'\\' && !escaped;
            closes
        })
        .unwrap();
    let value = Cow::Owned(unescape(&text[..end]));
    let after = &text[end + 1..];
    if let Some(inner) = after.strip_prefix("^^<") {
        let (iri, after) = inner.split_once('>').unwrap();
        return (Term::Literal { value, datatype: Cow::Owned(unescape(iri)), language: None }, after);
    }
    if let Some(inner) = after.strip_prefix('@') {
        let end = inner.find([' ', '\t']).unwrap_or(inner.len());
        let language = Some(Cow::Owned(inner[..end].to_owned()));
        return (Term::Literal { value, datatype: Cow::Borrowed(RDF_LANG_STRING), language }, &inner[end..]);
    }
    (Term::Literal { value, datatype: Cow::Borrowed(XSD_STRING), language: None }, after)
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let code = |chars: &mut std::str::Chars<'_>, digits: usize| {
            let hex: String = chars.take(digits).collect();
            char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap()
        };
        out.push(match chars.next().unwrap() {
            't' => '\t',
            'b' => '\u{8}',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'u' => code(&mut chars, 4),
            'U' => code(&mut chars, 8),
            other => other,
        });
    }
    out
}
