//! Hand-written documents that plans follow: read when they change, accepted into plans, written back into.
//!
//! What a document said when it was last read is kept as it is, to the byte: a document is written only while it still
//! says that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::answer::{Trouble, refused};
use super::request::Reply;
use super::run::Driver;
use super::setup::DriverError;
use crate::engine::fact::What;
use crate::engine::{Fact, Input, State};
use crate::plan::backlog::TaskId;
use crate::plan::document::write::lines_changed;
use crate::plan::document::{Ids, Imported, Reading, Row, accepted, drift, read, to_write, write};
use crate::plan::edit::{Edit, Refusal, Rewrite};
use crate::plan::order::Graph;
use crate::plan::slots::book::slug_of;
use crate::plan::slots::{self, Change, Plan, Plans};

/// Largest document that is read.
const DOCUMENT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What is known of the documents.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// What each said when it was last read, by path relative to the project.
    texts: BTreeMap<String, String>,
    /// What ids look like; `None` when nobody asked since the backlog changed.
    ids: Option<Ids>,
    /// Documents that could not be read when last looked at.
    unreadable: BTreeSet<String>,
}

impl Documents {
    /// Facts become true. Which words are ids depends on the backlog.
    pub(super) fn heard(&mut self, facts: &[Fact]) {
        let about_ids =
            |fact: &Fact| matches!(fact.what, What::BacklogImported { .. } | What::TaskAdded { .. });
        if facts.iter().any(about_ids) {
            self.ids = None;
        }
    }
}

/// A document that was looked at.
enum Look {
    /// It says what it said.
    Same,
    /// It was read, or is gone: what it says now is on record.
    Changed,
}

/// What the documents that the plans of a state follow say right now. Those that cannot be read are left out.
pub fn readings(project: &Path, state: &State) -> BTreeMap<String, Reading> {
    let documents = state.plans.documents();
    if documents.is_empty() {
        return BTreeMap::new();
    }
    let ids = Ids::of(state.backlog.tasks().map(|task| &task.id));
    let texts = documents.into_iter().filter_map(|path| {
        let text = document_text(&project.join(&path)).ok()?;
        Some((path, text))
    });
    texts.map(|(path, text)| (path, read(&text, &ids).without_mentions())).collect()
}

/// Files of the documents that plans follow.
pub(super) fn files(project: &Path, plans: &Plans) -> BTreeSet<PathBuf> {
    plans.documents().into_iter().map(|path| project.join(path)).collect()
}

impl Driver {
    /// Reads every document again that plans follow and that changed. One that is gone leaves its plan as it is, and that
    /// is told.
    ///
    /// # Errors
    /// As [`Driver::say`].
    pub(super) fn follow_documents(&mut self) -> Result<(), DriverError> {
        let followed = self.state.plans.documents();
        self.documents.texts.retain(|path, _| followed.contains(path));
        self.documents.unreadable.retain(|path| followed.contains(path));
        followed.iter().try_for_each(|path| self.look_at_document(path).map(|_| ()))
    }

    /// After a change of the saved plans: if they follow others than `before`, these are read and watched.
    ///
    /// # Errors
    /// As [`Driver::say`].
    pub(super) fn follow_new_documents(&mut self, before: &BTreeSet<String>) -> Result<(), DriverError> {
        if self.state.plans.documents() == *before {
            return Ok(());
        }
        self.read_sources();
        self.follow_documents()
    }

    /// Reads a hand-written document, makes a plan of it, and follows it.
    pub(super) fn import_document(
        &mut self,
        path: &str,
        slug: Option<String>,
        by: String,
    ) -> Result<Reply, Trouble> {
        let document = self.document_path(path)?;
        let slug = slug.unwrap_or_else(|| {
            slug_of(&Path::new(&document).file_stem().unwrap_or_default().to_string_lossy())
        });
        let text = document_text(&self.setup.paths.project().join(&document))
            .map_err(|error| refused(format!("{document} cannot be read: {error}"), "look at the file"))?;
        let reading = read(&text, self.ids());
        let known = self.state.plans.get(&slug).map(|named| named.plan.document.as_deref());
        let created = match known {
            None => true,
            Some(followed) if followed == Some(document.as_str()) => false,
            Some(_) => {
                let reason = format!("there is a plan {slug} already, and it does not follow {document}");
                return Err(refused(reason, "give the new plan another name: `--name SLUG`"));
            }
        };
        if reading.slots.is_empty() {
            let reason = format!("no task was found under a wave in {document}: nothing was imported");
            let hint = match reading.unread.first() {
                Some(unread) => format!("line {} was not understood: {}", unread.position.line, unread.why),
                None => "waves are lists, tables or headings such as `Wave 1: T101, T102`".to_owned(),
            };
            return Err(refused(reason, hint));
        }
        let counts = reading.counts();
        if created {
            let change = Change::Save { slug: slug.clone(), plan: reading.plan(&document) };
            self.change_slots(change, None, by)?;
        }
        self.look_at_document(&document)?;
        let named = self.state.plans.known(&slug)?;
        let drift = self.document_drift(&reading, &named.plan);
        let version = named.version;
        let reading = reading.without_mentions();
        Ok(Reply::DocumentImported(Box::new(Imported {
            document,
            slug,
            version,
            created,
            counts,
            reading,
            drift,
        })))
    }

    /// Makes a plan say what its document says.
    pub(super) fn accept_document(
        &mut self,
        slug: &str,
        tasks: &[TaskId],
        expected: Option<u64>,
        by: String,
    ) -> Result<Reply, Trouble> {
        let document = self.settled_document(slug, expected)?;
        let named = self.state.plans.known(slug)?;
        let reading = self.state.documents.get(&document).ok_or_else(|| gone(&document))?;
        check_known(tasks, reading, &named.plan, slug)?;
        let edit = accepted(reading, &named.plan, tasks);
        if edit == (slots::Edit::All { edits: Vec::new() }) {
            let message = format!("plan {slug} says what {document} says already");
            return Ok(Reply::SlotsChanged {
                slug: Some(slug.to_owned()),
                version: Some(named.version),
                message,
            });
        }
        self.change_slots(Change::Edit { slug: slug.to_owned(), edit }, expected, by)
    }

    /// Makes a plan's document say what the plan says.
    pub(super) fn write_document(
        &mut self,
        slug: &str,
        tasks: &[TaskId],
        expected: Option<u64>,
        by: String,
    ) -> Result<Reply, Trouble> {
        let document = self.settled_document(slug, expected)?;
        let before = self.documents.texts.get(&document).cloned().ok_or_else(|| gone(&document))?;
        let plan = self.state.plans.known(slug)?.plan.clone();
        let ids = self.ids().clone();
        let reading = read(&before, &ids);
        check_known(tasks, &reading, &plan, slug)?;
        let changes = to_write(&reading, &plan, tasks);
        let title = |task: &TaskId| self.state.backlog.get(task).map(|task| task.title.clone());
        let after = write(&before, &ids, &changes, |task| title(task).unwrap_or_default())?;
        let Some((first, last)) = lines_changed(&before, &after) else {
            return Ok(Reply::Done { message: format!("{document} says what plan {slug} says already.") });
        };
        let said: Vec<String> = changes
            .iter()
            .map(|(task, wave)| match wave {
                Some(wave) => format!("{task} in wave {wave}"),
                None => format!("{task} in no wave"),
            })
            .collect();
        let summary = format!("{document} written back, lines {first} to {last}: {}", said.join(", "));
        let rewrites = vec![Rewrite { path: document, before, after }];
        let edit = Edit::WriteWaves {
            summary: summary.clone(),
            changes: said,
            waves: Vec::new(),
            writes: Vec::new(),
        };
        self.write_plan(rewrites.clone(), Input::PlanEdited { edit, rewrites, by })?;
        Ok(Reply::Done { message: format!("{summary}.") })
    }

    /// The document of a plan that is as somebody saw it. A document that changed meanwhile is read, and what was asked
    /// refused: whoever asked has not seen it.
    fn settled_document(&mut self, slug: &str, expected: Option<u64>) -> Result<String, Trouble> {
        if let Some(expected) = expected {
            self.state.plans.check_version(slug, expected)?;
        }
        let followed = self.state.plans.known(slug)?.plan.document.clone();
        let Some(document) = followed else {
            let hint = "`wavedeck import plan FILE.md` makes a plan that follows a document";
            return Err(refused(format!("plan {slug} follows no document"), hint));
        };
        match self.look_at_document(&document)? {
            Look::Same => Ok(document),
            Look::Changed => Err(refused(
                format!("{document} changed since it was read; it is read now, and nothing was changed"),
                "look at the drift as it is now, then decide again",
            )),
        }
    }

    /// Where a document, a plan and the backlog disagree.
    fn document_drift(&self, reading: &Reading, plan: &Plan) -> Vec<Row> {
        let graph = Graph::of(&self.state.backlog);
        drift(reading, plan, &graph, &plan.computed_placement(&graph))
    }

    /// Reads a document if it does not say what it said, or if ids came or went since.
    fn look_at_document(&mut self, path: &str) -> Result<Look, DriverError> {
        let text = match document_text(&self.setup.paths.project().join(path)) {
            Ok(text) => text,
            Err(error) => return self.lose_document(path, &error),
        };
        let same = self.documents.texts.get(path) == Some(&text);
        if same && self.documents.ids.is_some() {
            return Ok(Look::Same);
        }
        let reading = Some(Box::new(read(&text, self.ids())));
        self.say(Input::DocumentRead { path: path.to_owned(), reading })?;
        let first = self.documents.texts.insert(path.to_owned(), text).is_none();
        let back = self.documents.unreadable.remove(path);
        Ok(if same || (first && !back) { Look::Same } else { Look::Changed })
    }

    /// Notes that a document cannot be read. Its plan stays as it is.
    fn lose_document(&mut self, path: &str, error: &io::Error) -> Result<Look, DriverError> {
        if !self.documents.unreadable.insert(path.to_owned()) {
            return Ok(Look::Same);
        }
        self.documents.texts.remove(path);
        self.notice(
            format!("{path} cannot be read ({error}); the plan that follows it stays as it is."),
            true,
        );
        self.say(Input::DocumentRead { path: path.to_owned(), reading: None })?;
        Ok(Look::Changed)
    }

    /// What ids look like by the backlog.
    fn ids(&mut self) -> &Ids {
        let backlog = &self.state.backlog;
        self.documents.ids.get_or_insert_with(|| Ids::of(backlog.tasks().map(|task| &task.id)))
    }

    /// The path of a document relative to the project.
    fn document_path(&self, path: &str) -> Result<String, Trouble> {
        let project = self.setup.paths.project();
        let given = project.join(path);
        let file = fs::canonicalize(&given).map_err(|error| {
            refused(format!("{} cannot be read: {error}", given.display()), "look at the path")
        })?;
        // A link in the project to a document elsewhere is as good as the document.
        let inside = file.strip_prefix(project).or_else(|_| given.strip_prefix(project));
        match inside.ok().and_then(Path::to_str).filter(|path| !path.split('/').any(|part| part == "..")) {
            Some(path) => Ok(path.to_owned()),
            None => Err(refused(
                format!("{} lies outside of the project {}", file.display(), project.display()),
                "put the document, or a link to it, into the project, so that its edits are followed",
            )),
        }
    }
}

fn document_text(path: &Path) -> io::Result<String> {
    if path.metadata()?.len() > DOCUMENT_BYTES_MAX {
        let detail = format!("it is larger than {} MiB", DOCUMENT_BYTES_MAX / 1024 / 1024);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, detail));
    }
    fs::read_to_string(path)
}

/// Refuses a task that neither the document nor the plan has: nothing could agree about it.
fn check_known(tasks: &[TaskId], reading: &Reading, plan: &Plan, slug: &str) -> Result<(), Trouble> {
    let unknown = tasks.iter().find(|task| plan.slot(task).is_none() && reading.slot(task).is_none());
    unknown.map_or(Ok(()), |task| {
        Err(refused(
            format!("{task} is neither in plan {slug} nor in its document"),
            "`wavedeck wave drift` lists where the two disagree",
        ))
    })
}

fn gone(document: &str) -> Trouble {
    refused(format!("{document} cannot be read"), "put it back; it is read again at once")
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        refused(refusal.reason, refusal.hint)
    }
}
