//! The kinds of credential this service knows, as a table: names, contexts, and what a draft of each must contain.

mod common;
mod diploma;
mod fields;
mod micro_credential;
pub mod reserved;
mod skill_certificate;
mod transcript;
mod walks;
mod workplace;

use serde_json::{Map, Value};

use super::problem::{At, MAX_PROBLEMS, Problem, Problems};
use super::view::{CONTEXT_V2, View, each};
pub use common::DELIVERY_MODES;

/// The Open Badges 3.0 context our kinds use.
pub const CONTEXT_OB: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
/// The CLR 2.0 context transcripts use.
pub const CONTEXT_CLR: &str = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json";
/// The end of the path by which our award context is known on any host.
pub const CONTEXT_AWARD_PATH: &str = "/contexts/testamur-award-v1.jsonld";
/// The same of our authority context.
pub const CONTEXT_AUTHORITY_PATH: &str = "/contexts/testamur-authority-v1.jsonld";

/// The contexts of what an authority signs, in their order; ours as the service at `base` serves them.
pub fn authority_contexts(base: &str) -> [String; 4] {
    [
        CONTEXT_V2.to_owned(),
        CONTEXT_OB.to_owned(),
        format!("{base}{CONTEXT_AWARD_PATH}"),
        format!("{base}{CONTEXT_AUTHORITY_PATH}"),
    ]
}

/// The name of what is no kind of ours.
pub const GENERIC: &str = "generic";

/// A kind of credential.
#[derive(Debug)]
pub struct Kind {
    /// Its name in records, statistics and scopes.
    pub name: &'static str,
    /// Our type.
    pub own_type: &'static str,
    /// The type of Open Badges or CLR it stands on.
    pub base_type: &'static str,
    /// The Open Badges achievement types that make a document this kind when it has none of our types.
    pub achievement_types: &'static [&'static str],
    /// Its contexts in order, ours as the end of its path.
    pub contexts: &'static [&'static str],
    /// What a draft must contain beyond what all kinds share.
    check: fn(&Candidate<'_>, &mut Problems),
}

/// Every kind.
pub const KINDS: &[Kind] =
    &[diploma::KIND, transcript::KIND, micro_credential::KIND, skill_certificate::KIND, workplace::KIND];

/// What a document is here.
#[derive(Debug, Clone, Copy)]
pub enum Class {
    /// One of our kinds.
    Kind(&'static Kind, By),
    /// Any other credential.
    Generic,
    /// Only its own verb signs it: the type that makes it so.
    Reserved(&'static str),
}

/// What made a document a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Our own type: everything the kind demands is demanded.
    OwnType,
    /// Only Open Badges' achievementType: what our extension terms say cannot be demanded.
    AchievementType,
}

impl Class {
    /// What the document is.
    pub fn of(document: &Map<String, Value>) -> Class {
        if let Some(name) = reserved::find(document) {
            return Class::Reserved(name);
        }
        let view = View::of(document);
        if let Some(kind) = KINDS.iter().find(|kind| view.has_type(kind.own_type)) {
            return Class::Kind(kind, By::OwnType);
        }
        if !view.is_v2() || !(view.has_type("OpenBadgeCredential") || view.has_type("AchievementCredential"))
        {
            return Class::Generic;
        }
        let by_achievement = view
            .subjects()
            .flat_map(|subject| each(subject.get("achievement")))
            .filter_map(|achievement| achievement.get("achievementType")?.as_str())
            .find_map(|named| KINDS.iter().find(|kind| kind.achievement_types.contains(&named)));
        match by_achievement {
            Some(kind) => Class::Kind(kind, By::AchievementType),
            None => Class::Generic,
        }
    }

    /// The name of the kind, or `generic`; reserved documents are no kind either.
    pub fn name(&self) -> &'static str {
        match self {
            Class::Kind(kind, _) => kind.name,
            Class::Generic | Class::Reserved(_) => GENERIC,
        }
    }

    /// Everything that is wrong with a draft of this class, its form apart (see [`super::form::check`]): call it on the
    /// draft as it will be signed, without our proof.
    pub fn check(&self, document: &Map<String, Value>) -> Vec<Problem> {
        let mut problems = Problems::new();
        let root = At::ROOT;
        walks::private(document, &root, &mut problems);
        match self {
            Class::Reserved(name) => {
                problems.add(&root.name("type"), format!("{name} is signed by its own verb only"));
            }
            Class::Generic => reserved::check_contexts(document, &mut problems),
            Class::Kind(kind, by) => {
                let draft = Candidate { members: document, view: View::of(document), kind, by: *by };
                common::check(&draft, &mut problems);
                (kind.check)(&draft, &mut problems);
            }
        }
        let mut problems = problems.into_vec();
        problems.extend(unsigned_inner(document));
        problems.truncate(MAX_PROBLEMS);
        problems
    }
}

/// Credentials inside a record that are still to be signed are drafts themselves: of the same issuer, and held to
/// their own class, so that nothing reserved is signed on the way.
fn unsigned_inner(document: &Map<String, Value>) -> Vec<Problem> {
    let mut out = Vec::new();
    let issuer = View::of(document).issuer_id();
    for inner in
        View::of(document).embedded().into_iter().filter(|inner| !inner.members.contains_key("proof"))
    {
        if out.len() >= MAX_PROBLEMS {
            break;
        }
        if inner.view().issuer_id() != issuer {
            let message =
                "a credential inside the record is signed by its issuer first, or is the same issuer's"
                    .into();
            out.push(Problem { pointer: format!("{}/issuer", inner.pointer), message });
        }
        let problems = Class::of(inner.members).check(inner.members).into_iter();
        out.extend(
            problems.map(|problem| Problem {
                pointer: format!("{}{}", inner.pointer, problem.pointer),
                ..problem
            }),
        );
    }
    out
}

/// A draft of a kind, under its check.
pub struct Candidate<'a> {
    /// Its members.
    pub members: &'a Map<String, Value>,
    /// The typed view of them.
    pub view: View<'a>,
    /// The kind.
    pub kind: &'static Kind,
    /// What made it that kind.
    pub by: By,
}

impl Candidate<'_> {
    /// Whether the draft has our type, so that our extension terms can be demanded.
    pub fn is_own(&self) -> bool {
        self.by == By::OwnType
    }
}

/// Whether the URL is our award context, on whatever host.
pub fn is_award_context(url: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        url.strip_prefix(scheme)
            .and_then(|rest| rest.strip_suffix(CONTEXT_AWARD_PATH))
            .is_some_and(|host| !host.is_empty() && !host.contains(['?', '#', '@']))
    })
}

/// The contexts of a kind on Open Badges.
const BADGE_CONTEXTS: &[&str] = &[CONTEXT_V2, CONTEXT_OB, CONTEXT_AWARD_PATH];

#[cfg(test)]
mod tests;
