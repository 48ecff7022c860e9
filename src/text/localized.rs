//! One text in several languages.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::LangTag;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localized_text_falls_back_to_the_language_then_to_the_first() {
        let map = serde_json::json!({ "vi": "Hàn", "en-GB": "Welding" });
        let text = LocalizedText::parse(map.as_object().unwrap()).unwrap();
        let best = |tag: &str| text.best(&LangTag::parse(tag).unwrap()).unwrap().1;
        assert_eq!((best("en-US"), best("lo"), best("vi")), ("Welding", "Hàn", "Hàn"));
        let bad = serde_json::json!({ "vi": 1 });
        assert_eq!(LocalizedText::parse(bad.as_object().unwrap()), Err("vi"));
    }
}
