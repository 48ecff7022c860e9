//! What may deceive a reader's eye: characters that hide, turn text around, or pass for others.

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

pub(super) fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hazards_are_found_where_they_stand() {
        let kinds = |text| hazards(text).into_iter().map(|h| (h.at, h.kind)).collect::<Vec<_>>();
        assert_eq!(kinds("Trường Cao đẳng — ວິທະຍາໄລ 职业"), []);
        assert_eq!(kinds("a\u{202e}b"), [(1, HazardKind::BidiControl)]);
        assert_eq!(kinds("a\u{200b}b"), [(1, HazardKind::Invisible)]);
        assert_eq!(kinds("a\u{0}"), [(1, HazardKind::Control)]);
        assert_eq!(kinds("Hаnoi Москва"), [(1, HazardKind::MixedScript)]);
    }
}
