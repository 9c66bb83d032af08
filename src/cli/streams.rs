//! Standard streams that were closed before we began (`>&-`): the next file or connection that is opened would take their
//! place, and what we print would go into it.

/// Puts something harmless there, for the life of the process.
#[cfg(unix)]
pub(super) fn fill() {
    use std::fs::OpenOptions;
    use std::os::fd::{AsRawFd, IntoRawFd};

    while let Ok(nothing) = OpenOptions::new().read(true).write(true).open("/dev/null") {
        if nothing.as_raw_fd() > 2 {
            break;
        }
        let _ = nothing.into_raw_fd(); // left open on purpose
    }
}

/// Handles are not taken twice here.
#[cfg(not(unix))]
pub(super) fn fill() {}
