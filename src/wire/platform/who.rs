//! Whom the server takes us for: a user, or an OAuth client, for which it has no user.

use super::super::{Ask, Halt};
use super::permissions::WHO;
use crate::error::{Error, ErrorKind};
use crate::model::{Document, Flaw, Who};

/// What the server says to a client that asks for a user's own things.
const NOT_A_USER: &str = "not.a.user";

/// Asks for the user behind the token (`GET /api/v2/users/me`).
pub(super) fn ask() -> Ask<Who> {
    let request = super::request(&WHO, WHO.template.into());
    Ask::new(request, |answer| match answer {
        Ok(response) => {
            let user = Document::parse(&response.body)?;
            Ok(Who::User(user.string("id").ok_or_else(|| Flaw::new("id", "is missing or no string"))?))
        }
        Err(error) if is_no_user(&error) => Ok(Who::Client),
        Err(error) => Err(Halt::Failed(error)),
    })
}

fn is_no_user(error: &Error) -> bool {
    error.kind() == ErrorKind::BadRequest && error.code() == Some(NOT_A_USER)
}
