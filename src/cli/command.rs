//! `gcrec start`, `stop`, `pause` and `resume`: one command, which the server takes. That is no proof that it acted.

use clap::Args as ClapArgs;

use super::connection::Journaled;
use super::console::{Console, Tone};
use super::documents::ReceiptDocument;
use super::foreign::{json, printable};
use super::under_way::seen_to_its_end;
use super::{error_report, exit};
use crate::error::Error;
use crate::model::moment::utc;
use crate::model::{Action, ConversationId, Receipt};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The conversation; after -- if it begins with a -
    #[arg(value_name = "ID")]
    conversation: String,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    journaled: Journaled,
}

pub(super) async fn run(args: Args, action: Action, console: &mut Console) -> u8 {
    match send(&args, action).await {
        Ok(receipt) if args.json => console.data(&json(&ReceiptDocument::from(&receipt))),
        Ok(receipt) => {
            let Receipt { conversation_id, status_code, sent_at, .. } = &receipt;
            let details = console.tinted(Tone::Quiet, &format!("({status_code}, sent {})", utc(*sent_at)));
            console.data(&format!("{}: {action} accepted, not yet proven {details}", printable(conversation_id)));
        }
        Err(error) => return error_report::end(console, &error, args.json),
    }
    exit::DONE
}

async fn send(args: &Args, action: Action) -> Result<Receipt, Error> {
    let id: ConversationId = args.conversation.parse()?;
    let session = args.journaled.open(|session| session.wire().check(&action.into())).await?;
    seen_to_its_end(id.as_str(), session.command(&id, action.into())?).await
}
