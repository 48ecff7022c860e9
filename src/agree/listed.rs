//! Which agreements the trust list of an authority tells of, and how: so that whoever has pinned it sees what binds its country.

use serde_json::{Value, json};

use super::list::signed_by;
use crate::app::App;
use crate::codec::jcs;
use crate::crypto::digest_multibase;
use crate::institution::{Institution, Slug};
use crate::publish::trust::list;
use crate::recognition::{Kind, State};
use crate::registry::agreements::{AgreementFile, Agreements};
use crate::urls::Urls;

/// The largest list that whoever changes an agreement waits for, bytes: some hundred agreements.
const AT_ONCE: usize = 256 * 1024;

/// The `agreement` entries for the list of an authority, by id: of what it keeps, whatever binds the country or gives
/// recognition. That is every treaty, what ministries agree on, and what institutions agree on with scopes; no drafts, no
/// training contracts, no mere co-operation.
pub fn listed(agreements: &Agreements, authority: &Institution, urls: &Urls) -> Vec<Value> {
    entries(agreements, authority, urls).collect()
}

fn entries(agreements: &Agreements, authority: &Institution, urls: &Urls) -> impl Iterator<Item = Value> {
    let kept = agreements.iter().filter_map(|one| agreements.kept_by(&authority.slug, &one.terms.id));
    kept.filter(|file| is_listed(file)).map(|file| entry(file, urls))
}

fn is_listed(file: &AgreementFile) -> bool {
    file.registered.history().last().is_some_and(|last| last.state != State::Draft)
        && match file.terms.kind {
            Kind::Treaty | Kind::Ministry => true,
            Kind::Institution => !file.terms.scopes.is_empty(),
            Kind::TrainingContract => false,
        }
}

fn entry(file: &AgreementFile, urls: &Urls) -> Value {
    let mut entry = file.registered.in_list();
    entry.insert("id".to_owned(), json!(urls.agreement(&file.terms.id)));
    entry.insert("signedBy".to_owned(), json!(signed_by(file)));
    // A signature more of a party that has signed changes its proofs, not what was signed.
    if let Some(document) = file.registered.document().filter(|_| file.signed) {
        let digest = digest_multibase(&jcs::canonicalize_without(document, &["proof"]));
        entry.insert("digestMultibase".to_owned(), json!(digest));
    }
    Value::Object(entry)
}

/// Lets the trust list of a keeper that is an authority tell at once what became of its agreements. They are on record whatever
/// comes of this: [`crate::accredit::keep_lists`] makes a list that is large, or that could not be made, in a moment.
pub(super) async fn tell(app: &App, keeper: &Slug) {
    let (Some(member), Some(own)) = (app.registry.member(keeper), app.registry.own_trust(keeper)) else {
        return;
    };
    let agreements = app.registry.agreements();
    let large = own.list.as_ref().is_some_and(|list| list.bytes.len() > AT_ONCE) || {
        let mut size = 0;
        // No more is written than it takes to know.
        entries(&agreements, &member.institution, &app.urls).any(|entry| {
            size += entry.to_string().len();
            size > AT_ONCE
        })
    };
    if large {
        return;
    }
    if let Err(error) = list::renew(app, keeper).await {
        tracing::warn!(authority = %keeper, %error, "the trust list does not tell of an agreement yet");
    }
}
