//! Which certificates are trusted: the machine's own, more that the user names, and bundled ones where there are none.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::Certificate;

use crate::error::Error;

/// Mozilla's roots, for machines that have none of their own.
pub(super) fn bundled() -> Vec<Certificate> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
}

/// The certificates in files, or in the files of directories; each path comes with the name of its source.
pub(super) fn read(sources: &[(String, PathBuf)]) -> Result<Vec<Certificate>, Error> {
    let mut certificates = Vec::new();
    for (name, path) in sources {
        let before = certificates.len();
        for file in files(name, path)? {
            let pem = fs::read(&file).map_err(|error| unusable(name, &file, &error.to_string()))?;
            match Certificate::from_pem_bundle(&pem) {
                Ok(more) => certificates.extend(more),
                // A directory may hold other things (hash links to lists, a readme).
                Err(_) if path.is_dir() => {}
                Err(_) => return Err(unusable(name, &file, "it is not a PEM file")),
            }
        }
        if certificates.len() == before {
            return Err(unusable(name, path, "it holds no certificate"));
        }
    }
    Ok(certificates)
}

fn files(name: &str, path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| unusable(name, path, &error.to_string()))?;
    Ok(entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file()).collect())
}

fn unusable(name: &str, path: &Path, why: &str) -> Error {
    Error::Config(format!("{name} names {}, but {why}.", path.display()))
}
