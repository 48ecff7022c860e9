//! The W3C json-ld-api tests for toRdf and expand that apply to JSON-LD 1.1, with the contexts they name at hand.

use serde_json::{Map, Value};
use std::collections::HashMap;
use testamur::jsonld::{self, HashAlgorithm, JsonLdError, Options, rdfc};

use crate::{rdfc_nquads::parse, shared};

const FOLDER: &str = "vectors/json-ld-api/tests";
const BASE: &str = "https://w3c.github.io/json-ld-api/tests/";

/// Tests left out one by one, and why. What is left out by kind (JSON-LD 1.0) is counted apart.
const EXCLUDED: &[(&str, &str)] = &[
    ("toRdf#tdi11", "rdfDirection \"compound-literal\": not normative, and no proof suite uses it"),
    ("toRdf#tdi12", "rdfDirection \"compound-literal\": not normative, and no proof suite uses it"),
];

/// Every JSON file of the suite under the URL its tests name it by: the "remote" contexts, none of which is fetched.
fn contexts() -> HashMap<String, Value> {
    let mut found = HashMap::new();
    for folder in ["", "/toRdf", "/expand", "/toRdf/c031", "/expand/c031"] {
        for file in shared::files(&format!("{FOLDER}{folder}"), ".jsonld") {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if let Ok(value) = serde_json::from_slice(&std::fs::read(&file).unwrap()) {
                let folder = folder.trim_start_matches('/');
                let slash = if folder.is_empty() { "" } else { "/" };
                found.insert(format!("{BASE}{folder}{slash}{name}"), value);
            }
        }
    }
    found
}

struct Suite {
    contexts: HashMap<String, Value>,
    passed: usize,
    failed: Vec<String>,
    older: usize,
    excluded: usize,
}

/// Runs one manifest; `agrees` compares the outcome of a positive test with the expected file's text.
fn run(
    manifest: &str,
    agrees: impl Fn(&Value, &Options<'_>, Option<&str>) -> Result<Result<(), String>, JsonLdError>,
) {
    let Some(manifest_json) = shared::json(&format!("{FOLDER}/{manifest}-manifest.jsonld")) else { return };
    let mut suite = Suite { contexts: contexts(), passed: 0, failed: Vec::new(), older: 0, excluded: 0 };
    let tests = manifest_json["sequence"].as_array().unwrap();
    for test in tests {
        let id = test["@id"].as_str().unwrap();
        let none = Map::new();
        let option = test.get("option").and_then(Value::as_object).unwrap_or(&none);
        if ["specVersion", "processingMode"]
            .iter()
            .any(|k| option.get(*k).is_some_and(|v| v == "json-ld-1.0"))
        {
            suite.older += 1;
            continue;
        }
        if EXCLUDED.iter().any(|(excluded, _)| *excluded == format!("{manifest}{id}")) {
            suite.excluded += 1;
            continue;
        }
        let text = |member: &str| {
            let name = test.get(member)?.as_str()?;
            Some(std::fs::read_to_string(shared::path(&format!("{FOLDER}/{name}"))?).unwrap())
        };
        let input: Value = serde_json::from_str(&text("input").unwrap()).unwrap();
        let own = format!("{BASE}{}", test["input"].as_str().unwrap());
        let start = option
            .get("expandContext")
            .map(|name| &suite.contexts[&format!("{BASE}{}", name.as_str().unwrap())]);
        let options = Options {
            base: Some(option.get("base").map_or(own.as_str(), |b| b.as_str().unwrap())),
            expand_context: start,
            contexts: Some(&suite.contexts),
            i18n_datatype: option.get("rdfDirection").is_some_and(|d| d == "i18n-datatype"),
            safe: false,
        };
        let outcome = agrees(&input, &options, text("expect").as_deref());
        let wanted = test.get("expectErrorCode").and_then(Value::as_str);
        match (outcome, wanted) {
            (Ok(Ok(())), None) => suite.passed += 1,
            (Err(e), Some(code)) if e.code.as_str() == code => suite.passed += 1,
            (Ok(Err(difference)), None) => suite.failed.push(format!("{id}: {difference}")),
            (Ok(_), Some(code)) => suite.failed.push(format!("{id}: no error, wanted {code}")),
            (Err(e), wanted) => suite.failed.push(format!("{id}: {e}, wanted {wanted:?}")),
        }
    }
    let Suite { passed, failed, older, excluded, .. } = suite;
    eprintln!(
        "json-ld-api {manifest}: {passed} passed, {} failed of {}; {older} for JSON-LD 1.0, {excluded} excluded",
        failed.len(),
        tests.len()
    );
    for (id, why) in EXCLUDED.iter().filter(|(id, _)| id.starts_with(manifest)) {
        eprintln!("  excluded {id}: {why}");
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(passed + older + excluded, tests.len());
}

#[test]
fn to_rdf() {
    run("toRdf", |input, options, expected| {
        let dataset = jsonld::to_rdf(input, options)?;
        let found = rdfc::canonicalize(&dataset, HashAlgorithm::Sha256)?.nquads;
        let Some(expected) = expected else { return Ok(Ok(())) };
        let expected = rdfc::canonicalize(&parse(expected), HashAlgorithm::Sha256)?.nquads;
        Ok(if found == expected { Ok(()) } else { Err(format!("found\n{found}wanted\n{expected}")) })
    });
}

#[test]
fn expand() {
    run("expand", |input, options, expected| {
        let mut found = jsonld::expand(input, options)?;
        let Some(expected) = expected else { return Ok(Ok(())) };
        let mut expected: Value = serde_json::from_str(expected).unwrap();
        settle(&mut found, false);
        settle(&mut expected, false);
        Ok(if found == expected { Ok(()) } else { Err(format!("found  {found}\n       wanted {expected}")) })
    });
}

/// JSON-LD object comparison: the order of arrays matters in `@list` (and inside JSON literals) only; members are sorted too.
fn settle(value: &mut Value, ordered: bool) {
    match value {
        Value::Object(members) => {
            if members.get("@type").is_some_and(|t| t == "@json") {
                return;
            }
            members.sort_keys();
            for (key, member) in members {
                settle(member, key == "@list");
            }
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| settle(item, false));
            if !ordered {
                items.sort_by_key(Value::to_string);
            }
        }
        _ => {}
    }
}
