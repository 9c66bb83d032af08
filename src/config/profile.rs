//! The vendor's own command keeps profiles in `~/.gc/config.toml`: who has them need not say it all again.
//!
//! Only what such files hold is read: tables, and strings on one line.

use std::fs;
use std::path::PathBuf;

use super::{Identity, Sources};
use crate::error::Error;
use crate::secret::Secret;

/// The profile that is meant where none is named.
const DEFAULT: &str = "default";

/// What a profile says.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    /// The region.
    pub(super) environment: Option<String>,
    /// Whom it acts for.
    pub(super) identity: Option<Identity>,
}

/// The profile that `GCREC_PROFILE` names, or the default one; None where there is none and none was named.
pub(super) fn read(sources: &impl Sources) -> Result<Option<Profile>, Error> {
    let named = sources.get("GCREC_PROFILE");
    let Some(home) = sources.get("HOME").or_else(|| sources.get("USERPROFILE")) else {
        return named.map_or(Ok(None), |_| Err(Error::Config("GCREC_PROFILE: there is no home folder here.".into())));
    };
    let path = PathBuf::from(home).join(".gc").join("config.toml");
    let text = match fs::read_to_string(&path) {
        Ok(text) => Secret::new(text),
        Err(_) if named.is_none() => return Ok(None),
        Err(error) => {
            let words = format!("GCREC_PROFILE names a profile of {}, which cannot be read: {error}.", path.display());
            return Err(Error::Config(words));
        }
    };
    let found = find(text.expose(), named.as_deref().unwrap_or(DEFAULT));
    match (found, named) {
        (None, Some(name)) => {
            Err(Error::Config(format!("GCREC_PROFILE names {name:?}, and {} has no such profile.", path.display())))
        }
        (found, _) => Ok(found),
    }
}

/// A table by its name, whatever the case: the vendor's command does not tell them apart either.
fn find(text: &str, name: &str) -> Option<Profile> {
    let mut members: Option<Vec<(&str, String)>> = None;
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
            inside = header.eq_ignore_ascii_case(name);
            if inside {
                members.get_or_insert_default();
            }
        } else if let (true, Some(members), Some((key, value))) = (inside, &mut members, line.split_once('=')) {
            members.extend(string(value.trim()).map(|value| (key.trim(), value)));
        }
    }
    let members = members?;
    let member = |name: &str| {
        let found = members.iter().find(|(key, value)| *key == name && !value.is_empty());
        found.map(|(_, value)| value.clone())
    };
    let client = member("client_credentials").zip(member("client_secret"));
    // A client can get new tokens; a token that stands there may be old.
    let identity = match client {
        Some((id, secret)) => Some(Identity::Client { id, secret: Secret::new(secret) }),
        None => member("access_token").map(|token| Identity::Token(Secret::new(token))),
    };
    Some(Profile { environment: member("environment"), identity })
}

/// A string of TOML that stands on one line, without its quotes.
fn string(value: &str) -> Option<String> {
    if let Some(literal) = value.strip_prefix('\'') {
        return Some(literal.split('\'').next()?.to_owned());
    }
    let mut letters = value.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => text.push(match letters.next()? {
                'n' => '\n',
                't' => '\t',
                other => other,
            }),
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        # gc profiles
        [DEFAULT]
          access_token = ""
          client_credentials = "id-1"   # a comment
          client_secret = 's"1'
          environment = "mypurecloud.ie"
          logging_enabled = false
        ["other one"]
          access_token = "t\"2"
        [empty]
    "#;

    #[test]
    fn a_profile_gives_a_region_and_an_identity() {
        let profile = find(FILE, "default").unwrap();
        assert_eq!(profile.environment.as_deref(), Some("mypurecloud.ie"));
        let Some(Identity::Client { id, secret }) = profile.identity else { panic!("no client") };
        assert_eq!((id.as_str(), secret.expose()), ("id-1", "s\"1"));
        let Some(Identity::Token(token)) = find(FILE, "Other One").unwrap().identity else { panic!("no token") };
        assert_eq!(token.expose(), "t\"2");
        assert!(find(FILE, "empty").unwrap().identity.is_none());
        assert!(find(FILE, "none").is_none());
    }
}
