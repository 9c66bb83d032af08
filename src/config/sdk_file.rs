//! Where the official Python SDK is told that the server is: `~/.genesyscloudpython/config`, INI or JSON. It names a
//! host or a gateway, and never who acts.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::{Place, Sources};
use crate::error::Error;

/// By section and name; a gateway's password may be among them, so it is never shown.
type Settings = BTreeMap<(String, String), String>;

/// The place that the file names; None where there is no file, or none that names one.
pub(super) fn place(sources: &impl Sources) -> Result<Option<Place>, Error> {
    let Some(home) = sources.get("HOME").or_else(|| sources.get("USERPROFILE")) else { return Ok(None) };
    let path = PathBuf::from(home).join(".genesyscloudpython").join("config");
    let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
    named(&text).map_err(|error| Error::Config(format!("{}: {error}", path.display())))
}

fn named(text: &str) -> Result<Option<Place>, Error> {
    let settings = json(text).unwrap_or_else(|| ini(text));
    let setting = |section: &str, name: &str| {
        settings.get(&(section.to_owned(), name.to_owned())).map(String::as_str).filter(|value| !value.is_empty())
    };
    let Some(gateway) = setting("gateway", "host") else {
        return Place::told(setting("general", "host"), None, None);
    };
    let protocol = setting("gateway", "protocol").unwrap_or("https");
    let port = setting("gateway", "port").filter(|port| !port.starts_with('-'));
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let url = |path: &str| {
        let path = setting("gateway", path).unwrap_or_default().trim_matches('/');
        format!("{protocol}://{gateway}{port}/{path}")
    };
    Place::told(Some(&url("path_params_api")), None, Some(&url("path_params_login")))
}

fn json(text: &str) -> Option<Settings> {
    let Value::Object(sections) = serde_json::from_str(text).ok()? else { return None };
    let word = |value: Value| match value {
        Value::String(word) => word.trim().to_owned(),
        other => other.to_string(),
    };
    let mut settings = Settings::new();
    for (section, members) in sections {
        let Value::Object(members) = members else { continue };
        settings.extend(members.into_iter().map(|(name, value)| ((section.clone(), name), word(value))));
    }
    Some(settings)
}

fn ini(text: &str) -> Settings {
    let mut section = String::new();
    let mut settings = Settings::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(header) = line.strip_prefix('[').and_then(|header| header.strip_suffix(']')) {
            header.clone_into(&mut section);
        } else if let Some((name, value)) = line.split_once(['=', ':']) {
            settings.insert((section.clone(), name.trim().to_ascii_lowercase()), value.trim().to_owned());
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Option<(String, String)> {
        named(text).unwrap().map(|place| (place.base_url.to_string(), place.login_url.to_string()))
    }

    #[test]
    fn a_host_or_a_gateway_is_read_from_either_form() {
        let ireland = Some(("https://api.mypurecloud.ie".to_owned(), "https://login.mypurecloud.ie".to_owned()));
        assert_eq!(urls("[logging]\nlog_level = none\n[general]\nhost = https://api.mypurecloud.ie\n"), ireland);
        assert_eq!(urls(r#"{"general": {"host": "https://api.mypurecloud.ie"}, "logging": 5}"#), ireland);
        let gateway = Some(("https://gw.example:8443/a/api".to_owned(), "https://gw.example:8443/login".to_owned()));
        let ini = "[general]\nhost = https://api.mypurecloud.ie\n[gateway]\nhost = gw.example\nprotocol = https\n\
                   port = 8443\npath_params_login = login\npath_params_api = /a/api/\n";
        assert_eq!(urls(ini), gateway);
        let json = r#"{"gateway": {"host": "gw.example", "port": 8443, "path_params_api": "a/api",
                       "path_params_login": "/login"}}"#;
        assert_eq!(urls(json), gateway);
        let plain = Some(("https://gw.example".to_owned(), "https://gw.example".to_owned()));
        assert_eq!(urls("[gateway]\nhost = gw.example\nport = -1"), plain);
        assert_eq!(urls("[logging]\nlog_level = none\n"), None);
        assert!(named("[general]\nhost = nonsense").is_err());
    }
}
