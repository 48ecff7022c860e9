//! Human text: language tags, text in several languages, folding for search, and what may deceive a reader's eye.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

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

/// One text in several languages, in the order given; in JSON a language map, `{"vi": "…", "en": "…"}`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalizedText(Vec<(LangTag, String)>);

impl LocalizedText {
    /// Reads a JSON language map, `{"vi": "…", "en": "…"}`. `Err` names the first member that is not one.
    pub fn parse(map: &Map<String, Value>) -> Result<LocalizedText, &str> {
        let pair = |(tag, text): (&_, &Value)| Some((LangTag::parse(tag).ok()?, text.as_str()?.to_owned()));
        map.iter()
            .map(|(tag, text)| pair((tag, text)).ok_or(tag.as_str()))
            .collect::<Result<_, _>>()
            .map(LocalizedText)
    }

    /// Sets the text for `tag`.
    pub fn set(&mut self, tag: LangTag, text: impl Into<String>) {
        self.0.retain(|(known, _)| *known != tag);
        self.0.push((tag, text.into()));
    }

    /// The text in exactly this language.
    pub fn get(&self, tag: &LangTag) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == tag).map(|(_, text)| text.as_str())
    }

    /// The best text for a reader of `tag`: that tag, then its primary language, then the first text there is.
    pub fn best(&self, tag: &LangTag) -> Option<(&LangTag, &str)> {
        let exact = self.0.iter().find(|(known, _)| known == tag);
        let near = || self.0.iter().find(|(known, _)| known.primary() == tag.primary());
        exact.or_else(near).or_else(|| self.0.first()).map(|(tag, text)| (tag, text.as_str()))
    }

    /// All texts in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&LangTag, &str)> {
        self.0.iter().map(|(tag, text)| (tag, text.as_str()))
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for LocalizedText {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for LocalizedText {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<LocalizedText, D::Error> {
        let map = Map::deserialize(input)?;
        LocalizedText::parse(&map)
            .map_err(|tag| serde::de::Error::custom(format!("{tag:?} is not a language with its text")))
    }
}

impl FromIterator<(LangTag, String)> for LocalizedText {
    fn from_iter<I: IntoIterator<Item = (LangTag, String)>>(pairs: I) -> LocalizedText {
        let mut text = LocalizedText::default();
        pairs.into_iter().for_each(|(tag, words)| text.set(tag, words));
        text
    }
}

/// Folds a text for search and comparison: no case, no Latin accents, đ as d, one space between words.
///
/// Compatibility forms are taken apart (Lao ຳ, full-width letters) and invisible marks dropped, but vowel and tone signs
/// of Lao, Thai, Khmer or Burmese stay: there they are letters. Never shown, never signed.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkd().filter(|c| !is_latin_accent(*c) && !is_invisible(*c) && !is_bidi_control(*c)) {
        if c.is_whitespace() {
            gap = !folded.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            folded.push(' ');
        }
        match c {
            'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
            'ł' | 'Ł' => folded.push('l'),
            'ø' | 'Ø' => folded.push('o'),
            'ı' => folded.push('i'),
            'ß' | 'ẞ' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            _ => folded.extend(c.to_lowercase().filter(|low| !is_latin_accent(*low))),
        }
    }
    folded
}

/// Whether `text` is in Unicode normalization form C, as everything signed here must be.
pub fn is_nfc(text: &str) -> bool {
    text.is_ascii() || unicode_normalization::is_nfc(text)
}

/// A character that may make a reader see something other than what was signed. It is to be shown, not obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hazard {
    /// Byte offset in the text.
    pub at: usize,
    /// The character.
    pub character: char,
    /// What it could do.
    pub kind: HazardKind,
}

/// What a [`Hazard`] could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HazardKind {
    /// Changes the direction of the text around it.
    BidiControl,
    /// Takes no place on the page. A zero-width space between Lao, Thai or Khmer words is ordinary; it is listed all the same.
    Invisible,
    /// A control character, line separator or noncharacter.
    Control,
    /// A Cyrillic or Greek letter inside a word that also has Latin ones.
    MixedScript,
}

/// Every hazard in `text`, in order; empty for ordinary text.
pub fn hazards(text: &str) -> Vec<Hazard> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Vec::new();
    }
    let mut found: Vec<Hazard> = text
        .char_indices()
        .filter_map(|(at, c)| hazard_kind(c).map(|kind| Hazard { at, character: c, kind }))
        .collect();
    let mixed = mixed_scripts(text);
    if !mixed.is_empty() {
        found.extend(mixed);
        found.sort_by_key(|hazard| hazard.at);
    }
    found
}

fn hazard_kind(c: char) -> Option<HazardKind> {
    match c {
        '\t' | '\n' | '\r' => None,
        c if c.is_control() => Some(HazardKind::Control),
        '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' => {
            Some(HazardKind::Control)
        }
        c if u32::from(c) & 0xfffe == 0xfffe => Some(HazardKind::Control),
        c if is_bidi_control(c) => Some(HazardKind::BidiControl),
        c if is_invisible(c) => Some(HazardKind::Invisible),
        _ => None,
    }
}

fn mixed_scripts(text: &str) -> Vec<Hazard> {
    let latin = |c: char| c.is_ascii_alphabetic() || matches!(c, 'À'..='ɏ' | 'Ḁ'..='ỿ');
    let lookalike =
        |c: char| matches!(c, '\u{370}'..='\u{52f}' | '\u{1f00}'..='\u{1fff}') && c.is_alphabetic();
    let mut found = Vec::new();
    let mut rest = 0;
    for word in text.split_inclusive(|c: char| !c.is_alphabetic() && !is_invisible(c)) {
        if word.chars().any(latin) {
            let letters = word.char_indices().filter(|(_, c)| lookalike(*c));
            found.extend(letters.map(|(at, character)| Hazard {
                at: rest + at,
                character,
                kind: HazardKind::MixedScript,
            }));
        }
        rest += word.len();
    }
    found
}

fn is_latin_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
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

    #[test]
    fn folding_matches_what_people_type() {
        assert_eq!(fold("Nguyễn  Thị ĐÀO"), "nguyen thi dao");
        assert_eq!(fold("Nguye\u{302}\u{303}n"), fold("Nguyễn"));
        assert_eq!(fold("ຄຳ"), fold("ຄ\u{ecd}າ"));
        assert_ne!(fold("ກີ"), fold("ກິ"));
        assert_eq!(fold("Straße İ ＡＢ"), "strasse i ab");
    }

    #[test]
    fn localized_text_falls_back_to_the_language_then_to_the_first() {
        let map = serde_json::json!({ "vi": "Hàn", "en-GB": "Welding" });
        let text = LocalizedText::parse(map.as_object().unwrap()).unwrap();
        let best = |tag: &str| text.best(&LangTag::parse(tag).unwrap()).unwrap().1;
        assert_eq!((best("en-US"), best("lo"), best("vi")), ("Welding", "Hàn", "Hàn"));
        let bad = serde_json::json!({ "vi": 1 });
        assert_eq!(LocalizedText::parse(bad.as_object().unwrap()), Err("vi"));
    }

    #[test]
    fn hazards_are_found_where_they_stand() {
        let kinds = |text| hazards(text).into_iter().map(|h| (h.at, h.kind)).collect::<Vec<_>>();
        assert_eq!(kinds("Trường Cao đẳng — ວິທະຍາໄລ 职业"), []);
        assert_eq!(kinds("a\u{202e}b"), [(1, HazardKind::BidiControl)]);
        assert_eq!(kinds("a\u{200b}b"), [(1, HazardKind::Invisible)]);
        assert_eq!(kinds("a\u{0}"), [(1, HazardKind::Control)]);
        assert_eq!(kinds("Hаnoi Москва"), [(1, HazardKind::MixedScript)]);
    }

    #[test]
    fn nfc_is_told_from_nfd() {
        assert!(is_nfc("Nguyễn") && !is_nfc("Nguye\u{302}\u{303}n"));
    }
}
