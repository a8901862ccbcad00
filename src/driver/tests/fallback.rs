//! A runtime that fails its agent, and where the agent goes.

use super::bench::{Bench, key, state_folder, wave_text};
use crate::driver::paths::ProjectPaths;
use crate::driver::request::Request;
use crate::engine::fallback::PassedOver;
use crate::engine::input::LaunchOptions;

const SETTINGS: &str = "[runtimes.broken]\ncommand = \"work 'unclosed\"\n[runtimes.gone]\ncommand = \"no-such-program-anywhere\"\n\
                        [runtimes.shell]\ncommand = \"sh -c true {agent}\"\n";

#[test]
fn an_agent_whose_runtime_cannot_start_goes_to_the_next_that_is_there() {
    let bench = Bench::new();
    bench.write(".wavedeck/config.toml", SETTINGS);
    let executor = "- id: broken\n- fallbacks: gone, shell";
    let wave = wave_text(0, &["A1"]).replacen("- id: local", executor, 1);
    bench.write("docs/plans/waves/wave-0.md", &wave);
    let mut driver = bench.driver();
    let launch = Request::Launch { waves: vec![0], options: LaunchOptions::default(), command: None };
    bench.operator(&mut driver, launch).unwrap();
    let wave = &driver.state.waves[&key(0, "A1", 1).wave];
    assert!(wave.brief.is_some(), "{:?}", wave.status);
    let attempts = &wave.agents["A1"].attempts;
    let runtimes: Vec<&str> = attempts.iter().map(|attempt| attempt.runtime.as_str()).collect();
    assert_eq!(runtimes, ["broken", "shell"]);
    let moved = attempts[1].fallback.as_ref().unwrap();
    let why = "its program is not on this machine".to_owned();
    assert_eq!(moved.passed_over, [PassedOver { runtime: "gone".into(), why }]);
    assert_eq!((moved.from.as_str(), moved.reason.as_str()), ("broken", "retry:start-failed"));
    let spec = bench.world().sessions["main-w0-A1-t2"].spec.clone();
    assert_eq!(spec.command, ["sh", "-c", "true", "A1"]);
    assert!(spec.environment.contains(&("WAVE_EXECUTOR_MODE".into(), "shell".into())));
    let brief = bench.json(".wavedeck/attempts/main-w0-A1-t2/brief.json");
    assert_eq!(brief["brief"]["executor"]["selected_by"], "retry-fallback");
    let envelope = bench.json(&ProjectPaths::envelope_file(&state_folder(), &key(0, "A1", 1)));
    assert_eq!(envelope["_wavedeck"]["verdict"]["code"], "start-failed");
}
