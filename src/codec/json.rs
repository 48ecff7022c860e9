//! Strict JSON: what two readers could understand differently is refused, with the place where it stands.
//!
//! Refused: duplicate members (also when one is written with escapes), lone surrogates, a byte order mark, text after
//! the value, nesting and sizes over the [`Limits`], and numbers that binary64 cannot hold: integers beyond ±(2^53 − 1),
//! and literals that are not, as decimal numbers, what ECMAScript would print for them. Accepted unchanged: any order of
//! members, any white space, any escapes, every script.

mod fault;
mod number;

use serde_json::{Map, Value};

pub use fault::{JsonError, JsonFault, Limits, MAX_VALUES};
use fault::{Parsed, Step, Stop, locate, under};
use number::{float, integer};

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
