//! What becomes of one request: drawn when it leaves.

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use gcrec::error::{Sent, TransportKind};
use gcrec::exchange::Response;
use gcrec::transport::Failure;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::network::broken;
use super::plan::{Net, Order, Trouble, between, happens, pick};

/// One request's way.
#[derive(Clone, Debug)]
pub(super) struct Fate {
    /// Until its connection stands.
    pub(super) connects: Duration,
    /// From there to the server.
    pub(super) there: Duration,
    pub(super) arrival: Arrival,
    /// And back.
    pub(super) back: Duration,
    pub(super) end: End,
    /// The answer is one that was true so long ago.
    pub(super) stale: Option<Duration>,
}

/// What the server makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It never arrives.
    Nothing,
    /// It acts after its propagation, behind what was answered before.
    InOrder,
    /// It is taken, and never acts.
    Never,
    /// It acts so long after it was taken, in no order.
    Late(Duration),
}

/// What the client hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// What the server said.
    Fine,
    NoConnection,
    Silence,
    /// The connection breaks in place of the answer.
    Broken,
    /// It breaks in the middle of a success.
    CutOff,
    /// A success that is no JSON.
    Garbled,
    /// This status instead, with this `Retry-After`.
    Status(u16, Option<u8>),
}

impl Fate {
    fn fine(dice: &mut Rng, net: &Net) -> Self {
        let mut way = || seconds(between(dice, 0.0, net.travel));
        let (connects, there, back) = (way() / 2, way() / 2, way());
        let stale = (net.stale > 0.0).then(|| seconds(between(dice, 0.0, net.stale)));
        Self { connects, there, arrival: Arrival::InOrder, back, end: End::Fine, stale }
    }

    pub(super) fn of_read(dice: &mut Rng, net: &Net) -> Self {
        let mut fate = Self::fine(dice, net);
        if happens(dice, 0.1) {
            // Slow answers show an old truth.
            fate.back = seconds(between(dice, 0.0, 6.0));
        }
        if happens(dice, net.read_faults) {
            fate.end = match dice.u32(..10) {
                0 => End::NoConnection,
                1 => End::Silence,
                2 => End::Broken,
                3 => End::CutOff,
                4 => End::Status(429, Some(dice.u8(0..3))),
                5 => End::Status(503, Some(dice.u8(0..3))),
                6 if happens(dice, 0.2) => End::Garbled,
                _ => End::Status(*pick(dice, &[500, 502, 503, 504]), None),
            };
        }
        fate
    }

    pub(super) fn of_command(dice: &mut Rng, net: &Net, may_fail: bool) -> Self {
        let mut fate = Self { stale: None, ..Self::fine(dice, net) };
        if net.order == Order::Any {
            fate.arrival = Arrival::Late(seconds(between(dice, 0.0, net.propagation)));
        }
        if !may_fail || net.kinds.is_empty() || !happens(dice, net.command_faults) {
            if happens(dice, 0.1) {
                fate.back = seconds(between(dice, 0.0, 6.0));
            }
            return fate;
        }
        match pick(dice, &net.kinds) {
            Trouble::LostAfter => {
                fate.end = *pick(dice, &[End::Silence, End::Broken, End::CutOff]);
                // A success whose body breaks off is an answer.
                if fate.end != End::CutOff {
                    fate.lose(dice, net);
                }
            }
            Trouble::LostBefore => {
                fate.arrival = Arrival::Nothing;
                fate.end = *pick(dice, &[End::Silence, End::Broken]);
            }
            Trouble::Never => fate.arrival = Arrival::Never,
            Trouble::Status => {
                if dice.bool() {
                    fate.lose(dice, net);
                } else {
                    fate.arrival = Arrival::Nothing;
                }
                fate.end = End::Status(*pick(dice, &[500, 502, 503, 504]), None);
            }
            Trouble::Busy => {
                fate.arrival = Arrival::Nothing;
                let wish = Some(dice.u8(0..3));
                fate.end = *pick(dice, &[End::NoConnection, End::Status(429, wish), End::Status(503, wish)]);
            }
            Trouble::Garbled => fate.end = End::Garbled,
        }
        fate
    }

    /// It acts, and nobody hears when: at once, on its way behind the client's back, or out of all order.
    fn lose(&mut self, dice: &mut Rng, net: &Net) {
        let rest = (net.late - net.travel).max(0.0);
        let transit = (rest - net.propagation).max(0.0);
        match (net.order, dice.u32(..3)) {
            (Order::Sent, _) | (_, 0) => {}
            (Order::Answered, 1) => self.there = seconds(between(dice, 0.0, transit)),
            (Order::Answered | Order::Any, _) => self.arrival = Arrival::Late(seconds(between(dice, 0.0, rest))),
        }
    }

    pub(super) fn is_fault(&self) -> bool {
        self.end != End::Fine || self.arrival == Arrival::Never
    }
}

impl End {
    /// What the client hears of what the server said; None: nothing.
    pub(super) fn of(self, answer: Option<Response>) -> Option<Result<Response, Failure>> {
        match self {
            Self::Silence => None,
            Self::Fine => answer.map(Ok),
            Self::NoConnection => Some(Err(broken(TransportKind::Connect, Sent::No))),
            Self::Broken => Some(Err(broken(TransportKind::Broken, Sent::Maybe))),
            // Only a success tells that it acted.
            Self::CutOff => match answer {
                Some(answer) if answer.status.is_success() => Some(Err(broken(TransportKind::Broken, Sent::Yes))),
                other => other.map(Ok),
            },
            Self::Garbled => answer.map(|answer| {
                let whole = Response { body: Bytes::from_static(b"<html>"), ..answer };
                if whole.status.is_success() { Err(unreadable(whole)) } else { Ok(whole) }
            }),
            Self::Status(status, wish) => Some(Ok(refusal(status, wish))),
        }
    }
}

fn unreadable(response: Response) -> Failure {
    Failure::Unreadable { response: Box::new(response), reason: "cannot be decompressed".into() }
}

fn refusal(status: u16, wish: Option<u8>) -> Response {
    let wish = wish.map(|wish| (header::RETRY_AFTER, HeaderValue::from(u16::from(wish))));
    let status = StatusCode::from_u16(status).unwrap();
    Response { status, headers: HeaderMap::from_iter(wish), body: Bytes::from_static(b"{}") }
}

pub(super) fn seconds(time: f64) -> Duration {
    Duration::from_secs_f64(time.max(0.0))
}
