//! Asking the questions of a form: in a terminal one by one on standard error, else from the lines of standard input in
//! their order. Nothing prompts when standard input is no terminal; lines that are missing take the default.

use std::io::{self, BufRead, IsTerminal, Write};

use super::failure::{Failure, Kind};
use crate::plan::draft::field::{Answers, Field, FieldKind, next};

/// What takes the last answer back, in a terminal.
const BACK: &str = "<";

/// Where answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Somebody is asked.
    Terminal,
    /// Lines are read, one for each question.
    Lines,
    /// Nothing is asked and nothing read: defaults hold.
    Defaults,
}

impl Mode {
    /// A terminal when standard input and standard error are one, else lines; `defaults` wins.
    pub(super) fn of_standard_input(defaults: bool) -> Mode {
        match defaults {
            true => Mode::Defaults,
            false if io::stdin().is_terminal() && io::stderr().is_terminal() => Mode::Terminal,
            false => Mode::Lines,
        }
    }
}

/// Answers from standard input until every question of `ask` is answered. Questions that `answers` answers already are not
/// asked.
///
/// # Errors
/// When an answer that nobody can be asked about again does not fit, or somebody ends the input.
pub(super) fn interview<T>(
    mode: Mode,
    answers: &mut Answers,
    ask: impl Fn(&Answers) -> (Vec<Field>, T),
) -> Result<T, Failure> {
    interview_over(mode, &mut io::stdin().lock(), &mut io::stderr().lock(), answers, ask)
}

fn interview_over<T>(
    mode: Mode,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    answers: &mut Answers,
    ask: impl Fn(&Answers) -> (Vec<Field>, T),
) -> Result<T, Failure> {
    check(&ask(answers).0)?;
    match mode {
        Mode::Defaults => {}
        Mode::Lines => {
            for (number, line) in input.lines().enumerate() {
                let (fields, _) = ask(answers);
                let Some(field) = next(&fields) else { break };
                let key = field.key.clone();
                answers.give(&key, &line?);
                if let Some(field) = ask(answers).0.iter().find(|field| field.key == key)
                    && let Some(error) = &field.error
                {
                    let message = format!("Line {} answers \"{}\": {error}", number + 1, field.label);
                    return Err(Failure::usage(
                        message,
                        "Nothing was written. Correct the line and try again.",
                    ));
                }
            }
        }
        Mode::Terminal => converse(input, output, answers, &ask)?,
    }
    Ok(ask(answers).1)
}

/// Asks question after question. A line of `<` goes back by one.
fn converse<T>(
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    answers: &mut Answers,
    ask: &impl Fn(&Answers) -> (Vec<Field>, T),
) -> Result<(), Failure> {
    writeln!(
        output,
        "Enter takes what stands in brackets, `{BACK}` goes back, Ctrl+D ends without writing anything."
    )?;
    loop {
        let (fields, _) = ask(answers);
        let Some(field) = next(&fields) else { return Ok(()) };
        if let Some(error) = &field.error {
            writeln!(output, "  {error}")?;
        }
        write!(output, "{}", prompt(field))?;
        output.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            writeln!(output)?;
            return Err(Failure::new(Kind::Refused, "The input ended; nothing was written.", ""));
        }
        match line.trim() {
            BACK => {
                answers.back();
            }
            text => answers.give(&field.key, text),
        }
    }
}

/// Whom a question is about, the question, what can be answered, and what holds without an answer.
fn prompt(field: &Field) -> String {
    let about = match field.key.rsplit_once('.') {
        Some((about, _)) => format!("{}: ", about.replace('.', " ")),
        None => String::new(),
    };
    let choices = match &field.kind {
        FieldKind::Choice(choices) => format!(" ({})", choices.join(", ")),
        FieldKind::Flag => " (yes, no)".to_owned(),
        FieldKind::List => " (separated by commas, - for none)".to_owned(),
        FieldKind::Sentences => " (separated by |, - for none)".to_owned(),
        FieldKind::Text | FieldKind::Optional | FieldKind::Count(_) | FieldKind::Identifier => String::new(),
    };
    let default = if field.default.is_empty() { String::new() } else { format!(" [{}]", field.default) };
    format!("{about}{}{choices}{default}: ", field.label)
}

/// Answers that were given beforehand fit, and there is a question for each of them.
fn check(fields: &[Field]) -> Result<(), Failure> {
    match fields.iter().find_map(|field| Some((field, field.error.as_ref()?))) {
        None => Ok(()),
        Some((field, error)) => {
            Err(Failure::usage(format!("The answer for {} does not fit: {error}", field.key), ""))
        }
    }
}

/// Reads `KEY=TEXT`, as `--answer` takes it.
pub(super) fn key_and_text(argument: &str) -> Result<(String, String), String> {
    match argument.split_once('=') {
        Some((key, text)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), text.to_owned())),
        _ => Err(format!("`{argument}` is no KEY=TEXT, such as title=Cache")),
    }
}

/// An answer that no question asks for is a slip of the pen.
pub(super) fn check_keys(given: &[(String, String)], fields: &[Field]) -> Result<(), Failure> {
    match given.iter().find(|(key, _)| !fields.iter().any(|field| field.key == *key)) {
        None => Ok(()),
        Some((key, _)) => {
            let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
            let hint = format!("The questions are {}.", keys.join(", "));
            Err(Failure::usage(format!("There is no question `{key}`."), hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mode, interview_over};
    use crate::plan::config::profile::ProjectProfile;
    use crate::plan::draft::field::Answers;
    use crate::plan::draft::setup;

    fn check(mode: Mode, input: &str, expected: Result<&[&str], &str>) -> String {
        let lanes = ["main".to_owned()];
        let mut output = Vec::new();
        let known = ProjectProfile::default();
        let profile =
            interview_over(mode, &mut input.as_bytes(), &mut output, &mut Answers::default(), |answers| {
                setup(&known, &lanes, answers)
            });
        let profile = profile.map_err(|failure| failure.message);
        let ids = profile
            .as_ref()
            .map(|profile| profile.deploy_environments.iter().map(|one| one.id.as_str()).collect::<Vec<_>>());
        assert_eq!(ids.as_deref().map_err(|message| message.as_str()), expected, "{input:?}");
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn lines_answer_in_order_and_missing_ones_take_the_default() {
        assert_eq!(check(Mode::Lines, "", Ok(&[])), "");
        assert_eq!(check(Mode::Lines, "yes\n\n\n2\nlive\n", Ok(&["live", "environment-2"])), "");
        check(Mode::Defaults, "yes\n\n\n2\n", Ok(&[]));
        let error = "Line 2 answers \"Posture: oversight (people decide about live changes) or dark-factory\": `x` is none \
                     of oversight, dark-factory.";
        check(Mode::Lines, "\nx\n", Err(error));
    }

    #[test]
    fn in_a_terminal_one_can_go_back_and_answer_again() {
        let asked = check(Mode::Terminal, "maybe\nyes\n\n<\n\n\n0\n", Ok(&[]));
        assert_eq!(asked.matches("`maybe` is neither yes nor no.").count(), 1, "{asked}");
        assert_eq!(asked.matches("Posture").count(), 2, "{asked}");
        check(Mode::Terminal, "yes\n", Err("The input ended; nothing was written."));
    }
}
