//! The integration tests: client and simulator together, over real sockets.

#[cfg(test)]
mod sim_clock;
#[cfg(test)]
mod sim_faults;
#[cfg(test)]
mod sim_raw;
#[cfg(test)]
mod sim_server;
#[cfg(test)]
mod sim_steering;
#[cfg(test)]
mod sim_token;
#[cfg(test)]
mod sim_wire;
