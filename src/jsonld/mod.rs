//! JSON-LD 1.1 to RDF, offline, against contexts compiled in and pinned by hash.
//!
//! [`canonicalize`] is what proofs stand on: expansion ([`expand`], JSON-LD 1.1 API section 5), quads (section 8) and RDFC-1.0 in one
//! go, always in safe mode. Nothing is fetched: a context is one of [`contexts::PINNED`] or stands in the document.

pub mod contexts;
pub mod rdfc;

mod active;
mod arena;
mod context;
mod define;
mod error;
mod expand;
mod iri;
mod keywords;
mod maps;
mod nquads;
mod objects;
mod poison;
mod process;
mod quads;
mod registry;
mod seed;
mod term;
mod tree;
mod values;

pub use error::{Code, JsonLdError};
pub use quads::{Dataset, Quad, RDF_LANG_STRING, RDF_TYPE, Term, XSD_STRING};
pub use rdfc::HashAlgorithm;

use context::Ctx;
use error::Path;
use process::Loader;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How a document is to be read. The default is the specification's: not safe, no base.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The document's base IRI, against which relative references resolve.
    pub base: Option<&'a str>,
    /// Refuse whatever would silently be dropped.
    pub safe: bool,
    /// A context to start with, as the API's `expandContext`.
    pub expand_context: Option<&'a Value>,
    /// Documents holding contexts, by URL, that the caller vouches for beside the pinned ones.
    pub contexts: Option<&'a HashMap<String, Value>>,
    /// Turn directions into `https://www.w3.org/ns/i18n#` datatypes (`rdfDirection: "i18n-datatype"`), else drop them.
    pub i18n_datatype: bool,
}

/// The canonical N-Quads of a document: safe mode, pinned and inline contexts, no base, directions as i18n datatypes, RDFC-1.0 with
/// SHA-256. Top-level members named in `skip` are left out (`["proof"]`).
///
/// # Errors
/// [`JsonLdError`] with the code and the JSON pointer of what is undefined, relative, dropped, malformed or too much.
pub fn canonicalize(doc: &Map<String, Value>, skip: &[&str]) -> Result<String, JsonLdError> {
    canonicalize_with(doc, skip, HashAlgorithm::Sha256)
}

/// The same with another hash inside RDFC-1.0 (SHA-384 for `ecdsa-rdfc-2019` with P-384).
pub fn canonicalize_with(
    doc: &Map<String, Value>,
    skip: &[&str],
    hash: HashAlgorithm,
) -> Result<String, JsonLdError> {
    let env = arena::Env::new(Loader::new(None, None, true));
    let items = expand::object(&env, registry::initial(), doc, skip)?;
    let dataset = quads::from_tree(items, true, true)?;
    rdfc::consume(dataset, hash)
}

/// The RDF dataset of a document (JSON-LD 1.1 API `toRdf()`).
pub fn to_rdf(doc: &Value, options: &Options<'_>) -> Result<Dataset<'static>, JsonLdError> {
    with_tree(doc, options, |items| {
        Ok(quads::from_tree(items, options.i18n_datatype, options.safe)?.into_owned())
    })
}

/// Expanded JSON-LD (JSON-LD 1.1 API `expand()`).
pub fn expand(doc: &Value, options: &Options<'_>) -> Result<Value, JsonLdError> {
    with_tree(doc, options, |items| Ok(tree::to_json(&items)))
}

/// Processes every pinned context with all the scoped ones inside, which are otherwise taken as right.
pub fn validate_pinned() -> Result<(), JsonLdError> {
    contexts::PINNED.iter().try_for_each(registry::validate)
}

fn with_tree<T>(
    doc: &Value,
    options: &Options<'_>,
    then: impl FnOnce(Vec<tree::Item<'_>>) -> Result<T, JsonLdError>,
) -> Result<T, JsonLdError> {
    let env = arena::Env::new(Loader::new(options.base, options.contexts, options.safe));
    let mut ctx = match options.base {
        None => registry::initial(),
        Some(base) => env.hold(Ctx::initial(Some(base)), &Path::ROOT)?,
    };
    if let Some(local) = options.expand_context {
        ctx = env.local(ctx, local.get("@context").unwrap_or(local), &Path::ROOT)?;
    }
    then(expand::document(&env, ctx, doc, &Path::ROOT)?)
}
