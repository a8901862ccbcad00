//! Changing the text of a matrix: the value that is meant, and no other byte.

use serde_json::{Value, json};

use super::super::json::{Document, child};
use super::super::wave::WaveNumber;
use super::Matrix;

/// What changes about a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Where it stands.
    Level(String),
    /// Where a wave takes it. A promotion of that wave and lane that is there is given the new target.
    Promotion {
        /// The wave.
        wave: WaveNumber,
        /// The lane whose wave that is; `None` for a promotion that names no lane.
        lane: Option<String>,
        /// The level it reaches.
        target: String,
    },
}

/// Why a matrix is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The text is no matrix.
    #[error("the component matrix cannot be read: {0}")]
    Unreadable(String),
    /// It has no such component.
    #[error("the component matrix has no component `{component}`; it has {known}")]
    NoComponent {
        /// What was asked for.
        component: String,
        /// What there is, separated by commas.
        known: String,
    },
    /// It has no such level.
    #[error("`{level}` is no level of the component matrix; the levels are {known}")]
    NoLevel {
        /// What was asked for.
        level: String,
        /// What there is, separated by commas.
        known: String,
    },
    /// The text is written in a way that cannot be changed in place.
    #[error("the text of the component matrix could not be changed in place; nothing was written")]
    NotInPlace,
}

/// The text with one change made. A change to what is there already gives the same text.
///
/// # Errors
/// When the text is no matrix, or the component or level is not in it.
pub fn change(text: &str, component: &str, change: &Change) -> Result<String, ChangeError> {
    let (matrix, findings) = Matrix::read("", text);
    let Some(matrix) = matrix else {
        let why = findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
        return Err(ChangeError::Unreadable(why));
    };
    if !matrix.components.contains_key(component) {
        let known: Vec<&str> = matrix.components.keys().map(String::as_str).collect();
        return Err(ChangeError::NoComponent { component: component.to_string(), known: known.join(", ") });
    }
    let (Change::Level(level) | Change::Promotion { target: level, .. }) = change;
    if matrix.rank(level).is_none() {
        return Err(ChangeError::NoLevel { level: level.clone(), known: matrix.levels.join(", ") });
    }
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let (document, _) = Document::read("", text, "");
    let editor = Editor { text, document: &document, at: child("/components", component) };
    let new = match change {
        Change::Level(level) => editor.level(level),
        Change::Promotion { wave, lane, target } => editor.promotion(*wave, lane.as_deref(), target),
    };
    let new = new.ok_or(ChangeError::NotInPlace)?;
    match Matrix::read("", &new) {
        (Some(read), found) if read == changed(matrix, component, change) && found == findings => {
            Ok(format!("{mark}{new}"))
        }
        _ => Err(ChangeError::NotInPlace),
    }
}

/// The text with each component at the level that a wave took it to, and the components that were raised. None is lowered;
/// a text that is no matrix, and components that it does not have, stay as they are.
pub fn raised<'p>(
    text: &str,
    promotions: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> (String, Vec<String>) {
    let (mut new, mut names) = (text.to_string(), Vec::new());
    let Some(matrix) = Matrix::read("", text).0 else { return (new, names) };
    for (component, level) in promotions {
        let current = matrix.components.get(component).and_then(|known| matrix.rank(&known.current_level));
        if current >= matrix.rank(level) || current.is_none() {
            continue;
        }
        if let Ok(raised) = change(&new, component, &Change::Level(level.to_string())) {
            new = raised;
            names.push(component.to_string());
        }
    }
    (new, names)
}

/// What the change means, whatever the text looks like.
fn changed(mut matrix: Matrix, component: &str, change: &Change) -> Matrix {
    let Some(component) = matrix.components.get_mut(component) else { return matrix };
    match change {
        Change::Level(level) => component.current_level.clone_from(level),
        Change::Promotion { wave, lane, target } => {
            let promotions = &mut component.promotions;
            match promotions.iter_mut().find(|known| known.wave == *wave && known.lane == *lane) {
                Some(known) => known.target.clone_from(target),
                None => {
                    let place = promotions.iter().take_while(|known| known.wave <= *wave).count();
                    let (wave, target, lane) = (*wave, target.clone(), lane.clone());
                    promotions.insert(place, super::MatrixPromotion { wave, target, lane });
                }
            }
        }
    }
    matrix
}

struct Editor<'e> {
    text: &'e str,
    document: &'e Document,
    /// Pointer of the component.
    at: String,
}

impl Editor<'_> {
    fn level(&self, level: &str) -> Option<String> {
        self.replaced(&child(&self.at, "currentLevel"), &json!(level).to_string())
    }

    fn promotion(&self, wave: WaveNumber, lane: Option<&str>, target: &str) -> Option<String> {
        let list = child(&self.at, "promotions");
        let entries =
            self.document.get(&list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let number = |entry: &Value| match entry.get("wave") {
            Some(Value::String(text)) => text.trim().parse().ok(),
            wave => wave.and_then(Value::as_u64),
        };
        let same = entries.iter().position(|entry| {
            number(entry) == Some(u64::from(wave)) && entry.get("lane").and_then(Value::as_str) == lane
        });
        if let Some(index) = same {
            return self.replaced(&format!("{list}/{index}/target"), &json!(target).to_string());
        }
        let lane = lane.map(|lane| format!("\"lane\": {}, ", json!(lane))).unwrap_or_default();
        let entry = format!("{{ {lane}\"wave\": {wave}, \"target\": {} }}", json!(target));
        let before = entries.iter().take_while(|entry| number(entry) <= Some(u64::from(wave))).count();
        match (self.document.bytes(&list), entries.len()) {
            (None, _) => self.first_promotion(&entry),
            (Some(_), 0) => self.replaced(&list, &format!("[{entry}]")),
            (Some(_), count) if before == count => {
                let last = self.document.bytes(&format!("{list}/{}", count - 1))?;
                let blank = self.blank_before(last.start);
                Some(
                    self.inserted(
                        last.end,
                        &format!(",{}{entry}", if blank.is_empty() { " " } else { blank }),
                    ),
                )
            }
            (Some(_), _) => {
                let next = self.document.bytes(&format!("{list}/{before}"))?;
                let blank = self.blank_before(next.start);
                Some(
                    self.inserted(
                        next.start,
                        &format!("{entry},{}", if blank.is_empty() { " " } else { blank }),
                    ),
                )
            }
        }
    }

    /// Gives a component without promotions its first one, behind its level.
    fn first_promotion(&self, entry: &str) -> Option<String> {
        let level = self.document.bytes(&child(&self.at, "currentLevel"))?;
        let key = self.text.get(..level.start)?.rfind("\"currentLevel\"")?;
        let blank = self.blank_before(key);
        Some(self.inserted(level.end, &format!(",{blank}\"promotions\": [{entry}]")))
    }

    fn replaced(&self, pointer: &str, with: &str) -> Option<String> {
        let mut new = self.text.to_string();
        new.replace_range(self.document.bytes(pointer)?, with);
        Some(new)
    }

    fn inserted(&self, at: usize, what: &str) -> String {
        let mut new = self.text.to_string();
        new.insert_str(at, what);
        new
    }

    /// The white space that stands before a byte.
    fn blank_before(&self, at: usize) -> &str {
        let before = self.text.get(..at).unwrap_or_default();
        before.get(before.trim_end().len()..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::repository;
    use super::{Change, ChangeError, change, raised};

    const TEXT: &str = r#"{ "levels": ["low", "mid", "high"], "components": {
  "a": { "title": "\"b\"", "extra": 1, "currentLevel": "low", "promotions": [
    { "wave": 1, "target": "mid" },
    { "wave": 5, "target": "high" }
  ] },
  "b": {"currentLevel" :  "mid","promotions":[]},
  "c": {
    "currentLevel": "low"
  } } }
"#;

    fn check(component: &str, asked: &Change, from: &str, to: &str) {
        assert_eq!(TEXT.matches(from).count(), 1, "{from}");
        let expected = TEXT.replacen(from, to, 1);
        assert_eq!(change(TEXT, component, asked).unwrap(), expected);
        let marked = change(&format!("\u{feff}{TEXT}"), component, asked).unwrap();
        assert_eq!(marked, format!("\u{feff}{expected}"));
    }

    fn promotion(wave: u32, lane: Option<&str>, target: &str) -> Change {
        Change::Promotion { wave, lane: lane.map(str::to_string), target: target.to_string() }
    }

    #[test]
    fn one_value_changes_and_no_other_byte() {
        check("b", &Change::Level("high".into()), ":  \"mid\",", ":  \"high\",");
        check("a", &promotion(1, None, "high"), "1, \"target\": \"mid\"", "1, \"target\": \"high\"");
        check(
            "a",
            &promotion(3, None, "mid"),
            "{ \"wave\": 5",
            "{ \"wave\": 3, \"target\": \"mid\" },\n    { \"wave\": 5",
        );
        check(
            "a",
            &promotion(5, Some("side"), "mid"),
            "\"high\" }\n",
            "\"high\" },\n    { \"lane\": \"side\", \"wave\": 5, \"target\": \"mid\" }\n",
        );
        check("b", &promotion(0, None, "mid"), "[]", "[{ \"wave\": 0, \"target\": \"mid\" }]");
        check(
            "c",
            &promotion(2, None, "mid"),
            "\"low\"\n",
            "\"low\",\n    \"promotions\": [{ \"wave\": 2, \"target\": \"mid\" }]\n",
        );
        assert_eq!(change(TEXT, "a", &Change::Level("low".into())).unwrap(), TEXT);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let level = |level: &str| Change::Level(level.to_string());
        assert!(matches!(change("{", "a", &level("low")), Err(ChangeError::Unreadable(_))));
        assert_eq!(
            change(TEXT, "x", &level("low")).unwrap_err().to_string(),
            "the component matrix has no component `x`; it has a, b, c"
        );
        assert_eq!(
            change(TEXT, "a", &promotion(1, None, "top")).unwrap_err().to_string(),
            "`top` is no level of the component matrix; the levels are low, mid, high"
        );
    }

    #[test]
    fn the_real_matrix_takes_a_level_and_gives_it_back() {
        let text = repository().matrix.unwrap().text;
        let raised =
            change(&text, "context7-scope-and-prefetch", &Change::Level("pilot-live".into())).unwrap();
        assert_ne!(raised, text);
        let back = change(&raised, "context7-scope-and-prefetch", &Change::Level("repo-landed".into()));
        assert_eq!(back.unwrap(), text);
    }

    #[test]
    fn components_are_raised_and_never_lowered() {
        let promotions = [("a", "mid"), ("b", "low"), ("c", "high"), ("d", "mid"), ("a ", "x")];
        let (new, names) = raised(TEXT, promotions);
        assert_eq!(names, ["a", "c"]);
        let expected = TEXT
            .replacen("\"currentLevel\": \"low\", ", "\"currentLevel\": \"mid\", ", 1)
            .replacen("\"currentLevel\": \"low\"\n", "\"currentLevel\": \"high\"\n", 1);
        assert_eq!(new, expected);
        assert_eq!(raised("no json", promotions), ("no json".to_string(), Vec::new()));
    }
}
