//! What agents and the prompt take from outside: documentation of Context7, findings of Corridor, credentials. Names of
//! environment variables only; a value never stands in the configuration and is never read here.

use serde::{Deserialize, Serialize};

use super::area::Area;
use super::keys::{CONTEXT7, CORRIDOR, CREDENTIAL, PROVIDERS, WAVE_CONTROL};

/// How a provider is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Its own service with a key of ours.
    Direct,
    /// A broker that holds the key. Not done here.
    Broker,
    /// The broker, else direct. Done as direct here.
    Hybrid,
}

/// Services outside, and the credentials that agents expect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// Documentation of libraries.
    pub context7: Context7Access,
    /// Findings of a security service.
    pub corridor: CorridorAccess,
    /// Environment variables that agents expect.
    pub credentials: Vec<Credential>,
}

/// `externalProviders.context7`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context7Access {
    /// How it is reached.
    pub access: Access,
    /// The environment variable that holds the key; without it nothing is fetched.
    pub key_variable: String,
}

/// `externalProviders.corridor`. Wavedeck asks it nothing; `doctor` says whether its credentials are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorridorAccess {
    /// Whether the repository uses it.
    pub enabled: bool,
    /// The environment variable that holds the token.
    pub token_variable: String,
    /// The one that is taken when there is no token.
    pub key_variable: String,
}

/// An environment variable that agents expect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its name among people.
    pub id: String,
    /// The environment variable.
    pub variable: String,
}

impl Access {
    /// Reads `direct`, `broker` or `hybrid`.
    pub fn of(word: &str) -> Option<Access> {
        match word {
            "direct" => Some(Access::Direct),
            "broker" => Some(Access::Broker),
            "hybrid" => Some(Access::Hybrid),
            _ => None,
        }
    }
}

impl Outside {
    /// From the top of each layer.
    pub(super) fn read(top: &Area<'_>) -> Outside {
        let providers = top.joined_object("externalProviders", PROVIDERS);
        let context7 = providers.joined_object("context7", CONTEXT7);
        let corridor = providers.joined_object("corridor", CORRIDOR);
        let control = top.joined_object("waveControl", WAVE_CONTROL);
        let credentials = control.objects("credentials", CREDENTIAL);
        Outside {
            context7: Context7Access {
                access: context7.word("mode", Access::of).unwrap_or(Access::Direct),
                key_variable: context7.text("apiKeyEnvVar"),
            },
            corridor: CorridorAccess {
                enabled: corridor.flag("enabled"),
                token_variable: corridor.text("apiTokenEnvVar"),
                key_variable: corridor.text("apiKeyFallbackEnvVar"),
            },
            credentials: credentials.iter().filter_map(Credential::read).collect(),
        }
    }
}

impl Credential {
    fn read(entry: &Area<'_>) -> Option<Credential> {
        Some(Credential { id: entry.optional_text("id")?, variable: entry.optional_text("envVar")? })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::{Access, Credential};

    #[test]
    fn layers_meet_provider_by_provider() {
        let outside = Config::default().outside;
        assert_eq!(outside.context7.key_variable, "CONTEXT7_API_KEY");
        assert_eq!((outside.context7.access, outside.corridor.enabled), (Access::Direct, false));
        let text = r#"{
            "externalProviders": {"context7": {"mode": "hybrid", "apiKeyEnvVar": "TOP"}},
            "waveControl": {"credentials": [{"id": "store", "envVar": "STORE_KEY"}, {"id": "half"}]},
            "lanes": {"main": {"externalProviders": {"context7": {"apiKeyEnvVar": "LANE"}}}}}"#;
        let outside = Config::for_lane(Some(text), "main").0.outside;
        assert_eq!(
            (outside.context7.access, outside.context7.key_variable.as_str()),
            (Access::Hybrid, "LANE")
        );
        let store = Credential { id: "store".into(), variable: "STORE_KEY".into() };
        assert_eq!(outside.credentials, [store]);
    }
}
