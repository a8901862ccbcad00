//! The `Local script:` list of a prompt: what the simulator is told to do beside its work.
//!
//! The list begins after a line `Local script:` and ends at the first line that is neither a bullet nor blank. Every step
//! may end in `on attempt K`; it is left out on other attempts. After the last step the simulator does what its brief asks
//! for and reports, unless a step ended it.

use std::time::Duration;

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    /// What to do.
    pub(super) what: What,
    /// Only on this attempt.
    pub(super) on_attempt: Option<u32>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// `think 2s [TEXT]`: show that it works.
    Think {
        /// For how long.
        duration: Duration,
        /// At what.
        at: Option<String>,
    },
    /// `say TEXT`: print a line.
    Say(String),
    /// `ask QUESTION | option | option`: ask the operator and wait.
    Ask {
        /// The question.
        question: String,
        /// Answers to choose from.
        options: Vec<String>,
    },
    /// `edit PATH`: create an owned file, or append a line to it.
    Edit(String),
    /// `run COMMAND`: run a program and show the end of its output.
    Run(String),
    /// `fail [TEXT]`: end with exit code 1.
    Fail(String),
    /// `hang`: never do anything again.
    Hang,
    /// `flood 5MB`: print that much as fast as the terminal takes it.
    Flood {
        /// How much.
        megabytes: u64,
    },
    /// `die`: kill itself with SIGKILL.
    Die,
    /// `rate limit`: print what a provider says, end with exit code 1. On attempt 1 unless it says another.
    RateLimit,
    /// `full screen`: go on in the alternate screen.
    FullScreen,
    /// `markers`: report by printed markers.
    Markers,
    /// `file`: report by the envelope file.
    File,
    /// `gap`: report that something is missing.
    Gap,
    /// `malformed`: report something that cannot be read.
    Malformed,
    /// `lie`: leave the work undone and report that all is well.
    Lie,
    /// `slow`: everything takes four times as long from here on.
    Slow,
}

/// A line that is no step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the step `{line}` of the local script is not known: {why}")]
pub(super) struct UnknownStep {
    /// The line, without its bullet.
    line: String,
    /// What is wrong with it.
    why: String,
}

/// Reads the script of a prompt; a prompt without one gives no steps.
pub(super) fn read(prompt: &str) -> Result<Vec<Step>, UnknownStep> {
    let lines = prompt.lines().map(str::trim);
    let after_head = lines.skip_while(|line| !line.eq_ignore_ascii_case("local script:")).skip(1);
    after_head
        .filter(|line| !line.is_empty())
        .map_while(|line| line.strip_prefix("- "))
        .map(|line| step(line.trim()))
        .collect()
}

fn step(line: &str) -> Result<Step, UnknownStep> {
    let unknown = |why: &str| UnknownStep { line: line.to_owned(), why: why.to_owned() };
    let (line_without, mut on_attempt) = attempt_condition(line);
    let (word, rest) = line_without.split_once(char::is_whitespace).unwrap_or((line_without, ""));
    let rest = rest.trim();
    let text = || (!rest.is_empty()).then(|| rest.to_owned());
    let what = match (word.to_lowercase().as_str(), rest.to_lowercase().as_str()) {
        ("think", _) => {
            let (duration, at) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let duration =
                read_duration(duration).ok_or_else(|| unknown("`think` needs a time such as 2s or 500ms"))?;
            let at = at.trim();
            What::Think { duration, at: (!at.is_empty()).then(|| at.to_owned()) }
        }
        ("say", _) => What::Say(text().ok_or_else(|| unknown("`say` needs a text"))?),
        ("ask", _) => {
            let mut parts = rest.split('|').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned);
            let question = parts.next().ok_or_else(|| unknown("`ask` needs a question"))?;
            What::Ask { question, options: parts.collect() }
        }
        ("edit", _) => What::Edit(text().ok_or_else(|| unknown("`edit` needs a path"))?),
        ("run", _) => What::Run(text().ok_or_else(|| unknown("`run` needs a command line"))?),
        ("fail", _) => What::Fail(text().unwrap_or_else(|| "the checks did not pass".to_owned())),
        ("flood", _) => {
            let megabytes = rest.to_lowercase();
            let megabytes = megabytes.trim_end_matches("mb").trim().parse();
            What::Flood { megabytes: megabytes.map_err(|_| unknown("`flood` needs an amount such as 5MB"))? }
        }
        ("hang", "") => What::Hang,
        ("die", "") => What::Die,
        ("rate", "limit") => {
            on_attempt = on_attempt.or(Some(1));
            What::RateLimit
        }
        ("full", "screen") => What::FullScreen,
        ("markers", "") => What::Markers,
        ("file", "") => What::File,
        ("gap", "") => What::Gap,
        ("malformed", "") => What::Malformed,
        ("lie", "") => What::Lie,
        ("slow", "") => What::Slow,
        _ => {
            return Err(unknown(
                "there are think, say, ask, edit, run, fail, hang, flood, die, rate limit, full screen, markers, file, gap, \
                 malformed, lie, slow",
            ));
        }
    };
    Ok(Step { what, on_attempt })
}

/// A line without `on attempt K` at its end, and K.
fn attempt_condition(line: &str) -> (&str, Option<u32>) {
    let Some((before, number)) = line.rsplit_once(char::is_whitespace) else { return (line, None) };
    let before = before.trim_end();
    let cut = before.len().saturating_sub("on attempt".len());
    match (number.parse(), before.get(cut..)) {
        (Ok(number), Some(words)) if words.eq_ignore_ascii_case("on attempt") => {
            (before[..cut].trim_end(), Some(number))
        }
        _ => (line, None),
    }
}

/// `2s`, `1.5s`, `500ms`, `1m`.
fn read_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Step, What, read};

    fn one(line: &str) -> Result<Step, super::UnknownStep> {
        read(&format!("Do it.\n\nLocal script:\n- {line}\n")).map(|mut steps| steps.remove(0))
    }

    #[test]
    fn steps_are_read_up_to_the_first_other_line() {
        let prompt = "Work.\n- say before\n\nLocal script:\n\n- say one\n- hang on attempt 2\n\n- die\nAfter:\n- say no\n";
        let steps = read(prompt).expect("is a script");
        assert_eq!(
            steps,
            [
                Step { what: What::Say("one".into()), on_attempt: None },
                Step { what: What::Hang, on_attempt: Some(2) },
                Step { what: What::Die, on_attempt: None },
            ]
        );
        assert_eq!(read("no script\n- say x"), Ok(Vec::new()));
    }

    #[test]
    fn every_step_has_its_words() {
        let cases = [
            ("think 1.5s", What::Think { duration: Duration::from_millis(1500), at: None }),
            (
                "think 500ms the schema",
                What::Think { duration: Duration::from_millis(500), at: Some("the schema".into()) },
            ),
            ("think 1m", What::Think { duration: Duration::from_secs(60), at: None }),
            (
                "ask Which? | a | b c |",
                What::Ask { question: "Which?".into(), options: vec!["a".into(), "b c".into()] },
            ),
            ("ask Why?", What::Ask { question: "Why?".into(), options: Vec::new() }),
            ("edit src/a b.rs", What::Edit("src/a b.rs".into())),
            ("run sh -c 'echo x'", What::Run("sh -c 'echo x'".into())),
            ("fail it broke", What::Fail("it broke".into())),
            ("fail", What::Fail("the checks did not pass".into())),
            ("Flood 5MB", What::Flood { megabytes: 5 }),
            ("flood 12 mb", What::Flood { megabytes: 12 }),
            ("Full Screen", What::FullScreen),
            ("markers", What::Markers),
            ("file", What::File),
            ("gap", What::Gap),
            ("malformed", What::Malformed),
            ("lie", What::Lie),
            ("slow", What::Slow),
        ];
        for (line, what) in cases {
            assert_eq!(one(line), Ok(Step { what, on_attempt: None }), "{line}");
        }
    }

    #[test]
    fn an_attempt_may_be_named() {
        assert_eq!(one("fail on attempt 1").map(|step| step.on_attempt), Ok(Some(1)));
        assert_eq!(
            one("fail out of disk On Attempt 12"),
            Ok(Step { what: What::Fail("out of disk".into()), on_attempt: Some(12) })
        );
        assert_eq!(one("rate limit"), Ok(Step { what: What::RateLimit, on_attempt: Some(1) }));
        assert_eq!(one("rate limit on attempt 2"), Ok(Step { what: What::RateLimit, on_attempt: Some(2) }));
        assert_eq!(one("say the answer is 42").map(|step| step.on_attempt), Ok(None));
    }

    #[test]
    fn an_unknown_step_is_named_with_what_there_is() {
        for line in [
            "dance",
            "think",
            "think soon",
            "think -1s",
            "flood",
            "flood some",
            "say",
            "ask |",
            "hang up",
            "edit",
        ] {
            let error = one(line).expect_err(line).to_string();
            assert!(error.contains(&format!("`{line}`")), "{error}");
        }
    }
}
