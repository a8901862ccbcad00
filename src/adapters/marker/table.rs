//! The table of markers: which there are and what each holds.

/// Kinds of marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What is proven.
    Proof,
    /// What the work does to documents.
    DocDelta,
    /// Where a component stands.
    Component,
    /// The documentation steward's result.
    DocClosure,
    /// The integration steward's result.
    Integration,
    /// The cont-EVAL result.
    Eval,
    /// The security review's result.
    Security,
    /// The design result.
    Design,
    /// The cont-QA gate.
    Gate,
    /// Something is missing.
    Gap,
    /// The cont-QA verdict.
    Verdict,
    /// What the agent is at.
    Phase,
    /// How a service's rollout stands.
    DeployStatus,
    /// How a piece of infrastructure stands.
    InfraStatus,
}

/// One key of a marker.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name.
    pub(super) name: &'static str,
    /// What it takes.
    pub(super) takes: Takes,
    /// Whether the marker is rejected without it.
    pub(super) required: bool,
}

/// What a key takes.
#[derive(Debug)]
pub(super) enum Takes {
    /// One of these words, in any case.
    Word(&'static [&'static str]),
    /// `met`, `gap`, or `complete`, which is read as `met`.
    Met,
    /// The first word after the tag, one of these.
    First(&'static [&'static str]),
    /// The first word after the tag, any.
    AnyFirst,
    /// A number; what is none counts as 0.
    Count,
    /// `[A-Za-z0-9._-]+`.
    Id,
    /// A comma-separated list.
    List,
    /// A comma-separated list in lower case.
    LowerList,
    /// Anything.
    Text,
}

const fn required(name: &'static str, takes: Takes) -> Key {
    Key { name, takes, required: true }
}

const fn optional(name: &'static str, takes: Takes) -> Key {
    Key { name, takes, required: false }
}

const DETAIL: Key = optional("detail", Takes::Text);
const GATE: Takes = Takes::Word(&["pass", "concerns", "blocked", "gap"]);

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 14] = [
        Kind::Proof,
        Kind::DocDelta,
        Kind::Component,
        Kind::DocClosure,
        Kind::Integration,
        Kind::Eval,
        Kind::Security,
        Kind::Design,
        Kind::Gate,
        Kind::Gap,
        Kind::Verdict,
        Kind::Phase,
        Kind::DeployStatus,
        Kind::InfraStatus,
    ];

    /// What stands between the brackets.
    pub fn tag(self) -> &'static str {
        match self {
            Kind::Proof => "wave-proof",
            Kind::DocDelta => "wave-doc-delta",
            Kind::Component => "wave-component",
            Kind::DocClosure => "wave-doc-closure",
            Kind::Integration => "wave-integration",
            Kind::Eval => "wave-eval",
            Kind::Security => "wave-security",
            Kind::Design => "wave-design",
            Kind::Gate => "wave-gate",
            Kind::Gap => "wave-gap",
            Kind::Verdict => "wave-verdict",
            Kind::Phase => "wave-phase",
            Kind::DeployStatus => "deploy-status",
            Kind::InfraStatus => "infra-status",
        }
    }

    /// The tag without `wave-`: the word that `wavedeck signal` takes.
    pub fn word(self) -> &'static str {
        let tag = self.tag();
        tag.strip_prefix("wave-").unwrap_or(tag)
    }

    /// Reads a word of `wavedeck signal`.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The marker with what each key may be in its place, for prompts. It is not read back as a marker.
    pub fn template(self) -> String {
        let mut line = format!("[{}]", self.tag());
        for key in self.keys() {
            let name = if key.positional() { String::new() } else { format!("{}=", key.name) };
            let value = match &key.takes {
                Takes::Word(words) | Takes::First(words) => words.join("|"),
                Takes::Met => "met|gap".to_owned(),
                Takes::Count => "number".to_owned(),
                Takes::Id => "id".to_owned(),
                Takes::List | Takes::LowerList => "a,b".to_owned(),
                Takes::AnyFirst | Takes::Text => "text".to_owned(),
            };
            line.push_str(&format!(" {name}<{value}>"));
        }
        line
    }

    /// Reads what stands between the brackets, in any case.
    pub(super) fn from_tag(tag: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.tag().eq_ignore_ascii_case(tag))
    }

    /// Whether the line is a status line: read wherever a line begins with it, and no candidate when a fence is judged.
    pub(super) fn is_status_line(self) -> bool {
        match self {
            Kind::Verdict | Kind::Phase | Kind::DeployStatus | Kind::InfraStatus => true,
            Kind::Proof
            | Kind::DocDelta
            | Kind::Component
            | Kind::DocClosure
            | Kind::Integration
            | Kind::Eval
            | Kind::Security
            | Kind::Design
            | Kind::Gate
            | Kind::Gap => false,
        }
    }

    /// Its keys, in the order in which they are printed.
    pub(super) fn keys(self) -> &'static [Key] {
        match self {
            Kind::Proof => {
                const {
                    &[
                        required(
                            "completion",
                            Takes::Word(&["contract", "integrated", "authoritative", "live"]),
                        ),
                        required("durability", Takes::Word(&["none", "ephemeral", "durable"])),
                        required("proof", Takes::Word(&["unit", "integration", "live"])),
                        required("state", Takes::Met),
                        DETAIL,
                    ]
                }
            }
            Kind::DocDelta => {
                const {
                    &[
                        required("state", Takes::Word(&["none", "owned", "shared-plan"])),
                        optional("paths", Takes::List),
                        DETAIL,
                    ]
                }
            }
            Kind::Component => {
                const {
                    &[
                        required("component", Takes::Id),
                        required("level", Takes::Id),
                        required("state", Takes::Met),
                        DETAIL,
                    ]
                }
            }
            Kind::DocClosure => {
                const {
                    &[
                        required("state", Takes::Word(&["closed", "no-change", "delta"])),
                        optional("paths", Takes::List),
                        DETAIL,
                    ]
                }
            }
            Kind::Integration => {
                const {
                    &[
                        required("state", Takes::Word(&["ready-for-doc-closure", "needs-more-work"])),
                        required("claims", Takes::Count),
                        required("conflicts", Takes::Count),
                        required("blockers", Takes::Count),
                        DETAIL,
                    ]
                }
            }
            Kind::Eval => {
                const {
                    &[
                        required("state", Takes::Word(&["satisfied", "needs-more-work", "blocked"])),
                        required("targets", Takes::Count),
                        required("benchmarks", Takes::Count),
                        required("regressions", Takes::Count),
                        optional("target_ids", Takes::LowerList),
                        optional("benchmark_ids", Takes::LowerList),
                        DETAIL,
                    ]
                }
            }
            Kind::Security => {
                const {
                    &[
                        required("state", Takes::Word(&["clear", "concerns", "blocked"])),
                        required("findings", Takes::Count),
                        required("approvals", Takes::Count),
                        DETAIL,
                    ]
                }
            }
            Kind::Design => {
                const {
                    &[
                        required(
                            "state",
                            Takes::Word(&["ready-for-implementation", "needs-clarification", "blocked"]),
                        ),
                        required("decisions", Takes::Count),
                        required("assumptions", Takes::Count),
                        required("open_questions", Takes::Count),
                        DETAIL,
                    ]
                }
            }
            Kind::Gate => {
                const {
                    &[
                        required("architecture", GATE),
                        required("integration", GATE),
                        required("durability", GATE),
                        required("live", GATE),
                        required("docs", GATE),
                        DETAIL,
                    ]
                }
            }
            Kind::Gap => {
                const {
                    &[
                        required(
                            "kind",
                            Takes::Word(&["architecture", "integration", "durability", "ops", "docs"]),
                        ),
                        DETAIL,
                    ]
                }
            }
            Kind::Verdict => {
                const {
                    &[
                        required("verdict", Takes::First(&["pass", "concerns", "blocked", "hold", "fail"])),
                        DETAIL,
                    ]
                }
            }
            Kind::Phase => const { &[required("phase", Takes::AnyFirst)] },
            Kind::DeployStatus => {
                const {
                    &[
                        required("service", Takes::Text),
                        required("state", Takes::Word(&["deploying", "healthy", "failed", "rolledover"])),
                        DETAIL,
                    ]
                }
            }
            Kind::InfraStatus => {
                const {
                    &[
                        required("kind", Takes::Text),
                        required("target", Takes::Text),
                        required("state", Takes::Text),
                        DETAIL,
                    ]
                }
            }
        }
    }
}

impl Key {
    /// Whether the value stands without its key.
    pub(super) fn positional(&self) -> bool {
        matches!(self.takes, Takes::First(_) | Takes::AnyFirst)
    }

    /// The canonical form of a trimmed, non-empty value; `None` when the key does not take it.
    pub(super) fn canonical(&self, value: &str) -> Option<String> {
        let lower = value.to_lowercase();
        match &self.takes {
            Takes::Word(words) => words.contains(&lower.as_str()).then_some(lower),
            // A verdict `fail` means what `blocked` means; that is how the predecessor reads it, too.
            Takes::First(words) => {
                let known = words.contains(&lower.as_str());
                known.then(|| if lower == "fail" { "blocked".to_owned() } else { lower })
            }
            Takes::Met => match lower.as_str() {
                "met" | "complete" => Some("met".to_owned()),
                "gap" => Some(lower),
                _ => None,
            },
            Takes::AnyFirst => Some(lower),
            Takes::Count => Some(value.parse::<u64>().unwrap_or(0).to_string()),
            Takes::Id => {
                let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
                plain.then(|| value.to_owned())
            }
            Takes::List => Some(listed(value)),
            Takes::LowerList => Some(listed(&lower)),
            Takes::Text => Some(value.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }

    /// What the key may be, for a sentence: empty, or `: a, b or c`.
    pub(super) fn allowed(&self) -> String {
        match &self.takes {
            Takes::Word(words) | Takes::First(words) => format!("; it may be {}", words.join(", ")),
            Takes::Met => "; it may be met, gap".to_owned(),
            Takes::Count => "; it is a number".to_owned(),
            Takes::Id => "; it may hold letters, digits, `.`, `_` and `-`".to_owned(),
            Takes::AnyFirst | Takes::List | Takes::LowerList | Takes::Text => String::new(),
        }
    }
}

/// A list without blanks around its items and without empty ones.
fn listed(value: &str) -> String {
    let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.collect::<Vec<_>>().join(",")
}
