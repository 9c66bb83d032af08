//! The evidence, after the fact: what was recorded of a conversation, and the pauses in it.

use std::time::Duration;

use http::Method;

use crate::client::Session;
use crate::error::{Call, Error, Sent, TransportError, TransportKind};
use crate::limit::Priority;
use crate::model::{ConversationId, MediaFormat, Pause, Recording};

/// A server that is busy with recordings may keep the answer back for so long: its own default.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// What its answer needs to travel.
const MARGIN: Duration = Duration::from_secs(1);
/// A server that does not keep it back is asked again after this, and each time somewhat later.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const GROWTH: f64 = 1.5;

impl Session {
    /// What was recorded of a conversation. Media that are being transcoded are awaited until the timeout. A wire that has
    /// none refuses at once.
    pub fn recordings(
        &self,
        id: &ConversationId,
        media: Option<MediaFormat>,
    ) -> Result<impl Future<Output = Result<Vec<Recording>, Error>> + Send + use<>, Error> {
        self.wire().check_media(media)?;
        let (session, id) = (self.clone(), id.clone());
        Ok(async move {
            let terms = session.terms(Priority::FirstRead);
            let clock = session.clock();
            let (began, mut pause, mut asked) = (clock.now(), FIRST_PAUSE, 0);
            loop {
                let left = terms.budget.left(clock.now());
                let wait = left.saturating_sub(MARGIN).min(LONGEST_WAIT);
                asked += 1;
                if let Some(all) = session.run_on(session.wire().recordings(&id, media, wait), &terms).await? {
                    return Ok(all);
                }
                if terms.budget.left(clock.now()) <= pause {
                    return Err(still_busy(&id, asked, clock.now().saturating_sub(began)));
                }
                clock.sleep_until(clock.now() + pause).await;
                pause = pause.mul_f64(GROWTH).min(LONGEST_PAUSE);
            }
        })
    }

    /// The pauses in a conversation's recordings, the earliest first. A wire that knows of none refuses at once.
    pub fn pauses(
        &self,
        id: &ConversationId,
    ) -> Result<impl Future<Output = Result<Vec<Pause>, Error>> + Send + use<>, Error> {
        self.wire().check_pauses()?;
        let recordings = self.recordings(id, None)?;
        Ok(async move {
            let mut pauses: Vec<_> = recordings.await?.iter().flat_map(Recording::pauses).collect();
            pauses.sort_by_key(|pause| (pause.start.is_none(), pause.start));
            Ok(pauses)
        })
    }
}

fn still_busy(id: &ConversationId, attempts: u32, waited: Duration) -> Error {
    let call = Call::new(Method::GET, format!("/api/v2/conversations/{}/recordings", id.segment()), false);
    let seconds = waited.as_secs_f64();
    Error::Transport(Box::new(TransportError {
        kind: TransportKind::RequestTimeout,
        call: Call { attempts, ..call },
        sent: Sent::Maybe,
        reason: format!("after {seconds:.1} s the server was still transcoding the recordings (202)"),
        source: None,
    }))
}
