//! What the routes, the handle and the server of one simulator share: the world, behind a lock, and its clock.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde_json::{Value, json};

use super::error::SimError;
use super::moment::Moment;
use super::options::{Settings, seconds};
use super::steering::Steering;
use super::world::World;
use crate::clock::{ManualClock, SharedClock, SystemClock};

/// Where the time of a simulator comes from.
pub(super) enum Time {
    /// The machine's clock.
    Real,
    /// A clock of its own, which `advance` moves.
    Manual(Arc<ManualClock>),
    /// A clock that others move too.
    Shared(SharedClock),
}

/// One simulator, without its sockets.
pub(super) struct Core {
    /// The clock of this simulated world.
    pub clock: SharedClock,
    /// The machine's clock, for faults that take real time on any clock.
    pub real: SharedClock,
    pub base_url: String,
    pub ca_pem: Option<String>,
    time: Time,
    /// The moment at which `clock` began to count.
    epoch: Moment,
    world: Mutex<World>,
}

/// The world in the hands of somebody. When they let go of it, those who listen are told what changed: whoever changes
/// something need not think of them.
pub(super) struct Held<'a>(MutexGuard<'a, World>);

impl Deref for Held<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.0
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.publish();
    }
}

impl Core {
    pub(super) fn new(settings: &Settings, time: Time, base_url: String, ca_pem: Option<String>) -> Self {
        let system = || Arc::new(SystemClock::new()) as SharedClock;
        let (clock, real) = match &time {
            Time::Real => {
                let real = system();
                (real.clone(), real)
            }
            Time::Manual(manual) => (manual.clone() as SharedClock, system()),
            // Whoever brings a clock may have no other: the machine's needs a runtime to sleep on.
            Time::Shared(shared) => (shared.clone(), shared.clone()),
        };
        let start = clock.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let epoch = start.saturating_sub(clock.now());
        Self { clock, real, base_url, ca_pem, time, epoch, world: Mutex::new(World::new(settings, start)) }
    }

    /// The clock that `advance` moves.
    pub(super) fn manual_clock(&self) -> Option<Arc<ManualClock>> {
        match &self.time {
            Time::Manual(manual) => Some(manual.clone()),
            Time::Real | Time::Shared(_) => None,
        }
    }

    /// Whether its time is the machine's, so that a server's own `Date` is right.
    pub(super) fn is_real(&self) -> bool {
        matches!(self.time, Time::Real)
    }

    /// The world as it is now. Held for microseconds: never over an await.
    pub(super) fn world(&self) -> Held<'_> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        // The clock is read inside the lock, so that requests are in the order of their times.
        world.tick(self.epoch + self.clock.now());
        // What came of itself is told before anybody subscribes or connects now.
        world.publish();
        Held(world)
    }

    /// Resolves at a moment of the simulated world.
    pub(super) async fn wait_until(&self, moment: Moment) {
        self.clock.sleep_until(moment.saturating_sub(self.epoch)).await;
    }

    /// Does what somebody who steers asks for.
    pub(super) fn apply(&self, steering: Steering) -> Result<Value, SimError> {
        match steering {
            Steering::State => Ok(self.show()),
            Steering::Requests => Ok(json!(self.world().log.all())),
            Steering::Call(id) => self.world().show_call(&id),
            Steering::AddCall(new) => self.world().add_call(new).map(|id| json!({ "id": id })),
            Steering::EndCall(id) => self.world().end_call(&id).map(|()| json!({})),
            Steering::Hold { id, on } => self.world().hold(&id, on).map(|()| json!({})),
            Steering::Transfer(id) => self.world().transfer(&id).map(|()| json!({})),
            Steering::Consult(id) => self.world().consult(&id).map(|()| json!({})),
            Steering::Conference(id) => self.world().conference(&id).map(|()| json!({})),
            Steering::ByHand { id, action } => self.world().by_hand(&id, action).map(|()| json!({})),
            Steering::Fail(fault) => self.world().faults.add(fault).map(|()| json!({})),
            Steering::ClearFaults => Ok(json!({ "cleared": self.world().faults.clear() })),
            Steering::UserToken(user) => self.world().user_token(&user).map(|token| json!({ "access_token": token })),
            Steering::Revoke { refresh_tokens } => {
                Ok(json!({ "revoked": self.world().tokens.revoke_all(refresh_tokens) }))
            }
            Steering::Channels => Ok(json!(self.world().channels())),
            Steering::DropSockets => Ok(json!({ "dropped": self.world().channels.drop_sockets() })),
            Steering::CloseSockets { notice } => {
                let notice = seconds("notice", notice)?;
                Ok(json!({ "closing": self.world().close_sockets(notice) }))
            }
            Steering::MuteHeartbeat { on } => {
                self.world().channels.mute_heartbeat(on);
                Ok(json!({}))
            }
            Steering::StallSockets { on } => {
                self.world().channels.stall_sockets(on);
                Ok(json!({}))
            }
            Steering::Advance(by) => self.advance(by).map(|now| json!({ "now": now })),
        }
    }

    fn show(&self) -> Value {
        let mut state = self.world().show();
        state["base_url"] = self.base_url.as_str().into();
        state["ca_pem"] = self.ca_pem.as_deref().into();
        state["clock"] = if self.is_real() { "real" } else { "manual" }.into();
        state
    }

    /// Moves the manual clock and tells the seconds since the start.
    fn advance(&self, by: f64) -> Result<f64, SimError> {
        match &self.time {
            Time::Real => return Err(SimError::RealClock),
            Time::Shared(_) => return Err(SimError::SharedClock),
            Time::Manual(manual) => manual.advance(seconds("advance", by)?),
        }
        Ok(self.clock.now().as_secs_f64())
    }
}
