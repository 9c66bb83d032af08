//! What a request takes of whoever sends it, as the documents of its wire say.

/// What a refused request would have needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// It is the login itself: an OAuth endpoint.
    Login,
    /// The same for a user (authorization code with PKCE).
    UserLogin,
    /// A token, and nothing more.
    Token,
    /// A scope of the token (the tutorial's wire).
    Scope(&'static str),
    /// Any one of these permissions, by the role of the OAuth client or of the user (the published API).
    AnyOf(&'static [&'static str]),
}

impl Needs {
    /// What to do after a login was refused with this code.
    pub(super) fn if_refused(self, code: Option<&str>) -> &'static str {
        match (self, code) {
            (Self::UserLogin, Some("invalid_grant")) => {
                "The login is over: it was revoked, has expired, or was renewed elsewhere; or the code came too late or \
                 a second time. Log in again: `gcrec login`, or Client.login()."
            }
            (Self::UserLogin, _) => {
                "This OAuth client may not log users in: it takes one whose grant type is code authorization with PKCE, \
                 not client credentials."
            }
            (_, Some("unauthorized_client" | "invalid_grant" | "unsupported_grant_type")) => {
                "This OAuth client is not one for the client credentials grant: make one that is, or log in as a user, \
                 with `gcrec login` or Client.login()."
            }
            _ => {
                "Check the client id and secret (GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET), and that the OAuth client \
                 may use the client credentials grant."
            }
        }
    }

    /// What to do after a 401.
    pub(super) fn if_unauthenticated(self) -> String {
        match self {
            Self::Scope(scope) => format!(
                "The token is missing, wrong or expired, or its scopes do not include {scope}: get a new one with \
                 get_access_token()."
            ),
            Self::Login | Self::UserLogin | Self::Token | Self::AnyOf(_) => {
                "The token is missing, wrong or expired, or belongs to another region: get a new one with \
                 get_access_token(), and check the base URL."
                    .into()
            }
        }
    }

    /// What to do after a 403.
    pub(super) fn if_denied(self) -> String {
        match self {
            Self::Scope(scope) => format!(
                "The token lacks the scope {scope}: add it to the OAuth client (or, for a user's token, to the user's \
                 role) and get a new token."
            ),
            Self::AnyOf([permission]) => format!(
                "The role of the OAuth client (or, for a user's token, of the user) lacks the permission {permission}: \
                 add it to the role."
            ),
            Self::AnyOf(permissions) => format!(
                "The role of the OAuth client (or, for a user's token, of the user) lacks a permission: it needs any one \
                 of {}.",
                permissions.join(", ")
            ),
            Self::Login | Self::UserLogin | Self::Token => {
                "The OAuth client (or the user) may not do this: see to its role, and its divisions.".into()
            }
        }
    }
}
