//! What an agent is told of its wave beside its own part: what the wave is measured by, and what was designed for it.

use std::fmt::Write;

use super::{line, section};
use crate::engine::brief::{AgentBrief, EvalTargetBrief, WaveBrief};
use crate::plan::role::{Role, is_design_report};

/// The targets that cont-EVAL measures. Everybody is told, as those who build are measured by them.
pub(super) fn eval_targets(out: &mut String, wave: &WaveBrief) {
    let Some(first) = wave.eval_targets.first() else { return };
    section(out, "What this wave is measured by");
    let _ = writeln!(out, "{} describes the benchmarks.", first.catalogue);
    for target in &wave.eval_targets {
        let EvalTargetBrief { id, objective, threshold, benchmarks, is_delegated, catalogue: _ } = target;
        let benchmarks = benchmarks.join(", ");
        let which =
            if *is_delegated { "choose what fits of the benchmarks" } else { "run all the benchmarks" };
        let _ = writeln!(
            out,
            "- {id}: {}; {which} {benchmarks}; it holds when {}",
            clause(objective),
            clause(threshold)
        );
    }
}

/// Design packets of the other agents of the wave: they stand before anybody builds. An agent that only designs reads none.
pub(super) fn design_packets(out: &mut String, wave: &WaveBrief, agent: &AgentBrief) {
    if agent.role == Role::Design && !agent.builds_after_design {
        return;
    }
    let designers = wave.agents.iter().filter(|other| other.role == Role::Design && other.id != agent.id);
    let packets: Vec<(&String, &AgentBrief)> = designers
        .flat_map(|designer| {
            let paths = designer.owned_paths.iter().chain(&designer.deliverables);
            let mut packets: Vec<&String> = paths.filter(|path| is_design_report(path)).collect();
            packets.sort_unstable();
            packets.dedup();
            packets.into_iter().map(move |path| (path, designer))
        })
        .collect();
    if packets.is_empty() {
        return;
    }
    section(out, "Design packets of this wave");
    line(
        out,
        "Read them before you change anything. What they decide holds for your part; where your task says otherwise, ask:",
    );
    for (path, designer) in packets {
        let _ = writeln!(out, "- {path} ({} {})", designer.id, designer.title);
    }
}

/// A text as a part of a sentence.
fn clause(text: &str) -> &str {
    text.trim().trim_end_matches('.')
}
