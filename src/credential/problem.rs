//! What is wrong with a document, and where: problems by JSON pointer, gathered within bounds.

use std::borrow::Cow;

use serde::Serialize;

/// Most problems reported of one document; the rest says nothing new.
pub const MAX_PROBLEMS: usize = 64;
/// Longest pointer reported, in bytes; a longer one is cut at the member that crosses the line.
const MAX_POINTER: usize = 400;

/// One complaint: the member it is about and what is wrong with it.
///
/// The pointer (RFC 6901) names a member of the document; for a missing member, the place where it should stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// JSON pointer, `""` for the whole document.
    pub pointer: String,
    /// What is wrong, in plain English, without the member's value.
    pub message: Cow<'static, str>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

/// A place in a document: a chain on the stack, written out only when there is something to complain about.
#[derive(Clone, Copy)]
pub struct At<'a> {
    up: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Item(usize),
}

impl<'a> At<'a> {
    /// The whole document.
    pub const ROOT: At<'static> = At { up: None, step: Step::Root };

    /// A member of the object here.
    #[must_use]
    pub fn name(&'a self, name: &'a str) -> At<'a> {
        At { up: Some(self), step: Step::Name(name) }
    }

    /// An item of the array here.
    #[must_use]
    pub fn item(&'a self, index: usize) -> At<'a> {
        At { up: Some(self), step: Step::Item(index) }
    }

    /// Whether this place is a member of that name.
    pub fn is_named(&self, name: &str) -> bool {
        matches!(self.step, Step::Name(own) if own == name)
    }

    /// The place as a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        if let Some(up) = self.up {
            up.write(out);
        }
        if out.len() > MAX_POINTER {
            return;
        }
        match self.step {
            Step::Root => {}
            Step::Item(index) => {
                out.push('/');
                out.push_str(&index.to_string());
            }
            Step::Name(name) => push_name_within(out, name),
        }
    }
}

/// Appends `/name`, escaped; of a name longer than any pointer reported, only its beginning and an ellipsis.
pub fn push_name_within(out: &mut String, name: &str) {
    if name.len() <= MAX_POINTER {
        push_name(out, name);
        return;
    }
    let beginning: String = name.chars().take(MAX_POINTER / 8).collect();
    push_name(out, &beginning);
    out.push('…');
}

/// Appends `/name`, escaped (RFC 6901 §3).
pub fn push_name(out: &mut String, name: &str) {
    out.push('/');
    for c in name.chars() {
        match c {
            '~' => out.push_str("~0"),
            '/' => out.push_str("~1"),
            other => out.push(other),
        }
    }
}

/// Problems being gathered; keeps the first [`MAX_PROBLEMS`].
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more, at this place.
    pub fn add(&mut self, at: &At<'_>, message: impl Into<Cow<'static, str>>) {
        if self.found.len() < MAX_PROBLEMS {
            self.found.push(Problem { pointer: at.pointer(), message: message.into() });
        }
    }

    /// One more, whose place is known already.
    pub fn push(&mut self, problem: Problem) {
        if self.found.len() < MAX_PROBLEMS {
            self.found.push(problem);
        }
    }

    /// Whether any further problem would be dropped: long walks may stop.
    pub fn full(&self) -> bool {
        self.found.len() >= MAX_PROBLEMS
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What was found, in the order of the walk.
    pub fn into_vec(self) -> Vec<Problem> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_escaped_and_bounded() {
        let root = At::ROOT;
        let (a, long) = (root.name("a/b~c"), "x".repeat(300));
        assert_eq!(root.pointer(), "");
        assert_eq!(a.item(3).pointer(), "/a~1b~0c/3");
        let deep = a.name(&long);
        assert!(deep.name(&long).name(&long).pointer().len() < 1_000);
        let monstrous = "đ".repeat(1_000_000);
        assert!(root.name(&monstrous).pointer().len() < 1_000);
    }

    #[test]
    fn problems_are_bounded() {
        let mut problems = Problems::new();
        for _ in 0..1_000 {
            problems.add(&At::ROOT, "again");
        }
        assert!(problems.full());
        assert_eq!(problems.into_vec().len(), MAX_PROBLEMS);
    }
}
