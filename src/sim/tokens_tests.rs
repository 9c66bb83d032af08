//! How long tokens are good, for whom, and what ends them.

use super::*;
use crate::sim::Options;

const NOW: Moment = Duration::from_secs(100);
const READ: Need = Need::Scope("conversation:read");
const BACK: &str = "http://localhost/";

fn tokens(options: &Options) -> Tokens {
    Tokens::new(&options.check().unwrap())
}

fn log_in(tokens: &mut Tokens, user: Uuid) -> Issued {
    let code = tokens.log_in(NOW, Login { user, redirect_uri: BACK.into(), challenge: None });
    tokens.exchange(NOW, &code, BACK, None, Exchanger::Confidential).unwrap()
}

#[test]
fn a_token_is_good_until_it_expires_or_is_revoked() {
    let mut tokens = tokens(&Options { token_lifetime: 10.0, ..Options::default() });
    let token = tokens.issue(NOW, Holder::Client);
    assert!(tokens.admit(NOW + Duration::from_millis(9_999), Some(&token), READ).is_ok());
    assert_eq!(tokens.admit(NOW + Duration::from_secs(10), Some(&token), READ), Err(Refusal::BadToken));
    let token = tokens.issue(NOW, Holder::Client);
    assert!(tokens.admit(NOW, Some(&token), READ).is_ok());
    assert_eq!(tokens.revoke_all(false), 2);
    assert_eq!(tokens.admit(NOW, Some(&token), READ), Err(Refusal::BadToken));
    assert_eq!(tokens.admit(NOW, None, READ), Err(Refusal::NoToken));
}

#[test]
fn each_token_has_its_own_window_which_refused_requests_do_not_fill() {
    let mut tokens = tokens(&Options { rate_limit: Some(2), rate_window: 1.5, ..Options::default() });
    let (first, second) = (tokens.issue(NOW, Holder::Client), tokens.issue(NOW, Holder::Client));
    let at = |milliseconds| NOW + Duration::from_millis(milliseconds);
    let quota = Quota { allowed: 2, count: 1, reset: 2, window: 2 };
    assert_eq!(tokens.admit(at(0), Some(&first), READ), Ok(Admission { holder: Holder::Client, quota }));
    assert!(tokens.admit(at(1_400), Some(&first), READ).is_ok());
    let quota = Quota { allowed: 2, count: 2, reset: 1, window: 2 };
    let excess = Excess { quota, key: "client.credentials.token.rate.per.minute", in_header: true };
    assert_eq!(tokens.admit(at(1_400), Some(&first), READ), Err(Refusal::TooMany(excess)));
    assert!(tokens.admit(at(1_400), Some(&second), READ).is_ok());
    assert_eq!(tokens.admit(at(1_500), Some(&first), READ).map(|admission| admission.quota.count), Ok(1));
}

#[test]
fn a_users_tokens_share_ten_tokens_worth() {
    let mut tokens = tokens(&Options { rate_limit: Some(1), ..Options::default() });
    let mut refused = |user| {
        let token = tokens.issue(NOW, Holder::User(user));
        match tokens.admit(NOW, Some(&token), Need::Token) {
            Err(Refusal::TooMany(excess)) => Some(excess.key),
            _ => None,
        }
    };
    assert!((0..10).all(|_| refused(Uuid::nil()).is_none()));
    assert_eq!(refused(Uuid::nil()), Some("org.app.user.rate.per.minute"));
    assert_eq!(refused(Uuid::max()), None);
}

#[test]
fn a_scope_that_was_not_granted_is_missing() {
    let mut tokens = tokens(&Options { scopes: vec!["conversation:write".into()], ..Options::default() });
    let token = tokens.issue(NOW, Holder::Client);
    assert!(matches!(tokens.admit(NOW, Some(&token), READ), Err(Refusal::Missing(_))));
}

#[test]
fn any_one_of_the_roles_permissions_is_enough_and_scopes_are_none() {
    let options =
        Options { permissions: vec!["a:b:c".into()], user_permissions: vec!["x:y:z".into()], ..Options::default() };
    let mut tokens = tokens(&options);
    for (holder, own, other) in [(Holder::Client, "a:b:c", "x:y:z"), (Holder::User(Uuid::nil()), "x:y:z", "a:b:c")] {
        let token = tokens.issue(NOW, holder);
        let mut ask = |any| tokens.admit(NOW, Some(&token), Need::AnyPermission(any));
        assert_eq!(ask(&["a:b:c", "x:y:z"]).map(|admission| admission.holder), Ok(holder));
        assert!(matches!(ask(&["conversation:read"]), Err(Refusal::Missing(_))));
        assert_eq!((tokens.permits(holder, own), tokens.permits(holder, other)), (true, false));
    }
}

#[test]
fn a_family_dies_with_all_its_tokens_and_no_other() {
    let mut tokens = tokens(&Options::default());
    let (first, other) = (log_in(&mut tokens, Uuid::nil()), log_in(&mut tokens, Uuid::nil()));
    let second = tokens.refresh(NOW, first.refresh_token.as_deref().unwrap(), Exchanger::Confidential).unwrap();
    let mut good = |token: &str| tokens.admit(NOW, Some(token), Need::Token).is_ok();
    assert!(good(&first.access_token) && good(&second.access_token));
    assert!(tokens.refresh(NOW, first.refresh_token.as_deref().unwrap(), Exchanger::Confidential).is_err());
    let mut good = |token: &str| tokens.admit(NOW, Some(token), Need::Token).is_ok();
    assert!(!good(&first.access_token) && !good(&second.access_token) && good(&other.access_token));
}

#[test]
fn refresh_tokens_outlive_the_others_unless_they_are_meant_too() {
    let mut tokens = tokens(&Options::default());
    let first = log_in(&mut tokens, Uuid::nil());
    tokens.revoke_all(false);
    let second = tokens.refresh(NOW, first.refresh_token.as_deref().unwrap(), Exchanger::Confidential).unwrap();
    tokens.revoke_all(true);
    assert!(tokens.refresh(NOW, second.refresh_token.as_deref().unwrap(), Exchanger::Confidential).is_err());
}

#[test]
fn secrets_need_no_encoding_anywhere() {
    let mut tokens = tokens(&Options::default());
    let issued = log_in(&mut tokens, Uuid::nil());
    for secret in [tokens.client_secret().to_owned(), issued.access_token, issued.refresh_token.unwrap()] {
        assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }
}
