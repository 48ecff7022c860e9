//! From the expanded tree to RDF quads (JSON-LD 1.1 API section 8, Deserialize JSON-LD to RDF).

use super::{
    error::{Code, JsonLdError, Path},
    iri,
    term::{Direction, Text},
    tree::{Id, Item, Lexical, List, Literal, LiteralType, Node},
};
use serde_json::{Number, Value};
use std::{borrow::Cow, collections::HashMap};

/// Quads one document may give.
const MOST_QUADS: usize = 100_000;

/// `http://www.w3.org/1999/02/22-rdf-syntax-ns#type`
pub const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const RDF_FIRST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first";
const RDF_REST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest";
const RDF_NIL: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil";
const RDF_JSON: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON";
/// Datatype of a literal with a language.
pub const RDF_LANG_STRING: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";
/// Datatype of a plain literal.
pub const XSD_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";
const XSD_BOOLEAN: &str = "http://www.w3.org/2001/XMLSchema#boolean";
const XSD_INTEGER: &str = "http://www.w3.org/2001/XMLSchema#integer";
const XSD_DOUBLE: &str = "http://www.w3.org/2001/XMLSchema#double";

/// A subject, object or graph name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Term<'a> {
    /// An absolute IRI.
    Iri(Cow<'a, str>),
    /// A blank node, by its number in the dataset.
    Blank(u32),
    /// A literal; `language` only with the datatype `rdf:langString`.
    Literal {
        /// Lexical form.
        value: Cow<'a, str>,
        /// Datatype IRI.
        datatype: Cow<'a, str>,
        /// Language tag.
        language: Option<Cow<'a, str>>,
    },
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quad<'a> {
    /// Subject: an IRI or a blank node.
    pub subject: Term<'a>,
    /// Predicate IRI.
    pub predicate: Cow<'a, str>,
    /// Object.
    pub object: Term<'a>,
    /// Graph name, `None` for the default graph.
    pub graph: Option<Term<'a>>,
}

/// An RDF dataset: quads in the order they were met, the same one possibly more than once.
#[derive(Debug, Clone, Default)]
pub struct Dataset<'a> {
    /// The statements.
    pub quads: Vec<Quad<'a>>,
    /// How many blank nodes there are: they are numbered from 0.
    pub blanks: u32,
    /// The labels of those blank nodes that came with one (without `_:`).
    pub labels: HashMap<Cow<'a, str>, u32>,
}

impl<'a> Dataset<'a> {
    /// A new blank node.
    pub fn blank(&mut self) -> u32 {
        let number = self.blanks;
        self.blanks += 1;
        number
    }

    /// The blank node with this label.
    pub fn labelled(&mut self, label: &str) -> u32 {
        if let Some(number) = self.labels.get(label) {
            return *number;
        }
        let number = self.blank();
        self.labels.insert(Cow::Owned(label.to_owned()), number);
        number
    }

    /// The same with every text its own.
    pub fn into_owned(self) -> Dataset<'static> {
        Dataset {
            quads: self.quads.into_iter().map(Quad::into_owned).collect(),
            blanks: self.blanks,
            labels: self.labels.into_iter().map(|(k, v)| (Cow::Owned(k.into_owned()), v)).collect(),
        }
    }
}

impl Quad<'_> {
    fn into_owned(self) -> Quad<'static> {
        Quad {
            subject: self.subject.into_owned(),
            predicate: Cow::Owned(self.predicate.into_owned()),
            object: self.object.into_owned(),
            graph: self.graph.map(Term::into_owned),
        }
    }
}

impl Term<'_> {
    fn into_owned(self) -> Term<'static> {
        match self {
            Term::Iri(iri) => Term::Iri(Cow::Owned(iri.into_owned())),
            Term::Blank(number) => Term::Blank(number),
            Term::Literal { value, datatype, language } => Term::Literal {
                value: Cow::Owned(value.into_owned()),
                datatype: Cow::Owned(datatype.into_owned()),
                language: language.map(|l| Cow::Owned(l.into_owned())),
            },
        }
    }
}

/// Makes quads of an expanded document. `i18n`: directions become `https://www.w3.org/ns/i18n#` datatypes, else they are lost.
/// `safe`: the tree was made in safe mode, so that every name in it is known to be one RDF can hold.
pub(super) fn from_tree<'a>(
    items: Vec<Item<'a>>,
    i18n: bool,
    safe: bool,
) -> Result<Dataset<'a>, JsonLdError> {
    let mut maker = Maker { out: Dataset::default(), i18n, safe };
    maker.out.quads.reserve(128);
    for item in items {
        maker.item(item, &None)?;
    }
    Ok(maker.out)
}

struct Maker<'a> {
    out: Dataset<'a>,
    i18n: bool,
    safe: bool,
}

/// `None`: the default graph. `Some(None)`: a graph whose name is no RDF term, so nothing in it can be said.
type Graph<'a> = Option<Option<Term<'a>>>;

impl<'a> Maker<'a> {
    fn push(
        &mut self,
        subject: &Option<Term<'a>>,
        predicate: Text<'a>,
        object: Option<Term<'a>>,
        graph: &Graph<'a>,
    ) -> Result<(), JsonLdError> {
        let (Some(subject), Some(object)) = (subject, object) else { return Ok(()) };
        let graph = match graph {
            None => None,
            Some(Some(name)) => Some(name.clone()),
            Some(None) => return Ok(()),
        };
        if self.out.quads.len() >= MOST_QUADS {
            return Path::ROOT.fail(Code::TooLarge, format!("more than {MOST_QUADS} statements"));
        }
        self.out.quads.push(Quad { subject: subject.clone(), predicate, object, graph });
        Ok(())
    }

    /// The term of an item; nodes and lists say what they say on the way.
    fn item(&mut self, item: Item<'a>, graph: &Graph<'a>) -> Result<Option<Term<'a>>, JsonLdError> {
        match item {
            Item::Node(node) => self.node(*node, graph),
            Item::Literal(literal) => Ok(self.literal(literal)),
            Item::List(list) => self.list(list, graph).map(Some),
        }
    }

    /// An IRI or blank node identifier as a term; `None` for what RDF cannot hold.
    fn name(&mut self, text: Text<'a>) -> Option<Term<'a>> {
        if let Some(label) = text.strip_prefix("_:") {
            return Some(Term::Blank(self.out.labelled(label)));
        }
        (self.safe || iri::is_well_formed(&text)).then_some(Term::Iri(text))
    }

    fn node(&mut self, node: Node<'a>, graph: &Graph<'a>) -> Result<Option<Term<'a>>, JsonLdError> {
        let Node { id, types, properties, reverse, graph: own, included, .. } = node;
        let subject = match id {
            Id::Absent => Some(Term::Blank(self.out.blank())),
            Id::Null => None,
            Id::Iri(text) => self.name(text),
        };
        for iri in types.into_iter().flatten() {
            let object = self.name(iri);
            self.push(&subject, Cow::Borrowed(RDF_TYPE), object, graph)?;
        }
        for (predicate, value) in properties {
            let Some(value) = value else { continue };
            let object = self.item(value, graph)?;
            if self.safe || iri::is_well_formed(&predicate) {
                self.push(&subject, predicate, object, graph)?;
            }
        }
        for (predicate, value) in reverse {
            let Some(value) = value else { continue };
            let from = self.item(value, graph)?;
            if self.safe || iri::is_well_formed(&predicate) {
                self.push(&from, predicate, subject.clone(), graph)?;
            }
        }
        for item in included.into_iter().flatten() {
            self.item(item, graph)?;
        }
        if let Some(items) = own {
            let inner = Some(subject.clone());
            for item in items {
                self.item(item, &inner)?;
            }
        }
        Ok(subject)
    }

    fn list(&mut self, list: List<'a>, graph: &Graph<'a>) -> Result<Term<'a>, JsonLdError> {
        let nil = || Term::Iri(Cow::Borrowed(RDF_NIL));
        let mut head = None;
        let mut last: Option<Option<Term<'a>>> = None;
        for item in list.items {
            let cell = Some(Term::Blank(self.out.blank()));
            match &last {
                Some(before) => self.push(before, Cow::Borrowed(RDF_REST), cell.clone(), graph)?,
                None => head = cell.clone(),
            }
            let object = self.item(item, graph)?;
            self.push(&cell, Cow::Borrowed(RDF_FIRST), object, graph)?;
            last = Some(cell);
        }
        if let Some(before) = &last {
            self.push(before, Cow::Borrowed(RDF_REST), Some(nil()), graph)?;
        }
        Ok(head.unwrap_or_else(nil))
    }

    /// Section 8.2.2, Object to RDF Conversion.
    fn literal(&self, literal: Literal<'a>) -> Option<Term<'a>> {
        let Literal { value, datatype, language, direction, .. } = literal;
        let given = match datatype {
            LiteralType::Unset => None,
            LiteralType::Iri(iri) => Some(iri),
            LiteralType::Json => {
                let text = match value {
                    Lexical::Json(json) => String::from_utf8(crate::codec::jcs::canonicalize(json)).ok()?,
                    Lexical::Text(text) => {
                        String::from_utf8(crate::codec::jcs::canonicalize(&Value::String(text.into())))
                            .ok()?
                    }
                };
                let (value, datatype) = (Cow::Owned(text), Cow::Borrowed(RDF_JSON));
                return Some(Term::Literal { value, datatype, language: None });
            }
        };
        let (value, natural): (Text<'a>, &'static str) = match value {
            Lexical::Text(text) => (text, XSD_STRING),
            Lexical::Json(Value::String(text)) => (Cow::Borrowed(text.as_str()), XSD_STRING),
            Lexical::Json(Value::Bool(yes)) => {
                (Cow::Borrowed(if *yes { "true" } else { "false" }), XSD_BOOLEAN)
            }
            Lexical::Json(Value::Number(number)) => {
                let (text, datatype) = number_text(number, given.as_deref() == Some(XSD_DOUBLE));
                (Cow::Owned(text), datatype)
            }
            Lexical::Json(_) => return None,
        };
        if natural == XSD_STRING && given.is_none() {
            if language.as_deref().is_some_and(|tag| !iri::is_language_tag(tag)) {
                return None;
            }
            return Some(self.string(value, language, direction));
        }
        Some(Term::Literal { value, datatype: given.unwrap_or(Cow::Borrowed(natural)), language: None })
    }

    fn string(&self, value: Text<'a>, language: Option<Text<'a>>, direction: Option<Direction>) -> Term<'a> {
        if let (Some(direction), true) = (direction, self.i18n) {
            let language = language.unwrap_or_default();
            let datatype =
                Cow::Owned(format!("https://www.w3.org/ns/i18n#{language}_{}", direction.as_str()));
            return Term::Literal { value, datatype, language: None };
        }
        let datatype = Cow::Borrowed(if language.is_some() { RDF_LANG_STRING } else { XSD_STRING });
        Term::Literal { value, datatype, language }
    }
}

/// The canonical lexical form of a number and its natural datatype: an integer when it has no fraction and is below 10^21,
/// else a double.
fn number_text(number: &Number, double: bool) -> (String, &'static str) {
    const SAFE: u64 = 1 << 53;
    if !double {
        if let Some(small) = number.as_i64().filter(|n| n.unsigned_abs() <= SAFE) {
            return (small.to_string(), XSD_INTEGER);
        }
        if let Some(whole) = number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e21) {
            // Display of a whole binary64 below 10^21 is its exact decimal value; minus zero is zero
            return (format!("{:.0}", if whole == 0.0 { 0.0 } else { whole }), XSD_INTEGER);
        }
    }
    (double_text(number.as_f64().unwrap_or_default()), XSD_DOUBLE)
}

/// XSD canonical double with 15 digits after the point, as ECMAScript's `toExponential(15)` rounds: half away from zero.
fn double_text(value: f64) -> String {
    let value = if value == 0.0 { 0.0 } else { value };
    let mut text = format!("{value:.15E}");
    let longer = format!("{value:.16E}");
    if let Some((digits, _)) = longer.split_once('E')
        && digits.ends_with('5')
    {
        // an exact half was rounded to even; ECMAScript takes the larger
        let exact = format!("{value:.60E}");
        let half = exact.split_once('E').is_some_and(|(d, _)| d.trim_end_matches('0').len() == digits.len());
        if half && text.split_once('E').is_some_and(|(d, _)| digits.starts_with(d)) {
            text = bump(&text);
        }
    }
    let Some((digits, exponent)) = text.split_once('E') else { return text };
    let trimmed = digits.trim_end_matches('0');
    let digits = if trimmed.ends_with('.') { &digits[..trimmed.len() + 1] } else { trimmed };
    format!("{digits}E{exponent}")
}

/// Adds one to the last digit; it is even, so nothing is carried.
fn bump(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once('E') else { return text.to_owned() };
    let mut bytes = digits.as_bytes().to_vec();
    if let Some(last) = bytes.last_mut() {
        *last += 1;
    }
    format!("{}E{exponent}", String::from_utf8_lossy(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_ecmascript_writes_them() {
        for (json, integer, double) in [
            ("0", "0", "0.0E0"),
            ("-0.0", "0", "0.0E0"),
            ("5", "5", "5.0E0"),
            ("5.0", "5", "5.0E0"),
            ("-12", "-12", "-1.2E1"),
            ("5.3", "5.3E0", "5.3E0"),
            ("1e20", "100000000000000000000", "1.0E20"),
            ("1e21", "1.0E21", "1.0E21"),
            ("1e-7", "1.0E-7", "1.0E-7"),
            ("9007199254740993", "9007199254740992", "9.007199254740992E15"),
            ("1234567890123456.5", "1.234567890123457E15", "1.234567890123457E15"),
            ("1234567890123457.5", "1.234567890123458E15", "1.234567890123458E15"),
            ("0.1", "1.0E-1", "1.0E-1"),
        ] {
            let Value::Number(number) = serde_json::from_str(json).unwrap() else { unreachable!() };
            assert_eq!(number_text(&number, false).0, integer, "{json}");
            assert_eq!(number_text(&number, true).0, double, "{json}");
        }
    }
}
