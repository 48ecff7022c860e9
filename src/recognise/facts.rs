//! The facts of an award as the verifier found them, each with its source.

use serde_json::{Map, Value, json};

use crate::accreditation::Award;
use crate::credential::View;
use crate::credential::kinds::Class;
use crate::credential::strict::text;
use crate::credential::validity::{Day, Stamp};
use crate::credential::view::each;
use crate::framework;
use crate::recognition::is_country;
use crate::verify::verdict::{Code, Group, State, Verdict, state_of};

/// Most learning outcomes taken from an award.
const MAX_OUTCOMES: usize = 1_024;

/// What Open Badges 3.0 calls an alignment to something that a learner can do.
const COMPETENCY: &str = "ceasn:Competency";

/// By whom a fact is told.
const CREDENTIAL: &str = "credential";
const VERIFIER: &str = "verifier";

/// The facts of the award that was verified, by name: `{"value", "source"}`, and where it says more `"checks"` (codes of the
/// verifier) or `"asOf"`. A fact that nobody stated is not there.
///
/// A source is `verifier`; `credential` (what its issuer signed); `trust-list:VN`, `this-service` or `settings` (who vouches for
/// the issuer); `log:ORIGIN` (a witnessed log). The names are those of recognition-rules/1; others are for an officer to
/// read, and for agreements whose conditions ask for them: `title`, `enrolledOn`, `workplaceHours`, `enterpriseConfirmed`.
/// Read from the document as verified, so that nothing unsigned is among them: without a signature that holds there is only
/// `verification`.
pub fn facts(verdict: &Verdict) -> Map<String, Value> {
    let mut facts = Facts(Map::new());
    verification(verdict, &mut facts);
    let Some(document) = verdict.verifiable_credential.as_ref().and_then(|one| one.get().as_object()) else {
        return facts.0;
    };
    status(verdict, &mut facts);
    if let Some(issuer) = &verdict.issuer {
        facts.put("issuer", json!(issuer.id), VERIFIER);
        let by = match issuer.vouched_by.as_deref() {
            Some("trust-list") => issuer.country.as_ref().map(|country| format!("trust-list:{country}")),
            other => other.map(str::to_owned),
        };
        let country = issuer.country.as_ref().filter(|country| is_country(country));
        if let (Some(country), Some(by)) = (country, by) {
            facts.put("country", json!(country), &by);
        }
    }
    award(View::of(document), verdict, &mut facts);
    facts.0
}

/// The values of facts alone, by name.
pub fn values(facts: &Map<String, Value>) -> Map<String, Value> {
    let value = |fact: &Value| fact.get("value").cloned();
    facts.iter().filter_map(|(name, fact)| Some((name.clone(), value(fact)?))).collect()
}

struct Facts(Map<String, Value>);

impl Facts {
    fn put(&mut self, name: &str, value: Value, source: &str) {
        self.0.insert(name.to_owned(), json!({"value": value, "source": source}));
    }

    fn put_checked(&mut self, name: &str, value: &str, checks: &[&'static str]) {
        let mut fact = json!({"value": value, "source": VERIFIER});
        if !checks.is_empty() {
            fact["checks"] = json!(checks);
        }
        self.0.insert(name.to_owned(), fact);
    }

    fn maybe(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.put(name, value, CREDENTIAL);
        }
    }
}

/// What the signatures came to. Status and the end of validity are facts of their own, and whom the issuer's list accredits
/// is asked by rule R2; whether the key was the issuer's, and the document in its log, belongs here.
fn verification(verdict: &Verdict, facts: &mut Facts) {
    // R2 finds and names it itself where the dates of the award contradict one another; any other contradiction counts.
    let mut left_to_r2 = contradicts_itself(verdict);
    let against = verdict.troubles().filter(|check| match check.code {
        Code::DatesExpired => false,
        Code::IssuerKeyNotListed
        | Code::IssuerKeyNotYet
        | Code::IssuerKeyCompromised
        | Code::KeyRetiredUnlogged
        | Code::LogProofMissing
        | Code::LogPending
        | Code::LogProofInvalid => true,
        Code::FactsContradictory => !std::mem::take(&mut left_to_r2),
        code => code.group() == Group::Credential && !is_status(code),
    });
    let (mut worst, mut codes) = (State::Genuine, Vec::new());
    for check in against {
        worst = worst.graver(state_of(std::slice::from_ref(check)));
        codes.push(check.code.as_str());
    }
    let value = match worst {
        State::Genuine if verdict.issuer.is_some() => "valid",
        State::NotGenuine => "invalid",
        _ => "indeterminate",
    };
    codes.dedup();
    facts.put_checked("verification", value, &codes);
}

/// Whether the dates of the award alone contradict one another.
fn contradicts_itself(verdict: &Verdict) -> bool {
    let document = verdict.verifiable_credential.as_ref().and_then(|one| one.get().as_object());
    let Some(view) = document.map(View::of) else { return false };
    let (Some(award), Some(today)) = (Award::of(view), Day::of(verdict.times.checked)) else { return false };
    let award = match verdict.log.as_ref().filter(|log| log.included) {
        Some(log) => award.registered_at(view, log.time),
        None => award,
    };
    award.is_contradictory(today)
}

fn is_status(code: Code) -> bool {
    code.as_str().starts_with("status.")
}

/// What the status of an award is found to be: `good`, `replaced`, `revoked`, `suspended`, or `unknown` where a list of its
/// status could not be read.
pub(super) fn status_of(verdict: &Verdict) -> &'static str {
    let told: Vec<Code> = status_codes(verdict).collect();
    if told.contains(&Code::StatusReplaced) {
        "replaced"
    } else if told.contains(&Code::StatusRevoked) {
        "revoked"
    } else if told.contains(&Code::StatusSuspended) {
        "suspended"
    } else if told == [Code::StatusActive] {
        "good"
    } else {
        "unknown"
    }
}

fn status_codes(verdict: &Verdict) -> impl Iterator<Item = Code> {
    verdict.checks.iter().map(|check| check.code).filter(|code| is_status(*code))
}

/// The status; a document that carries none cannot have been withdrawn where anybody sees it, so it is not known.
fn status(verdict: &Verdict, facts: &mut Facts) {
    let worse = status_codes(verdict).filter(|code| *code != Code::StatusActive);
    let mut codes: Vec<_> = worse.map(|code| code.as_str()).collect();
    codes.dedup();
    facts.put_checked("status", status_of(verdict), &codes);
    if let (Some(fact), Some(as_of)) = (facts.0.get_mut("status"), &verdict.times.status_as_of) {
        fact["asOf"] = json!(as_of);
    }
}

/// What the award says of itself, and since when it provably exists.
fn award(view: View<'_>, verdict: &Verdict, facts: &mut Facts) {
    if let Class::Kind(kind, _) = Class::of(view.members()) {
        facts.put("type", json!(kind.name), CREDENTIAL);
    }
    facts.maybe("title", view.members().get("name").and_then(text).map(|name| json!(name)));
    facts.maybe("validUntil", view.valid_until().and_then(day).map(|day| json!(day.to_string())));
    if let Some(award) = Award::of(view) {
        facts.put("awardDate", json!(award.awarded_on.to_string()), CREDENTIAL);
        if award.transcribed {
            facts.put("transcribed", json!(true), CREDENTIAL);
        }
        if let Some(log) = verdict.log.as_ref().filter(|log| log.included)
            && let Some(on) = award.clone().registered_at(view, log.time).registered_on
        {
            facts.put("registeredOn", json!(on.to_string()), &format!("log:{}", log.origin));
        }
        facts.maybe("qualificationId", said(&award.qualification_ids));
        facts.maybe("mode", said(&award.modes));
        facts.maybe("isced", field(&award.isced).map(|code| json!(code)));
        level(&award, facts);
    }
    let subjects = || view.subjects();
    let achievements: Vec<_> = subjects()
        .flat_map(|subject| each(subject.get("achievement")))
        .filter_map(Value::as_object)
        .collect();
    let hours: Vec<_> = achievements.iter().filter_map(|one| whole(one.get("notionalHours"))).collect();
    facts.maybe("notionalHours", only(&hours).map(|hours| json!(hours)));
    let worked: Vec<_> = subjects().filter_map(|subject| whole(subject.get("workplaceHours"))).collect();
    facts.maybe("workplaceHours", only(&worked).map(|hours| json!(hours)));
    let began: Vec<_> = subjects()
        .filter_map(|subject| day(subject.get("activityStartDate")?.as_str()?))
        .map(|day| day.to_string())
        .collect();
    facts.maybe("enrolledOn", only(&began).map(|day| json!(day)));
    let mut outcomes: Vec<&str> = achievements
        .iter()
        .flat_map(|one| each(one.get("alignment")))
        .filter(|alignment| alignment.get("targetType").and_then(Value::as_str) == Some(COMPETENCY))
        .filter_map(|alignment| text(alignment.get("targetUrl")?))
        .take(MAX_OUTCOMES)
        .collect();
    outcomes.sort_unstable();
    outcomes.dedup();
    facts.maybe("outcomes", (!outcomes.is_empty()).then(|| json!(outcomes)));
    let confirmed = |code: Code| verdict.checks.iter().any(|check| check.code == code);
    if facts.0.get("type").is_some_and(|fact| fact["value"] == "workplace-learning") {
        facts.put("enterpriseConfirmed", json!(!confirmed(Code::EnterpriseNotConfirmed)), VERIFIER);
    }
}

/// The one level of the award: that of a framework of the country it is from, else the only one that is no regional
/// reference. Of several that differ nobody can say which is meant.
fn level(award: &Award<'_>, facts: &mut Facts) {
    let country = facts.0.get("country").and_then(|fact| fact["value"].as_str());
    let known = award.levels.iter().filter_map(|level| {
        let framework = framework::by_id(level.framework)?;
        let number = level.number.filter(|number| framework.level(&number.to_string()).is_some())?;
        Some((framework, number))
    });
    let mut levels: Vec<_> = known.filter(|(framework, _)| framework.kind != "regional-reference").collect();
    if levels.iter().any(|(framework, _)| Some(framework.territory.as_str()) == country) {
        levels.retain(|(framework, _)| Some(framework.territory.as_str()) == country);
    }
    let mut levels: Vec<_> =
        levels.into_iter().map(|(framework, number)| (framework.id.as_str(), number)).collect();
    levels.dedup();
    if let [(framework, number)] = levels.as_slice() {
        facts.put("framework", json!(framework), CREDENTIAL);
        facts.put("level", json!(number), CREDENTIAL);
    }
}

/// The one field, or what several have in common.
fn field<'a>(codes: &[&'a str]) -> Option<&'a str> {
    let first = *codes.first()?;
    let common = codes.iter().fold(first.len(), |common, code| {
        let same = first.bytes().zip(code.bytes()).take_while(|(one, other)| one == other).count();
        common.min(same)
    });
    first.get(..common).filter(|code| code.len() >= 2)
}

/// The one value said, as often as it may be said.
fn only<T: PartialEq + Clone>(values: &[T]) -> Option<T> {
    let first = values.first()?;
    values.iter().all(|value| value == first).then(|| first.clone())
}

/// The one text said, where it is none too long to be told.
fn said(values: &[&str]) -> Option<Value> {
    Some(json!(only(values)?)).filter(|value| text(value).is_some())
}

/// A calendar date as written, of a date or a date and time.
fn day(text: &str) -> Option<Day> {
    Day::parse(text).ok().or_else(|| Stamp::parse(text).ok().map(|stamp| stamp.day()))
}

fn whole(value: Option<&Value>) -> Option<u32> {
    u32::try_from(value?.as_u64()?).ok()
}
