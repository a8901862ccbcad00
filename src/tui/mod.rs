//! The control room: draws, takes input, folds the same facts as the supervisor and holds no truth. Uses plan, engine,
//! session and supervisor.
