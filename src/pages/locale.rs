//! The languages of the pages: which there are, which one a reader gets, and their words (Fluent, embedded).

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

/// A row of [`LOCALES`]: a language the pages speak.
pub struct Locale {
    /// Its BCP 47 tag.
    pub tag: &'static str,
    /// Its name in itself.
    pub own_name: &'static str,
    /// The fonts its script is drawn with, best first: a CSS `font-family` list.
    pub fonts: &'static str,
    /// The same for headings and names.
    pub display_fonts: &'static str,
    /// Instants are told in this many hours ahead of UTC.
    pub utc_offset_hours: i8,
    source: &'static str,
    words: &'static LazyLock<FluentBundle<FluentResource>>,
}

macro_rules! locales {
    ($($tag:literal, $own:literal, $offset:literal, $fonts:literal, $display:literal;)*) => {
        /// Every language of the pages, in the order of the switch.
        pub static LOCALES: &[Locale] = &[$({
            const SOURCE: &str = include_str!(concat!("locales/", $tag, ".ftl"));
            static WORDS: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle($tag, SOURCE));
            Locale {
                tag: $tag,
                own_name: $own,
                fonts: $fonts,
                display_fonts: $display,
                utc_offset_hours: $offset,
                source: SOURCE,
                words: &WORDS,
            }
        }),*];
    };
}

locales! {
    "vi", "Tiếng Việt", 7,
        "system-ui, \"Segoe UI\", Roboto, \"Noto Sans\", \"Helvetica Neue\", Arial, sans-serif",
        "\"Palatino Linotype\", Palatino, \"Noto Serif\", Georgia, \"Times New Roman\", serif";
    "en", "English", 0,
        "system-ui, \"Segoe UI\", Roboto, \"Noto Sans\", \"Helvetica Neue\", Arial, sans-serif",
        "\"Palatino Linotype\", Palatino, \"Noto Serif\", Georgia, \"Times New Roman\", serif";
    "lo", "ລາວ", 7,
        "\"Noto Sans Lao Looped\", \"Noto Sans Lao\", \"Phetsarath OT\", \"Leelawadee UI\", \"Lao Sangam MN\", \"Lao UI\", system-ui, sans-serif",
        "\"Palatino Linotype\", Palatino, \"Noto Serif\", Georgia, \"Noto Serif Lao\", \"Phetsarath OT\", \"Noto Sans Lao\", \"Leelawadee UI\", \"Lao Sangam MN\", \"Lao UI\", serif";
}

/// The language of a reader who asks for none that we have.
pub const FALLBACK: &str = "en";

/// The language whose tag is `tag`, or whose primary subtag is that of `tag`.
pub fn by_tag(tag: &str) -> Option<&'static Locale> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    LOCALES.iter().find(|row| row.tag.eq_ignore_ascii_case(primary))
}

/// The language of the answer: `?lang=` when we have it, else the best of `Accept-Language` (RFC 9110 §12.5.4), else English.
///
/// The flag tells whether `?lang=` decided, so that links keep it.
pub fn negotiate(query: Option<&str>, accept_language: Option<&str>) -> Reader {
    if let Some(locale) = query.and_then(by_tag) {
        return Reader { locale, chosen: true };
    }
    let mut best: Option<(&'static Locale, f32)> = None;
    for range in accept_language.unwrap_or_default().split(',').take(32) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim();
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1.0, |q| q.trim().parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0));
        let Some(locale) = by_tag(tag) else { continue };
        if weight > best.map_or(0.0, |(_, known)| known) {
            best = Some((locale, weight));
        }
    }
    Reader { locale: best.map_or_else(fallback, |(locale, _)| locale), chosen: false }
}

fn fallback() -> &'static Locale {
    by_tag(FALLBACK).unwrap_or(&LOCALES[0])
}

/// Who reads: the language, and whether it was asked for by `?lang=`.
#[derive(Clone, Copy)]
pub struct Reader {
    /// The language of the page.
    pub locale: &'static Locale,
    /// Whether the reader chose it on the page; links then carry it on.
    pub chosen: bool,
}

impl Reader {
    /// A link inside this service that keeps a chosen language.
    pub fn link(&self, path: &str) -> String {
        if self.chosen { self.locale_link(path, self.locale) } else { path.to_owned() }
    }

    /// A link to the same in a language.
    pub fn locale_link(&self, path: &str, locale: &Locale) -> String {
        let and = if path.contains('?') { '&' } else { '?' };
        format!("{path}{and}lang={}", locale.tag)
    }
}

impl Locale {
    /// The words of the message `id`, or of the attribute in `id.attribute`. A missing one shows as `⟦id⟧`; tests look for that.
    pub fn text(&self, id: &str) -> String {
        self.text_with(id, &[])
    }

    /// The same, with arguments.
    pub fn text_with(&self, id: &str, args: &[(&str, &str)]) -> String {
        self.find(id, args).unwrap_or_else(|| format!("⟦{id}⟧"))
    }

    /// The words of a message that need not exist.
    pub fn find(&self, id: &str, args: &[(&str, &str)]) -> Option<String> {
        let (message, attribute) = id.split_once('.').map_or((id, None), |(id, name)| (id, Some(name)));
        let message = self.words.get_message(message)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let args: FluentArgs = args.iter().map(|(name, value)| (*name, *value)).collect();
        let mut errors = Vec::new();
        let text = self.words.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        if errors.is_empty() { Some(text) } else { Some(format!("⟦{id}⟧")) }
    }

    /// The source of the words, for tests that compare languages.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// A calendar date in long form, as written and never converted: the first ten characters of `written` are `YYYY-MM-DD`.
    ///
    /// `None` when they are not a date.
    pub fn date(&self, written: &str) -> Option<String> {
        let date: jiff::civil::Date = written.get(..10)?.parse().ok()?;
        let (day, month) = (date.day().to_string(), self.text(&format!("month-{}", date.month())));
        Some(
            self.text_with(
                "date-long",
                &[("day", &day), ("month", &month), ("year", &date.year().to_string())],
            ),
        )
    }

    /// An instant in long form, at this language's offset, which is told.
    pub fn instant(&self, at: jiff::Timestamp) -> String {
        let offset = jiff::tz::Offset::constant(self.utc_offset_hours);
        let local = offset.to_datetime(at);
        let zone = match self.utc_offset_hours {
            0 => "UTC".to_owned(),
            hours => format!("UTC{hours:+}"),
        };
        let date = self.date(&local.date().to_string()).unwrap_or_default();
        let time = format!("{:02}:{:02}", local.hour(), local.minute());
        self.text_with("date-time", &[("date", &date), ("time", &time), ("zone", &zone)])
    }
}

fn bundle(tag: &str, source: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
    // Foreign text is isolated in the page by <bdi>, where it can be seen; invisible marks in words help nobody.
    bundle.set_use_isolating(false);
    // What does not parse is left out, and the test that compares languages finds it missing.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
    let _duplicates = bundle.add_resource(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_the_language_asked_for() {
        let tag = |query, header| negotiate(query, header).locale.tag;
        assert_eq!(tag(None, None), "en");
        assert_eq!(tag(None, Some("vi-VN,vi;q=0.9,en;q=0.8")), "vi");
        assert_eq!(tag(None, Some("th,lo;q=0.7,en;q=0.5")), "lo");
        assert_eq!(tag(None, Some("en;q=0.1, lo;q=0.2")), "lo");
        assert_eq!(tag(None, Some("vi;q=0, en;q=nonsense, zh")), "en");
        assert_eq!(tag(Some("lo"), Some("vi")), "lo");
        assert_eq!(tag(Some("xx"), Some("vi")), "vi");
        assert!(negotiate(Some("LO"), None).chosen);
    }

    #[test]
    fn dates_are_told_as_written() {
        let en = by_tag("en").unwrap();
        assert_eq!(en.date("2026-06-30T00:00:00+07:00").as_deref(), Some("30 June 2026"));
        assert_eq!(en.date("2026-02-30"), None);
        assert_eq!(en.date("ກ026-02-03"), None);
        assert_eq!(by_tag("vi").unwrap().date("2026-06-30").as_deref(), Some("30 tháng 6 năm 2026"));
        let at = "2026-11-22T18:03:00Z".parse().unwrap();
        assert_eq!(en.instant(at), "22 November 2026, 18:03 UTC");
        assert_eq!(by_tag("lo").unwrap().instant(at), "23 ພະຈິກ 2026, 01:03 UTC+7");
    }
}
