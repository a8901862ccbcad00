//! What people call waves: `Wave 1`, `WAVE 0`, `W3`, `2a`, `Wave B`, and `Phase`, `Batch` or `Milestone` where nobody
//! speaks of waves.

use super::super::wave::WaveNumber;

/// Words for a wave, the first one before all others.
const UNITS: [&str; 7] = ["wave", "phase", "batch", "milestone", "sprint", "stage", "round"];

/// Words that begin what is between waves, or after the last: no wave, but something that has to happen.
const GATES: [&str; 9] =
    ["final", "finally", "gate", "merge", "release", "checkpoint", "close-out", "closeout", "integration"];

/// The name of a wave as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// Without the unit: `1`, `W3`, `2a`, `B`.
    pub(super) text: String,
    kind: Kind,
    /// Bytes of unit and name in the text that was looked at, without what decorates them.
    pub(super) start: usize,
    /// Past their last byte.
    pub(super) end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number(WaveNumber),
    Letter(u8),
}

/// How one document speaks of waves: known once all of it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scheme {
    unit: &'static str,
    /// Letters are waves because there are no numbers; else a letter is a gate.
    letters: bool,
}

/// What a label means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Wave(WaveNumber),
    Gate,
}

impl Scheme {
    /// The scheme of the labels that begin headings, items and lines of a document.
    pub(super) fn of<'t>(beginnings: impl Iterator<Item = &'t str> + Clone) -> Scheme {
        let count = |unit: &'static str, numbers: bool| {
            let labels = beginnings.clone().filter_map(|text| labelled(text, unit));
            labels.filter(|label| matches!(label.kind, Kind::Number(_)) == numbers).count()
        };
        let mut best = (0, UNITS[0]);
        for unit in UNITS {
            let labels = count(unit, true) + count(unit, false);
            // A lone `Phase 3` is a title; waves are believed at once.
            let weight = if unit == UNITS[0] { labels * 1_000 } else { labels.saturating_sub(1) };
            if weight > best.0 {
                best = (weight, unit);
            }
        }
        Scheme { unit: best.1, letters: count(best.1, true) == 0 }
    }

    /// The label at the beginning of a text, after what decorates it.
    pub(super) fn label(self, text: &str) -> Option<Label> {
        labelled(text, self.unit)
    }

    /// The label that is all of a table's cell: also without its unit.
    pub(super) fn cell(self, text: &str) -> Option<Label> {
        let trimmed = text.trim().trim_matches(['*', '_', '`', '~']);
        let label = self.label(text).or_else(|| {
            let start = text.find(trimmed)?;
            name(trimmed).map(|(kind, length)| Label {
                text: trimmed.get(..length).unwrap_or_default().to_owned(),
                kind,
                start,
                end: start + length,
            })
        })?;
        let rest = text.get(label.end..).unwrap_or_default();
        let first = rest.trim_start_matches(['*', '_', '`', '~', ' ']).chars().next();
        first.is_none_or(|letter| !letter.is_alphanumeric()).then_some(label)
    }

    /// What a label means here.
    pub(super) fn meaning(self, label: &Label) -> Meaning {
        match label.kind {
            Kind::Number(number) => Meaning::Wave(number),
            Kind::Letter(letter) if self.letters => Meaning::Wave(u32::from(letter - b'A') + 1),
            Kind::Letter(_) => Meaning::Gate,
        }
    }

    /// Whether a table's column holds waves.
    pub(super) fn heads_column(self, header: &str) -> bool {
        let header = header.trim().trim_matches(['*', '_', '`', '#', ' ']).to_lowercase();
        header == self.unit || header == format!("{}s", self.unit) || header == "w"
    }

    /// The label of another wave in the manner of this one: `Wave 1` gives `Wave 4`, `W0` gives `W4`, `B` gives `D`.
    /// `None` when it cannot be said so.
    pub(super) fn renamed(self, label: &Label, number: WaveNumber) -> Option<String> {
        match label.kind {
            Kind::Letter(_) => {
                let letter = u8::try_from(number.checked_sub(1)?).ok().filter(|index| *index < 26)? + b'A';
                Some(char::from(letter).to_string())
            }
            Kind::Number(_) if label.text.starts_with(['W', 'w']) => {
                Some(format!("{}{number}", label.text.get(..1).unwrap_or_default()))
            }
            Kind::Number(_) => Some(number.to_string()),
        }
    }
}

/// Whether a text begins with a word for what is no wave but has to happen.
pub(super) fn is_gate(text: &str) -> bool {
    let text = text.get(decoration(text)..).unwrap_or_default();
    let word: String = text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '-').collect();
    GATES.contains(&word.to_lowercase().as_str())
}

/// The length of what may stand before the first word: emphasis, signs, a number of an enumeration.
pub(super) fn decoration(text: &str) -> usize {
    let sign = |letter: char| {
        letter.is_whitespace() || "*_~`".contains(letter) || (!letter.is_ascii() && !letter.is_alphanumeric())
    };
    let plain = |text: &str| text.len() - text.trim_start_matches(sign).len();
    let length = plain(text);
    let rest = text.get(length..).unwrap_or_default();
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let after = rest.get(digits..).unwrap_or_default();
    if digits > 0 && digits < 4 && (after.starts_with(". ") || after.starts_with(") ")) {
        let enumerated = length + digits + 2;
        return enumerated + plain(text.get(enumerated..).unwrap_or_default());
    }
    length
}

fn labelled(text: &str, unit: &str) -> Option<Label> {
    let start = decoration(text);
    let rest = text.get(start..)?;
    let bare =
        |rest: &str| -> Option<(Kind, usize)> { rest.starts_with(['W', 'w']).then(|| name(rest)).flatten() };
    let head = rest.get(..unit.len()).filter(|head| head.eq_ignore_ascii_case(unit));
    let (kind, from, length) = match head {
        Some(_) => {
            let after = rest.get(unit.len()..)?;
            let gap = after.len() - after.trim_start_matches([' ', '-', '_', '#']).len();
            let (kind, length) = name(after.get(gap..)?)?;
            if gap == 0 && !matches!(kind, Kind::Number(_)) {
                return None;
            }
            (kind, start + unit.len() + gap, length)
        }
        None => {
            let (kind, length) = bare(rest)?;
            (kind, start, length)
        }
    };
    let text = text.get(from..from + length)?.to_owned();
    Some(Label { text, kind, start, end: from + length })
}

/// `1`, `W3`, `2a` or `B` at the beginning of a text, with its length.
fn name(text: &str) -> Option<(Kind, usize)> {
    let bytes = text.as_bytes();
    let skip = usize::from(bytes.first().is_some_and(|byte| b"Ww".contains(byte)) && digit(bytes, 1));
    let digits = bytes.iter().skip(skip).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        let letter = bytes.first().copied().filter(u8::is_ascii_uppercase)?;
        return ends(text, 1).then_some((Kind::Letter(letter), 1));
    }
    let number: WaveNumber = text.get(skip..skip + digits).filter(|_| digits <= 3)?.parse().ok()?;
    let end = skip + digits;
    let sub = usize::from(bytes.get(end).is_some_and(u8::is_ascii_lowercase));
    [end + sub, end].into_iter().find(|end| ends(text, *end)).map(|end| (Kind::Number(number), end))
}

fn digit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

/// Whether a word is over at `at`.
fn ends(text: &str, at: usize) -> bool {
    let mut rest = text.get(at..).unwrap_or_default().chars();
    match rest.next() {
        None => true,
        // `3.5` and `1-2` are other things than 3 and 1.
        Some('.' | '-' | '–' | '/' | '\'') => rest.next().is_none_or(|next| !next.is_alphanumeric()),
        Some(letter) => !letter.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Scheme, is_gate};

    fn check(beginnings: &[&str], text: &str, expected: Option<(&str, Option<u32>)>) {
        let scheme = Scheme::of(beginnings.iter().copied());
        let found = scheme.label(text).map(|label| {
            let number = match scheme.meaning(&label) {
                Meaning::Wave(number) => Some(number),
                Meaning::Gate => None,
            };
            (label.text, number)
        });
        assert_eq!(found, expected.map(|(label, number)| (label.to_owned(), number)), "{text}");
    }

    #[test]
    fn labels_are_read_as_people_write_them() {
        let waves = ["Wave 1", "Wave 2", "Phase 3 brief"];
        for (text, expected) in [
            ("**Wave 0** (11 parallel)", Some(("0", Some(0)))),
            ("WAVE 12 — x", Some(("12", Some(12)))),
            ("✅ 3. Wave 2a: x", Some(("2a", Some(2)))),
            ("Wave W3 (origin)", Some(("W3", Some(3)))),
            ("W0: T1", Some(("W0", Some(0)))),
            ("wave-4", Some(("4", Some(4)))),
            ("Wave Z merge", Some(("Z", None))),
            ("Wave plan", None),
            ("Wave 1.5", None),
            ("Waves 1", None),
            ("Phase 3", None),
            ("WAVEFORM 1", None),
            ("A wave 1", None),
        ] {
            check(&waves, text, expected);
        }
        check(&["Wave A", "Wave B"], "Wave B (docs)", Some(("B", Some(2))));
        check(&["Phase 1", "Phase 2"], "Phase 2: x", Some(("2", Some(2))));
        check(&["Phase 1 brief"], "Phase 1 brief", None);
    }

    #[test]
    fn another_label_is_written_in_the_same_manner() {
        let scheme = Scheme::of(["Wave 1"].into_iter());
        for (cell, expected) in [("Wave 1", "4"), ("W0", "W4"), ("2a", "4"), (" **B** ", "D")] {
            let label = scheme.cell(cell).unwrap();
            assert_eq!(scheme.renamed(&label, 4).as_deref(), Some(expected), "{cell}");
        }
        assert_eq!(scheme.cell("1 and 2"), None);
    }

    #[test]
    fn what_is_no_wave_but_has_to_happen_is_a_gate() {
        assert!(is_gate("**Final**: release") && is_gate("Merge of all") && !is_gate("Finalize T1"));
    }
}
