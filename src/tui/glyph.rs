//! The few signs that the room draws, in two sets: one for UTF-8 terminals, one for plain ones. No state is told by a
//! sign or a colour alone: a word stands beside it.

use crate::engine::view::Condition;

/// Signs and lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Horizontal rule.
    pub horizontal: char,
    /// Vertical rule.
    pub vertical: char,
    /// Corners of a frame: top left, top right, bottom left, bottom right.
    pub corners: [char; 4],
    /// Solid edge of what has the focus.
    pub edge: char,
    /// Mark of a place that a held card left.
    pub shadow: char,
    /// Part of a progress bar that is done.
    pub bar_full: char,
    /// Part of a progress bar that is to come.
    pub bar_empty: char,
    /// What a cut text ends with.
    pub ellipsis: char,
    /// Between words that belong together.
    pub dot: char,
    /// More to the right.
    pub more_right: char,
    /// More to the left.
    pub more_left: char,
    /// More below.
    pub more_down: char,
    /// Points from one to another.
    pub arrow: &'static str,
    /// Before text that is typed.
    pub prompt: char,
    /// A pinned pane.
    pub pin: char,
    /// Pictures of a spinner; it moves only when bytes move.
    pub spinner: &'static [char],
    conditions: [char; 8],
}

/// For UTF-8 terminals.
pub const UNICODE: Glyphs = Glyphs {
    horizontal: '─',
    vertical: '│',
    corners: ['┌', '┐', '└', '┘'],
    edge: '▌',
    shadow: '┄',
    bar_full: '▰',
    bar_empty: '▱',
    ellipsis: '…',
    dot: '·',
    more_right: '›',
    more_left: '‹',
    more_down: '↓',
    arrow: "→",
    prompt: '›',
    pin: '▪',
    spinner: &['⠋', '⠙', '⠸', '⠴', '⠦', '⠇'],
    conditions: ['○', '◌', '●', '◐', '⏲', '✓', '✗', '!'],
};

/// For terminals that say they are not UTF-8.
pub const ASCII: Glyphs = Glyphs {
    horizontal: '-',
    vertical: '|',
    corners: ['+', '+', '+', '+'],
    edge: '#',
    shadow: '.',
    bar_full: '#',
    bar_empty: '.',
    ellipsis: '~',
    dot: '-',
    more_right: '>',
    more_left: '<',
    more_down: 'v',
    arrow: "->",
    prompt: '>',
    pin: '^',
    spinner: &['|', '/', '-', '\\'],
    conditions: ['o', '.', '*', '?', '%', '+', 'x', '!'],
};

impl Glyphs {
    /// The set for a locale: `LC_ALL`, else `LC_CTYPE`, else `LANG`, as POSIX orders them. A locale that says nothing
    /// of UTF-8 (`C`, `POSIX`, `de_DE.ISO-8859-1`) gets ASCII; so does none at all.
    pub fn for_locale(locale: Option<&str>) -> Glyphs {
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") { UNICODE } else { ASCII }
    }

    /// The sign of a condition.
    pub fn condition(&self, condition: Condition) -> char {
        self.conditions[condition as usize]
    }
}

/// The word of a condition.
pub fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::NotStarted => "not started",
        Condition::Held => "held",
        Condition::Working => "working",
        Condition::Waiting => "waiting",
        Condition::RateLimited => "rate limit",
        Condition::Passed => "proven",
        Condition::Failed => "failed",
        Condition::NeedsLook => "look",
    }
}

/// Every condition, in the order in which the status line counts them.
pub const CONDITIONS: [Condition; 8] = [
    Condition::NotStarted,
    Condition::Held,
    Condition::Working,
    Condition::Waiting,
    Condition::RateLimited,
    Condition::Passed,
    Condition::Failed,
    Condition::NeedsLook,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ASCII, CONDITIONS, Glyphs, UNICODE, word};

    #[test]
    fn conditions_differ_by_sign_and_word_in_both_sets() {
        for glyphs in [UNICODE, ASCII] {
            let signs: BTreeSet<char> =
                CONDITIONS.iter().map(|condition| glyphs.condition(*condition)).collect();
            assert_eq!(signs.len(), CONDITIONS.len());
        }
        let words: BTreeSet<&str> = CONDITIONS.iter().map(|condition| word(*condition)).collect();
        assert_eq!(words.len(), CONDITIONS.len());
        assert!(CONDITIONS.iter().all(|condition| ASCII.condition(*condition).is_ascii()));
    }

    #[test]
    fn the_locale_decides() {
        assert_eq!(Glyphs::for_locale(Some("de_DE.UTF-8")), UNICODE);
        assert_eq!(Glyphs::for_locale(Some("C.utf8")), UNICODE);
        assert_eq!(Glyphs::for_locale(Some("C")), ASCII);
        assert_eq!(Glyphs::for_locale(None), ASCII);
    }
}
