//! The show: each document verified by the code an employer uses, and what came of it.

use std::time::Instant;

use super::Failure;
use super::cast::{Cast, Document};
use crate::app::App;
use crate::cli::{say, verify::words};
use crate::credential::Credential;
use crate::pages::qr;
use crate::verify::verdict::State;
use crate::verify::{self, Extent};

/// Verifies and tells; `false` when a verdict is not the one this demo is made to show.
pub(super) async fn perform(app: &App, cast: &Cast, started: Instant) -> Result<bool, Failure> {
    let mut as_expected = true;
    if cast.found > 0 {
        say::line(&format!("Going on with the {} documents of an earlier run.", cast.found));
    }
    for (at, document) in cast.documents.iter().enumerate() {
        let clock = Instant::now();
        let credential = Credential::parse(document.body.as_slice())?;
        let verdict = verify::credential(app, credential, Extent::Full).await;
        let took = clock.elapsed();
        if at == 0 {
            say::line(&format!(
                "First diploma verified {} ms after the start.\n",
                started.elapsed().as_millis()
            ));
        }
        let micros = took.as_micros();
        say::line(&format!("{:<22} {micros:>5} µs  {}", document.name, words(&verdict)));
        as_expected &= verdict.state == expected(document);
    }
    if let Some(document) = cast.documents.first() {
        qr_of(document);
    }
    let base = app.urls.public();
    let data = app.config.server.data.display();
    say::line(&format!(
        "\nA page to look at    {}\nThe site             {base}/\nThe documents        {data}/demo/*.json\n\
         A bearer token       {}\nWho is who           {data}/demo-institutions.json\n\
         Check offline        testamur verify --data {data} {data}/demo/diploma-vn.json",
        cast.documents.first().and_then(|document| document.url.as_deref()).unwrap_or(base),
        cast.token_file.display(),
    ));
    if !as_expected {
        say::aside("testamur: a verdict above is not the one this demo is made to show");
    }
    Ok(as_expected)
}

fn qr_of(document: &Document) {
    if let Some(url) = &document.url {
        say::line("\nThe QR on the diploma:\n");
        say::line(&qr::terminal(&url.to_ascii_uppercase()));
    }
}

fn expected(document: &Document) -> State {
    match document.name {
        "diploma-revoked" => State::Withdrawn,
        "diploma-tampered" => State::NotGenuine,
        _ => State::Genuine,
    }
}
