//! `gcrec ensure`: making something so, and proving it.

use std::time::Duration;

use clap::Args as ClapArgs;

use super::arguments::{Subject, one_of};
use super::connection::Journaled;
use super::console::{Console, Tone};
use super::documents::ProofDocument;
use super::foreign::{json, printable};
use super::under_way::seen_to_its_end;
use super::{error_report, exit};
use crate::api::Wish;
use crate::error::Error;
use crate::model::moment::utc;
use crate::model::{Proof, Settled, State, Target};

/// Until when it is tried, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Make a conversation recorded, paused or stopped, and prove it
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    subject: Subject,
    /// What shall be so
    #[arg(value_name = "TARGET", value_parser = one_of::<Target>(Target::ALL.map(Target::word)))]
    target: Target,
    /// End a secure pause for it, though somebody may be hearing a card number
    #[arg(long)]
    resume_paused: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    journaled: Journaled,
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    match prove(&args).await {
        Ok(proof) if args.json => console.data(&json(&ProofDocument::from(&proof))),
        Ok(proof) => {
            let word = console.tinted(Tone::Good, verdict(&proof));
            let details = console.tinted(Tone::Quiet, &details(&proof));
            console.data(&format!("{}: {}, {word} {details}", printable(&proof.conversation_id), proof.state));
        }
        Err(error) => return error_report::end(console, &error, args.json),
    }
    exit::DONE
}

async fn prove(args: &Args) -> Result<Proof, Error> {
    let id = args.subject.id()?;
    let timeout = args.journaled.connection.within(TIMEOUT);
    let wish = Wish { target: args.target, timeout, resume_paused: args.resume_paused };
    let session = args.journaled.open(|session| wish.check(session.wire())).await?;
    seen_to_its_end(id.as_str(), session.ensure(&id, wish)?).await
}

fn verdict(proof: &Proof) -> &'static str {
    match proof.settled {
        Settled::Proven => "proven",
        Settled::Already => "already so",
        Settled::Ended => "for the call has ended",
    }
}

fn details(proof: &Proof) -> String {
    let Proof { commands_sent, polls, elapsed, observed_at, .. } = proof;
    let before = proof.before.map_or("nothing", State::word);
    let seconds = elapsed.as_secs_f64();
    format!(
        "(before: {before}; commands sent: {commands_sent}; reads: {polls}; {seconds:.2} s; seen {})",
        utc(*observed_at)
    )
}
