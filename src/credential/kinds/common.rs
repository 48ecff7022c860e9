//! What every kind demands: contexts, names, codes, dates, text in NFC, nobody's national number in clear.

use serde_json::{Map, Value};

use super::fields::{
    dates_in, integer_members, is_country, is_digits, is_latin_name, languages, url_members,
};
use super::walks::texts;
use super::{Candidate, KINDS, is_award_context};
use crate::credential::endorsement::Endorsed;
use crate::credential::form::parts::{objects, stamp};
use crate::credential::iri;
use crate::credential::problem::{At, Problems};
use crate::credential::validity::Stamp;
use crate::credential::view::{CONTEXT_V2, each};
use crate::framework;
use crate::text::LangTag;

/// Contexts our kinds may list beside their own: published ones without `@vocab`.
const ALLOWED: &[&str] = &[
    CONTEXT_V2,
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
    super::CONTEXT_OB,
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
    "https://purl.imsglobal.org/spec/clr/v2p0/context.json",
    super::CONTEXT_CLR,
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/suites/ed25519-2020/v1",
    "https://www.w3.org/ns/credentials/status/v1",
    "https://w3id.org/vc/status-list/2021/v1",
];

/// How an achievement may have been delivered.
pub const DELIVERY_MODES: &[&str] = &["in-person", "online", "hybrid", "distance", "workplace"];

/// The sex of a holder: what passports tell by F, M and X (ICAO 9303), as words. Whoever does not know leaves it out.
pub const SEXES: &[&str] = &["female", "male", "x"];

/// An award may be signed ahead of its day by at most this long.
const AWARD_AHEAD_SECONDS: i64 = 86_400;

/// The checks all kinds share.
pub(super) fn check(draft: &Candidate<'_>, problems: &mut Problems) {
    let root = At::ROOT;
    contexts(draft, &root, problems);
    for other in KINDS {
        if draft.is_own() && other.name != draft.kind.name && draft.view.has_type(other.own_type) {
            problems.add(&root.name("type"), "a credential is of one kind");
        }
    }
    if draft.is_own() && !draft.view.has_type(draft.kind.base_type) {
        problems.add(&root.name("type"), format!("the type must include {}", draft.kind.base_type));
    }
    if !draft.members.contains_key("name") && draft.is_own() {
        problems.add(&root.name("name"), "the credential needs a name");
    }
    plain(draft.members, &root, problems);
    award_date(draft, &root, problems);
    url_members(draft.members, &["replaces"], &root, problems);
    let at = root.name("credentialSubject");
    match draft.members.get("credentialSubject") {
        Some(Value::Object(subject)) => self::subject(subject, draft, &at, problems),
        // The form check has complained about anything that is neither an object nor an array of them.
        Some(Value::Array(_)) => problems.add(&at, "an award is one person's: one subject, as an object"),
        _ => {}
    }
    endorsed(draft, &root, problems);
    texts(draft.members, &root, problems, 0);
}

/// Only contexts known here, the kind's own first and in order; none inline, none with `@vocab`.
fn contexts(draft: &Candidate<'_>, at: &At<'_>, problems: &mut Problems) {
    let at = at.name("@context");
    let items = each(draft.members.get("@context"));
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::String(url) if ALLOWED.contains(&url.as_str()) || is_award_context(url) => {}
            Value::Object(_) => problems.add(&at.item(index), "a kind of this service has no inline context"),
            _ => problems.add(&at.item(index), "a kind of this service uses the contexts known for it only"),
        }
    }
    if !draft.is_own() {
        return;
    }
    for (index, wanted) in draft.kind.contexts.iter().enumerate() {
        let right = items.get(index).and_then(Value::as_str).is_some_and(|url| {
            url == *wanted || (*wanted == super::CONTEXT_AWARD_PATH && is_award_context(url))
        });
        if !right {
            let wanted =
                if wanted.starts_with('/') { format!("https://…{wanted}") } else { (*wanted).to_owned() };
            problems.add(&at.item(index), format!("here stands the context {wanted}"));
            return;
        }
    }
}

/// Open Badges wants `name` and `description` as plain text; translations stand in `nameI18n`.
fn plain(object: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    for member in ["name", "description"] {
        if object.get(member).is_some_and(|value| value.as_str().is_none_or(|text| text.trim().is_empty())) {
            problems.add(&at.name(member), "plain text is needed here; translations stand in nameI18n");
        }
    }
    languages(object, &["nameI18n"], at, problems);
}

/// `awardedDate`: there, strict, and not after the day from which the credential is valid.
fn award_date(draft: &Candidate<'_>, at: &At<'_>, problems: &mut Problems) {
    if !draft.members.contains_key("awardedDate") {
        problems.add(&at.name("awardedDate"), "the date of the award is missing");
        return;
    }
    let Some(awarded) = stamp(draft.members, "awardedDate", at, problems) else { return };
    let from = draft.view.valid_from().and_then(|text| Stamp::parse(text).ok());
    if from.is_some_and(|from| awarded.seconds() > from.seconds().saturating_add(AWARD_AHEAD_SECONDS)) {
        problems.add(&at.name("awardedDate"), "awarded only after it is valid");
    }
}

fn subject(subject: &Map<String, Value>, draft: &Candidate<'_>, at: &At<'_>, problems: &mut Problems) {
    let starts = stamp(subject, "activityStartDate", at, problems);
    let ends = stamp(subject, "activityEndDate", at, problems);
    if let (Some(starts), Some(ends)) = (starts, ends)
        && starts.cmp_instant(&ends).is_gt()
    {
        problems.add(&at.name("activityEndDate"), "it ends before it begins");
    }
    integer_members(subject, &["creditsEarned", "workplaceHours"], at, problems);
    identity(subject, at, problems);
    let many = subject.get("achievement").is_some_and(Value::is_array);
    if draft.kind.base_type != "ClrCredential" && (many || !subject.contains_key("achievement")) {
        problems.add(&at.name("achievement"), "the achievement awarded is missing, or not one object");
    }
    achievements(subject, at, |achievement, at| self::achievement(achievement, at, problems));
}

/// Who the person is, where the extension says so: names in their own script and in Latin letters, date and place of birth.
fn identity(subject: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    let Some(value) = subject.get("holderIdentity") else { return };
    let at = at.name("holderIdentity");
    let Some(holder) = value.as_object() else {
        problems.add(&at, "an object is needed here");
        return;
    };
    languages(holder, &["nativeName", "birthPlace"], &at, problems);
    dates_in(holder, &["birthDate"], &at, problems);
    if holder.get("latinName").is_some_and(|name| !name.as_str().is_some_and(is_latin_name)) {
        problems.add(&at.name("latinName"), "the name in Latin letters, as in the passport");
    }
    if holder.get("sex").is_some_and(|sex| !sex.as_str().is_some_and(|sex| SEXES.contains(&sex))) {
        problems.add(&at.name("sex"), format!("one of {}, or nothing", SEXES.join(", ")));
    }
    if holder.get("nationality").is_some_and(|code| !code.as_str().is_some_and(is_country)) {
        problems.add(&at.name("nationality"), "a country is two capital letters (ISO 3166-1)");
    }
}

/// Whoever reads an award must be able to tell whose it is.
pub(super) fn holder(subject: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    let at = at.name("holderIdentity");
    let holder = subject.get("holderIdentity").and_then(Value::as_object);
    let named = holder.is_some_and(|holder| {
        holder.get("nativeName").and_then(Value::as_object).is_some_and(|names| !names.is_empty())
            || holder.contains_key("latinName")
    });
    if !named {
        problems.add(&at.name("nativeName"), "the holder's name is missing");
    }
}

/// Calls `visit` for each achievement of a subject.
pub(super) fn achievements<'v>(
    subject: &'v Map<String, Value>,
    at: &At<'_>,
    visit: impl FnMut(&'v Map<String, Value>, &At<'_>),
) {
    if let Some(value) = subject.get("achievement") {
        objects(value, &at.name("achievement"), visit);
    }
}

/// Every achievement has one of the types the kind allows.
pub(super) fn achievement_types(
    subject: &Map<String, Value>,
    at: &At<'_>,
    problems: &mut Problems,
    allowed: &[&str],
) {
    achievements(subject, at, |achievement, at| {
        if !achievement
            .get("achievementType")
            .and_then(Value::as_str)
            .is_some_and(|name| allowed.contains(&name))
        {
            problems.add(
                &at.name("achievementType"),
                format!("the achievement has the type {}", allowed.join(" or ")),
            );
        }
    });
}

/// What Open Badges 3.0 wants of an achievement, and our codes and terms where they stand.
fn achievement(achievement: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    if !achievement.get("id").and_then(Value::as_str).is_some_and(iri::is_url) {
        problems.add(&at.name("id"), "an achievement has an id that is a URL");
    }
    for member in ["name", "description"] {
        if !achievement.contains_key(member) {
            problems.add(&at.name(member), "an achievement needs this");
        }
    }
    plain(achievement, at, problems);
    if !achievement.get("criteria").is_some_and(Value::is_object) {
        problems.add(&at.name("criteria"), "an achievement says what it takes");
    }
    if achievement
        .get("inLanguage")
        .is_some_and(|tag| tag.as_str().is_none_or(|tag| LangTag::parse(tag).is_err()))
    {
        problems.add(&at.name("inLanguage"), "a language tag is needed here");
    }
    url_members(achievement, &["qualificationId", "accreditation"], at, problems);
    integer_members(achievement, &["notionalHours", "creditsAvailable"], at, problems);
    if achievement
        .get("deliveryMode")
        .is_some_and(|mode| !mode.as_str().is_some_and(|mode| DELIVERY_MODES.contains(&mode)))
    {
        problems.add(&at.name("deliveryMode"), format!("one of {}", DELIVERY_MODES.join(", ")));
    }
    codes(achievement, at, problems);
}

/// Framework levels are known here; classification codes are well-formed texts.
pub(super) fn codes(achievement: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) {
    let Some(value) = achievement.get("alignment") else { return };
    objects(value, &at.name("alignment"), |alignment, at| {
        for member in ["targetName", "targetUrl"] {
            if !alignment.get(member).is_some_and(Value::is_string) {
                problems.add(&at.name(member), "an alignment needs this");
            }
        }
        let framework = alignment.get("targetFramework").and_then(Value::as_str);
        let code = alignment.get("targetCode").and_then(Value::as_str);
        if alignment.get("targetCode").is_some_and(|code| !code.is_string()) {
            problems.add(&at.name("targetCode"), "a code is text: its leading zeros matter");
            return;
        }
        if alignment.get("targetType").and_then(Value::as_str) == Some("ext:FrameworkLevel") {
            level(framework, code, at, problems);
        }
        match (framework, code) {
            (Some("ISCED-F-2013"), code) if !code.is_some_and(|code| is_digits(code, 2, 4)) => {
                problems.add(&at.name("targetCode"), "an ISCED-F code is 2 to 4 digits");
            }
            (Some("ISCO-08"), code) if !code.is_some_and(|code| is_digits(code, 1, 4)) => {
                problems.add(&at.name("targetCode"), "an ISCO-08 code is 1 to 4 digits");
            }
            _ => {}
        }
    });
}

fn level(framework: Option<&str>, code: Option<&str>, at: &At<'_>, problems: &mut Problems) {
    let Some(known) = framework.and_then(framework::by_id) else {
        problems.add(&at.name("targetFramework"), "no such qualifications framework is known here");
        return;
    };
    if code.is_none_or(|code| known.level(code).is_none()) {
        problems.add(&at.name("targetCode"), format!("{} has no such level", known.id));
    }
}

/// An endorsement of this credential is of this credential as it is.
fn endorsed(draft: &Candidate<'_>, at: &At<'_>, problems: &mut Problems) {
    let Some(value) = draft.members.get("endorsement") else { return };
    let endorsed = Endorsed::of(draft.members);
    objects(value, &at.name("endorsement"), |endorsement, at| {
        if let Err(fault) = endorsed.check(endorsement) {
            problems.add(&at.name("credentialSubject").name(fault.member()), fault.to_string());
        }
    });
}
