//! Drawing the form.

use ratatui::layout::Rect;

use super::arrange::Places;
use super::drafted::{Row, asked, help, label};
use super::editor::Editor;
use super::{Form, Part};
use crate::engine::view::Condition;
use crate::plan::draft::field::{Field, FieldKind};
use crate::plan::finding::Severity;
use crate::tui::findings;
use crate::tui::keymap::{Context, Keymap};
use crate::tui::paint::Paint;
use crate::tui::text::Span;
use crate::tui::theme::Role;
use crate::tui::verb::{Plain, Verb};

/// Draws the form. `on_top` says that the keyboard is in it.
pub(crate) fn draw(paint: &mut Paint<'_>, places: &Places, form: &Form, keymap: &Keymap, on_top: bool) {
    if let Some(wall) = places.wall {
        paint.wall(wall, paint.glyphs.vertical, Role::Rule);
    }
    title(paint, places, form, keymap);
    let here = |part: Part| on_top && form.part == part;
    questions(paint, places, form, here(Part::Questions));
    answer(paint, places, form, here(Part::Questions));
    preview(paint, places, form, here(Part::Preview));
    found(paint, places, form, here(Part::Findings));
}

/// What is drafted and whether it can be written; where parts are shown one at a time, their names before it.
fn title(paint: &mut Paint<'_>, places: &Places, form: &Form, keymap: &Keymap) {
    for (part, rect) in &places.tabs {
        let (verb, name) = match part {
            Part::Questions => (Plain::FormQuestions, "questions"),
            Part::Preview => (Plain::FormPreview, "file"),
            Part::Findings => (Plain::FormFindings, "findings"),
        };
        let key = keymap.chord(&[Context::Form], Verb::Plain(verb));
        let key = key.map(|chord| format!("{chord} ")).unwrap_or_default();
        let here = form.part == *part;
        let (key_role, role) = if here { (Role::Focus, Role::Focus) } else { (Role::Key, Role::Muted) };
        let count = match part {
            Part::Findings if !form.drafted.findings.is_empty() => {
                format!(" {}", form.drafted.findings.len())
            }
            Part::Questions | Part::Preview | Part::Findings => String::new(),
        };
        let count_role = if form.drafted.faults().1 > 0 { Role::Failed } else { Role::Muted };
        paint.pieces(Span::row(*rect, 0), &[(&key, key_role), (name, role), (&count, count_role)]);
    }
    let line = Span::row(places.title, 0).before_last(1);
    let (text, condition, role) = verdict(form);
    let sign = paint.glyphs.condition(condition);
    let text = format!("{sign} {text}");
    let taken = paint.put_right(line, &text, role);
    if places.tabs.is_empty() {
        let line = line.before_last(taken + 2).after(1);
        paint.put(line, &format!("new wave {}", form.drafted.wave), Role::Title);
    }
}

/// Whether the draft can be written, in the fewest words.
fn verdict(form: &Form) -> (String, Condition, Role) {
    let counted = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    match form.drafted.faults() {
        (0, 0, 0) => ("validates".into(), Condition::Passed, Role::Passed),
        (0, 0, warnings) => (counted(warnings, "warning"), Condition::Passed, Role::Passed),
        (0, errors, _) => (counted(errors, "error"), Condition::Failed, Role::Failed),
        (misfits, ..) => (format!("{} wrong", counted(misfits, "answer")), Condition::Failed, Role::Failed),
    }
}

fn questions(paint: &mut Paint<'_>, places: &Places, form: &Form, here: bool) {
    let rows = form.drafted.rows.iter().skip(places.first_row);
    for (row, entry) in (0..places.questions.height).zip(rows) {
        let line = Span::row(places.questions, row);
        match entry {
            Row::Gap => {}
            Row::Head(text) => {
                paint.put(line.after(1), text, Role::Title);
            }
            Row::Question(index) => question(paint, places, form, (line, *index, here)),
        }
    }
}

fn question(paint: &mut Paint<'_>, places: &Places, form: &Form, (line, index, here): (Span, usize, bool)) {
    let Some(field) = form.drafted.fields.get(index) else { return };
    let asked = index == form.at;
    if asked {
        let edge = Rect { x: line.x, y: line.y, width: 1, height: 1 };
        paint.wall(edge, paint.glyphs.edge, if here { Role::Focus } else { Role::Rule });
    }
    let worst = form.drafted.found(index).map(|finding| finding.severity).min();
    let mark = match (&field.error, worst) {
        (Some(_), _) | (None, Some(Severity::Error)) => Some(Role::Failed),
        (None, Some(Severity::Warning)) => Some(Role::Muted),
        (None, None) => None,
    };
    let line = line.before_last(1);
    if let Some(role) = mark {
        let sign = paint.glyphs.condition(Condition::NeedsLook).to_string();
        paint.put_right(line, &sign, role);
    }
    let line = line.after(2).before_last(2);
    let name = Span { width: line.width.min(places.label), ..line };
    paint.put(name, &label(field), if asked && here { Role::Focus } else { Role::Text });
    let role = match (&field.error, &field.answer) {
        (Some(_), _) => Role::Failed,
        (None, Some(answer)) if !answer.is_empty() => Role::Selected,
        (None, Some(_) | None) => Role::Muted,
    };
    paint.put(line.after(places.label + 1), &value(field), role);
}

/// What a question's answer is, on one line.
fn value(field: &Field) -> String {
    let items = field.items();
    match (&field.kind, items.as_slice()) {
        (_, []) => "-".into(),
        (FieldKind::Sentences, [first, rest @ ..]) if !rest.is_empty() => {
            format!("{} of them: {first}", items.len())
        }
        (FieldKind::List, items) => items.join(", "),
        (_, [first, ..]) => first.clone(),
    }
}

/// Where the question that is asked is answered, and what is to be said of the answer.
fn answer(paint: &mut Paint<'_>, places: &Places, form: &Form, here: bool) {
    let Some(field) = form.field().filter(|_| places.asked.height > 0) else { return };
    paint.rule(places.asked, Role::Rule);
    let line = Span::row(places.asked, 0).after(1).before_last(1);
    let shown = places.first_row + usize::from(places.questions.height);
    let below = form.drafted.rows.iter().skip(shown).filter(|row| matches!(row, Row::Question(_))).count();
    let more = if below == 0 { String::new() } else { format!(" {below} more {} ", paint.glyphs.more_down) };
    let taken = paint.put_right(line, &more, Role::Muted);
    let role = if here { Role::Focus } else { Role::Title };
    paint.put(line.before_last(taken + 1), &format!(" {} ", asked(field)), role);
    match &form.editor {
        Editor::Choice { options, chosen } => {
            for (index, rect) in &places.words {
                let Some(option) = options.get(*index) else { continue };
                let is_chosen = *chosen == Some(*index);
                let sign = if is_chosen { format!("{} ", paint.glyphs.prompt) } else { "  ".into() };
                let role = if is_chosen { Role::Focus } else { Role::Text };
                paint.pieces(Span::row(*rect, 0), &[(&sign, Role::Key), (option, role)]);
            }
        }
        Editor::Count { prompt, .. } | Editor::Text { prompt, .. } => {
            if let Some((less, more)) = places.steps {
                let (left, right) = (paint.glyphs.more_left, paint.glyphs.more_right);
                paint.put(Span::row(less, 0), &left.to_string(), Role::Key);
                paint.put(Span::row(more, 0).after(1), &right.to_string(), Role::Key);
            }
            if here {
                prompt.draw(places.answer, paint.buffer, paint.theme, Role::Text);
            } else {
                paint.paragraph(places.answer, &prompt.text(), Role::Muted);
            }
        }
    }
    note(paint, places.note, form, field);
}

/// Why the answer does not do; else what may be answered.
fn note(paint: &mut Paint<'_>, area: Rect, form: &Form, field: &Field) {
    if let Some(error) = &field.error {
        paint.paragraph(area, error, Role::Failed);
        return;
    }
    if let Some(finding) = form.drafted.found(form.at).next() {
        let role = if finding.severity == Severity::Error { Role::Failed } else { Role::Text };
        let used = paint.paragraph(area, &format!("{} {}", finding.rule, finding.message), role);
        let rest = Rect { y: area.y + used, height: area.height - used, ..area };
        paint.paragraph(rest, &finding.hint, Role::Muted);
        return;
    }
    let mut text = help(&field.kind);
    if field.answer.is_some() && !field.default.is_empty() {
        text.push_str(&format!(" By default: {}", field.default.replace(" | ", " ")));
    }
    paint.paragraph(area, &text, Role::Hint);
}

fn preview(paint: &mut Paint<'_>, places: &Places, form: &Form, here: bool) {
    if places.file.height == 0 {
        return;
    }
    let drafted = &form.drafted;
    let line = Span::row(places.file, 0).after(1).before_last(1);
    let (first, last) = match (places.lines.first(), places.lines.last()) {
        (Some((first, ..)), Some((last, ..))) => (first + 1, last + 1),
        _ => (0, 0),
    };
    let taken = paint.put_right(line, &format!("{first} to {last} of {}", drafted.lines.len()), Role::Muted);
    let others = drafted.files().count().saturating_sub(1);
    let more = if others == 0 { String::new() } else { format!("  and {others} more") };
    let role = if here { Role::Focus } else { Role::Title };
    paint.pieces(line.before_last(taken + 2), &[(&drafted.path, role), (&more, Role::Muted)]);
    let asked = form.line().and_then(|line| drafted.origins.get(line).copied().flatten());
    let lit = asked.filter(|_| form.part == Part::Questions);
    for (row, (index, begins, text)) in (0..places.preview.height).zip(&places.lines) {
        let asked = lit.is_some() && drafted.origins.get(*index).copied().flatten() == lit;
        if asked {
            let edge = Rect { x: places.preview.x - 1, y: places.preview.y + row, width: 1, height: 1 };
            paint.wall(edge, paint.glyphs.vertical, Role::Key);
        }
        let role = match text {
            text if text.starts_with('#') => Role::Title,
            text if text.starts_with("```") => Role::Muted,
            _ if asked || here => Role::Text,
            _ => Role::Muted,
        };
        let place = Span::row(places.preview, row);
        paint.put(place, text, role);
        if *begins && let Some(severity) = worst(form, *index) {
            let role = if severity == Severity::Error { Role::Failed } else { Role::Text };
            let sign = paint.glyphs.condition(Condition::NeedsLook).to_string();
            paint.put(Span { x: places.preview.x - 2, width: 1, ..place }, &sign, role);
        }
    }
}

/// The worst that is found in a line of the file.
fn worst(form: &Form, line: usize) -> Option<Severity> {
    let drafted = &form.drafted;
    let in_line = drafted.findings.iter().filter(|finding| {
        finding.file == drafted.path && usize::try_from(finding.position.line) == Ok(line + 1)
    });
    in_line.map(|finding| finding.severity).min()
}

fn found(paint: &mut Paint<'_>, places: &Places, form: &Form, here: bool) {
    if places.found.height == 0 {
        return;
    }
    let drafted = &form.drafted;
    paint.rule(places.found, Role::Rule);
    let role = if here { Role::Focus } else { Role::Title };
    let title = format!(" {} ", findings::title(&drafted.findings));
    paint.put(Span::row(places.found, 0).after(1).before_last(1), &title, role);
    if drafted.findings.is_empty() {
        let text = "Nothing is found: the wave reads as it is meant.";
        paint.put(Span::row(places.findings, 0), text, Role::Muted);
        return;
    }
    let shown = drafted.findings.iter().enumerate().skip(places.first_finding);
    for (row, (index, finding)) in (0..places.findings.height).zip(shown) {
        findings::draw_row(paint, Span::row(places.findings, row), finding, here && index == form.finding);
    }
    if let Some(finding) = drafted.findings.get(form.finding) {
        let used = match places.finding.height {
            0..=2 => 0,
            _ => paint.paragraph(places.finding, &finding.message, Role::Text),
        };
        let rest =
            Rect { y: places.finding.y + used, height: places.finding.height - used, ..places.finding };
        paint.paragraph(rest, &finding.hint, Role::Title);
    }
}
