//! `gcrec workflow`: the eight steps on the server that the environment names.

use std::sync::Arc;

use clap::Args as ClapArgs;

use super::connection::tell_of_mismatch;
use super::console::Console;
use super::steps::Steps;
use crate::api::workflow;
use crate::auth::ClientCredentials;
use crate::client::Client;
use crate::clock::SystemClock;
use crate::config::environment::{self, Tutorial};
use crate::config::{ApiChoice, BaseUrl, CONNECT_TIMEOUT, CallOptions, Endpoint, Environment, TIMEOUT, seconds};
use crate::error::Error;
use crate::model::ConversationId;

/// Run the tutorial's eight steps on the server named by GENESYS_BASE_URL.
///
/// Needs GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_BASE_URL in the environment.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Act on this conversation, not on the first active voice call
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// Bound on each call, repeats and waits included
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT.as_secs_f64())]
    timeout: f64,
    /// Bound on making a connection
    #[arg(long, value_name = "SECONDS", default_value_t = CONNECT_TIMEOUT.as_secs_f64())]
    connect_timeout: f64,
    /// Do not ask before acting on a call that nobody named
    #[arg(long)]
    yes: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let Setting { client, credentials, base_url, conversation, options } = match setting(&args) {
        Ok(setting) => setting,
        Err(error) => return Steps::new(console, args.json).finish(&Err(error)),
    };
    if conversation.is_none() && !args.yes && !base_url.is_loopback() {
        let question = format!("Record the first active voice call of {base_url}, whoever is on it?");
        let refusal = match console.confirm(&question).await {
            Some(true) => None,
            Some(false) => Some("Nothing was done.".to_owned()),
            None => Some(format!(
                "The workflow would record the first active voice call of {base_url}, which nobody named. Name a \
                 conversation with --conversation ID, or pass --yes."
            )),
        };
        if let Some(refusal) = refusal {
            return Steps::new(console, args.json).finish(&Err(Error::Config(refusal)));
        }
    }
    let mut steps = Steps::new(console, args.json);
    steps.headline(&format!("The tutorial's workflow on {base_url}"));
    let outcome = workflow::run(&client, &credentials, conversation, options, |report| steps.done(report)).await;
    steps.finish(&outcome)
}

struct Setting {
    client: Client,
    credentials: ClientCredentials,
    base_url: BaseUrl,
    conversation: Option<ConversationId>,
    options: CallOptions,
}

fn setting(args: &Args) -> Result<Setting, Error> {
    let conversation = args.conversation.as_deref().map(str::parse).transpose()?;
    let options = CallOptions { timeout: seconds("--timeout", args.timeout)?, ..CallOptions::default() };
    let Tutorial { base_url, client_id, client_secret } = environment::tutorial(&Environment)?;
    let credentials = ClientCredentials::new(&client_id, client_secret.expose())?;
    let endpoint = environment::endpoint(&Environment, base_url.clone(), ApiChoice::Auto, None)?;
    tell_of_mismatch(&endpoint);
    let endpoint = Endpoint { connect_timeout: seconds("--connect-timeout", args.connect_timeout)?, ..endpoint };
    Ok(Setting {
        client: Client::new(endpoint, Arc::new(SystemClock::new()))?,
        credentials,
        base_url,
        conversation,
        options,
    })
}
