//! What a task in somebody's words is about. Words are compared whole: `relationship` has nothing to do with `ship`, and
//! the words of a path say where, not what.

use super::paths::without_paths;

/// What a task can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    /// Something is rolled out.
    Deploy,
    /// An environment is prepared.
    Infra,
    /// Something is found out.
    Research,
    /// It touches what protects.
    Security,
    /// Something is measured.
    Eval,
    /// Documents are most of it.
    Documents,
}

/// Words of topics; several words stand next to each other. A word also matches with a plain ending, see [`ENDINGS`].
const WORDS: [(Topic, &[&str]); 6] = [
    (
        Topic::Deploy,
        &[
            "deploy",
            "deployment",
            "redeploy",
            "release",
            "releasing",
            "rollout",
            "roll out",
            "ship",
            "go live",
            "cutover",
            "cut over",
            "canary",
            "publish",
        ],
    ),
    (
        Topic::Infra,
        &[
            "infra",
            "infrastructure",
            "terraform",
            "kubernetes",
            "k8s",
            "helm",
            "ansible",
            "docker",
            "dockerfile",
            "provision",
            "provisioning",
            "cluster",
            "load balancer",
            "dns",
            "vpc",
        ],
    ),
    (
        Topic::Research,
        &[
            "research",
            "investigate",
            "investigating",
            "investigation",
            "explore",
            "exploring",
            "survey",
            "spike",
            "find out",
            "analyze",
            "analyse",
            "analysis",
            "compare",
            "study",
        ],
    ),
    (
        Topic::Security,
        &[
            "security",
            "secure",
            "vulnerability",
            "vulnerabilities",
            "auth",
            "authentication",
            "authorization",
            "oauth",
            "secret",
            "credential",
            "permission",
            "encrypt",
            "encryption",
            "xss",
            "csrf",
            "sql injection",
            "cve",
            "threat",
            "password",
        ],
    ),
    (Topic::Eval, &["eval", "evaluation", "benchmark", "benchmarking", "service output"]),
    (
        Topic::Documents,
        &["doc", "documentation", "readme", "changelog", "tutorial", "guide", "runbook", "document"],
    ),
];

/// Endings that change nothing of what a word is about.
const ENDINGS: [&str; 4] = ["", "s", "ed", "ing"];

/// Words that name a kind of environment, and the kind. The first that a text has counts.
const PROVIDERS: [(&str, &str); 9] = [
    ("railway mcp", "railway-mcp"),
    ("railway", "railway-cli"),
    ("docker compose", "docker-compose"),
    ("docker", "docker-compose"),
    ("kubernetes", "kubernetes"),
    ("k8s", "kubernetes"),
    ("kubectl", "kubernetes"),
    ("helm", "kubernetes"),
    ("ssh", "ssh-manual"),
];

/// The words of a text without its paths, lower-case.
#[derive(Debug)]
pub(super) struct Words {
    words: Vec<String>,
}

impl Words {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Words {
        let text = without_paths(text).to_lowercase();
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        Words { words: words.map(str::to_string).collect() }
    }

    /// Whether it is about a topic.
    pub(super) fn are_about(&self, topic: Topic) -> bool {
        WORDS
            .iter()
            .filter(|(known, _)| *known == topic)
            .any(|(_, words)| words.iter().any(|words| self.has(words)))
    }

    /// The kind of environment that it names.
    pub(super) fn provider(&self) -> Option<&'static str> {
        PROVIDERS.iter().find(|(words, _)| self.has(words)).map(|(_, kind)| *kind)
    }

    /// Kind of the worker that it needs.
    pub(super) fn worker(&self) -> &'static str {
        [(Topic::Deploy, "deploy"), (Topic::Infra, "infra"), (Topic::Research, "research")]
            .into_iter()
            .find(|(topic, _)| self.are_about(*topic))
            .map_or("implementation", |(_, kind)| kind)
    }

    /// Whether these words stand in it, next to each other; the last one may have an ending.
    fn has(&self, words: &str) -> bool {
        let wanted: Vec<&str> = words.split(' ').collect();
        self.words.windows(wanted.len()).any(|found| {
            let mut pairs = found.iter().zip(&wanted).rev();
            let ends = pairs.next().is_some_and(|(found, wanted)| {
                found.strip_prefix(wanted).is_some_and(|ending| {
                    ENDINGS.contains(&ending) || (ending == "d" && wanted.ends_with('e'))
                })
            });
            ends && pairs.all(|(found, wanted)| found == wanted)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Topic, Words};

    fn check(text: &str, worker: &str, about: &[Topic]) {
        let words = Words::of(text);
        let all =
            [Topic::Deploy, Topic::Infra, Topic::Research, Topic::Security, Topic::Eval, Topic::Documents];
        let found: Vec<Topic> = all.into_iter().filter(|topic| words.are_about(*topic)).collect();
        assert_eq!((words.worker(), found.as_slice()), (worker, about), "{text}");
    }

    #[test]
    fn tasks_are_about_what_their_words_say() {
        for (text, worker, about) in [
            ("Show the relationship of two records", "implementation", &[] as &[Topic]),
            ("Rename the membership table and the shipment id", "implementation", &[]),
            ("Ship the new importer", "deploy", &[Topic::Deploy]),
            ("We shipped nothing", "implementation", &[]),
            ("Deploy to staging, then roll out to everyone", "deploy", &[Topic::Deploy]),
            ("Roll the dice and walk out", "implementation", &[]),
            ("We released it", "deploy", &[Topic::Deploy]),
            ("Releases need notes in the changelog", "deploy", &[Topic::Deploy, Topic::Documents]),
            ("Fix a typo in `deploy/README.md`", "implementation", &[]),
            ("Fix a typo in docs/security/secrets.md", "implementation", &[]),
            ("Provision a Kubernetes cluster", "infra", &[Topic::Infra]),
            ("Undock the dockets", "implementation", &[]),
            ("Research how authors name waves", "research", &[Topic::Research]),
            ("Name the author of each commit", "implementation", &[]),
            ("Mend OAuth: authentication fails", "implementation", &[Topic::Security]),
            ("Retrieval of medieval coins", "implementation", &[]),
            ("Benchmark the parser", "implementation", &[Topic::Eval]),
            ("Evaluate nothing", "implementation", &[]),
            ("Document the doctor's dock", "implementation", &[Topic::Documents]),
            ("Secretary desk order form", "implementation", &[]),
        ] {
            check(text, worker, about);
        }
    }

    #[test]
    fn providers_are_named_by_words() {
        for (text, kind) in [
            ("Deploy by the railway MCP", Some("railway-mcp")),
            ("Deploy on Railway", Some("railway-cli")),
            ("with docker-compose", Some("docker-compose")),
            ("kubectl apply", Some("kubernetes")),
            ("over ssh", Some("ssh-manual")),
            ("overwhelmed sshd", None),
        ] {
            assert_eq!(Words::of(text).provider(), kind, "{text}");
        }
    }
}
