//! How much of a list something takes: of the bytes and of the JSON values that a reader takes of it at most.

use std::io::{self, Write};
use std::ops::{Add, AddAssign};

use serde_json::{Map, Value};

use crate::codec::json::MAX_VALUES;
use crate::trustlist::MAX_LIST;

/// Bytes as they are written, and values of all kinds as the strict reader counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) bytes: usize,
    pub(super) values: usize,
}

impl Size {
    /// What a reader takes of one list.
    const WHOLE: Self = Self { bytes: MAX_LIST, values: MAX_VALUES };

    /// Of a value by itself, with the comma after it.
    pub(super) fn of(value: &Value) -> Self {
        let mut counter = Counter(1);
        // Nothing that is only counted can fail.
        let _ = serde_json::to_writer(&mut counter, value);
        Self { bytes: counter.0, values: values(value) }
    }

    fn of_members<'a>(members: impl Iterator<Item = (&'a String, &'a Value)>) -> Self {
        members.fold(Self { bytes: 2, values: 1 }, |sum, (name, value)| {
            // No name here is written with escapes: quotes and a colon.
            sum + Self::of(value) + Self { bytes: name.len() + 3, values: 0 }
        })
    }

    /// Of a list but for its agreements and its proof.
    pub(super) fn beside_agreements(document: &Map<String, Value>) -> Self {
        let outer = document.iter().filter(|(name, _)| *name != "proof" && *name != "credentialSubject");
        let subject = document.get("credentialSubject").and_then(Value::as_object);
        let inner = subject.into_iter().flatten().filter(|(name, _)| *name != "agreement");
        Self::of_members(outer) + Self::of_members(inner)
    }

    /// What agreements may fill where everything else takes `beside`: so many eighths of a list at most, and so many
    /// sixteenths of it stay free, for issuers and signatures to come.
    pub(super) fn room(beside: Self, eighths: usize, free: usize) -> Self {
        let room = |whole: usize, beside: usize| {
            (whole / 8 * eighths).min(whole.saturating_sub(beside).saturating_sub(whole / 16 * free))
        };
        let whole = Self::WHOLE;
        Self { bytes: room(whole.bytes, beside.bytes), values: room(whole.values, beside.values) }
    }

    /// Whether it is no more than `other`, in bytes and in values.
    pub(super) fn is_within(self, other: Self) -> bool {
        self.bytes <= other.bytes && self.values <= other.values
    }

    /// The same without `other`.
    pub(super) fn less(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(other.bytes),
            values: self.values.saturating_sub(other.values),
        }
    }
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, values: self.values + other.values }
    }
}

impl AddAssign for Size {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), Add::add)
    }
}

fn values(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(members) => members.values().map(values).sum(),
        _ => 0,
    }
}

struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::json::{Limits, parse_with};
    use serde_json::json;

    #[test]
    fn values_and_bytes_are_counted_as_the_reader_counts_them() {
        let value = json!({"a": [1, [], {"ລາວ": null}], "b": {"c": "\"\n"}, "d": false});
        let text = value.to_string();
        let size = Size::of(&value);
        let limits = |max_bytes, max_values| Limits { max_bytes, max_values, ..Limits::default() };
        assert!(parse_with(text.as_bytes(), &limits(size.bytes - 1, size.values)).is_ok());
        assert!(parse_with(text.as_bytes(), &limits(size.bytes - 2, size.values)).is_err());
        assert!(parse_with(text.as_bytes(), &limits(size.bytes, size.values - 1)).is_err());
    }

    #[test]
    fn what_is_beside_agreements_is_the_rest_of_the_list() {
        let list = |subject: Value| json!({"id": "x", "type": ["A", "B"], "credentialSubject": subject});
        let bare = list(json!({"id": "y", "trustedIssuer": [{"id": "z"}]}));
        let mut full = list(json!({"id": "y", "agreement": [1, 2, 3], "trustedIssuer": [{"id": "z"}]}));
        full["proof"] = json!({"type": "DataIntegrityProof"});
        let beside = |value: &Value| Size::beside_agreements(value.as_object().unwrap());
        assert_eq!(beside(&full), beside(&bare));
        assert_eq!(beside(&bare).values, Size::of(&bare).values);
        assert!(beside(&bare).bytes.abs_diff(Size::of(&bare).bytes) < 32);
        // A list that is full of other things has no room for them, and half of it they never fill.
        let nothing = Size { bytes: 0, values: MAX_VALUES / 8 * 3 };
        assert_eq!(Size::room(Size::WHOLE, 4, 1), Size::default());
        assert_eq!(Size::room(Size::default(), 4, 1).bytes, MAX_LIST / 2);
        assert!(nothing.is_within(Size::room(nothing, 3, 2)));
    }
}
