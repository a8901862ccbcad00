//! Which key names which verb, by context. The default is the embedded `keymap.toml`; hints, help and the page of keys
//! read the same table, so none of them can name a key that does nothing.

use std::collections::BTreeMap;
use std::fmt;

use super::verb::Verb;
use crate::session::keys::{Key, modifier};

/// Text of the default keymap.
pub const DEFAULT: &str = include_str!("keymap.toml");

/// Where the keyboard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Everywhere but where text is typed.
    Global,
    /// The board.
    Board,
    /// A card is held.
    Held,
    /// The filter of the board is typed.
    Filter,
    /// The panes, not typing.
    Panes,
    /// Typing into a pane: what is not named here belongs to the agent.
    Typing,
    /// The same in a room of plain terminals.
    TypingShells,
    /// The inbox.
    Inbox,
    /// An answer is typed.
    Answer,
    /// The palette.
    Palette,
    /// The list of what was found in files.
    Findings,
    /// The form that drafts a wave.
    Form,
    /// The list of plans.
    Plans,
    /// Where document, plan and dependencies disagree.
    Drift,
    /// A few words are typed.
    Words,
    /// The help.
    Help,
    /// A page to read, such as a card or the notices.
    Page,
    /// Something asks before it is done.
    Confirm,
}

impl Context {
    /// Every context, outermost first.
    pub const ALL: &'static [Context] = &[
        Context::Global,
        Context::Board,
        Context::Held,
        Context::Filter,
        Context::Panes,
        Context::Typing,
        Context::TypingShells,
        Context::Inbox,
        Context::Answer,
        Context::Palette,
        Context::Findings,
        Context::Form,
        Context::Plans,
        Context::Drift,
        Context::Words,
        Context::Help,
        Context::Page,
        Context::Confirm,
    ];

    /// Its table in a keymap file.
    pub fn name(self) -> &'static str {
        match self {
            Context::Global => "global",
            Context::Board => "board",
            Context::Held => "held",
            Context::Filter => "filter",
            Context::Panes => "panes",
            Context::Typing => "typing",
            Context::TypingShells => "typing-shells",
            Context::Inbox => "inbox",
            Context::Answer => "answer",
            Context::Palette => "palette",
            Context::Findings => "findings",
            Context::Form => "form",
            Context::Plans => "plans",
            Context::Drift => "drift",
            Context::Words => "words",
            Context::Help => "help",
            Context::Page => "page",
            Context::Confirm => "confirm",
        }
    }

    /// What people read above its keys.
    pub fn title(self) -> &'static str {
        match self {
            Context::Global => "Everywhere",
            Context::Board => "Board",
            Context::Held => "While a card is held",
            Context::Filter => "While a filter is typed",
            Context::Panes => "Panes",
            Context::Typing => "While you type into an agent",
            Context::TypingShells => "While you type into a plain terminal",
            Context::Inbox => "Inbox",
            Context::Answer => "While an answer is typed",
            Context::Palette => "Palette",
            Context::Findings => "Findings",
            Context::Form => "Form of a new wave",
            Context::Plans => "Plans",
            Context::Drift => "Drift from the document",
            Context::Words => "While words are asked for",
            Context::Help => "Help",
            Context::Page => "A page to read",
            Context::Confirm => "A question of the room",
        }
    }
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Bits of [`modifier`].
    pub modifiers: u8,
}

impl Chord {
    /// A chord in the form that keymaps are compared in: the shift of a character is in the character.
    pub fn new(key: Key, modifiers: u8) -> Chord {
        match key {
            Key::Char(character) => {
                let character = if modifiers & modifier::SHIFT != 0 && character.is_ascii_lowercase() {
                    character.to_ascii_uppercase()
                } else if modifiers & modifier::CONTROL != 0 {
                    character.to_ascii_lowercase()
                } else {
                    character
                };
                Chord { key: Key::Char(character), modifiers: modifiers & !modifier::SHIFT }
            }
            Key::Tab if modifiers & modifier::SHIFT != 0 => {
                Chord { key: Key::BackTab, modifiers: modifiers & !modifier::SHIFT }
            }
            Key::BackTab => Chord { key, modifiers: modifiers & !modifier::SHIFT },
            other => Chord { key: other, modifiers },
        }
    }

    /// Reads a chord as keymap files write it: `Ctrl+P`, `Shift+Tab`, `F12`, `:`. `None` for any other text.
    pub fn parse(text: &str) -> Option<Chord> {
        let mut modifiers = 0;
        let mut rest = text;
        loop {
            let bit = match rest.split_once('+') {
                Some((_, "")) | None => break,
                Some(("Ctrl", _)) => modifier::CONTROL,
                Some(("Alt", _)) => modifier::ALT,
                Some(("Shift", _)) => modifier::SHIFT,
                Some(_) => return None,
            };
            modifiers |= bit;
            rest = rest.split_once('+').map(|(_, rest)| rest)?;
        }
        let mut characters = rest.chars();
        let key = match (characters.next()?, characters.next()) {
            (character, None) => Key::Char(character),
            ('F', Some(_)) if rest[1..].parse::<u8>().is_ok() => Key::Function(rest[1..].parse().ok()?),
            _ => NAMED.iter().find(|(name, _)| *name == rest)?.1,
        };
        Some(Chord::new(key, modifiers))
    }
}

const NAMED: &[(&str, Key)] = &[
    ("Space", Key::Char(' ')),
    ("Enter", Key::Enter),
    ("Tab", Key::Tab),
    ("Shift+Tab", Key::BackTab),
    ("Backspace", Key::Backspace),
    ("Esc", Key::Escape),
    ("Left", Key::Left),
    ("Right", Key::Right),
    ("Up", Key::Up),
    ("Down", Key::Down),
    ("Home", Key::Home),
    ("End", Key::End),
    ("PageUp", Key::PageUp),
    ("PageDown", Key::PageDown),
    ("Insert", Key::Insert),
    ("Delete", Key::Delete),
];

impl fmt::Display for Chord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (bit, name) in
            [(modifier::CONTROL, "Ctrl+"), (modifier::ALT, "Alt+"), (modifier::SHIFT, "Shift+")]
        {
            if self.modifiers & bit != 0 {
                formatter.write_str(name)?;
            }
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, key)| *key == self.key) {
            return formatter.write_str(name);
        }
        match self.key {
            Key::Char(character) if self.modifiers & modifier::CONTROL != 0 => {
                write!(formatter, "{}", character.to_ascii_uppercase())
            }
            Key::Char(character) => write!(formatter, "{character}"),
            Key::Function(number) => write!(formatter, "F{number}"),
            _ => Ok(()),
        }
    }
}

/// Keys by context, in the order in which the file lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    bindings: BTreeMap<Context, Vec<(Chord, Verb)>>,
}

/// Why a keymap could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// It is not TOML of the right shape.
    #[error("the keymap cannot be read: {0}")]
    Shape(String),
    /// A table is no context.
    #[error("`{0}` is no context of the keymap")]
    Context(String),
    /// A key is none.
    #[error("`{key}` in [{context}] is no key")]
    Key {
        /// Its table.
        context: String,
        /// Its text.
        key: String,
    },
    /// A verb is none.
    #[error("`{verb}` in [{context}] is no verb")]
    Verb {
        /// Its table.
        context: String,
        /// Its text.
        verb: String,
    },
}

impl Keymap {
    /// Reads a keymap file. Order within a table is that of the file.
    pub fn parse(text: &str) -> Result<Keymap, KeymapError> {
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| KeymapError::Shape(error.to_string()))?;
        let mut keymap = Keymap::default();
        for (name, bindings) in &table {
            let context = Context::ALL
                .iter()
                .find(|context| context.name() == name)
                .ok_or_else(|| KeymapError::Context(name.clone()))?;
            let Some(bindings) = bindings.as_table() else {
                return Err(KeymapError::Shape(format!("[{name}] is no table")));
            };
            for (key, verb) in bindings {
                let chord = Chord::parse(key)
                    .ok_or_else(|| KeymapError::Key { context: name.clone(), key: key.clone() })?;
                let verb = verb.as_str().unwrap_or_default();
                let verb = Verb::from_name(verb)
                    .ok_or_else(|| KeymapError::Verb { context: name.clone(), verb: verb.into() })?;
                keymap.bindings.entry(*context).or_default().push((chord, verb));
            }
        }
        Ok(keymap)
    }

    /// The embedded keymap. A test holds that it can be read; were it damaged, there would be no keys.
    pub fn built_in() -> Keymap {
        Keymap::parse(DEFAULT).unwrap_or_default()
    }

    /// The verb that a key names in the first of `contexts` that names one.
    pub fn verb(&self, contexts: &[Context], chord: Chord) -> Option<Verb> {
        contexts.iter().find_map(|context| {
            self.bindings(*context).iter().find(|(bound, _)| *bound == chord).map(|(_, verb)| *verb)
        })
    }

    /// The first key that names a verb in one of `contexts`, unless an inner context gives that key another meaning.
    pub fn chord(&self, contexts: &[Context], verb: Verb) -> Option<Chord> {
        contexts.iter().find_map(|context| {
            self.bindings(*context)
                .iter()
                .filter(|(_, bound)| *bound == verb)
                .map(|(chord, _)| *chord)
                .find(|chord| self.verb(contexts, *chord) == Some(verb))
        })
    }

    /// Keys of one context, as the file lists them.
    pub fn bindings(&self, context: Context) -> &[(Chord, Verb)] {
        self.bindings.get(&context).map_or(&[], Vec::as_slice)
    }

    /// The page of keys as Markdown, every binding on it: one table for each context, verbs with all their keys.
    pub fn page(&self) -> String {
        let mut page = String::from("# Keys\n");
        for context in Context::ALL {
            page.push_str(&format!("\n## {}\n\n| key | does |\n| --- | --- |\n", context.title()));
            for (verb, chords) in self.by_verb(*context) {
                let keys: Vec<String> = chords.iter().map(|chord| format!("`{chord}`")).collect();
                page.push_str(&format!("| {} | {} (`{}`) |\n", keys.join(" "), verb.help(), verb.name()));
            }
        }
        page
    }

    /// Verbs of one context with all their keys, in the order of the file.
    pub fn by_verb(&self, context: Context) -> Vec<(Verb, Vec<Chord>)> {
        let mut verbs: Vec<(Verb, Vec<Chord>)> = Vec::new();
        for (chord, verb) in self.bindings(context) {
            match verbs.iter_mut().find(|(known, _)| known == verb) {
                Some((_, chords)) => chords.push(*chord),
                None => verbs.push((*verb, vec![*chord])),
            }
        }
        verbs
    }
}

#[cfg(test)]
mod tests {
    use super::{Chord, Context, DEFAULT, Keymap, KeymapError};
    use crate::session::keys::{Key, modifier};
    use crate::tui::verb::{Plain, Verb};

    #[test]
    fn the_built_in_keymap_is_read_and_every_binding_is_on_the_page_of_keys() {
        let keymap = Keymap::parse(DEFAULT).unwrap();
        let page = keymap.page();
        for context in Context::ALL {
            assert!(!keymap.bindings(*context).is_empty(), "no keys in {}", context.name());
            let (_, section) = page.split_once(&format!("## {}\n", context.title())).unwrap();
            let section = section.split("\n## ").next().unwrap();
            for (chord, verb) in keymap.bindings(*context) {
                assert!(section.contains(&format!("`{chord}`")), "{chord} of {} is missing", context.name());
                assert!(section.contains(verb.name()), "{} is missing", verb.name());
            }
        }
    }

    #[test]
    fn chords_are_written_as_they_are_read() {
        for text in ["Ctrl+P", "Shift+Tab", "F12", ":", "Space", "Ctrl+]", "+", "Alt+Enter", "N", "Alt+1"] {
            assert_eq!(Chord::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Chord::parse("Hyper+x"), None);
        assert_eq!(Chord::parse("Nope"), None);
        assert_eq!(Chord::parse(""), None);
    }

    #[test]
    fn a_shifted_letter_is_the_same_key_however_the_terminal_says_it() {
        let plain = Chord::new(Key::Char('N'), 0);
        assert_eq!(Chord::new(Key::Char('N'), modifier::SHIFT), plain);
        assert_eq!(Chord::new(Key::Char('n'), modifier::SHIFT), plain);
        assert_eq!(Chord::new(Key::BackTab, modifier::SHIFT), Chord::new(Key::Tab, modifier::SHIFT));
    }

    #[test]
    fn keys_keep_the_order_of_the_file() {
        let keymap = Keymap::parse("[board]\n\"z\" = \"up\"\n\"b\" = \"up\"\n\"a\" = \"down\"\n").unwrap();
        let order: Vec<String> =
            keymap.bindings(Context::Board).iter().map(|(chord, _)| chord.to_string()).collect();
        assert_eq!(order, ["z", "b", "a"]);
    }

    #[test]
    fn an_inner_context_hides_the_outer_meaning_of_a_key() {
        let keymap = Keymap::built_in();
        let one = Chord::parse("1").unwrap();
        assert_eq!(keymap.verb(&[Context::Inbox, Context::Global], one), Some(Verb::Choose(1)));
        assert_eq!(
            keymap.verb(&[Context::Board, Context::Global], one),
            Some(Verb::Plain(Plain::FocusBoard))
        );
        assert_eq!(keymap.chord(&[Context::Inbox, Context::Global], Verb::Plain(Plain::FocusBoard)), None);
    }

    #[test]
    fn what_is_wrong_in_a_keymap_is_named() {
        assert_eq!(Keymap::parse("[nowhere]\n").unwrap_err(), KeymapError::Context("nowhere".into()));
        let wrong = Keymap::parse("[board]\n\"x\" = \"dance\"\n").unwrap_err();
        assert_eq!(wrong.to_string(), "`dance` in [board] is no verb");
        let wrong = Keymap::parse("[board]\n\"Hyper+x\" = \"up\"\n").unwrap_err();
        assert_eq!(wrong.to_string(), "`Hyper+x` in [board] is no key");
    }
}
