//! Messages as they go over the socket.

use super::{Reply, ServerMessage, Snapshot};
use crate::engine::state::Run;
use crate::engine::{RunId, State, Time};
use crate::plan::Sources;

#[test]
fn a_snapshot_survives_the_wire() {
    let run = Run {
        lane: "main".into(),
        waves: vec![1],
        options: crate::engine::input::LaunchOptions::default(),
        started_at: Time(1),
        outcome: None,
    };
    let mut state = State::default();
    state.runs.insert(RunId(1), run);
    let snapshot =
        Snapshot { sequence: 1, state, sources: Sources::default(), sessions: Vec::new(), now: Time(2) };
    let message = ServerMessage::Reply { id: 7, reply: Reply::Snapshot(Box::new(snapshot)) };
    let text = serde_json::to_string(&message).unwrap();
    assert_eq!(serde_json::from_str::<ServerMessage>(&text).unwrap(), message);
}
