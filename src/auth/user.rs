//! Who has logged in, and the end of that.

use http::{Method, StatusCode};

use crate::error::{Error, Needs};
use crate::exchange::{Authorization, Effect, Origin, Request};
use crate::model::{Document, Flaw};
use crate::wire::{Ask, Halt};

/// A user, as the server knows him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: String,
    /// The name, if it is told.
    pub name: Option<String>,
    /// The address, if it is told.
    pub email: Option<String>,
}

/// Asks who the token's user is (`GET /api/v2/users/me`).
pub fn me() -> Ask<User> {
    Ask::new(request(Method::GET, "/api/v2/users/me"), |answer| {
        let user = Document::parse(&answer?.body)?;
        let id = user.string("id").ok_or_else(|| Flaw::new("id", "is missing or no string"))?;
        Ok(User { id, name: user.string("name"), email: user.string("email") })
    })
}

/// Ends the token (`DELETE /api/v2/tokens/me`). One that is refused has ended already.
pub fn revoke() -> Ask<()> {
    Ask::new(request(Method::DELETE, "/api/v2/tokens/me"), |answer| match answer {
        Ok(_) => Ok(()),
        Err(Error::Api(error)) if error.status == StatusCode::UNAUTHORIZED => Ok(()),
        Err(error) => Err(Halt::Failed(error)),
    })
}

fn request(method: Method, path: &'static str) -> Request {
    Request {
        origin: Origin::Api,
        method,
        path: path.into(),
        template: path,
        query: None,
        authorization: Authorization::Caller,
        content_type: "application/json",
        body: None,
        effect: Effect::Read,
        needs: Needs::Token,
    }
}
