//! Testamur: vocational credentials that anyone can check, offline, against trust they pinned themselves.
//!
//! Nouns are folders, verbs are files, and floors look only down:
//!
//! | floor | rooms |
//! |---|---|
//! | 6 the door handle | `main.rs` |
//! | 5 doors | [`cli`] · [`web`] · [`pages`] |
//! | 4 verbs | [`issue`] · [`verify`] · [`revoke`] · [`erase`] · [`publish`] · [`pin`] · [`witness`] · [`recognise`] · [`report`] · [`administer`] |
//! | 3 seams to the world | [`app`] · [`config`] · [`keyring`] · [`trust`] · [`resolve`] · [`store`] · [`registry`] · [`urls`] |
//! | 2 documents | [`credential`] · [`framework`] · [`status`] · [`accreditation`] · [`recognition`] · [`statistics`] · [`log`] · [`trustlist`] · [`did`] · [`institution`] · [`access`] |
//! | 1 crypto | [`crypto`] · [`jsonld`] |
//! | 0 ground | [`clock`] · [`codec`] · [`text`] |

// floor 0: ground
pub mod clock;
pub mod codec;
pub mod text;

// floor 1: crypto
pub mod jsonld;
pub mod crypto;

// floor 2: documents
pub mod did;
pub mod institution;
pub mod access;
pub mod framework;
pub mod count;
pub mod credential;
pub mod status;
pub mod log;
pub mod accredit;
pub mod accreditation;
pub mod agree;
pub mod recognition;
pub mod statistics;
pub mod trustlist;

// floor 3: seams to the world
pub mod store;
pub mod keyring;
pub mod config;
pub mod resolve;
pub mod trust;
pub mod urls;
pub mod registry;
pub mod app;

// floor 4: verbs
pub mod issue;
pub mod verify;
pub mod revoke;
pub mod erase;
pub mod publish;
pub mod pin;
pub mod witness;
pub mod recognise;
pub mod report;
pub mod administer;

// floor 5: doors
pub mod web;
pub mod pages;
pub mod cli;
