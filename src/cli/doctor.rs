//! `gcrec doctor`: does everything work that the other commands rest on?

use std::sync::Arc;

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::connection::Connection;
use super::console::{Console, Tone};
use super::error_report::in_a_shell;
use super::foreign::{brief, printable};
use super::{error_report, exit, foreign};
use crate::api::doctor::{Check, Checkup, LONGEST, Verdict};
use crate::clock::SystemClock;
use crate::config::Environment;

/// Look at settings, network, login, permissions and service, and say what to mend
#[derive(Debug, ClapArgs)]
#[command(after_help = "It sends reads, and makes one channel of the notification service, which ends by itself. \
    --timeout bounds the whole [default: 28]. The exit code is 1 if a check failed; a warning is no failure.")]
pub(super) struct Args {
    /// Send each command once too, to a conversation that does not exist, to hear whether it is permitted
    #[arg(long)]
    probe_commands: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let told = match args.connection.told() {
        Ok(told) => told,
        Err(error) => return error_report::end(console, &error, args.json),
    };
    let longest = args.connection.within(LONGEST);
    let checkup = Checkup { told, probe_commands: args.probe_commands, longest };
    let mut checks = Vec::new();
    let tell = |check: Check| {
        if !args.json {
            line(&check, console);
        }
        checks.push(check);
    };
    checkup.run(&Environment, Arc::new(SystemClock::new()), tell).await;
    let failed = checks.iter().any(|check| check.verdict == Verdict::Failed);
    if args.json {
        let checks: Vec<_> = checks.iter().map(as_json).collect();
        console.data(&foreign::json(&json!({"ok": !failed, "checks": checks})));
    }
    if failed { exit::FAILED } else { exit::DONE }
}

/// One line each, with what to do.
fn line(check: &Check, console: &mut Console) {
    let Check { name, verdict, .. } = check;
    let tone = match verdict {
        Verdict::Ok => Tone::Good,
        Verdict::Failed | Verdict::Warning => Tone::Bad,
        Verdict::Skipped => Tone::Quiet,
    };
    let word = console.tinted(tone, &format!("{:<7}", verdict.word()));
    let shown = |text: &str| printable(&brief(&in_a_shell(text))).into_owned();
    let mend = if check.mend.is_empty() { String::new() } else { format!(" Mend: {}", shown(&check.mend)) };
    console.data(&format!("{word} {name:<13} {}{mend}", shown(&check.says)));
}

fn as_json(check: &Check) -> Value {
    let (says, mend) = (in_a_shell(&check.says), in_a_shell(&check.mend));
    json!({"name": check.name, "verdict": check.verdict.word(), "says": says, "mend": mend})
}
