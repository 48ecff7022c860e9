//! What can be wrong with a document: one code and the place, as a JSON pointer.

use std::fmt;

/// Why a document could not be turned into RDF.
///
/// `code` is the JSON-LD 1.1 API error code where the specification has one (section 9.6.2), the code jsonld.js gives the same
/// finding in safe mode, or one of ours for limits. `pointer` is an RFC 6901 JSON pointer into the document that was passed
/// in; for a fault inside a pinned context it is the pointer of the member that uses it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}{}", At(.pointer))]
pub struct JsonLdError {
    /// The kind of fault.
    pub code: Code,
    /// Where, as a JSON pointer (`""` is the whole document).
    pub pointer: String,
    /// What was found there, for a person.
    pub detail: String,
}

struct At<'a>(&'a str);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " (at {})", self.0) }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $text:literal),+ $(,)?) => {
        /// Kinds of faults, with the names the JSON-LD world gives them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* #[doc = concat!("`", $text, "`")] $name),+ }

        impl Code {
            /// The code as the specifications write it.
            pub fn as_str(self) -> &'static str { match self { $(Code::$name => $text),+ } }
        }
    };
}

codes! {
    CollidingKeywords => "colliding keywords",
    CyclicIriMapping => "cyclic IRI mapping",
    ConflictingIndexes => "conflicting indexes",
    InvalidBaseDirection => "invalid base direction",
    InvalidBaseIri => "invalid base IRI",
    InvalidContainerMapping => "invalid container mapping",
    InvalidContextEntry => "invalid context entry",
    InvalidContextNullification => "invalid context nullification",
    InvalidDefaultLanguage => "invalid default language",
    InvalidGraphValue => "invalid @graph value",
    InvalidIdValue => "invalid @id value",
    InvalidImportValue => "invalid @import value",
    InvalidIncludedValue => "invalid @included value",
    InvalidIndexValue => "invalid @index value",
    InvalidIriMapping => "invalid IRI mapping",
    InvalidKeywordAlias => "invalid keyword alias",
    InvalidLanguageMapValue => "invalid language map value",
    InvalidLanguageMapping => "invalid language mapping",
    InvalidLanguageTaggedString => "invalid language-tagged string",
    InvalidLanguageTaggedValue => "invalid language-tagged value",
    InvalidLocalContext => "invalid local context",
    InvalidNestValue => "invalid @nest value",
    InvalidPrefixValue => "invalid @prefix value",
    InvalidPropagateValue => "invalid @propagate value",
    InvalidProtectedValue => "invalid @protected value",
    InvalidRemoteContext => "invalid remote context",
    InvalidReverseProperty => "invalid reverse property",
    InvalidReversePropertyMap => "invalid reverse property map",
    InvalidReversePropertyValue => "invalid reverse property value",
    InvalidReverseValue => "invalid @reverse value",
    InvalidScopedContext => "invalid scoped context",
    InvalidSetOrListObject => "invalid set or list object",
    InvalidTermDefinition => "invalid term definition",
    InvalidTypeMapping => "invalid type mapping",
    InvalidTypeValue => "invalid type value",
    InvalidTypedValue => "invalid typed value",
    InvalidValueObject => "invalid value object",
    InvalidValueObjectValue => "invalid value object value",
    InvalidVersionValue => "invalid @version value",
    InvalidVocabMapping => "invalid vocab mapping",
    KeywordRedefinition => "keyword redefinition",
    LoadingRemoteContextFailed => "loading remote context failed",
    ProtectedTermRedefinition => "protected term redefinition",
    RecursiveContextInclusion => "recursive context inclusion",
    /// Safe mode: a member whose name no context defines.
    UndefinedTerm => "undefined term",
    /// Safe mode: a type no context defines.
    UndefinedType => "undefined type",
    /// Safe mode: an `@id`, or a value that should be an IRI, is relative or not an IRI.
    RelativeReference => "relative reference",
    /// Safe mode: something that only looks like a keyword.
    ReservedKeyword => "reserved keyword",
    /// Safe mode: a language tag that is not well-formed (BCP 47).
    InvalidLanguage => "invalid @language value",
    /// Safe mode: an object or value that would silently vanish.
    DroppedValue => "dropped value",
    /// Safe mode: a blank node used as a property.
    BlankNodePredicate => "blank node predicate",
    /// More nesting, contexts, nodes or quads than we are willing to work through.
    TooLarge => "too large",
    /// A graph built to make canonicalization take forever.
    PoisonGraph => "poison graph",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The way from the document's root to the place being read: a list on the stack, written out only when something is wrong.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    up: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(super) const ROOT: Path<'static> = Path { up: None, step: Step::Root };

    pub(super) fn key(&'p self, key: &'p str) -> Path<'p> {
        Path { up: Some(self), step: Step::Key(key) }
    }

    pub(super) fn index(&'p self, index: usize) -> Path<'p> {
        Path { up: Some(self), step: Step::Index(index) }
    }

    /// RFC 6901 text.
    pub(super) fn pointer(&self) -> String {
        let mut out = self.up.map(Path::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Key(key) => {
                out.push('/');
                out.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(index) => out.push_str(&format!("/{index}")),
        }
        out
    }

    #[cold]
    pub(super) fn fail<T>(&self, code: Code, detail: impl Into<String>) -> Result<T, JsonLdError> {
        Err(JsonLdError { code, pointer: self.pointer(), detail: clip(detail.into()) })
    }
}

/// A stranger's text goes into messages and logs: keep it short.
fn clip(mut text: String) -> String {
    const MOST: usize = 300;
    if text.len() > MOST {
        let mut end = MOST;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}
