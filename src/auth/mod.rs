//! How an access token is come by, and kept.

mod authorization_code;
pub mod browser;
mod cache;
mod callback;
mod client_credentials;
mod pkce;
mod token_endpoint;
mod token_file;
mod tokens;
mod user;
mod user_login;

pub use authorization_code::CodeRequest;
pub use callback::Callback;
pub use client_credentials::ClientCredentials;
pub use token_file::TokenFile;
pub use tokens::{Held, Tokens};
pub use user::{User, me, revoke};
pub use user_login::{LoginPlace, UserLogin, kept_logins};
