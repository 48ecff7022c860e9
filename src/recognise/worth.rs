//! What an award is worth in a country, from what is on file here and what its trust list tells: frameworks, agreements, statements.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::facts::{facts, values};
use crate::agree;
use crate::app::App;
use crate::codec::{jcs, json};
use crate::credential::kinds::Class;
use crate::credential::validity::Day;
use crate::crypto::digest_multibase;
use crate::did::Did;
use crate::institution;
use crate::recognition::worth::{ByList, Offer, Question, Statement, Worth, levels};
use crate::recognition::{Agreement, Kind, Party, Registered, Verdict as Decided};
use crate::registry::agreements::AgreementFile;
use crate::store::{ListKey, Register, StoreError, Visibility};
use crate::trust::Trust;
use crate::trustlist::{ListedAgreement, TrustList};
use crate::verify::{State, Verdict};

/// Most offers told of one award: the first that the rules ask.
const MAX_OFFERS: usize = 50;
/// Most statements told of one award.
const MAX_STATEMENTS: usize = 4;
/// Verdicts that are told to whoever reads an award: what was refused or left open is between the applicant and the authority.
const TOLD: [Decided; 4] = [
    Decided::RecognisedAutomatic,
    Decided::RecognisedFull,
    Decided::RecognisedConditional,
    Decided::RecognisedPartial,
];

/// The country a reader of this service is taken to be in, who has not said: that of the one authority here.
pub fn home(app: &App) -> Option<String> {
    app.registry.only_territory()
}

/// What the award that was verified is worth in the country; `None` for what is no award, or none to be relied on: withdrawn,
/// not checked, or of an issuer that nobody vouches for, whose word on a level is worth nothing.
///
/// # Errors
/// The store cannot be read.
pub async fn worth(app: &App, verdict: &Verdict, country: Option<&str>) -> Result<Option<Worth>, StoreError> {
    let vouched = verdict.issuer.as_ref().is_some_and(|issuer| issuer.vouched_by.is_some());
    let document = verdict.verifiable_credential.as_ref().and_then(|one| one.get().as_object());
    let award = document.filter(|map| matches!(Class::of(map), Class::Kind(..)));
    let (Some(document), State::Genuine | State::GenuineBut, true) = (award, verdict.state, vouched) else {
        return Ok(None);
    };
    let facts = values(&facts(verdict));
    let mut worth = levels(&facts, country);
    let Some(country) = country.filter(|country| worth.origin.as_deref() != Some(*country)) else {
        return Ok(Some(worth));
    };
    let today = Day::of(verdict.times.checked);
    // What has run out, nothing is given for.
    if let (true, Some(today)) = (verdict.verified, today) {
        let question = Question::new(&facts, country, today);
        worth.agreements = offers(app, &question, country, verdict.times.checked);
        worth
            .agreements
            .sort_by(|one, other| (one.kind, &one.agreement).cmp(&(other.kind, &other.agreement)));
        worth.agreements.truncate(MAX_OFFERS);
    }
    if let Some(authority) = app.registry.authority(country) {
        let digest = digest_multibase(&jcs::canonicalize_without(document, &[]));
        let slug = &authority.institution.slug;
        let filing = app.store.filing(slug, Register::Recognised, &digest, None).await?;
        if let Some(body) = filing.and_then(|filing| filing.body) {
            for statement in statements(&body) {
                if stands(app, &statement.url).await? {
                    worth.statements.push(statement);
                }
            }
        }
    }
    Ok(Some(worth))
}

/// What agreements give: those kept here, and those that the trust list of the country tells of while it is in force. One that
/// both have is told as it is kept here, and only where both say that it is in force.
fn offers(app: &App, question: &Question<'_>, country: &str, now: Timestamp) -> Vec<Offer> {
    let (agreements, trust) = (app.registry.agreements(), app.registry.trust());
    let list = trust.list_of(country).filter(|list| !list.is_stale(now));
    let listed: HashMap<&str, &ListedAgreement> =
        list.into_iter().flat_map(TrustList::agreements).map(|one| (one.id(), one)).collect();
    let mut offers = Vec::new();
    for file in agreements.iter() {
        let given = question.offers(&file.terms);
        if given.is_empty() {
            continue;
        }
        let other = listed.get(file.terms.id.as_str()).map(|one| one.registered.agreement());
        let ended =
            other.filter(|other| between_the_same(other, &file.terms) && question.offers(other).is_empty());
        if let (Some(keeper), None) = (relied_on(app, file), ended) {
            offers.extend(given.into_iter().map(|offer| Offer {
                name: name(&file.registered),
                signed: file.signed,
                keeper: keeper.clone(),
                ..offer
            }));
        }
    }
    let Some(list) = list else { return offers };
    let source = ByList {
        territory: list.territory.clone(),
        sequence: list.sequence,
        date: list.issued_at.strftime("%Y-%m-%d").to_string(),
    };
    for one in list.agreements() {
        let terms = one.registered.agreement();
        let given = question.offers(terms);
        let here = |file: &&Arc<AgreementFile>| {
            between_the_same(&file.terms, terms)
                && !file.registered.history().is_empty()
                && relied_on(app, file).is_some()
        };
        if !given.is_empty() && !agreements.get(one.id()).as_ref().is_some_and(here) {
            offers.extend(given.into_iter().map(|offer| Offer {
                name: name(&one.registered),
                signed: one.signed,
                keeper: list.issuer.to_string(),
                list: Some(source.clone()),
                ..offer
            }));
        }
    }
    offers
}

/// Whether two agreements are between the same, in whichever order each country names them.
fn between_the_same(one: &Agreement, other: &Agreement) -> bool {
    fn parties(of: &Agreement) -> BTreeSet<(&str, &str)> {
        of.parties.iter().map(|party| (party.id.as_str(), party.territory.as_str())).collect()
    }
    parties(one) == parties(other)
}

fn name(agreement: &Registered) -> Option<String> {
    agreement.terms().get("name").and_then(Value::as_str).map(str::to_owned)
}

/// The keeper of an agreement that is told to readers: an authority. What a college files in its own name is told only where
/// it is between institutions and every party has signed it and is vouched for in its country: a mill could file itself a treaty.
fn relied_on(app: &App, file: &AgreementFile) -> Option<String> {
    let keeper = app.registry.member(&file.keeper)?;
    let trust = app.registry.trust();
    // Of the very country that the agreement says.
    let vouched = |party: &Party| {
        let Ok(did) = Did::parse(&party.id) else { return false };
        let own = trust.vouch(&did).and_then(|vouch| vouch.country.clone());
        let listed = trust.listings(&did);
        let of_lists = listed.iter().filter_map(|one| Some(one.get()?.0.territory.as_str()));
        own.as_deref().into_iter().chain(of_lists).any(|country| country == party.territory)
    };
    let parties = &file.terms.parties;
    let told = match keeper.institution.kind {
        institution::Kind::Authority { .. } => true,
        _ => {
            file.terms.kind == Kind::Institution
                && file.signed
                && signed_with_listed_keys(&trust, file)
                && parties.len() > 1
                && parties.iter().all(vouched)
        }
    };
    told.then(|| keeper.institution.did.to_string())
}

/// Whether each party that a trust list names signed with a key that was good by it when the agreement was recorded.
fn signed_with_listed_keys(trust: &Trust, file: &AgreementFile) -> bool {
    let signed = file.registered.document().zip(file.registered.history().first());
    signed.is_some_and(|(document, entry)| agree::unlisted(trust, document, entry.recorded_at).is_none())
}

/// Whether a statement of this service is there for everybody, neither withdrawn nor erased.
pub(super) async fn stands(app: &App, url: &str) -> Result<bool, StoreError> {
    let Some(id) = app.registry.credential_at(url) else { return Ok(false) };
    let Some(record) = app.store.credential(id).await? else { return Ok(false) };
    let set = record.slots.iter().any(|slot| {
        let (institution, purpose) = (record.institution.clone(), slot.purpose);
        let key = ListKey { institution, purpose, list: slot.list, mirror: false };
        app.registry.own_bit(&app.urls.list(&key), slot.index).is_none_or(|bit| bit.set)
    });
    Ok(record.visibility == Visibility::Public && record.body.is_some() && !set)
}

/// The statements on file that say yes and are not in doubt, the newest last.
fn statements(body: &[u8]) -> Vec<Statement> {
    let Ok(body) = json::parse(body) else { return Vec::new() };
    let all = body.get("statements").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |statement: &Value| {
        let text = |name: &str| statement.get(name).and_then(Value::as_str).map(str::to_owned);
        let verdict = text("verdict")?;
        let told = TOLD.iter().any(|told| told.as_str() == verdict) && statement.get("doubted").is_none();
        told.then_some(())?;
        let (level, purpose) = (text("level"), text("purpose"));
        Some(Statement { url: text("url")?, verdict, level, purpose, date: text("date")? })
    };
    let mut told: Vec<_> = all.iter().rev().filter_map(read).take(MAX_STATEMENTS).collect();
    told.reverse();
    told
}
