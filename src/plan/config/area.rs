//! One area of the configuration, such as `roles`, seen through its layers: what the nearest layer sets, else the default
//! that the table of keys states. So a default stands in one place.

use serde_json::Value;

use super::super::json::child;
use super::layers::{Lookup, project_path};
use super::shape::Key;

/// An area with its layers, weakest first.
pub(super) struct Area<'d> {
    lookup: Lookup<'d>,
    layers: Vec<String>,
    keys: &'static [Key],
}

impl<'d> Area<'d> {
    /// The area whose layers stand at these pointers.
    pub(super) fn new(lookup: Lookup<'d>, layers: Vec<String>, keys: &'static [Key]) -> Area<'d> {
        Area { lookup, layers, keys }
    }

    /// An object inside this area. The nearest layer that has it has all of it: what it leaves out is by default and not
    /// what a layer above says, as in `@chllming/wave-orchestration` 0.9.15.
    pub(super) fn whole_object(&self, name: &str, keys: &'static [Key]) -> Area<'d> {
        let nearest = self.lookup.find(&self.layers, name).into_iter().collect();
        Area::new(self.lookup, nearest, keys)
    }

    /// An object inside this area, looked up key by key through all layers.
    pub(super) fn joined_object(&self, name: &str, keys: &'static [Key]) -> Area<'d> {
        let layers = self.layers.iter().map(|layer| child(layer, name)).collect();
        Area::new(self.lookup, layers, keys)
    }

    fn default(&self, name: &str) -> Value {
        let key = self.keys.iter().find(|key| key.name == name);
        key.and_then(|key| serde_json::from_str(key.default).ok()).unwrap_or_default()
    }

    /// A string, where one is set or there is a default.
    pub(super) fn optional_text(&self, name: &str) -> Option<String> {
        let set = self.lookup.text(&self.layers, name);
        set.or_else(|| self.default(name).as_str().map(str::to_string))
    }

    /// A string that has a default.
    pub(super) fn text(&self, name: &str) -> String {
        self.optional_text(name).unwrap_or_default()
    }

    /// A path inside the project that has a default.
    pub(super) fn path(&self, name: &str) -> String {
        let set = self.lookup.text(&self.layers, name).and_then(|text| project_path(&text));
        set.unwrap_or_else(|| self.default(name).as_str().unwrap_or_default().to_string())
    }

    /// A list of strings.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.lookup.list(&self.layers, name).unwrap_or_else(|| {
            let default = self.default(name);
            let items = default.as_array().into_iter().flatten();
            items.filter_map(Value::as_str).map(str::to_string).collect()
        })
    }

    /// A whole number that has a default.
    pub(super) fn whole(&self, name: &str) -> u32 {
        let default = || self.default(name).as_u64().and_then(|number| u32::try_from(number).ok());
        self.lookup.number(&self.layers, name).or_else(default).unwrap_or_default()
    }

    /// A threshold: `null` switches it off.
    pub(super) fn threshold(&self, name: &str) -> Option<u32> {
        let default = self.default(name).as_u64().and_then(|number| u32::try_from(number).ok());
        self.lookup.threshold(&self.layers, name, default)
    }

    /// Whether something is switched on.
    pub(super) fn flag(&self, name: &str) -> bool {
        let default = || self.default(name).as_bool();
        self.lookup.flag(&self.layers, name).or_else(default).unwrap_or_default()
    }

    /// One of some words, by `read`; the default where the word is none of them.
    pub(super) fn word<T>(&self, name: &str, read: fn(&str) -> Option<T>) -> Option<T> {
        let set = self.lookup.text(&self.layers, name).and_then(|word| read(&word));
        set.or_else(|| self.default(name).as_str().and_then(read))
    }

    /// The objects of a list, each as an area.
    pub(super) fn objects(&self, name: &str, keys: &'static [Key]) -> Vec<Area<'d>> {
        let Some(pointer) = self.lookup.find(&self.layers, name) else { return Vec::new() };
        let count = self.lookup.document.get(&pointer).and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).map(|index| Area::new(self.lookup, vec![format!("{pointer}/{index}")], keys)).collect()
    }
}
