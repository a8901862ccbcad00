//! A wave from launch to closure, and who may say what on the way.

use std::fs;

use super::bench::{Bench, good_envelope, key, state_folder};
use crate::driver::paths::ProjectPaths;
use crate::driver::request::{Reply, ReplyTo, Request, Role};
use crate::engine::fact::Outcome;
use crate::engine::state::{QuestionStatus, WaveStatus};
use crate::engine::{QuestionId, RunId};

#[test]
fn a_wave_runs_from_launch_to_closure() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let reply = bench.launch(&mut driver, &[0]).unwrap();
    assert!(matches!(&reply, Reply::Launched { run: Some(RunId(1)), .. }), "{reply:?}\n{}", bench.story());
    bench.play(&mut driver).unwrap();

    assert_eq!(driver.state.runs[&RunId(1)].outcome, Some(Outcome::Closed), "{}", bench.story());
    assert_eq!(
        bench.world().started,
        ["main-w0-A1-t1", "main-w0-A2-t1", "main-w0-A2-t2", "main-w0-A0-t1"],
        "cont-QA last, the one that failed twice"
    );
    assert_eq!(bench.world().forgotten.len(), 4);
    let sequences: Vec<u64> = bench.world().facts.iter().map(|(sequence, _)| *sequence).collect();
    assert_eq!(sequences, (1..=driver.sequence).collect::<Vec<_>>(), "each fact is told once, in order");
}

#[test]
fn what_others_read_is_written() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    bench.play(&mut driver).unwrap();

    let envelope =
        |agent, number| bench.json(&ProjectPaths::envelope_file(&state_folder(), &key(0, agent, number)));
    let first = envelope("A1", 1);
    assert_eq!(first["schemaVersion"], 2);
    assert_eq!(first["proof"]["state"], "satisfied");
    assert_eq!(first["deliverables"][0]["exists"], true);
    assert_eq!(first["deliverables"][0]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(first["_wavedeck"]["result"]["transport"], "file");
    let failed = envelope("A2", 1);
    assert_eq!(failed["_wavedeck"]["result"]["reading"], "absent");
    assert_eq!(failed["_wavedeck"]["verdict"]["verdict"], "failed");
    assert_eq!(failed["exitCode"], 1);
    assert_eq!(failed["deliverables"][0]["exists"], false);
    assert_eq!(envelope("A2", 2)["_wavedeck"]["result"]["transport"], "tool");
    assert_eq!(envelope("A0", 1)["_wavedeck"]["result"]["transport"], "markers");

    let run_state = bench.json(".tmp/main-wave-launcher/run-state.json");
    assert_eq!(run_state["completedWaves"], serde_json::json!([0]));
    assert_eq!(run_state["waves"]["0"]["currentState"], "completed");
    let status = bench.json(".tmp/main-wave-launcher/status/wave-0-0-a2.status");
    assert_eq!((&status["code"], &status["attempt"]), (&0.into(), &2.into()));

    let requests = bench.paths.project().join(ProjectPaths::feedback_directory(".tmp/wave-orchestrator"));
    let files: Vec<_> = fs::read_dir(requests).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    let request: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!(request["status"], "answered");
    assert_eq!(request["response"]["text"], "v2");

    let prompt = fs::read_to_string(bench.paths.prompt_file("main-w0-A2-t2")).unwrap();
    assert!(prompt.contains("exit-1"), "a second try is told why the first did not pass:\n{prompt}");
}

#[test]
fn questions_lie_where_the_configuration_says() {
    let bench = Bench::new();
    let config = bench.read("wave.config.json");
    let elsewhere = config.replacen('{', r#"{ "paths": { "orchestratorStateDir": ".state/shared" },"#, 1);
    bench.write("wave.config.json", &elsewhere);
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    bench.play(&mut driver).unwrap();
    let count = |folder: &str| fs::read_dir(bench.paths.project().join(folder)).map_or(0, Iterator::count);
    assert_eq!(count(".state/shared/feedback/requests"), 1);
    assert_eq!(count(".tmp/wave-orchestrator/feedback/requests"), 0);
}

#[test]
fn a_closed_wave_takes_its_components_to_their_level() {
    const MATRIX: &str = "docs/plans/component-cutover-matrix.json";
    const TWIN: &str = "docs/plans/component-cutover-matrix.md";
    let text = r#"{"levels": ["low", "mid", "high"], "components": {
        "first": {"currentLevel": "low", "promotions": [{"wave": 0, "target": "mid"}]},
        "second": {"currentLevel": "high", "promotions": [{"wave": 0, "target": "high"}]}}}"#;
    let bench = Bench::new();
    bench.write(MATRIX, text);
    bench.write(TWIN, "# Ours\n\nWords.\n");
    let wave = bench
        .read("docs/plans/waves/wave-0.md")
        .replacen("## Agent A1", "## Component promotions\n\n- first: mid\n- second: high\n\n## Agent A1", 1)
        .replacen("### Deliverables", "### Components\n\n- first\n- second\n\n### Deliverables", 1);
    bench.write("docs/plans/waves/wave-0.md", &wave);
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    assert_eq!(bench.read(MATRIX), text, "not before its gates have passed");
    bench.play(&mut driver).unwrap();
    assert_eq!(driver.state.waves[&key(0, "A1", 1).wave].status, WaveStatus::Closed, "{}", bench.story());
    assert_eq!(bench.read(MATRIX), text.replacen("\"low\", \"promotions\"", "\"mid\", \"promotions\"", 1));
    let twin = bench.read(TWIN);
    assert!(twin.starts_with("# Ours\n\nWords.\n") && twin.contains("| `first` | `mid` |"), "{twin}");
}

/// An agent's hand in the matrix proves nothing: the wave does not close over it.
#[test]
fn a_component_beyond_what_was_proved_keeps_its_wave_open() {
    const MATRIX: &str = "docs/plans/component-cutover-matrix.json";
    let matrix = |level: &str| {
        format!(
            r#"{{"levels": ["low", "mid", "high"], "components": {{
            "first": {{"currentLevel": "{level}", "promotions": [{{"wave": 0, "target": "mid"}}]}}}}}}"#
        )
    };
    let bench = Bench::new();
    bench.write(MATRIX, &matrix("low"));
    let wave = bench
        .read("docs/plans/waves/wave-0.md")
        .replacen("## Agent A1", "## Component promotions\n\n- first: mid\n\n## Agent A1", 1)
        .replacen("### Deliverables", "### Components\n\n- first\n\n### Deliverables", 1);
    bench.write("docs/plans/waves/wave-0.md", &wave);
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    bench.write(MATRIX, &matrix("high"));
    bench.play(&mut driver).unwrap();
    let status = &driver.state.waves[&key(0, "A1", 1).wave].status;
    assert!(matches!(status, WaveStatus::Failed { .. }), "{}", bench.story());
    assert!(bench.story().contains("component-current-level-stale"), "{}", bench.story());
    assert_eq!(bench.read(MATRIX), matrix("high"), "what somebody wrote stays");
}

#[test]
fn waves_that_another_program_ran_stay_in_the_run_state() {
    let bench = Bench::new();
    fs::create_dir_all(bench.paths.project().join(".tmp/main-wave-launcher")).unwrap();
    let theirs = r#"{"schemaVersion":2,"completedWaves":[0,7],"waves":{"7":{"wave":7,"currentState":"completed"}},
        "history":[{"seq":1,"wave":7,"toState":"completed"}]}"#;
    bench.write(".tmp/main-wave-launcher/run-state.json", theirs);
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    let during = bench.json(".tmp/main-wave-launcher/run-state.json");
    assert_eq!(during["completedWaves"], serde_json::json!([7]), "wave 0 is ours now, and runs");
    bench.play(&mut driver).unwrap();
    let after = bench.json(".tmp/main-wave-launcher/run-state.json");
    assert_eq!(after["completedWaves"], serde_json::json!([0, 7]));
    assert_eq!(after["waves"]["7"]["currentState"], "completed");
    assert_eq!(after["history"][0]["wave"], 7);
    assert_eq!(after["history"][1]["seq"], 2);
}

#[test]
fn a_second_launch_starts_nothing_and_says_why() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    let again = bench.launch(&mut driver, &[0]).unwrap();
    assert!(matches!(&again, Reply::Refused(refused) if refused.reason.contains("R1")), "{again:?}");
    bench.play(&mut driver).unwrap();
    let started = bench.world().started.len();
    let reply = bench.launch(&mut driver, &[0]).unwrap();
    let Reply::Launched { run: None, notes } = &reply else { panic!("{reply:?}") };
    assert!(notes[0].contains("closed"), "{notes:?}");
    assert_eq!(bench.world().started.len(), started);
}

#[test]
fn a_wave_that_cannot_run_is_refused_with_its_findings() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let missing = bench.launch(&mut driver, &[9]).unwrap();
    let Reply::Launched { notes, .. } = &missing else { panic!("{missing:?}") };
    assert!(notes.iter().any(|note| note.starts_with("wave 9:")), "{notes:?}");
    assert!(bench.world().started.is_empty());
    bench.write("docs/plans/waves/wave-1.md", "# Wave 1\n\n## Agent A3: No prompt\n");
    let broken = bench.launch(&mut driver, &[1]).unwrap();
    let Reply::Launched { notes, .. } = &broken else { panic!("{broken:?}") };
    assert!(notes.iter().any(|note| note.starts_with("wave 1:")), "{notes:?}");
    assert!(bench.world().started.is_empty());
}

#[test]
fn several_may_wait_for_one_answer() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    let asker = bench.role_of("main-w0-A1-t1");
    let question = QuestionId(1);
    let ask = Request::Ask { text: "which?".into(), options: Vec::new() };
    let reply = bench.ask(&mut driver, asker.clone(), ask.clone()).unwrap();
    assert_eq!(reply, Some(Reply::Asked { question }));
    assert_eq!(bench.ask(&mut driver, asker.clone(), ask).unwrap(), reply, "the same words, the same ticket");

    let wait = Request::AwaitAnswer { question };
    for role in [asker, Role::Operator] {
        assert_eq!(bench.ask(&mut driver, role, wait.clone()).unwrap(), None, "still open");
    }
    let elsewhere = ReplyTo { client: 9, request: 1 };
    driver.awaiting.push((elsewhere, question));
    driver.awaiting.retain(|(to, _)| to.client != 9);
    let answer = Request::Answer { question, text: "v2".into(), by: "me".into() };
    bench.operator(&mut driver, answer.clone()).unwrap();
    let answered = |reply: &Reply| matches!(reply, Reply::Question { status: QuestionStatus::Answered { text, .. }, .. } if text == "v2");
    let told = bench.world().replies.iter().filter(|(_, reply)| answered(reply)).count();
    assert_eq!(told, 2, "whoever waits hears it once; whoever left does not");
    assert_eq!(bench.reply(elsewhere), None);
    assert!(matches!(bench.operator(&mut driver, answer).unwrap(), Reply::Refused(_)));
}

#[test]
fn an_agent_speaks_for_its_own_running_attempt_only() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    let ask = || Request::Ask { text: "may I?".into(), options: Vec::new() };
    let Role::Agent { token, .. } = bench.role_of("main-w0-A1-t1") else { panic!() };
    let forged = Role::Agent { attempt: key(0, "A2", 1), token };
    let submit = || Request::Submit { envelope: Box::new(good_envelope(&key(0, "A2", 1))) };
    let mut refused = |role: Role, request: Request| {
        let reply = bench.ask(&mut driver, role, request).unwrap();
        assert!(matches!(reply, Some(Reply::Refused(_))), "{reply:?}");
    };
    refused(forged.clone(), ask());
    refused(forged, submit());
    refused(Role::Operator, ask());
    refused(bench.role_of("main-w0-A1-t1"), submit());
    let cancel = Request::Cancel { attempt: key(0, "A1", 1), by: "A1".into() };
    refused(bench.role_of("main-w0-A1-t1"), cancel);
    refused(bench.role_of("main-w0-A1-t1"), Request::Snapshot);
    refused(bench.role_of("main-w0-A1-t1"), Request::LookQuestion { question: QuestionId(4) });
    let gone = bench.role_of("main-w0-A2-t1");
    bench.play(&mut driver).unwrap();
    let late = bench.ask(&mut driver, gone, ask()).unwrap();
    assert!(matches!(late, Some(Reply::Refused(_))), "{late:?}");
}

#[test]
fn a_cancelled_agent_is_ended_and_not_tried_again() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    bench.launch(&mut driver, &[0]).unwrap();
    let cancel = Request::Cancel { attempt: key(0, "A1", 1), by: "me".into() };
    assert!(matches!(bench.operator(&mut driver, cancel).unwrap(), Reply::Done { .. }));
    bench.play(&mut driver).unwrap();
    let wave = &driver.state.waves[&key(0, "A1", 1).wave];
    assert!(
        matches!(&wave.status, WaveStatus::Failed { failures } if failures[0].0 == "A1"),
        "{:?}",
        wave.status
    );
    assert_eq!(wave.agents["A1"].attempts.len(), 1);
}

#[test]
fn a_runtime_that_nobody_knows_fails_its_attempt_with_a_reason() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let options = crate::engine::input::LaunchOptions {
        executor: Some(crate::plan::runtime::RuntimeId("command".into())),
        max_retries: 0,
        ..Default::default()
    };
    let launch = Request::Launch { waves: vec![0], options, command: None };
    bench.operator(&mut driver, launch).unwrap();
    assert!(bench.world().started.is_empty());
    let envelope = bench.json(&ProjectPaths::envelope_file(&state_folder(), &key(0, "A1", 1)));
    let detail = envelope["_wavedeck"]["verdict"]["detail"].as_str().unwrap();
    assert!(detail.contains("--command"), "{detail}");
}

#[test]
fn the_command_line_of_a_launch_is_what_its_agents_run() {
    let bench = Bench::new();
    let mut driver = bench.driver();
    let options = crate::engine::input::LaunchOptions {
        executor: Some(crate::plan::runtime::RuntimeId("command".into())),
        ..Default::default()
    };
    let launch = Request::Launch { waves: vec![0], options, command: Some("work --agent {agent}".into()) };
    bench.operator(&mut driver, launch).unwrap();
    let command = bench.world().sessions["main-w0-A1-t1"].spec.command.clone();
    assert_eq!(command, ["work", "--agent", "A1"]);
    drop(driver);
    bench.world().sessions.clear();
    bench.driver();
    let command = bench.world().sessions["main-w0-A1-t2"].spec.command.clone();
    assert_eq!(command, ["work", "--agent", "A1"], "also after a restart");
}
