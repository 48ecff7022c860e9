//! Checks of every value of a document: text in NFC, whole numbers, nobody's national number in clear.

use serde_json::{Map, Value};

use crate::credential::problem::{At, Problems};
use crate::text::is_nfc;

/// Deepest nesting walked; the parser refuses deeper documents.
const MAX_DEPTH: usize = 128;

/// Every text is NFC and free of control characters, every number whole. What somebody else has signed is theirs.
pub(super) fn texts(object: &Map<String, Value>, at: &At<'_>, problems: &mut Problems, depth: usize) {
    for (name, value) in object {
        if name == "proof" || (depth > 0 && name == "@context") {
            continue;
        }
        text(value, &at.name(name), problems, depth + 1);
    }
}

fn text(value: &Value, at: &At<'_>, problems: &mut Problems, depth: usize) {
    if problems.full() || depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::String(text) => {
            let ascii = text.is_ascii();
            if !ascii && !is_nfc(text) {
                problems.add(at, "this text is not in Unicode normal form C");
            }
            let control = |byte: u8| byte < b' ' && !matches!(byte, b'\n' | b'\t' | b'\r') || byte == 0x7f;
            // To the end of the text, found or not: so the compiler looks at many bytes at a time.
            let found = text.bytes().fold(false, |found, byte| found | control(byte));
            // Beside those of ASCII, U+0080 to U+009F are control characters.
            if found || !ascii && text.chars().any(|c| !c.is_ascii() && c.is_control()) {
                problems.add(at, "a control character stands in this text");
            }
        }
        Value::Number(number) if number.is_f64() => {
            problems.add(at, "no fractions as numbers: write it as text")
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                text(item, &at.item(index), problems, depth + 1);
            }
        }
        Value::Object(object) if object.contains_key("proof") => {}
        Value::Object(object) => texts(object, at, problems, depth),
        _ => {}
    }
}

/// A person's national number never stands in clear, in any credential: only as a salted hash.
pub(super) fn private(object: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    private_in(object, at, problems, 0);
}

fn private_in(object: &Map<String, Value>, at: &At<'_>, problems: &mut Problems, depth: usize) {
    if problems.full() || depth > MAX_DEPTH {
        return;
    }
    if object.get("identityType").and_then(Value::as_str).is_some_and(is_national_number) {
        let hash = object.get("identityHash").and_then(Value::as_str);
        if object.get("hashed") != Some(&Value::Bool(true)) {
            problems.add(
                &at.name("hashed"),
                "a national identity number never stands in clear: leave it out, or give its salted hash",
            );
        } else if !hash.is_some_and(is_identity_hash) {
            problems.add(&at.name("identityHash"), "an identity hash is algorithm$hexadecimal");
        }
    }
    for (name, value) in object {
        match value {
            Value::Object(inner) => private_in(inner, &at.name(name), problems, depth + 1),
            Value::Array(_) => private_items(value, &at.name(name), problems, depth + 1),
            _ => {}
        }
    }
}

fn private_items(value: &Value, at: &At<'_>, problems: &mut Problems, depth: usize) {
    match value {
        Value::Object(object) => private_in(object, at, problems, depth),
        Value::Array(items) if depth <= MAX_DEPTH => {
            for (index, item) in items.iter().enumerate() {
                private_items(item, &at.item(index), problems, depth + 1);
            }
        }
        _ => {}
    }
}

fn is_national_number(kind: &str) -> bool {
    let folded = kind.to_ascii_lowercase();
    ["nationalid", "citizenid", "passport", "idcard"].iter().any(|word| folded.contains(word))
}

/// `algorithm$hexadecimal` (Open Badges 3.0, IdentityHash), at least 256 bits of it.
fn is_identity_hash(text: &str) -> bool {
    text.split_once('$').is_some_and(|(algorithm, hash)| {
        algorithm.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && (64..=128).contains(&hash.len())
            && hash.bytes().all(|b| b.is_ascii_hexdigit())
    })
}
