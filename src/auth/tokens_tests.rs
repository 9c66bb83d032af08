//! The token of the moment: renewed in time, once for all.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use futures_util::future::join_all;
use http::{Method, StatusCode};
use tokio::sync::oneshot;

use super::*;
use crate::clock::{Clock, ManualClock};
use crate::error::{ApiError, Call, Problem};

fn grant(token: &str, life: Option<u64>) -> Grant {
    let token = AccessToken::new(token).unwrap();
    Grant { token, expires_in: life.map(Duration::from_secs), scopes: Vec::new(), refresh_token: None }
}

fn error(status: u16) -> Error {
    Error::Api(Box::new(ApiError {
        call: Call::new(Method::POST, "/oauth/token".into(), false),
        status: StatusCode::from_u16(status).unwrap(),
        problem: Problem::default(),
        needs: crate::error::Needs::Login,
        gave_up: String::new(),
    }))
}

/// A source that gives one token after the other, and counts.
fn counting(clock: &Arc<ManualClock>, life: Option<u64>) -> (Arc<Tokens>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let ask = move || {
        let n = count.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(grant(&format!("token-{n}"), life)) }.boxed()
    };
    (Arc::new(Tokens::asked_for(ask, None, clock.clone())), asked)
}

fn get(tokens: &Tokens) -> Held {
    tokens.get().now_or_never().unwrap().unwrap()
}

#[test]
fn a_token_is_renewed_before_it_expires() {
    let clock = Arc::new(ManualClock::new(0));
    let (tokens, asked) = counting(&clock, Some(600));
    assert_eq!(get(&tokens).serial, 1);
    clock.advance(Duration::from_secs(539));
    assert_eq!(get(&tokens).serial, 1);
    clock.advance(Duration::from_secs(1));
    assert_eq!((get(&tokens).serial, asked.load(Ordering::SeqCst)), (2, 2));
}

#[test]
fn a_life_that_is_missing_absurd_or_short_is_survived() {
    for (life, good_for) in [(None, 1_000_000), (Some(u64::MAX / 2), 1_000_000), (Some(10), 7), (Some(1), 0)] {
        let clock = Arc::new(ManualClock::new(0));
        let (tokens, asked) = counting(&clock, life);
        get(&tokens);
        clock.advance(Duration::from_secs(good_for));
        get(&tokens);
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{life:?}");
    }
}

#[test]
fn a_thousand_callers_of_a_revoked_token_ask_for_one() {
    let clock = Arc::new(ManualClock::new(0));
    let (tokens, asked) = counting(&clock, Some(600));
    let old = get(&tokens);
    let callers = (0..1_000).map(|_| async {
        assert!(tokens.refused(old.serial));
        tokens.get().await.unwrap().serial
    });
    let serials = join_all(callers).now_or_never().unwrap();
    assert!(serials.iter().all(|serial| *serial == 2));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

/// A source whose answers a test gives.
fn by_hand(clock: &Arc<ManualClock>, answers: usize) -> (Tokens, Vec<oneshot::Sender<Result<Grant, Error>>>) {
    let (senders, receivers): (Vec<_>, VecDeque<_>) = (0..answers).map(|_| oneshot::channel()).unzip();
    let receivers = Mutex::new(receivers);
    let ask = move || {
        let answer = receivers.lock().unwrap().pop_front().expect("no more is asked than answered");
        async move { answer.await.unwrap() }.boxed()
    };
    (Tokens::asked_for(ask, None, clock.clone()), senders)
}

#[test]
fn whoever_began_to_ask_may_leave_and_the_others_still_get_their_token() {
    let clock = Arc::new(ManualClock::new(0));
    let (tokens, mut answers) = by_hand(&clock, 1);
    let mut first = Box::pin(tokens.get());
    let mut second = Box::pin(tokens.get());
    assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
    drop(first);
    answers.remove(0).send(Ok(grant("token", None))).unwrap();
    assert_eq!(second.now_or_never().unwrap().unwrap().serial, 1);
}

/// A login whose answers a test gives; it notes which tokens were to be replaced.
struct Login {
    tokens: Tokens,
    answers: VecDeque<oneshot::Sender<Result<Grant, Error>>>,
    replaced: Arc<Mutex<Vec<Option<String>>>>,
}

impl Login {
    fn new(answers: usize) -> Self {
        let (senders, receivers): (VecDeque<_>, VecDeque<_>) = (0..answers).map(|_| oneshot::channel()).unzip();
        let receivers = Mutex::new(receivers);
        let replaced = Arc::new(Mutex::new(Vec::new()));
        let note = replaced.clone();
        let ask = move |before: Option<AccessToken>| {
            note.lock().unwrap().push(before.map(|token| token.secret().expose().to_owned()));
            let answer = receivers.lock().unwrap().pop_front().expect("no more is asked than answered");
            async move { answer.await.unwrap() }.boxed()
        };
        Self { tokens: Tokens::of_login(ask, Arc::new(ManualClock::new(0))), answers: senders, replaced }
    }

    fn answer(&mut self, answer: Result<Grant, Error>) {
        self.answers.pop_front().unwrap().send(answer).unwrap();
    }
}

#[test]
fn a_login_is_renewed_in_place_of_what_was_refused() {
    let mut login = Login::new(2);
    login.answer(Ok(grant("one", None)));
    login.answer(Ok(grant("two", None)));
    let first = get(&login.tokens);
    assert!(login.tokens.refused(first.serial));
    get(&login.tokens);
    assert_eq!(*login.replaced.lock().unwrap(), [None, Some("one".to_owned())]);
}

#[test]
fn a_renewal_that_spends_something_goes_on_after_everybody_has_left() {
    let mut login = Login::new(1);
    assert!(login.tokens.get().now_or_never().is_none());
    login.answer(Ok(grant("one", None)));
    assert_eq!(get(&login.tokens).token.secret().expose(), "one");
}

#[test]
fn one_that_was_left_and_failed_says_nothing_of_ours() {
    let mut login = Login::new(2);
    assert!(login.tokens.get().now_or_never().is_none());
    login.answer(Err(error(500)));
    login.answer(Ok(grant("two", None)));
    assert_eq!(get(&login.tokens).token.secret().expose(), "two");
}

#[test]
fn a_refused_client_fails_everybody_at_once_for_a_while() {
    let clock = Arc::new(ManualClock::new(0));
    let (tokens, mut answers) = by_hand(&clock, 2);
    answers.remove(0).send(Err(error(401))).unwrap();
    for _ in 0..100 {
        assert_eq!(tokens.get().now_or_never().unwrap().unwrap_err().kind(), ErrorKind::Authentication);
    }
    clock.advance(REFUSED_FOR);
    answers.remove(0).send(Ok(grant("token", None))).unwrap();
    assert_eq!(get(&tokens).serial, 1);
}

#[test]
fn a_failed_renewal_does_not_spoil_a_token_that_is_still_good() {
    let clock = Arc::new(ManualClock::new(0));
    let (tokens, mut answers) = by_hand(&clock, 3);
    answers.remove(0).send(Ok(grant("token", Some(600)))).unwrap();
    get(&tokens);
    clock.advance(Duration::from_secs(560));
    answers.remove(0).send(Err(error(500))).unwrap();
    assert_eq!(get(&tokens).serial, 1);
    clock.advance(Duration::from_secs(40));
    answers.remove(0).send(Err(error(500))).unwrap();
    assert!(tokens.get().now_or_never().unwrap().is_err());
}

#[test]
fn a_given_token_stays_what_it_is() {
    let clock = Arc::new(ManualClock::new(0));
    let tokens = Tokens::fixed(AccessToken::new("given").unwrap(), clock.clone());
    assert!(!tokens.refused(1));
    assert_eq!(get(&tokens).serial, 1);
    assert_eq!(clock.now(), Duration::ZERO);
}
