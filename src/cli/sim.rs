//! `gcrec sim`: the simulator as a server of its own.

use std::future::pending;
use std::str::FromStr;

use clap::Args as ClapArgs;
use serde_json::json;

use super::console::{Console, Tone};
use super::exit;
use crate::sim::{Options, Schedule, SimError, Simulator};

/// Run a simulator of Genesys Cloud on this machine until Ctrl-C
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Active calls at the start
    #[arg(long, default_value_t = 3)]
    calls: usize,
    /// Seconds from the 202 to the new state, or LOW,HIGH
    #[arg(long, value_name = "SECONDS", default_value = "0.5")]
    propagation: Span,
    /// Fixes every id, token, delay and chance
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Requests that a token may make in a window; no limit unless given
    #[arg(long, value_name = "N")]
    rate_limit: Option<u32>,
    /// The window of the rate limit, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    rate_window: f64,
    /// Seconds from one call that comes by itself to the next, or LOW,HIGH; none comes unless given
    #[arg(long, value_name = "SECONDS")]
    appear_every: Option<Span>,
    /// Seconds that such a call lasts, or LOW,HIGH
    #[arg(long, value_name = "SECONDS", default_value = "30,300")]
    last: Span,
    /// Print one line of JSON: base_url, client_id, client_secret
    #[arg(long)]
    json: bool,
}

/// `0.5`, or `0.2,1`.
#[derive(Clone, Copy, Debug)]
struct Span(f64, f64);

impl From<Span> for (f64, f64) {
    fn from(Span(low, high): Span) -> Self {
        (low, high)
    }
}

impl FromStr for Span {
    type Err = std::num::ParseFloatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (low, high) = text.split_once(',').unwrap_or((text, text));
        Ok(Self(low.trim().parse()?, high.trim().parse()?))
    }
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let Args { port, calls, propagation, seed, rate_limit, rate_window, appear_every, last, json } = args;
    let propagation = propagation.into();
    let schedule = appear_every.map(|every| Schedule { appear_every: every.into(), last: last.into() });
    let options = Options { calls, propagation, seed, rate_limit, rate_window, port, schedule, ..Options::default() };
    let simulator = match Simulator::start(options).await {
        Ok(simulator) => simulator,
        Err(error) => {
            let hint = if port == 0 { "" } else { "Another port may be free: --port 0 takes one." };
            console.complain(&format!("{error}."), hint);
            return if matches!(error, SimError::InvalidOption { .. }) { exit::USAGE } else { exit::FAILED };
        }
    };
    let (base_url, id, secret) = (simulator.base_url(), simulator.client_id(), simulator.client_secret());
    if json {
        console.data(&json!({"base_url": base_url, "client_id": id, "client_secret": secret}).to_string());
    } else {
        console.data(&format!("export GENESYS_BASE_URL={base_url}"));
        console.data(&format!("export GENESYS_CLIENT_ID={id}"));
        console.data(&format!("export GENESYS_CLIENT_SECRET={secret}"));
        let line = format!("{calls} active calls on {base_url}. Ctrl-C stops the simulator.");
        let line = console.tinted(Tone::Quiet, &line);
        console.note(&line);
    }
    pending().await
}
