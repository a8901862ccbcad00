//! What we remember: facts with sequence numbers in SQLite (`.wavedeck/wavedeck.db`), written by one thread, with
//! snapshots of the state so that opening is quick. Uses plan and engine.
