//! For whom a token acts.

/// Whom the server takes us for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// An OAuth client, by its own roles (the client credentials grant).
    Client,
    /// A user, with this id.
    User(String),
}
