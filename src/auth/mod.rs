//! How an access token is come by.

mod client_credentials;

pub use client_credentials::ClientCredentials;
