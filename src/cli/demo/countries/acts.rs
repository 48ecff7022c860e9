//! What happens to honest people, and what those try who are not: each act tells what was tried and what was said.

use serde_json::json;

use super::super::Failure;
use super::ministry;
use super::stage::{Paper, Stage};
use crate::accredit::Decision;
use crate::administer;
use crate::issue::operator;
use crate::revoke;
use crate::store::Purpose;
use crate::verify::Code;
use crate::verify::verdict::State;

pub(super) const DIPLOMA: &str = include_str!("../diploma-vn.json");
const COURSE: &str = include_str!("../micro-credential.json");
/// When the diplomas of the year were awarded: before anything of what follows.
pub(super) const AWARDED: Option<&str> = Some("2026-06-30T00:00:00Z");

/// What the later acts need of the earlier ones.
pub(super) struct Papers {
    /// Of the college in Hà Nội, logged while all was well.
    pub(super) ha_noi: Paper,
    /// Of the college in Vinh.
    pub(super) vinh: Paper,
}

/// A diploma crosses the border, and its college gets a new key.
pub(super) async fn crossing(stage: &mut Stage) -> Result<Papers, Failure> {
    let (ha_noi, vinh) = (stage.ha_noi.clone(), stage.vinh.clone());
    stage.act("A Vietnamese diploma is shown in Vientiane");
    let papers = Papers {
        ha_noi: stage.issue(&ha_noi, DIPLOMA, AWARDED).await?,
        vinh: stage.issue(&vinh, DIPLOMA, AWARDED).await?,
    };
    stage.la.refresh("VN").await?;
    stage.shows("The node in Hanoi answers:", &papers.ha_noi, State::Genuine, Code::LogIncluded).await?;
    stage.vn.stop().await;
    let what = "The node in Hanoi is off the net; list, log proof and status are what was exchanged before:";
    stage.shows(what, &papers.ha_noi, State::Genuine, Code::AccreditedOnAwardDate).await?;
    stage.vn.start()?;

    stage.act("The college gets a new key");
    stage.pass(3).await?;
    administer::new_key(&stage.vn.app, &operator(stage.now()), &ha_noi, true).await?;
    let key = "A diploma signed with a key that only the college itself vouches for:";
    let newer = stage.issue(&ha_noi, DIPLOMA, AWARDED).await?;
    stage.la.refresh("VN").await?;
    stage.shows(key, &newer, State::CouldNotBeChecked, Code::IssuerKeyNotListed).await?;
    let college = ministry::did(&stage.vn.app, &ha_noi)?;
    stage.moet.decide(&stage.vn.app, Decision::Issuer, json!({"id": college})).await?;
    stage.settle().await?;
    stage
        .shows("The diploma signed with the old one:", &papers.ha_noi, State::Genuine, Code::IssuerKeyListed)
        .await?;
    let what = "The one signed with the new key, once the ministry has listed it:";
    stage.shows(what, &newer, State::Genuine, Code::IssuerKeyListed).await?;

    stage.act("Somebody signs with the old key, dates the signature back, and keeps it out of the log");
    stage.pass(1).await?;
    let (_, old) = stage.key(&ha_noi, 0)?;
    let forged =
        stage.forge(&papers.ha_noi, old.as_ref(), stage.now() - jiff::SignedDuration::from_hours(30))?;
    stage.shows("The forged diploma:", &forged, State::CouldNotBeChecked, Code::KeyRetiredUnlogged).await?;
    Ok(papers)
}

/// The college loses its accreditation, and goes on.
pub(super) async fn standing(stage: &mut Stage, papers: &Papers) -> Result<(), Failure> {
    let ha_noi = stage.ha_noi.clone();
    stage.act("The accreditation for diplomas is withdrawn");
    stage.pass(9).await?;
    let withdrawn = json!({"grant": stage.grants.diplomas, "standing": "withdrawn", "reason": "Quá hạn khắc phục (ví dụ)"});
    stage.moet.decide(&stage.vn.app, Decision::Standing, withdrawn).await?;
    stage.settle().await?;
    let what = "A diploma the log has seen before:";
    stage.shows(what, &papers.ha_noi, State::GenuineBut, Code::AccreditationWithdrawnLater).await?;
    stage.pass(1).await?;
    let newer = stage.issue(&ha_noi, DIPLOMA, Some(&stage.today())).await?;
    let code = Code::AccreditationWithdrawn;
    stage.shows("A diploma awarded the day after:", &newer, State::NotGenuine, code).await?;

    stage.act("A hundred days later the college dates awards back");
    stage.pass(100).await?;
    let diploma = stage.issue(&ha_noi, DIPLOMA, AWARDED).await?;
    let code = Code::AwardRegisteredOutOfStanding;
    stage.shows("A diploma, to before the withdrawal:", &diploma, State::NotGenuine, code).await?;
    let course = stage.issue(&ha_noi, COURSE, Some("2026-07-10T00:00:00Z")).await?;
    let what = "A course, to before its accreditation simply ran out:";
    stage.shows(what, &course, State::NotGenuine, code).await
}

/// A college's key is stolen.
pub(super) async fn stolen_key(stage: &mut Stage, papers: &Papers) -> Result<(), Failure> {
    stage.act("The signing key of the college in Vinh is stolen and used");
    let (vinh, since) = (stage.vinh.clone(), stage.now());
    let (name, stolen) = stage.key(&vinh, 0)?;
    stage.pass(2).await?;
    let forged =
        stage.forge(&papers.vinh, stolen.as_ref(), since - jiff::SignedDuration::from_hours(24 * 60))?;
    let caller = operator(stage.now());
    administer::new_key(&stage.vn.app, &caller, &vinh, false).await?;
    administer::retire_key(&stage.vn.app, &caller, &vinh, &name, Some(since)).await?;
    let college = ministry::did(&stage.vn.app, &vinh)?;
    stage.moet.decide(&stage.vn.app, Decision::Issuer, json!({"id": college})).await?;
    stage.settle().await?;
    stage
        .shows(
            "A diploma the log has seen before the theft:",
            &papers.vinh,
            State::Genuine,
            Code::LogIncluded,
        )
        .await?;
    let what = "The thief's, dated back to before it:";
    stage.shows(what, &forged, State::CouldNotBeChecked, Code::ProofKeyRevoked).await
}

/// The college closes.
pub(super) async fn closing(stage: &mut Stage, papers: &Papers) -> Result<(), Failure> {
    stage.act("The college in Vinh closes; the one in Huế keeps its register");
    stage.pass(1).await?;
    let (app, caller) = (stage.vn.app.clone(), operator(stage.now()));
    let handover =
        administer::close(&app, &caller, &stage.vinh, &stage.hue, Some("Sáp nhập (ví dụ)")).await?;
    for entry in handover {
        let successor = &entry["successor"];
        let mirrors: Vec<_> = successor["statusMirror"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| {
                json!({
                    "prefix": one["prefix"], "mirror": one["mirror"],
                    "key": one["trustedKey"]["id"], "notBefore": one["trustedKey"]["notBefore"],
                })
            })
            .collect();
        let asked = json!({
            "issuer": entry["id"], "successor": successor["id"], "since": successor["since"], "statusMirror": mirrors,
        });
        stage.moet.decide(&app, Decision::Successor, asked).await?;
    }
    stage.settle().await?;
    let paper = &papers.vinh;
    stage.shows("Its diploma:", paper, State::Genuine, Code::IssuerClosed).await?;
    let request = revoke::Request {
        credential: paper.id.map(|id| id.to_string()).unwrap_or_default(),
        institution: None,
        purpose: Purpose::Revocation,
        value: true,
        reason: Some("Cấp nhầm (ví dụ)".to_owned()),
        successor: None,
    };
    revoke::set_status(&app, &caller, request).await?;
    // A verifier may keep a copy of a status list for as long as the list says.
    stage.pass(1).await?;
    stage
        .shows("The same, once its keeper has revoked it:", paper, State::Withdrawn, Code::StatusRevoked)
        .await
}
