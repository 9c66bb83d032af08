//! The integration tests: client and simulator together, over real sockets.
