//! One test binary: every test that needs only Rust.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

// helpers
mod samples;
mod shared;
mod support;

mod accreditation;
mod agreements;
mod cli;
mod codec;
mod config;
mod credential;
mod did;
mod framework;
mod house;
mod keyring;
mod hostile;
mod keys;
mod log;
mod recognise;
mod recognition;
mod statistics;
mod resolve;
mod status;
mod proofs;
mod jsonld;
mod jsonld_w3c;
mod rdfc;
mod rdfc_nquads;
mod trust;
mod vectors;

mod store;

mod api;
mod hostile_http;
mod pages;
