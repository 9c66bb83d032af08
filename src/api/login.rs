//! A user logs in with a browser (authorization code with PKCE), and out again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::auth::{Callback, CodeRequest, User, UserLogin, browser, me, revoke};
use crate::client::Session;
use crate::error::{Error, LoginFault};
use crate::limit::Priority;

/// A login that has begun: the port is taken, and the browser can be sent.
#[derive(Debug)]
pub struct Login {
    session: Session,
    user: Arc<UserLogin>,
    callback: Callback,
    request: CodeRequest,
    address: String,
    longest: Duration,
}

impl Session {
    /// Begins a login whose browser comes back to `port` of this machine, within `longest`.
    pub fn begin_login(&self, port: u16, longest: Duration) -> Result<Login, Error> {
        let user = self.user_login()?;
        let callback = Callback::listen(port)?;
        let request = CodeRequest::new(user.client_id(), callback.redirect_uri())?;
        let address = request.address(self.client().login_url().as_str());
        Ok(Login { session: self.clone(), user, callback, request, address, longest })
    }

    /// Who has logged in.
    pub fn user(&self) -> impl Future<Output = Result<User, Error>> + Send + use<> {
        self.run(me(), Priority::FirstRead)
    }

    /// Where the login is kept, if it is.
    pub fn login_file(&self) -> Option<&Path> {
        self.login()?.file()
    }

    /// Ends the login: at the server, as far as it can be told, and here in any case.
    pub fn log_out(&self) -> Result<impl Future<Output = Result<(), Error>> + Send + use<>, Error> {
        let (session, user) = (self.clone(), self.user_login()?);
        Ok(async move {
            let revoked = session.run(revoke(), Priority::Command).await;
            user.end().await?;
            match revoked {
                // The server has ended it already.
                Err(error) if error.code() == Some("invalid_grant") => Ok(()),
                revoked => revoked,
            }
        })
    }

    fn user_login(&self) -> Result<Arc<UserLogin>, Error> {
        let login = self.login().cloned();
        login.ok_or_else(|| Error::Config("This client acts for an OAuth client or a token: there is no login.".into()))
    }
}

impl Login {
    /// Where the user is to go with a browser.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sends the user's browser there; false if there is none to send.
    pub fn open_browser(&self) -> impl Future<Output = bool> + Send + use<> {
        let (address, clock) = (self.address.clone(), self.session.clock().clone());
        async move { browser::open(&address, &clock).await }
    }

    /// Waits for the browser, or for the address that it came back to in `pasted`, and logs in.
    pub async fn finish(self, pasted: impl Future<Output = String> + Send) -> Result<(), Error> {
        let Self { session, user, callback, request, longest, .. } = self;
        let clock = session.clock().clone();
        let came_back = Box::pin(async { callback.wait(&clock).await });
        let typed = Box::pin(async { Ok(query_of(&pasted.await)) });
        let answer = Box::pin(async { select(came_back, typed).await.factor_first().0 });
        let query = match select(answer, clock.sleep_until(clock.now() + longest)).await {
            Either::Left((query, _)) => query?,
            Either::Right(_) => return Err(fault(LoginFault::TimedOut(longest.as_secs_f64()))),
        };
        let code = request.code(&query).map_err(fault)?;
        let grant = session.client().run_alone(request.plan(&code), session.options).await?;
        user.begin(&grant).await?;
        if let Some(tokens) = session.tokens() {
            tokens.restart();
        }
        Ok(())
    }
}

/// The query of an address that was pasted, or what was pasted if it is one itself.
fn query_of(pasted: &str) -> String {
    let pasted = pasted.trim();
    let query = pasted.split_once('?').map_or(pasted, |(_, query)| query);
    query.split('#').next().unwrap_or_default().to_owned()
}

fn fault(fault: LoginFault) -> Error {
    Error::Login(Box::new(fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_found_in_what_was_pasted() {
        for pasted in ["http://localhost:8085/callback?code=c&state=s\n", "code=c&state=s", "?code=c&state=s#x"] {
            assert_eq!(query_of(pasted), "code=c&state=s");
        }
    }
}
