//! Why a text is not the JSON we accept, and where: by pointer, line and column.

/// Pointers in errors are cut to about this many bytes: they may travel in answers and log lines.
const POINTER_CAP: usize = 400;

/// The values that a document may have under the default [`Limits`].
pub const MAX_VALUES: usize = 200_000;

/// How much a document may ask of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest input, in bytes.
    pub max_bytes: usize,
    /// Deepest nesting of arrays and objects; a bare `{}` has depth 1. The parser recurses this deep.
    pub max_depth: usize,
    /// Most values of all kinds: bounds memory, for a value in memory is many times its two bytes of text.
    pub max_values: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_bytes: 4 << 20, max_depth: 64, max_values: MAX_VALUES }
    }
}

/// Why a text is not the JSON we accept, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault} at line {line}, column {column}{}{pointer}{}", if pointer.is_empty() { "" } else { " (" }, if pointer.is_empty() { "" } else { ")" })]
pub struct JsonError {
    /// What is wrong.
    pub fault: JsonFault,
    /// JSON pointer (RFC 6901) of the value or member at fault, `""` for the whole document; cut when very long.
    pub pointer: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// Longer than [`Limits::max_bytes`].
    #[error("the document is too large")]
    TooLarge,
    /// More values than [`Limits::max_values`].
    #[error("the document holds too many values")]
    TooManyValues,
    /// Nested deeper than [`Limits::max_depth`].
    #[error("the document is nested too deeply")]
    TooDeep,
    /// Not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// Begins with U+FEFF.
    #[error("the text begins with a byte order mark")]
    ByteOrderMark,
    /// Ends too early.
    #[error("the text ends too early")]
    UnexpectedEnd,
    /// Something else was expected.
    #[error("expected {0}")]
    Expected(&'static str),
    /// Something follows the value.
    #[error("something follows the JSON value")]
    TrailingText,
    /// One object names a member twice.
    #[error("duplicate member")]
    DuplicateMember,
    /// A character below U+0020 inside a string.
    #[error("a control character stands unescaped in a string")]
    ControlCharacter,
    /// An unknown or broken escape.
    #[error("invalid escape in a string")]
    InvalidEscape,
    /// Half of a surrogate pair.
    #[error("a lone surrogate in a string")]
    LoneSurrogate,
    /// Not a JSON number.
    #[error("invalid number")]
    InvalidNumber,
    /// A number that binary64 would change.
    #[error("a number that a 64-bit float cannot hold unchanged")]
    UnsafeNumber,
}

/// One step of the path to a fault, gathered innermost first while the parser unwinds.
pub(super) enum Step {
    Member(String),
    Item(usize),
}

pub(super) struct Stop {
    pub(super) fault: JsonFault,
    pub(super) at: usize,
    pub(super) path: Vec<Step>,
}

pub(super) type Parsed<T> = Result<T, Box<Stop>>;

pub(super) fn under(mut stop: Box<Stop>, step: Step) -> Box<Stop> {
    stop.path.push(step);
    stop
}

pub(super) fn locate(bytes: &[u8], stop: &Stop) -> JsonError {
    let before = bytes.get(..stop.at).unwrap_or(bytes);
    let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1);
    let characters = before.iter().skip(line_start).filter(|b| **b & 0xc0 != 0x80).count();
    let mut pointer = String::new();
    for step in stop.path.iter().rev() {
        pointer.push('/');
        match step {
            Step::Item(index) => pointer.push_str(&index.to_string()),
            Step::Member(name) => pointer.extend(name.chars().take(POINTER_CAP).flat_map(|c| match c {
                '~' => ['~', '0'].into_iter().take(2),
                '/' => ['~', '1'].into_iter().take(2),
                other => [other, other].into_iter().take(1),
            })),
        }
        if pointer.len() > POINTER_CAP {
            while pointer.len() > POINTER_CAP {
                pointer.pop();
            }
            pointer.push('…');
            break;
        }
    }
    JsonError {
        fault: stop.fault,
        pointer,
        line: 1 + before.iter().filter(|b| **b == b'\n').count(),
        column: 1 + characters,
    }
}
