//! `gcrec workflow`: the eight steps on the server that the environment names.

use clap::Args as ClapArgs;

use super::console::Console;
use super::exit;
use super::steps::Steps;
use crate::api::workflow;
use crate::auth::ClientCredentials;
use crate::client::Client;
use crate::config::environment::{self, refuse_platform};
use crate::config::{ApiChoice, BaseUrl, CallOptions, Environment};
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
    /// Do not ask before acting on a call that nobody named
    #[arg(long)]
    yes: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    let Setting { client, credentials, base_url, conversation } = match setting(args.conversation.as_deref()) {
        Ok(setting) => setting,
        Err(error) => return Steps::new(console, args.json).finish(&Err(error)),
    };
    if conversation.is_none() && !args.yes && !base_url.is_loopback() {
        let question = format!("Record the first active voice call of {base_url}, whoever is on it?");
        match console.confirm(&question) {
            Some(true) => {}
            Some(false) => return exit::FAILED,
            None => {
                console.complain(
                    &format!(
                        "The workflow would record the first active voice call of {base_url}, which nobody named."
                    ),
                    "Name a conversation with --conversation ID, or pass --yes.",
                );
                return exit::USAGE;
            }
        }
    }
    let mut steps = Steps::new(console, args.json);
    steps.headline(&format!("The tutorial's workflow on {base_url}"));
    let options = CallOptions::default();
    let outcome = workflow::run(&client, &credentials, conversation, options, |report| steps.done(report)).await;
    steps.finish(&outcome)
}

struct Setting {
    client: Client,
    credentials: ClientCredentials,
    base_url: BaseUrl,
    conversation: Option<ConversationId>,
}

fn setting(conversation: Option<&str>) -> Result<Setting, Error> {
    let conversation = conversation.map(str::parse).transpose()?;
    let (base_url, credentials) = environment::tutorial(&Environment)?;
    let endpoint = environment::endpoint(&Environment, base_url.clone(), ApiChoice::Auto, None)?;
    refuse_platform(&endpoint)?;
    Ok(Setting { client: Client::new(endpoint)?, credentials, base_url, conversation })
}
