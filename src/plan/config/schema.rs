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
    use serde_json::{Value, json};

    use super::{project_profile, wave_config};

    const REAL: &str = include_str!("../../../tests/fixtures/waves/repo/wave.config.json");

    /// Whether a value is as a schema says, by the keywords that are used here.
    fn is_valid(value: &Value, schema: &Value) -> bool {
        let is_type = |name: &Value| match name.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64() || value.is_i64(),
            "null" => value.is_null(),
            other => panic!("the type {other}"),
        };
        let nothing = serde_json::Map::new();
        schema.as_object().unwrap().iter().all(|(keyword, says)| match keyword.as_str() {
            "type" => says.as_array().map_or_else(|| is_type(says), |names| names.iter().any(is_type)),
            "enum" => says.as_array().unwrap().contains(value),
            "minimum" => value.as_i64().is_none_or(|number| number >= says.as_i64().unwrap()),
            "anyOf" => says.as_array().unwrap().iter().any(|one| is_valid(value, one)),
            "items" => value.as_array().is_none_or(|items| items.iter().all(|item| is_valid(item, says))),
            "propertyNames" => value
                .as_object()
                .is_none_or(|members| members.keys().all(|name| is_valid(&json!(name), says))),
            "properties" => value.as_object().is_none_or(|members| {
                members.iter().all(|(name, member)| says.get(name).is_none_or(|says| is_valid(member, says)))
            }),
            "additionalProperties" => value.as_object().is_none_or(|members| {
                let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
                let mut others = members.iter().filter(|(name, _)| !known.contains_key(*name));
                match says {
                    Value::Bool(false) => others.next().is_none(),
                    says => others.all(|(_, member)| is_valid(member, says)),
                }
            }),
            "pattern" => value.as_str().is_none_or(|text| {
                assert_eq!(says, "^[A-Z_][A-Z0-9_]*$");
                !text.is_empty() && text.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
            }),
            "$schema" | "title" | "description" | "default" => true,
            other => panic!("the keyword {other}"),
        })
    }

    #[test]
    fn the_real_configuration_is_valid_and_its_mutations_are_not() {
        let schema = wave_config();
        assert!(is_valid(&serde_json::from_str(REAL).unwrap(), &schema));
        for (from, to) in [
            ("\"projectName\":", "\"projectname\":"),
            ("\"single-repo\"", "\"singel-repo\""),
            ("\"minutes\": 45", "\"minutes\": -45"),
            ("\"tags\": [", "\"tag\": ["),
            ("\"allowInferredIntegration\": true", "\"allowInferredIntegration\": 1"),
            ("\"design\": \"claude\"", "\"desing\": \"claude\""),
            ("\"codex\": 7", "\"codex\": \"7\""),
        ] {
            let changed = REAL.replacen(from, to, 1);
            assert_ne!(changed, REAL, "{from}");
            assert!(!is_valid(&serde_json::from_str(&changed).unwrap(), &schema), "{to}");
        }
    }

    #[test]
    fn a_profile_that_is_written_is_valid() {
        let profile = json!({"newProject": true, "deployEnvironments": [{"id": "live", "kind": "kubernetes",
            "credentialsExpected": ["KUBECONFIG"]}]});
        assert!(is_valid(&profile, &project_profile()));
        assert!(!is_valid(&json!({"deployEnvironments": [{"kind": "cloud"}]}), &project_profile()));
    }

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
