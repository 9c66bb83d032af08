//! `gcrec recordings`: what was recorded of a conversation.

use clap::Args as ClapArgs;

use super::arguments::{Subject, one_of};
use super::connection::Connection;
use super::console::Console;
use super::documents::RecordingDocument;
use super::list::{Column, Form, FormArgs, List, Row};
use super::{error_report, exit, foreign};
use crate::error::Error;
use crate::model::moment::utc;
use crate::model::{MediaFormat, Recording};

/// List what was recorded of a conversation: there once it, or a part of it, is over
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Ask for the addresses of its media, in this form; it may take a while. Whoever has an address can listen
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<MediaFormat>(MediaFormat::ALL.map(MediaFormat::word)))]
    media: Option<MediaFormat>,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    connection: Connection,
}

impl Row for Recording {
    const COLUMNS: &'static [Column] = &[
        ("id", Some(36)),
        ("start_time", Some(24)),
        ("end_time", Some(24)),
        ("media", None),
        ("media_subtype", Some(8)),
        ("recording_file_role", Some(19)),
        ("file_state", Some(9)),
        ("pauses", Some(6)),
    ];

    fn cells(&self) -> Vec<String> {
        let said = |word: &Option<String>| word.clone().unwrap_or_default();
        vec![
            self.id.clone(),
            self.start_time.map(utc).unwrap_or_default(),
            self.end_time.map(utc).unwrap_or_default(),
            said(&self.media),
            said(&self.media_subtype),
            said(&self.recording_file_role),
            said(&self.file_state),
            self.pauses().len().to_string(),
        ]
    }

    fn json(&self) -> String {
        foreign::json(&RecordingDocument::from(self))
    }
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let form = args.form.form();
    match found(&args).await {
        Ok(all) => print(&all, form, console, "Nothing was recorded that is there by now.").await,
        Err(error) => error_report::end(console, &error, form == Form::Json),
    }
}

async fn found(args: &Args) -> Result<Vec<Recording>, Error> {
    let id = args.subject.id()?;
    args.connection.open()?.recordings(&id, args.media)?.await
}

/// Prints a whole list, or says of a table that it would be empty.
pub(super) async fn print<R: Row>(all: &[R], form: Form, console: &mut Console, if_none: &str) -> u8 {
    if all.is_empty() && form == Form::Table {
        console.note(if_none);
        return exit::DONE;
    }
    let mut list = List::new(console, form);
    for one in all {
        if !list.row(one).await {
            break;
        }
    }
    list.end::<R>();
    exit::DONE
}
