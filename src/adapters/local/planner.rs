//! The simulator as a planner: it answers a request with one wave of one worker, so that everything around a planner can
//! be tried without one. Of the steps of a script it knows `say`, `fail`, `rate limit`, `malformed` (an answer that is no
//! plan) and `gap` (a plan whose worker owns nothing); the others are for agents that work.

use serde_json::json;

use super::script::{Step, What};
use crate::plan::draft::agentic::PlanRequest;
use crate::plan::wave::entries::LEVELS;

/// Longest title, in characters.
const TITLE_MOST: usize = 60;

/// What a planner prints in a round, and its exit code.
pub(super) fn answer(request: &PlanRequest, round: u32, script: Vec<Step>) -> (String, u8) {
    let mut said: Vec<String> = Vec::new();
    let (mut owns_something, mut is_plan) = (true, true);
    for step in script.into_iter().filter(|step| step.on_attempt.is_none_or(|only| only == round)) {
        match step.what {
            What::Say(text) => said.push(text),
            What::Fail(why) => return (why, 1),
            What::RateLimit => return ("HTTP 429 Too Many Requests: rate limit".to_owned(), 1),
            What::Malformed => is_plan = false,
            What::Gap => owns_something = false,
            What::Think { .. }
            | What::Ask { .. }
            | What::Edit(_)
            | What::Run(_)
            | What::Hang
            | What::Flood { .. }
            | What::Die
            | What::FullScreen
            | What::Markers
            | What::File
            | What::Lie
            | What::Slow => {}
        }
    }
    said.push(match is_plan {
        true => plan(request, owns_something),
        false => "I have a plan, and it is a good one.".to_owned(),
    });
    (said.join("\n"), 0)
}

fn plan(request: &PlanRequest, owns_something: bool) -> String {
    let line = request.task.lines().find(|line| !line.trim().is_empty()).unwrap_or("Next slice");
    let title: String = line.trim().trim_end_matches('.').chars().take(TITLE_MOST).collect();
    let name = name_of(&title);
    let owned =
        if owns_something { vec![format!("src/{name}/"), format!("docs/{name}.md")] } else { Vec::new() };
    let answer = json!({
        "summary": format!("One wave for: {title}."),
        "openQuestions": [],
        "waves": [{
            "title": title,
            "template": "implementation",
            "sequencingNote": "It was asked for.",
            "componentCatalog": [{
                "componentId": name, "title": title, "currentLevel": LEVELS[1], "targetLevel": LEVELS[2],
                "canonicalDocs": [format!("docs/{name}.md")], "proofSurfaces": ["unit tests"],
            }],
            "workerAgents": [{
                "title": title, "roleKind": "implementation", "ownedPaths": owned, "components": [name],
                "primaryGoal": request.task.lines().next().unwrap_or_default(),
            }],
        }],
    });
    format!("{answer:#}")
}

/// A title as a name: lower-case letters and digits, with `-` between words.
fn name_of(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.take(4).map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    if name.is_empty() { "slice".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::super::script;
    use super::answer;
    use crate::plan::draft::agentic::PlanRequest;

    fn check(script: &str, round: u32, part: &str, code: u8) {
        let request = PlanRequest { task: "Bound the cache.\nMore.".to_owned(), ..PlanRequest::default() };
        let steps = script::read(&format!("Local script:\n{script}")).unwrap();
        let (out, found) = answer(&request, round, steps);
        assert!(out.contains(part), "{out}");
        assert_eq!(found, code);
    }

    #[test]
    fn a_script_steers_the_rounds() {
        check("", 1, "\"src/bound-the-cache/\"", 0);
        check("- gap on attempt 1", 1, "\"ownedPaths\": []", 0);
        check("- gap on attempt 1", 2, "\"src/bound-the-cache/\"", 0);
        check("- say Hm.", 1, "Hm.\n{", 0);
        check("- malformed", 1, "I have a plan", 0);
        check("- fail no idea", 1, "no idea", 1);
        check("- rate limit", 1, "429", 1);
        check("- rate limit", 2, "\"waves\"", 0);
    }
}
