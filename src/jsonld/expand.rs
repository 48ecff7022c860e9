//! Expansion (JSON-LD 1.1 API section 5.1): one walk over the document, from its names to the IRIs they mean.
//!
//! The walk builds a [`tree`](super::tree) of borrowed pieces. In safe mode whatever the specification would silently drop is an
//! error: what was signed is then all there was. The rules are those of jsonld.js's `safe` option.

use super::{
    arena::Env,
    context::{Ctx, language},
    error::{Code, JsonLdError, Path},
    iri,
    registry::Scope,
    term::{Coercion, Containers, Direction, Kw, Meaning, Term, Text, keyword},
    tree::{Entry, Id, Item, Lexical, List, Literal, LiteralType, Node, Out},
};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// How deep a document may be nested.
const MOST_DEEP: usize = 120;

/// The active property: the name under which a value stands.
#[derive(Clone, Copy)]
pub(super) struct Active<'a> {
    pub(super) name: Name<'a>,
    /// Its definition where the name was read.
    pub(super) term: Option<&'a Term<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Name<'a> {
    /// The document itself.
    Top,
    Graph,
    Reverse,
    Included,
    Key(&'a str),
}

impl<'a> Active<'a> {
    pub(super) const TOP: Active<'static> = Active { name: Name::Top, term: None };
    const GRAPH: Active<'static> = Active { name: Name::Graph, term: None };
    const REVERSE: Active<'static> = Active { name: Name::Reverse, term: None };

    const INCLUDED: Active<'static> = Active { name: Name::Included, term: None };

    pub(super) fn key(name: &'a str, term: Option<&'a Term<'a>>) -> Self {
        Active { name: Name::Key(name), term }
    }

    /// The same name in another context.
    fn within(self, ctx: &'a Ctx<'a>) -> Self {
        match self.name {
            Name::Key(name) => Active { term: ctx.get(name), ..self },
            _ => self,
        }
    }

    pub(super) fn containers(&self) -> Containers {
        self.term.map(|t| t.containers).unwrap_or_default()
    }

    /// Values that stand for themselves here are not attached to anything.
    fn floats(&self) -> bool {
        matches!(self.name, Name::Top | Name::Graph)
    }
}

/// Everything a map may turn out to be, while its members are read.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) node: Node<'a>,
    value: Option<&'a Value>,
    language: Option<Text<'a>>,
    direction: Option<Direction>,
    list: Option<Vec<Item<'a>>>,
    set: Option<Vec<Item<'a>>>,
    json: bool,
}

/// Where the walk is: the way down, for messages, and how far down that is.
#[derive(Clone, Copy)]
pub(super) struct At<'p> {
    pub(super) path: &'p Path<'p>,
    pub(super) depth: usize,
}

impl<'p> At<'p> {
    pub(super) fn fail<T>(&self, code: Code, detail: impl Into<String>) -> Result<T, JsonLdError> {
        self.path.fail(code, detail)
    }

    fn down<'q>(&self, path: &'q Path<'q>) -> At<'q> {
        At { path, depth: self.depth + 1 }
    }
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
    fn dropped(&self, at: At<'_>, what: &str) -> Result<Out<'a>, JsonLdError> {
        if self.safe() {
            at.fail(Code::DroppedValue, format!("{what} says nothing"))
        } else {
            Ok(Out::Nothing)
        }
    }

    /// Value expansion (section 5.3).
    pub(super) fn scalar(
        &self,
        ctx: &'a Ctx<'a>,
        active: Active<'a>,
        value: &'a Value,
        at: At<'_>,
    ) -> Result<Item<'a>, JsonLdError> {
        let coercion = active.term.map_or(&Coercion::Unset, |t| &t.coercion);
        if let Value::String(text) = value
            && matches!(coercion, Coercion::Id | Coercion::Vocab)
        {
            let id = self.id(ctx.meaning(text, *coercion == Coercion::Vocab, true), text, at)?;
            return Ok(Item::Node(Box::new(Node { id, ..Node::default() })));
        }
        let mut literal = Literal {
            value: Lexical::Json(value),
            datatype: LiteralType::Unset,
            language: None,
            direction: None,
            index: None,
        };
        match coercion {
            Coercion::Datatype(iri) => literal.datatype = LiteralType::Iri(Cow::Borrowed(iri.as_ref())),
            Coercion::Json => literal.datatype = LiteralType::Json,
            _ if value.is_string() => {
                literal.language = match active.term.and_then(|t| t.language.as_ref()) {
                    Some(own) => own.as_deref().map(Cow::Borrowed),
                    None => ctx.language.as_deref().map(Cow::Borrowed),
                };
                literal.direction = self.direction(ctx, active);
            }
            _ => {}
        }
        Ok(Item::Literal(literal))
    }

    /// The direction of strings under a term.
    pub(super) fn direction(&self, ctx: &Ctx<'a>, active: Active<'a>) -> Option<Direction> {
        match active.term.and_then(|t| t.direction) {
            Some(own) => own,
            None => ctx.direction,
        }
    }

    /// An expanded `@id`, or a value that is one.
    pub(super) fn id(&self, meaning: Meaning<'a>, text: &str, at: At<'_>) -> Result<Id<'a>, JsonLdError> {
        Ok(match meaning {
            Meaning::Iri(iri) => {
                if self.safe() && !iri.starts_with("_:") && !iri::is_well_formed(&iri) {
                    return at.fail(Code::RelativeReference, format!("{text:?} is not an absolute IRI"));
                }
                Id::Iri(iri)
            }
            Meaning::Keyword(_) | Meaning::Null if self.safe() => {
                return at.fail(Code::ReservedKeyword, format!("{text:?} looks like a keyword"));
            }
            Meaning::Keyword(_) => Id::Iri(Cow::Owned(text.to_owned())),
            Meaning::Null => Id::Null,
        })
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
    fn members(&self, level: Level<'a>, parts: &mut Parts<'a>, at: At<'_>) -> Result<(), JsonLdError> {
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

    fn reversed(
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

    /// Step 13.4: a member that is a keyword.
    fn keyword(
        &self,
        level: Level<'a>,
        kw: Kw,
        value: &'a Value,
        parts: &mut Parts<'a>,
        at: At<'_>,
    ) -> Result<(), JsonLdError> {
        let Level { ctx, type_scoped, active, .. } = level;
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

    /// Steps 15 to 19: what the object turned out to be.
    fn finish(&self, active: Active<'a>, parts: Parts<'a>, at: At<'_>) -> Result<Out<'a>, JsonLdError> {
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

/// An object whose members are read.
#[derive(Clone, Copy)]
struct Level<'a> {
    ctx: &'a Ctx<'a>,
    /// The context before the object's types changed it: types are read with it.
    type_scoped: &'a Ctx<'a>,
    active: Active<'a>,
    map: &'a Map<String, Value>,
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
