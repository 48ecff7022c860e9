//! `testamur recognise`: what is this award worth there? From files alone, nothing is fetched and no clock is asked; and the
//! officers' desk: queue, show, decide, replay.

mod office;
mod words;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{FAILED, Failure, say};
use crate::framework;
use crate::recognition::{self, Case, Decision, InputError, Malformed, RuleSet, Store, Verdict};

/// Longest file read, in bytes; each form has a limit of its own below it.
const MAX_FILE: u64 = 33 << 20;

/// Decide what an award is worth in another country.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Example: a diploma of Viet Nam, asked about in Laos.
  case.json
    {\"credential\": {\"verification\": \"valid\", \"status\": \"good\", \"country\": \"VN\", \"issuer\": \"college\", \"type\": \"diploma\",
                    \"framework\": \"VQF\", \"level\": 5, \"awardDate\": \"2026-06-30\", \"notionalHours\": 2760},
     \"request\": {\"country\": \"LA\", \"purpose\": \"further-study\", \"date\": \"2026-11-22\",
                 \"target\": {\"framework\": \"LNQF\", \"level\": 5}}}
  store.json
    {\"issuers\": {\"college\": {\"grants\": [{\"id\": \"g1\", \"from\": \"2019-08-01\",
                                       \"scope\": [{\"framework\": \"VQF\", \"levelMin\": 4, \"levelMax\": 5}]}]}},
     \"agreements\": [{\"id\": \"A1\", \"kind\": \"ministry\", \"state\": \"in-force\", \"from\": \"2026-10-01\", \"to\": \"2031-09-30\",
                     \"scope\": [{\"origin\": \"VN\", \"receiving\": \"LA\", \"framework\": \"VQF\", \"levelMin\": 5, \"levelMax\": 5,
                                \"purposes\": [\"further-study\"], \"automatic\": true, \"target\": \"LNQF:5\"}]}],
     \"maps\": {}}
  testamur recognise --facts case.json --store store.json --json
    {\"id\":null,\"verdict\":\"RECOGNISED_AUTOMATIC\",\"reasons\":[\"accredited.on.award.date\",\"auto.agreement:A1\"],\"level\":\"LNQF:5\",
     \"alternatives\":[]}

Many cases at once: {\"baseCredential\": {…}, \"baseRequest\": {…}, \"cases\": [{\"id\": …, \"credential\": {…}, \"request\": {…}}]};
each is laid over the base, and null takes a fact away. A fact left out is one nobody knows: it never speaks for
recognition. The day of the application is in the request: the same files give the same answer, always.

Applications at an authority: testamur recognise queue · show ID · decide ID --confirm · --replay ID (the same bytes, or 70).

Exit status: 0 decided, whatever the verdict · 64 the command line is wrong · 70 a file cannot be used: each member that
is to blame is named, and nothing is decided; of many cases the others are. The rules and every reason: docs/recognition.md."
)]
pub(super) struct Recognise {
    #[command(subcommand)]
    office: Option<Office>,
    /// The facts of an award and the request, or a file of many cases; - is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "replay", requires = "store")]
    facts: Option<PathBuf>,
    /// Issuers and their grants, agreements, and maps between frameworks
    #[arg(long, value_name = "FILE", required_unless_present = "replay")]
    store: Option<PathBuf>,
    /// The rule set with national thresholds; without it, those recognition-rules/1 begins with
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// One JSON decision a line instead of words
    #[arg(long)]
    json: bool,
    /// Decide again what was proposed on this application, from the inputs on record
    #[arg(long, value_name = "ID", conflicts_with_all = ["facts", "store", "rules"])]
    replay: Option<String>,
    #[command(flatten)]
    at: office::Desk,
}

/// What officers do.
#[derive(Debug, Subcommand)]
enum Office {
    /// List the applications that wait, the nearest deadline first
    Queue(office::Queue),
    /// Show an application, with everything that was found and decided
    Show(office::Show),
    /// Confirm what the rules propose, or say otherwise and why
    Decide(office::Decide),
}

impl Recognise {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        framework::all()?;
        match self.office {
            Some(Office::Queue(queue)) => return queue.run().await,
            Some(Office::Show(show)) => return show.run().await,
            Some(Office::Decide(decide)) => return decide.run().await,
            None => {}
        }
        if let Some(id) = &self.replay {
            return office::replay(id, &self.at, self.json).await;
        }
        let (Some(facts), Some(store)) = (&self.facts, &self.store) else {
            return Err("name the files: --facts FILE --store FILE".into());
        };
        let store = input(store, Store::parse)?;
        let rules = match &self.rules {
            Some(file) => input(file, RuleSet::parse)?,
            None => RuleSet::default(),
        };
        let cases = input(facts, |bytes| recognition::each_case(bytes, &store))?;
        let mut code = ExitCode::SUCCESS;
        for read in &cases {
            match read {
                Ok(case) => {
                    let decision = recognition::decide(&case.facts, &case.request, &store, &rules);
                    say::line(&if self.json { line(case, &decision) } else { told(case, &decision) });
                }
                // The others are decided all the same.
                Err(malformed) => {
                    code = ExitCode::from(FAILED);
                    if self.json {
                        say::line(&refused(malformed));
                    }
                    let lines =
                        malformed.problems.iter().map(|problem| format!("{}: {problem}", facts.display()));
                    say::aside(&lines.collect::<Vec<_>>().join("\n"));
                }
            }
        }
        Ok(code)
    }
}

/// A case that cannot be decided as a line of JSON: `id`, and every member that is to blame.
fn refused(malformed: &Malformed) -> String {
    let blame = malformed.problems.iter().map(|one| json!({"pointer": one.pointer, "detail": one.message}));
    json!({"id": malformed.id, "error": blame.collect::<Vec<_>>()}).to_string()
}

/// The decision as a line of JSON: `id`, `verdict`, `reasons`, `level` and `alternatives`, each of them always there.
fn line(case: &Case, decision: &Decision) -> String {
    let members = decision.to_members();
    let member = |name: &str| members.get(name).cloned();
    json!({
        "id": case.id, "verdict": member("verdict"), "reasons": member("reasons"), "level": member("level"),
        "alternatives": member("alternatives").unwrap_or_else(|| json!([])),
    })
    .to_string()
}

/// The decision in a few lines for a person.
fn told(case: &Case, decision: &Decision) -> String {
    let verdict = decision.verdict;
    let level = decision.level.as_ref().map(|level| format!(" at {level}")).unwrap_or_default();
    let head = say::paint(colour(verdict), &format!("{}{level}", words::verdict(verdict)));
    let named: Vec<&str> = case.id.iter().chain(&case.title).map(String::as_str).collect();
    let mut lines = vec![if named.is_empty() { head } else { format!("{}\n  {head}", named.join("  ")) }];
    for code in &decision.reasons {
        lines.push(format!("    {code}  {}", words::reason(code)));
    }
    for code in &decision.alternatives {
        lines.push(format!("    → {code}  {}", words::alternative(code)));
    }
    lines.join("\n")
}

fn colour(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::RecognisedAutomatic | Verdict::RecognisedFull => 32,
        Verdict::RecognisedConditional | Verdict::RecognisedPartial => 33,
        Verdict::CaseByCase | Verdict::Refer => 36,
        Verdict::NotRecognised | Verdict::NotVerified => 31,
    }
}

/// Reads a file and makes something of it; what is wrong is told with the file's name, one complaint a line.
fn input<T>(file: &Path, parse: impl FnOnce(&[u8]) -> Result<T, InputError>) -> Result<T, Failure> {
    let name = file.display();
    let failed = |error: std::io::Error| format!("{name}: {error}");
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let opened = std::fs::File::open(file).map_err(failed)?;
        opened.take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
    }
    parse(&bytes).map_err(|error| match error {
        InputError::Form(problems) => {
            let lines: Vec<_> = problems.iter().map(|problem| format!("{name}: {problem}")).collect();
            lines.join("\n").into()
        }
        error => format!("{name}: {error}").into(),
    })
}
