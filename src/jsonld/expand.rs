//! Expansion (JSON-LD 1.1 API section 5.1): one walk over the document, from its names to the IRIs they mean.
//!
//! The walk builds a [`tree`](super::tree) of borrowed pieces. In safe mode whatever the specification would silently drop is an
//! error: what was signed is then all there was. The rules are those of jsonld.js's `safe` option.

use super::{
    active::{Active, At},
    arena::Env,
    context::Ctx,
    error::{Code, JsonLdError, Path},
    iri,
    registry::Scope,
    term::{Coercion, Containers, Direction, Kw, Meaning, Text, keyword},
    tree::{Entry, Id, Item, Lexical, List, Literal, LiteralType, Node, Out},
};
use serde_json::{Map, Value};

/// How deep a document may be nested.
const MOST_DEEP: usize = 120;

/// Everything a map may turn out to be, while its members are read.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) node: Node<'a>,
    pub(super) value: Option<&'a Value>,
    pub(super) language: Option<Text<'a>>,
    pub(super) direction: Option<Direction>,
    pub(super) list: Option<Vec<Item<'a>>>,
    pub(super) set: Option<Vec<Item<'a>>>,
    pub(super) json: bool,
}

/// Expands a whole document.
pub(super) fn document<'a>(
    env: &'a Env<'a>,
    ctx: &'a Ctx<'a>,
    document: &'a Value,
    path: &Path<'_>,
) -> Result<Vec<Item<'a>>, JsonLdError> {
    let walk = Walk { env, skip: &[] };
    Ok(walk.whole(walk.value(ctx, Active::TOP, document, false, At { path, depth: 0 })?))
}

/// The same for an object, without the top-level members named in `skip`.
pub(super) fn object<'a>(
    env: &'a Env<'a>,
    ctx: &'a Ctx<'a>,
    document: &'a Map<String, Value>,
    skip: &'a [&'a str],
) -> Result<Vec<Item<'a>>, JsonLdError> {
    let walk = Walk { env, skip };
    Ok(walk.whole(walk.map(ctx, Active::TOP, document, false, At { path: &Path::ROOT, depth: 0 })?))
}

#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    pub(super) env: &'a Env<'a>,
    skip: &'a [&'a str],
}

impl<'a> Walk<'a> {
    pub(super) fn safe(&self) -> bool {
        self.env.loader.safe
    }

    /// The last step of `expand()`: a lone `@graph` is its content.
    fn whole(&self, out: Out<'a>) -> Vec<Item<'a>> {
        match out {
            Out::One(Item::Node(node))
                if node.is_graph() && matches!(node.id, Id::Absent) && node.index.is_none() =>
            {
                node.graph.unwrap_or_default()
            }
            other => other.into_vec(),
        }
    }

    /// Expands any value. `mapped`: it is the value of an index map, where type-scoped contexts stay.
    pub(super) fn value(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        value: &'a Value,
        mapped: bool,
        at: At<'_>,
    ) -> Result<Out<'a>, JsonLdError> {
        match value {
            Value::Null => Ok(Out::Nothing),
            Value::Object(map) => self.map(ctx, active, map, mapped, at),
            Value::Array(items) => {
                if at.depth > MOST_DEEP {
                    return at.fail(Code::TooLarge, "nested too deeply");
                }
                let in_list = active.containers().has(Containers::LIST);
                let mut out = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let path = at.path.index(index);
                    match self.value(ctx, active, item, mapped, at.down(&path))? {
                        Out::Nothing => {}
                        Out::One(item) => out.push(item),
                        Out::Many(items) if in_list => out.push(Item::List(List { items, index: None })),
                        Out::Many(items) => out.extend(items),
                    }
                }
                Ok(Out::Many(out))
            }
            scalar => {
                if active.floats() {
                    return self.dropped(at, "a value on its own");
                }
                let (ctx, active) = self.enter(ctx, active, at)?;
                Ok(Out::One(self.scalar(ctx, active, scalar, at)?))
            }
        }
    }

    /// Applies the active property's own context, if it has one.
    fn enter(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        at: At<'_>,
    ) -> Result<(&'a Ctx<'a>, Active<'a>), JsonLdError> {
        match active.term.and_then(|t| t.scoped.as_ref()) {
            Some(scoped) => {
                let ctx = self.env.scoped(ctx, scoped, Scope::Property, at.path)?;
                Ok((ctx, active.within(ctx)))
            }
            None => Ok((ctx, active)),
        }
    }

    /// In safe mode an error, else nothing.
    pub(super) fn dropped(&self, at: At<'_>, what: &str) -> Result<Out<'a>, JsonLdError> {
        if self.safe() {
            at.fail(Code::DroppedValue, format!("{what} says nothing"))
        } else {
            Ok(Out::Nothing)
        }
    }
    /// Expands an object.
    fn map(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        map: &'a Map<String, Value>,
        mapped: bool,
        at: At<'_>,
    ) -> Result<Out<'a>, JsonLdError> {
        if at.depth > MOST_DEEP {
            return at.fail(Code::TooLarge, "nested too deeply");
        }
        let mut ctx = ctx;
        let scoped = active.term.and_then(|t| t.scoped.as_ref());
        if let Some(previous) = ctx.previous
            && !mapped
            && reverts(ctx, map)
        {
            ctx = previous;
        }
        if let Some(scoped) = scoped {
            ctx = self.env.scoped(ctx, scoped, Scope::Property, at.path)?;
        }
        if let Some((_, local)) = map.iter().find(|(key, _)| key.as_str() == "@context") {
            ctx = self.env.local(ctx, local, &at.path.key("@context"))?;
        }
        let type_scoped = ctx;
        ctx = self.enter_types(ctx, map, at)?;
        let mut parts = Parts::default();
        self.members(Level { ctx, type_scoped, active, map }, &mut parts, at)?;
        self.finish(active, parts, at)
    }

    /// Step 11: the contexts scoped to the object's types, in the order of the types' names.
    fn enter_types(
        &self,
        from: &'a Ctx<'a>,
        map: &'a Map<String, Value>,
        at: At<'_>,
    ) -> Result<&'a Ctx<'a>, JsonLdError> {
        let mut keys = map.iter().filter(|(key, _)| from.is(key, Kw::Type, "@type"));
        let Some(first) = keys.next() else { return Ok(from) };
        let mut members = vec![];
        let mut rest: Vec<_> = keys.collect();
        if !rest.is_empty() {
            rest.push(first);
            rest.sort_unstable_by_key(|(key, _)| *key);
            members = rest;
        }
        let members = if members.is_empty() { std::slice::from_ref(&first) } else { &members };
        let mut ctx = from;
        for (_, value) in members {
            let types = match value {
                Value::Array(types) => types.as_slice(),
                one => std::slice::from_ref(*one),
            };
            let mut scopes: Vec<(&str, _)> = Vec::new();
            for name in types.iter().filter_map(Value::as_str) {
                if let Some(scoped) = from.get(name).and_then(|t| t.scoped.as_ref()) {
                    scopes.push((name, scoped));
                }
            }
            scopes.sort_by_key(|(name, _)| *name);
            for (_, scoped) in scopes {
                ctx = self.env.scoped(ctx, scoped, Scope::Type, at.path)?;
            }
        }
        Ok(ctx)
    }

    /// Step 13: every member of an object, and step 14: what is nested in it.
    pub(super) fn members(
        &self,
        level: Level<'a>,
        parts: &mut Parts<'a>,
        at: At<'_>,
    ) -> Result<(), JsonLdError> {
        let ctx = level.ctx;
        let mut nested = Vec::new();
        for (key, value) in level.map {
            if key == "@context" || (at.depth == 0 && self.skip.contains(&key.as_str())) {
                continue;
            }
            let term = ctx.get(key);
            let meaning = match term {
                Some(term) => term.meaning.borrowed(),
                None => match keyword(key) {
                    Some(kw) => Meaning::Keyword(kw),
                    None if iri::looks_like_keyword(key) => Meaning::Null,
                    None => ctx.expand_compact(key, true, false),
                },
            };
            let path = at.path.key(key);
            let at = at.down(&path);
            match meaning {
                Meaning::Iri(iri) if iri.contains(':') => {
                    if self.safe() && !term.is_some_and(|t| t.solid) {
                        self.check_property(&iri, at)?;
                    }
                    self.property(ctx, Active::key(key, term), iri, value, parts, at)?;
                }
                Meaning::Keyword(Kw::Nest) => nested.push((key.as_str(), term, value)),
                Meaning::Keyword(kw) => self.keyword(level, kw, value, parts, at)?,
                _ if self.safe() => {
                    return at.fail(Code::UndefinedTerm, format!("no context defines {key:?}"));
                }
                _ => {}
            }
        }
        for (key, term, value) in nested {
            let path = at.path.key(key);
            let at = at.down(&path);
            let ctx = match term.and_then(|t| t.scoped.as_ref()) {
                Some(scoped) => self.env.scoped(ctx, scoped, Scope::Property, at.path)?,
                None => ctx,
            };
            let values = match value {
                Value::Array(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            for value in values {
                match value {
                    Value::Object(map)
                        if !map.keys().any(|k| ctx.is(k, Kw::Value, "@value")) && at.depth < MOST_DEEP =>
                    {
                        self.members(Level { ctx, map, ..level }, parts, At { depth: at.depth + 1, ..at })?;
                    }
                    _ => return at.fail(Code::InvalidNestValue, "@nest holds node objects"),
                }
            }
        }
        Ok(())
    }

    /// Safe mode: a property no term vouches for.
    pub(super) fn check_property(&self, iri: &str, at: At<'_>) -> Result<(), JsonLdError> {
        if iri.starts_with("_:") {
            return at.fail(Code::BlankNodePredicate, format!("{iri} is no property"));
        }
        if !iri::is_well_formed(iri) {
            return at.fail(Code::UndefinedTerm, format!("{iri:?} is not an IRI"));
        }
        Ok(())
    }

    /// Steps 13.5 to 13.13: a member that is a property.
    pub(super) fn property(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        iri: Text<'a>,
        value: &'a Value,
        parts: &mut Parts<'a>,
        at: At<'_>,
    ) -> Result<(), JsonLdError> {
        let containers = active.containers();
        let reverse = active.term.is_some_and(|t| t.reverse);
        let mapped = Containers::INDEX.with(Containers::TYPE).with(Containers::ID);
        let mut out = match value {
            _ if active.term.is_some_and(|t| t.coercion == Coercion::Json) => {
                let datatype = LiteralType::Json;
                let value = Lexical::Json(value);
                Out::One(Item::Literal(Literal {
                    value,
                    datatype,
                    language: None,
                    direction: None,
                    index: None,
                }))
            }
            Value::Object(map) if containers.has(Containers::LANGUAGE) => {
                self.language_map(ctx, active, map, at)?
            }
            Value::Object(map) if containers.has(mapped) => self.index_map(ctx, active, map, at)?,
            value => self.value(ctx, active, value, false, at)?,
        };
        if matches!(out, Out::Nothing) {
            return Ok(());
        }
        if containers.has(Containers::LIST) && !matches!(out, Out::One(Item::List(_))) {
            out = Out::One(Item::List(List { items: out.into_vec(), index: None }));
        }
        if containers.has(Containers::GRAPH) && !containers.has(Containers::ID.with(Containers::INDEX)) {
            let mut graphs = out.into_vec();
            if self.safe() {
                for item in &graphs {
                    if !matches!(item, Item::Node(n) if !n.is_reference()) {
                        return at.fail(
                            Code::DroppedValue,
                            "a graph of nothing but a name or a value says nothing",
                        );
                    }
                }
            }
            graphs = graphs.into_iter().map(Node::graph_of).collect();
            out = Out::Many(graphs);
        }
        if reverse {
            return self.reversed(&mut parts.node.reverse, iri, out, at);
        }
        add(&mut parts.node.properties, iri, out);
        Ok(())
    }

    pub(super) fn reversed(
        &self,
        into: &mut Vec<Entry<'a>>,
        iri: Text<'a>,
        out: Out<'a>,
        at: At<'_>,
    ) -> Result<(), JsonLdError> {
        let items = out.into_vec();
        if items.iter().any(|i| !matches!(i, Item::Node(_))) {
            return at.fail(Code::InvalidReversePropertyValue, "a reverse property points to nodes");
        }
        add(into, iri, Out::Many(items));
        Ok(())
    }
}

/// An object whose members are read.
#[derive(Clone, Copy)]
pub(super) struct Level<'a> {
    pub(super) ctx: &'a Ctx<'a>,
    /// The context before the object's types changed it: types are read with it.
    pub(super) type_scoped: &'a Ctx<'a>,
    pub(super) active: Active<'a>,
    pub(super) map: &'a Map<String, Value>,
}

/// Step 7: below a typed node the context goes back to what it was, except for values and mere references.
fn reverts(ctx: &Ctx<'_>, map: &Map<String, Value>) -> bool {
    let mut keys = map.keys();
    if let (Some(only), None) = (keys.next(), keys.next())
        && ctx.is(only, Kw::Id, "@id")
    {
        return false;
    }
    !map.keys().any(|key| ctx.is(key, Kw::Value, "@value"))
}

pub(super) fn add<'a>(into: &mut Vec<Entry<'a>>, iri: Text<'a>, out: Out<'a>) {
    match out {
        Out::Nothing => {}
        Out::One(item) => into.push((iri, Some(item))),
        Out::Many(items) if items.is_empty() => into.push((iri, None)),
        Out::Many(items) => into.extend(items.into_iter().map(|item| (iri.clone(), Some(item)))),
    }
}
