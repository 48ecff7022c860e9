//! Canonical N-Quads: each statement written once, with holes where blank nodes go.

use super::{
    quads::{Dataset, Quad, RDF_LANG_STRING, Term, XSD_STRING},
    rdfc::NONE,
};
use std::fmt::Write as _;

/// A statement's text in [`Lines::text`], and the blank nodes to put in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    start: usize,
    /// Where a blank object goes; before it the predicate, after it the object and the graph.
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
        let mut out = Lines { text: String::with_capacity(dataset.quads.len() * 192), lines: Vec::new() };
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
        self.lines.push(Line { start, object_at, end: text.len(), subject, object, graph });
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

    /// `<predicate>` of a statement.
    pub(super) fn predicate(&self, line: &Line) -> &str {
        let text = &self.text[line.start..line.object_at];
        // nothing before the predicate holds a blank, for an IRI holds none
        text.split_once(' ').map_or("", |(_, rest)| rest.trim_end_matches(' '))
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
