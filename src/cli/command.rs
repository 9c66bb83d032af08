//! `gcrec start`, `stop`, `pause` and `resume`: one command, which the server takes. That is no proof that it acted.

use clap::Args as ClapArgs;

use super::arguments::{Subject, one_of};
use super::connection::Journaled;
use super::console::{Console, Tone};
use super::documents::ReceiptDocument;
use super::foreign::{json, printable};
use super::under_way::seen_to_its_end;
use super::{error_report, exit};
use crate::error::Error;
use crate::model::moment::utc;
use crate::model::{Action, Command, Receipt, Recorder};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    journaled: Journaled,
}

/// The same for a recording on demand.
#[derive(Debug, ClapArgs)]
pub(super) struct OnDemand {
    #[command(flatten)]
    args: Args,
    /// Whose recording [default: the caller's own, or else the agent's]; published API only
    #[arg(long, value_name = "ID")]
    participant: Option<String>,
    /// Which of the participant's recorders; published API only
    #[arg(
        long, value_name = "RECORDER", default_value = "participant",
        value_parser = one_of::<Recorder>(Recorder::ALL.map(Recorder::word))
    )]
    recorder: Recorder,
}

impl OnDemand {
    pub(super) async fn run(self, action: Action, console: &mut Console) -> u8 {
        let command = Command::new(action, self.participant.as_deref(), self.recorder.word());
        run(self.args, command, console).await
    }
}

pub(super) async fn run(args: Args, command: Result<Command, Error>, console: &mut Console) -> u8 {
    match send(&args, command).await {
        Ok(receipt) if args.json => console.data(&json(&ReceiptDocument::from(&receipt))),
        Ok(receipt) => {
            let Receipt { conversation_id, action, status_code, sent_at, .. } = &receipt;
            let details = console.tinted(Tone::Quiet, &format!("({status_code}, sent {})", utc(*sent_at)));
            console.data(&format!("{}: {action} accepted, not yet proven {details}", printable(conversation_id)));
        }
        Err(error) => return error_report::end(console, &error, args.json),
    }
    exit::DONE
}

async fn send(args: &Args, command: Result<Command, Error>) -> Result<Receipt, Error> {
    let (id, command) = (args.subject.id()?, command?);
    let session = args.journaled.open(|session| session.wire().check(&command)).await?;
    seen_to_its_end(id.as_str(), session.command(&id, command)?).await
}
