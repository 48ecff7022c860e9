//! Work done once for all documents: pinned contexts parsed, and every active context reachable through them kept.
//!
//! Active contexts made of pinned contexts alone live as long as the process. Each remembers the steps taken from it (the next
//! pinned context, the context scoped to a term or a type), so that a credential of a usual shape finds its way by look-ups.
//! Reading takes no lock and writes nothing shared. What is kept is bounded: past the bound the same contexts are computed anew
//! for each document, slower but right.

use super::{
    context::Ctx,
    contexts::{PINNED, Pinned},
    error::{JsonLdError, Path},
    process::{Flags, Loader},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{
        LazyLock, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A scoped context inside a pinned one.
#[derive(Debug)]
pub(super) struct PinnedScope {
    id: u64,
    local: &'static Value,
    base_url: &'static str,
}

/// A way on from an active context.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// `"@context": null`
    Nothing,
    Pinned(&'static Pinned),
    Scoped(Scope, &'static PinnedScope),
}

/// What a scoped context is scoped to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Below a term: may override protected terms.
    Property,
    /// On a node of a type: does not reach the nodes below it.
    Type,
}

impl Step {
    fn key(self) -> u64 {
        match self {
            Step::Nothing => 0,
            Step::Pinned(p) => 1 | (p.index as u64) << 2,
            Step::Scoped(Scope::Property, s) => 2 | s.id << 2,
            Step::Scoped(Scope::Type, s) => 3 | s.id << 2,
        }
    }
}

/// Term entries kept over all contexts (about 24 bytes each).
const MOST_ENTRIES: usize = 600_000;
/// Steps kept from one context.
const STEPS: usize = 128;

static KEPT: AtomicUsize = AtomicUsize::new(0);

type Slot = OnceLock<(u64, &'static Ctx<'static>)>;

/// What an active context that lives forever carries: itself, and the steps taken from it.
#[derive(Default)]
pub(super) struct Keeper {
    this: OnceLock<&'static Ctx<'static>>,
    steps: OnceLock<Box<[Slot]>>,
}

impl Keeper {
    /// The context a step leads to. `None`: not kept (the bound is reached): compute it. An error is not kept either.
    pub(super) fn step(&self, step: Step) -> Option<Result<&'static Ctx<'static>, JsonLdError>> {
        let key = step.key();
        let steps = self.steps.get_or_init(|| (0..STEPS).map(|_| OnceLock::new()).collect());
        let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % STEPS;
        for _ in 0..STEPS {
            let slot = steps.get(at)?;
            match slot.get() {
                Some((k, ctx)) if *k == key => return Some(Ok(ctx)),
                Some(_) => at = (at + 1) % STEPS,
                None => {
                    let ctx = match make(self.this.get()?, step)? {
                        Ok(ctx) => ctx,
                        Err(e) => return Some(Err(e)),
                    };
                    // somebody else may have filled the slot meanwhile: then go on looking from there
                    let (k, kept) = slot.get_or_init(|| (key, ctx));
                    if *k == key {
                        return Some(Ok(kept));
                    }
                    at = (at + 1) % STEPS;
                }
            }
        }
        None
    }
}

/// Computes a step from a context that lives forever, and makes the result live forever too, while there is room.
fn make(from: &'static Ctx<'static>, step: Step) -> Option<Result<&'static Ctx<'static>, JsonLdError>> {
    if KEPT.load(Ordering::Relaxed) > MOST_ENTRIES {
        return None;
    }
    let loader = Loader::forever();
    let flags = Flags::default();
    let made = match step {
        Step::Nothing => from.derive(&Value::Null, flags, &loader, &Path::ROOT),
        Step::Pinned(p) => {
            from.derive(document(p)?, Flags { base_url: Some(p.url), ..flags }, &loader, &Path::ROOT)
        }
        Step::Scoped(Scope::Property, s) => {
            let flags = Flags { base_url: Some(s.base_url), override_protected: true, ..flags };
            from.derive(s.local, flags, &loader, &Path::ROOT)
        }
        Step::Scoped(Scope::Type, s) => {
            let flags = Flags { base_url: Some(s.base_url), transient: true, ..flags };
            from.derive(s.local, flags, &loader, &Path::ROOT)
        }
    };
    Some(made.map(keep))
}

/// Lets a context live forever.
fn keep(mut ctx: Ctx<'static>) -> &'static Ctx<'static> {
    KEPT.fetch_add(ctx.len() + 64, Ordering::Relaxed);
    let keeper: &'static Keeper = Box::leak(Box::default());
    ctx.keeper = Some(keeper);
    let kept: &'static Ctx<'static> = Box::leak(Box::new(ctx));
    let _ = keeper.this.set(kept);
    kept
}

/// The initial context without a base: where every credential starts.
pub(super) fn initial() -> &'static Ctx<'static> {
    static INITIAL: LazyLock<&'static Ctx<'static>> = LazyLock::new(|| keep(Ctx::initial(None)));
    &INITIAL
}

/// The `@context` member of a pinned document.
pub(super) fn document(pinned: &Pinned) -> Option<&'static Value> {
    DOCUMENTS.get(pinned.index)?.as_ref()
}

static DOCUMENTS: LazyLock<Vec<Option<Value>>> = LazyLock::new(|| {
    let parse = |p: &Pinned| match serde_json::from_slice(p.bytes).ok()? {
        Value::Object(mut members) => members.remove("@context"),
        _ => None,
    };
    PINNED.iter().map(parse).collect()
});

/// The pinned scope a `@context` value is, told by its address: values inside [`DOCUMENTS`] never move.
pub(super) fn scope_of(local: &Value) -> Option<&'static PinnedScope> {
    static SCOPES: LazyLock<HashMap<usize, PinnedScope>> = LazyLock::new(|| {
        let mut found = HashMap::new();
        for pinned in PINNED {
            if let Some(document) = document(pinned) {
                collect(document, pinned.url, &mut found);
            }
        }
        found
    });
    fn collect(value: &'static Value, base_url: &'static str, found: &mut HashMap<usize, PinnedScope>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    if name == "@context" {
                        let id = found.len() as u64;
                        found.insert(
                            std::ptr::from_ref(member).addr(),
                            PinnedScope { id, local: member, base_url },
                        );
                    }
                    collect(member, base_url, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, base_url, found)),
            _ => {}
        }
    }
    SCOPES.get(&std::ptr::from_ref(local).addr())
}

/// Processes a pinned context with every scoped one inside, as a document's own context is: for the tests, since pinned contexts are
/// otherwise taken as right.
pub(super) fn validate(pinned: &Pinned) -> Result<(), JsonLdError> {
    let Some(document) = document(pinned) else {
        return Path::ROOT.fail(super::Code::InvalidRemoteContext, pinned.url);
    };
    let flags = Flags { base_url: Some(pinned.url), ..Flags::default() };
    Ctx::initial(None).derive(document, flags, &Loader::forever().validating(), &Path::ROOT).map(|_| ())
}
