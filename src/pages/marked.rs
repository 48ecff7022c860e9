//! Text that others wrote, for a page: escaped, isolated, and with what deceives the eye made visible.

use std::fmt;

use super::locale::Locale;
use crate::text::{HazardKind, LangTag, hazards};

/// Characters of one value that are shown; a longer one ends in an ellipsis, the whole is in the signed file.
const SHOWN: usize = 2_000;

/// A foreign text as HTML: `<bdi lang>` around it, hidden and misleading characters as marks.
pub(super) struct Marked {
    html: String,
}

impl Marked {
    /// `text` in the language `lang`, where that is known.
    pub(super) fn new(text: &str, lang: Option<&str>, locale: &Locale) -> Self {
        let mut html = String::with_capacity(text.len() + 40);
        if lang.is_none() && text.len() <= SHOWN && text.bytes().all(|b| matches!(b, b' '..=b'~')) {
            // Nothing to isolate, nothing to mark.
            escape_into(&mut html, text);
            return Self { html };
        }
        html.push_str("<bdi");
        // A language that is none says nothing to a screen reader; the document's own word for it is among its claims.
        if let Some(lang) = lang.filter(|lang| *lang != locale.tag).and_then(|lang| LangTag::parse(lang).ok())
        {
            html.push_str(" lang=\"");
            html.push_str(lang.as_str());
            html.push('"');
        }
        html.push('>');
        let (text, cut) = shortened(text);
        let mut from = 0;
        for hazard in hazards(text) {
            escape_into(&mut html, &text[from..hazard.at]);
            from = hazard.at + hazard.character.len_utf8();
            if hazard.character == '\u{200b}' && between_unspaced(text, hazard.at) {
                html.push_str("<wbr>");
                continue;
            }
            let code = format!("U+{:04X}", u32::from(hazard.character));
            let note = locale.text_with("hidden-character", &[("code", &code)]);
            html.push_str("<span class=\"mark\" title=\"");
            escape_into(&mut html, &note);
            html.push_str("\">");
            if hazard.kind == HazardKind::MixedScript {
                html.push(hazard.character);
                html.push_str("<small>");
                html.push_str(&code);
                html.push_str("</small>");
            } else {
                html.push_str(&code);
            }
            html.push_str("</span>");
        }
        escape_into(&mut html, &text[from..]);
        if cut {
            html.push('…');
        }
        html.push_str("</bdi>");
        Self { html }
    }
}

impl fmt::Display for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.html)
    }
}

impl askama::filters::HtmlSafe for Marked {}

/// The same for a place that holds no markup, such as the page's title.
pub(super) fn plain(text: &str) -> String {
    let (text, cut) = shortened(text);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for hazard in hazards(text).into_iter().filter(|hazard| hazard.kind != HazardKind::MixedScript) {
        out.push_str(&text[from..hazard.at]);
        from = hazard.at + hazard.character.len_utf8();
        if !(hazard.character == '\u{200b}' && between_unspaced(text, hazard.at)) {
            out.push('\u{fffd}');
        }
    }
    out.push_str(&text[from..]);
    if cut {
        out.push('…');
    }
    out
}

fn shortened(text: &str) -> (&str, bool) {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

/// Whether the zero-width space at `at` stands between letters of a script that writes no spaces between words.
fn between_unspaced(text: &str, at: usize) -> bool {
    let unspaced =
        |c: char| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}');
    text[..at].chars().next_back().is_some_and(unspaced) && text[at..].chars().nth(1).is_some_and(unspaced)
}

fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::locale::by_tag;
    use proptest::prelude::*;

    fn shown(text: &str) -> String {
        Marked::new(text, Some("lo"), by_tag("en").unwrap()).to_string()
    }

    #[test]
    fn what_deceives_is_shown() {
        let html = shown("abc\u{202e}fdp.exe");
        assert!(html.contains(">U+202E</span>") && !html.contains('\u{202e}'), "{html}");
        assert!(shown("p\u{430}ypal").contains("а<small>U+0430</small>"));
        assert_eq!(shown("ນາງ\u{200b}ສຸກ"), "<bdi lang=\"lo\">ນາງ<wbr>ສຸກ</bdi>");
        assert!(shown("a\u{200b}b").contains("U+200B"));
        assert_eq!(shown("<b>&\"'"), "<bdi lang=\"lo\">&lt;b&gt;&amp;&quot;&#39;</bdi>");
        assert_eq!(plain("a\u{202e}b"), "a\u{fffd}b");
        assert!(shown(&"ກ".repeat(9_000)).ends_with("…</bdi>"));
    }

    proptest! {
        #[test]
        fn nothing_breaks_out(text: String, lang: String) {
            let html = Marked::new(&text, Some(&lang), by_tag("vi").unwrap()).to_string();
            let inner = html.replace("<bdi lang=\"", "").replace("<bdi>", "").replace("</bdi>", "").replace("<wbr>", "")
                .replace("<span class=\"mark\" title=\"", "").replace("</span>", "")
                .replace("<small>", "").replace("</small>", "");
            prop_assert!(!inner.contains('<'), "{html}");
        }
    }
}
