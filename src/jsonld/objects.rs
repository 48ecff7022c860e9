//! What an object turns out to be once its members are read (JSON-LD 1.1 API section 5.1, steps 15 to 19).

use super::{
    active::{Active, At},
    error::{Code, JsonLdError},
    expand::{Parts, Walk},
    iri,
    tree::{Id, Item, Lexical, List, Literal, LiteralType, Node, Out},
};

impl<'a> Walk<'a> {
    /// Steps 15 to 19: what the object turned out to be.
    pub(super) fn finish(
        &self,
        active: Active<'a>,
        parts: Parts<'a>,
        at: At<'_>,
    ) -> Result<Out<'a>, JsonLdError> {
        let floats = active.floats();
        if parts.value.is_some() {
            let Some(literal) = self.literal(parts, at)? else { return Ok(Out::Nothing) };
            return if floats {
                self.dropped(at, "a value on its own")
            } else {
                Ok(Out::One(Item::Literal(literal)))
            };
        }
        let Parts { node, language, direction, list, set, .. } = parts;
        if list.is_some() || set.is_some() {
            let index_only = Node { index: None, ..node };
            let index = node.index;
            if (list.is_some() && set.is_some())
                || language.is_some()
                || direction.is_some()
                || !index_only.is_empty()
            {
                return at.fail(Code::InvalidSetOrListObject, "beside @set or @list only @index may stand");
            }
            return match (list, set) {
                (Some(_), _) if floats => self.dropped(at, "a list on its own"),
                (Some(items), _) => Ok(Out::One(Item::List(List { items, index }))),
                (_, set) => Ok(Out::Many(set.unwrap_or_default())),
            };
        }
        if node.is_empty() && (language.is_some() || floats) {
            return self.dropped(at, "an object without any value");
        }
        if language.is_some() || direction.is_some() {
            return at.fail(Code::InvalidValueObject, "a language or direction without a @value");
        }
        if floats && node.is_reference() {
            return self.dropped(at, "an object with nothing but a name");
        }
        Ok(Out::One(Item::Node(Box::new(node))))
    }

    /// Step 15: a value object.
    fn literal(&self, parts: Parts<'a>, at: At<'_>) -> Result<Option<Literal<'a>>, JsonLdError> {
        let Parts { node, value, language, direction, list, set, json } = parts;
        let Some(value) = value else { return Ok(None) };
        let Node { id, types, properties, reverse, graph, included, index } = node;
        let typed = types.is_some();
        if !matches!(id, Id::Absent)
            || !properties.is_empty()
            || !reverse.is_empty()
            || graph.is_some()
            || included.is_some()
            || list.is_some()
            || set.is_some()
            || (typed && (language.is_some() || direction.is_some()))
        {
            return at.fail(Code::InvalidValueObject, "beside @value stands what cannot");
        }
        let mut types = types.unwrap_or_default();
        if json && types.len() == 1 {
            let value = Lexical::Json(value);
            return Ok(Some(Literal { value, datatype: LiteralType::Json, language, direction, index }));
        }
        if value.is_object() || value.is_array() {
            return at.fail(Code::InvalidValueObjectValue, "@value must be a string, a number or a boolean");
        }
        if value.is_null() {
            if self.safe() {
                return at.fail(Code::DroppedValue, "a null @value says nothing");
            }
            return Ok(None);
        }
        if language.is_some() && !value.is_string() {
            return at.fail(Code::InvalidLanguageTaggedValue, "only a string has a language");
        }
        let datatype = match types.pop() {
            None if typed => return at.fail(Code::InvalidTypedValue, "a value has one type"),
            None => LiteralType::Unset,
            Some(iri)
                if types.is_empty()
                    && iri::is_absolute(&iri)
                    && !iri.starts_with("_:")
                    && iri::is_well_formed(&iri) =>
            {
                LiteralType::Iri(iri)
            }
            Some(iri) => return at.fail(Code::InvalidTypedValue, format!("{iri:?} is no datatype")),
        };
        Ok(Some(Literal { value: Lexical::Json(value), datatype, language, direction, index }))
    }
}
