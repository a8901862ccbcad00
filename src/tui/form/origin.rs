//! Which question a line of the drafted file comes from, so that a finding leads to the answer that it is about and the
//! file shows where an answer goes.

use crate::plan::draft::Spec;
use crate::plan::draft::field::Field;

/// How a part of the file begins, above all agents, and the question it comes from. The first line that begins so counts.
const OF_WAVE: &[(&str, &str)] = &[
    ("# Wave ", "title"),
    ("**Commit message**", "commit"),
    ("## Project profile", "posture"),
    ("## Sequencing note", "sequencing"),
    ("## Reference rule", "reference"),
    ("## Deploy environments", "workers"),
    ("## Component promotions", "promotions"),
    ("## Context7 defaults", "bundle"),
    ("## Eval targets", "evals"),
];

/// The same within the section of an agent.
const OF_WORKER: &[(&str, &str)] = &[
    ("## Agent ", "title"),
    ("### Role prompts", "kind"),
    ("### Executor", "profile"),
    ("### Context7", "bundle"),
    ("### Components", "components"),
    ("### Capabilities", "capabilities"),
    ("### Deliverables", "owns"),
    ("### Proof artifacts", "artifacts"),
    ("### Exit contract", "completion"),
    ("### Prompt", "goal"),
    ("Primary goal:", "goal"),
    ("Required context before coding:", "context"),
    ("Earlier wave outputs to read:", "earlier"),
    ("File ownership (only touch these paths):", "owns"),
    ("Requirements:", "requirements"),
    ("Validation:", "validation"),
    ("Output:", "output"),
];

/// Parts in which each bullet comes from a question of its own.
const EACH: &[(&str, &str)] = &[("promotions", "promotion.N.target"), ("evals", "eval.N.objective")];

/// Questions whose answers go where that of another one begins.
const BESIDE: &[(&str, &str)] = &[
    ("template", "title"),
    ("query", "bundle"),
    ("id", "title"),
    ("environment", "goal"),
    ("durability", "completion"),
    ("proof", "completion"),
    ("doc-impact", "completion"),
    ("kind", "title"),
    ("profile", "title"),
];

/// Index of the question of each line; `None` where no question is asked about it.
pub(crate) fn of_lines(lines: &[String], fields: &[Field], spec: &Spec) -> Vec<Option<usize>> {
    let index = |key: &str| fields.iter().position(|field| field.key == key);
    // The workers are the last agents of a wave, in the order in which they are asked about.
    let workers = (1..).take_while(|number| index(&format!("worker.{number}.id")).is_some()).count();
    let first = spec.agents.len().saturating_sub(workers);
    let mut agents = 0;
    let mut of_agent = false;
    let mut worker = None;
    let mut now = None;
    let mut listed = 0;
    let mut origins = Vec::with_capacity(lines.len());
    for line in lines {
        if line.starts_with("## Agent ") {
            of_agent = true;
            worker = (agents >= first).then(|| format!("worker.{}.", agents + 1 - first));
            agents += 1;
        }
        if line.starts_with('#') {
            listed = 0;
        }
        let table = if of_agent { OF_WORKER } else { OF_WAVE };
        if let Some((_, key)) = table.iter().find(|(start, _)| line.starts_with(start)) {
            now = match (&worker, of_agent) {
                (Some(worker), _) => index(&format!("{worker}{key}")).or(index(&format!("{worker}title"))),
                (None, true) => None,
                (None, false) => index(key),
            };
        }
        let each =
            EACH.iter().find(|(section, _)| now.is_some() && now == index(section) && line.starts_with("- "));
        if each.is_some() {
            listed += 1;
        }
        let own = each.and_then(|(_, one)| index(&one.replace('N', &listed.to_string())));
        origins.push(own.or(now));
    }
    origins
}

/// The first line that a question's answer goes to.
pub(crate) fn line_of(field: &Field, fields: &[Field], origins: &[Option<usize>]) -> Option<usize> {
    let first = |key: &str| {
        let index = fields.iter().position(|field| field.key == key)?;
        origins.iter().position(|origin| *origin == Some(index))
    };
    let (about, name) = match field.key.rsplit_once('.') {
        Some((about, name)) => (format!("{about}."), name),
        None => (String::new(), field.key.as_str()),
    };
    let beside = BESIDE.iter().find(|(known, _)| *known == name).map(|(_, other)| *other);
    first(&field.key).or_else(|| first(&format!("{about}{}", beside?))).or_else(|| {
        match about.split_once('.').map_or(name, |(about, _)| about) {
            "promotion" => first(&format!("{about}target")).or_else(|| first("promotions")),
            "eval" => first(&format!("{about}objective")).or_else(|| first("evals")),
            "workers" => first("worker.1.title"),
            "worker" => first(&format!("{about}title")),
            _ => None,
        }
    })
}
