//! Which permissions the token really has, by asking: each row of the wire's table that reads is read; a command is never
//! sent, unless somebody asks for that, and then only to a conversation that does not exist.
//!
//! 403 says that a permission is missing. An id that does not exist is answered 404 by who may look; that the service looks
//! at the permission first is what its users see, and is documented nowhere.

use std::time::Duration;

use super::Check;
use super::time::Time;
use crate::client::Session;
use crate::config::Api;
use crate::error::{Error, ErrorKind};
use crate::limit::Priority;
use crate::model::{Action, Command, ConversationId, ParticipantId, Recorder};
use crate::wire::Plan;
use crate::wire::checkup::Pulse;
use crate::wire::platform::checkup::Recent;
use crate::wire::platform::permissions::{
    CONVERSATION, Endpoint, PARTICIPANT, RECORDING_STATE, RECORDINGS, SEARCH, SNIPPET,
};

const NAME: &str = "permission";
const FOR_A_READ: Duration = Duration::from_secs(5);
/// The id of no conversation: servers draw theirs by chance, and nobody has ever drawn this one.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// A permission, and what it is for.
struct Row {
    any_of: Vec<&'static str>,
    uses: String,
}

/// A command, and at whom it is aimed.
type Aimed = (Command, Option<ParticipantId>);

/// What came of asking; None: it took too long.
type Answer = Option<Result<(), Error>>;

impl Row {
    fn of(endpoint: &Endpoint) -> Self {
        Self { any_of: endpoint.any_of.to_vec(), uses: endpoint.operations.join(", ") }
    }

    /// A scope of the tutorial's wire.
    fn scope(scope: &'static str, uses: &str) -> Self {
        Self { any_of: vec![scope], uses: uses.into() }
    }

    fn words(&self) -> String {
        format!("{} (for {})", self.any_of.join(" or "), self.uses)
    }

    fn check(&self, answer: &Answer) -> Check {
        let words = self.words();
        match answer {
            Some(Ok(())) => Check::ok(NAME, format!("{words}: held.")),
            Some(Err(error)) => match error.kind() {
                ErrorKind::PermissionDenied => {
                    Check { says: format!("{words}: missing. {error}"), ..Check::error(NAME, error) }
                }
                // The token is for nobody who could ever do this.
                ErrorKind::BadRequest if error.code() == Some("not.a.user") => {
                    Check::warning(NAME, format!("{words}: of no use to this token. {error}"), error.hint())
                }
                ErrorKind::NotFound | ErrorKind::BadRequest => {
                    let status = error.status_code().unwrap_or_default();
                    Check::ok(
                        NAME,
                        format!("{words}: held, it seems: an id that does not exist was answered {status}, not 403."),
                    )
                }
                _ => Check::warning(NAME, format!("{words}: could not be tested. {error}"), error.hint()),
            },
            None => Check::warning(NAME, format!("{words}: could not be tested in time."), ""),
        }
    }

    fn untested(&self) -> Check {
        let why = "not tested, because only a command would tell (--probe-commands sends one to a conversation that does \
                   not exist)";
        Check::skipped(NAME, format!("{}: {why}.", self.words()))
    }
}

/// What was asked already.
pub(super) struct Known<'a> {
    pub(super) pulse: Option<&'a Result<Pulse, Error>>,
    pub(super) recent: Option<&'a Result<Recent, Error>>,
}

/// A line for each permission.
pub(super) async fn held(session: &Session, known: Known<'_>, probe_commands: bool, time: &Time) -> Vec<Check> {
    let Ok(nobody) = NOBODY.parse::<ConversationId>() else { return Vec::new() };
    let mut checks = reads(session, known, &nobody, time).await;
    for (row, commands) in commands(session.client().api()) {
        checks.push(match commands.filter(|_| probe_commands) {
            Some((command, aim)) => row.check(&send(session, &nobody, &command, aim.as_ref(), time).await),
            None => row.untested(),
        });
    }
    checks
}

async fn reads(session: &Session, known: Known<'_>, nobody: &ConversationId, time: &Time) -> Vec<Check> {
    let wire = session.wire();
    match session.client().api() {
        Api::Events => {
            let status = ask(session, wire.reading(nobody), time).await;
            vec![
                Row::scope("conversation:read", "active_calls, conversation").check(&again(known.pulse)),
                Row::scope("conversation:recording:read", "status, recordings, ensure").check(&status),
            ]
        }
        Api::Platform => {
            let id = known.recent.and_then(|recent| recent.as_ref().ok()?.id.clone()).unwrap_or_else(|| nobody.clone());
            let conversation = ask(session, wire.conversation(&id), time).await;
            let recordings = ask(session, wire.recordings(&id, None, Duration::ZERO), time).await;
            vec![
                Row::of(&CONVERSATION).check(&conversation),
                Row::of(&SEARCH).check(&again(known.recent)),
                Row::of(&RECORDINGS).check(&recordings),
            ]
        }
    }
}

/// The same answer once more.
fn again<T>(answer: Option<&Result<T, Error>>) -> Answer {
    answer.map(|answer| answer.as_ref().map(|_| ()).map_err(Clone::clone))
}

async fn ask<P: Plan + 'static>(session: &Session, plan: P, time: &Time) -> Answer {
    time.within(FOR_A_READ, session.run(plan, Priority::FirstRead)).await.map(|answer| answer.map(drop))
}

/// The rows that only a command tests, each with the command that does the least.
fn commands(api: Api) -> Vec<(Row, Option<Aimed>)> {
    let aimed = |command| Some((command, Some(NOBODY.parse().ok()?)));
    let stop = |recorder| Command { recorder, ..Action::Stop.into() };
    match api {
        Api::Events => {
            vec![(Row::scope("conversation:recording:write", "start, stop, ensure"), Some((Action::Stop.into(), None)))]
        }
        Api::Platform => vec![
            (Row::of(&RECORDING_STATE), Some((Action::Pause.into(), None))),
            (Row::of(&PARTICIPANT), aimed(stop(Recorder::Participant))),
            (Row::of(&SNIPPET), aimed(stop(Recorder::Snippet))),
        ],
    }
}

async fn send(
    session: &Session,
    nobody: &ConversationId,
    command: &Command,
    aim: Option<&ParticipantId>,
    time: &Time,
) -> Answer {
    match session.wire().command(nobody, command, aim) {
        Ok(plan) => ask(session, plan, time).await,
        Err(error) => Some(Err(error)),
    }
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};

    use super::super::Verdict;
    use super::*;
    use crate::error::{ApiError, Call, Needs, Problem};

    fn refused(status: StatusCode) -> Error {
        Error::Api(Box::new(ApiError {
            call: Call::new(Method::GET, "/x".into(), false),
            status,
            problem: Problem::default(),
            needs: Needs::AnyOf(RECORDINGS.any_of),
            gave_up: String::new(),
        }))
    }

    #[test]
    fn an_answer_tells_whether_a_permission_is_held() {
        let row = Row::of(&RECORDINGS);
        for (answer, verdict) in [
            (Some(Ok(())), Verdict::Ok),
            (Some(Err(refused(StatusCode::NOT_FOUND))), Verdict::Ok),
            (Some(Err(refused(StatusCode::FORBIDDEN))), Verdict::Failed),
            (Some(Err(refused(StatusCode::TOO_MANY_REQUESTS))), Verdict::Warning),
            (None, Verdict::Warning),
        ] {
            let check = row.check(&answer);
            assert_eq!(check.verdict, verdict, "{check:?}");
            assert!(check.says.starts_with("recording:recording:view or "), "{check:?}");
        }
        assert!(row.check(&Some(Err(refused(StatusCode::FORBIDDEN)))).mend.contains("recording:recording:view"));
    }

    #[test]
    fn every_permission_of_the_table_has_its_row() {
        let read = [&CONVERSATION, &SEARCH, &RECORDINGS].map(|endpoint| endpoint.any_of.to_vec());
        let commanded = commands(Api::Platform).into_iter().map(|(row, _)| row.any_of);
        let known: Vec<_> = read.into_iter().chain(commanded).collect();
        for endpoint in crate::wire::platform::permissions::ALL.iter().filter(|endpoint| !endpoint.any_of.is_empty()) {
            assert!(known.contains(&endpoint.any_of.to_vec()), "{endpoint:?}");
        }
    }
}
