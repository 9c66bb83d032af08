//! `gcrec calls`: the active voice calls.

use clap::Args as ClapArgs;

use super::connection::Connection;
use super::console::Console;
use super::documents::ConversationDocument;
use super::list::{Column, Form, FormArgs, List, Row};
use super::{error_report, exit, foreign};
use crate::error::Error;
use crate::model::Conversation;

/// List the active voice calls
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    connection: Connection,
}

/// Who takes part is told by purpose. Names and numbers are in the JSON forms only, in the server's own words.
impl Row for Conversation {
    const COLUMNS: &'static [Column] = &[
        ("id", Some(36)),
        ("state", Some(6)),
        ("media", None),
        ("direction", Some(9)),
        ("started_at", Some(24)),
        ("participants", Some(0)),
    ];

    fn cells(&self) -> Vec<String> {
        let said = |word: &Option<String>| word.clone().unwrap_or_default();
        let purposes: Vec<_> = self.participants.iter().filter_map(|one| one.purpose.as_deref()).collect();
        let participants = purposes.join(" ");
        vec![
            self.id.clone(),
            said(&self.state),
            said(&self.media),
            said(&self.direction),
            said(&self.started_at),
            participants,
        ]
    }

    fn json(&self) -> String {
        foreign::json(&ConversationDocument::from(self))
    }
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let form = args.form.form();
    let calls = match found(&args).await {
        Ok(calls) => calls,
        Err(error) => return error_report::end(console, &error, form == Form::Json),
    };
    if calls.is_empty() && form == Form::Table {
        console.note("There is no active voice call.");
        return exit::DONE;
    }
    let mut list = List::new(console, form);
    for call in &calls {
        if !list.row(call).await {
            break;
        }
    }
    list.end::<Conversation>();
    exit::DONE
}

async fn found(args: &Args) -> Result<Vec<Conversation>, Error> {
    args.connection.open()?.active_calls()?.await
}
