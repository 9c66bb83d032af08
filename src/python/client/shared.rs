//! What all copies of a client share: where and for whom, the session that this process has for it, the journal.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use pyo3::prelude::*;

use super::options::{PyOptions, Source};
use super::{ClientHandle, checked};
use crate::client::{Client, Session};
use crate::config::{ClientConfig, mismatch};
use crate::error::Error;
use crate::journal::Journal;
use crate::python::engine::{Engine, Inside, lock};
use crate::python::functions::warn_of_mismatch;
use crate::python::journals;
use crate::python::sim_time::SimTime;
use crate::python::stream::Flow;

pub(super) struct Shared {
    pub(super) config: ClientConfig,
    pub(super) source: Source,
    /// The simulated world that it lives in, if it is one without sockets.
    pub(super) world: Option<Arc<SimTime>>,
    pub(super) session: Mutex<Option<Placed>>,
    pub(super) journal: Mutex<Option<Journal>>,
    /// What goes on by itself for this client.
    pub(super) flows: Mutex<Vec<Weak<dyn Flow>>>,
    pub(super) closed: AtomicBool,
}

/// A session, and the engine that it lives in: that of a forked child is another.
pub(super) struct Placed {
    pub(super) engine: &'static Engine,
    session: Session,
}

impl Shared {
    pub(super) fn journal(&self) -> Option<Journal> {
        lock(&self.journal).clone()
    }

    /// Something goes on by itself from now on, for as long as this client is open.
    pub(super) fn began(&self, flow: Arc<dyn Flow>) -> Arc<dyn Flow> {
        let mut flows = lock(&self.flows);
        flows.retain(|flow| flow.strong_count() > 0);
        flows.push(Arc::downgrade(&flow));
        drop(flows);
        if self.closed.load(Ordering::Acquire) {
            flow.cut_off();
        }
        flow
    }

    /// Nothing is to be done for this client any more.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        drop(lock(&self.journal).take());
        let (bound, flows) = (lock(&self.session).take(), std::mem::take(&mut *lock(&self.flows)));
        if let Some(bound) = bound.filter(|bound| !bound.engine.is_ours()) {
            // See `session`.
            return std::mem::forget((bound, flows));
        }
        flows.iter().filter_map(Weak::upgrade).for_each(|flow| flow.cut_off());
    }

    pub(super) fn session(&self, engine: &'static Engine) -> Result<Session, Error> {
        let mut slot = lock(&self.session);
        if let Some(bound) = slot.as_ref().filter(|bound| std::ptr::eq(bound.engine, engine)) {
            return Ok(bound.session.clone());
        }
        let session = match &self.world {
            None => Session::open(&self.config, engine.clock.clone(), engine.conversations.clone())?,
            Some(world) => {
                let client = Client::with(self.config.endpoint.clone(), world.transport(), world.shared_clock());
                Session::over(client, &self.config, world.conversations.clone())?
            }
        };
        // What a forked child inherited has parts that threads it does not have may hold: not even to be dropped.
        std::mem::forget(slot.replace(Placed { engine, session: session.clone() }));
        Ok(session)
    }
}

impl ClientHandle {
    /// `world`: the simulated world that it is to live in.
    pub(in crate::python) fn build(
        py: Python<'_>,
        options: PyOptions,
        journal: Option<PathBuf>,
        source: Source,
        world: Option<Arc<SimTime>>,
    ) -> PyResult<Self> {
        let _inside = Inside::enter()?;
        let (config, source, options, settle) = checked(py, options.checked(source))?;
        warn_of_mismatch(py, mismatch(config.endpoint.api, &config.endpoint.base_url))?;
        let journal = journal.map(|path| journals::open(py, &path, world.as_deref())).transpose()?;
        let shared = Shared {
            config,
            source,
            world,
            session: Mutex::default(),
            journal: Mutex::new(journal),
            flows: Mutex::default(),
            closed: AtomicBool::new(false),
        };
        Ok(Self { shared: Arc::new(shared), options, settle })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(bound) = lock(&self.session).take()
            && !bound.engine.is_ours()
        {
            std::mem::forget(bound);
        }
    }
}
