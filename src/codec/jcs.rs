//! Canonical JSON: RFC 8785 (JCS), written for speed, for every signature and digest passes through it.
//!
//! Members are ordered by their UTF-16 code units; numbers are printed as ECMAScript prints them, so an integer beyond
//! 2^53 (which [`super::json`] never yields) is written as the binary64 number it would become.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

/// The canonical bytes of `value`.
pub fn canonicalize(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    write(value, &mut out);
    out
}

/// Appends the canonical bytes of `value` to `out`. Recurses as deep as `value` is nested.
pub fn write(value: &Value, out: &mut Vec<u8>) {
    write_value(value, out, &mut Vec::new());
}

/// The canonical bytes of `object` without its top-level members named in `skip`.
pub fn canonicalize_without(object: &Map<String, Value>, skip: &[&str]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    let members = object.iter().filter(|(name, _)| !skip.contains(&name.as_str()));
    write_members(members, &mut out, &mut Vec::new());
    out
}

/// The canonical bytes of the object made of `members`; their names must differ.
pub fn canonicalize_members<'a>(members: impl Iterator<Item = (&'a str, &'a Value)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    write_members(members, &mut out, &mut Vec::new());
    out
}

/// Orders two strings by their UTF-16 code units (RFC 8785 §3.2.3) without converting them.
///
/// UTF-8 order is code point order. UTF-16 differs only where a character beyond U+FFFF (first byte F0 and up, first
/// unit D800–DBFF) meets one of U+E000–U+FFFF (first byte EE or EF): there the former comes first.
pub fn utf16_order(a: &str, b: &str) -> Ordering {
    let rank = |byte: u8| if matches!(byte, 0xee | 0xef) { byte + 0x10 } else { byte };
    match a.bytes().zip(b.bytes()).find(|(x, y)| x != y) {
        Some((x, y)) => rank(x).cmp(&rank(y)),
        None => a.len().cmp(&b.len()),
    }
}

type Members<'a> = Vec<(&'a str, &'a Value)>;

/// `members` is a stack shared by all levels: one allocation serves the whole document.
fn write_value<'a>(value: &'a Value, out: &mut Vec<u8>, members: &mut Members<'a>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(item, out, members);
            }
            out.push(b']');
        }
        Value::Object(object) => write_members(object.iter(), out, members),
    }
}

fn write_members<'a, N: AsRef<str> + ?Sized + 'a>(
    entries: impl Iterator<Item = (&'a N, &'a Value)>,
    out: &mut Vec<u8>,
    members: &mut Members<'a>,
) {
    let base = members.len();
    members.extend(entries.map(|(name, value)| (name.as_ref(), value)));
    if let Some(own) = members.get_mut(base..)
        && !own.is_sorted_by(|a, b| utf16_order(a.0, b.0).is_lt())
    {
        own.sort_unstable_by(|a, b| utf16_order(a.0, b.0));
    }
    out.push(b'{');
    let mut next = base;
    let end = members.len();
    while let Some((name, value)) = members.get(next).copied().filter(|_| next < end) {
        if next > base {
            out.push(b',');
        }
        write_string(name, out);
        out.push(b':');
        write_value(value, out, members);
        next += 1;
    }
    out.push(b'}');
    members.truncate(base);
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (run, tail) = rest.split_at(super::plain_run(rest));
        out.extend_from_slice(run);
        let Some((special, after)) = tail.split_first() else { break };
        write_escape(*special, out);
        rest = after;
    }
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        _ => {
            let hex = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn write_number(number: &Number, out: &mut Vec<u8>) {
    // `as_f64` is always finite: serde_json cannot hold another float, and rounds integers to the nearest.
    let value = number.as_f64().unwrap_or_default();
    out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
}
