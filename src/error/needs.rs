//! What a request takes of whoever sends it, as the documents of its wire say.

/// What a refused request would have needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// It is the login itself: an OAuth endpoint.
    Login,
    /// A token, and nothing more.
    Token,
    /// A scope of the token (the tutorial's wire).
    Scope(&'static str),
    /// Any one of these permissions, by the role of the OAuth client or of the user (the published API).
    AnyOf(&'static [&'static str]),
}

impl Needs {
    /// What to do after a 401.
    pub(super) fn if_unauthenticated(self) -> String {
        match self {
            Self::Scope(scope) => format!(
                "The token is missing, wrong or expired, or its scopes do not include {scope}: get a new one with \
                 get_access_token()."
            ),
            Self::Login | Self::Token | Self::AnyOf(_) => {
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
            Self::Login | Self::Token => {
                "The OAuth client (or the user) may not do this: see to its role, and its divisions.".into()
            }
        }
    }
}
