//! Strict JSON: what two readers could understand differently is refused, with the place where it stands.
//!
//! Refused: duplicate members (also when one is written with escapes), lone surrogates, a byte order mark, text after
//! the value, nesting and sizes over the [`Limits`], and numbers that binary64 cannot hold: integers beyond ±(2^53 − 1),
//! and literals that are not, as decimal numbers, what ECMAScript would print for them. Accepted unchanged: any order of
//! members, any white space, any escapes, every script.

use serde_json::{Map, Number, Value};

/// The largest integer every JSON reader holds exactly (RFC 7493 §2.2).
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
/// Pointers in errors are cut to about this many bytes: they may travel in answers and log lines.
const POINTER_CAP: usize = 400;

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
        Limits { max_bytes: 4 << 20, max_depth: 64, max_values: 200_000 }
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

/// Parses one JSON value under the default [`Limits`]. Members keep their order.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    parse_with(bytes, &Limits::default())
}

/// Parses one JSON value under `limits`.
pub fn parse_with(bytes: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    let whole = |fault, at| locate(bytes, &Stop { fault, at, path: Vec::new() });
    if bytes.len() > limits.max_bytes {
        return Err(whole(JsonFault::TooLarge, 0));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| whole(JsonFault::NotUtf8, e.valid_up_to()))?;
    if text.starts_with('\u{feff}') {
        return Err(whole(JsonFault::ByteOrderMark, 0));
    }
    let mut parser =
        Parser { text, bytes, at: 0, depth_left: limits.max_depth, values_left: limits.max_values };
    let value = parser.document().map_err(|stop| locate(bytes, &stop))?;
    Ok(value)
}

/// One step of the path to a fault, gathered innermost first while the parser unwinds.
enum Step {
    Member(String),
    Item(usize),
}

struct Stop {
    fault: JsonFault,
    at: usize,
    path: Vec<Step>,
}

type Parsed<T> = Result<T, Box<Stop>>;

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth_left: usize,
    values_left: usize,
}

impl Parser<'_> {
    fn document(&mut self) -> Parsed<Value> {
        self.space();
        let value = self.value()?;
        self.space();
        if self.at < self.bytes.len() { self.stop(JsonFault::TrailingText) } else { Ok(value) }
    }

    fn value(&mut self) -> Parsed<Value> {
        match self.values_left.checked_sub(1) {
            Some(left) => self.values_left = left,
            None => return self.stop(JsonFault::TooManyValues),
        }
        match self.peek() {
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => self.stop(JsonFault::Expected("a value")),
            None => self.stop(JsonFault::UnexpectedEnd),
        }
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Parsed<Value>) -> Parsed<Value> {
        let Some(left) = self.depth_left.checked_sub(1) else { return self.stop(JsonFault::TooDeep) };
        self.depth_left = left;
        self.at += 1;
        self.space();
        let value = inner(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn object(&mut self) -> Parsed<Value> {
        let mut map = Map::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(map));
        }
        loop {
            let name_at = self.at;
            if self.peek() != Some(b'"') {
                return self.stop(self.or_end(JsonFault::Expected("a member name")));
            }
            let name = self.string()?;
            self.space();
            self.expect(b':', "a colon").map_err(|stop| under(stop, Step::Member(name.clone())))?;
            self.space();
            match map.entry(name) {
                serde_json::map::Entry::Vacant(free) => match self.value() {
                    Ok(value) => {
                        free.insert(value);
                    }
                    Err(stop) => return Err(under(stop, Step::Member(free.key().clone()))),
                },
                serde_json::map::Entry::Occupied(taken) => {
                    let stop = Stop { fault: JsonFault::DuplicateMember, at: name_at, path: Vec::new() };
                    return Err(under(Box::new(stop), Step::Member(taken.key().clone())));
                }
            }
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(map));
                }
                _ => return self.stop(self.or_end(JsonFault::Expected("a comma or }"))),
            }
            self.space();
        }
    }

    fn array(&mut self) -> Parsed<Value> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            let index = items.len();
            items.push(self.value().map_err(|stop| under(stop, Step::Item(index)))?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                _ => return self.stop(self.or_end(JsonFault::Expected("a comma or ]"))),
            }
            self.space();
        }
    }

    /// Reads a string; stands on its opening quote.
    fn string(&mut self) -> Parsed<String> {
        self.at += 1;
        let mut built = String::new();
        let mut run = self.at;
        loop {
            // The run ends at an ASCII byte, so it is always cut on character boundaries.
            self.at += super::plain_run(self.bytes.get(self.at..).unwrap_or_default());
            match self.bytes.get(self.at).copied() {
                Some(b'"') => {
                    let tail = self.text.get(run..self.at).unwrap_or_default();
                    self.at += 1;
                    if built.is_empty() {
                        return Ok(tail.to_owned());
                    }
                    built.push_str(tail);
                    return Ok(built);
                }
                Some(b'\\') => {
                    built.push_str(self.text.get(run..self.at).unwrap_or_default());
                    built.push(self.escape()?);
                    run = self.at;
                }
                Some(_) => return self.stop(JsonFault::ControlCharacter),
                None => return self.stop(JsonFault::UnexpectedEnd),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        let short = match self.bytes.get(self.at + 1).copied() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            Some(_) => return self.stop(JsonFault::InvalidEscape),
            None => return self.stop(JsonFault::UnexpectedEnd),
        };
        self.at += 2;
        Ok(short)
    }

    fn unicode_escape(&mut self) -> Parsed<char> {
        let Some(first) = self.hex4(self.at) else { return self.stop(JsonFault::InvalidEscape) };
        if let Some(plain) = char::from_u32(first) {
            self.at += 6;
            return Ok(plain);
        }
        let second = self.hex4(self.at + 6).filter(|low| (0xdc00..0xe000).contains(low));
        match (first, second) {
            (0xd800..0xdc00, Some(low)) => {
                self.at += 12;
                let point = 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00);
                char::from_u32(point).map_or_else(|| self.stop(JsonFault::LoneSurrogate), Ok)
            }
            _ => self.stop(JsonFault::LoneSurrogate),
        }
    }

    /// The number of a `\uXXXX` that begins at `at`.
    fn hex4(&self, at: usize) -> Option<u32> {
        let [b'\\', b'u', digits @ ..] = self.bytes.get(at..at + 6)? else { return None };
        digits.iter().try_fold(0, |sum, d| Some(sum * 16 + char::from(*d).to_digit(16)?))
    }

    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative);
        let whole = self.digits();
        let leading_zero = whole > 1 && self.bytes.get(self.at - whole) == Some(&b'0');
        let mut plain = true;
        let mut complete = whole > 0 && !leading_zero;
        if self.peek() == Some(b'.') {
            self.at += 1;
            plain = false;
            complete &= self.digits() > 0;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            plain = false;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            complete &= self.digits() > 0;
        }
        let literal = self.text.get(start..self.at).unwrap_or_default();
        let number = match complete {
            false => Err(JsonFault::InvalidNumber),
            true if plain => integer(literal, negative),
            true => float(literal),
        };
        number.map(Value::Number).map_err(|fault| Box::new(Stop { fault, at: start, path: Vec::new() }))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - start
    }

    fn word(&mut self, word: &'static str, value: Value) -> Parsed<Value> {
        if !self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes())) {
            return self.stop(JsonFault::Expected("a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn expect(&mut self, byte: u8, name: &'static str) -> Parsed<()> {
        if self.peek() != Some(byte) {
            return self.stop(self.or_end(JsonFault::Expected(name)));
        }
        self.at += 1;
        Ok(())
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn or_end(&self, fault: JsonFault) -> JsonFault {
        if self.at < self.bytes.len() { fault } else { JsonFault::UnexpectedEnd }
    }

    fn stop<T>(&self, fault: JsonFault) -> Parsed<T> {
        Err(Box::new(Stop { fault, at: self.at, path: Vec::new() }))
    }
}

fn integer(literal: &str, negative: bool) -> Result<Number, JsonFault> {
    let digits = literal.strip_prefix('-').unwrap_or(literal);
    let size: u64 = digits.parse().map_err(|_| JsonFault::UnsafeNumber)?;
    match (size, negative) {
        (MAX_SAFE_INTEGER.., _) if size > MAX_SAFE_INTEGER => Err(JsonFault::UnsafeNumber),
        (0, true) => Number::from_f64(-0.0).ok_or(JsonFault::UnsafeNumber),
        (_, true) => Ok(Number::from(-i64::try_from(size).unwrap_or_default())),
        (_, false) => Ok(Number::from(size)),
    }
}

fn float(literal: &str) -> Result<Number, JsonFault> {
    let value: f64 = literal.parse().map_err(|_| JsonFault::InvalidNumber)?;
    if !value.is_finite() {
        return Err(JsonFault::UnsafeNumber);
    }
    let mut buffer = ryu_js::Buffer::new();
    match (decimal(literal), decimal(buffer.format_finite(value))) {
        (Some(read), Some(held)) if read == held => Number::from_f64(value).ok_or(JsonFault::UnsafeNumber),
        _ => Err(JsonFault::UnsafeNumber),
    }
}

/// A number literal as (significant digits, exponent of ten), equal for equal numbers; the sign is left out.
fn decimal(literal: &str) -> Option<(String, i64)> {
    let literal = literal.strip_prefix('-').unwrap_or(literal);
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some((String::new(), 0));
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    let exponent: i64 = exponent.parse().ok()?;
    let shift = i64::try_from(trailing).ok()? - i64::try_from(part.len()).ok()?;
    Some((significant.to_owned(), exponent.checked_add(shift)?))
}

fn under(mut stop: Box<Stop>, step: Step) -> Box<Stop> {
    stop.path.push(step);
    stop
}

fn locate(bytes: &[u8], stop: &Stop) -> JsonError {
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
