//! The command line: one file a command; each parses, opens what it needs, calls a verb, and tells what happened.

mod accredit;
mod agreements;
mod demo;
mod erase;
mod files;
mod fsck;
mod institutions;
mod issue;
mod keys;
mod listing;
mod log;
mod open;
mod recognise;
mod remote;
mod revoke;
mod say;
mod serve;
mod statistics;
mod tokens;
mod trust;
mod verify;
mod witness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What the shell is told when the command line itself is wrong (sysexits.h, EX_USAGE): `verify` has other uses for 1, 2 and 3.
const USAGE: u8 = 64;

/// What the shell is told when a command could not do its work.
const FAILED: u8 = 70;

#[derive(Debug, Parser)]
#[command(name = "testamur", version, about, long_about = LONG, after_long_help = AFTER)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const LONG: &str = "\
Testamur issues, verifies and withdraws vocational credentials: diplomas, transcripts, certificates and training
records as signed JSON that anybody can check, offline, against issuers they trust.";

const AFTER: &str = "\
Begin here:
  testamur demo                            two invented colleges, their diplomas, and a page to scan
  testamur verify diploma.json             is this genuine? (offline; exit 0 yes, 1 no, 2 could not tell, 3 yes, but)

A college of your own:
  export TESTAMUR_KEYS_PASSPHRASE=…        seals the keys; keep it where the keys are not
  testamur institutions new ha-noi --name 'vi=Trường Cao đẳng Hà Nội' --name 'en=Hanoi College'
  testamur tokens new registry-office --role registrar --institution ha-noi
  testamur serve                           then POST /credentials/issue, or: testamur issue diploma.json

Settings: every one is explained in `testamur settings`; ./testamur.toml, TESTAMUR_SECTION_KEY and flags change them.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Show everything at work: two invented colleges issue, a checker verifies, then a site to scan
    Demo(demo::Demo),
    /// Serve the API, the pages and the status lists
    Serve(serve::Serve),
    /// Found and list institutions
    #[command(subcommand)]
    Institutions(institutions::Institutions),
    /// Make, list, rotate and retire signing keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Make, list and revoke the bearer tokens of the API
    #[command(subcommand)]
    Tokens(tokens::Tokens),
    /// Pin the trust lists of authorities: whose word counts here
    #[command(subcommand)]
    Trust(trust::Trust),
    /// Decide for an authority: list issuers, accredit them, change their standing
    #[command(subcommand)]
    Accredit(accredit::Accredit),
    /// Keep the registry of agreements: file, sign, change, import, report
    #[command(subcommand)]
    Agreements(agreements::Agreements),
    /// Sign drafts: each file becomes a credential on record
    Issue(issue::Issue),
    /// Revoke, suspend or restore a credential
    Revoke(revoke::Revoke),
    /// Erase the content of a record; its digest and status stay
    Erase(erase::Erase),
    /// Check credentials from files, offline
    Verify(verify::Verify),
    /// Decide what an award is worth in another country, offline; applications: queue, show, decide
    Recognise(recognise::Recognise),
    /// Count what is on record: awards, withdrawals, recognitions, agreements, activities
    Statistics(statistics::Statistics),
    /// Check the transparency log, a proof offline or the whole of it; print a proof
    Log(log::Log),
    /// Cosign the logs of others, as their witness
    #[command(subcommand)]
    Witness(witness::Witness),
    /// Read every record back and check it, proofs included
    Fsck(fsck::Fsck),
    /// Print every setting with its meaning and default
    Settings,
    /// Print the version
    Version,
}

/// Runs the command of this process's arguments.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { USAGE } else { 0 };
            // Nothing to be done when even the message cannot be written.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return say::failed(&format!("the runtime cannot start: {error}")),
    };
    match runtime.block_on(dispatch(arguments.command)) {
        Ok(code) => code,
        Err(error) => say::failed(&error.to_string()),
    }
}

/// What ends a command early: a sentence for a person.
type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn dispatch(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo(demo) => demo.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::Institutions(institutions) => institutions.run().await,
        Command::Keys(keys) => keys.run().await,
        Command::Tokens(tokens) => tokens.run().await,
        Command::Trust(trust) => trust.run().await,
        Command::Accredit(accredit) => accredit.run().await,
        Command::Agreements(agreements) => agreements.run().await,
        Command::Issue(issue) => issue.run().await,
        Command::Revoke(revoke) => revoke.run().await,
        Command::Erase(erase) => erase.run().await,
        Command::Verify(verify) => verify.run().await,
        Command::Recognise(recognise) => recognise.run().await,
        Command::Statistics(statistics) => statistics.run().await,
        Command::Log(log) => log.run().await,
        Command::Witness(witness) => witness.run(),
        Command::Fsck(fsck) => fsck.run().await,
        Command::Settings => {
            say::line(crate::config::DEFAULTS);
            Ok(ExitCode::SUCCESS)
        }
        Command::Version => {
            say::line(concat!("testamur ", env!("CARGO_PKG_VERSION")));
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
