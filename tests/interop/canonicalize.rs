//! Reads JSON documents from standard input, one a line, and answers each with one line:
//! `{"nquads": "…"}` (RDFC-1.0, safe mode) or `{"error": "…"}`. The interop tests hold it against jsonld.js.

use std::io::{self, BufRead as _, Write as _};

use serde_json::{Value, json};
use testamur::{codec, jsonld};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match canonicalize(line?.as_bytes()) {
            Ok(nquads) => json!({ "nquads": nquads }),
            Err(error) => json!({ "error": error }),
        };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn canonicalize(line: &[u8]) -> Result<String, String> {
    match codec::json::parse(line) {
        Ok(Value::Object(document)) => {
            jsonld::canonicalize(&document, &[]).map_err(|error| error.to_string())
        }
        Ok(_) => Err("not an object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
