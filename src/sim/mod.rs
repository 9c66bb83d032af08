//! The simulator of Genesys Cloud: a second, independent reading of its wires.
