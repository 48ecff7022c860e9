//! Numbers that every reader holds unchanged.

use serde_json::Number;

use super::JsonFault;

/// The largest integer every JSON reader holds exactly (RFC 7493 §2.2).
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

pub(super) fn integer(literal: &str, negative: bool) -> Result<Number, JsonFault> {
    let digits = literal.strip_prefix('-').unwrap_or(literal);
    let size: u64 = digits.parse().map_err(|_| JsonFault::UnsafeNumber)?;
    match (size, negative) {
        (MAX_SAFE_INTEGER.., _) if size > MAX_SAFE_INTEGER => Err(JsonFault::UnsafeNumber),
        (0, true) => Number::from_f64(-0.0).ok_or(JsonFault::UnsafeNumber),
        (_, true) => Ok(Number::from(-i64::try_from(size).unwrap_or_default())),
        (_, false) => Ok(Number::from(size)),
    }
}

pub(super) fn float(literal: &str) -> Result<Number, JsonFault> {
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
