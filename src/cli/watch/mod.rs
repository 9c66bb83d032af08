//! `gcrec watch`: what happens to calls, while it happens, and which secure pauses last too long.
//!
//! It ends by itself when it is to stop: what was told is written, and what it followed is given up. Rows are written by a
//! thread, for a reader that is slow must keep neither the socket nor Ctrl-C waiting.

mod line;
mod tally;

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args as ClapArgs};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, Fuse, FusedFuture, select};

use self::tally::Tally;
use super::connection::{Journaled, duration};
use super::console::Console;
use super::foreign::printable;
use super::outlet::Outlet;
use super::{error_report, exit, under_way};
use crate::api::events::Follow;
use crate::api::watch::{Told, Watch, Watching};
use crate::client::Session;
use crate::clock::within;
use crate::error::Error;

/// Until when a resume is tried, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(15);
/// So long a reader has to take the last rows after Ctrl-C.
const LAST_ROWS: Duration = Duration::from_secs(1);

/// Tell what happens to calls while it happens, and raise an alarm for secure pauses that last too long
///
/// Ends on Ctrl-C (130), on SIGTERM, and when all conversations that were named have ended. Exit code: 1 if a pause lasted
/// too long; with --then resume 0 if all those were ended, and 4 if that was not proven in time.
#[derive(Debug, ClapArgs)]
#[command(
    group = ArgGroup::new("followed").required(true).multiple(true),
    override_usage = "gcrec watch [OPTIONS] <IDS|--queue <ID>|--user <ID>>...",
)]
pub(super) struct Args {
    /// Conversations, followed from agent to agent; after -- if one begins with a -
    #[arg(value_name = "IDS", group = "followed")]
    conversations: Vec<String>,
    /// A queue, by its id: all its calls. May be given again
    #[arg(long = "queue", value_name = "ID", group = "followed")]
    queues: Vec<String>,
    /// A user, by id: all calls of that user. May be given again
    #[arg(long = "user", value_name = "ID", group = "followed")]
    users: Vec<String>,
    /// Raise an alarm when anybody's secure pause lasts longer; one that was on before counts from when it is first seen
    #[arg(long, value_name = "SECONDS", value_parser = duration)]
    max_pause: Option<Duration>,
    /// What to do about such a pause: resume ends it, whoever began it, and proves that; asks first
    #[arg(long, value_name = "ACTION", value_parser = actions(), requires = "max_pause")]
    then: Option<Then>,
    /// Do not ask before pauses of others are ended
    #[arg(long, requires = "then")]
    yes: bool,
    /// End when no call that is followed has been live for so long [default: 5]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5", value_parser = duration)]
    until_quiet: Option<Duration>,
    /// Print a line of JSON for each thing that is told
    #[arg(long)]
    jsonl: bool,
    #[command(flatten)]
    journaled: Journaled,
}

#[derive(Clone, Copy, Debug)]
enum Then {
    Resume,
}

fn actions() -> impl TypedValueParser<Value = Then> {
    PossibleValuesParser::new(["resume"]).map(|_| Then::Resume)
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let prepared = match select(pin!(prepare(&args, console)), pin!(under_way::stopped())).await {
        Either::Left((prepared, _)) => Some(prepared),
        Either::Right(_) => None,
    };
    match prepared {
        Some(Ok(running)) => running.run(console).await,
        Some(Err(error)) => error_report::end(console, &error, false),
        None => exit::DONE,
    }
}

/// Everything before the first request.
async fn prepare(args: &Args, console: &mut Console) -> Result<Running, Error> {
    let session = args.journaled.connection.open()?;
    let follow = Follow {
        conversations: args.conversations.iter().map(|id| id.parse()).collect::<Result<_, _>>()?,
        queues: args.queues.clone(),
        users: args.users.clone(),
    };
    follow.check(session.client().api())?;
    let resumes = matches!(args.then, Some(Then::Resume));
    if resumes && !args.yes {
        agree(&session, console).await?;
    }
    // Nothing is commanded, and so written down, but resumes.
    let session = if resumes { args.journaled.journaled(session).await? } else { session };
    let (watch, life) = session.watch(Watching {
        follow,
        max_pause: args.max_pause,
        resume_within: resumes.then(|| args.journaled.connection.within(TIMEOUT)),
        until_quiet: args.until_quiet,
    })?;
    let (outlet, tally) = (Outlet::new(io::stdout()), Tally::new(resumes));
    Ok(Running { watch, life: life.boxed().fuse(), outlet, jsonl: args.jsonl, tally, warned: false })
}

/// Is it agreed that pauses of others are ended?
async fn agree(session: &Session, console: &mut Console) -> Result<(), Error> {
    let base_url = session.client().base_url();
    let question =
        format!("Resume whatever is paused for too long on {base_url}, though somebody may be hearing a card number?");
    match console.confirm(&question).await {
        Some(true) => Ok(()),
        Some(false) => Err(Error::Config("Nothing was done.".into())),
        None => Err(Error::Config(format!(
            "It would end secure pauses of others on {base_url}, while somebody may be hearing a card number. If that is \
             meant, pass --yes."
        ))),
    }
}

/// One that goes on.
struct Running {
    watch: Watch,
    life: Fuse<BoxFuture<'static, ()>>,
    outlet: Outlet,
    jsonl: bool,
    tally: Tally,
    /// What the server refuses was told.
    warned: bool,
}

/// Why it ends.
enum End {
    /// There is no more.
    Over(Result<(), Error>),
    /// It is to stop.
    Stopped,
    /// Nobody reads it.
    Lost(Option<io::Error>),
}

impl Running {
    /// Until it ends, one way or another; gives the exit code.
    async fn run(mut self, console: &mut Console) -> u8 {
        let end = self.follow(console).await;
        self.watch.events().close();
        drop(self.watch);
        if !self.life.is_terminated() {
            self.life.await; // gives up what was followed, and takes no longer than that may
        }
        self.outlet.end();
        let written = poll_fn(|context| self.outlet.poll_over(context));
        let lost = match &end {
            End::Over(_) => match select(written, pin!(under_way::stopped())).await {
                Either::Left((lost, _)) => lost,
                Either::Right(_) => None,
            },
            End::Stopped => within(LAST_ROWS, written).await.flatten(),
            End::Lost(_) => None,
        };
        console.note(&self.tally.sentence());
        for id in &self.tally.under_way {
            let id = printable(id);
            console.note(&format!("note: a command to {id} may have been sent: look at its status."));
        }
        match end {
            End::Over(Err(error)) => {
                error_report::tell(console, &error);
                return exit::of_error(&error);
            }
            End::Lost(Some(error)) => console.lose(error),
            End::Over(Ok(())) | End::Stopped | End::Lost(None) => {}
        }
        if let Some(lost) = lost {
            console.lose(lost);
        }
        self.tally.exit_code()
    }

    async fn follow(&mut self, console: &mut Console) -> End {
        let events = self.watch.events();
        loop {
            let told = {
                let Self { watch, life, outlet, .. } = self;
                let lost = pin!(poll_fn(|context| outlet.poll_over(context)));
                let told = pin!(async {
                    poll_fn(|context| outlet.poll_room(context)).await;
                    watch.next().await
                });
                match select(select(pin!(under_way::stopped()), lost), select(told, life)).await {
                    Either::Left((Either::Left(_), _)) => return End::Stopped,
                    Either::Left((Either::Right((lost, _)), _)) => return End::Lost(lost),
                    Either::Right((Either::Left((told, _)), _)) => told,
                    Either::Right((Either::Right(_), _)) => continue, // the rest of what was heard is to be told yet
                }
            };
            let refused = events.refused();
            if !refused.is_empty() && !std::mem::replace(&mut self.warned, true) {
                for topic in &refused {
                    let missing = topic.refused.clone().unwrap_or_default().missing.join(", ");
                    let words = format!("warning: {} is refused, and not told of (missing: {missing})", topic.name);
                    console.note(&printable(&words));
                }
            }
            match told {
                Ok(Some(all)) => all.iter().for_each(|told| self.tell(told, console)),
                Ok(None) => return End::Over(Ok(())),
                Err(error) => return End::Over(Err(error)),
            }
        }
    }

    fn tell(&mut self, told: &Told, console: &Console) {
        self.tally.add(told);
        let line = if self.jsonl { line::for_programs(told) } else { line::for_people(told, console) };
        self.outlet.put(&format!("{line}\n"));
    }
}
