//! A few words that the room asks for before it does something: the reason of a slot, the name of a plan.

use ratatui::layout::Rect;

use super::paint::Paint;
use super::prompt::{Lines, Prompt};
use super::text::Span;
use super::theme::Role;
use crate::plan::slots::{Edit, Plan};

/// The words that are asked for, and what for.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    /// What is asked.
    pub(crate) question: String,
    /// What the words are for, in a sentence.
    pub(crate) about: String,
    /// What was typed.
    pub(crate) prompt: Prompt,
    /// What is done with them.
    pub(crate) purpose: Purpose,
}

/// What is done with the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// They become the reason of slots.
    Reason {
        /// The plan.
        slug: String,
        /// The version that was looked at.
        version: u64,
        /// What is done to the slots before, if anything.
        edit: Option<Edit>,
        /// Names of the tasks that stand where they stand for this reason.
        tasks: Vec<String>,
    },
    /// They become the name of a plan.
    Name {
        /// The plan.
        plan: Plan,
    },
}

impl Words {
    /// Asks for words; `text` is what stands there already.
    pub(crate) fn new(question: String, about: &str, text: &str, purpose: Purpose) -> Words {
        let mut prompt = Prompt::new(Lines::One);
        prompt.paste(text);
        Words { question, about: about.to_owned(), prompt, purpose }
    }
}

/// Draws what is asked into its body: what the words are for, then the line in which they are typed.
pub(crate) fn draw(paint: &mut Paint<'_>, body: Rect, words: &Words) {
    let used =
        paint.paragraph(Rect { height: body.height.saturating_sub(3), ..body }, &words.about, Role::Muted);
    let y = (body.y + used + 1).min(body.bottom().saturating_sub(1));
    let line = Rect { y, height: 1, ..body };
    let sign = format!("{} ", paint.glyphs.prompt);
    paint.put(Span::row(line, 0), &sign, Role::Key);
    let inner = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
    words.prompt.draw(inner, paint.buffer, paint.theme, Role::Layer);
}
