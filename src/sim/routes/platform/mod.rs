//! The published API on calls: `reads` of one, `listings` of a user's own, `state` (secure pause), `participants`
//! (recordings on demand), `recordings` (the evidence) and `analytics`.

mod analytics;
mod listings;
mod participants;
mod reads;
mod recordings;
mod state;

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::routing::{get, patch, post, put};
use http::StatusCode;

use super::exchange::{Access, Ask};
use crate::sim::call::Call;
use crate::sim::calls::Denied;
use crate::sim::core::Core;
use crate::sim::reply::Failure;
use crate::sim::tokens::Need;

/// Where the documents name no permission.
const ANY_TOKEN: Access = Access::Token(Need::Token);

/// The ids in a path of two, percent-decoded each as one segment.
type Ids = Result<Path<(String, String)>, PathRejection>;

/// Media that have a route for the state of their recordings, beside calls. None of them is a call.
const OTHER_MEDIA: [&str; 7] =
    ["callbacks", "cobrowsesessions", "emails", "messages", "screenshares", "socials", "videos"];

pub(super) fn router() -> Router<Arc<Core>> {
    let router = Router::new()
        .route("/api/v2/conversations", get(listings::conversations))
        .route("/api/v2/conversations/{id}", get(reads::conversation))
        .route("/api/v2/conversations/{id}/recordingstate", patch(state::set))
        .route("/api/v2/conversations/{id}/participants/{participant}", patch(participants::update))
        .route("/api/v2/conversations/{id}/recordings", get(recordings::list))
        .route("/api/v2/conversations/{id}/recordings/{recording}", get(recordings::one))
        .route("/api/v2/conversations/{id}/recordingmetadata", get(recordings::metadata))
        .route("/api/v2/conversations/{id}/recordingmetadata/{recording}", get(recordings::metadata_of_one))
        .route("/api/v2/conversations/calls", get(listings::calls))
        .route("/api/v2/conversations/calls/{id}", get(reads::call).patch(state::update_call))
        .route("/api/v2/conversations/calls/{id}/recordingstate", put(state::put))
        .route("/api/v2/conversations/calls/{id}/participants/{participant}", patch(participants::update))
        .route(
            "/api/v2/conversations/calls/{id}/participants/{participant}/snippet/record",
            post(participants::record_snippet),
        )
        .route("/api/v2/analytics/conversations/details", get(analytics::details))
        .route("/api/v2/analytics/conversations/{id}/details", get(analytics::details_of_one))
        .route("/api/v2/analytics/conversations/details/query", post(analytics::query))
        .route("/api/v2/analytics/conversations/activity/query", post(analytics::activity));
    OTHER_MEDIA.into_iter().fold(router, |router, media| {
        router.route(&format!("/api/v2/conversations/{media}/{{id}}/recordingstate"), put(state::put_elsewhere))
    })
}

fn readable(ids: Ids) -> Result<(String, String), Failure> {
    let Path(ids) = ids.map_err(|_| Failure::bad_request("An id in the path is no UTF-8."))?;
    Ok(ids)
}

/// Why a command is refused, on this wire.
fn refused(id: &str, denied: Denied) -> Failure {
    match denied {
        Denied::Ended => disconnected(),
        // No 409 is documented, so nothing is refused because it would change nothing.
        Denied::Unknown | Denied::NoChange(_) => Failure::no_such_conversation(id),
    }
}

fn disconnected() -> Failure {
    let message = "The call is already disconnected.";
    Failure::new(StatusCode::BAD_REQUEST, "conversation.error.call.disconnected", message)
}

/// Whether who asks is on the call, if they are somebody who can be. Whether the client itself may ask all the same is
/// documented nowhere, so that it is an option.
fn takes_part(call: &Call, ask: &Ask<'_>, needs_user: bool) -> Result<(), Failure> {
    match ask.user() {
        Err(refused) => {
            if needs_user {
                Err(refused)
            } else {
                Ok(())
            }
        }
        Ok(user) if call.ended().is_some() || call.has_agent(user) => Ok(()),
        Ok(_) => {
            let message = "The requester is not an active participant of this conversation.";
            let code = "conversation.error.forbidden.not.active.participant";
            Err(Failure::new(StatusCode::FORBIDDEN, code, message))
        }
    }
}
