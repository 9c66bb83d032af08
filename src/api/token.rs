//! Getting an access token.

use crate::auth::ClientCredentials;
use crate::client::Client;
use crate::config::CallOptions;
use crate::error::Error;
use crate::model::Grant;

impl Client {
    /// Asks the token endpoint for a token: `POST /oauth/token`.
    pub fn token(
        &self,
        credentials: &ClientCredentials,
        options: CallOptions,
    ) -> impl Future<Output = Result<Grant, Error>> + Send + use<> {
        let (client, plan) = (self.clone(), credentials.plan());
        async move { client.run_alone(plan, options).await }
    }
}
