//! `gcrec logout`: the end of a login, at the server and here.

use clap::Args as ClapArgs;
use serde_json::json;

use super::connection::Connection;
use super::console::Console;
use super::{error_report, exit, foreign};
use crate::api::Told;
use crate::config::{Environment, Identity};
use crate::error::{Error, LoginFault};

/// End the login of `gcrec login`: its token is revoked, and it is kept no longer
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The OAuth client that was logged in through, if it is not the last one
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    match logged_out(&args).await {
        Ok(base_url) => {
            if args.json {
                console.data(&foreign::json(&json!({"logged_out_of": base_url})));
            } else {
                console.data(&format!("Logged out of {base_url}."));
            }
            exit::DONE
        }
        Err(Error::Login(fault)) if matches!(*fault, LoginFault::Nobody(_)) => {
            console.note("Nobody is logged in.");
            exit::NOTHING
        }
        Err(error) => error_report::end(console, &error, args.json),
    }
}

async fn logged_out(args: &Args) -> Result<String, Error> {
    let identity = args.client_id.clone().map(|client_id| Identity::User { client_id });
    let acting = Told { identity, ..args.connection.told()? }.kept(&Environment)?;
    let session = args.connection.session(acting)?;
    session.log_out()?.await?;
    Ok(session.client().base_url().to_string())
}
