//! Expansion of map containers: language maps, index maps, id maps, type maps (JSON-LD 1.1 API sections 13.7 and 13.8).

use super::{
    active::{Active, At},
    context::{Ctx, language},
    error::{Code, JsonLdError},
    expand::Walk,
    registry::Scope,
    term::{Containers, Kw, Meaning, Text},
    tree::{Id, Item, Lexical, Literal, LiteralType, Node, Out},
};
use serde_json::{Map, Value};
use std::borrow::Cow;

impl<'a> Walk<'a> {
    /// `{"vi": "…", "en": ["…", "…"]}`
    pub(super) fn language_map(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        map: &'a Map<String, Value>,
        at: At<'_>,
    ) -> Result<Out<'a>, JsonLdError> {
        let mut out = Vec::with_capacity(map.len());
        let direction = self.direction(ctx, active);
        for (tag, value) in map {
            let path = at.path.key(tag);
            if value.is_null() {
                continue;
            }
            let language =
                if ctx.is(tag, Kw::None, "@none") { None } else { Some(language(tag, self.safe(), &path)?) };
            let values = match value {
                Value::Array(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            for value in values {
                match value {
                    Value::Null => {}
                    Value::String(_) => out.push(Item::Literal(Literal {
                        value: Lexical::Json(value),
                        datatype: LiteralType::Unset,
                        language: language.clone(),
                        direction,
                        index: None,
                    })),
                    _ => {
                        return path
                            .fail(Code::InvalidLanguageMapValue, "the values of a language map are strings");
                    }
                }
            }
        }
        Ok(Out::Many(out))
    }

    /// `{"key": value, …}` where the key is an index, a property's value, an `@id` or a `@type`.
    pub(super) fn index_map(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        map: &'a Map<String, Value>,
        at: At<'_>,
    ) -> Result<Out<'a>, JsonLdError> {
        let containers = active.containers();
        let as_graph = containers.has(Containers::GRAPH);
        let property = active.term.and_then(|t| t.index);
        let mut out = Vec::with_capacity(map.len());
        for (key, value) in map {
            let path = at.path.key(key);
            let at = At { path: &path, depth: at.depth + 1 };
            let mut inner = ctx;
            if containers.has(Containers::ID.with(Containers::TYPE)) {
                inner = ctx.previous.unwrap_or(ctx);
            }
            if containers.has(Containers::TYPE)
                && let Some(scoped) = inner.get(key).and_then(|t| t.scoped.as_ref())
            {
                inner = self.env.scoped(inner, scoped, Scope::Type, at.path)?;
            }
            let none = ctx.is(key, Kw::None, "@none");
            let within = if std::ptr::eq(inner, ctx) { active } else { active.within(inner) };
            for mut item in self.value(inner, within, value, true, at)?.into_vec() {
                if as_graph && !matches!(&item, Item::Node(n) if n.is_graph()) {
                    if self.safe() && !matches!(&item, Item::Node(n) if !n.is_reference()) {
                        return at.fail(
                            Code::DroppedValue,
                            "a graph of nothing but a name or a value says nothing",
                        );
                    }
                    item = Node::graph_of(item);
                }
                if !none {
                    if let Some(property) = property.filter(|_| containers.has(Containers::INDEX)) {
                        self.index_property(ctx, property, key, &mut item, at)?;
                    } else if containers.has(Containers::INDEX) {
                        let index = match &mut item {
                            Item::Literal(l) => &mut l.index,
                            Item::List(l) => &mut l.index,
                            Item::Node(n) => &mut n.index,
                        };
                        index.get_or_insert(Cow::Borrowed(key.as_str()));
                    } else {
                        self.name_node(ctx, containers, key, &mut item, at)?;
                    }
                }
                out.push(item);
            }
        }
        Ok(Out::Many(out))
    }

    /// Id and type maps: the key names the node, or its type.
    fn name_node(
        &self,
        ctx: &'a Ctx<'a>,
        containers: Containers,
        key: &'a str,
        item: &mut Item<'a>,
        at: At<'_>,
    ) -> Result<(), JsonLdError> {
        let Item::Node(node) = item else {
            return at.fail(Code::InvalidValueObject, "only nodes have names and types");
        };
        if containers.has(Containers::ID) {
            if matches!(node.id, Id::Absent) {
                node.id = self.id(ctx.meaning(key, false, true), key, at)?;
            }
            return Ok(());
        }
        match ctx.meaning(key, true, true) {
            Meaning::Iri(iri) => {
                if self.safe() && !iri.starts_with("_:") && !super::iri::is_well_formed(&iri) {
                    return at.fail(Code::UndefinedType, format!("no context defines the type {key:?}"));
                }
                node.types.get_or_insert_default().insert(0, iri);
            }
            _ if self.safe() => {
                return at.fail(Code::UndefinedType, format!("no context defines the type {key:?}"));
            }
            _ => {}
        }
        Ok(())
    }

    /// Property-valued index: the key is a value of that property.
    fn index_property(
        &self,
        ctx: &'a Ctx<'a>,
        property: &'a str,
        key: &'a str,
        item: &mut Item<'a>,
        at: At<'_>,
    ) -> Result<(), JsonLdError> {
        let Item::Node(node) = item else {
            return at.fail(Code::InvalidValueObject, "only nodes have properties");
        };
        let Meaning::Iri(iri) = ctx.meaning(property, true, false) else {
            return at.fail(Code::InvalidTermDefinition, format!("{property:?} is not a property"));
        };
        if self.safe() {
            self.check_property(&iri, at)?;
        }
        let value = self.text(ctx, Active::key(property, ctx.get(property)), key, at)?;
        node.properties.insert(0, (iri, Some(value)));
        Ok(())
    }

    /// Value expansion of a string that is a key.
    fn text(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        text: &'a str,
        at: At<'_>,
    ) -> Result<Item<'a>, JsonLdError> {
        // the scalar's own rules, on a placeholder, then the text put in
        use super::term::Coercion;
        let coercion = active.term.map_or(&Coercion::Unset, |t| &t.coercion);
        if matches!(coercion, Coercion::Id | Coercion::Vocab) {
            let id = self.id(ctx.meaning(text, *coercion == Coercion::Vocab, true), text, at)?;
            return Ok(Item::Node(Box::new(Node { id, ..Node::default() })));
        }
        static PLACE: Value = Value::String(String::new());
        let mut item = self.scalar(ctx, active, &PLACE, at)?;
        if let Item::Literal(literal) = &mut item {
            literal.value = Lexical::Text(Text::Borrowed(text));
        }
        Ok(item)
    }
}
