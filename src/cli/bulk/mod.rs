//! `gcrec bulk`: the same command, or the same wish, for many conversations.
//!
//! Rows and reports are data, for stdout; a reader that leaves (`| head`) ends the rows, never the work.

mod ids;
mod row;
mod running;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args as ClapArgs};

use self::ids::Ids;
use self::running::{Ended, Parts, Rows, Running};
use super::connection::Journaled;
use super::console::Console;
use super::documents::ReportDocument;
use super::foreign::json;
use super::list::{Form, Sheet};
use super::outlet::Outlet;
use super::{calls, error_report, exit, under_way};
use crate::api::{BulkOptions, OutcomeKind, Report, Wanted, Wish};
use crate::client::Session;
use crate::error::Error;
use crate::model::{Action, Target};

/// Until when each is tried, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Do the same to many conversations, or make the same so for each and prove it
#[derive(Debug, ClapArgs)]
#[command(
    group = ArgGroup::new("conversations").required(true).multiple(false),
    override_usage = "gcrec bulk [OPTIONS] <ACTION_OR_TARGET> <IDS|--file <FILE>|--all-active>",
)]
pub(super) struct Args {
    /// What is sent, or what shall be so
    #[arg(value_name = "ACTION_OR_TARGET", value_parser = jobs())]
    job: Job,
    /// The conversations; after -- if one begins with a -
    #[arg(value_name = "IDS", group = "conversations")]
    ids: Vec<String>,
    /// Read the ids from FILE, one a line, or from stdin if it is -; blank lines and # comments are skipped
    #[arg(long, value_name = "FILE", group = "conversations")]
    file: Option<PathBuf>,
    /// All voice calls that are active now; asks first, unless the server is on this machine
    #[arg(long, group = "conversations")]
    all_active: bool,
    /// Conversations at a time [default: 64; of a target: 256]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    concurrency: Option<u32>,
    /// Say what would be sent, and send no command; the journal is left alone
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before acting on calls that nobody named
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    journaled: Journaled,
}

#[derive(Clone, Copy, Debug, ClapArgs)]
#[group(multiple = false)]
struct FormArgs {
    /// Print the report as one JSON document
    #[arg(long)]
    json: bool,
    /// Print a line of JSON for each conversation as it settles, and the report on stderr
    #[arg(long)]
    jsonl: bool,
    /// Print a line of CSV for each conversation as it settles, and the report on stderr
    #[arg(long)]
    csv: bool,
}

#[derive(Clone, Copy, Debug)]
enum Job {
    Control(Action),
    Ensure(Target),
}

fn jobs() -> impl TypedValueParser<Value = Job> {
    let words = Action::ALL.map(Action::word).into_iter().chain(Target::ALL.map(Target::word));
    PossibleValuesParser::new(words).try_map(|word| match Action::parse(&word, &Action::ALL) {
        Ok(action) => Ok(Job::Control(action)),
        Err(_) => word.parse().map(Job::Ensure),
    })
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control(action) => write!(f, "{action}"),
            Self::Ensure(target) => write!(f, "ensure {target}"),
        }
    }
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let as_json = args.form.json;
    let running = match prepare(&args, console).await {
        Ok(Some(running)) => running,
        Ok(None) => {
            if as_json {
                let mut report = args.report();
                report.complete = true;
                console.data(&json(&ReportDocument::of(&report, None)));
            }
            console.complain("There is no active voice call.", "");
            return exit::NOTHING;
        }
        Err(error) => return error_report::end(console, &error, as_json),
    };
    let cut = running.clone();
    under_way::set_ending(Some(Box::new(move |console| {
        let ended = cut.cut();
        if as_json {
            console.data(&json(&ReportDocument::of(&ended.report, None)));
        }
        console.note(&error_report::report(&ended.report));
        ended.tell_how_to_go_on(console);
    })));
    let ended = running.run(console).await;
    under_way::set_ending(None);
    ended.tell(args.form, console)
}

impl Ended {
    /// Tells how it ended; gives the exit code.
    fn tell(mut self, form: FormArgs, console: &mut Console) -> u8 {
        if let Some(lost) = self.lost.take() {
            console.lose(lost);
        }
        let Self { report, error, .. } = &self;
        match (form, error) {
            // Nothing came of it at all, so there is nothing else to tell.
            (_, Some(error)) if report.total() == 0 => return error_report::end(console, error, form.json),
            (FormArgs { json: true, .. }, _) => console.data(&json(&ReportDocument::of(report, error.as_ref()))),
            (FormArgs { jsonl: true, .. } | FormArgs { csv: true, .. }, _) => {
                console.note(&error_report::report(report));
            }
            _ => console.data(&error_report::report(report)),
        }
        if let Some(error) = error {
            error_report::tell(console, error);
        }
        self.tell_how_to_go_on(console);
        match error {
            // What was done before it counts.
            Some(error) if report.total() == report.count(OutcomeKind::Failed) => exit::of_error(error),
            Some(_) => exit::SOME_FAILED,
            None => exit::of_report(report),
        }
    }

    fn tell_how_to_go_on(&self, console: &mut Console) {
        if self.is_run && (!self.report.complete || self.report.count(OutcomeKind::Unknown) > 0) {
            console.note("The run is not finished: the same command line goes on with it.");
        }
    }
}

/// Everything before the first command; None if there is nothing to act on.
async fn prepare(args: &Args, console: &mut Console) -> Result<Option<Running>, Error> {
    let session = args.journaled.connection.open()?;
    let wish = |target| Wish { target, timeout: args.journaled.connection.within(TIMEOUT), resume_paused: false };
    // What cannot be leaves no journal behind.
    match args.job {
        Job::Control(action) => session.wire().check(&action.into())?,
        Job::Ensure(target) => wish(target).check(session.wire())?,
    }
    let ids = match &args.file {
        Some(file) => Ids::from(file)?,
        None if args.all_active => match active(args, &session, console).await? {
            ids if ids.is_empty() => return Ok(None),
            ids => Ids::of(ids),
        },
        None => Ids::of(args.ids.clone()),
    };
    let session = if args.dry_run { session } else { args.journaled.journaled(session).await? };
    let most = args.concurrency.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    let options =
        |otherwise| BulkOptions { concurrency: most.unwrap_or(otherwise), journal: None, dry_run: args.dry_run };
    let bulk = match args.job {
        Job::Control(action) => session.control_many(ids.stream, action, options(64))?,
        Job::Ensure(target) => session.ensure_many(ids.stream, wish(target), options(256))?,
    };
    let rows = args
        .form
        .rows()
        .map(|form| Rows { sheet: Sheet::new(form, console.shows_data()), outlet: Outlet::new(io::stdout()) });
    Ok(Some(Running::new(Parts {
        bulk,
        report: args.report(),
        count: ids.count,
        trouble: ids.trouble,
        // It would be written into the rows.
        progress: console.is_watched() && (rows.is_none() || !console.shows_data()),
        rows,
        clock: session.clock().clone(),
    })))
}

/// The active calls, if it is agreed that something is done to them.
async fn active(args: &Args, session: &Session, console: &mut Console) -> Result<Vec<String>, Error> {
    let (job, base_url) = (args.job, session.client().base_url());
    let must_ask = !args.yes && !args.dry_run && !base_url.is_loopback();
    if must_ask && !console.can_ask() {
        return Err(Error::Config(format!(
            "It would {job} all active voice calls of {base_url}, which nobody named. Name conversations, or pass --yes."
        )));
    }
    let mut found = session.active_calls(Wanted::default());
    let mut calls = Vec::new();
    while let Some(some) = found.next().await? {
        calls.extend(some.into_iter().map(|call| call.id));
    }
    calls::tell_source(&found, console);
    if must_ask && !calls.is_empty() {
        let question = format!("{job}: {} active voice calls of {base_url}, whoever is on them?", calls.len());
        if console.confirm(&question).await != Some(true) {
            return Err(Error::Config("Nothing was done.".into()));
        }
    }
    Ok(calls)
}

impl Args {
    /// Of nothing yet.
    fn report(&self) -> Report {
        Report::new(self.job.to_string(), self.dry_run)
    }
}

impl FormArgs {
    /// How each conversation is told, if it is.
    fn rows(self) -> Option<Form> {
        match self {
            Self { jsonl: true, .. } => Some(Form::JsonLines),
            Self { csv: true, .. } => Some(Form::Csv),
            _ => None,
        }
    }
}
