//! The active property of a walk, and where the walk is.

use super::{
    context::Ctx,
    error::{Code, JsonLdError, Path},
    term::{Containers, Term},
};

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
    pub(super) const GRAPH: Active<'static> = Active { name: Name::Graph, term: None };
    pub(super) const REVERSE: Active<'static> = Active { name: Name::Reverse, term: None };

    pub(super) const INCLUDED: Active<'static> = Active { name: Name::Included, term: None };

    pub(super) fn key(name: &'a str, term: Option<&'a Term<'a>>) -> Self {
        Active { name: Name::Key(name), term }
    }

    /// The same name in another context.
    pub(super) fn within(self, ctx: &'a Ctx<'a>) -> Self {
        match self.name {
            Name::Key(name) => Active { term: ctx.get(name), ..self },
            _ => self,
        }
    }

    pub(super) fn containers(&self) -> Containers {
        self.term.map(|t| t.containers).unwrap_or_default()
    }

    /// Values that stand for themselves here are not attached to anything.
    pub(super) fn floats(&self) -> bool {
        matches!(self.name, Name::Top | Name::Graph)
    }
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

    pub(super) fn down<'q>(&self, path: &'q Path<'q>) -> At<'q> {
        At { path, depth: self.depth + 1 }
    }
}
