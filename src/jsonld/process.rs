//! Context processing (JSON-LD 1.1 API section 4.1): how local contexts change the active one.

use super::{
    context::{Ctx, language},
    error::{Code, JsonLdError, Path},
    iri, registry,
    seed::Seed,
    term::{Direction, Kw, Meaning, keyword},
};
use serde_json::{Map, Value};
use std::{borrow::Cow, cell::Cell, collections::HashMap};

/// Nested contexts (imports, scoped contexts inside scoped contexts) we follow.
const MOST_NESTED: usize = 48;

/// How a local context is to be applied.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags<'a> {
    /// URL of the document the context stands in, for relative context URLs.
    pub(super) base_url: Option<&'a str>,
    /// Term-scoped contexts may redefine protected terms.
    pub(super) override_protected: bool,
    /// Type-scoped contexts do not reach the nodes below (`@propagate` false).
    pub(super) transient: bool,
    /// One of an array of contexts: its own `@propagate` has no say.
    pub(super) listed: bool,
}

/// Where contexts come from and what they may cost.
pub(super) struct Loader<'a> {
    /// The document's own base IRI.
    pub(super) base: Option<&'a str>,
    /// Contexts the caller vouches for, beside the pinned ones.
    pub(super) extra: Option<&'a HashMap<String, Value>>,
    /// Refuse what would silently be dropped.
    pub(super) safe: bool,
    /// Check scoped contexts inside pinned ones too.
    validate_pinned: bool,
    /// Term entries that may still be made.
    budget: Cell<usize>,
}

impl<'a> Loader<'a> {
    /// Term entries one document may cost: a thousand inline contexts on top of the largest usual one, and then some.
    const BUDGET: usize = 1_000_000;

    pub(super) fn new(base: Option<&'a str>, extra: Option<&'a HashMap<String, Value>>, safe: bool) -> Self {
        Loader { base, extra, safe, validate_pinned: false, budget: Cell::new(Self::BUDGET) }
    }

    /// For steps between contexts that live forever.
    pub(super) fn forever() -> Loader<'static> {
        Loader::new(None, None, true)
    }

    pub(super) fn validating(self) -> Self {
        Loader { validate_pinned: true, ..self }
    }

    fn charge(&self, entries: usize, path: &Path<'_>) -> Result<(), JsonLdError> {
        match self.budget.get().checked_sub(entries + 8) {
            Some(left) => {
                self.budget.set(left);
                Ok(())
            }
            None => path.fail(Code::TooLarge, "the contexts of this document take too much work"),
        }
    }
}

/// URLs being loaded, innermost first.
#[derive(Clone, Copy)]
pub(super) struct Chain<'c> {
    url: &'c str,
    up: Option<&'c Chain<'c>>,
}

impl Chain<'_> {
    fn holds(chain: Option<&Chain<'_>>, url: &str) -> bool {
        chain.is_some_and(|c| c.url == url || Self::holds(c.up, url))
    }
}

/// Everything one run of context processing carries along.
#[derive(Clone, Copy)]
pub(super) struct Run<'c, 'a> {
    pub(super) loader: &'c Loader<'a>,
    pub(super) flags: Flags<'a>,
    pub(super) chain: Option<&'c Chain<'c>>,
    /// False while a scoped context is only being checked.
    pub(super) validate_scoped: bool,
    pub(super) depth: usize,
    pub(super) path: &'c Path<'c>,
}

impl<'c, 'a> Run<'c, 'a> {
    pub(super) fn fail<T>(&self, code: Code, detail: impl Into<String>) -> Result<T, JsonLdError> {
        self.path.fail(code, detail)
    }
}

impl<'a> Ctx<'a> {
    /// Context processing: the context that results from `local` here.
    pub(super) fn derive(
        &'a self,
        local: &'a Value,
        flags: Flags<'a>,
        loader: &Loader<'a>,
        path: &Path<'_>,
    ) -> Result<Ctx<'a>, JsonLdError> {
        let propagate = match local {
            Value::Object(map) if !flags.listed => {
                map.get("@propagate").and_then(Value::as_bool).unwrap_or(!flags.transient)
            }
            _ => !flags.transient,
        };
        loader.charge(self.len(), path)?;
        let mut result = self.copy();
        if !propagate && result.previous.is_none() {
            result.previous = Some(self);
        }
        let run = Run { loader, flags, chain: None, validate_scoped: true, depth: 0, path };
        result.process(local, run)?;
        Ok(result)
    }

    /// Steps 4 and 5: applies one local context, or an array of them, in place.
    pub(super) fn process(&mut self, local: &'a Value, run: Run<'_, 'a>) -> Result<(), JsonLdError> {
        if run.depth > MOST_NESTED {
            return run.fail(Code::TooLarge, "contexts are nested too deeply");
        }
        match local {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let path = run.path.index(at);
                    self.process_one(item, Run { path: &path, ..run })?;
                }
                Ok(())
            }
            one => self.process_one(one, run),
        }
    }

    fn process_one(&mut self, local: &'a Value, run: Run<'_, 'a>) -> Result<(), JsonLdError> {
        match local {
            Value::Null => {
                if !run.flags.override_protected && self.guards() {
                    return run.fail(
                        Code::InvalidContextNullification,
                        "a context with protected terms cannot be undone here",
                    );
                }
                let previous = self.previous;
                *self = Ctx::initial(run.loader.base);
                self.previous = previous.filter(|_| run.flags.transient);
                Ok(())
            }
            Value::String(url) => self.process_url(url, run),
            Value::Object(map) => self.process_map(map, run),
            _ => run
                .fail(Code::InvalidLocalContext, "a context is a URL, an object, null, or an array of these"),
        }
    }

    fn process_url(&mut self, url: &'a str, run: Run<'_, 'a>) -> Result<(), JsonLdError> {
        let (url, loaded) = load(url, &run)?;
        if Chain::holds(run.chain, url) {
            // met again while a scoped context is only being checked: checked already
            return if run.validate_scoped {
                run.fail(Code::RecursiveContextInclusion, format!("{url} includes itself"))
            } else {
                Ok(())
            };
        }
        let chain = Chain { url, up: run.chain };
        let flags = Flags { base_url: Some(url), ..run.flags };
        self.process(loaded, Run { chain: Some(&chain), flags, depth: run.depth + 1, ..run })
    }

    fn process_map(&mut self, map: &'a Map<String, Value>, run: Run<'_, 'a>) -> Result<(), JsonLdError> {
        // Credentials of others wrap an inline context once more, and jsonld.js, with which they were signed, unwraps
        // it. Alone it means one thing only; beside other members it stays the keyword redefinition it is.
        if let (Some(Value::Object(inner)), 1, true) = (map.get("@context"), map.len(), run.loader.safe) {
            return self
                .process_map(inner, Run { path: &run.path.key("@context"), depth: run.depth + 1, ..run });
        }
        if run.depth > MOST_NESTED {
            return run.fail(Code::TooLarge, "contexts are nested too deeply");
        }
        if let Some(version) = map.get("@version")
            && version.as_f64() != Some(1.1)
        {
            return run.fail(Code::InvalidVersionValue, "@version must be 1.1");
        }
        let imported = match map.get("@import") {
            None => None,
            Some(Value::String(url)) => {
                let (url, loaded) = load(url, &run)?;
                match loaded {
                    Value::Object(inner) if inner.contains_key("@import") => {
                        return run.fail(
                            Code::InvalidContextEntry,
                            format!("{url} is imported and imports itself"),
                        );
                    }
                    Value::Object(inner) => Some(inner),
                    _ => return run.fail(Code::InvalidRemoteContext, format!("{url} is no single context")),
                }
            }
            Some(_) => return run.fail(Code::InvalidImportValue, "@import must be a string"),
        };
        let local = Local { own: map, imported };
        self.settings(&local, &run)?;
        run.loader.charge(local.own.len() + local.imported.map_or(0, Map::len), run.path)?;
        self.definitions(&local, &run)
    }

    /// Steps 5.7 to 5.11: the members that are not terms.
    fn settings(&mut self, local: &Local<'a>, run: &Run<'_, 'a>) -> Result<(), JsonLdError> {
        if let Some(value) = local.get("@base")
            && run.chain.is_none()
        {
            self.base = match value {
                Value::Null => None,
                Value::String(text) if iri::is_absolute(text) => Some(Cow::Borrowed(text.as_str())),
                Value::String(text) => match &self.base {
                    Some(base) => Some(Cow::Owned(iri::resolve(base, text))),
                    None => {
                        return run.fail(
                            Code::InvalidBaseIri,
                            format!("{text:?} is relative and there is no base"),
                        );
                    }
                },
                _ => return run.fail(Code::InvalidBaseIri, "@base must be a string or null"),
            };
        }
        match local.get("@vocab") {
            None => {}
            Some(Value::Null) => self.vocab = None,
            Some(Value::String(text)) => {
                let Meaning::Iri(vocab) = self.expand_iri(text, true, true) else {
                    return run.fail(Code::InvalidVocabMapping, format!("{text:?} is not an IRI"));
                };
                if run.loader.safe && !iri::is_absolute(&vocab) {
                    return run.fail(Code::RelativeReference, format!("@vocab {vocab:?} is relative"));
                }
                self.vocab = Some(vocab);
            }
            Some(_) => return run.fail(Code::InvalidVocabMapping, "@vocab must be a string or null"),
        }
        match local.get("@language") {
            None => {}
            Some(Value::Null) => self.language = None,
            Some(Value::String(tag)) => self.language = Some(language(tag, run.loader.safe, run.path)?),
            Some(_) => return run.fail(Code::InvalidDefaultLanguage, "@language must be a string or null"),
        }
        match local.get("@direction") {
            None => {}
            Some(Value::Null) => self.direction = None,
            Some(value) => match value.as_str().and_then(Direction::parse) {
                Some(direction) => self.direction = Some(direction),
                None => {
                    return run
                        .fail(Code::InvalidBaseDirection, "@direction must be \"ltr\", \"rtl\" or null");
                }
            },
        }
        match local.get("@propagate") {
            None | Some(Value::Bool(_)) => Ok(()),
            Some(_) => run.fail(Code::InvalidPropagateValue, "@propagate must be true or false"),
        }
    }

    /// Steps 5.12 and 5.13: the terms.
    fn definitions(&mut self, local: &Local<'a>, run: &Run<'_, 'a>) -> Result<(), JsonLdError> {
        let protected = match local.get("@protected") {
            None => false,
            Some(Value::Bool(yes)) => *yes,
            Some(_) => return run.fail(Code::InvalidProtectedValue, "@protected must be true or false"),
        };
        let mut defined = HashMap::with_capacity_and_hasher(local.own.len(), Seed::get());
        for name in local.names() {
            let setting = matches!(
                keyword(name),
                Some(
                    Kw::Base
                        | Kw::Direction
                        | Kw::Import
                        | Kw::Language
                        | Kw::Propagate
                        | Kw::Protected
                        | Kw::Version
                        | Kw::Vocab
                )
            );
            if !setting {
                self.define(local, name, &mut defined, protected, run)?;
            }
        }
        Ok(())
    }

    /// Processes a scoped context for no other purpose than to see that it can be.
    pub(super) fn check_scoped(&self, local: &'a Value, run: &Run<'_, 'a>) -> Result<(), JsonLdError> {
        if registry::scope_of(local).is_some() && !run.loader.validate_pinned {
            return Ok(());
        }
        run.loader.charge(self.len(), run.path)?;
        let flags = Flags { override_protected: true, ..run.flags };
        let run = Run { flags, validate_scoped: false, depth: run.depth + 1, ..*run };
        self.copy().process(local, run).map_err(|e| match e.code {
            Code::TooLarge | Code::LoadingRemoteContextFailed => e,
            code => {
                JsonLdError { code: Code::InvalidScopedContext, detail: format!("{code}: {}", e.detail), ..e }
            }
        })
    }
}

/// A local context with the one it imports below it.
pub(super) struct Local<'a> {
    own: &'a Map<String, Value>,
    imported: Option<&'a Map<String, Value>>,
}

impl<'a> Local<'a> {
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.own.get(name).or_else(|| self.imported?.get(name))
    }

    pub(super) fn entry(&self, name: &str) -> Option<(&'a str, &'a Value)> {
        let found = |map: &'a Map<String, Value>| map.get_key_value(name).map(|(k, v)| (k.as_str(), v));
        found(self.own).or_else(|| found(self.imported?))
    }

    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.imported.into_iter().flat_map(Map::keys).chain(self.own.keys()).map(String::as_str)
    }
}

/// The context a URL names, and the URL as the table holds it. Nothing is ever fetched.
fn load<'a>(url: &'a str, run: &Run<'_, 'a>) -> Result<(&'a str, &'a Value), JsonLdError> {
    let absolute = match run.flags.base_url.or(run.loader.base) {
        Some(base) if !iri::is_absolute(url) => Cow::Owned(iri::resolve(base, url)),
        _ => Cow::Borrowed(url),
    };
    if let Some(pinned) = super::contexts::by_url(&absolute)
        && let Some(document) = registry::document(pinned)
    {
        return Ok((pinned.url, document));
    }
    if let Some((url, document)) = run.loader.extra.and_then(|extra| extra.get_key_value(absolute.as_ref())) {
        return match document {
            Value::Object(members) => match members.get("@context") {
                Some(context) => Ok((url, context)),
                None => run.fail(Code::InvalidRemoteContext, format!("{url} holds no @context")),
            },
            _ => run.fail(Code::InvalidRemoteContext, format!("{url} is no JSON object")),
        };
    }
    run.fail(
        Code::LoadingRemoteContextFailed,
        format!("the context {absolute} is not among those built in, and none is fetched"),
    )
}
