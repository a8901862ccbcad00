//! JSON whose values know where they stand in the text, so that a finding about one has a line and a column.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use super::finding::{Finding, Position};
use super::text::Lines;

/// A JSON file that was read.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// Path for findings.
    file: String,
    /// What it says; `Null` when it could not be read.
    root: Value,
    /// JSON pointer (RFC 6901) to place, for every value.
    places: BTreeMap<String, Place>,
    /// The place of every key of an object, likewise.
    keys: BTreeMap<String, Position>,
    /// Keys that stand twice in one object, as pointer and place of the later one, which counts.
    twice: Vec<(String, Position)>,
}

/// Where a value stands.
#[derive(Debug, Clone)]
struct Place {
    start: Position,
    /// Its bytes, counted without a byte order mark.
    bytes: Range<usize>,
}

impl Document {
    /// Reads `text`. A syntax error is one finding, by `rule`, and a document that says nothing.
    pub(super) fn read(file: &str, text: &str, rule: &str) -> (Document, Option<Finding>) {
        let file = file.to_string();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match serde_json::from_str(text) {
            Ok(root) => {
                let lines = Lines::of(text);
                let mut walk = Walk {
                    text,
                    at: 0,
                    lines: &lines,
                    places: BTreeMap::new(),
                    keys: BTreeMap::new(),
                    twice: Vec::new(),
                };
                walk.value("");
                (Document { file, root, places: walk.places, keys: walk.keys, twice: walk.twice }, None)
            }
            Err(error) => {
                let place = Position {
                    line: u32::try_from(error.line()).unwrap_or(1).max(1),
                    column: u32::try_from(error.column()).unwrap_or(1).max(1),
                };
                // The place stands with the finding already.
                let said = error.to_string();
                let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
                let finding = Finding::error(
                    rule,
                    &file,
                    place,
                    format!("this is not JSON: {what}"),
                    "mend it at this place; until then nothing of this file is used".to_string(),
                );
                (Document::absent(&file), Some(finding))
            }
        }
    }

    /// A document that says nothing.
    pub(super) fn absent(file: &str) -> Document {
        Document {
            file: file.to_string(),
            root: Value::Null,
            places: BTreeMap::new(),
            keys: BTreeMap::new(),
            twice: Vec::new(),
        }
    }

    /// Path of the file.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// The value at a JSON pointer.
    pub(super) fn get(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer)
    }

    /// Where the value at a pointer stands; the nearest value above it that is there, else the file's start.
    pub(super) fn position(&self, pointer: &str) -> Position {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return place.start;
            }
            match pointer.rfind('/') {
                Some(end) => pointer = pointer.get(..end).unwrap_or_default(),
                None => return Position::START,
            }
        }
    }

    /// Every value's pointer and place, by pointer.
    pub(super) fn positions(&self) -> impl Iterator<Item = (&str, Position)> {
        self.places.iter().map(|(pointer, place)| (pointer.as_str(), place.start))
    }

    /// The bytes of the value at a pointer, counted without a byte order mark.
    pub(super) fn bytes(&self, pointer: &str) -> Option<Range<usize>> {
        self.places.get(pointer).map(|place| place.bytes.clone())
    }

    /// Where the key at a pointer stands; the place of the value for what is no member of an object.
    pub(super) fn key_position(&self, pointer: &str) -> Position {
        self.keys.get(pointer).copied().unwrap_or_else(|| self.position(pointer))
    }

    /// Keys that stand twice in one object, as pointer and place of the later one. The later one counts.
    pub(super) fn twice(&self) -> &[(String, Position)] {
        &self.twice
    }

    /// The keys of the object at a pointer, with their pointers. Empty for anything else.
    pub(super) fn members(&self, pointer: &str) -> Vec<(String, String)> {
        let members = self.get(pointer).and_then(Value::as_object);
        members
            .map(|members| members.keys().map(|key| (key.clone(), child(pointer, key))).collect())
            .unwrap_or_default()
    }
}

/// The pointer of a member.
pub(super) fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Walks a text that is known to be JSON.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    lines: &'a Lines<'a>,
    places: BTreeMap<String, Place>,
    keys: BTreeMap<String, Position>,
    twice: Vec<(String, Position)>,
}

impl Walk<'_> {
    fn value(&mut self, pointer: &str) {
        self.skip_blanks();
        let (from, start) = (self.at, self.lines.position(self.at));
        match self.next_byte() {
            Some(b'{') => self.members(pointer),
            Some(b'[') => self.items(pointer),
            Some(b'"') => {
                self.string();
            }
            _ => self.skip_while(|byte| !matches!(byte, b',' | b'}' | b']') && !byte.is_ascii_whitespace()),
        }
        self.places.insert(pointer.to_string(), Place { start, bytes: from..self.at });
    }

    fn members(&mut self, pointer: &str) {
        self.at += 1;
        loop {
            self.skip_blanks();
            match self.next_byte() {
                Some(b'"') => {
                    let place = self.lines.position(self.at);
                    let key = child(pointer, &self.string());
                    let is_told = self.twice.iter().any(|(at, _)| key.starts_with(&format!("{at}/")));
                    if self.keys.insert(key.clone(), place).is_some() && !is_told {
                        self.twice.push((key.clone(), place));
                    }
                    self.skip_blanks();
                    self.at += 1;
                    self.value(&key);
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    self.at += 1;
                    return;
                }
                None => return,
            }
        }
    }

    fn items(&mut self, pointer: &str) {
        self.at += 1;
        let mut index = 0;
        loop {
            self.skip_blanks();
            match self.next_byte() {
                Some(b']') => {
                    self.at += 1;
                    return;
                }
                Some(b',') => self.at += 1,
                Some(_) => {
                    self.value(&format!("{pointer}/{index}"));
                    index += 1;
                }
                None => return,
            }
        }
    }

    /// Passes a string and gives what it says.
    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.next_byte() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'"' => break,
                _ => {}
            }
        }
        self.text.get(start..self.at).and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        self.skip_while(|byte| byte.is_ascii_whitespace());
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        while self.next_byte().is_some_and(&keep) {
            self.at += 1;
        }
    }

    fn next_byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Document;

    fn check(text: &str, pointer: &str, expected: (u32, u32)) {
        let (document, finding) = Document::read("f.json", text, "C01");
        assert_eq!(finding, None, "{text}");
        let place = document.position(pointer);
        assert_eq!((place.line, place.column), expected, "{pointer} of {text}");
    }

    #[test]
    fn every_value_knows_its_place() {
        let text = "{\n  \"a\": [1, {\"b/c\": \"x\\\"y\"}],\n  \"d\": {}, \"e\": null\n}";
        check(text, "", (1, 1));
        check(text, "/a", (2, 8));
        check(text, "/a/0", (2, 9));
        check(text, "/a/1/b~1c", (2, 20));
        check(text, "/d", (3, 8));
        check(text, "/e", (3, 17));
        check(text, "/d/missing/deeper", (3, 8));
    }

    #[test]
    fn keys_know_their_place_and_whether_they_stand_twice() {
        let (document, _) = Document::read("f.json", "{\"a\": 1,\n \"b\": {\"a\": 2}, \"a\": 3}", "C01");
        let place = document.key_position("/b");
        assert_eq!((place.line, place.column), (2, 2));
        let twice: Vec<(&str, u32, u32)> =
            document.twice().iter().map(|(at, place)| (at.as_str(), place.line, place.column)).collect();
        assert_eq!(twice, [("/a", 2, 17)]);
        assert_eq!(document.get("/a"), Some(&3.into()));
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let (document, finding) = Document::read("f.json", "{\n  \"a\": ,\n}", "C01");
        let finding = finding.unwrap();
        assert_eq!((finding.position.line, finding.position.column), (2, 8));
        assert!(document.get("/a").is_none());
    }
}
