//! What is told of an application: to officers all of it, to the applicant how it stands, of a queue nobody's name.

use serde_json::{Map, Value, json};

use super::File;
use crate::app::Waiting;

/// An application that waits, as the queue tells it: nobody's name.
pub fn waits(one: &Waiting, country: Option<&str>, today: &str) -> Value {
    json!({
        "application": one.id, "version": one.version, "state": one.state, "country": country,
        "receivedAt": one.received.map(|at| at.to_string()), "deadline": one.deadline,
        "overdue": one.deadline.as_str() < today, "purpose": one.purpose, "proposal": one.verdict,
        "origin": one.origin, "type": one.kind, "level": one.level,
    })
}

/// An application in short, as the register tells it.
pub fn brief(file: &File) -> Value {
    json!({
        "application": file.id.to_string(), "version": file.version, "state": file.state(),
        "receivedAt": file.text("/application/receivedAt"), "purpose": file.text("/application/purpose"),
        "origin": file.text("/facts/country/value"), "type": file.text("/facts/type/value"),
        "verdict": file.text("/decision/verdict"), "number": file.text("/decision/number"),
        "statement": file.text("/decision/statement"), "date": file.text("/decision/date"),
    })
}

/// Everything but what opens the applicant's page.
pub fn for_officer(file: &File) -> Value {
    let mut body = file.body.clone();
    if let Some(Value::Object(application)) = body.get_mut("application") {
        application.shift_remove("key");
        application.shift_remove("requestDigest");
    }
    let mut told = Map::from_iter([
        ("id".to_owned(), json!(file.id.to_string())),
        ("version".to_owned(), json!(file.version)),
    ]);
    told.extend(body);
    Value::Object(told)
}

/// How it stands: what was found, what was decided and why. A proposal is no decision, and officers have no names here.
pub fn for_applicant(file: &File) -> Value {
    let member = |name: &str| file.body.get(name).cloned();
    let mut told = json!({
        "state": file.state(), "deadline": member("deadline"), "receivedAt": file.text("/application/receivedAt"),
        "country": file.text("/application/country"), "purpose": file.text("/application/purpose"),
        "award": file.at("/application/award"), "facts": member("facts"),
    });
    if let Some(mut decision) = member("decision") {
        if let Some(decision) = decision.as_object_mut() {
            decision.shift_remove("officer");
        }
        told["decision"] = decision;
    }
    for name in ["sourceRevoked", "doubted"] {
        if let Some(news) = member(name) {
            told[name] = news;
        }
    }
    let events = file.body.get("events").and_then(Value::as_array);
    let public = events.into_iter().flatten().filter(|event| event["what"] != "proposed");
    told["events"] = public.map(|event| json!({"at": event["at"], "what": event["what"]})).collect();
    told
}
