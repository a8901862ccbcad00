//! JSON Schema (draft 2020-12) of the configuration, made of the table of keys.

use serde_json::{Map, Value, json};

use super::keys::TOP;
use super::profile::PROFILE_FILE;
use super::shape::{Key, Shape};

/// The schema of `wave.config.json`.
pub fn wave_config() -> Value {
    file("wave.config.json", TOP)
}

/// The schema of `project-profile.json`.
pub fn project_profile() -> Value {
    file("project-profile.json", PROFILE_FILE)
}

fn file(title: &str, keys: &[Key]) -> Value {
    let mut schema = object(keys);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("title".into(), title.into());
    }
    schema
}

fn of(shape: &Shape) -> Value {
    let text = || json!({ "type": "string" });
    let variable = || json!({ "type": "string", "pattern": "^[A-Z_][A-Z0-9_]*$" });
    let list = |item: Value| json!({ "anyOf": [item, { "type": "array", "items": item }] });
    match shape {
        Shape::Text | Shape::Path | Shape::Runtime => text(),
        Shape::Variable => variable(),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Whole => json!({ "type": "integer", "minimum": 0 }),
        Shape::Threshold => json!({ "type": ["integer", "null"], "minimum": 0 }),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::Texts | Shape::Paths | Shape::Runtimes => list(text()),
        Shape::Variables => list(variable()),
        Shape::Object(keys) => object(keys),
        Shape::Objects(keys) => json!({ "type": "array", "items": object(keys) }),
        Shape::Map(value) | Shape::ByRuntime(value) => {
            json!({ "type": "object", "additionalProperties": of(value) })
        }
        Shape::MapOf(words, value) => json!({
            "type": "object", "propertyNames": { "enum": words }, "additionalProperties": of(value),
        }),
        Shape::Foreign => json!({ "type": "object" }),
    }
}

fn object(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut value = of(&key.shape);
        if let Some(value) = value.as_object_mut() {
            value.insert("description".into(), key.about.into());
            if let Ok(default) = serde_json::from_str::<Value>(key.default) {
                value.insert("default".into(), default);
            }
        }
        properties.insert(key.name.to_string(), value);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use super::wave_config;

    #[test]
    fn every_default_is_json_and_every_key_says_what_it_is_for() {
        let schema = wave_config();
        let threshold = &schema["properties"]["validation"]["properties"]["requireExitContractsFromWave"];
        assert_eq!(threshold["default"], 6);
        assert_eq!(threshold["type"], serde_json::json!(["integer", "null"]));
        assert!(threshold["description"].as_str().is_some_and(|text| !text.is_empty()));
        let lane = &schema["properties"]["lanes"]["additionalProperties"]["properties"]["wavesDir"];
        assert_eq!(lane["type"], "string");
    }
}
