//! What things look like: roles, and themes that give each role a style. The only place in the crate that knows colours.
//!
//! A theme is a TOML file with a table of roles; a role that it leaves out takes the style of its fallback role, and a
//! theme may `inherit` another. Without colour (`NO_COLOR`, `--color never`) only attributes are left.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::engine::view::Condition;
use crate::session::Colour;

macro_rules! roles {
    ($($(#[$meta:meta])* $variant:ident = $name:literal $letter:literal $fallback:expr;)+) => {
        /// What a piece of the screen means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($(#[$meta])* $variant),+ }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Role] = &[$(Role::$variant),+];

            /// Its name in theme files.
            pub fn name(self) -> &'static str {
                match self { $(Role::$variant => $name),+ }
            }

            /// Its letter in a grid of roles.
            pub fn letter(self) -> char {
                match self { $(Role::$variant => $letter),+ }
            }

            /// Where its style comes from when a theme leaves it out.
            pub fn fallback(self) -> Option<Role> {
                match self { $(Role::$variant => $fallback),+ }
            }
        }
    };
}

roles! {
    /// The screen itself; what panes' default colours are.
    Base = "base" '.' None;
    /// Plain text.
    Text = "text" 't' Some(Role::Base);
    /// Text that stays back.
    Muted = "muted" 'm' Some(Role::Text);
    /// Headings and titles.
    Title = "title" 'T' Some(Role::Text);
    /// Where the keyboard is.
    Focus = "focus" 'F' Some(Role::Title);
    /// Thin lines.
    Rule = "rule" 'r' Some(Role::Muted);
    /// Hints.
    Hint = "hint" 'h' Some(Role::Muted);
    /// A key in a hint.
    Key = "key" 'k' Some(Role::Focus);
    /// Not started.
    NotStarted = "not-started" 'o' Some(Role::Muted);
    /// Held back.
    Held = "held" 'b' Some(Role::Muted);
    /// Working.
    Working = "working" 'w' Some(Role::Text);
    /// Waits for the operator: the one role that shouts.
    Waiting = "waiting" 'W' Some(Role::Title);
    /// A rate limit passes.
    RateLimited = "rate-limited" 'l' Some(Role::Held);
    /// Proven or closed.
    Passed = "passed" 'p' Some(Role::Muted);
    /// Failed.
    Failed = "failed" 'f' Some(Role::Text);
    /// Needs a look.
    NeedsLook = "needs-look" 'n' Some(Role::Failed);
    /// What is selected.
    Selected = "selected" 's' Some(Role::Title);
    /// Where a held card was.
    Shadow = "shadow" 'd' Some(Role::Muted);
    /// A drop that would be made.
    Allowed = "allowed" 'a' Some(Role::Working);
    /// A drop that is refused.
    Refused = "refused" 'R' Some(Role::Failed);
    /// The bar of progress.
    Progress = "progress" 'g' Some(Role::Passed);
    /// A notice.
    Notice = "notice" 'i' Some(Role::Text);
    /// Something went wrong.
    Wrong = "wrong" 'x' Some(Role::Failed);
    /// Background of what lies on top.
    Layer = "layer" 'L' Some(Role::Base);
}

impl Role {
    /// The role of a card's condition.
    pub fn of(condition: Condition) -> Role {
        match condition {
            Condition::NotStarted => Role::NotStarted,
            Condition::Held => Role::Held,
            Condition::Working => Role::Working,
            Condition::Waiting => Role::Waiting,
            Condition::RateLimited => Role::RateLimited,
            Condition::Passed => Role::Passed,
            Condition::Failed => Role::Failed,
            Condition::NeedsLook => Role::NeedsLook,
        }
    }
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourUse {
    /// Yes.
    Full,
    /// Attributes only, as `NO_COLOR` asks.
    Never,
}

/// A style for each role.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    colours: ColourUse,
    styles: Vec<Style>,
    default_foreground: Color,
    default_background: Color,
}

const BUILT_IN: &[(&str, &str)] = &[
    ("terminal", include_str!("../../themes/terminal.toml")),
    ("harbour", include_str!("../../themes/harbour.toml")),
    ("paper", include_str!("../../themes/paper.toml")),
];

/// Why a theme could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// There is none of this name.
    #[error("there is no theme `{name}`; there are {known}")]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// Its file is not TOML of the right shape.
    #[error("the theme cannot be read: {0}")]
    Shape(String),
    /// It names a role that is none.
    #[error("`{0}` is no role of a theme")]
    Role(String),
    /// It names a colour that is none.
    #[error("`{0}` is no colour: use one of the 16 names or #rrggbb")]
    Colour(String),
    /// Themes inherit each other in a circle.
    #[error("theme `{0}` inherits itself")]
    Circle(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    name: String,
    inherit: Option<String>,
    #[serde(default)]
    roles: BTreeMap<String, RoleStyle>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
struct RoleStyle {
    foreground: Option<String>,
    background: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
}

impl Theme {
    /// Names of the themes that are built in.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A built-in theme by name.
    pub fn built_in(name: &str, colours: ColourUse) -> Result<Theme, ThemeError> {
        let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = Theme::names().collect();
            return Err(ThemeError::Unknown { name: name.into(), known: known.join(", ") });
        };
        Theme::parse(text, colours)
    }

    /// The built-in theme after this one, and after the last the first; a theme of somebody's own comes before the first.
    pub fn next(&self) -> Theme {
        let at = BUILT_IN.iter().position(|(name, _)| *name == self.name);
        let (_, text) = BUILT_IN[at.map_or(0, |at| (at + 1) % BUILT_IN.len())];
        Theme::parse(text, self.colours).unwrap_or_else(|_| self.clone())
    }

    /// Reads a theme file; what it inherits must be built in.
    pub fn parse(text: &str, colours: ColourUse) -> Result<Theme, ThemeError> {
        let file: ThemeFile = toml::from_str(text).map_err(|error| ThemeError::Shape(error.to_string()))?;
        let name = file.name.clone();
        let mut chain = vec![file];
        while let Some(parent) = chain.last().and_then(|file| file.inherit.clone()) {
            if chain.len() > BUILT_IN.len() {
                return Err(ThemeError::Circle(name));
            }
            let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == parent) else {
                let known: Vec<&str> = Theme::names().collect();
                return Err(ThemeError::Unknown { name: parent, known: known.join(", ") });
            };
            chain.push(toml::from_str(text).map_err(|error| ThemeError::Shape(error.to_string()))?);
        }
        let mut given: BTreeMap<Role, RoleStyle> = BTreeMap::new();
        for file in chain.iter().rev() {
            for (role, style) in &file.roles {
                let role = Role::ALL
                    .iter()
                    .find(|known| known.name() == role)
                    .ok_or_else(|| ThemeError::Role(role.clone()))?;
                given.insert(*role, style.clone());
            }
        }
        Theme::resolve(name, &given, colours)
    }

    fn resolve(
        name: String,
        given: &BTreeMap<Role, RoleStyle>,
        colours: ColourUse,
    ) -> Result<Theme, ThemeError> {
        let base = match given.get(&Role::Base) {
            Some(style) => style.read(colours)?,
            None => Style::new(),
        };
        let mut styles = Vec::with_capacity(Role::ALL.len());
        for role in Role::ALL {
            let mut source = Some(*role);
            let mut style = Style::new();
            while let Some(candidate) = source {
                if let Some(found) = given.get(&candidate) {
                    style = found.read(colours)?;
                    break;
                }
                source = candidate.fallback();
            }
            styles.push(base.patch(style));
        }
        Ok(Theme {
            name,
            colours,
            styles,
            default_foreground: base.fg.unwrap_or(Color::Reset),
            default_background: base.bg.unwrap_or(Color::Reset),
        })
    }

    /// The style of a role, complete: it needs no other beneath it.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// The foreground of a child's cell.
    pub(crate) fn foreground(&self, colour: Colour) -> Color {
        self.colour(colour, self.default_foreground)
    }

    /// The background of a child's cell.
    pub(crate) fn background(&self, colour: Colour) -> Color {
        self.colour(colour, self.default_background)
    }

    /// The underline of a child's cell.
    pub(crate) fn underline(&self, colour: Colour) -> Color {
        self.colour(colour, Color::Reset)
    }

    #[inline]
    fn colour(&self, colour: Colour, default: Color) -> Color {
        if self.colours == ColourUse::Never {
            return Color::Reset;
        }
        match colour {
            Colour::Default => default,
            Colour::Indexed(index) => Color::Indexed(index),
            Colour::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
        }
    }

    /// A theme in which each role has a colour of its own, for tests that read roles off a screen.
    #[cfg(test)]
    pub(crate) fn probe() -> Theme {
        let styles = Role::ALL.iter().map(|role| Style::new().fg(Color::Rgb(1, *role as u8, 7))).collect();
        Theme {
            name: "probe".into(),
            colours: ColourUse::Full,
            styles,
            default_foreground: Color::Reset,
            default_background: Color::Reset,
        }
    }

    /// The role that a cell drawn with [`Theme::probe`] has; `None` for a child's own colours.
    #[cfg(test)]
    pub(crate) fn probed(foreground: Color) -> Option<Role> {
        match foreground {
            Color::Rgb(1, role, 7) => Role::ALL.get(usize::from(role)).copied(),
            _ => None,
        }
    }
}

impl RoleStyle {
    fn read(&self, colours: ColourUse) -> Result<Style, ThemeError> {
        let mut style = Style::new();
        if let Some(name) = &self.foreground {
            style.fg = Some(colour_named(name)?);
        }
        if let Some(name) = &self.background {
            style.bg = Some(colour_named(name)?);
        }
        let mut modifiers = Modifier::empty();
        for (set, modifier) in [
            (self.bold, Modifier::BOLD),
            (self.dim, Modifier::DIM),
            (self.italic, Modifier::ITALIC),
            (self.underline, Modifier::UNDERLINED),
            (self.reverse, Modifier::REVERSED),
        ] {
            if set {
                modifiers |= modifier;
            }
        }
        if colours == ColourUse::Never {
            // A background says "loud" in a theme of colours; without colours reverse has to say it.
            if style.bg.is_some() && style.fg.is_some() && self.bold {
                modifiers |= Modifier::REVERSED;
            }
            style.fg = None;
            style.bg = None;
        }
        Ok(style.add_modifier(modifiers))
    }
}

const ANSI: &[(&str, Color)] = &[
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

fn colour_named(name: &str) -> Result<Color, ThemeError> {
    if let Some((_, colour)) = ANSI.iter().find(|(known, _)| *known == name) {
        return Ok(*colour);
    }
    let wrong = || ThemeError::Colour(name.into());
    let digits = name.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or_else(wrong)?;
    let number = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
    let [_, red, green, blue] = number.to_be_bytes();
    Ok(Color::Rgb(red, green, blue))
}

/// Red, green and blue of a colour for a picture; `default` stands for the terminal's own. The 16 colours are those of
/// xterm's default palette, a little calmed.
#[cfg(test)]
pub(crate) fn rgb(colour: Color, default: (u8, u8, u8)) -> (u8, u8, u8) {
    let index = match colour {
        Color::Reset => return default,
        Color::Rgb(red, green, blue) => return (red, green, blue),
        Color::Indexed(index) => index,
        named => {
            let position = ANSI.iter().position(|(_, known)| *known == named).unwrap_or(8);
            u8::try_from(position.saturating_sub(1)).unwrap_or(7)
        }
    };
    match index {
        0..=15 => PICTURE_ANSI[usize::from(index)],
        16..=231 => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let cube = index - 16;
            (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

#[cfg(test)]
const PICTURE_ANSI: [(u8, u8, u8); 16] = [
    (28, 32, 38),
    (224, 108, 117),
    (127, 201, 139),
    (229, 192, 84),
    (97, 160, 232),
    (190, 140, 224),
    (98, 196, 216),
    (200, 208, 218),
    (104, 116, 130),
    (240, 140, 148),
    (160, 222, 170),
    (245, 216, 120),
    (140, 190, 245),
    (212, 174, 240),
    (140, 220, 235),
    (240, 244, 248),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ratatui::style::Modifier;

    use super::{ColourUse, Role, Theme, ThemeError, colour_named};

    #[test]
    fn every_theme_resolves_every_role_and_only_waiting_shouts() {
        for name in Theme::names() {
            for colours in [ColourUse::Full, ColourUse::Never] {
                let theme = Theme::built_in(name, colours).unwrap();
                let base = theme.style(Role::Base);
                for role in Role::ALL {
                    let style = theme.style(*role);
                    let loud = style.add_modifier.contains(Modifier::REVERSED)
                        || (style.bg != base.bg && *role != Role::Layer);
                    assert_eq!(loud, *role == Role::Waiting, "{name} {} {colours:?}", role.name());
                    assert!(!style.add_modifier.contains(Modifier::SLOW_BLINK));
                }
            }
        }
    }

    #[test]
    fn without_colour_no_role_has_one() {
        for name in Theme::names() {
            let theme = Theme::built_in(name, ColourUse::Never).unwrap();
            for role in Role::ALL {
                let style = theme.style(*role);
                assert_eq!((style.fg, style.bg), (None, None), "{name} {}", role.name());
            }
        }
    }

    #[test]
    fn roles_have_names_and_letters_of_their_own_and_fall_back_to_the_base() {
        let names: BTreeSet<&str> = Role::ALL.iter().map(|role| role.name()).collect();
        let letters: BTreeSet<char> = Role::ALL.iter().map(|role| role.letter()).collect();
        assert_eq!((names.len(), letters.len()), (Role::ALL.len(), Role::ALL.len()));
        for role in Role::ALL {
            let mut steps = 0;
            let mut at = *role;
            while let Some(next) = at.fallback() {
                at = next;
                steps += 1;
                assert!(steps < Role::ALL.len(), "{} falls back in a circle", role.name());
            }
            assert_eq!(at, Role::Base);
        }
    }

    #[test]
    fn a_theme_that_leaves_roles_out_takes_their_fallbacks() {
        let text = "name = \"small\"\n[roles]\nmuted = { foreground = \"#102030\" }\n";
        let theme = Theme::parse(text, ColourUse::Full).unwrap();
        assert_eq!(theme.style(Role::Rule).fg, Some(colour_named("#102030").unwrap()));
        assert_eq!(theme.style(Role::Text).fg, None);
    }

    #[test]
    fn what_is_wrong_in_a_theme_is_named() {
        let parse = |text: &str| Theme::parse(text, ColourUse::Full).unwrap_err();
        assert_eq!(parse("name = \"x\"\n[roles]\nsparkle = {}\n"), ThemeError::Role("sparkle".into()));
        assert_eq!(
            parse("name = \"x\"\n[roles]\ntext = { foreground = \"beige\" }\n"),
            ThemeError::Colour("beige".into())
        );
        assert!(matches!(parse("name = \"x\"\ninherit = \"y\"\n"), ThemeError::Unknown { .. }));
        assert!(matches!(parse("name = 3"), ThemeError::Shape(_)));
    }
}
