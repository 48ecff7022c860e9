//! The active context, and what a name means in it (JSON-LD 1.1 API sections 4 and 5.2).

use super::{
    error::{Code, JsonLdError, Path},
    iri,
    registry::Keeper,
    seed::Seed,
    term::{Direction, Kw, Meaning, Term, Text, keyword},
};
use std::{borrow::Cow, collections::HashMap, sync::Arc};

/// What every name means at one place of a document.
pub(super) struct Ctx<'a> {
    terms: HashMap<&'a str, Arc<Term<'a>>, Seed>,
    /// The terms that stand for keywords: few, so a list beats a look-up.
    aliases: Vec<(&'a str, Kw)>,
    pub(super) base: Option<Text<'a>>,
    pub(super) vocab: Option<Text<'a>>,
    pub(super) language: Option<Text<'a>>,
    pub(super) direction: Option<Direction>,
    /// What to go back to below a node whose type brought this context.
    pub(super) previous: Option<&'a Ctx<'a>>,
    /// Only for contexts that live as long as the process.
    pub(super) keeper: Option<&'static Keeper>,
}

impl<'a> Ctx<'a> {
    pub(super) fn initial(base: Option<&'a str>) -> Self {
        Ctx {
            terms: HashMap::with_hasher(Seed::get()),
            aliases: Vec::new(),
            base: base.map(Cow::Borrowed),
            vocab: None,
            language: None,
            direction: None,
            previous: None,
            keeper: None,
        }
    }

    pub(super) fn copy(&self) -> Self {
        Ctx {
            terms: self.terms.clone(),
            aliases: self.aliases.clone(),
            base: self.base.clone(),
            vocab: self.vocab.clone(),
            language: self.language.clone(),
            direction: self.direction,
            previous: self.previous,
            keeper: None,
        }
    }

    /// Whether any term is protected.
    pub(super) fn guards(&self) -> bool {
        self.terms.values().any(|t| t.protected)
    }

    /// Number of terms.
    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Term<'a>> {
        self.terms.get(name).map(Arc::as_ref)
    }

    /// Whether a name is `word` (written as `text`) or a term for it.
    pub(super) fn is(&self, name: &str, word: Kw, text: &str) -> bool {
        name == text || self.aliases.iter().any(|(alias, kw)| *kw == word && *alias == name)
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Arc<Term<'a>>> {
        self.aliases.retain(|(alias, _)| *alias != name);
        self.terms.remove(name)
    }

    pub(super) fn insert(&mut self, name: &'a str, term: Arc<Term<'a>>) {
        self.aliases.retain(|(alias, _)| *alias != name);
        if let Meaning::Keyword(kw) = term.meaning {
            self.aliases.push((name, kw));
        }
        self.terms.insert(name, term);
    }
    /// IRI expansion (section 5.2) while the context may still change.
    pub(super) fn expand_iri(&self, text: &'a str, vocab: bool, relative: bool) -> Meaning<'a> {
        if let Some(kw) = keyword(text) {
            return Meaning::Keyword(kw);
        }
        if iri::looks_like_keyword(text) {
            return Meaning::Null;
        }
        match self.get(text) {
            Some(term) if vocab || matches!(term.meaning, Meaning::Keyword(_)) => {
                return term.meaning.clone();
            }
            _ => {}
        }
        self.expand_compact(text, vocab, relative)
    }

    /// IRI expansion (section 5.2) in a finished context.
    pub(super) fn meaning(&'a self, text: &'a str, vocab: bool, relative: bool) -> Meaning<'a> {
        if text.starts_with('@') {
            return self.expand_iri(text, vocab, relative);
        }
        match self.get(text) {
            Some(term) if vocab || matches!(term.meaning, Meaning::Keyword(_)) => term.meaning.borrowed(),
            _ => self.expand_compact(text, vocab, relative),
        }
    }

    /// Steps 6 to 9 of IRI expansion: prefixes, vocabulary, base.
    pub(super) fn expand_compact(&self, text: &'a str, vocab: bool, relative: bool) -> Meaning<'a> {
        if let Some(colon) = text.bytes().skip(1).position(|b| b == b':').map(|at| at + 1) {
            let (prefix, suffix) = (&text[..colon], &text[colon + 1..]);
            if prefix == "_" || suffix.starts_with("//") {
                return Meaning::Iri(Cow::Borrowed(text));
            }
            if let Some(Term { prefix: true, meaning: Meaning::Iri(start), .. }) = self.get(prefix) {
                return Meaning::Iri(Cow::Owned([start, suffix].concat()));
            }
            if iri::is_absolute(text) {
                return Meaning::Iri(Cow::Borrowed(text));
            }
        }
        if vocab && let Some(start) = &self.vocab {
            return Meaning::Iri(Cow::Owned([start, text].concat()));
        }
        if relative && let Some(base) = &self.base {
            return Meaning::Iri(Cow::Owned(iri::resolve(base, text)));
        }
        Meaning::Iri(Cow::Borrowed(text))
    }
}

/// A language tag in the one form we write: lower case. Safe mode wants it well-formed.
pub(super) fn language<'a>(tag: &'a str, safe: bool, path: &Path<'_>) -> Result<Text<'a>, JsonLdError> {
    if safe && !iri::is_language_tag(tag) {
        return path.fail(Code::InvalidLanguage, format!("{tag:?} is no language tag"));
    }
    let upper = tag.bytes().any(|b| b.is_ascii_uppercase());
    Ok(if upper { Cow::Owned(tag.to_ascii_lowercase()) } else { Cow::Borrowed(tag) })
}
