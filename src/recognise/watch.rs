//! Looks again at the awards behind decisions, and reminds officers of what is due.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::again::{self, Rests};
use super::facts::{facts, status_of};
use super::file::File;
use super::receive::deadline;
use super::{RecogniseError, authorities, day_of, decide, register};
use crate::app::{App, Queue, Waiting};
use crate::codec::json;
use crate::credential::Credential;
use crate::credential::view::{CONTEXT_V2, each};
use crate::institution::Slug;
use crate::registry::Member;
use crate::store::{Change, Cursor, Filing, FilingErasure, Register};
use crate::verify::{self, Beside, Extent};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(60);
/// Most awards looked at in one go: with a look a minute, some ninety thousand a day.
const AT_ONCE: usize = 64;
/// How long what was taken back is kept.
const WITHDRAWN_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// What a file says of news: of the award itself, and of what else the decision rests on.
const MARKS: [&str; 2] = ["sourceRevoked", "doubted"];
/// Who acts here.
const WATCH: &str = "watch";

/// How far a round through the register of an authority has come.
#[derive(Debug, Default)]
pub struct Round {
    begun: Option<Timestamp>,
    after: Option<Cursor>,
    going: bool,
    /// The applications were gone through; now what was recognised and has no file any more.
    left: bool,
}

/// Goes on with a round, or begins the next where the last began long enough ago; tells how many applications were reopened
/// or settled by what was found.
///
/// # Errors
/// The store. An award that cannot be looked at now is passed over: the next round looks again.
pub async fn look(
    app: &App,
    authority: &Member,
    round: &mut Round,
    most: usize,
) -> Result<usize, RecogniseError> {
    let now = app.now();
    if !round.going {
        let due = |begun: Timestamp| now.duration_since(begun) >= app.config.recognition.look_again;
        if !round.begun.is_none_or(due) {
            return Ok(0);
        }
        (round.begun, round.after, round.going, round.left) = (Some(now), None, true, false);
    }
    let (mut looked, mut changed) = (0, 0);
    while looked < most {
        let slug = &authority.institution.slug;
        let which = if round.left { Register::Recognised } else { Register::Application };
        let page = app.store.filings(slug, which, round.after, AT_ONCE).await?;
        for filing in &page.items {
            if round.left {
                let (was_looked, news) = left(app, filing).await?;
                (looked, changed) = (looked + usize::from(was_looked), changed + usize::from(news));
                continue;
            }
            let Ok(file) = File::of(filing) else { continue };
            if file.state() == "withdrawn" {
                looked += usize::from(let_go(app, &file, now).await?);
                continue;
            }
            if file.body.contains_key("decision")
                && matches!(file.state(), "decided" | "reopened" | "appealed")
            {
                looked += 1;
                match news(app, authority, file).await {
                    Ok(news) => changed += usize::from(news),
                    // Somebody acts on it at this moment.
                    Err(RecogniseError::Moved) => {}
                    Err(error) => {
                        tracing::warn!(application = filing.id, %error, "an award cannot be looked at again");
                    }
                }
            }
        }
        round.after = page.next;
        if round.after.is_none() {
            round.going = !round.left;
            if round.left {
                break;
            }
            round.left = true;
        }
    }
    Ok(changed)
}

/// Erases what its applicant took back a while ago: nobody needs it any more. Says whether it did.
async fn let_go(app: &App, file: &File, now: Timestamp) -> Result<bool, RecogniseError> {
    let events = file.at("/events").and_then(Value::as_array);
    let last = events.and_then(|events| events.last()?.get("at")?.as_str()?.parse::<Timestamp>().ok());
    if last.is_none_or(|last| now.duration_since(last) < WITHDRAWN_KEPT) {
        return Ok(false);
    }
    let erasure = FilingErasure {
        institution: file.authority.clone(),
        register: Register::Application,
        id: file.id.to_string(),
        at: now,
        actor: WATCH.to_owned(),
        reason: "withdrawn by its applicant".to_owned(),
    };
    app.commit(vec![Change::FilingErased(erasure)]).await?;
    Ok(true)
}

/// Looks at the award of a decision, and at what else it rests on; says whether there was news.
async fn news(app: &App, authority: &Member, mut file: File) -> Result<bool, RecogniseError> {
    let damaged = |_| RecogniseError::Damaged(file.id.to_string());
    let text = file.text("/credential").unwrap_or_default().to_owned();
    let credential = Credential::parse(text.into_bytes()).map_err(damaged)?;
    let proof = file.text("/tlogProof").map(|proof| proof.as_bytes().to_vec());
    let beside = Beside { tlog_proof: proof, ..Beside::default() };
    let verdict = verify::credential_with(app, credential, beside, Extent::Full).await;
    let found = facts(&verdict);
    let told = |name: &str| found.get(name).and_then(|fact| fact.get("value")?.as_str());
    let withdrawn = match (told("verification"), told("status")) {
        (Some("invalid"), _) => Some("invalid"),
        (_, Some(status @ ("revoked" | "replaced" | "suspended"))) => Some(status),
        _ => None,
    };
    let recognised = file.text("/decision/verdict").is_some_and(|verdict| verdict.starts_with("RECOGNISED"));
    let now = app.now();
    let seen = day_of(app, now);
    let before = MARKS.map(|mark| file.body.contains_key(mark));
    let mut news = Vec::new();
    match withdrawn {
        Some(status) if file.text("/sourceRevoked/status") != Some(status) => {
            file.set("sourceRevoked", json!({"status": status, "seen": seen}));
            news.push(status.to_owned());
        }
        None if is_over(file.text("/sourceRevoked/status"), told("verification"), told("status")) => {
            file.body.shift_remove("sourceRevoked");
        }
        // What cannot be found out is no news.
        _ => {}
    }
    // Of what its issuer has withdrawn nobody asks what else it rests on; nor where nothing was recognised.
    if withdrawn.is_none() && recognised {
        match again::rests(app, authority, &file, &verdict, &found)? {
            Rests::Less(reasons) => {
                // What was told once stays told: it may come and go for as long as anything is in doubt.
                let mut known = each(file.at("/doubted/reasons")).to_vec();
                news.extend(reasons.into_iter().filter(|reason| known.iter().all(|known| known != reason)));
                if !news.is_empty() {
                    known.extend(news.iter().map(|reason| json!(reason)));
                    file.set("doubted", json!({"seen": seen, "reasons": known}));
                }
            }
            Rests::Still => _ = file.body.shift_remove("doubted"),
            Rests::Unknown => {}
        }
    }
    let marked = MARKS.map(|mark| file.body.contains_key(mark));
    if news.is_empty() && marked == before {
        return Ok(false);
    }
    if !news.is_empty() && recognised {
        decide::renewed(app, authority, &mut file).await?;
        // An appeal goes on, with its own deadline, and knows of it.
        if file.state() != "appealed" {
            file.set("state", "reopened");
            file.set("deadline", deadline(app, now));
        }
        let what = if withdrawn.is_some() { "reopened" } else { "doubted" };
        file.tell(now, WATCH, what, Some(&news.join(", ")));
    } else if marked == [false; 2] {
        let what = if before[0] { "restored" } else { "settled" };
        if file.state() == "appealed" {
            decide::renewed(app, authority, &mut file).await?;
            file.tell(now, WATCH, what, None);
        } else if file.state() == "reopened" {
            file.restore_basis();
            file.set("state", "decided");
            file.tell(now, WATCH, what, None);
        }
    } else if recognised {
        // One trouble is over, and the other is not.
        decide::renewed(app, authority, &mut file).await?;
    }
    let mut changes = vec![file.filed(now, WATCH)];
    changes.extend(register::marked(app, &file, now, WATCH).await?);
    app.commit(changes).await?;
    tracing::info!(application = %file.id, news = news.join(", "), "news of an award that was decided on");
    Ok(true)
}

/// Whether what became of the award is over: good is a status that was set, whatever else could not be found out (an award
/// that was checked by hand never was valid); and of what was not its issuer's, the signature.
fn is_over(told: Option<&str>, verification: Option<&str>, status: Option<&str>) -> bool {
    match told {
        None => false,
        Some("invalid") => verification == Some("valid"),
        Some(_) => status == Some("good"),
    }
}

/// Looks at the status of an award that was recognised and whose applications were all erased, by where it is kept: the page of
/// the statement goes on saying what became of it. Says whether it looked, and whether there was news.
async fn left(app: &App, filing: &Filing) -> Result<(bool, bool), RecogniseError> {
    let body = filing.body.as_deref().and_then(|body| json::parse(body).ok());
    let Some(Value::Object(mut body)) = body else { return Ok((false, false)) };
    let mut recognised = false;
    for statement in each(body.get("statements")) {
        let text = |name: &str| statement.get(name).and_then(Value::as_str).unwrap_or_default();
        recognised |= text("verdict").starts_with("RECOGNISED");
        for id in register::answered(statement) {
            let file = app.store.filing(&filing.institution, Register::Application, id, None).await?;
            if file.is_some_and(|file| file.body.is_some()) {
                return Ok((false, false));
            }
        }
    }
    let of =
        |name: &str| body.get("source").and_then(|source| source.get(name)).filter(|value| !value.is_null());
    let (Some(issuer), Some(status), true) = (of("issuer"), of("status"), recognised) else {
        return Ok((false, false));
    };
    // Nothing of the award is left but where its status is kept: no signature is to be asked about it.
    let mut document = json!({
        "@context": [CONTEXT_V2], "type": ["VerifiableCredential"], "issuer": issuer,
        "credentialSubject": {"type": "AchievementSubject"}, "credentialStatus": status,
    });
    if let Some(id) = of("id") {
        document["id"] = id.clone();
    }
    let Ok(credential) = Credential::parse(document.to_string().into_bytes()) else {
        return Ok((true, false));
    };
    let now_is = match status_of(&verify::credential(app, credential, Extent::Full).await) {
        "good" => None,
        // What cannot be found out is no news.
        "unknown" => return Ok((true, false)),
        worse => Some(worse),
    };
    let told = body.get("sourceRevoked").and_then(|told| told.get("status")?.as_str());
    // What was found of its signature or its institution, its status says nothing about.
    if told == now_is || now_is.is_none() && !matches!(told, Some("suspended")) {
        return Ok((true, false));
    }
    let now = app.now();
    match now_is {
        Some(status) => {
            body.insert("sourceRevoked".to_owned(), json!({"status": status, "seen": day_of(app, now)}));
        }
        None => _ = body.shift_remove("sourceRevoked"),
    }
    let marked = Filing {
        version: filing.version + 1,
        at: now,
        actor: WATCH.to_owned(),
        body: Some(Value::Object(body).to_string().into_bytes()),
        ..filing.clone()
    };
    match app.commit(vec![Change::Filed(Box::new(marked))]).await.map_err(RecogniseError::from) {
        Ok(_) => {}
        Err(RecogniseError::Moved) => return Ok((true, false)),
        Err(error) => return Err(error),
    }
    tracing::warn!(
        award = filing.id,
        status = now_is.unwrap_or("good"),
        "news of an award whose applications were erased"
    );
    Ok((true, true))
}

/// What waits at an authority: all, due soon, and overdue.
pub fn due(app: &App, queue: &Queue<'_>, authority: &Slug) -> (Vec<Waiting>, Vec<Waiting>, Vec<Waiting>) {
    let waiting = queue.of(authority);
    let now = app.now();
    let today = day_of(app, now);
    let soon =
        now.checked_add(app.config.recognition.remind).map_or_else(|_| today.clone(), |at| day_of(app, at));
    let overdue = waiting.iter().filter(|one| one.deadline < today).cloned().collect();
    let near = waiting.iter().filter(|one| one.deadline >= today && one.deadline <= soon).cloned().collect();
    (waiting, near, overdue)
}

/// Looks and reminds until the task is dropped; each application is spoken of once when it is due soon, once when it is over.
pub async fn keep_looking(app: Arc<App>) {
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut rounds: std::collections::HashMap<Slug, Round> = Default::default();
    let mut told = HashSet::new();
    loop {
        tick.tick().await;
        for member in authorities(&app) {
            let slug = member.institution.slug.clone();
            let round = rounds.entry(slug.clone()).or_default();
            if let Err(error) = look(&app, &member, round, AT_ONCE).await {
                tracing::error!(authority = %slug, %error, "the awards decided on cannot be looked at again");
            }
            match app.waiting().await {
                Ok(queue) => remind(&app, &queue, &slug, &mut told),
                Err(error) => tracing::error!(%error, "the applications that wait cannot be read"),
            }
        }
    }
}

fn remind(app: &App, queue: &Queue<'_>, authority: &Slug, told: &mut HashSet<(String, String, bool)>) {
    let (waiting, near, overdue) = due(app, queue, authority);
    for (some, over) in [(&near, false), (&overdue, true)] {
        for one in some {
            if !told.insert((one.id.clone(), one.deadline.clone(), over)) {
                continue;
            }
            let (application, deadline) = (&one.id, &one.deadline);
            if over {
                tracing::error!(%authority, application, deadline, "an application is OVERDUE");
            } else {
                tracing::warn!(%authority, application, deadline, "an application is due soon");
            }
        }
    }
    // What waits no more is not spoken of again, and not remembered.
    if told.len() > 2 * waiting.len() + 1_000 {
        let still: HashSet<_> = waiting.iter().map(|one| &one.id).collect();
        told.retain(|(id, ..)| still.contains(id));
    }
}
