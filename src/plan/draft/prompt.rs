//! The planner's layout of a prompt: headers in a fixed order, bullets under them, as npm
//! `@chllming/wave-orchestration` 0.9.15 writes it. Reading is the exact inverse of writing: a text that would not be
//! written again byte for byte is not in this layout, and is kept whole instead.

use super::super::wave::DeployEnvironment;
use super::spec::SpecAgent;

const GOAL: &str = "Primary goal:";
const NOTES: &str = "Collaboration notes:";
const CONTEXT: &str = "Required context before coding:";
const EARLIER: &str = "Earlier wave outputs to read:";
const OWNERSHIP: &str = "File ownership (only touch these paths):";
const REQUIREMENTS: &str = "Requirements:";
const VALIDATION: &str = "Validation:";
const OUTPUT: &str = "Output:";

/// In the order in which they are written.
const HEADERS: [&str; 8] = [GOAL, NOTES, CONTEXT, EARLIER, OWNERSHIP, REQUIREMENTS, VALIDATION, OUTPUT];

/// What stands under `Validation:` when nothing is said.
const ANY_VALIDATION: &str = "Manual review of the changed files and generated proof artifacts.";
/// What stands under `Output:` when nothing is said.
const ANY_OUTPUT: &str = "Summarize the landed work, proof state, and remaining blockers.";

/// The prompt of an agent: its own text where it has one, else the layout.
pub(super) fn body(agent: &SpecAgent, environments: &[DeployEnvironment]) -> String {
    agent.prompt.clone().unwrap_or_else(|| layout(agent, environments))
}

/// The layout of an agent's fields.
pub(super) fn layout(agent: &SpecAgent, environments: &[DeployEnvironment]) -> String {
    let bullets = |items: &[String]| items.iter().map(|item| format!("- {}", one_line(item))).collect();
    let mut notes: Vec<String> = bullets(&agent.collaboration_notes);
    let environment = agent.deploy_environment_id.as_ref();
    let environment = environment.and_then(|id| environments.iter().find(|known| known.id == *id));
    notes.extend(environment.map(|environment| format!("- {}", environment_note(environment))));
    let earlier: Vec<String> =
        agent.earlier_wave_outputs.iter().map(|path| format!("- `{}`", one_line(path))).collect();
    let numbered = |(index, text): (usize, &String)| format!("{}) {}", index + 1, one_line(text));
    let or = |text: &str, otherwise: &str| {
        let text = one_line(text);
        vec![format!("- {}", if text.is_empty() { otherwise } else { &text })]
    };
    // Whether a header without anything under it is written all the same.
    let sections: [(&str, Vec<String>, bool); 8] = [
        (GOAL, vec![format!("- {}", one_line(&agent.primary_goal))], true),
        (NOTES, notes, false),
        (CONTEXT, bullets(&agent.required_context), true),
        (EARLIER, earlier, false),
        (OWNERSHIP, bullets(&agent.owned_paths), true),
        (REQUIREMENTS, agent.requirements.iter().enumerate().map(numbered).collect(), false),
        (VALIDATION, or(&agent.validation_command, ANY_VALIDATION), true),
        (OUTPUT, or(&agent.output_summary, ANY_OUTPUT), true),
    ];
    let written: Vec<String> = sections
        .into_iter()
        .filter(|(_, lines, always)| *always || !lines.is_empty())
        .map(|(header, lines, _)| {
            let mut text = header.to_string();
            for line in lines {
                text.push('\n');
                text.push_str(&line);
            }
            text
        })
        .collect();
    written.join("\n\n")
}

/// Puts what a prompt says into the fields of `agent`, or the prompt itself where it is not in the layout. Owned paths
/// are those that the wave's reader found.
pub(super) fn take(agent: &mut SpecAgent, text: &str, environments: &[DeployEnvironment]) {
    let mut read = SpecAgent { owned_paths: agent.owned_paths.clone(), ..SpecAgent::default() };
    let mut header = "";
    for line in text.lines() {
        let bullet = line.strip_prefix("- ").unwrap_or_default();
        if let Some(found) = HEADERS.iter().find(|known| **known == line) {
            header = found;
        } else if header == GOAL {
            read.primary_goal.push_str(bullet);
        } else if line.is_empty() {
            continue;
        } else if header == NOTES {
            read.collaboration_notes.push(bullet.to_string());
        } else if header == CONTEXT {
            read.required_context.push(bullet.to_string());
        } else if header == EARLIER {
            read.earlier_wave_outputs.push(bullet.trim_matches('`').to_string());
        } else if header == REQUIREMENTS {
            let requirement = line.split_once(") ").map_or("", |(_, text)| text);
            read.requirements.push(requirement.to_string());
        } else if header == VALIDATION {
            read.validation_command = bullet.to_string();
        } else if header == OUTPUT {
            read.output_summary = bullet.to_string();
        }
    }
    let named = environments
        .iter()
        .find(|environment| read.collaboration_notes.last() == Some(&environment_note(environment)));
    if let Some(environment) = named {
        read.collaboration_notes.pop();
        read.deploy_environment_id = Some(environment.id.clone());
    }
    if layout(&read, environments) != text {
        agent.prompt = Some(text.to_string());
        return;
    }
    let unless = |text: String, any: &str| if text == any { String::new() } else { text };
    agent.primary_goal = read.primary_goal;
    agent.collaboration_notes = read.collaboration_notes;
    agent.deploy_environment_id = read.deploy_environment_id;
    agent.required_context = read.required_context;
    agent.earlier_wave_outputs = read.earlier_wave_outputs;
    agent.requirements = read.requirements;
    agent.validation_command = unless(read.validation_command, ANY_VALIDATION);
    agent.output_summary = unless(read.output_summary, ANY_OUTPUT);
}

/// The sentence that names the environment of an agent.
fn environment_note(environment: &DeployEnvironment) -> String {
    let notes = environment.notes.as_ref().map(|notes| format!(" ({notes})")).unwrap_or_default();
    let DeployEnvironment { id, kind, .. } = environment;
    format!("The primary deploy environment for this role is `{id}` via `{kind}`{notes}.")
}

/// The words of a text with one blank between them: no value of a bullet may begin a line of its own.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
