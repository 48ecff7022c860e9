//! Decentralized identifiers and their documents.
