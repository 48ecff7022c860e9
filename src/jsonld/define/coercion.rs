//! What the values of a term become: its type, its containers, its index (JSON-LD 1.1 API section 4.2.2, steps 12, 19, 20).

use serde_json::{Map, Value};

use super::super::{
    error::{Code, JsonLdError},
    iri,
    term::{Coercion, Containers, Kw, Meaning, Term},
};
use super::Defining;

impl<'a> Defining<'_, '_, 'a> {
    /// Steps 12 and 19: type and container.
    pub(super) fn coercion(
        &mut self,
        term: &mut Term<'a>,
        members: &'a Map<String, Value>,
    ) -> Result<(), JsonLdError> {
        let run = self.run;
        if let Some(value) = members.get("@type") {
            let Some(text) = value.as_str() else {
                return run.fail(Code::InvalidTypeMapping, "@type must be a string");
            };
            term.coercion = match self.expand(text)? {
                Meaning::Keyword(Kw::Id) => Coercion::Id,
                Meaning::Keyword(Kw::Vocab) => Coercion::Vocab,
                Meaning::Keyword(Kw::Json) => Coercion::Json,
                Meaning::Keyword(Kw::None) => Coercion::None,
                Meaning::Iri(iri) if iri::is_absolute(&iri) && !iri.starts_with("_:") => {
                    if run.loader.safe && !iri::is_well_formed(&iri) {
                        return run.fail(Code::InvalidTypeMapping, format!("{iri:?} is not an IRI"));
                    }
                    Coercion::Datatype(iri)
                }
                _ => {
                    return run.fail(
                        Code::InvalidTypeMapping,
                        format!("{text:?} is neither an IRI nor @id, @vocab, @json, @none"),
                    );
                }
            };
        }
        let Some(value) = members.get("@container") else { return Ok(()) };
        let invalid = || {
            run.fail(Code::InvalidContainerMapping, "not a container, or not one together with the others")
        };
        let mut set = Containers::default();
        let words = match value {
            Value::Array(words) => words.as_slice(),
            one => std::slice::from_ref(one),
        };
        for word in words {
            match word.as_str().and_then(Containers::of) {
                Some(one) if !set.has(one) => set = set.with(one),
                _ => return invalid(),
            }
        }
        let others = set.without(Containers::SET);
        let valid = if set.has(Containers::LIST) {
            set.count() == 1
        } else if set.has(Containers::GRAPH) {
            let beside = others.without(Containers::GRAPH);
            beside.count() <= 1 && !beside.has(Containers::TYPE.with(Containers::LANGUAGE))
        } else {
            others.count() <= 1
        };
        if !valid || set.count() == 0 {
            return invalid();
        }
        if term.reverse && others.without(Containers::INDEX).count() > 0 {
            return run
                .fail(Code::InvalidReverseProperty, "a reverse property's container is @set or @index");
        }
        if set.has(Containers::TYPE) {
            match term.coercion {
                Coercion::Unset => term.coercion = Coercion::Id,
                Coercion::Id | Coercion::Vocab => {}
                _ => return run.fail(Code::InvalidTypeMapping, "a @type container holds @id or @vocab"),
            }
        }
        term.containers = set;
        Ok(())
    }

    /// Step 20: the property an index stands for.
    pub(super) fn index(
        &mut self,
        term: &mut Term<'a>,
        members: &'a Map<String, Value>,
    ) -> Result<(), JsonLdError> {
        let Some(value) = members.get("@index") else { return Ok(()) };
        let run = self.run;
        match value.as_str() {
            Some(text) if term.containers.has(Containers::INDEX) && !text.starts_with('@') => {
                if !matches!(self.expand(text)?, Meaning::Iri(iri) if iri::is_absolute(&iri)) {
                    return run.fail(Code::InvalidTermDefinition, format!("@index {text:?} is not an IRI"));
                }
                term.index = Some(text);
                Ok(())
            }
            _ => run
                .fail(Code::InvalidTermDefinition, "@index needs an @index container and a property's name"),
        }
    }
}
