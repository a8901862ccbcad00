//! What comes of the answers: questions in sections, the file, and what would be found in it. Made anew with every answer;
//! nothing of it is kept beside them.

use super::origin;
use crate::plan::config::profile::ProjectProfile;
use crate::plan::draft::field::{Answers, Field, FieldKind};
use crate::plan::draft::{Ground, Proposal, Spec, keep, proposal, questions, remembered};
use crate::plan::edit::Edit;
use crate::plan::finding::Severity;
use crate::plan::{Finding, WaveNumber};
use crate::tui::told::Told;

/// A row of the questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row {
    /// Nothing, between two sections.
    Gap,
    /// What the questions below are about.
    Head(String),
    /// A question, by index.
    Question(usize),
}

/// What comes of the answers.
#[derive(Debug, Clone)]
pub(crate) struct Drafted {
    /// Number of the wave: the next one that is free.
    pub(crate) wave: WaveNumber,
    /// Its file, relative to the project.
    pub(crate) path: String,
    /// The questions.
    pub(crate) fields: Vec<Field>,
    /// The same in sections.
    pub(crate) rows: Vec<Row>,
    /// Lines of the file.
    pub(crate) lines: Vec<String>,
    /// The question that each line comes from.
    pub(crate) origins: Vec<Option<usize>>,
    /// What is found in it, errors first.
    pub(crate) findings: Vec<Finding>,
    /// The question that each finding is about.
    pub(crate) about: Vec<Option<usize>>,
    spec: Spec,
    proposal: Proposal,
}

impl Drafted {
    /// Drafts the next wave of what was told.
    ///
    /// # Errors
    /// When the project profile cannot be read, as a sentence.
    pub(crate) fn new(told: &Told, answers: &Answers) -> Result<Drafted, String> {
        let (project, sources) = (&told.project, &told.sources);
        let profile = profile(told)?;
        let directory = project.config.waves_directory();
        let after_last = project.waves.keys().next_back().map_or(0, |last| last + 1);
        let mut wave = after_last;
        while sources.specs.contains_key(&Spec::path(directory, wave)) {
            wave += 1;
        }
        let ground = Ground {
            config: &project.config,
            matrix: project.matrix.as_ref(),
            bundles: project.bundles.as_ref(),
            benchmarks: project.benchmarks.as_ref(),
            profile: &profile,
            wave,
        };
        let (fields, spec) = questions(&ground, answers);
        let proposal = proposal(sources, std::slice::from_ref(&spec));
        let path = format!("{directory}/wave-{wave}.md");
        let text = proposal.writes.iter().find(|write| write.path == path).map(|write| write.after.as_str());
        let lines: Vec<String> = text.unwrap_or_default().lines().map(str::to_string).collect();
        let origins = origin::of_lines(&lines, &fields, &spec);
        let mut findings = proposal.findings.clone();
        findings.sort_by_key(|finding| finding.severity != Severity::Error);
        let about = findings.iter().map(|finding| about(finding, &path, &fields, &origins)).collect();
        let rows = rows(&fields);
        Ok(Drafted { wave, path, fields, rows, lines, origins, findings, about, spec, proposal })
    }

    /// Index of the first question whose answer does not count.
    pub(crate) fn misfit(&self) -> Option<usize> {
        self.fields.iter().position(|field| field.error.is_some())
    }

    /// How many answers do not count, errors and warnings there are.
    pub(crate) fn faults(&self) -> (usize, usize, usize) {
        let misfits = self.fields.iter().filter(|field| field.error.is_some()).count();
        let errors = self.proposal.errors().count();
        (misfits, errors, self.findings.len() - errors)
    }

    /// The findings about a question.
    pub(crate) fn found(&self, question: usize) -> impl Iterator<Item = &Finding> {
        let about = self.about.iter().zip(&self.findings);
        about.filter(move |(about, _)| **about == Some(question)).map(|(_, finding)| finding)
    }

    /// Paths of the files that would be written.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.proposal.writes.iter().map(|write| write.path.as_str())
    }

    /// The edit that writes it, said to be made at `at`, and the agent whose card is looked at afterwards.
    ///
    /// # Errors
    /// When a file of it cannot be written as text, as a sentence.
    pub(crate) fn edit(&self, told: &Told, at: String) -> Result<(Edit, String), String> {
        let spec = Spec { generated_at: Some(at), ..self.spec.clone() };
        let mut proposal = proposal(&told.sources, std::slice::from_ref(&spec));
        let rewrite = remembered(&told.sources, &told.project, &profile(told)?, &spec);
        proposal.writes.extend(rewrite.map_err(|error| format!("The project profile: {error}."))?);
        let workers = self.fields.iter().find(|field| field.key == "worker.1.id").map(Field::value);
        let first = workers.or(spec.agents.first().map(|agent| agent.agent_id.as_str())).unwrap_or_default();
        Ok((keep(&spec, &proposal), first.to_string()))
    }
}

fn profile(told: &Told) -> Result<ProjectProfile, String> {
    let Some(file) = &told.sources.profile else { return Ok(ProjectProfile::default()) };
    let (profile, findings) = ProjectProfile::read(&file.path, &file.text);
    match findings.first() {
        None => Ok(profile),
        Some(first) => Err(format!(
            "{}:{}:{} {}. Mend it first: a draft takes its defaults.",
            first.file, first.position.line, first.position.column, first.message
        )),
    }
}

/// The question that a finding is about: that of its line, else the worker that it names.
fn about(finding: &Finding, path: &str, fields: &[Field], origins: &[Option<usize>]) -> Option<usize> {
    let line = usize::try_from(finding.position.line).unwrap_or(1).saturating_sub(1);
    let of_line = origins.get(line).copied().flatten().filter(|_| finding.file == path);
    of_line.or_else(|| {
        let agent = finding.agent.as_deref()?;
        fields.iter().position(|field| {
            field.key.starts_with("worker.") && field.key.ends_with(".id") && field.value() == agent
        })
    })
}

/// Questions that begin a section of their own, and its head.
const SECTIONS: &[(&str, &str)] =
    &[("template", "wave"), ("evals", "eval targets"), ("promotions", "components"), ("workers", "agents")];

fn rows(fields: &[Field]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut about = "";
    for (index, field) in fields.iter().enumerate() {
        let of = field.key.rsplit_once('.').map_or("", |(of, _)| of);
        let section = SECTIONS.iter().find(|(key, _)| *key == field.key).map(|(_, head)| (*head).to_string());
        let head = section.or_else(|| (of != about && !of.is_empty()).then(|| head(of, fields)));
        about = of;
        if let Some(head) = head {
            if !rows.is_empty() {
                rows.push(Row::Gap);
            }
            rows.push(Row::Head(head));
        }
        rows.push(Row::Question(index));
    }
    rows
}

/// What several questions are about, such as `worker 2: A2 Cutover`.
fn head(about: &str, fields: &[Field]) -> String {
    let value = |name: &str| {
        let field = fields.iter().find(|field| field.key == format!("{about}.{name}"));
        field.map(Field::value).unwrap_or_default()
    };
    let title = if about.starts_with("worker") { value("title") } else { "" };
    format!("{}: {} {title}", named(about), value("id")).trim_end().to_string()
}

/// What a question is about, as people call it: `component 2` for `promotion.2`.
fn named(about: &str) -> String {
    about.replace('.', " ").replace("promotion", "component").replace("eval", "eval target")
}

/// A question in full: whom it is about, and what is asked.
pub(crate) fn asked(field: &Field) -> String {
    let question = capitalized(without(&field.label, &["Component: ", "Eval target: "]));
    match field.key.rsplit_once('.') {
        Some((about, _)) => format!("{}: {question}", named(about)),
        None => question,
    }
}

/// A question's label in a row: its section says what it is about.
pub(crate) fn label(field: &Field) -> String {
    capitalized(without(&field.label, &["Component: ", "Eval target: ", "Exit contract: "]))
}

fn without<'t>(text: &'t str, starts: &[&str]) -> &'t str {
    starts.iter().find_map(|start| text.strip_prefix(start)).unwrap_or(text)
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What an answer may be, as a sentence.
pub(crate) fn help(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text => "Words on one line.".into(),
        FieldKind::Optional => "Words on one line, or nothing.".into(),
        FieldKind::Choice(_) | FieldKind::Flag => "One of these.".into(),
        FieldKind::Count(most) => format!("A number from 0 to {most}."),
        FieldKind::List => "One to a line.".into(),
        FieldKind::Sentences => "One sentence to a line.".into(),
        FieldKind::Identifier => "Lower-case letters, digits, `.`, `_` and `-`.".into(),
    }
}
