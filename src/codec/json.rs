//! A strict JSON parser: what two readers could understand differently is an error.
