//! The `gcrec` command, a file a subcommand.

mod arguments;
mod bulk;
mod calls;
mod command;
mod connection;
mod console;
mod demo;
mod doctor;
mod documents;
mod ensure;
mod error_report;
mod exit;
mod foreign;
mod journal;
mod list;
mod login;
mod logout;
mod outlet;
mod pauses;
mod recordings;
mod recover;
mod sim;
mod status;
mod steps;
mod streams;
mod under_way;
mod watch;
mod workflow;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::model::Action;
use console::Console;

/// Control call recordings in Genesys Cloud CX, and prove that the change took effect.
#[derive(Debug, Parser)]
#[command(name = "gcrec", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Exit codes: 0 done, 1 failed, 2 usage, 3 nothing to act on, 4 not proven in time, 5 some of many failed, \
    130 interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Workflow(workflow::Args),
    Calls(calls::Args),
    Status(status::Args),
    /// Start the recording of a conversation: accepted, not yet proven (`ensure` proves)
    Start(command::OnDemand),
    /// Stop the recording of a conversation: accepted, not yet proven (`ensure` proves)
    Stop(command::OnDemand),
    /// Begin a secure pause: accepted, not yet proven (`ensure` proves)
    Pause(command::Args),
    /// End a secure pause: accepted, not yet proven (`ensure` proves)
    Resume(command::Args),
    Ensure(ensure::Args),
    Recordings(recordings::Args),
    Pauses(pauses::Args),
    Bulk(bulk::Args),
    Watch(watch::Args),
    Recover(recover::Args),
    Journal(journal::Args),
    Doctor(doctor::Args),
    Login(login::Args),
    Logout(logout::Args),
    Sim(sim::Args),
}

/// Reads the arguments after the command's name. Help and usage errors are told here; they give the exit code.
pub fn parse(arguments: Vec<OsString>) -> Result<Cli, u8> {
    streams::fill();
    Cli::try_parse_from(std::iter::once(OsString::from("gcrec")).chain(arguments)).map_err(|told| {
        // Nowhere left to complain to, if this fails.
        let _ = told.print();
        if told.use_stderr() { exit::USAGE } else { exit::DONE }
    })
}

/// Tells that Ctrl-C ended the command, and gives the exit code of that.
pub fn interrupted() -> u8 {
    let mut console = Console::system();
    console.break_line();
    console.note("interrupted");
    under_way::end(&mut console);
    exit::INTERRUPTED
}

/// Has a command that ends by itself do so ([`Cli::ends_itself`]).
pub fn stop() {
    under_way::stop();
}

impl Cli {
    /// Does it clean up when it is to stop, rather than being dropped?
    pub fn ends_itself(&self) -> bool {
        matches!(self.command, Command::Watch(_))
    }

    /// Does what was asked; gives the exit code.
    pub async fn run(self) -> u8 {
        let mut console = Console::system();
        let code = match self.command {
            Command::Demo(args) => demo::run(args, &mut console).await,
            Command::Workflow(args) => workflow::run(args, &mut console).await,
            Command::Calls(args) => calls::run(args, &mut console).await,
            Command::Status(args) => status::run(args, &mut console).await,
            Command::Start(args) => args.run(Action::Start, &mut console).await,
            Command::Stop(args) => args.run(Action::Stop, &mut console).await,
            Command::Pause(args) => command::run(args, Ok(Action::Pause.into()), &mut console).await,
            Command::Resume(args) => command::run(args, Ok(Action::Resume.into()), &mut console).await,
            Command::Ensure(args) => ensure::run(args, &mut console).await,
            Command::Recordings(args) => recordings::run(args, &mut console).await,
            Command::Pauses(args) => pauses::run(args, &mut console).await,
            Command::Bulk(args) => bulk::run(args, &mut console).await,
            Command::Watch(args) => watch::run(args, &mut console).await,
            Command::Recover(args) => recover::run(args, &mut console).await,
            Command::Journal(args) => journal::run(args, &mut console).await,
            Command::Doctor(args) => doctor::run(args, &mut console).await,
            Command::Login(args) => login::run(args, &mut console).await,
            Command::Logout(args) => logout::run(args, &mut console).await,
            Command::Sim(args) => sim::run(args, &mut console).await,
        };
        console.exit_code(code)
    }
}
