//! Where the contexts of one document live while it is walked, and how the walk finds them.

use super::{
    context::Ctx,
    contexts,
    error::{Code, JsonLdError, Path},
    process::{Flags, Loader},
    registry::{Scope, Step},
    seed::Seed,
    term::Scoped,
};
use serde_json::Value;
use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::HashMap,
};

/// Contexts one document may make beside those that are kept for all.
const MOST_CONTEXTS: usize = 4096;

/// What a scoped context was applied to: active context, definition, and whether for a type.
type Applied = (usize, usize, bool);

/// The contexts of one document.
pub(super) struct Env<'a> {
    pub(super) loader: Loader<'a>,
    slots: OnceCell<Box<[OnceCell<Box<Ctx<'a>>>]>>,
    used: Cell<usize>,
    applied: RefCell<HashMap<Applied, &'a Ctx<'a>, Seed>>,
}

impl<'a> Env<'a> {
    pub(super) fn new(loader: Loader<'a>) -> Self {
        Env {
            loader,
            slots: OnceCell::new(),
            used: Cell::new(0),
            applied: RefCell::new(HashMap::with_hasher(Seed::get())),
        }
    }

    /// Keeps a context for the rest of the walk.
    pub(super) fn hold(&'a self, ctx: Ctx<'a>, path: &Path<'_>) -> Result<&'a Ctx<'a>, JsonLdError> {
        let slots = self.slots.get_or_init(|| (0..MOST_CONTEXTS).map(|_| OnceCell::new()).collect());
        let at = self.used.get();
        self.used.set(at + 1);
        match slots.get(at) {
            Some(slot) => Ok(slot.get_or_init(|| Box::new(ctx))),
            None => path.fail(Code::TooLarge, "too many contexts in one document"),
        }
    }

    /// The context below a term, or on a node of a type.
    pub(super) fn scoped(
        &'a self,
        ctx: &'a Ctx<'a>,
        scoped: &'a Scoped<'a>,
        scope: Scope,
        path: &Path<'_>,
    ) -> Result<&'a Ctx<'a>, JsonLdError> {
        if let (Some(keeper), Some(pinned)) = (ctx.keeper, scoped.pinned)
            && let Some(found) = keeper.step(Step::Scoped(scope, pinned))
        {
            return place(found, path);
        }
        let for_type = scope == Scope::Type;
        let key = (std::ptr::from_ref(ctx).addr(), std::ptr::from_ref(scoped.local).addr(), for_type);
        if let Some(found) = self.applied.borrow().get(&key) {
            return Ok(found);
        }
        let flags = Flags {
            base_url: scoped.base_url,
            override_protected: !for_type,
            transient: for_type,
            ..Flags::default()
        };
        let made = place(ctx.derive(scoped.local, flags, &self.loader, path), path)?;
        let made = self.hold(made, path)?;
        self.applied.borrow_mut().insert(key, made);
        Ok(made)
    }

    /// The context after a document's own `@context`.
    pub(super) fn local(
        &'a self,
        ctx: &'a Ctx<'a>,
        local: &'a Value,
        path: &Path<'_>,
    ) -> Result<&'a Ctx<'a>, JsonLdError> {
        let steps = match local {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut ctx = ctx;
        for (at, step) in steps.iter().enumerate() {
            let inner = path.index(at);
            let path = if local.is_array() { &inner } else { path };
            ctx = self.local_one(ctx, step, local.is_array(), path)?;
        }
        Ok(ctx)
    }

    fn local_one(
        &'a self,
        ctx: &'a Ctx<'a>,
        local: &'a Value,
        listed: bool,
        path: &Path<'_>,
    ) -> Result<&'a Ctx<'a>, JsonLdError> {
        if let Some(keeper) = ctx.keeper {
            let step = match local {
                Value::Null => Some(Step::Nothing),
                Value::String(url) => contexts::by_url(url).map(Step::Pinned),
                _ => None,
            };
            if let Some(found) = step.and_then(|step| keeper.step(step)) {
                return place(found, path);
            }
        }
        let flags = Flags { base_url: self.loader.base, listed, ..Flags::default() };
        let made = ctx.derive(local, flags, &self.loader, path)?;
        self.hold(made, path)
    }
}

/// A fault inside a context that does not stand in the document is reported where the document uses that context.
fn place<T>(found: Result<T, JsonLdError>, path: &Path<'_>) -> Result<T, JsonLdError> {
    found.map_err(|e| JsonLdError { pointer: path.pointer(), ..e })
}
