//! The boundary rules of docs/architecture.md: which room may know which.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with what it may name of the crate. The simulator stands alone: if it shared more than the clock with the
/// client, a field name that both got wrong would pass every test.
const ROOMS: [(&str, &[&str]); 18] = [
    ("clock", &[]),
    ("secret", &[]),
    ("error", &[]),
    ("model", &["error", "secret"]),
    ("exchange", &["error", "model", "secret"]),
    ("config", &["error", "secret"]),
    ("transport", &["clock", "config", "error", "exchange"]),
    ("wire", &["config", "error", "exchange", "model", "secret"]),
    ("log", &["config", "error", "exchange"]),
    ("auth", &["clock", "error", "exchange", "log", "model", "secret", "wire"]),
    ("conversations", &["clock", "journal", "model"]),
    ("limit", &["clock", "exchange"]),
    ("retry", &["error", "exchange"]),
    ("journal", &["clock", "model"]),
    ("notify", &["error", "model", "wire"]),
    (
        "client",
        &[
            "auth",
            "clock",
            "config",
            "conversations",
            "error",
            "exchange",
            "journal",
            "limit",
            "log",
            "model",
            "notify",
            "retry",
            "transport",
            "wire",
        ],
    ),
    (
        "api",
        &[
            "api",
            "auth",
            "client",
            "clock",
            "config",
            "conversations",
            "error",
            "journal",
            "limit",
            "model",
            "notify",
            "retry",
            "transport",
            "wire",
        ],
    ),
    ("sim", &["clock", "sim"]),
];

#[test]
fn arrows_point_one_way() {
    for (room, allowed) in ROOMS {
        for file in files(room) {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for named in code.split("crate::").skip(1) {
                let named: String = named.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let known = named == room || allowed.contains(&named.as_str());
                assert!(known, "{}: {room} may not know {named}", file.display());
            }
        }
    }
}

/// Whoever listens can be talked to: of the client only the login does, for one answer.
#[test]
fn only_a_login_and_the_simulator_listen() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in below(&src) {
        let listens = fs::read_to_string(&file).unwrap().contains("TcpListener");
        let may = file.ends_with("auth/callback.rs") || file.starts_with(src.join("sim"));
        assert!(may || !listens, "{} may not listen", file.display());
    }
}

/// A target that is not in the list would have no level of its own.
#[test]
fn every_target_of_the_log_is_listed() {
    let mut found = 0;
    for file in below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for named in fs::read_to_string(&file).unwrap().split("target: \"").skip(1) {
            let target = named.split('"').next().unwrap();
            assert!(gcrec::log::TARGETS.contains(&target), "{}: {target}", file.display());
            found += 1;
        }
    }
    assert!(found > 0);
}

fn files(room: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let single = src.join(format!("{room}.rs"));
    if single.exists() { vec![single] } else { below(&src.join(room)) }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}
