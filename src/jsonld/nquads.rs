//! Canonical N-Quads: each statement written once, with holes where blank nodes go.

use super::{
    quads::{Dataset, Quad, RDF_LANG_STRING, Term, XSD_STRING},
    rdfc::NONE,
    seed::Seed,
};
use std::{cmp::Ordering, collections::HashMap, fmt::Write as _};

/// A statement's text in [`Lines::text`], and the blank nodes to put in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    start: usize,
    /// Where the predicate begins, with a space before it; before it the subject, unless blank.
    predicate_at: usize,
    /// Where a blank object goes; after it the object and the graph.
    object_at: usize,
    end: usize,
    pub(super) subject: u32,
    pub(super) object: u32,
    pub(super) graph: u32,
}

/// All statements of a dataset.
pub(super) struct Lines {
    text: String,
    pub(super) lines: Vec<Line>,
}

impl Lines {
    pub(super) fn new(dataset: &Dataset<'_>) -> Self {
        let mut out = Lines { text: String::with_capacity(dataset.quads.len() * 160), lines: Vec::new() };
        out.lines.reserve(dataset.quads.len());
        for quad in &dataset.quads {
            out.add(quad);
        }
        out
    }

    fn add(&mut self, quad: &Quad<'_>) {
        let text = &mut self.text;
        let start = text.len();
        let subject = name(text, &quad.subject);
        let predicate_at = text.len();
        text.push_str(" <");
        text.push_str(&quad.predicate);
        text.push_str("> ");
        let object_at = text.len();
        let object = match &quad.object {
            Term::Literal { value, datatype, language } => {
                literal(text, value, datatype, language.as_deref());
                NONE
            }
            other => name(text, other),
        };
        let mut graph = NONE;
        match &quad.graph {
            Some(Term::Blank(number)) => graph = *number,
            Some(named) => {
                text.push(' ');
                name(text, named);
                text.push_str(" .\n");
            }
            None => text.push_str(" .\n"),
        }
        self.lines.push(Line { start, predicate_at, object_at, end: text.len(), subject, object, graph });
    }

    /// Writes a statement with its blank nodes' names.
    pub(super) fn write(&self, line: &Line, out: &mut String, mut blank: impl FnMut(u32, &mut String)) {
        if line.subject != NONE {
            blank(line.subject, out);
        }
        if line.object == NONE && line.graph == NONE {
            out.push_str(&self.text[line.start..line.end]);
            return;
        }
        out.push_str(&self.text[line.start..line.object_at]);
        if line.object != NONE {
            blank(line.object, out);
        }
        out.push_str(&self.text[line.object_at..line.end]);
        if line.graph != NONE {
            out.push(' ');
            blank(line.graph, out);
            out.push_str(" .\n");
        }
    }

    /// Bytes of text.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// For each statement a number that orders as its subject does. `ranks` orders blank nodes as their names.
    pub(super) fn subject_ranks(&self, ranks: &[u64]) -> Vec<u64> {
        let mut numbers: HashMap<&str, u64, Seed> = HashMap::with_hasher(Seed::get());
        let mut iris: Vec<&str> = Vec::new();
        let mut last = ("", 0);
        let mut out = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            out.push(match ranks.get(line.subject as usize) {
                // "_:" comes after "<"
                Some(rank) => 1 << 63 | rank,
                None => {
                    let subject = &self.text[line.start..line.predicate_at];
                    if subject != last.0 {
                        let number = *numbers.entry(subject).or_insert_with(|| {
                            iris.push(subject);
                            iris.len() as u64 - 1
                        });
                        last = (subject, number);
                    }
                    last.1
                }
            });
        }
        let mut order: Vec<usize> = (0..iris.len()).collect();
        order.sort_unstable_by_key(|at| iris[*at]);
        let mut places = vec![0; iris.len()];
        for (place, at) in order.into_iter().enumerate() {
            places[at] = place as u64;
        }
        for (rank, line) in out.iter_mut().zip(&self.lines) {
            if line.subject == NONE {
                *rank = places[*rank as usize];
            }
        }
        out
    }

    /// Code point order of two statements about the same subject. `ranks` orders blank nodes as their names.
    pub(super) fn order(&self, a: &Line, b: &Line, ranks: &[u64]) -> Ordering {
        let part = |line: &Line, object: bool| {
            let range = if object { line.object_at..line.end } else { line.predicate_at..line.object_at };
            &self.text.as_bytes()[range]
        };
        // "_:" comes after "<" and after a quotation mark; no term's text begins another's, for all end in a delimiter
        let blank = |a: u32, b: u32| match (a, b) {
            (NONE, NONE) => Ordering::Equal,
            (NONE, _) => Ordering::Less,
            (_, NONE) => Ordering::Greater,
            (a, b) => ranks.get(a as usize).cmp(&ranks.get(b as usize)),
        };
        part(a, false)
            .cmp(part(b, false))
            .then_with(|| blank(a.object, b.object))
            .then_with(|| {
                let (x, y) = (part(a, true), part(b, true));
                let same = x.len().min(y.len());
                x[..same].cmp(&y[..same]).then_with(|| {
                    // what follows the shorter one, were its blank graph written
                    let tail = |line: &Line| if line.graph == NONE { &b""[..] } else { b" _:" };
                    x[same..].iter().chain(tail(a)).cmp(y[same..].iter().chain(tail(b)))
                })
            })
            .then_with(|| blank(a.graph, b.graph))
    }

    /// `<predicate>` of a statement.
    pub(super) fn predicate(&self, line: &Line) -> &str {
        self.text[line.predicate_at..line.object_at].trim_matches(' ')
    }
}

/// Writes an IRI; a blank node only gives its number.
fn name(text: &mut String, term: &Term<'_>) -> u32 {
    match term {
        Term::Blank(number) => return *number,
        Term::Iri(iri) => {
            text.push('<');
            text.push_str(iri);
            text.push('>');
        }
        // no literal is ever a subject or a graph
        Term::Literal { .. } => {}
    }
    NONE
}

fn literal(text: &mut String, value: &str, datatype: &str, language: Option<&str>) {
    text.push('"');
    escape(text, value);
    text.push('"');
    match language {
        Some(tag) if datatype == RDF_LANG_STRING => {
            text.push('@');
            text.push_str(tag);
        }
        _ if datatype == XSD_STRING => {}
        _ => {
            text.push_str("^^<");
            text.push_str(datatype);
            text.push('>');
        }
    }
}

/// RDF 1.1 N-Quads canonical form as RDFC-1.0 (section 5) wants it: the seven short escapes, `\u` for other controls.
fn escape(text: &mut String, value: &str) {
    let special = |b: u8| b < 0x20 || b == b'"' || b == b'\\' || b == 0x7f;
    if !value.bytes().fold(false, |any, b| any | special(b)) {
        text.push_str(value);
        return;
    }
    for c in value.chars() {
        match c {
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\0'..='\u{1f}' | '\u{7f}' => {
                let _ = write!(text, "\\u{:04X}", u32::from(c));
            }
            other => text.push(other),
        }
    }
}
