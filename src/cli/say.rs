//! Speaks to the person at the terminal; a closed pipe is no reason to fall over.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A line on standard output.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A line on standard error.
pub(super) fn aside(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Says why a command failed.
pub(super) fn failed(why: &str) -> ExitCode {
    aside(&format!("testamur: {why}"));
    ExitCode::from(super::FAILED)
}

/// Asks the person at the terminal, who answers `yes` or not.
///
/// # Errors
/// When there is nobody to ask.
pub(super) fn confirmed(question: &str) -> Result<bool, super::Failure> {
    if !std::io::stdin().is_terminal() {
        return Err("nobody can be asked here: say --yes when you mean it".into());
    }
    let _ = write!(std::io::stderr().lock(), "{question}\nType yes to go on: ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

/// Whether colour helps: a terminal, and nobody asked for none.
pub(super) fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Paints the text when colour helps; `code` is an SGR number.
pub(super) fn paint(code: u8, text: &str) -> String {
    if colour() { format!("\x1b[1;{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// A progress bar for work of `total` steps; silent when standard error is no terminal.
pub(super) fn progress(total: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} · {eta} left") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
