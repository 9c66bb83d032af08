//! `gcrec journal`: what was done to recordings, also while another process does it. Nothing here needs the network.

mod row;

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};

use self::row::EntryRow;
use super::connection::of_journal;
use super::console::Console;
use super::list::{Form, FormArgs, List};
use super::{error_report, exit};
use crate::error::Error;
use crate::journal::{Entry, JournalError, Reader};

/// Show or export a journal, also while another process writes it
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show the rows of a journal, oldest first
    Show(Show),
    /// Print all rows with all columns, as CSV unless told otherwise
    Export(Export),
}

#[derive(Debug, ClapArgs)]
struct Show {
    /// The journal
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only what is still to be settled
    #[arg(long)]
    pending: bool,
    /// Only the rows of this run
    #[arg(long, value_name = "N")]
    run: Option<u64>,
    #[command(flatten)]
    form: FormArgs,
}

#[derive(Debug, ClapArgs)]
struct Export {
    /// The journal
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print CSV, which is what it does anyway
    #[arg(long, conflicts_with = "jsonl")]
    csv: bool,
    /// Print a line of JSON for each row
    #[arg(long)]
    jsonl: bool,
}

/// The rows that are asked for.
type Rows = Box<dyn Iterator<Item = Result<Entry, JournalError>> + Send>;

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let (rows, form) = match args.what {
        What::Show(Show { file, pending, run, form }) => (rows(&file, pending, run), form.form()),
        What::Export(Export { file, jsonl, .. }) => {
            (rows(&file, false, None), if jsonl { Form::JsonLines } else { Form::Csv })
        }
    };
    let ended = match rows {
        Ok(rows) => print(rows, form, console).await,
        Err(error) => Err((error, 0)),
    };
    match ended {
        Ok(0) if form == Form::Table => console.note("There are no such rows."),
        Ok(_) => {}
        // A document that was begun cannot hold the error.
        Err((error, rows)) => return error_report::end(console, &error, form == Form::Json && rows == 0),
    }
    exit::DONE
}

fn rows(file: &Path, pending: bool, run: Option<u64>) -> Result<Rows, Error> {
    let unreadable = |error: JournalError| of_journal(&error, "");
    let reader = Reader::open(file).map_err(unreadable)?;
    let run = match run {
        None => None,
        Some(number) => {
            let runs = reader.runs().map_err(unreadable)?;
            let run = runs.into_iter().find(|run| run.id.to_string() == number.to_string());
            Some(run.ok_or_else(|| Error::Config(format!("This journal has no run {number}.")))?.id)
        }
    };
    Ok(if pending {
        let rows = reader.pending().map_err(unreadable)?.into_iter();
        Box::new(rows.filter(move |row| run.is_none() || row.run == run).map(Ok))
    } else if let Some(run) = run {
        Box::new(reader.entries_of(run))
    } else {
        Box::new(reader.entries())
    })
}

/// Gives how many rows there were; before the error, if there was one.
async fn print(rows: Rows, form: Form, console: &mut Console) -> Result<usize, (Error, usize)> {
    let mut list = List::new(console, form);
    for row in rows {
        match row {
            Ok(row) => {
                if !list.row(&EntryRow::from(row)).await {
                    break;
                }
            }
            Err(error) => return Err((of_journal(&error, ""), list.break_off())),
        }
    }
    Ok(list.end::<EntryRow>())
}
