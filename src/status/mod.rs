//! Bitstring Status List 1.0: lists, entries, and what they say.
