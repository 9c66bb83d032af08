//! A user's login: authorization code with PKCE (RFC 6749 section 4.1, RFC 7636), and the renewal of its token.
//!
//! The OAuth client has no secret here; what proves us stands in the form.

use std::borrow::Cow;

use url::form_urlencoded::{Serializer, parse};

use super::pkce::{self, Pkce};
use super::token_endpoint;
use crate::error::{Error, LoginFault, Needs};
use crate::exchange::Authorization;
use crate::model::Grant;
use crate::secret::{Secret, without_numbers};
use crate::wire::Ask;

/// Longer words of a server's are cut.
const LONGEST_WORDS: usize = 200;

/// One login that has begun: what the browser is sent with, and what its answer is held against.
#[derive(Debug)]
pub struct CodeRequest {
    client_id: String,
    redirect_uri: String,
    state: Secret,
    pkce: Pkce,
}

impl CodeRequest {
    /// A login through this OAuth client, whose browser comes back to `redirect_uri`.
    pub fn new(client_id: &str, redirect_uri: String) -> Result<Self, Error> {
        Ok(Self { client_id: client_id.to_owned(), redirect_uri, state: pkce::state()?, pkce: Pkce::new()? })
    }

    /// Where the browser is to go; `login_url` has no slash at its end.
    pub fn address(&self, login_url: &str) -> String {
        let query = Serializer::new(String::new())
            .append_pair("client_id", &self.client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("code_challenge", &self.pkce.challenge())
            .append_pair("code_challenge_method", "S256")
            .append_pair("state", self.state.expose())
            .finish();
        format!("{login_url}/oauth/authorize?{query}")
    }

    /// Reads what the browser came back with: the query of its address.
    pub fn code(&self, query: &str) -> Result<Secret, LoginFault> {
        let parameter = |name: &str| {
            let found = parse(query.as_bytes()).find(|(key, value)| key == name && !value.is_empty());
            found.map(|(_, value)| Secret::new(Cow::into_owned(value)))
        };
        if !parameter("state").is_some_and(|state| state.equals(&self.state)) {
            return Err(LoginFault::OtherState);
        }
        if let Some(code) = parameter("error") {
            let words = parameter("error_description").map(|words| printable(words.expose())).unwrap_or_default();
            return Err(LoginFault::Refused { code: printable(code.expose()), words });
        }
        parameter("code").ok_or(LoginFault::Unreadable)
    }

    /// Redeems the code, which can be done once.
    pub fn plan(&self, code: &Secret) -> Ask<Grant> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.client_id),
            ("code", code.expose()),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", self.pkce.verifier.expose()),
        ];
        ask(&form, vec![code.clone(), self.pkce.verifier.clone()])
    }
}

/// Asks for a user's next token. The server may give a new refresh token and end the old one.
pub(super) fn refresh(client_id: &str, refresh_token: &Secret) -> Ask<Grant> {
    let form = [("grant_type", "refresh_token"), ("client_id", client_id), ("refresh_token", refresh_token.expose())];
    ask(&form, vec![refresh_token.clone()])
}

/// A public client has no secret to name itself by: the form does.
fn ask(form: &[(&str, &str)], secrets: Vec<Secret>) -> Ask<Grant> {
    let form = Serializer::new(String::new()).extend_pairs(form).finish();
    token_endpoint::ask(form, Authorization::InBody(secrets), Needs::UserLogin)
}

/// Words that came through a browser, for an error.
fn printable(words: &str) -> String {
    let mut words: String = words.chars().filter(|c| !c.is_control()).take(LONGEST_WORDS).collect();
    without_numbers(&mut words);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> CodeRequest {
        CodeRequest::new("my client", "http://localhost:8085/callback".into()).unwrap()
    }

    #[test]
    fn the_address_asks_for_a_code_and_shows_no_verifier() {
        let request = request();
        let address = request.address("https://login.mypurecloud.ie");
        assert!(
            address.starts_with("https://login.mypurecloud.ie/oauth/authorize?client_id=my+client&response_type=code")
        );
        assert!(address.contains("code_challenge_method=S256") && !address.contains(request.pkce.verifier.expose()));
        assert!(!format!("{request:?}").contains(request.state.expose()));
    }

    #[test]
    fn only_the_answer_to_this_question_counts() {
        let request = request();
        let state = request.state.expose();
        assert_eq!(request.code(&format!("code=c%2B1&state={state}")).unwrap().expose(), "c+1");
        for query in ["code=c", "code=c&state=", "code=c&state=x", "error=access_denied&state=x", ""] {
            assert_eq!(request.code(query).unwrap_err(), LoginFault::OtherState, "{query}");
        }
        let denied = request.code(&format!("state={state}&error=access_denied&error_description=no")).unwrap_err();
        assert_eq!(denied, LoginFault::Refused { code: "access_denied".into(), words: "no".into() });
        assert_eq!(request.code(&format!("state={state}")).unwrap_err(), LoginFault::Unreadable);
    }
}
