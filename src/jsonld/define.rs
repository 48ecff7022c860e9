//! Create Term Definition (JSON-LD 1.1 API section 4.2).

mod coercion;

use super::{
    context::{Ctx, language},
    error::{Code, JsonLdError},
    iri,
    process::{Local, Run},
    registry,
    seed::Seed,
    term::{Coercion, Containers, Direction, Kw, Meaning, Scoped, Term, keyword},
};
use serde_json::{Map, Value};
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, LazyLock},
};

/// Terms of a local context being defined (false) and defined (true).
pub(super) type Defined<'a> = HashMap<&'a str, bool, Seed>;

/// Terms one context may hold, and how far one may build on another.
const MOST_TERMS: usize = 20_000;
const MOST_DEEP: usize = 100;

static NO_MEMBERS: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);

impl<'a> Ctx<'a> {
    /// Defines `name` as the local context has it, and first whatever it builds on.
    pub(super) fn define(
        &mut self,
        local: &Local<'a>,
        name: &'a str,
        defined: &mut Defined<'a>,
        protected: bool,
        run: &Run<'_, 'a>,
    ) -> Result<(), JsonLdError> {
        match defined.get(name) {
            Some(true) => return Ok(()),
            Some(false) => return run.fail(Code::CyclicIriMapping, format!("{name:?} is defined by itself")),
            None => {}
        }
        let path = run.path.key(name);
        let run = &Run { path: &path, depth: run.depth + 1, ..*run };
        if defined.len() > MOST_TERMS || run.depth > MOST_DEEP {
            return run.fail(Code::TooLarge, "too many terms, or terms that build on one another too deeply");
        }
        if name.is_empty() {
            return run.fail(Code::InvalidTermDefinition, "a term cannot be empty");
        }
        defined.insert(name, false);
        let value = local.get(name).unwrap_or(&Value::Null);
        if name == "@type" {
            check_type_keyword(value, run)?;
        } else if keyword(name).is_some() {
            return run.fail(Code::KeywordRedefinition, format!("{name} is a keyword"));
        } else if iri::looks_like_keyword(name) {
            return reserved(name, run);
        }
        let previous = self.remove(name);
        let (id, members): (Option<&'a Value>, &'a Map<String, Value>) = match value {
            Value::Null | Value::String(_) => (Some(value), &NO_MEMBERS),
            Value::Object(members) => (members.get("@id"), members),
            _ => {
                return run
                    .fail(Code::InvalidTermDefinition, "a term is defined by a string, an object or null");
            }
        };
        let mut defining = Defining { ctx: self, local, defined, protected, run };
        let meant = defining.meaning(name, value.is_string(), id, members)?;
        let Some(mut term) = meant else {
            // ignored, as what only looks like a keyword is: what was there before stays
            if let Some(previous) = previous {
                self.insert(name, previous);
            }
            return Ok(());
        };
        defining.coercion(&mut term, members)?;
        defining.index(&mut term, members)?;
        self.refine(name, &mut term, members, run)?;
        if !run.flags.override_protected
            && let Some(previous) = previous.filter(|p| p.protected)
        {
            if !previous.same_but_protection(&term) {
                return run.fail(Code::ProtectedTermRedefinition, format!("{name:?} is protected"));
            }
            term.protected = true;
        }
        self.insert(name, Arc::new(term));
        defined.insert(name, true);
        Ok(())
    }

    /// Steps 20 to 26: what needs no other term.
    fn refine(
        &self,
        name: &str,
        term: &mut Term<'a>,
        members: &'a Map<String, Value>,
        run: &Run<'_, 'a>,
    ) -> Result<(), JsonLdError> {
        for (key, value) in members {
            match key.as_str() {
                "@id" | "@reverse" | "@type" | "@container" | "@index" | "@protected" => {}
                "@context" => {
                    let path = run.path.key("@context");
                    self.check_scoped(value, &Run { path: &path, ..*run })?;
                    let pinned = registry::scope_of(value);
                    term.scoped = Some(Scoped { local: value, base_url: run.flags.base_url, pinned });
                }
                "@language" if members.contains_key("@type") => {}
                "@language" => match value {
                    Value::Null => term.language = Some(None),
                    Value::String(tag) => {
                        term.language = Some(Some(language(tag, run.loader.safe, run.path)?))
                    }
                    _ => return run.fail(Code::InvalidLanguageMapping, "@language must be a string or null"),
                },
                "@direction" if members.contains_key("@type") => {}
                "@direction" => match value {
                    Value::Null => term.direction = Some(None),
                    other => match other.as_str().and_then(Direction::parse) {
                        Some(direction) => term.direction = Some(Some(direction)),
                        None => {
                            return run.fail(
                                Code::InvalidBaseDirection,
                                "@direction must be \"ltr\", \"rtl\" or null",
                            );
                        }
                    },
                },
                "@nest" => match value.as_str() {
                    Some(nest) if nest == "@nest" || keyword(nest).is_none() => term.nest = Some(nest),
                    _ => return run.fail(Code::InvalidNestValue, "@nest must be \"@nest\" or a term"),
                },
                "@prefix" => {
                    if name.contains([':', '/']) {
                        return run.fail(Code::InvalidTermDefinition, "such a term cannot be a prefix");
                    }
                    match value {
                        Value::Bool(true) if matches!(term.meaning, Meaning::Keyword(_)) => {
                            return run.fail(Code::InvalidTermDefinition, "a keyword cannot be a prefix");
                        }
                        Value::Bool(yes) => term.prefix = *yes,
                        _ => return run.fail(Code::InvalidPrefixValue, "@prefix must be true or false"),
                    }
                }
                other => {
                    return run.fail(
                        Code::InvalidTermDefinition,
                        format!("{other:?} cannot stand in a term definition"),
                    );
                }
            }
        }
        Ok(())
    }
}

/// `@type` may be defined only to be a set, or protected.
fn check_type_keyword(value: &Value, run: &Run<'_, '_>) -> Result<(), JsonLdError> {
    let allowed = value.as_object().is_some_and(|m| {
        !m.is_empty()
            && m.iter().all(|(key, v)| match key.as_str() {
                "@container" => {
                    v == "@set"
                        || v.as_array().is_some_and(|a| matches!(a.as_slice(), [one] if one == "@set"))
                }
                "@protected" => true,
                _ => false,
            })
    });
    if allowed { Ok(()) } else { run.fail(Code::KeywordRedefinition, "@type is a keyword") }
}

/// Something that only looks like a keyword: ignored, and in safe mode an error.
fn reserved(name: &str, run: &Run<'_, '_>) -> Result<(), JsonLdError> {
    if run.loader.safe {
        run.fail(Code::ReservedKeyword, format!("{name} looks like a keyword and is none"))
    } else {
        Ok(())
    }
}

/// One term definition under way.
struct Defining<'d, 'c, 'a> {
    ctx: &'d mut Ctx<'a>,
    local: &'d Local<'a>,
    defined: &'d mut Defined<'a>,
    protected: bool,
    run: &'d Run<'c, 'a>,
}

impl<'a> Defining<'_, '_, 'a> {
    /// IRI expansion (section 5.2) while definitions are still being made: defines the terms it meets first.
    fn expand(&mut self, text: &'a str) -> Result<Meaning<'a>, JsonLdError> {
        if let Some(kw) = keyword(text) {
            return Ok(Meaning::Keyword(kw));
        }
        if iri::looks_like_keyword(text) {
            return Ok(Meaning::Null);
        }
        self.require(text)?;
        if let Some(term) = self.ctx.get(text) {
            return Ok(term.meaning.clone());
        }
        if let Some((prefix, suffix)) = text.split_once(':')
            && !prefix.is_empty()
            && prefix != "_"
            && !suffix.starts_with("//")
        {
            self.require(prefix)?;
        }
        Ok(self.ctx.expand_compact(text, true, false))
    }

    fn require(&mut self, name: &str) -> Result<(), JsonLdError> {
        if let Some((name, _)) = self.local.entry(name)
            && self.defined.get(name) != Some(&true)
        {
            // settings such as @vocab are no terms
            if keyword(name).is_none() {
                self.ctx.define(self.local, name, self.defined, self.protected, self.run)?;
            }
        }
        Ok(())
    }

    /// Steps 11 and 13 to 18: protection, and what the term stands for. `None`: the definition is to be ignored.
    fn meaning(
        &mut self,
        name: &'a str,
        simple: bool,
        id: Option<&'a Value>,
        members: &'a Map<String, Value>,
    ) -> Result<Option<Term<'a>>, JsonLdError> {
        let run = self.run;
        let mut term = Term {
            meaning: Meaning::Null,
            solid: false,
            prefix: false,
            protected: match members.get("@protected") {
                None => self.protected,
                Some(Value::Bool(yes)) => *yes,
                Some(_) => return run.fail(Code::InvalidProtectedValue, "@protected must be true or false"),
            },
            reverse: false,
            coercion: Coercion::Unset,
            containers: Containers::default(),
            language: None,
            direction: None,
            index: None,
            nest: None,
            scoped: None,
        };
        if let Some(reverse) = members.get("@reverse") {
            if members.contains_key("@id") || members.contains_key("@nest") {
                return run.fail(Code::InvalidReverseProperty, "@reverse excludes @id and @nest");
            }
            let Some(text) = reverse.as_str() else {
                return run.fail(Code::InvalidIriMapping, "@reverse must be a string");
            };
            if iri::looks_like_keyword(text) {
                return reserved(text, run).map(|()| None);
            }
            term.meaning = self.expand(text)?;
            if !matches!(&term.meaning, Meaning::Iri(iri) if iri::is_absolute(iri)) {
                return run.fail(Code::InvalidIriMapping, format!("{text:?} is not an IRI"));
            }
            term.reverse = true;
        } else {
            term.meaning = match id {
                Some(Value::Null) => Meaning::Null,
                Some(Value::String(text)) if text != name => {
                    let Some(meaning) = self.mapped(name, text)? else { return Ok(None) };
                    term.prefix = simple
                        && !name.contains([':', '/'])
                        && matches!(&meaning, Meaning::Iri(iri)
                            if iri.ends_with([':', '/', '?', '#', '[', ']', '@']) || iri.starts_with("_:"));
                    meaning
                }
                Some(Value::String(_)) | None => self.natural(name)?,
                Some(_) => return run.fail(Code::InvalidIriMapping, "@id must be a string or null"),
            };
        }
        term.solid = matches!(&term.meaning, Meaning::Iri(iri) if iri::is_well_formed(iri));
        Ok(Some(term))
    }

    /// Step 14.2: an explicit mapping.
    fn mapped(&mut self, name: &'a str, text: &'a str) -> Result<Option<Meaning<'a>>, JsonLdError> {
        let run = self.run;
        if keyword(text).is_none() && iri::looks_like_keyword(text) {
            return reserved(text, run).map(|()| None);
        }
        let meaning = self.expand(text)?;
        match &meaning {
            Meaning::Keyword(Kw::Context) => {
                return run.fail(Code::InvalidKeywordAlias, "@context has no other names");
            }
            Meaning::Keyword(_) => {}
            Meaning::Iri(iri) if iri::is_absolute(iri) => {}
            _ => {
                return run
                    .fail(Code::InvalidIriMapping, format!("{text:?} is neither an IRI nor a keyword"));
            }
        }
        let inner_colon = name.bytes().enumerate().any(|(at, b)| b == b':' && at > 0 && at + 1 < name.len());
        if inner_colon || name.contains('/') {
            self.defined.insert(name, true);
            if self.expand(name)? != meaning {
                return run.fail(
                    Code::InvalidIriMapping,
                    format!("{name:?} has the form of an IRI and means another"),
                );
            }
        }
        Ok(Some(meaning))
    }

    /// Steps 15 to 18: what a term means by its own form.
    fn natural(&mut self, name: &'a str) -> Result<Meaning<'a>, JsonLdError> {
        let run = self.run;
        if let Some(at) = name.bytes().skip(1).position(|b| b == b':').map(|at| at + 1) {
            let (prefix, suffix) = (&name[..at], &name[at + 1..]);
            self.require(prefix)?;
            return Ok(Meaning::Iri(match self.ctx.get(prefix) {
                Some(Term { meaning: Meaning::Iri(start), .. }) => Cow::Owned([start, suffix].concat()),
                _ => Cow::Borrowed(name),
            }));
        }
        if name.contains('/') {
            return match self.ctx.expand_compact(name, true, true) {
                Meaning::Iri(iri) if iri::is_absolute(&iri) => Ok(Meaning::Iri(iri)),
                _ => run.fail(Code::InvalidIriMapping, format!("{name:?} is not an IRI")),
            };
        }
        if name == "@type" {
            return Ok(Meaning::Keyword(Kw::Type));
        }
        match &self.ctx.vocab {
            Some(vocab) => Ok(Meaning::Iri(Cow::Owned([vocab, name].concat()))),
            None => run.fail(Code::InvalidIriMapping, format!("{name:?} has no @id and there is no @vocab")),
        }
    }
}
