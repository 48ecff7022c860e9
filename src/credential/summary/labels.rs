//! Which claims have a label, in the order a checker reads them.

use serde_json::{Map, Value};

use super::{Builder, GroupId, MAX_VALUES, Row, Text, cut, leaf, named, tables, texts};
use crate::credential::view::{View, placed};

/// A claim with a label: its group, its message, the member it is, under which object.
struct Claim(GroupId, &'static str, &'static str);

use GroupId::{Award, Dates, Holder, Issuer, Paper, Related, Result as Grade, Workplace};

/// Claims of the credential itself.
const CREDENTIAL: &[Claim] = &[
    Claim(Dates, "claim-awarded-date", "awardedDate"),
    Claim(Dates, "claim-valid-from", "validFrom"),
    Claim(Dates, "claim-valid-from", "issuanceDate"),
    Claim(Dates, "claim-valid-until", "validUntil"),
    Claim(Dates, "claim-valid-until", "expirationDate"),
    Claim(Award, "claim-description", "description"),
    Claim(Related, "claim-replaces", "replaces"),
    Claim(Paper, "claim-record-origin", "recordOrigin"),
    Claim(Award, "claim-partial", "partial"),
];
/// Claims of the holder's identity.
const HOLDER: &[Claim] = &[
    Claim(Holder, "claim-native-name", "nativeName"),
    Claim(Holder, "claim-latin-name", "latinName"),
    Claim(Holder, "claim-birth-date", "birthDate"),
    Claim(Holder, "claim-birth-place", "birthPlace"),
    Claim(Holder, "claim-sex", "sex"),
    Claim(Holder, "claim-nationality", "nationality"),
];
/// Claims of a subject.
const SUBJECT: &[Claim] = &[
    Claim(Award, "claim-licence-number", "licenseNumber"),
    Claim(Grade, "claim-credits-earned", "creditsEarned"),
    Claim(Grade, "claim-term", "term"),
    Claim(Grade, "claim-narrative", "narrative"),
    Claim(Workplace, "claim-role", "role"),
    Claim(Workplace, "claim-workplace-hours", "workplaceHours"),
    Claim(Workplace, "claim-workplace-start", "workplaceStart"),
    Claim(Workplace, "claim-workplace-end", "workplaceEnd"),
    Claim(Workplace, "claim-agreement", "agreementId"),
    Claim(Dates, "claim-activity-start", "activityStartDate"),
    Claim(Dates, "claim-activity-end", "activityEndDate"),
    Claim(Related, "claim-partner-award", "partnerAward"),
];
/// Claims of the graduation decision.
const DECISION: &[Claim] =
    &[Claim(Paper, "claim-decision-number", "number"), Claim(Paper, "claim-decision-date", "date")];
/// Claims of the paper.
const PAPER: &[Claim] = &[
    Claim(Paper, "claim-serial-number", "serialNumber"),
    Claim(Paper, "claim-register-number", "registerNumber"),
    Claim(Paper, "claim-register-date", "registerDate"),
];
/// Claims of an achievement, its name apart.
const ACHIEVEMENT: &[Claim] = &[
    Claim(Award, "claim-achievement-type", "achievementType"),
    Claim(Award, "claim-field-of-study", "fieldOfStudy"),
    Claim(Award, "claim-specialization", "specialization"),
    Claim(Award, "claim-programme-code", "humanCode"),
    Claim(Award, "claim-description", "description"),
    Claim(Award, "claim-qualification", "qualificationId"),
    Claim(Award, "claim-accreditation", "accreditation"),
    Claim(Award, "claim-delivery-mode", "deliveryMode"),
    Claim(Award, "claim-language", "inLanguage"),
    Claim(Grade, "claim-notional-hours", "notionalHours"),
    Claim(Grade, "claim-credits-available", "creditsAvailable"),
];
/// Claims of evidence.
const EVIDENCE: &[Claim] = &[
    Claim(Related, "claim-evidence", "name"),
    Claim(Related, "claim-evidence-genre", "genre"),
    Claim(Related, "claim-evidence-narrative", "narrative"),
    Claim(Related, "claim-evidence-description", "description"),
];

/// Every label a row may have; the locale files have a word for each.
pub const LABELS: &[&str] = &[
    "claim-accreditation",
    "claim-achievement-name",
    "claim-achievement-type",
    "claim-activity-end",
    "claim-activity-start",
    "claim-agreement",
    "claim-awarded-date",
    "claim-birth-date",
    "claim-birth-place",
    "claim-classification",
    "claim-country",
    "claim-credential-name",
    "claim-credits-available",
    "claim-credits-earned",
    "claim-criteria",
    "claim-decision-date",
    "claim-decision-number",
    "claim-delivery-mode",
    "claim-description",
    "claim-endorsement",
    "claim-enterprise",
    "claim-evidence",
    "claim-evidence-description",
    "claim-evidence-genre",
    "claim-evidence-narrative",
    "claim-field-of-study",
    "claim-framework-level",
    "claim-holder-name",
    "claim-institution-code",
    "claim-issuer-id",
    "claim-issuer-name",
    "claim-language",
    "claim-latin-name",
    "claim-licence-number",
    "claim-narrative",
    "claim-nationality",
    "claim-native-name",
    "claim-notional-hours",
    "claim-partial",
    "claim-partner-award",
    "claim-programme-code",
    "claim-qualification",
    "claim-record-origin",
    "claim-register-date",
    "claim-register-number",
    "claim-replaces",
    "claim-result",
    "claim-role",
    "claim-serial-number",
    "claim-sex",
    "claim-specialization",
    "claim-term",
    "claim-valid-from",
    "claim-valid-until",
    "claim-workplace-end",
    "claim-workplace-hours",
    "claim-workplace-start",
];

/// The labelled rows of a credential.
pub(super) fn rows(view: View<'_>, builder: &mut Builder) {
    let document = view.members();
    for (pointer, subject) in placed(document, "", "credentialSubject") {
        subject_rows(subject, &pointer, builder);
    }
    if is_named_like_its_achievement(view) {
        builder.tell("/name");
    } else {
        name_row(document, "", Award, "claim-credential-name", builder);
    }
    issuer_rows(view, builder);
    claims(document, "", CREDENTIAL, builder);
    for (pointer, evidence) in placed(document, "", "evidence") {
        claims(evidence, &pointer, EVIDENCE, builder);
    }
    for (pointer, endorsement) in placed(document, "", "endorsement") {
        let by = View::of(endorsement).issuer_name().or(View::of(endorsement).issuer_id()).map(cut);
        if let Some(comment) =
            endorsement.get("credentialSubject").and_then(|subject| subject.get("endorsementComment"))
        {
            let pointer = format!("{pointer}/credentialSubject/endorsementComment");
            row(Related, "claim-endorsement", by, pointer, texts(comment), builder);
        }
    }
}

fn subject_rows(subject: &Map<String, Value>, at: &str, builder: &mut Builder) {
    for (pointer, holder) in placed(subject, at, "holderIdentity") {
        claims(holder, &pointer, HOLDER, builder);
    }
    let native = subject
        .get("holderIdentity")
        .and_then(|holder| holder.get("nativeName"))
        .map(texts)
        .unwrap_or_default();
    for (pointer, identity) in placed(subject, at, "identifier") {
        let plain = identity.get("hashed") == Some(&Value::Bool(false));
        let is_name = identity.get("identityType").and_then(Value::as_str) == Some("name");
        let Some(name) = identity.get("identityHash").filter(|_| plain && is_name) else { continue };
        let place = format!("{pointer}/identityHash");
        if native.iter().any(|text| Some(text.text.as_str()) == name.as_str()) {
            // The same name again, for readers of Open Badges: one row tells both.
            builder.tell(place);
        } else {
            row(Holder, "claim-holder-name", None, place, texts(name), builder);
        }
    }
    name_row(subject, at, Holder, "claim-holder-name", builder);
    for (pointer, achievement) in placed(subject, at, "achievement") {
        achievement_rows(achievement, &pointer, builder);
    }
    for result in tables::results(subject, at, builder) {
        let bounds = result.range.map(|(least, most)| format!(" ({least}–{most})")).unwrap_or_default();
        let detail = result.name.map(|name| format!("{name}{bounds}"));
        // The leaf is marked where it stands; the row points at the results as a whole.
        let values = vec![Text { text: result.value, lang: None }];
        builder.push(
            Grade,
            Row { label: Some("claim-result"), detail, pointer: format!("{at}/result"), values },
        );
    }
    for (pointer, source) in placed(subject, at, "source") {
        name_row(source, &pointer, Workplace, "claim-enterprise", builder);
    }
    claims(subject, at, SUBJECT, builder);
    for (pointer, decision) in placed(subject, at, "graduationDecision") {
        claims(decision, &pointer, DECISION, builder);
    }
    for (pointer, paper) in placed(subject, at, "paperDocument") {
        claims(paper, &pointer, PAPER, builder);
    }
}

fn achievement_rows(achievement: &Map<String, Value>, at: &str, builder: &mut Builder) {
    name_row(achievement, at, Award, "claim-achievement-name", builder);
    for (pointer, alignment) in placed(achievement, at, "alignment") {
        let text = |member: &str| alignment.get(member).and_then(leaf);
        let (Some(framework), Some(code)) = (text("targetFramework"), text("targetCode")) else { continue };
        let is_level = alignment.get("targetType").and_then(Value::as_str) == Some("ext:FrameworkLevel");
        let label = if is_level { "claim-framework-level" } else { "claim-classification" };
        let value = match text("targetName") {
            Some(name) => format!("{code} – {name}"),
            None => code,
        };
        for told in ["targetFramework", "targetCode", "targetName", "targetType"] {
            // Only the type we know is told by the label.
            let known = matches!(
                alignment.get("targetType").and_then(Value::as_str),
                Some("ext:FrameworkLevel" | "ext:Classification")
            );
            if told != "targetType" || known {
                builder.tell(format!("{pointer}/{told}"));
            }
        }
        let values = vec![Text { text: value, lang: None }];
        builder.push(Award, Row { label: Some(label), detail: Some(framework), pointer, values });
    }
    for (pointer, criteria) in placed(achievement, at, "criteria") {
        if let Some(narrative) = criteria.get("narrative") {
            row(Award, "claim-criteria", None, format!("{pointer}/narrative"), texts(narrative), builder);
        }
    }
    claims(achievement, at, ACHIEVEMENT, builder);
}

fn issuer_rows(view: View<'_>, builder: &mut Builder) {
    match view.members().get("issuer") {
        Some(Value::Object(issuer)) => {
            name_row(issuer, "/issuer", Issuer, "claim-issuer-name", builder);
            if let Some(id) = issuer.get("id") {
                row(Issuer, "claim-issuer-id", None, "/issuer/id".to_owned(), texts(id), builder);
            }
            for (pointer, address) in placed(issuer, "/issuer", "address") {
                if let Some(code) = address.get("addressCountryCode") {
                    row(
                        Issuer,
                        "claim-country",
                        None,
                        format!("{pointer}/addressCountryCode"),
                        texts(code),
                        builder,
                    );
                }
            }
            for (pointer, entry) in placed(issuer, "/issuer", "otherIdentifier") {
                if let Some(code) = entry.get("identifier") {
                    let detail = entry.get("identifierType").and_then(leaf);
                    if detail.is_some() {
                        builder.tell(format!("{pointer}/identifierType"));
                    }
                    row(
                        Issuer,
                        "claim-institution-code",
                        detail,
                        format!("{pointer}/identifier"),
                        texts(code),
                        builder,
                    );
                }
            }
        }
        Some(id) => row(Issuer, "claim-issuer-id", None, "/issuer".to_owned(), texts(id), builder),
        None => {}
    }
}

/// Whether the credential's plain name only repeats that of the one achievement it is about.
fn is_named_like_its_achievement(view: View<'_>) -> bool {
    let name = view.text("name");
    let achievement = view.members().get("credentialSubject").and_then(|subject| subject.get("achievement"));
    name.is_some() && achievement.and_then(|one| one.get("name")).and_then(Value::as_str) == name
}

/// The name of something with its translations.
fn name_row(
    object: &Map<String, Value>,
    at: &str,
    group: GroupId,
    label: &'static str,
    builder: &mut Builder,
) {
    let Some(name) = object.get("name") else { return };
    if !is_told_by_texts(name) {
        return;
    }
    let told = object.get("nameI18n").is_none_or(is_told_by_texts);
    let values = if told { named(object) } else { texts(name) };
    if told && object.contains_key("nameI18n") {
        builder.tell(format!("{at}/nameI18n"));
    }
    row(group, label, None, format!("{at}/name"), values, builder);
}

fn claims(object: &Map<String, Value>, at: &str, claims: &[Claim], builder: &mut Builder) {
    for Claim(group, label, member) in claims {
        if let Some(value) = object.get(*member)
            && is_told_by_texts(value)
        {
            row(*group, label, None, format!("{at}/{member}"), texts(value), builder);
        }
    }
}

fn row(
    group: GroupId,
    label: &'static str,
    detail: Option<String>,
    pointer: String,
    values: Vec<Text>,
    builder: &mut Builder,
) {
    if values.is_empty() {
        return;
    }
    builder.tell(pointer.clone());
    builder.push(group, Row { label: Some(label), detail, pointer, values });
}

/// Whether [`texts`] tells everything the value says: leaves, arrays of leaves, language maps, value objects.
fn is_told_by_texts(value: &Value) -> bool {
    let flat = |value: &Value| !matches!(value, Value::Array(_) | Value::Object(_));
    let object = |map: &Map<String, Value>| {
        (1..=MAX_VALUES).contains(&map.len())
            && map.values().all(flat)
            && (!map.contains_key("@value")
                || map.keys().all(|name| matches!(name.as_str(), "@value" | "@language" | "@direction")))
    };
    match value {
        Value::Array(items) => {
            (1..=MAX_VALUES).contains(&items.len())
                && items.iter().map(|item| item.as_object().map_or(1, Map::len)).sum::<usize>() <= MAX_VALUES
                && items.iter().all(|item| flat(item) || item.as_object().is_some_and(object))
        }
        Value::Object(map) => object(map),
        _ => true,
    }
}
