//! The integration tests: what the parts promise together.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod bulk;
mod client;
mod dst;
mod golden;
mod house;
mod journal;
mod log;
mod scripted;
mod sim_clock;
mod sim_door;
mod sim_evidence;
mod sim_faults;
mod sim_golden;
mod sim_hands;
mod sim_login;
mod sim_notify;
mod sim_notify_golden;
mod sim_notify_socket;
mod sim_notify_subscriptions;
mod sim_platform;
mod sim_raw;
mod sim_recorders;
mod sim_search;
mod sim_server;
mod sim_steering;
mod sim_token;
mod sim_wire;
mod workflow;
