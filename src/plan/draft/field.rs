//! Questions and their answers: a form whose later questions follow from earlier answers.
//!
//! There is no list of questions beside the code that uses the answers: a walk asks for a value where it needs it,
//! gets the answer (or what holds without one), and leaves a [`Field`] behind. So the fields of a form, the next question
//! of a dialogue and the value that comes of it are one pass of one function.

use std::collections::BTreeMap;

/// What parts the items of a list.
const LIST: &[char] = &[',', '|'];
/// What parts sentences.
const SENTENCES: &[char] = &['|'];

/// What an answer must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// Words on one line.
    Text,
    /// Words on one line, or nothing: what holds without an answer can be taken away with `-`.
    Optional,
    /// One of these.
    Choice(Vec<String>),
    /// `yes` or `no`.
    Flag,
    /// A whole number, at most this.
    Count(u32),
    /// Items separated by commas or `|`, or nothing (`-`).
    List,
    /// Sentences separated by `|`, or nothing (`-`).
    Sentences,
    /// Lower-case letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
    Identifier,
}

/// One question with what is answered so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, such as `worker.1.title`; the same in every pass.
    pub key: String,
    /// The question.
    pub label: String,
    /// What the answer must be.
    pub kind: FieldKind,
    /// What holds without an answer.
    pub default: String,
    /// What was answered; `Some("")` where the default was taken.
    pub answer: Option<String>,
    /// Why the answer does not count, as a sentence.
    pub error: Option<String>,
}

impl Field {
    /// What holds now.
    pub fn value(&self) -> &str {
        match (&self.answer, &self.error) {
            (Some(answer), None) if !answer.is_empty() => answer,
            _ => &self.default,
        }
    }

    /// What was answered, be it right or wrong, or what holds without an answer, as the items of a list; one item for
    /// every other kind, and none where it says nothing.
    pub fn items(&self) -> Vec<String> {
        let text = match self.answer.as_deref() {
            None | Some("") => &self.default,
            Some(answer) => answer,
        };
        match self.kind {
            FieldKind::List => split(text, LIST),
            FieldKind::Sentences => split(text, SENTENCES),
            FieldKind::Text
            | FieldKind::Optional
            | FieldKind::Choice(_)
            | FieldKind::Flag
            | FieldKind::Count(_)
            | FieldKind::Identifier => {
                Some(text.to_string()).filter(|text| !text.is_empty() && text != "-").into_iter().collect()
            }
        }
    }
}

/// Answers so far, in the order in which they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    given: BTreeMap<String, String>,
    order: Vec<String>,
}

impl Answers {
    /// Answers a question, whether it was answered before or not. An empty text takes the default.
    pub fn give(&mut self, key: &str, text: &str) {
        self.order.retain(|known| known != key);
        self.order.push(key.to_string());
        self.given.insert(key.to_string(), text.trim().to_string());
    }

    /// Takes the last answer back and gives its question's key; `None` when there is none.
    pub fn back(&mut self) -> Option<String> {
        let key = self.order.pop()?;
        self.given.remove(&key);
        Some(key)
    }

    /// Forgets what was answered to a question, so that its default holds and follows from the other answers again.
    pub fn forget(&mut self, key: &str) {
        self.order.retain(|known| known != key);
        self.given.remove(key);
    }

    /// Whether nothing was answered.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// What was answered to a question.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(String::as_str)
    }
}

/// The first question that has no answer, or one that does not count.
pub fn next(fields: &[Field]) -> Option<&Field> {
    fields.iter().find(|field| field.answer.is_none() || field.error.is_some())
}

/// One pass over the questions.
pub(super) struct Walk<'a> {
    answers: &'a Answers,
    fields: Vec<Field>,
    prefix: String,
}

impl<'a> Walk<'a> {
    /// Begins a pass.
    pub(super) fn new(answers: &'a Answers) -> Walk<'a> {
        Walk { answers, fields: Vec::new(), prefix: String::new() }
    }

    /// The fields that were asked for.
    pub(super) fn into_fields(self) -> Vec<Field> {
        self.fields
    }

    /// Questions about one of several, such as `worker` 2: their keys begin with its name.
    pub(super) fn about<T>(&mut self, name: &str, number: usize, ask: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.prefix, format!("{name}.{number}."));
        let value = ask(self);
        self.prefix = outer;
        value
    }

    /// Words.
    pub(super) fn text(&mut self, key: &str, label: &str, default: &str) -> String {
        self.ask(key, label, FieldKind::Text, default)
    }

    /// Words or nothing.
    pub(super) fn optional(&mut self, key: &str, label: &str, default: &str) -> Option<String> {
        Some(self.ask(key, label, FieldKind::Optional, default))
            .filter(|text| !text.is_empty() && text != "-")
    }

    /// One of several words.
    pub(super) fn choice(&mut self, key: &str, label: &str, choices: &[&str], default: &str) -> String {
        let choices = choices.iter().map(|choice| (*choice).to_string()).collect();
        self.ask(key, label, FieldKind::Choice(choices), default)
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &str, label: &str, default: bool) -> bool {
        is_yes(&self.ask(key, label, FieldKind::Flag, if default { "yes" } else { "no" }))
    }

    /// How many.
    pub(super) fn count(&mut self, key: &str, label: &str, default: u32, most: u32) -> usize {
        let said = self.ask(key, label, FieldKind::Count(most), &default.to_string());
        said.parse().unwrap_or_default()
    }

    /// A list.
    pub(super) fn list(&mut self, key: &str, label: &str, default: &[String]) -> Vec<String> {
        split(&self.ask(key, label, FieldKind::List, &default.join(", ")), LIST)
    }

    /// Sentences.
    pub(super) fn sentences(&mut self, key: &str, label: &str, default: &[String]) -> Vec<String> {
        split(&self.ask(key, label, FieldKind::Sentences, &default.join(" | ")), SENTENCES)
    }

    /// A name.
    pub(super) fn identifier(&mut self, key: &str, label: &str, default: &str) -> String {
        self.ask(key, label, FieldKind::Identifier, default)
    }

    fn ask(&mut self, key: &str, label: &str, kind: FieldKind, default: &str) -> String {
        let key = format!("{}{key}", self.prefix);
        let answer = self.answers.get(&key).map(str::to_string);
        let error =
            answer.as_deref().filter(|answer| !answer.is_empty()).and_then(|answer| fault(&kind, answer));
        let field =
            Field { key, label: label.to_string(), kind, default: default.to_string(), answer, error };
        let value = field.value().to_string();
        self.fields.push(field);
        value
    }
}

/// Why an answer does not fit, as a sentence.
fn fault(kind: &FieldKind, answer: &str) -> Option<String> {
    match kind {
        FieldKind::Text | FieldKind::Optional | FieldKind::List | FieldKind::Sentences => {
            answer.contains(char::is_control).then(|| "The answer must be on one line.".to_string())
        }
        FieldKind::Choice(choices) => (!choices.iter().any(|choice| choice == answer))
            .then(|| format!("`{answer}` is none of {}.", choices.join(", "))),
        FieldKind::Flag => (!is_yes(answer) && !["no", "n", "false"].contains(&answer.to_lowercase().as_str()))
            .then(|| format!("`{answer}` is neither yes nor no.")),
        FieldKind::Count(most) => (!answer.parse::<u32>().is_ok_and(|number| number <= *most))
            .then(|| format!("`{answer}` is no number from 0 to {most}.")),
        FieldKind::Identifier => (!is_identifier(answer)).then(|| {
            format!(
                "`{answer}` is no name: use lower-case letters, digits, `.`, `_` and `-`, beginning with a letter or digit."
            )
        }),
    }
}

fn is_yes(answer: &str) -> bool {
    ["yes", "y", "true"].contains(&answer.to_lowercase().as_str())
}

fn is_identifier(word: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    word.starts_with(fits) && word.chars().all(|letter| fits(letter) || "._-".contains(letter))
}

fn split(text: &str, separators: &[char]) -> Vec<String> {
    text.split(separators)
        .map(str::trim)
        .filter(|item| !item.is_empty() && *item != "-")
        .map(str::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Answers, Field, FieldKind, Walk, next};

    fn walk(answers: &Answers) -> (Vec<Field>, Vec<String>) {
        let mut walk = Walk::new(answers);
        let count = walk.count("count", "How many", 1, 3);
        let names = (1..=count)
            .map(|number| {
                walk.about("one", number, |walk| walk.identifier("name", "Its name", &format!("x{number}")))
            })
            .collect();
        (walk.into_fields(), names)
    }

    #[test]
    fn later_questions_follow_from_earlier_answers() {
        let mut answers = Answers::default();
        assert_eq!(walk(&answers).1, ["x1"]);
        assert_eq!(next(&walk(&answers).0).map(|field| field.key.as_str()), Some("count"));
        answers.give("count", "2");
        answers.give("one.1.name", "");
        let (fields, names) = walk(&answers);
        assert_eq!(names, ["x1", "x2"]);
        assert_eq!(next(&fields).map(|field| field.key.as_str()), Some("one.2.name"));
        answers.give("one.2.name", "Two words");
        let (fields, names) = walk(&answers);
        let asked_again = next(&fields).unwrap();
        assert_eq!((asked_again.key.as_str(), asked_again.error.is_some()), ("one.2.name", true));
        assert_eq!(names, ["x1", "x2"], "an answer that does not count leaves the default");
        assert_eq!(answers.back().as_deref(), Some("one.2.name"));
        answers.give("one.2.name", "two");
        assert_eq!(next(&walk(&answers).0), None);
        assert_eq!(walk(&answers).1, ["x1", "two"]);
    }

    #[test]
    fn answers_are_held_against_their_kind() {
        let check = |kind: FieldKind, answer: &str, fits: bool| {
            assert_eq!(super::fault(&kind, answer).is_none(), fits, "{kind:?} {answer:?}");
        };
        check(FieldKind::Text, "a b", true);
        check(FieldKind::Text, "a\nb", false);
        check(FieldKind::Flag, "Y", true);
        check(FieldKind::Flag, "maybe", false);
        check(FieldKind::Count(3), "3", true);
        check(FieldKind::Count(3), "4", false);
        check(FieldKind::Count(3), "-1", false);
        check(FieldKind::Choice(vec!["a".to_string()]), "b", false);
        check(FieldKind::Identifier, "a.b-c", true);
        check(FieldKind::Identifier, "-a", false);
    }

    #[test]
    fn an_answer_is_forgotten_and_items_are_those_of_what_stands_there() {
        let mut answers = Answers::default();
        let mut check = |answer: Option<&str>, expected: &[&str]| {
            answers.forget("list");
            if let Some(answer) = answer {
                answers.give("list", answer);
            }
            let mut walk = Walk::new(&answers);
            walk.sentences("list", "", &["One, two.".to_string(), "Three.".to_string()]);
            assert_eq!(walk.into_fields()[0].items(), expected, "{answer:?}");
        };
        check(Some("a | b"), &["a", "b"]);
        check(Some("-"), &[]);
        check(None, &["One, two.", "Three."]);
        assert!(answers.is_empty());
    }

    #[test]
    fn lists_split_and_a_dash_is_nothing() {
        let check = |answer: &str, expected: &[&str]| {
            let mut answers = Answers::default();
            answers.give("list", answer);
            let found = Walk::new(&answers).list("list", "", &["default".to_string()]);
            assert_eq!(found, expected, "{answer:?}");
        };
        check("a, b|c", &["a", "b", "c"]);
        check("-", &[]);
        check("", &["default"]);
    }
}
