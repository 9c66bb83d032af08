//! `gcrec status`: what is recorded now.

use clap::Args as ClapArgs;

use super::arguments::Subject;
use super::connection::Connection;
use super::console::{Console, Tone};
use super::documents::StatusDocument;
use super::foreign::{json, printable};
use super::{error_report, exit};
use crate::error::Error;
use crate::model::RecordingStatus;
use crate::model::moment::utc;

/// Show whether a conversation is recorded, paused, held or stopped
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    match look(&args).await {
        Ok(status) if args.json => console.data(&json(&StatusDocument::from(&status))),
        Ok(status) => {
            let details = console.tinted(Tone::Quiet, &details(&status));
            console.data(&format!("{}: {} {details}", printable(&status.conversation_id), status.state));
        }
        Err(error) => return error_report::end(console, &error, args.json),
    }
    exit::DONE
}

async fn look(args: &Args) -> Result<RecordingStatus, Error> {
    let id = args.subject.id()?;
    args.connection.open()?.status(&id).await
}

fn details(status: &RecordingStatus) -> String {
    let call = match status.active {
        Some(true) => "the call is live, ",
        Some(false) => "the call has ended, ",
        None => "",
    };
    format!("({call}by its {}, seen {})", status.basis.word(), utc(status.observed_at))
}
