//! Finds what lies outside: DID documents and status lists.
