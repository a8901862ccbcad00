//! Reading a document: one walk over its lines, with what the lines above say about those below.

mod opening;
mod rows;

use self::opening::{after_label, begins_wave};
use super::super::wave::WaveNumber;
use super::account::{Accounts, LineIds, Origin};
use super::entry::{Leading, Manner, grouped, indices_in, is_condition, leading, names_condition};
use super::ids::{Ids, slice};
use super::label::{Label, Meaning, Scheme, decoration, is_gate};
use super::lines::{Line, LineKind, lines_of};
use super::{Purpose, Reading, Shape};
use crate::plan::backlog::TaskId;

/// Signs with which people draw trees in code.
const TREE: [char; 14] = ['│', '├', '└', '─', '┬', '┌', '┐', '┘', '┤', '┼', '|', '+', '-', '`'];

/// What lines above say about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Wave(WaveNumber),
    /// Between waves: what is named here is a condition.
    Gate,
}

/// A heading above, with what it begins.
struct Section {
    level: u8,
    context: Option<Context>,
    /// It is a task's own: what stands below tells about that task.
    of_task: bool,
}

/// A list's item above.
struct Entry {
    indent: usize,
    context: Option<Context>,
    /// Tasks that it gave slots to.
    tasks: Vec<TaskId>,
}

/// Reads a document. Never fails: what is not understood is reported in the reading.
pub fn read(text: &str, ids: &Ids) -> Reading {
    let lines = lines_of(text);
    let beginnings = lines.iter().filter(|line| line.kind != LineKind::Blank);
    let scheme = Scheme::of(beginnings.map(|line| slice(text, &line.content)));
    let mut walk = Walk {
        text,
        scheme,
        accounts: Accounts::new(text, ids),
        sections: Vec::new(),
        plain: None,
        entries: Vec::new(),
        waves_in_list: false,
    };
    walk.all(&lines);
    walk.accounts.finish()
}

struct Walk<'t> {
    text: &'t str,
    scheme: Scheme,
    accounts: Accounts<'t>,
    sections: Vec<Section>,
    /// A line such as `Wave 1 (Track A start)` that stands alone above a list.
    plain: Option<Context>,
    entries: Vec<Entry>,
    /// The list that is being read has items that are waves.
    waves_in_list: bool,
}

impl Walk<'_> {
    fn all(&mut self, lines: &[Line]) {
        let mut at = 0;
        let mut after_blank = true;
        while let Some(line) = lines.get(at) {
            let mut next = at + 1;
            match line.kind {
                LineKind::Blank => {}
                LineKind::Rule => {
                    self.plain = None;
                    self.entries.clear();
                }
                LineKind::Heading(level) => self.heading(line, level),
                LineKind::Item { indent, ticked } => self.item(line, indent, ticked == Some(true)),
                LineKind::Row if lines.get(at + 1).is_some_and(|line| line.kind == LineKind::Delimiter) => {
                    let body = lines.get(at + 2..).unwrap_or_default();
                    next = at + 2 + body.iter().take_while(|line| line.kind == LineKind::Row).count();
                    self.entries.clear();
                    self.table(lines.get(at..next).unwrap_or_default());
                }
                LineKind::Row | LineKind::Delimiter => self.prose(line),
                LineKind::Fence => {
                    let body = lines.get(at + 1..).unwrap_or_default();
                    let length = body.iter().take_while(|line| line.kind == LineKind::Code).count();
                    next = at + 1 + length;
                    self.fence(lines.get(at..next).unwrap_or_default());
                }
                LineKind::Code => self.prose(line),
                LineKind::Text { indent } => self.paragraph_line(line, indent, after_blank),
            }
            after_blank = matches!(line.kind, LineKind::Blank | LineKind::Heading(_) | LineKind::Rule);
            at = next;
        }
    }

    fn context(&self) -> Option<Context> {
        let entry = self.entries.iter().rev().find_map(|entry| entry.context);
        let section = || self.sections.iter().rev().find_map(|section| section.context);
        entry.or(self.plain).or_else(section)
    }

    /// Whether what is read tells about a task that was named above.
    fn is_detail(&self) -> bool {
        self.entries.iter().any(|entry| !entry.tasks.is_empty())
            || self.sections.iter().any(|section| section.of_task)
    }

    fn heading(&mut self, line: &Line, level: u8) {
        self.plain = None;
        self.entries.clear();
        self.waves_in_list = false;
        while self.sections.last().is_some_and(|section| section.level >= level) {
            self.sections.pop();
        }
        let text = slice(self.text, &line.content);
        let mut ids = self.accounts.scan(line.content.start, text);
        let label = self.scheme.label(text);
        let siblings = self.accounts.has_waves();
        let mut section = Section { level, context: None, of_task: false };
        let mut otherwise = Purpose::Prose;
        if let Some(label) = label {
            let (context, given) = self.wave_line(text, &mut ids, &label, Shape::Section);
            section.context = Some(context);
            section.of_task = !given.is_empty();
            otherwise = Purpose::Condition;
        } else if siblings && is_gate(text) {
            self.accounts.gate(None, text, line.content.start);
            section.context = Some(Context::Gate);
            otherwise = Purpose::Condition;
        } else if let Some(Context::Wave(wave)) = self.context() {
            let read = leading(text, decoration(text)..text.len(), &ids.found, Manner::Entry);
            let given = self.slots(&mut ids, &read, wave, Shape::Section, false);
            section.of_task = !given.is_empty();
            self.details(text, &mut ids, read.end, &given);
            otherwise = not_first("the heading");
        }
        self.sections.push(section);
        self.accounts.close(ids, &otherwise);
    }

    fn item(&mut self, line: &Line, indent: usize, ticked: bool) {
        while self.entries.last().is_some_and(|entry| entry.indent >= indent) {
            self.entries.pop();
        }
        let text = slice(self.text, &line.content);
        let mut ids = self.accounts.scan(line.content.start, text);
        let mut entry = Entry { indent, context: None, tasks: Vec::new() };
        let mut otherwise = Purpose::Prose;
        let label = self.scheme.label(text).filter(|label| begins_wave(text, label, &ids));
        if let Some(label) = label {
            // Items below name tasks of their own and tell nothing about those of this line.
            entry.context = Some(self.wave_line(text, &mut ids, &label, Shape::Inline).0);
            self.waves_in_list = true;
            otherwise = Purpose::Condition;
        } else if self.waves_in_list && self.entries.is_empty() && is_gate(text) {
            self.accounts.gate(None, text, line.content.start);
            entry.context = Some(Context::Gate);
            otherwise = Purpose::Condition;
        } else {
            match self.context() {
                None => {}
                Some(Context::Gate) => otherwise = Purpose::Condition,
                Some(Context::Wave(wave)) => {
                    otherwise = self.item_of_wave(line, text, &mut ids, wave, ticked, &mut entry.tasks);
                }
            }
        }
        self.entries.push(entry);
        self.accounts.close(ids, &otherwise);
    }

    /// An item under a wave. Gives what its other ids are there for.
    fn item_of_wave(
        &mut self,
        line: &Line,
        text: &str,
        ids: &mut LineIds,
        wave: WaveNumber,
        ticked: bool,
        tasks: &mut Vec<TaskId>,
    ) -> Purpose {
        let mut read = leading(text, 0..text.len(), &ids.found, Manner::Entry);
        let detail = self.is_detail();
        if read.ids.is_empty() && !detail {
            read = grouped(text, 0..text.len(), &ids.found).unwrap_or(read);
        }
        if !read.ids.is_empty() {
            let shape = if read.ids.len() == 1 { Shape::Item } else { Shape::Inline };
            *tasks = self.slots(ids, &read, wave, shape, ticked);
            self.details(text, ids, read.end, tasks);
            return Purpose::Prose;
        }
        if detail {
            let told = self.told_about();
            self.details(text, ids, 0, &told);
            return Purpose::Prose;
        }
        if ids.found.is_empty() {
            self.accounts.unread_line(line.content.start, "it stands in a wave and names no task");
        }
        not_first("the item")
    }

    fn paragraph_line(&mut self, line: &Line, indent: usize, after_blank: bool) {
        let text = slice(self.text, &line.content);
        let mut ids = self.accounts.scan(line.content.start, text);
        let within = self.entries.last().is_some_and(|entry| indent > entry.indent);
        if !self.entries.is_empty() && (within || !after_blank) {
            let told = self.told_about();
            self.details(text, &mut ids, 0, &told);
            let gate = self.context() == Some(Context::Gate);
            self.accounts.close(ids, if gate { &Purpose::Condition } else { &Purpose::Prose });
            return;
        }
        self.entries.clear();
        self.waves_in_list = false;
        let label = self.scheme.label(text).filter(|label| begins_wave(text, label, &ids));
        if let Some(label) = label {
            let (context, _) = self.wave_line(text, &mut ids, &label, Shape::Inline);
            self.plain = Some(context);
            self.accounts.close(ids, &Purpose::Condition);
            return;
        }
        if let (Some(Context::Wave(wave)), true) = (self.context(), after_blank) {
            let read = leading(text, 0..text.len(), &ids.found, Manner::Entry);
            let rest = slice(text, &(read.end..text.len())).trim_start();
            // A sentence may begin with an id; an entry goes on with a mark, or not at all.
            if rest.is_empty() || rest.starts_with([':', '—', '–', '-', '.']) {
                let given = self.slots(&mut ids, &read, wave, Shape::Section, false);
                self.details(text, &mut ids, read.end, &given);
            }
        }
        let told = self.told_about();
        self.details(text, &mut ids, 0, &told);
        self.accounts.close(ids, &Purpose::Prose);
    }

    /// A line that begins with a wave's name. Gives what it begins, and the tasks that it gives slots to.
    fn wave_line(
        &mut self,
        text: &str,
        ids: &mut LineIds,
        label: &Label,
        shape: Shape,
    ) -> (Context, Vec<TaskId>) {
        let start = ids.start + label.start;
        let Meaning::Wave(wave) = self.scheme.meaning(label) else {
            self.accounts.gate(None, text, start);
            return (Context::Gate, Vec::new());
        };
        let (read, groups) = after_label(text, label.end, ids);
        let first = read.ids.first().and_then(|id| ids.found.get(id.index)).map(|id| id.range.start);
        let title = slice(text, &(label.end..first.unwrap_or(text.len())));
        let title: String = title.chars().take_while(|letter| *letter != ':').collect();
        self.accounts.wave(wave, &label.text, &title, start);
        for group in groups {
            let inner = slice(text, &(group.start + 1..group.end - 1));
            if names_condition(inner) {
                self.accounts.gate(Some(wave), inner, ids.start + group.start + 1);
            }
        }
        let given = self.slots(ids, &read, wave, shape, false);
        for index in indices_in(&ids.found, &(0..read.end)) {
            ids.say(index, Purpose::Condition);
        }
        self.details(text, ids, read.end, &given);
        (Context::Wave(wave), given)
    }

    fn slots(
        &mut self,
        ids: &mut LineIds,
        read: &Leading,
        wave: WaveNumber,
        shape: Shape,
        ticked: bool,
    ) -> Vec<TaskId> {
        self.accounts.slots(ids, read, &Origin { wave, shape, track: None, ticked })
    }

    /// The rest of an entry, from a byte on: its ids are conditions of the tasks that it is about, or mentions.
    fn details(&mut self, text: &str, ids: &mut LineIds, from: usize, tasks: &[TaskId]) {
        for index in indices_in(&ids.found, &(from..text.len())) {
            let Some(found) = ids.found.get(index).cloned() else { continue };
            if tasks.is_empty() || !ids.is_open(index) {
                continue;
            }
            if is_condition(slice(text, &(from..found.range.start))) && !found.embedded {
                for task in tasks {
                    self.accounts.needs(task, std::slice::from_ref(&found.id));
                }
                ids.say(index, Purpose::Condition);
            } else {
                ids.say(index, Purpose::Prose);
            }
        }
    }

    /// The tasks that a line below an entry tells about.
    fn told_about(&self) -> Vec<TaskId> {
        let entry = self.entries.iter().rev().find(|entry| !entry.tasks.is_empty());
        entry.map(|entry| entry.tasks.clone()).unwrap_or_default()
    }

    fn prose(&mut self, line: &Line) {
        let text = slice(self.text, &line.content);
        let ids = self.accounts.scan(line.content.start, text);
        self.accounts.close(ids, &Purpose::Prose);
    }

    /// A fence with the name of a wave in it is a plan that somebody drew; any other is code.
    fn fence(&mut self, lines: &[Line]) {
        let drawn = |line: &Line| {
            let text = undrawn(slice(self.text, &line.content));
            let label = self.scheme.label(text);
            label.is_some_and(|label| begins_wave(text, &label, &self.accounts.scan(0, text)))
        };
        if !lines.iter().any(drawn) {
            lines.iter().for_each(|line| self.prose(line));
            return;
        }
        let plain = self.plain.take();
        for line in lines {
            let whole = slice(self.text, &line.content);
            let text = undrawn(whole);
            let start = line.content.end - text.len();
            let mut ids = self.accounts.scan(start, text);
            let mut otherwise = Purpose::Prose;
            let label = self.scheme.label(text).filter(|label| begins_wave(text, label, &ids));
            if let Some(label) = label {
                let (context, _) = self.wave_line(text, &mut ids, &label, Shape::Inline);
                self.plain = Some(context);
                otherwise = Purpose::Condition;
            } else if let Some(Context::Wave(wave)) = self.plain {
                let read = leading(text, 0..text.len(), &ids.found, Manner::Entry);
                let given = self.slots(&mut ids, &read, wave, Shape::Section, false);
                self.details(text, &mut ids, read.end, &given);
                otherwise = not_first("the line");
            }
            self.accounts.close(ids, &otherwise);
        }
        self.plain = plain;
    }
}

/// Why an id that stands behind something else is no slot.
fn not_first(what: &str) -> Purpose {
    Purpose::NotUnderstood { why: format!("{what} names it without beginning with it") }
}

/// A line of a drawing without the strokes before its words.
fn undrawn(line: &str) -> &str {
    let bare = line.trim_start_matches(|letter: char| letter.is_whitespace() || TREE.contains(&letter));
    ["[ ] ", "• "].iter().find_map(|mark| bare.strip_prefix(mark)).unwrap_or(bare)
}
