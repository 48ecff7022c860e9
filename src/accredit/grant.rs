//! An accreditation: a signed credential of the authority, and the grant on its list, in one commit.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{AccreditError, Decided, decided};
use crate::access::TokenRecord;
use crate::app::App;
use crate::codec::datetime::to_seconds;
use crate::credential::draft::Draft;
use crate::credential::id::CredentialId;
use crate::credential::validity::Day;
use crate::did::Did;
use crate::issue;
use crate::publish;
use crate::publish::trust::list;
use crate::registry::Member;
use crate::revoke::ACCREDITATION;
use crate::store::Change;
use crate::text::LocalizedText;
use crate::trustlist::edit::{Edit, EditError, request};

/// Most assessors of a visit.
const MAX_ASSESSORS: usize = 64;

/// What an accreditation is called where nobody says otherwise.
const NAMES: &[(&str, &str)] = &[
    ("vi", "Giấy chứng nhận đăng ký hoạt động giáo dục nghề nghiệp"),
    ("lo", "ໃບຢັ້ງຢືນການຮັບຮອງສະຖາບັນອາຊີວະສຶກສາ"),
    ("en", "Certificate of accreditation"),
];

/// Accredits an issuer that the list names.
pub(super) async fn accredit(
    app: &App,
    caller: &TokenRecord,
    authority: &Arc<Member>,
    mut asked: Map<String, Value>,
) -> Result<Decided, AccreditError> {
    request::only(&asked, "", &["issuer", "grant", "name", "evidence"])?;
    let issuer = asked.get("issuer").and_then(Value::as_str).and_then(|did| Did::parse(did).ok());
    let issuer = issuer.ok_or_else(|| EditError::wrong("/issuer", "is to be a DID"))?;
    let Some(Value::Object(mut grant)) = asked.shift_remove("grant") else {
        return Err(EditError::wrong("/grant", "is to be an object").into());
    };
    if !grant.contains_key("id") {
        let mut with_id = Map::from_iter([("id".to_owned(), Value::from(issue::random_urn()?))]);
        with_id.append(&mut grant);
        grant = with_id;
    }
    let read = request::grant(&grant)?;
    let name = match asked.get("name") {
        None => usual_name(authority),
        Some(name) => serde_json::from_value(name.clone())
            .ok()
            .filter(|name: &LocalizedText| !name.is_empty())
            .ok_or_else(|| EditError::wrong("/name", "is an object of language tags and names"))?,
    };
    let evidence = match asked.get("evidence") {
        None => Vec::new(),
        Some(Value::Object(evidence)) => evidence_of(evidence)?,
        Some(_) => return Err(EditError::wrong("/evidence", "is to be an object").into()),
    };

    let id = CredentialId::from_bytes(issue::random()?);
    let url = app.urls.credential(id);
    let draft = document(app, authority, &issuer, &grant, &name, evidence, &url)?;

    let now = to_seconds(app.now());
    let entry = json!({"standing": "granted", "since": read.from.to_string(), "recordedAt": now});
    let mut listed = grant.clone();
    listed.insert("accreditation".to_owned(), json!(url));
    listed.insert("history".to_owned(), json!([entry]));
    let _one_at_a_time = app.accrediting.lock().await;
    let edit = Edit::Grant { issuer: issuer.to_string(), grant: listed };
    let version = list::next(app, authority, vec![edit]).await?;
    let with = vec![Change::TrustPublished(version.clone())];
    let issued = issue::by_own_verb(app, caller, authority, ACCREDITATION, id, draft, with).await?;
    publish::trust::mirror(app, &authority.institution.slug).await;
    let body: Value = serde_json::from_slice(&issued.body).unwrap_or_default();
    let told = Map::from_iter([
        ("grant".to_owned(), json!(read.id)),
        ("accreditation".to_owned(), json!(issued.url)),
        ("verifiableCredential".to_owned(), body),
    ]);
    Ok(decided(app, authority, &version, told))
}

fn document(
    app: &App,
    authority: &Member,
    issuer: &Did,
    grant: &Map<String, Value>,
    name: &LocalizedText,
    evidence: Vec<Value>,
    url: &str,
) -> Result<Draft, AccreditError> {
    let now = to_seconds(app.now());
    let (language, own_name) =
        name.iter().next().map(|(tag, name)| (tag.to_string(), name.to_owned())).unwrap_or_default();
    let document = json!({
        "@context": app.urls.authority_contexts(),
        "id": url,
        "type": ["VerifiableCredential", "OpenBadgeCredential", "AccreditationCredential"],
        "name": own_name,
        "issuer": authority.institution.profile(),
        "validFrom": now,
        "awardedDate": now,
        "credentialSubject": {
            "id": issuer,
            "type": ["AchievementSubject"],
            "achievement": {
                "id": issue::random_urn()?,
                "type": ["Achievement"],
                "achievementType": "QualityAssuranceCredential",
                "name": own_name,
                "inLanguage": language,
                "description": own_name,
                "criteria": {"narrative": own_name},
                "nameI18n": name,
            },
            "grant": grant,
        },
    });
    let mut members = if let Value::Object(members) = document { members } else { Map::new() };
    if !evidence.is_empty() {
        members.insert("evidence".to_owned(), Value::Array(evidence));
    }
    Ok(Draft::from_members(members))
}

fn usual_name(authority: &Member) -> LocalizedText {
    let own = authority.institution.name.iter().next().map(|(tag, _)| tag.to_string());
    let (first, rest): (Vec<_>, Vec<_>) =
        NAMES.iter().partition(|(tag, _)| own.as_deref().is_some_and(|own| own.starts_with(tag)));
    let pairs = first.into_iter().chain(rest);
    pairs
        .filter_map(|(tag, name)| Some((crate::text::LangTag::parse(tag).ok()?, (*name).to_owned())))
        .collect()
}

/// What the decision rests on, as Open Badges evidence: `{selfAssessment: {on, url}, visit: {on, url, assessors}}`. An
/// assessor is `{name, number, from, to}`, and was authorised on the day of the visit.
fn evidence_of(asked: &Map<String, Value>) -> Result<Vec<Value>, AccreditError> {
    request::only(asked, "/evidence", &["selfAssessment", "visit"])?;
    let mut evidence = Vec::new();
    if let Some(report) = part(asked, "selfAssessment", &["on", "url"])? {
        let on = day(report, "/evidence/selfAssessment", "on")?;
        let name = format!("Self-assessment report of {on}");
        evidence.push(one(report, "/evidence/selfAssessment", "SelfAssessment", &name, None)?);
    }
    if let Some(visit) = part(asked, "visit", &["on", "url", "assessors"])? {
        let on = day(visit, "/evidence/visit", "on")?;
        let Some(Value::Array(assessors)) = visit.get("assessors") else {
            return Err(EditError::wrong("/evidence/visit/assessors", "is a list of assessors").into());
        };
        if assessors.is_empty() || assessors.len() > MAX_ASSESSORS {
            let most = format!("is from 1 to {MAX_ASSESSORS} assessors");
            return Err(EditError::wrong("/evidence/visit/assessors", most).into());
        }
        let mut told = Vec::new();
        for (index, assessor) in assessors.iter().enumerate() {
            told.push(authorised(assessor, &format!("/evidence/visit/assessors/{index}"), on)?);
        }
        let narrative = format!("Assessors, each authorised on that day: {}", told.join("; "));
        let name = format!("Visit on {on}");
        evidence.push(one(visit, "/evidence/visit", "SiteVisit", &name, Some(narrative))?);
    }
    Ok(evidence)
}

fn authorised(assessor: &Value, at: &str, on: Day) -> Result<String, AccreditError> {
    let Value::Object(assessor) = assessor else {
        return Err(EditError::wrong(at, "is to be an object").into());
    };
    request::only(assessor, at, &["name", "number", "from", "to"])?;
    let name =
        text(assessor, at, "name")?.ok_or_else(|| EditError::wrong(format!("{at}/name"), "is missing"))?;
    let from = day(assessor, at, "from")?;
    let to = if assessor.contains_key("to") { Some(day(assessor, at, "to")?) } else { None };
    if on < from || to.is_some_and(|to| to < on) {
        return Err(EditError::wrong(at, format!("was not authorised on {on}, the day of the visit")).into());
    }
    let number = text(assessor, at, "number")?.map(|number| format!(" ({number})")).unwrap_or_default();
    let until = to.map(|to| format!(" to {to}")).unwrap_or_default();
    Ok(format!("{name}{number}, authorised from {from}{until}"))
}

fn one(
    asked: &Map<String, Value>,
    at: &str,
    genre: &str,
    name: &str,
    narrative: Option<String>,
) -> Result<Value, AccreditError> {
    let mut evidence = Map::new();
    if let Some(url) = text(asked, at, "url")? {
        let is_url = crate::credential::iri::is_url(&url);
        if !is_url {
            return Err(EditError::wrong(format!("{at}/url"), "is to be a URL").into());
        }
        evidence.insert("id".to_owned(), url.into());
    }
    evidence.insert("type".to_owned(), json!(["Evidence"]));
    evidence.insert("name".to_owned(), name.into());
    evidence.insert("genre".to_owned(), genre.into());
    if let Some(narrative) = narrative {
        evidence.insert("narrative".to_owned(), narrative.into());
    }
    Ok(Value::Object(evidence))
}

fn part<'a>(
    asked: &'a Map<String, Value>,
    name: &str,
    known: &[&str],
) -> Result<Option<&'a Map<String, Value>>, AccreditError> {
    let at = format!("/evidence/{name}");
    match asked.get(name) {
        None => Ok(None),
        Some(Value::Object(part)) => {
            request::only(part, &at, known)?;
            Ok(Some(part))
        }
        Some(_) => Err(EditError::wrong(at, "is to be an object").into()),
    }
}

fn day(asked: &Map<String, Value>, at: &str, name: &str) -> Result<Day, AccreditError> {
    let day = asked.get(name).and_then(Value::as_str).and_then(|day| Day::parse(day).ok());
    Ok(day.ok_or_else(|| EditError::wrong(format!("{at}/{name}"), "is to be a date, YYYY-MM-DD"))?)
}

fn text(asked: &Map<String, Value>, at: &str, name: &str) -> Result<Option<String>, AccreditError> {
    match asked.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() && text.chars().count() <= 500 => {
            Ok(Some(text.clone()))
        }
        Some(_) => {
            Err(EditError::wrong(format!("{at}/{name}"), "is to be text, of at most 500 characters").into())
        }
    }
}
