//! How an access token is come by, and kept.

mod client_credentials;
mod token_file;
mod tokens;

pub use client_credentials::ClientCredentials;
pub use token_file::TokenFile;
pub use tokens::{Held, Tokens};
