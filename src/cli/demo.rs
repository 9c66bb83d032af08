//! `gcrec demo`: the eight steps on a simulator that lives as long as the command.

use std::str::FromStr;

use clap::Args as ClapArgs;

use super::console::Console;
use super::steps::Steps;
use crate::api::workflow;
use crate::auth::ClientCredentials;
use crate::client::Client;
use crate::config::{ApiChoice, BaseUrl, CONNECT_TIMEOUT, CallOptions, Endpoint};
use crate::error::Error;
use crate::sim::{Options, Simulator};

/// Run the tutorial's eight steps on an embedded simulator, over real HTTP on this machine
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The API that is spoken: events (the tutorial's) or platform (the published one)
    #[arg(long, value_name = "API", default_value = "events", value_parser = ApiChoice::from_str)]
    api: ApiChoice,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let simulator = match Simulator::start(Options::default()).await {
        Ok(simulator) => simulator,
        Err(error) => return Steps::new(console, args.json).finish(&Err(Error::Config(format!("{error}.")))),
    };
    let mut steps = Steps::new(console, args.json);
    steps.headline(&format!("The tutorial's workflow on an embedded simulator, {}", simulator.base_url()));
    let outcome = match setting(&simulator, args.api) {
        Ok((client, credentials)) => {
            workflow::run(&client, &credentials, None, CallOptions::default(), |report| steps.done(report)).await
        }
        Err(error) => Err(error),
    };
    let exit_code = steps.finish(&outcome);
    simulator.stop().await;
    exit_code
}

fn setting(simulator: &Simulator, api: ApiChoice) -> Result<(Client, ClientCredentials), Error> {
    let credentials = ClientCredentials::new(simulator.client_id(), simulator.client_secret())?;
    let base_url: BaseUrl = simulator.base_url().parse()?;
    let endpoint = Endpoint {
        login_url: base_url.clone(),
        api: api.decide(&base_url),
        base_url,
        connect_timeout: CONNECT_TIMEOUT,
        extra_trust: Vec::new(),
        use_proxies: false, // nothing outside this process has a say in the demo
        proxy: None,
    };
    Ok((Client::new(endpoint, simulator.clock())?, credentials))
}
