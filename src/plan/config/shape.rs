//! What a key of the configuration takes. One table of keys (in [`super::keys`]) serves the check, the schema and
//! `config show`, so none of them can know a key that another does not.

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A string.
    Text,
    /// A path inside the project.
    Path,
    /// `true` or `false`.
    Flag,
    /// A whole number, zero or above.
    Whole,
    /// A wave number from which a rule holds; `null` switches it off.
    Threshold,
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// The name of an environment variable.
    Variable,
    /// A list of names of environment variables.
    Variables,
    /// A runtime by name.
    Runtime,
    /// A list of strings; a single string counts as a list of one.
    Texts,
    /// A list of paths inside the project.
    Paths,
    /// A list of runtimes by name.
    Runtimes,
    /// An object with these keys.
    Object(&'static [Key]),
    /// An object with any keys, all of one shape.
    Map(&'static Shape),
    /// An object with keys that some words name, all of one shape.
    MapOf(&'static [&'static str], &'static Shape),
    /// An object whose keys are runtimes, all of one shape.
    ByRuntime(&'static Shape),
    /// A list of objects with these keys.
    Objects(&'static [Key]),
    /// Any object; another program knows what is in it.
    Foreign,
}

/// A key of an object.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// What holds without it, as JSON; an empty text where nothing holds or other keys decide.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What it was called before, and what to write now; the old name is refused.
    pub renamed_from: Option<(&'static str, &'static str)>,
}

impl Key {
    /// A key under which nothing holds by default.
    pub const fn new(name: &'static str, shape: Shape, about: &'static str) -> Key {
        Key { name, shape, default: "", about, renamed_from: None }
    }

    /// A key with a default, written as JSON.
    pub const fn or(name: &'static str, shape: Shape, default: &'static str, about: &'static str) -> Key {
        Key { name, shape, default, about, renamed_from: None }
    }

    /// The same key, once called `from`; `now` is what to write instead.
    pub const fn renamed(self, from: &'static str, now: &'static str) -> Key {
        Key { renamed_from: Some((from, now)), ..self }
    }
}

impl Shape {
    /// What it takes, in words.
    pub fn words(&self) -> String {
        match self {
            Shape::Text => "a string".into(),
            Shape::Path => "a path inside the project".into(),
            Shape::Flag => "true or false".into(),
            Shape::Whole => "a whole number, zero or above".into(),
            Shape::Threshold => "a wave number, or null".into(),
            Shape::OneOf(words) => format!("one of {}", words.join(", ")),
            Shape::Variable => "the name of an environment variable, never its value".into(),
            Shape::Variables => "a list of names of environment variables".into(),
            Shape::Runtime => "a runtime by name".into(),
            Shape::Texts => "a list of strings".into(),
            Shape::Paths => "a list of paths inside the project".into(),
            Shape::Runtimes => "a list of runtimes by name".into(),
            Shape::Object(_) | Shape::Map(_) | Shape::MapOf(..) | Shape::ByRuntime(_) | Shape::Foreign => {
                "an object".into()
            }
            Shape::Objects(_) => "a list of objects".into(),
        }
    }
}
