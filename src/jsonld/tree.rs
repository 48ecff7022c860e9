//! The expanded document as a tree of borrowed pieces, and its form as expanded JSON-LD.

use super::term::{Direction, Text};
use serde_json::{Map, Value, json};

/// A member of an expanded array.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Literal(Literal<'a>),
    List(List<'a>),
    Node(Box<Node<'a>>),
}

/// The text or JSON value of a literal.
#[derive(Debug, Clone)]
pub(super) enum Lexical<'a> {
    Json(&'a Value),
    Text(Text<'a>),
}

#[derive(Debug, Clone)]
pub(super) enum LiteralType<'a> {
    Unset,
    Json,
    Iri(Text<'a>),
}

/// A value object.
#[derive(Debug)]
pub(super) struct Literal<'a> {
    pub(super) value: Lexical<'a>,
    pub(super) datatype: LiteralType<'a>,
    pub(super) language: Option<Text<'a>>,
    pub(super) direction: Option<Direction>,
    pub(super) index: Option<Text<'a>>,
}

/// A list object.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) items: Vec<Item<'a>>,
    pub(super) index: Option<Text<'a>>,
}

/// A node's `@id`.
#[derive(Debug, Default)]
pub(super) enum Id<'a> {
    #[default]
    Absent,
    /// What only looks like a keyword.
    Null,
    Iri(Text<'a>),
}

/// One value of one property. `None`: the property is there without any (an empty array).
pub(super) type Entry<'a> = (Text<'a>, Option<Item<'a>>);

/// A node object, graph objects included.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub(super) id: Id<'a>,
    pub(super) types: Option<Vec<Text<'a>>>,
    pub(super) properties: Vec<Entry<'a>>,
    pub(super) reverse: Vec<Entry<'a>>,
    pub(super) graph: Option<Vec<Item<'a>>>,
    pub(super) included: Option<Vec<Item<'a>>>,
    pub(super) index: Option<Text<'a>>,
}

impl<'a> Node<'a> {
    /// `{"@graph": [item]}`
    pub(super) fn graph_of(item: Item<'a>) -> Item<'a> {
        Item::Node(Box::new(Node { graph: Some(vec![item]), ..Node::default() }))
    }

    /// No members at all.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.id, Id::Absent) && self.is_reference()
    }

    /// No members but `@id`.
    pub(super) fn is_reference(&self) -> bool {
        self.types.is_none()
            && self.properties.is_empty()
            && self.reverse.is_empty()
            && self.graph.is_none()
            && self.included.is_none()
            && self.index.is_none()
    }

    /// A graph object: `@graph`, with `@id` and `@index` at most.
    pub(super) fn is_graph(&self) -> bool {
        self.graph.is_some()
            && self.types.is_none()
            && self.properties.is_empty()
            && self.reverse.is_empty()
            && self.included.is_none()
    }
}

/// What expanding one value gave.
pub(super) enum Out<'a> {
    Nothing,
    One(Item<'a>),
    Many(Vec<Item<'a>>),
}

impl<'a> Out<'a> {
    pub(super) fn into_vec(self) -> Vec<Item<'a>> {
        match self {
            Out::Nothing => Vec::new(),
            Out::One(item) => vec![item],
            Out::Many(items) => items,
        }
    }
}

/// Expanded JSON-LD, as the API's `expand()` gives it.
pub(super) fn to_json(items: &[Item<'_>]) -> Value {
    Value::Array(items.iter().map(item).collect())
}

fn item(item: &Item<'_>) -> Value {
    match item {
        Item::Literal(l) => literal(l),
        Item::List(l) => {
            let mut out = Map::new();
            out.insert("@list".into(), to_json(&l.items));
            add_index(&mut out, &l.index);
            Value::Object(out)
        }
        Item::Node(n) => node(n),
    }
}

fn literal(l: &Literal<'_>) -> Value {
    let mut out = Map::new();
    out.insert(
        "@value".into(),
        match &l.value {
            Lexical::Json(v) => (*v).clone(),
            Lexical::Text(t) => json!(t),
        },
    );
    match &l.datatype {
        LiteralType::Unset => {}
        LiteralType::Json => {
            out.insert("@type".into(), json!("@json"));
        }
        LiteralType::Iri(iri) => {
            out.insert("@type".into(), json!(iri));
        }
    }
    if let Some(language) = &l.language {
        out.insert("@language".into(), json!(language));
    }
    if let Some(direction) = l.direction {
        out.insert("@direction".into(), json!(direction.as_str()));
    }
    add_index(&mut out, &l.index);
    Value::Object(out)
}

fn node(n: &Node<'_>) -> Value {
    let mut out = Map::new();
    match &n.id {
        Id::Absent => {}
        Id::Null => {
            out.insert("@id".into(), Value::Null);
        }
        Id::Iri(iri) => {
            out.insert("@id".into(), json!(iri));
        }
    }
    if let Some(types) = &n.types {
        out.insert("@type".into(), json!(types));
    }
    if let Some(graph) = &n.graph {
        out.insert("@graph".into(), to_json(graph));
    }
    if let Some(included) = &n.included {
        out.insert("@included".into(), to_json(included));
    }
    add_index(&mut out, &n.index);
    add_entries(&mut out, &n.properties);
    if !n.reverse.is_empty() {
        let mut reverse = Map::new();
        add_entries(&mut reverse, &n.reverse);
        out.insert("@reverse".into(), Value::Object(reverse));
    }
    Value::Object(out)
}

fn add_index(out: &mut Map<String, Value>, index: &Option<Text<'_>>) {
    if let Some(index) = index {
        out.insert("@index".into(), json!(index));
    }
}

fn add_entries(out: &mut Map<String, Value>, entries: &[Entry<'_>]) {
    for (iri, value) in entries {
        let slot = out.entry(iri.as_ref()).or_insert_with(|| Value::Array(Vec::new()));
        if let (Value::Array(values), Some(value)) = (slot, value) {
            values.push(item(value));
        }
    }
}
