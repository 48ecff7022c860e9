//! Language tags: well-formed BCP 47, in the recommended case.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A well-formed BCP 47 language tag (RFC 5646 §2.2.9), in the recommended case: `vi`, `lo-Laoo`, `zh-Hans-CN`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LangTag(String);

/// Why a text is not a [`LangTag`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed BCP 47 language tag")]
pub struct LangTagError;

impl LangTag {
    /// Reads a tag of at most 64 bytes; letters of either case are accepted.
    pub fn parse(text: &str) -> Result<LangTag, LangTagError> {
        if text.len() > 64 || !well_formed(&text.to_ascii_lowercase()) {
            return Err(LangTagError);
        }
        Ok(LangTag(recommended_case(text)))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first subtag: `zh` of `zh-Hans-CN`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl fmt::Display for LangTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LangTag {
    type Error = LangTagError;

    fn try_from(text: String) -> Result<LangTag, LangTagError> {
        LangTag::parse(&text)
    }
}

impl From<LangTag> for String {
    fn from(tag: LangTag) -> String {
        tag.0
    }
}

/// Takes a tag in lower case.
fn well_formed(tag: &str) -> bool {
    const IRREGULAR: [&str; 17] = [
        "en-gb-oed",
        "i-ami",
        "i-bnn",
        "i-default",
        "i-enochian",
        "i-hak",
        "i-klingon",
        "i-lux",
        "i-mingo",
        "i-navajo",
        "i-pwn",
        "i-tao",
        "i-tay",
        "i-tsu",
        "sgn-be-fr",
        "sgn-be-nl",
        "sgn-ch-de",
    ];
    let alphas = |s: &str, sizes: std::ops::RangeInclusive<usize>| {
        sizes.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_lowercase())
    };
    let alnums = |s: &str, sizes: std::ops::RangeInclusive<usize>| {
        sizes.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if IRREGULAR.contains(&tag) {
        return true;
    }
    let mut parts = tag.split('-').peekable();
    let Some(language) = parts.next() else { return false };
    if language != "x" {
        if !alphas(language, 2..=8) {
            return false;
        }
        if language.len() <= 3 {
            let mut extended = 0;
            while extended < 3 && parts.next_if(|p| alphas(p, 3..=3)).is_some() {
                extended += 1;
            }
        }
        parts.next_if(|p| alphas(p, 4..=4));
        parts.next_if(|p| alphas(p, 2..=2) || (p.len() == 3 && p.bytes().all(|b| b.is_ascii_digit())));
        let mut variants = Vec::new();
        while let Some(variant) = parts.next_if(|p| {
            alnums(p, 5..=8) || (alnums(p, 4..=4) && p.starts_with(|c: char| c.is_ascii_digit()))
        }) {
            if variants.contains(&variant) {
                return false;
            }
            variants.push(variant);
        }
        let mut singletons = Vec::new();
        while let Some(singleton) = parts.next_if(|p| alnums(p, 1..=1) && *p != "x") {
            let mut subtags = 0;
            while parts.next_if(|p| alnums(p, 2..=8)).is_some() {
                subtags += 1;
            }
            if subtags == 0 || singletons.contains(&singleton) {
                return false;
            }
            singletons.push(singleton);
        }
        if parts.peek().is_none() {
            return true;
        }
        if parts.next() != Some("x") {
            return false;
        }
    }
    let mut private = 0;
    while parts.next_if(|p| alnums(p, 1..=8)).is_some() {
        private += 1;
    }
    private > 0 && parts.next().is_none()
}

/// RFC 5646 §2.1.1: two letters in capitals, four with a capital, the rest small; after a singleton all small.
fn recommended_case(tag: &str) -> String {
    let mut out = String::with_capacity(tag.len());
    let mut small = true;
    for part in tag.split('-') {
        if !out.is_empty() {
            out.push('-');
        }
        let lower = part.to_ascii_lowercase();
        match (small, part.len()) {
            (false, 2) => out.push_str(&part.to_ascii_uppercase()),
            (false, 4) => {
                let (first, tail) = lower.split_at(1);
                out.push_str(&first.to_ascii_uppercase());
                out.push_str(tail);
            }
            _ => out.push_str(&lower),
        }
        small = part.len() == 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_checked_and_put_in_the_recommended_case() {
        for (given, kept) in [
            ("VI", "vi"),
            ("lo-laoo", "lo-Laoo"),
            ("ZH-hans-cn", "zh-Hans-CN"),
            ("en-ca-X-CA", "en-CA-x-ca"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("de-CH-1996", "de-CH-1996"),
            ("x-whatever", "x-whatever"),
            ("zh-cmn-Hans-CN", "zh-cmn-Hans-CN"),
            ("i-klingon", "i-klingon"),
            ("es-419", "es-419"),
            ("a-DE", ""),
            ("de-419-DE", ""),
            ("ar-a-aaa-b-bbb-a-ccc", ""),
            ("en_US", ""),
            ("", ""),
            ("vi-", ""),
            ("vi--VN", ""),
            ("tiếng", ""),
            ("x", ""),
            ("de-1996-1996", ""),
            ("a-b", ""),
        ] {
            assert_eq!(LangTag::parse(given).map(|tag| tag.0).unwrap_or_default(), kept, "{given}");
        }
    }
}
