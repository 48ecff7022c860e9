//! Human text: language tags, text in several languages, folding for search, and what may deceive a reader's eye.

mod hazard;
mod localized;
mod tag;

use unicode_normalization::UnicodeNormalization as _;

pub use hazard::{Hazard, HazardKind, hazards};
use hazard::{is_bidi_control, is_invisible};
pub use localized::LocalizedText;
pub use tag::{LangTag, LangTagError};

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

fn is_latin_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_matches_what_people_type() {
        assert_eq!(fold("Nguyễn  Thị ĐÀO"), "nguyen thi dao");
        assert_eq!(fold("Nguye\u{302}\u{303}n"), fold("Nguyễn"));
        assert_eq!(fold("ຄຳ"), fold("ຄ\u{ecd}າ"));
        assert_ne!(fold("ກີ"), fold("ກິ"));
        assert_eq!(fold("Straße İ ＡＢ"), "strasse i ab");
    }

    #[test]
    fn nfc_is_told_from_nfd() {
        assert!(is_nfc("Nguyễn") && !is_nfc("Nguye\u{302}\u{303}n"));
    }
}
