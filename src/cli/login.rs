//! `gcrec login`: a user logs in with a browser, for the commands after it.

use std::future::pending;
use std::io;
use std::thread;
use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::json;
use tokio::sync::oneshot;

use super::connection::{Connection, duration};
use super::console::Console;
use super::foreign::printable;
use super::{error_report, exit, foreign};
use crate::api::Told;
use crate::auth::User;
use crate::client::Session;
use crate::config::environment::{self, Named};
use crate::config::{Environment, Identity};
use crate::error::Error;

/// Log in as a user with a browser; the commands after it act for that user
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The OAuth client (code authorization with PKCE), if not the one of GENESYS_CLIENT_ID
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Open no browser: print the address, and take the one that a browser elsewhere came back to
    #[arg(long)]
    no_browser: bool,
    /// The port of this machine that the browser comes back to: http://localhost:PORT/callback is the redirect URI
    #[arg(long, value_name = "PORT", default_value_t = 8085)]
    redirect_port: u16,
    /// How long the browser is waited for [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = duration)]
    login_timeout: Option<Duration>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: Connection,
}

const LOGIN_TIMEOUT: Duration = Duration::from_secs(300);

pub(super) async fn run(args: Args, console: &mut Console) -> u8 {
    match logged_in(&args, console).await {
        Ok((session, user)) => {
            tell(&session, &user, args.json, console);
            exit::DONE
        }
        Err(error) => error_report::end(console, &error, args.json),
    }
}

async fn logged_in(args: &Args, console: &mut Console) -> Result<(Session, Result<User, Error>), Error> {
    let session = open(args)?;
    let login = session.begin_login(args.redirect_port, args.login_timeout.unwrap_or(LOGIN_TIMEOUT))?;
    let opened = !args.no_browser && environment::has_browser(&Environment) && login.open_browser().await;
    if opened {
        console.note("A browser was opened. If you do not see it, log in at this address:");
    } else {
        console.note("Log in with a browser at this address:");
    }
    console.note(login.address());
    if opened {
        login.finish(pending()).await?;
    } else {
        console.note("If that browser cannot come back here, paste the address that it ends at:");
        login.finish(pasted()).await?;
    }
    let user = session.user().await;
    Ok((session, user))
}

fn open(args: &Args) -> Result<Session, Error> {
    let client_id = args.client_id.clone().or_else(|| environment::client_id(&Environment)).ok_or_else(|| {
        Error::Config(
            "The OAuth client to log in through is missing: pass --client-id, or set GENESYS_CLIENT_ID.".into(),
        )
    })?;
    let told = args.connection.told()?;
    let token_cache = match told.token_cache {
        Some(file) => file,
        None => environment::token_cache(&Environment)?,
    };
    let identity = Some(Identity::User { client_id });
    let api = environment::api_of_a_login(&Environment, told.api);
    let acting = Told { identity, api, token_cache: Some(token_cache), ..told }.complete(&Environment)?;
    args.connection.session(acting)
}

fn tell(session: &Session, user: &Result<User, Error>, as_json: bool, console: &mut Console) {
    let file = session.login_file().map(|file| file.display().to_string()).unwrap_or_default();
    let (base_url, login_url) = (session.client().base_url().as_str(), session.client().login_url().as_str());
    if as_json {
        let user = user.as_ref().ok().map(|user| json!({"id": user.id, "name": user.name, "email": user.email}));
        let api = session.client().api().to_string();
        console.data(&foreign::json(&json!({"user": user, "base_url": base_url, "login_url": login_url, "api": api,
            "client_id": session.identity(), "kept_in": file})));
    } else {
        let who = match user {
            Ok(User { id, name, email }) => {
                let name = name.as_deref().unwrap_or(id);
                email.as_ref().map_or_else(|| name.to_owned(), |email| format!("{name} ({email})"))
            }
            Err(_) => "a user whose name could not be asked for".into(),
        };
        console.data(&format!("Logged in as {} at {base_url}. The login is kept in {file}.", printable(&who)));
    }
    if matches!(environment::identity(&Environment), Ok(Named::Somebody(_))) {
        console.note("note: the environment names another identity, which goes before this login.");
    }
    if let Err(error) = user {
        console.note(&format!("note: who it is could not be asked: {}", printable(&error.to_string())));
    }
}

/// A line that somebody pasted. Where nobody can, there is none.
async fn pasted() -> String {
    // On a thread of its own, so that Ctrl-C is heard here meanwhile.
    let (tell, told) = oneshot::channel();
    thread::spawn(move || {
        let line = io::stdin().lines().map_while(Result::ok).find(|line| !line.trim().is_empty());
        line.map(|line| tell.send(line))
    });
    match told.await {
        Ok(line) => line,
        Err(_) => pending().await,
    }
}
