//! A login that is renewed once, whoever asks, and kept so that nobody loses it.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;
use futures_util::future::{join_all, ready};
use http::{Method, StatusCode};

use super::*;
use crate::clock::ManualClock;
use crate::error::{ApiError, Call, ErrorKind, Needs, Problem};

struct Stage {
    clock: Arc<ManualClock>,
    path: PathBuf,
    asked: AtomicUsize,
}

impl Stage {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gcrec-user-login-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let clock = Arc::new(ManualClock::new(0));
        Self { clock, path: folder.join("tokens.json"), asked: AtomicUsize::new(0) }
    }

    fn login(&self, client_id: &str) -> UserLogin {
        let place = LoginPlace {
            base_url: "https://a.example".into(),
            login_url: "https://login.a.example".into(),
            api: "platform".into(),
            client_id: client_id.into(),
        };
        UserLogin::new(place, Some(self.path.clone()), self.clock.clone()).unwrap()
    }

    /// The server's next answer.
    fn renewed(&self, _: Ask<Grant>) -> futures_util::future::Ready<Result<Grant, Error>> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        ready(Ok(grant(&format!("access-{number}"), &format!("refresh-{number}"))))
    }

    fn fresh(&self, login: &UserLogin, refused: Option<&str>) -> Result<String, Error> {
        let refused = refused.map(|token| AccessToken::new(token).unwrap());
        let grant = login.fresh(refused, |ask| self.renewed(ask)).now_or_never().unwrap()?;
        Ok(grant.token.secret().expose().to_owned())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.path.parent().unwrap());
    }
}

fn grant(access: &str, refresh: &str) -> Grant {
    Grant {
        token: AccessToken::new(access).unwrap(),
        expires_in: Some(Duration::from_secs(600)),
        scopes: Vec::new(),
        refresh_token: Some(Secret::new(refresh)),
    }
}

#[test]
fn a_login_is_found_by_another_process_and_renewed_when_it_is_old_or_refused() {
    let stage = Stage::new("found");
    stage.login("one").begin(&grant("access-0", "refresh-0")).now_or_never().unwrap().unwrap();
    stage.login("two").begin(&grant("other", "other")).now_or_never().unwrap().unwrap();
    let elsewhere = stage.login("one");
    assert_eq!(stage.fresh(&elsewhere, None).unwrap(), "access-0");
    assert_eq!(stage.fresh(&elsewhere, Some("access-0")).unwrap(), "access-1");
    assert_eq!(stage.fresh(&stage.login("one"), Some("access-0")).unwrap(), "access-1");
    stage.clock.advance(Duration::from_secs(541));
    assert_eq!(stage.fresh(&elsewhere, None).unwrap(), "access-2");
    let ids: Vec<_> = kept_logins(&stage.path).unwrap().into_iter().map(|place| place.client_id).collect();
    assert_eq!(ids, ["one", "two"]);
    elsewhere.end().now_or_never().unwrap().unwrap();
    let error = stage.fresh(&stage.login("one"), None).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Authentication, Some("login_required")));
}

/// As two processes do: each with its own handle of the file.
#[test]
fn many_who_renew_at_once_use_the_refresh_token_once() {
    let stage = Stage::new("many");
    stage.login("one").begin(&grant("access-0", "refresh-0")).now_or_never().unwrap().unwrap();
    let logins: Vec<_> = (0..5).map(|_| stage.login("one")).collect();
    let (answer, answered) = tokio::sync::oneshot::channel();
    let answered = answered.shared();
    let renewals = logins.iter().map(|login| {
        let (stage, answered) = (&stage, answered.clone());
        login.fresh(AccessToken::new("access-0").ok(), move |ask| {
            let grant = stage.renewed(ask);
            async move {
                answered.await.unwrap();
                grant.await
            }
        })
    });
    let mut all = Box::pin(join_all(renewals));
    assert!((&mut all).now_or_never().is_none());
    stage.clock.advance(Duration::from_secs(1));
    assert!((&mut all).now_or_never().is_none());
    answer.send(()).unwrap();
    assert!((&mut all).now_or_never().is_none(), "the others have not looked again");
    while stage.clock.advance_to_next().is_some() {
        if let Some(grants) = (&mut all).now_or_never() {
            let tokens = grants.into_iter().map(|grant| grant.unwrap().token.secret().expose().to_owned());
            assert_eq!(tokens.collect::<Vec<_>>(), ["access-1"; 5]);
            break;
        }
    }
    assert_eq!(stage.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_login_that_is_over_is_forgotten_and_one_that_merely_failed_is_not() {
    let stage = Stage::new("over");
    let login = stage.login("one");
    login.begin(&grant("access-0", "refresh-0")).now_or_never().unwrap().unwrap();
    for (status, code, left) in [(500, "server_error", 1), (400, OVER, 0)] {
        let failed = Error::Api(Box::new(ApiError {
            call: Call::new(Method::POST, "/oauth/token".into(), false),
            status: StatusCode::from_u16(status).unwrap(),
            problem: Problem { code: Some(code.into()), ..Problem::default() },
            needs: Needs::UserLogin,
            gave_up: String::new(),
        }));
        let refused = AccessToken::new("access-0").ok();
        let error = login.fresh(refused, |_| ready(Err(failed))).now_or_never().unwrap().unwrap_err();
        assert_eq!(error.hint().contains("gcrec login"), status == 400, "{}", error.hint());
        assert_eq!(kept_logins(&stage.path).unwrap().len(), left, "{code}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_not_used_and_a_login_takes_that_away() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::new("public");
    let login = stage.login("one");
    login.begin(&grant("access-0", "refresh-0")).now_or_never().unwrap().unwrap();
    fs::set_permissions(&stage.path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = stage.fresh(&login, None).unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.to_string().contains("others can read it"), "{error}");
    assert!(kept_logins(&stage.path).is_err());
    login.begin(&grant("access-9", "refresh-9")).now_or_never().unwrap().unwrap();
    assert_eq!(fs::metadata(&stage.path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(stage.fresh(&stage.login("one"), None).unwrap(), "access-9");
}

#[test]
fn what_cannot_be_written_is_not_lost_to_this_process() {
    let stage = Stage::new("unwritten");
    let login = stage.login("one");
    login.begin(&grant("access-0", "refresh-0")).now_or_never().unwrap().unwrap();
    // A folder where the new file would be written.
    fs::create_dir(stage.path.with_extension("json.new")).unwrap();
    assert_eq!(stage.fresh(&login, Some("access-0")).unwrap(), "access-1");
    assert_eq!(stage.fresh(&login, None).unwrap(), "access-1");
    assert!(!format!("{login:?}").contains("access-1"));
}
