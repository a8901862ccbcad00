//! Moving an agent: what must hold, what the two files become, and what that means for people.

use std::collections::BTreeMap;

use super::super::finding::{Finding, Severity};
use super::super::project::{Project, SourceFile, Sources};
use super::super::role::{Stage, is_implementation_type, stage_of};
use super::super::text::{LineEnding, Lines};
use super::super::wave::ownership::covers;
use super::super::wave::{Agent, Context, Wave, WaveNumber, WaveReading, number_of, read};
use super::{Preview, Refusal, Rewrite, splice};

/// One agent, from one wave to another.
pub(super) struct Move<'m> {
    /// Who.
    pub(super) agent: &'m str,
    /// Out of this wave.
    pub(super) from: WaveNumber,
    /// Into this one.
    pub(super) to: WaveNumber,
}

/// A wave that takes part, with its file.
struct Side<'s> {
    file: &'s SourceFile,
    wave: &'s Wave,
    reading: WaveReading,
}

/// What the move would do, or why it is refused.
pub(super) fn preview(sources: &Sources, asked: &Move<'_>) -> Result<Preview, Refusal> {
    let project = Project::read(sources);
    if asked.from == asked.to {
        return refuse(
            format!("agent {} is in wave {} already", asked.agent, asked.to),
            "choose another wave",
        );
    }
    let from = side(&project, sources, asked.from)?;
    let to = side(&project, sources, asked.to)?;
    let index = only_agent(from.wave, asked.agent)?;
    let Some(agent) = from.wave.agents.get(index) else { return Err(no_agent(from.wave, asked.agent)) };
    if to.wave.agents.iter().any(|other| other.id == agent.id) {
        return refuse(
            format!("wave {} has an agent {} already", asked.to, agent.id),
            "rename one of the two in its file first",
        );
    }
    check_place_in_wave(&project, agent, &from, &to)?;
    check_readings(&project, agent, &from, &to)?;

    let Some(range) = from.reading.notes.get(index).map(|notes| notes.range.clone()) else {
        return Err(no_agent(from.wave, asked.agent));
    };
    let core = splice::core(&from.file.text, range.clone());
    let ending = common_ending(core, asked, &from, &to)?;
    let place = to.reading.notes.last().map_or(to.file.text.len(), |notes| notes.range.end);
    let writes = vec![
        Rewrite {
            path: from.file.path.clone(),
            before: from.file.text.clone(),
            after: splice::without(&from.file.text, range, LineEnding::of(&from.file.text)),
        },
        Rewrite {
            path: to.file.path.clone(),
            before: to.file.text.clone(),
            after: splice::with(&to.file.text, place, core, ending),
        },
    ];
    let after = Project::read(&rewritten(sources, &writes));
    check_result(&project, &after, agent, asked)?;
    let consequences = consequences(&project, &after, agent, asked, core);
    Ok(Preview { writes, consequences })
}

fn refuse<T>(reason: String, hint: &str) -> Result<T, Refusal> {
    Err(Refusal { reason, hint: hint.to_string() })
}

fn no_agent(wave: &Wave, agent: &str) -> Refusal {
    let known: Vec<&str> = wave.agents.iter().map(|agent| agent.id.as_str()).collect();
    Refusal {
        reason: format!("wave {} has no agent {agent}", wave.number),
        hint: format!("its agents are {}", known.join(", ")),
    }
}

fn side<'s>(project: &'s Project, sources: &'s Sources, number: WaveNumber) -> Result<Side<'s>, Refusal> {
    let found = project.waves.get(&number).and_then(|wave| {
        let file = sources.waves.iter().find(|file| file.path == wave.file)?;
        Some((wave, file))
    });
    let Some((wave, file)) = found else {
        let known: Vec<String> = project.waves.keys().map(WaveNumber::to_string).collect();
        return Err(Refusal {
            reason: format!("there is no wave {number}"),
            hint: format!("the waves of lane {} are {}", project.lane, known.join(", ")),
        });
    };
    if file.text.contains('\u{fffd}') {
        return refuse(
            format!("{} holds bytes that are not UTF-8, and such a file is never written", file.path),
            "save it as UTF-8 first",
        );
    }
    let context =
        Context { config: &project.config, documents: &sources.documents, runtimes: &sources.runtimes };
    let reading = read(number_of(&file.path).unwrap_or(number), &file.path, &file.text, &context);
    Ok(Side { file, wave, reading })
}

/// Index of the one agent with that id.
fn only_agent(wave: &Wave, id: &str) -> Result<usize, Refusal> {
    let mut found =
        wave.agents.iter().enumerate().filter(|(_, agent)| agent.id == id).map(|(index, _)| index);
    match (found.next(), found.next()) {
        (Some(index), None) => Ok(index),
        (Some(_), Some(_)) => refuse(
            format!("wave {} has more than one agent {id}", wave.number),
            "give them different ids in the file first",
        ),
        (None, _) => Err(no_agent(wave, id)),
    }
}

/// Whether the agent may leave its wave and fits into the other one.
fn check_place_in_wave(
    project: &Project,
    agent: &Agent,
    from: &Side<'_>,
    to: &Side<'_>,
) -> Result<(), Refusal> {
    let config = &project.config;
    if stage_of(agent, config) == Stage::Closure {
        return refuse(
            format!("agent {} closes wave {} and stays with it", agent.id, from.wave.number),
            "move the agents that build; every wave has stewards of its own",
        );
    }
    let builds = is_implementation_type(agent, config);
    let builders = from.wave.agents.iter().filter(|agent| is_implementation_type(agent, config)).count();
    if builds && builders == 1 {
        return refuse(
            format!("agent {} is the last one that builds in wave {}", agent.id, from.wave.number),
            "move another agent into that wave first, or remove the wave's file",
        );
    }
    let missing: Vec<&str> = agent
        .components
        .iter()
        .filter(|id| !to.wave.component_promotions.iter().any(|promotion| promotion.component_id == **id))
        .map(String::as_str)
        .collect();
    if builds && !missing.is_empty() {
        return refuse(
            format!(
                "wave {} does not promote {}, which agent {} owns",
                to.wave.number,
                missing.join(", "),
                agent.id
            ),
            "add the component under `## Component promotions` of that wave, and to the matrix",
        );
    }
    Ok(())
}

/// The section must be the same text for `@chllming/wave-orchestration`, or a move would hand that program another one.
fn check_readings(project: &Project, agent: &Agent, from: &Side<'_>, to: &Side<'_>) -> Result<(), Refusal> {
    let headings = |wave: &Wave| -> Vec<_> {
        wave.agents.iter().map(|agent| (agent.id.clone(), agent.position)).collect()
    };
    for side in [from, to] {
        let strict = project.strict.get(&side.wave.number).unwrap_or(side.wave);
        let same_agent = side.wave.number != from.wave.number || strict.agents.contains(agent);
        if headings(strict) != headings(side.wave) || !same_agent {
            return refuse(
                format!(
                    "{} reads differently with wave-orchestration 0.9.15, so it is not certain what agent {} is there",
                    side.file.path, agent.id
                ),
                "see the W10 warnings of that file and indent the sample text they point at",
            );
        }
    }
    Ok(())
}

/// How the lines of the moved text and of the file it goes to end.
fn common_ending(
    core: &str,
    asked: &Move<'_>,
    from: &Side<'_>,
    to: &Side<'_>,
) -> Result<LineEnding, Refusal> {
    let target = LineEnding::of(&to.file.text);
    let moved = if core.contains('\n') { LineEnding::of(core) } else { LineEnding::of(&from.file.text) };
    let target_has_lines = to.file.text.contains('\n');
    let name = |ending: LineEnding| match ending {
        LineEnding::Lf => "LF",
        LineEnding::CrLf => "CR LF",
        LineEnding::Mixed => "both LF and CR LF",
    };
    if moved == LineEnding::Mixed || (target_has_lines && moved != target) {
        return refuse(
            format!(
                "the lines of agent {} end with {} and those of {} with {}",
                asked.agent,
                name(moved),
                to.file.path,
                name(target)
            ),
            "save both files with the same line endings first",
        );
    }
    Ok(moved)
}

/// The sources with the edit made.
fn rewritten(sources: &Sources, writes: &[Rewrite]) -> Sources {
    let mut after = sources.clone();
    for file in &mut after.waves {
        if let Some(write) = writes.iter().find(|write| write.path == file.path) {
            file.text.clone_from(&write.after);
        }
    }
    after
}

/// No error that was not there before, and every agent means what it meant.
fn check_result(before: &Project, after: &Project, agent: &Agent, asked: &Move<'_>) -> Result<(), Refusal> {
    let known = counted(&before.findings, Severity::Error);
    for (key, findings) in counted(&after.findings, Severity::Error) {
        let Some(first) = findings.first() else { continue };
        if findings.len() > known.get(&key).map_or(0, Vec::len) {
            return Err(Refusal {
                reason: format!("{} would have an error: {} ({})", first.file, first.message, first.rule),
                hint: first.hint.clone(),
            });
        }
    }
    let meaning = |project: &Project, number: WaveNumber| -> Vec<Agent> {
        let agents = project.waves.get(&number).map(|wave| wave.agents.clone()).unwrap_or_default();
        agents.into_iter().map(without_place).collect()
    };
    let moved = |agents: Vec<Agent>, keep: bool| -> Vec<Agent> {
        agents.into_iter().filter(|other| keep || other.id != agent.id).collect()
    };
    let source_is_same = moved(meaning(before, asked.from), false) == moved(meaning(after, asked.from), true);
    let target_is_same = meaning(before, asked.to) == moved(meaning(after, asked.to), false);
    let arrived = meaning(after, asked.to).into_iter().any(|other| {
        (&other.id, &other.title, &other.prompt_overlay) == (&agent.id, &agent.title, &agent.prompt_overlay)
    });
    if source_is_same && target_is_same && arrived {
        return Ok(());
    }
    refuse(
        format!("moving agent {} would change what other sections of the two files mean", agent.id),
        "mend the fences that these files leave open, then move it",
    )
}

/// An agent apart from where it stands.
fn without_place(agent: Agent) -> Agent {
    Agent { position: super::super::finding::Position::START, ..agent }
}

/// Findings that say the same about the same, without their places.
type Counted<'f> = BTreeMap<(&'f str, &'f str, Option<&'f str>, &'f str), Vec<&'f Finding>>;

fn counted(findings: &[Finding], severity: Severity) -> Counted<'_> {
    let mut counted = Counted::new();
    for finding in findings.iter().filter(|finding| finding.severity == severity) {
        let key = (
            finding.file.as_str(),
            finding.rule.as_str(),
            finding.agent.as_deref(),
            finding.message.as_str(),
        );
        counted.entry(key).or_default().push(finding);
    }
    counted
}

/// What changes, for the operator, most important first.
fn consequences(
    before: &Project,
    after: &Project,
    agent: &Agent,
    asked: &Move<'_>,
    core: &str,
) -> Vec<String> {
    let mut sentences = Vec::new();
    let (Some(left), Some(joined)) = (after.waves.get(&asked.from), after.waves.get(&asked.to)) else {
        return sentences;
    };
    let others = joined.agents.iter().filter(|other| other.id != agent.id);
    for other in others {
        let shared: Vec<&str> = agent
            .owned_paths
            .iter()
            .filter(|path| other.owned_paths.iter().any(|owned| covers(owned, path) || covers(path, owned)))
            .map(String::as_str)
            .collect();
        if !shared.is_empty() {
            sentences.push(format!("shares {} with {}", shared.join(", "), other.id));
        }
    }
    for (id, level) in &agent.component_targets {
        let there = joined
            .component_promotions
            .iter()
            .find(|promotion| promotion.component_id == *id)
            .map(|promotion| promotion.target_level.clone());
        if there != *level {
            let word = |level: &Option<String>| level.clone().unwrap_or_else(|| "no level".to_string());
            sentences.push(format!("takes {id} to {} instead of {}", word(&there), word(level)));
        }
    }
    sentences.push(format!("wave {} keeps {}", left.number, agents(left.agents.len())));
    sentences.push(format!("wave {} then has {}", joined.number, agents(joined.agents.len())));
    if let Some(arrived) = joined.agents.iter().find(|other| other.id == agent.id) {
        sentences.push(format!("slug changes from {} to {}", agent.slug, arrived.slug));
    }
    let lines = Lines::of(core);
    for heading in lines.all().iter().skip(1).map(|line| lines.content(*line)) {
        let is_text_of_the_prompt = agent.prompt_overlay.lines().any(|line| line == heading);
        if heading.starts_with("## ") && !is_text_of_the_prompt {
            sentences.push(format!("`{heading}` goes with it"));
        }
    }
    let known = counted(&before.findings, Severity::Warning);
    for (key, findings) in counted(&after.findings, Severity::Warning) {
        let is_new = !known.contains_key(&key) && key.2 != Some(agent.id.as_str());
        sentences.extend(
            findings
                .first()
                .filter(|_| is_new)
                .map(|finding| format!("{} gets a warning: {}", finding.file, finding.message)),
        );
    }
    sentences
}

fn agents(count: usize) -> String {
    if count == 1 { "1 agent".to_string() } else { format!("{count} agents") }
}
