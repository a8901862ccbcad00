//! Every agent of the demonstration, run once as a process of its own with the prompt that it would get.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use wavedeck::adapters::envelope::read_bytes;
use wavedeck::adapters::environment::{self, BriefFile};
use wavedeck::adapters::prompt::{PromptContext, compile};
use wavedeck::cli::demo::{self, WAVES};
use wavedeck::engine::brief::{AgentBrief, WaveBrief};
use wavedeck::engine::{AttemptKey, WaveKey};
use wavedeck::plan::runtime::Overrides;
use wavedeck::plan::{Project, SourceFile, Sources};

/// Stands in for `wavedeck ask` and `wavedeck done`.
const FAKE: &str =
    "#!/bin/sh\ncase \"$1\" in\nask) echo the answer ;;\ndone) cat >\"$WAVEDECK_RESULT\" ;;\nesac\n";

fn sources(project: &Path) -> Sources {
    let file = |path: &str| SourceFile {
        path: path.to_owned(),
        text: fs::read_to_string(project.join(path)).unwrap(),
    };
    let roles =
        ["cont-qa", "documentation", "integration"].map(|role| format!("docs/agents/wave-{role}-role.md"));
    let documents: BTreeMap<String, String> =
        roles.into_iter().map(|path| (path.clone(), file(&path).text)).collect();
    Sources {
        lane: "main".into(),
        config: Some(file("wave.config.json")),
        matrix: Some(file("docs/plans/component-cutover-matrix.json")),
        waves: WAVES.iter().map(|number| file(&format!("docs/plans/waves/wave-{number}.md"))).collect(),
        documents,
        ..Sources::default()
    }
}

/// One agent's run: on its second try, since one of them fails on its first.
fn run(folder: &Path, project: &Path, wave: &WaveBrief, agent: &AgentBrief) -> (AttemptKey, Output) {
    let attempt = AttemptKey {
        wave: WaveKey { lane: "main".into(), number: wave.number },
        agent: agent.id.clone(),
        number: 2,
    };
    let prompt =
        compile(&PromptContext { attempt: &attempt, wave, agent, previous: None, documentation: None });
    let brief =
        BriefFile { attempt: attempt.clone(), brief: agent.clone(), promotions: wave.promotions.clone() };
    let path = |kind: &str| folder.join(format!("{}.{kind}", attempt.session()));
    fs::write(path("md"), prompt).unwrap();
    fs::write(path("brief"), serde_json::to_string(&brief).unwrap()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_wavedeck"))
        .arg("local-agent")
        .current_dir(project)
        .env(environment::PROMPT, path("md"))
        .env(environment::BRIEF, path("brief"))
        .env(environment::RESULT, path("result"))
        .env(environment::PROJECT, project)
        .env(environment::BIN, folder.join("fake"))
        .env(environment::LOCAL_PACE, "fast")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (attempt, output)
}

#[test]
fn every_agent_does_its_part_and_reports_it() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    demo::write(&project).unwrap();
    fs::write(folder.path().join("fake"), FAKE).unwrap();
    fs::set_permissions(folder.path().join("fake"), fs::Permissions::from_mode(0o755)).unwrap();
    let plan = Project::read(&sources(&project));
    for number in WAVES {
        let wave = WaveBrief::from_plan(&plan, &plan.waves[&number], &Overrides::default()).unwrap();
        assert!(wave.agents.iter().all(|agent| agent.executor.id.is_local()));
        let runs: Vec<(AttemptKey, Output)> = std::thread::scope(|scope| {
            let started: Vec<_> = wave
                .agents
                .iter()
                .map(|agent| scope.spawn(|| run(folder.path(), &project, &wave, agent)))
                .collect();
            started.into_iter().map(|run| run.join().unwrap()).collect()
        });
        for (attempt, output) in runs {
            let text = String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(0), "{attempt}:\n{text}{output:?}");
            let result = fs::read(folder.path().join(format!("{}.result", attempt.session()))).unwrap();
            let envelope = read_bytes(&result, &attempt).unwrap();
            let proof = envelope.proof.unwrap().state;
            assert!(matches!(proof.as_str(), "satisfied" | "not_applicable"), "{attempt}: {proof}");
        }
        for deliverable in wave.agents.iter().flat_map(|agent| &agent.deliverables) {
            assert!(project.join(deliverable).is_file(), "{deliverable} of wave {number}");
        }
    }
    // The stewards left the plan true, so the project is still without a finding.
    let after = Project::read(&sources(&project));
    assert_eq!(after.findings, []);
    let matrix = fs::read_to_string(project.join("docs/plans/component-cutover-matrix.json")).unwrap();
    assert!(!matrix.contains("\"currentLevel\": \"contract-frozen\""), "{matrix}");
}
