//! `testamur demo --two-countries`: Vietnam and Laos, a third witness, and everything somebody may try at a border.

mod acts;
mod attacks;
mod joint;
mod ministry;
mod node;
mod recognition;
mod stage;

use std::process::ExitCode;

use super::Failure;
use crate::cli::say;
use crate::config::Config;
use stage::Stage;

/// The folder of the drill within the data folder. It is made anew each time.
const FOLDER: &str = "two-countries";

/// Plays the drill; failure when something is not as it has to be.
pub(super) async fn run(mut config: Config, once: bool) -> Result<ExitCode, Failure> {
    config.server.data = config.server.data.join(FOLDER);
    let folder = &config.server.data;
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error).into()),
        _ => {}
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut stage = Stage::set(&config).await?;
    let [vn, la, third] = [&stage.vn, &stage.la, &stage.third].map(|node| node.app.urls.public().to_owned());
    say::line(&format!(
        "Two countries on this machine, each with a ministry, colleges, a log and a witness; a third witness beside them.\n\
         Each has pinned the other's root by its fingerprint, and cosigns the other's log.\n\
         \n  Hanoi      {vn}\n  Vientiane  {la}\n  a third    {third}\n\
         \nEverything is asked in Vientiane. The drill has a clock of its own, which begins on {}.",
        stage.now().strftime("%Y-%m-%d"),
    ));
    let papers = acts::crossing(&mut stage).await?;
    recognition::agreement(&mut stage, &papers.ha_noi).await?;
    recognition::without_agreement(&mut stage).await?;
    joint::awards(&mut stage).await?;
    acts::standing(&mut stage, &papers).await?;
    acts::stolen_key(&mut stage, &papers).await?;
    attacks::lists(&mut stage).await?;
    attacks::list_key(&mut stage).await?;
    attacks::contested(&mut stage).await?;
    attacks::fork(&mut stage).await?;
    acts::closing(&mut stage, &papers).await?;
    let (acts, failed) = stage.score();
    if failed > 0 {
        say::aside(&format!("testamur: {failed} things above are not as they have to be"));
        return Ok(ExitCode::FAILURE);
    }
    say::line(&format!("\n{acts} acts, all as they have to be."));
    if !once {
        for (of, paper) in [("Hà Nội", &papers.ha_noi), ("Vinh", &papers.vinh)] {
            let page = paper.id.map(|id| stage.vn.app.urls.credential(id)).unwrap_or_default();
            say::line(&format!("The diploma of {of:<7} {page}"));
        }
        say::line(&format!("Drop its file on       {la}/"));
        say::line(&format!("The trust lists        {vn}/trust-list  {la}/trust-list"));
        say::line("Serving the three nodes until Ctrl-C.");
        tokio::signal::ctrl_c().await?;
    }
    for node in [&mut stage.vn, &mut stage.la, &mut stage.third] {
        node.stop().await;
    }
    Ok(ExitCode::SUCCESS)
}
