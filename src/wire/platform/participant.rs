//! Whose recording a start or a stop is for: never the customer's, a machine's or a queue's.
//!
//! On demand the published API records an agent or a user. Of several it is the caller's own, if a user calls; else the
//! last who connected, for a stop of those who are recorded.

use super::super::Aim;
use crate::error::{Error, Missed, ParticipantError};
use crate::model::{Action, Command, ConversationId, Document, ParticipantId, Recorder, Who};

/// A participant with such a purpose is not recorded on demand, whatever else is said of it.
const OTHERS: [&str; 10] =
    ["customer", "external", "ivr", "acd", "voicemail", "fax", "workflow", "botflow", "campaign", "dialer"];
/// A call with such a word is over.
const OVER: [&str; 2] = ["disconnected", "terminated"];
/// With such a word it has not begun: there is nothing to record yet.
const TO_COME: [&str; 6] = ["alerting", "dialing", "contacting", "offering", "scheduled", "none"];

/// Who takes part, as far as this is concerned.
struct Party {
    id: Option<ParticipantId>,
    user: Option<String>,
    /// An agent, or another user of the organisation.
    is_staff: bool,
    /// Live calls.
    live: Vec<Document>,
}

/// Whom `command` is for, as the conversation `raw` shows.
pub(super) fn aim(id: &ConversationId, command: &Command, raw: &Document, who: Option<&Who>) -> Result<Aim, Error> {
    let missed = |missed| Err(Error::from(ParticipantError::new(id.as_str(), missed)));
    let parties: Vec<_> = raw.list_of("participants").iter().map(Party::read).collect();
    if let Some(named) = &command.participant {
        return match parties.iter().find(|party| party.id.as_ref() == Some(named)) {
            None => missed(Missed::Unknown),
            Some(party) if !party.is_staff => missed(Missed::NotRecordable),
            Some(party) if party.live.is_empty() => missed(Missed::Gone),
            Some(_) => Ok(Aim::At(named.clone())),
        };
    }
    let mut candidates: Vec<_> = parties.iter().filter_map(Party::candidate).collect();
    // Times of one server, in one form; of the same moment the later in its list.
    candidates.sort_by_key(|(_, party)| party.connected_at());
    let Some((last, _)) = candidates.last() else { return missed(Missed::Nobody) };
    let aimed = |id: &ParticipantId| Ok(Aim::At(id.clone()));
    if candidates.len() == 1 {
        return aimed(last);
    }
    let of = |user: &String| candidates.iter().rev().find(|(_, party)| party.user.as_ref() == Some(user));
    let own = match who {
        None => return Ok(Aim::AskWho),
        Some(Who::User(user)) => of(user),
        Some(Who::Client) => None,
    };
    let recorded = |(_, party): &&(ParticipantId, &Party)| party.is_recorded(command.recorder);
    match (own, candidates.iter().rev().find(recorded)) {
        (Some((own, _)), _) => aimed(own),
        (None, Some((recorded, _))) if command.action == Action::Stop => aimed(recorded),
        (None, _) => aimed(last),
    }
}

impl Party {
    fn read(raw: &Document) -> Self {
        let user = raw.string("userId");
        let purpose = raw.string("purpose").unwrap_or_default().to_ascii_lowercase();
        let mut live = raw.list_of("calls");
        live.retain(|call| !has_word(call, &OVER));
        Self {
            id: raw.string("id").and_then(|id| id.parse().ok()),
            is_staff: matches!(purpose.as_str(), "agent" | "user")
                || (user.is_some() && !OTHERS.contains(&purpose.as_str())),
            user,
            live,
        }
    }

    /// Can it be meant by a command that names nobody?
    fn candidate(&self) -> Option<(ParticipantId, &Self)> {
        let connected = self.live.iter().any(|call| !has_word(call, &TO_COME));
        self.id.clone().filter(|_| self.is_staff && connected).map(|id| (id, self))
    }

    /// `Z` sorts after the point of a fraction, and a whole second before it.
    fn connected_at(&self) -> Option<String> {
        let times = self.live.iter().filter_map(|call| call.string("connectedTime"));
        times.map(|time| time.trim_end_matches('Z').to_owned()).max()
    }

    /// Is it recorded on demand, by this recorder?
    fn is_recorded(&self, recorder: Recorder) -> bool {
        let name = if recorder == Recorder::Snippet { "snippetState" } else { "adhocState" };
        self.live.iter().any(|call| match call.member("recordersState") {
            Some(states) => {
                let word = states.get(name).and_then(|word| word.as_str()).unwrap_or_default();
                !word.is_empty() && !word.eq_ignore_ascii_case("none")
            }
            None => call.member("recording").is_some_and(|recording| recording == true),
        })
    }
}

fn has_word(call: &Document, words: &[&str]) -> bool {
    let state = call.string("state").unwrap_or_default();
    words.iter().any(|word| state.eq_ignore_ascii_case(word))
}

#[cfg(test)]
#[path = "participant_tests.rs"]
mod tests;
