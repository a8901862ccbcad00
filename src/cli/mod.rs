//! The command line: parses words, calls the layer that knows, prints. The top of the crate, so it may use every other
//! module; none may use it.
