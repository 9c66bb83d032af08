//! Locking, where a panic elsewhere is no reason for another.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks whatever a panic left behind.
pub(in crate::python) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
