//! Taking a section out of a text and putting one in: the bytes of the section and of everything else stay as they are,
//! only the blank lines at the seam are set to one.

use std::ops::Range;

use super::super::text::LineEnding;

/// The bytes of a section that move: from its heading to the end of its last line that is not blank, without that line's
/// break.
pub(super) fn core(text: &str, section: Range<usize>) -> &str {
    text.get(section).unwrap_or_default().trim_end()
}

/// `text` without `section`.
pub(super) fn without(text: &str, section: Range<usize>, ending: LineEnding) -> String {
    let before = text.get(..section.start).unwrap_or_default();
    let after = text.get(section.end..).unwrap_or_default();
    join(before, "", after, ending)
}

/// `text` with `core` as a section of its own at `place`, which is the start of a line or the end of the text.
pub(super) fn with(text: &str, place: usize, core: &str, ending: LineEnding) -> String {
    let before = text.get(..place).unwrap_or_default();
    let after = text.get(place..).unwrap_or_default();
    join(before, core, after, ending)
}

/// The pieces that are not blank, one blank line between them and one line break at the end. `after` keeps its own end.
fn join(before: &str, core: &str, after: &str, ending: LineEnding) -> String {
    let line = ending.text();
    let mut joined = before.trim_end().to_string();
    if !core.is_empty() {
        if !joined.is_empty() {
            joined.push_str(line);
            joined.push_str(line);
        }
        joined.push_str(core);
    }
    if after.is_empty() {
        joined.push_str(line);
    } else {
        if !joined.is_empty() {
            joined.push_str(line);
            joined.push_str(line);
        }
        joined.push_str(after);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::{LineEnding, core, with, without};

    #[test]
    fn the_seam_is_one_blank_line() {
        let text = "# T\n\n## A\na\n\n\n## B\nb\n\n## C\nc\n";
        let section = text.find("## B").unwrap()..text.find("## C").unwrap();
        assert_eq!(core(text, section.clone()), "## B\nb");
        assert_eq!(without(text, section, LineEnding::Lf), "# T\n\n## A\na\n\n## C\nc\n");
        let last = text.find("## C").unwrap()..text.len();
        assert_eq!(without(text, last, LineEnding::Lf), "# T\n\n## A\na\n\n\n## B\nb\n");
        assert_eq!(with("# T\n\n## C\nc\n", 5, "## B\nb", LineEnding::Lf), "# T\n\n## B\nb\n\n## C\nc\n");
        assert_eq!(with("# T", 3, "## B\nb", LineEnding::Lf), "# T\n\n## B\nb\n");
        assert_eq!(with("", 0, "## B\nb", LineEnding::Lf), "## B\nb\n");
        assert_eq!(with("# T\r\n", 5, "## B\r\nb", LineEnding::CrLf), "# T\r\n\r\n## B\r\nb\r\n");
    }
}
