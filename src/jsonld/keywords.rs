//! Members that are keywords or stand for one (JSON-LD 1.1 API section 5.1, step 13.4).

use super::{
    active::{Active, At, Name},
    context::{Ctx, language},
    error::{Code, JsonLdError},
    expand::{Level, Parts, Walk},
    iri,
    term::{Direction, Kw, Meaning},
    tree::{Id, Item, List, Out},
};
use serde_json::{Map, Value};
use std::borrow::Cow;

impl<'a> Walk<'a> {
    /// Step 13.4: a member that is a keyword.
    pub(super) fn keyword(
        &self,
        level: Level<'a>,
        kw: Kw,
        value: &'a Value,
        parts: &mut Parts<'a>,
        at: At<'_>,
    ) -> Result<(), JsonLdError> {
        let Level { ctx, type_scoped, active, .. } = level;
        // the object's own contexts may have given the name it stands under another meaning
        let active = if matches!(kw, Kw::List | Kw::Set) { active.within(ctx) } else { active };
        if active.name == Name::Reverse {
            return at.fail(Code::InvalidReversePropertyMap, "a keyword cannot be a reverse property");
        }
        let node = &mut parts.node;
        let again = match kw {
            Kw::Id => !matches!(node.id, Id::Absent),
            Kw::Graph => node.graph.is_some(),
            Kw::Value => parts.value.is_some(),
            Kw::Language => parts.language.is_some(),
            Kw::Direction => parts.direction.is_some(),
            Kw::Index => node.index.is_some(),
            Kw::List => parts.list.is_some(),
            Kw::Set => parts.set.is_some(),
            _ => false,
        };
        if again {
            return at.fail(Code::CollidingKeywords, "the same keyword twice");
        }
        match (kw, value) {
            (Kw::Id, Value::String(text)) => node.id = self.id(ctx.meaning(text, false, true), text, at)?,
            (Kw::Id, _) => return at.fail(Code::InvalidIdValue, "@id must be a string"),
            (Kw::Type, Value::String(text)) => self.add_type(type_scoped, text, parts, at)?,
            (Kw::Type, Value::Array(types)) => {
                parts.node.types.get_or_insert_with(|| Vec::with_capacity(types.len()));
                for (index, one) in types.iter().enumerate() {
                    let path = at.path.index(index);
                    let Some(text) = one.as_str() else {
                        return path.fail(Code::InvalidTypeValue, "a type must be a string");
                    };
                    self.add_type(type_scoped, text, parts, at.down(&path))?;
                }
            }
            (Kw::Type, _) => {
                return at.fail(Code::InvalidTypeValue, "@type must be a string or an array of strings");
            }
            (Kw::Graph, value) => {
                node.graph = Some(self.value(ctx, Active::GRAPH, value, false, at)?.into_vec());
            }
            (Kw::Included, value) => {
                let items = self.value(ctx, Active::INCLUDED, value, false, at)?.into_vec();
                if items.iter().any(|i| !matches!(i, Item::Node(_))) {
                    return at.fail(Code::InvalidIncludedValue, "@included holds node objects");
                }
                if self.safe() && items.iter().any(|i| matches!(i, Item::Node(n) if n.is_reference())) {
                    self.dropped(at, "an included node with nothing but a name")?;
                }
                node.included.get_or_insert_default().extend(items);
            }
            (Kw::Value, value) => parts.value = Some(value),
            (Kw::Language, Value::String(tag)) => parts.language = Some(language(tag, self.safe(), at.path)?),
            (Kw::Language, Value::Null) => {}
            (Kw::Language, _) => {
                return at.fail(Code::InvalidLanguageTaggedString, "@language must be a string");
            }
            (Kw::Direction, value) => match value.as_str().and_then(Direction::parse) {
                Some(direction) => parts.direction = Some(direction),
                None => return at.fail(Code::InvalidBaseDirection, "@direction must be \"ltr\" or \"rtl\""),
            },
            (Kw::Index, Value::String(text)) => node.index = Some(Cow::Borrowed(text.as_str())),
            (Kw::Index, _) => return at.fail(Code::InvalidIndexValue, "@index must be a string"),
            (Kw::List, _) if active.floats() => {
                self.dropped(at, "a list on its own")?;
            }
            (Kw::List, value) => parts.list = Some(self.list(ctx, active, value, at)?),
            (Kw::Set, value) => parts.set = Some(self.value(ctx, active, value, false, at)?.into_vec()),
            (Kw::Reverse, Value::Object(map)) => self.reverse(level, map, parts, at)?,
            (Kw::Reverse, _) => return at.fail(Code::InvalidReverseValue, "@reverse must be an object"),
            _ if self.safe() => return at.fail(Code::UndefinedTerm, "this keyword has no meaning here"),
            _ => {}
        }
        Ok(())
    }

    /// The value of `@list`: arrays inside are lists themselves.
    fn list(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        value: &'a Value,
        at: At<'_>,
    ) -> Result<Vec<Item<'a>>, JsonLdError> {
        let Value::Array(items) = value else {
            return Ok(self.value(ctx, active, value, false, at)?.into_vec());
        };
        let mut out = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = at.path.index(index);
            let at = at.down(&path);
            match self.value(ctx, active, item, false, at)? {
                Out::Nothing => {}
                Out::One(item) => out.push(item),
                Out::Many(items) if item.is_array() => out.push(Item::List(List { items, index: None })),
                Out::Many(items) => out.extend(items),
            }
        }
        Ok(out)
    }

    fn add_type(
        &self,
        ctx: &'a Ctx<'a>,
        text: &'a str,
        parts: &mut Parts<'a>,
        at: At<'_>,
    ) -> Result<(), JsonLdError> {
        let types = parts.node.types.get_or_insert_default();
        match ctx.meaning(text, true, true) {
            Meaning::Iri(iri) => {
                if self.safe()
                    && !iri.starts_with("_:")
                    && !ctx.get(text).is_some_and(|t| t.solid)
                    && !iri::is_well_formed(&iri)
                {
                    return at.fail(Code::UndefinedType, format!("no context defines the type {text:?}"));
                }
                types.push(iri);
            }
            Meaning::Keyword(Kw::Json) => {
                parts.json = true;
                types.push(Cow::Borrowed("@json"));
            }
            Meaning::Keyword(_) | Meaning::Null if self.safe() => {
                return at.fail(Code::UndefinedType, format!("no context defines the type {text:?}"));
            }
            Meaning::Keyword(_) => types.push(Cow::Borrowed(text)),
            Meaning::Null => {}
        }
        Ok(())
    }

    /// Step 13.4.13: `@reverse`.
    fn reverse(
        &self,
        level: Level<'a>,
        map: &'a Map<String, Value>,
        parts: &mut Parts<'a>,
        at: At<'_>,
    ) -> Result<(), JsonLdError> {
        let mut inner = Parts::default();
        let (ctx, type_scoped) = (level.ctx, level.type_scoped);
        let at = At { depth: at.depth + 1, ..at };
        self.members(Level { ctx, type_scoped, active: Active::REVERSE, map }, &mut inner, at)?;
        parts.node.properties.append(&mut inner.node.reverse);
        for (iri, item) in inner.node.properties {
            match item {
                Some(item) => self.reversed(&mut parts.node.reverse, iri, Out::One(item), at)?,
                None => parts.node.reverse.push((iri, None)),
            }
        }
        Ok(())
    }
}
