//! What an applicant does with an application: appeals against a decision, or takes the application back. And its end.

use super::RecogniseError;
use super::asked::MAX_NOTE;
use super::file::File;
use super::receive::{APPLICANT, deadline};
use crate::access::{Act, TokenRecord};
use crate::app::App;
use crate::credential::id::CredentialId;
use crate::revoke::MAX_REASON;
use crate::store::{Change, FilingErasure, Register};

/// An application that the secret opens.
///
/// # Errors
/// One shape of nothing for what is not there and what the secret does not open.
pub async fn opened(app: &App, id: CredentialId, secret: &str) -> Result<File, RecogniseError> {
    let file = File::find(app, id).await?;
    if file.opens(secret) { Ok(file) } else { Err(RecogniseError::NotFound) }
}

/// The applicant appeals: an officer looks again, within a deadline that begins anew.
///
/// # Errors
/// There is no decision to appeal against, or no reason.
pub async fn appeal(app: &App, id: CredentialId, secret: &str, reason: &str) -> Result<File, RecogniseError> {
    let mut file = opened(app, id, secret).await?;
    if file.state() != "decided" {
        let because = "an appeal is against a decision";
        return Err(RecogniseError::State { state: file.state().to_owned(), because });
    }
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_NOTE {
        let detail =
            format!("is missing, or longer than {MAX_NOTE} characters: what is to be looked at again");
        return Err(RecogniseError::member("/reason", detail));
    }
    let now = app.now();
    file.set("state", "appealed");
    file.set("deadline", deadline(app, now));
    file.tell(now, APPLICANT, "appealed", Some(reason));
    app.commit(vec![file.filed(now, APPLICANT)]).await?;
    file.version += 1;
    Ok(file)
}

/// The applicant takes the application back while nothing is decided.
///
/// # Errors
/// It is decided, or taken back already.
pub async fn withdraw(app: &App, id: CredentialId, secret: &str) -> Result<File, RecogniseError> {
    let mut file = opened(app, id, secret).await?;
    if matches!(file.state(), "decided" | "withdrawn" | "reopened") || file.body.contains_key("decision") {
        let because = "only what is not decided can be taken back";
        return Err(RecogniseError::State { state: file.state().to_owned(), because });
    }
    let now = app.now();
    file.set("state", "withdrawn");
    file.tell(now, APPLICANT, "withdrawn", None);
    app.commit(vec![file.filed(now, APPLICANT)]).await?;
    file.version += 1;
    Ok(file)
}

/// Erases an application with all its versions: the award, the applicant, what was decided from. The statement stays, and
/// says nothing of the person.
///
/// # Errors
/// The caller may not, or gives no reason.
pub async fn erase(
    app: &App,
    caller: &TokenRecord,
    id: CredentialId,
    reason: &str,
) -> Result<(), RecogniseError> {
    let file = File::find(app, id).await?;
    if !caller.allows(Act::Erase, &file.authority) {
        return Err(RecogniseError::NotFound);
    }
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON {
        return Err(RecogniseError::member("/reason", "is missing, or too long: it stays on record"));
    }
    let erasure = FilingErasure {
        institution: file.authority,
        register: Register::Application,
        id: id.to_string(),
        at: app.now(),
        actor: caller.label.clone(),
        reason: reason.to_owned(),
    };
    app.commit(vec![Change::FilingErased(erasure)]).await?;
    Ok(())
}
