//! `gcrec recover`: settling what other processes left behind in a journal.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;

use super::connection::{self, Connection, of_journal};
use super::console::Console;
use super::documents::RecoveryDocument;
use super::foreign::{brief, json, printable};
use super::{error_report, exit, under_way};
use crate::api::{Recovered, Recovery, Report};
use crate::error::Error;
use crate::journal::Reader;

/// Settle what a journal says was left open: commands without an outcome, and pauses of blocks that are no more
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The journal
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    /// Pauses that are older are listed, not lifted
    #[arg(long, value_name = "SECONDS", value_parser = connection::duration, default_value = "3600")]
    max_age: Duration,
    /// Lift them all the same, and those of other clients
    #[arg(long)]
    force: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

/// What could not be settled, and why.
struct Open {
    conversation_id: String,
    error: Option<Error>,
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    under_way::set(Some("note: what was not settled is still open in the journal: run it again.".into()));
    let recovered = recover(&args, console).await;
    under_way::set(None);
    let (mut report, open) = match recovered {
        Ok(recovered) => recovered,
        Err(error) => return error_report::end(console, &error, args.json),
    };
    if args.json {
        let still_open = open.iter().map(|one| (one.conversation_id.as_str(), one.error.as_ref()));
        console.data(&json(&RecoveryDocument::of(&report, still_open)));
    } else {
        // Those that are still open are told below, all of them.
        report.first_failures.clear();
        console.data(&error_report::report(&report));
    }
    for Open { conversation_id, error } in &open {
        let reason = error.as_ref().map_or_else(String::new, |error| error_report::in_a_shell(&error.to_string()));
        console.note(&printable(&brief(&format!("still open: {conversation_id}: {reason}"))));
    }
    if open.is_empty() {
        return exit::DONE;
    }
    let hint = if args.force {
        "Look at these calls; what is open stays so, and the same line tries again."
    } else {
        "The same line tries again. A pause that is older than --max-age, of another client, or on a call that was not \
         seen recorded is lifted only with --force."
    };
    console.complain(&format!("Not everything could be settled: {} still open.", open.len()), hint);
    // Where nothing could even be looked at, nothing is known that was not known before.
    let looked = |one: &Open| matches!(one.error, Some(Error::Proof(_)));
    let nothing = u64::try_from(open.len()).is_ok_and(|open| open == report.total());
    if nothing && !open.iter().any(looked) { exit::FAILED } else { exit::NOT_PROVEN }
}

async fn recover(args: &Args, console: &mut Console) -> Result<(Report, Vec<Open>), Error> {
    let session = args.connection.open()?;
    // A path that is mistyped must not become a journal in which nothing is open.
    let reader = Reader::open(&args.journal).map_err(|error| of_journal(&error, "Nothing was sent."))?;
    drop(reader);
    let journal = connection::opened(&args.journal)?;
    if console.is_watched() {
        console.note(&format!("Reading for {} s: so long a command may still act.", session.settle.as_secs_f64()));
    }
    let began = session.clock().now();
    let all = session.recover(&journal, Recovery { max_age: args.max_age, force: args.force }).await?;
    let elapsed = session.clock().now().saturating_sub(began);
    let open = all.iter().filter(|one| one.closed.is_none());
    let open =
        open.map(|one| Open { conversation_id: one.conversation_id.clone(), error: one.error.clone() }).collect();
    Ok((Recovered::report(all, elapsed), open))
}
