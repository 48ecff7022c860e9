//! What one name means: a term definition (JSON-LD 1.1 API section 4.1), and the keywords.

use serde_json::Value;
use std::borrow::Cow;

/// A string that lives in the document, in a context, or was put together on the way.
pub(super) type Text<'a> = Cow<'a, str>;

/// The keywords of JSON-LD 1.1 (syntax, section 1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kw {
    Base,
    Container,
    Context,
    Direction,
    Graph,
    Id,
    Import,
    Included,
    Index,
    Json,
    Language,
    List,
    Nest,
    None,
    Prefix,
    Propagate,
    Protected,
    Reverse,
    Set,
    Type,
    Value,
    Version,
    Vocab,
}

/// The keyword a string is, if it is one.
pub(super) fn keyword(text: &str) -> Option<Kw> {
    if !text.starts_with('@') {
        return None;
    }
    Some(match text {
        "@base" => Kw::Base,
        "@container" => Kw::Container,
        "@context" => Kw::Context,
        "@direction" => Kw::Direction,
        "@graph" => Kw::Graph,
        "@id" => Kw::Id,
        "@import" => Kw::Import,
        "@included" => Kw::Included,
        "@index" => Kw::Index,
        "@json" => Kw::Json,
        "@language" => Kw::Language,
        "@list" => Kw::List,
        "@nest" => Kw::Nest,
        "@none" => Kw::None,
        "@prefix" => Kw::Prefix,
        "@propagate" => Kw::Propagate,
        "@protected" => Kw::Protected,
        "@reverse" => Kw::Reverse,
        "@set" => Kw::Set,
        "@type" => Kw::Type,
        "@value" => Kw::Value,
        "@version" => Kw::Version,
        "@vocab" => Kw::Vocab,
        _ => return None,
    })
}

/// What a string expands to (section 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// Explicitly nothing.
    Null,
    Keyword(Kw),
    /// An IRI, a blank node identifier, or what stayed relative.
    Iri(Text<'a>),
}

impl<'a> Meaning<'a> {
    /// The same, without copying.
    pub(super) fn borrowed(&'a self) -> Meaning<'a> {
        match self {
            Meaning::Null => Meaning::Null,
            Meaning::Keyword(kw) => Meaning::Keyword(*kw),
            Meaning::Iri(iri) => Meaning::Iri(Cow::Borrowed(iri.as_ref())),
        }
    }
}

/// Base direction of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ltr,
    Rtl,
}

impl Direction {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "ltr" => Some(Self::Ltr),
            "rtl" => Some(Self::Rtl),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

/// How a term's values are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coercion<'a> {
    Unset,
    Id,
    Vocab,
    Json,
    None,
    Datatype(Text<'a>),
}

/// A term's container mapping, as a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Containers(u8);

impl Containers {
    pub(super) const GRAPH: Self = Self(1);
    pub(super) const ID: Self = Self(2);
    pub(super) const INDEX: Self = Self(4);
    pub(super) const LANGUAGE: Self = Self(8);
    pub(super) const LIST: Self = Self(16);
    pub(super) const SET: Self = Self(32);
    pub(super) const TYPE: Self = Self(64);

    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "@graph" => Self::GRAPH,
            "@id" => Self::ID,
            "@index" => Self::INDEX,
            "@language" => Self::LANGUAGE,
            "@list" => Self::LIST,
            "@set" => Self::SET,
            "@type" => Self::TYPE,
            _ => return None,
        })
    }

    pub(super) fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn count(self) -> u32 {
        self.0.count_ones()
    }
}

/// A context that applies below a term, or to nodes of a type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scoped<'a> {
    pub(super) local: &'a Value,
    /// The URL of the context that defined the term: relative context URLs resolve against it.
    pub(super) base_url: Option<&'a str>,
    /// Set when the definition stands in a pinned context, whose results are kept.
    pub(super) pinned: Option<&'static super::registry::PinnedScope>,
}

impl PartialEq for Scoped<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.local, other.local)
            || (self.local == other.local && self.base_url == other.base_url)
    }
}

/// One term definition.
#[derive(Debug, Clone)]
pub(super) struct Term<'a> {
    pub(super) meaning: Meaning<'a>,
    /// The meaning is an IRI that can stand in N-Quads as it is.
    pub(super) solid: bool,
    pub(super) prefix: bool,
    pub(super) protected: bool,
    pub(super) reverse: bool,
    pub(super) coercion: Coercion<'a>,
    pub(super) containers: Containers,
    /// `Some(None)`: explicitly no language.
    pub(super) language: Option<Option<Text<'a>>>,
    pub(super) direction: Option<Option<Direction>>,
    pub(super) index: Option<&'a str>,
    pub(super) nest: Option<&'a str>,
    pub(super) scoped: Option<Scoped<'a>>,
}

impl Term<'_> {
    /// Equal but for protection: a protected term may be defined again with the same meaning.
    pub(super) fn same_but_protection(&self, other: &Self) -> bool {
        self.meaning == other.meaning
            && self.prefix == other.prefix
            && self.reverse == other.reverse
            && self.coercion == other.coercion
            && self.containers == other.containers
            && self.language == other.language
            && self.direction == other.direction
            && self.index == other.index
            && self.nest == other.nest
            && self.scoped == other.scoped
    }
}
