//! `gcrec pauses`: when a conversation's recordings were paused, and why.

use clap::Args as ClapArgs;

use super::arguments::Subject;
use super::connection::Connection;
use super::console::Console;
use super::documents::PauseDocument;
use super::list::{Column, Form, FormArgs, Row};
use super::{error_report, foreign, recordings};
use crate::error::Error;
use crate::model::Pause;
use crate::model::moment::utc;

/// List the pauses in a conversation's recordings: start, end and reason (published API only)
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    connection: Connection,
}

impl Row for Pause {
    const COLUMNS: &'static [Column] = &[
        ("conversation_id", None),
        ("recording_id", Some(36)),
        ("reason", Some(11)),
        ("start", Some(24)),
        ("end", Some(24)),
        ("duration", Some(8)),
        ("basis", None),
    ];

    fn cells(&self) -> Vec<String> {
        let said = |word: &Option<String>| word.clone().unwrap_or_default();
        vec![
            self.conversation_id.clone(),
            self.recording_id.clone(),
            said(&self.reason),
            self.start.map(utc).unwrap_or_default(),
            self.end.map(utc).unwrap_or_default(),
            self.duration.map(|duration| duration.as_secs_f64().to_string()).unwrap_or_default(),
            said(&self.basis),
        ]
    }

    fn json(&self) -> String {
        foreign::json(&PauseDocument::from(self))
    }
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let form = args.form.form();
    match found(&args).await {
        Ok(all) => recordings::print(&all, form, console, "No recording that is there by now has a pause.").await,
        Err(error) => error_report::end(console, &error, form == Form::Json),
    }
}

async fn found(args: &Args) -> Result<Vec<Pause>, Error> {
    let id = args.subject.id()?;
    args.connection.open()?.pauses(&id)?.await
}
