//! What is asked of the tables.

use std::time::{Duration, SystemTime};

use rusqlite::Connection;

use super::super::schema;
use super::super::word::{Action, Basis, Outcome, State, Target};
use super::*;

fn tables() -> Connection {
    let connection = schema::in_memory();
    Tables(&connection).add_process(7, "2026-01-01T00:00:00.000Z").unwrap();
    connection
}

fn stamp(seconds: u64) -> Stamp {
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_767_225_600_250 + seconds * 1_000);
    Stamp { at, monotonic: Duration::from_millis(seconds * 1_000 + 125), process: ProcessId(1) }
}

fn ok<T>(done: Result<T, Fault>) -> T {
    match done {
        Ok(value) => value,
        Err(Fault::Refused(error)) => panic!("{error}"),
        Err(Fault::Storage(error)) => panic!("{error}"),
    }
}

fn refused<T>(done: Result<T, Fault>) -> JournalError {
    match done {
        Err(Fault::Refused(error)) => error,
        Err(Fault::Storage(error)) => panic!("{error}"),
        Ok(_) => panic!("it was done"),
    }
}

fn add(tables: &Tables<'_>, intent: &Intent) -> RowId {
    ok(tables.add(intent, &stamp(0)))
}

fn change(tables: &Tables<'_>, row: RowId, change: impl Into<Change>) {
    ok(tables.change(row, &change.into(), &stamp(9)));
}

fn ids(entries: &[Entry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.id.0).collect()
}

#[test]
fn a_row_is_read_as_it_was_written() {
    let connection = tables();
    let tables = Tables(&connection);
    let run = ok(tables.begin(RunKind::Ensure(Target::Stopped), &stamp(0)));
    let block = add(&tables, &Intent::new("me", Operation::Block, "c1"));
    let intent = Intent {
        run: Some(run.id),
        block: Some(block),
        action: Some(Action::Pause),
        target: Some(Target::Paused),
        state_before: Some(State::Held),
        basis: Some(Basis::SecurePause),
        reason: Some("card".into()),
        ..Intent::new("me", Operation::Pause, "c1")
    };
    let row = ok(tables.add(&intent, &stamp(1)));
    let answer = Change {
        outcome: Some(Outcome::Unknown),
        status_code: Some(504),
        error_code: Some("e".repeat(1_000)),
        correlation_id: Some("abc".into()),
        state: Some(State::Recording),
        phase: None,
    };
    ok(tables.change(row, &answer, &stamp(2)));
    let expected = Entry {
        id: row,
        run: intent.run,
        block: intent.block,
        client_id: intent.client_id,
        operation: intent.operation,
        action: intent.action,
        target: intent.target,
        conversation_id: intent.conversation_id,
        state_before: intent.state_before,
        basis: intent.basis,
        phase: None,
        intent_at: stamp(1),
        pid: 7,
        status_code: Some(504),
        error_code: Some("e".repeat(LONGEST)),
        correlation_id: answer.correlation_id,
        reason: intent.reason,
        state: answer.state,
        outcome: answer.outcome,
        outcome_at: Some(stamp(2)),
    };
    assert_eq!(tables.page_of(run.id, RowId(0), 10).unwrap(), tables.page(block, 10).unwrap());
    assert_eq!(tables.page(block, 10).unwrap(), [expected]);
}

#[test]
fn a_change_leaves_what_it_does_not_name() {
    let connection = tables();
    let tables = Tables(&connection);
    let row = add(&tables, &Intent::new("me", Operation::Stop, "c1"));
    change(&tables, row, Change { status_code: Some(202), ..Change::from(Outcome::Accepted) });
    ok(tables.change(row, &Change { state: Some(State::Stopped), ..Change::default() }, &stamp(20)));
    let [entry] = tables.page(RowId(0), 10).unwrap().try_into().unwrap();
    assert_eq!(
        (entry.status_code, entry.outcome, entry.state),
        (Some(202), Some(Outcome::Accepted), Some(State::Stopped))
    );
    assert_eq!(entry.outcome_at, Some(stamp(9)));
}

#[test]
fn what_sent_nothing_is_one_write() {
    let connection = tables();
    let tables = Tables(&connection);
    add(&tables, &Intent { outcome: Some(Outcome::Already), ..Intent::new("me", Operation::Ensure, "c1") });
    let [entry] = tables.page(RowId(0), 10).unwrap().try_into().unwrap();
    assert_eq!(entry.outcome_at, Some(entry.intent_at));
    assert!(tables.pending().unwrap().is_empty());
}

#[test]
fn pending_is_what_has_no_outcome_or_an_open_one() {
    let connection = tables();
    let tables = Tables(&connection);
    for outcome in [None].into_iter().chain(Outcome::ALL.iter().copied().map(Some)) {
        let row = add(&tables, &Intent::new("me", Operation::Stop, format!("c{outcome:?}")));
        if let Some(outcome) = outcome {
            change(&tables, row, outcome);
        }
    }
    let found: Vec<_> = tables.pending().unwrap().into_iter().map(|entry| entry.outcome).collect();
    assert_eq!(found, [None, Some(Outcome::Unknown), Some(Outcome::NotProven)]);
    assert_eq!(tables.pending_of("cNone").unwrap().len(), 1);
    assert_eq!(tables.pending_of("cSome(Proven)").unwrap().len(), 0);
}

#[test]
fn the_pauses_of_a_block_are_pending_until_it_is_closed() {
    let connection = tables();
    let tables = Tables(&connection);
    let other = add(&tables, &Intent::new("me", Operation::Block, "c2"));
    change(&tables, other, Change { outcome: Some(Outcome::Already), ..Change::from(Phase::Closed) });
    let block = add(&tables, &Intent::new("me", Operation::Block, "c1"));
    let part =
        |action, operation| Intent { block: Some(block), action: Some(action), ..Intent::new("me", operation, "c1") };
    let pause = add(&tables, &part(Action::Pause, Operation::Pause));
    let resume = add(&tables, &part(Action::Resume, Operation::Resume));
    change(&tables, pause, Outcome::Proven);
    change(&tables, resume, Outcome::Accepted);
    for phase in [Phase::Intent, Phase::Paused, Phase::Resuming] {
        change(&tables, block, Change { outcome: Some(Outcome::Proven), ..Change::from(phase) });
        assert_eq!(ids(&tables.pending().unwrap()), [block.0, pause.0], "{phase}");
        assert_eq!(tables.pending_of("c1").unwrap(), tables.pending().unwrap());
        assert!(tables.pending_of("c2").unwrap().is_empty());
    }
    change(&tables, block, Change { outcome: Some(Outcome::Resumed), ..Change::from(Phase::Closed) });
    assert!(tables.pending().unwrap().is_empty());
}

#[test]
fn a_block_is_its_own() {
    let connection = tables();
    let tables = Tables(&connection);
    let block = add(&tables, &Intent::new("me", Operation::Block, "c1"));
    let [entry] = tables.page(RowId(0), 10).unwrap().try_into().unwrap();
    assert_eq!((entry.block, entry.phase), (Some(block), Some(Phase::Intent)));
}

#[test]
fn an_unfinished_run_is_continued_and_a_finished_one_is_not() {
    let connection = tables();
    let tables = Tables(&connection);
    let kind = RunKind::Control(Action::Stop);
    let run = ok(tables.begin(kind, &stamp(0)));
    assert_eq!(ok(tables.begin(kind, &stamp(5))), run);
    let other = refused(tables.begin(RunKind::Ensure(Target::Stopped), &stamp(5)));
    assert_eq!(
        other.to_string(),
        "The journal has an unfinished run (stop, begun 2026-01-01T00:00:00.250Z), so ensure stopped cannot begin: \
         recover first."
    );
    ok(tables.finish(run.id, &stamp(6)));
    ok(tables.finish(run.id, &stamp(7)));
    let next = ok(tables.begin(kind, &stamp(8)));
    assert_ne!(next.id, run.id);
    let runs = tables.runs().unwrap();
    assert_eq!(runs, [Run { finished_at: Some(stamp(6)), ..run }, next]);
}

#[test]
fn the_last_row_of_an_id_in_a_run_counts() {
    let connection = tables();
    let tables = Tables(&connection);
    let run = ok(tables.begin(RunKind::Control(Action::Stop), &stamp(0))).id;
    let row = |run, outcome| Intent { run, outcome: Some(outcome), ..Intent::new("me", Operation::Stop, "c1") };
    add(&tables, &row(Some(run), Outcome::Failed));
    let last = add(&tables, &row(Some(run), Outcome::Proven));
    add(&tables, &row(None, Outcome::Failed));
    assert_eq!(tables.item(run, "c1").unwrap().map(|entry| entry.id), Some(last));
    assert_eq!(tables.item(run, "c2").unwrap(), None);
    assert_eq!(tables.item(RunId(99), "c1").unwrap(), None);
}

#[test]
fn what_is_not_there_is_refused() {
    let connection = tables();
    let tables = Tables(&connection);
    assert_eq!(refused(tables.change(RowId(1), &Outcome::Proven.into(), &stamp(0))), JournalError::NoSuchRow);
    assert_eq!(refused(tables.finish(RunId(1), &stamp(0))), JournalError::NoSuchRow);
    let stray = Intent { block: Some(RowId(9)), ..Intent::new("me", Operation::Pause, "c1") };
    assert_eq!(refused(tables.add(&stray, &stamp(0))), JournalError::NoSuchRow);
}

#[test]
fn no_question_reads_the_whole_table() {
    let connection = tables();
    let plan = |rest: &str| -> String {
        let rest = rest.replace('?', ""); // a number for each parameter
        let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {ENTRY} {rest}")).unwrap();
        let steps = explain.query_map([], |row| row.get::<_, String>(3)).unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    for rest in [PENDING, PENDING_OF, ITEM, PAGE, PAGE_OF] {
        let plan = plan(rest);
        let scans = |step: &&str| step.contains("SCAN") && !step.contains("INDEX open_");
        assert_eq!(plan.lines().find(scans), None, "{rest}\n{plan}");
    }
    assert!(plan(ITEM).contains("INDEX entries_of_runs (run=? AND conversation_id=?)"), "{}", plan(ITEM));
    assert!(plan(PENDING_OF).contains("INDEX open_entries (conversation_id=?)"), "{}", plan(PENDING_OF));
}
