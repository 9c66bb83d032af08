//! What the system notes on a recording: its secure pauses, and the holds of the call while it went on.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::call::Call;
use super::dice::Dice;
use super::moment::Moment;
use super::recording::{Pause, Recording};

/// All in milliseconds; `location` counts from the beginning of the recording, `recordingLocation` without what is cut
/// out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Annotation {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    location: u64,
    duration_ms: u64,
    absolute_location: u64,
    absolute_duration_ms: u64,
    recording_location: u64,
    recording_duration_ms: u64,
    reason: &'static str,
}

/// Those of a recording that has ended, as they came.
pub(super) fn of(call: &Call, recording: &Recording, ids: &mut Dice) -> Vec<Annotation> {
    // So it is documented: all pauses of a recording share one id, a hold has another each time that it is asked for.
    let pauses = recording.pauses.iter().map(|pause| (pause, "SecurePause", shared_id(recording)));
    let holds = holds(call, recording).map(|hold| (hold, "Hold", ids.uuid()));
    let noted = pauses.chain(holds).filter_map(|(pause, reason, id)| annotation(call, recording, pause, reason, id));
    let mut noted: Vec<_> = noted.collect();
    noted.sort_by_key(|annotation| annotation.location);
    noted
}

/// How much of a recording up to a moment is not cut out, in milliseconds.
pub(super) fn sounding(call: &Call, recording: &Recording, until: Moment) -> u64 {
    let suppressed = holds(call, recording).filter(|_| call.traits.suppress_hold);
    let spells = recording.pauses.iter().chain(suppressed).filter_map(|pause| spell(recording, pause, until));
    let mut spells: Vec<_> = spells.collect();
    spells.sort_unstable();
    // A pause may lie in a hold, or the other way round: nothing is cut out twice.
    let (mut sounding, mut at) = (Duration::ZERO, recording.started);
    for (from, to) in spells {
        sounding += from.saturating_sub(at);
        at = at.max(to);
    }
    milliseconds(sounding + until.saturating_sub(at))
}

fn annotation(call: &Call, recording: &Recording, pause: &Pause, reason: &'static str, id: Uuid) -> Option<Annotation> {
    let (from, to) = spell(recording, pause, recording.ended?)?;
    let is_cut = reason == "SecurePause" || call.traits.suppress_hold;
    let (duration, place) = (milliseconds(to.saturating_sub(from)), sounding(call, recording, from));
    Some(Annotation {
        id: id.to_string(),
        kind: "pause",
        location: milliseconds(from.saturating_sub(recording.started)),
        duration_ms: duration,
        absolute_location: place,
        absolute_duration_ms: duration,
        recording_location: place,
        recording_duration_ms: if is_cut { 0 } else { duration },
        reason,
    })
}

fn holds<'a>(call: &'a Call, recording: &Recording) -> impl Iterator<Item = &'a Pause> + use<'a> {
    let pausable = recording.pausable();
    call.holds.iter().filter(move |_| pausable)
}

/// The part of a pause that lies in a recording, up to a moment.
fn spell(recording: &Recording, pause: &Pause, until: Moment) -> Option<(Moment, Moment)> {
    let from = pause.started.max(recording.started);
    let to = pause.ended.unwrap_or(until).min(until);
    (from < to).then_some((from, to))
}

fn shared_id(recording: &Recording) -> Uuid {
    // Any id will do that is not the recording's own and stays the same.
    uuid::Builder::from_random_bytes((!recording.id.as_u128()).to_be_bytes()).into_uuid()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
