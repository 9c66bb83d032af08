//! `gcrec calls`: the active voice calls.

use clap::Args as ClapArgs;

use super::connection::Connection;
use super::console::Console;
use super::documents::ConversationDocument;
use super::list::{Column, Form, FormArgs, List, Row};
use super::{error_report, exit, foreign};
use crate::api::{ActiveCalls, DAYS, Wanted};
use crate::error::Error;
use crate::model::{CallSource, Conversation};

/// List the active voice calls
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Find calls that began at most so many days ago, where they have to be searched for
    #[arg(long, value_name = "N", default_value_t = DAYS.into())]
    days: i64,
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
    let ended = match found(&args) {
        Ok(calls) => print(calls, form, console).await,
        Err(error) => Err((error, 0)),
    };
    match ended {
        Ok(0) if form == Form::Table => console.note("There is no active voice call."),
        Ok(_) => {}
        // A document that was begun cannot hold the error.
        Err((error, rows)) => return error_report::end(console, &error, form == Form::Json && rows == 0),
    }
    exit::DONE
}

fn found(args: &Args) -> Result<ActiveCalls, Error> {
    let wanted = Wanted::new(None, args.days)?;
    Ok(args.connection.open()?.active_calls(wanted))
}

/// Prints them as they are found. Gives how many there were; before the error, if there was one.
async fn print(mut calls: ActiveCalls, form: Form, console: &mut Console) -> Result<usize, (Error, usize)> {
    let mut more = calls.next().await;
    if more.is_ok() {
        tell_source(&calls, console);
    }
    if form == Form::Table && matches!(more, Ok(None)) {
        return Ok(0);
    }
    let mut list = List::new(console, form);
    loop {
        match more {
            Ok(Some(some)) => {
                for call in &some {
                    if !list.row(call).await {
                        return Ok(list.break_off());
                    }
                }
                // The next ones may take a while.
                list.flush();
            }
            Ok(None) => return Ok(list.end::<Conversation>()),
            Err(error) => return Err((error, list.break_off())),
        }
        more = calls.next().await;
    }
}

/// Says whose calls these are, where that is not plain.
pub(super) fn tell_source(calls: &ActiveCalls, console: &mut Console) {
    match calls.source().get() {
        Some(CallSource::Analytics) => {
            console
                .note("These are the calls of the whole organisation, found by a search and each confirmed by a read.");
        }
        Some(CallSource::User) => console.note("These are the calls of the user who is logged in, and nobody else's."),
        Some(CallSource::Communications) | None => {}
    }
}
