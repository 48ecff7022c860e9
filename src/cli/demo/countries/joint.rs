//! A dual programme: two colleges in two countries make a joint award, and one half is revoked.

use serde_json::{Map, Value, json};
use url::Url;

use super::super::Failure;
use super::acts::{AWARDED, DIPLOMA};
use super::node::Node;
use super::stage::{MAX_PROOF, Paper, Stage};
use crate::codec::json;
use crate::credential::draft::Draft;
use crate::credential::endorsement;
use crate::institution::Slug;
use crate::issue::{self, Issued, Request, operator};
use crate::revoke;
use crate::store::Purpose;
use crate::verify::Code;
use crate::verify::verdict::State;

/// The two halves are made, each shown in Vientiane; then Vietnam revokes its own.
pub(super) async fn awards(stage: &mut Stage) -> Result<(), Failure> {
    stage.act("A college in Huế and one in Vientiane end a dual programme with a joint award");
    let [hue, vientiane] = pair(stage).await?;
    stage.settle().await?;
    let what = "The half from Huế, whose other half is on record in Vientiane:";
    stage.shows(what, &hue, State::Genuine, Code::PartnerConfirmed).await?;
    let what = "The half from Vientiane, whose other half is fetched from Vietnam:";
    stage.shows(what, &vientiane, State::Genuine, Code::PartnerConfirmed).await?;

    let request = revoke::Request {
        credential: hue.id.map(|id| id.to_string()).unwrap_or_default(),
        institution: None,
        purpose: Purpose::Revocation,
        value: true,
        reason: Some("Cấp nhầm (ví dụ)".to_owned()),
        successor: None,
    };
    revoke::set_status(&stage.vn.app, &operator(stage.now()), request).await?;
    // A verifier may keep a copy of a status list for as long as the list says.
    stage.pass(1).await?;
    let what = "Huế has revoked its half:";
    stage.shows(what, &hue, State::Withdrawn, Code::StatusRevoked).await?;
    let what = "The half from Vientiane, which stays valid:";
    stage.shows(what, &vientiane, State::GenuineBut, Code::PartnerRevoked).await
}

/// As docs/api.md says how two colleges make a pair.
async fn pair(stage: &Stage) -> Result<[Paper; 2], Failure> {
    let (one, other) = ((&stage.vn, &stage.hue), (&stage.la, &stage.vientiane));
    let (mut first, mut second) = (prepared(stage, one).await?, prepared(stage, other).await?);
    let id = |half: &Map<String, Value>| half.get("id").cloned().unwrap_or_default();
    let (first_id, second_id) = (id(&first), id(&second));
    for (half, partner) in [(&mut first, second_id), (&mut second, first_id)] {
        if let Some(subject) = half.get_mut("credentialSubject").and_then(Value::as_object_mut) {
            subject.insert("partnerAward".to_owned(), partner);
        }
    }
    let (to_first, to_second) = (endorsement(other, &first).await?, endorsement(one, &second).await?);
    first.insert("endorsement".to_owned(), json!([to_first]));
    second.insert("endorsement".to_owned(), json!([to_second]));
    let (first, second) = (issued(one, first).await?, issued(other, second).await?);
    for (node, _) in [one, other] {
        node.settle().await?;
    }
    let mut papers = Vec::new();
    for half in [first, second] {
        let url = Url::parse(&format!("{}/tlog-proof", half.url))?;
        let proof = stage.la.app.fetcher.get(url.as_str(), &url, MAX_PROOF, "text/plain").await?;
        papers.push(Paper { id: Some(half.id), body: half.body, proof: Some(proof.to_vec()) });
    }
    <[Paper; 2]>::try_from(papers).map_err(|_| "a pair is two".into())
}

async fn prepared(stage: &Stage, (node, college): (&Node, &Slug)) -> Result<Map<String, Value>, Failure> {
    let app = &node.app;
    let mut draft = stage.draft(DIPLOMA)?;
    draft.insert("awardedDate".to_owned(), json!(AWARDED));
    draft.insert("validFrom".to_owned(), json!(app.now().to_string()));
    draft.shift_remove("graduationDecision");
    draft.shift_remove("paperDocument");
    Ok(issue::prepare(app, &operator(app.now()), request(college, draft)).await?)
}

async fn endorsement(by: (&Node, &Slug), about: &Map<String, Value>) -> Result<Value, Failure> {
    let Value::Object(document) = json!({
        "@context": about.get("@context"), "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement of a joint award",
        "credentialSubject": {
            "id": about.get("id"), "type": ["EndorsementSubject"], "digestMultibase": endorsement::digest_of(about),
        },
    }) else {
        return Err("an endorsement is an object".into());
    };
    Ok(json::parse(&issued(by, document).await?.body)?)
}

async fn issued((node, college): (&Node, &Slug), draft: Map<String, Value>) -> Result<Issued, Failure> {
    let app = &node.app;
    Ok(issue::issue(app, &operator(app.now()), request(college, draft)).await?)
}

fn request(college: &Slug, draft: Map<String, Value>) -> Request {
    Request { draft: Draft::from_members(draft), institution: Some(college.clone()), ..Request::default() }
}
