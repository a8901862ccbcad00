//! The gate over the component matrix at the end of a wave: what the wave promotes is still in the matrix, and nobody wrote
//! it further than the wave proved.
//!
//! In the npm package `@chllming/wave-orchestration` 0.9.15 the documentation steward writes the level by hand, and its
//! gate wants exactly the promised one there. Here a wave that closes writes it, so a level that is not reached yet is no
//! fault; one beyond it still is, since no gate said so. The codes are those of that package.

use super::failed;
use crate::engine::brief::{AgentBrief, WaveBrief};
use crate::engine::fact::{FailureClass, Verdict};
use crate::engine::input::{Evidence, MatrixReading};
use crate::plan::matrix::Standing;
use crate::plan::role::Role;

/// Whether an agent answers for the matrix: the documentation steward of a wave that promotes something, and cont-QA where
/// there is none. Who gathers evidence reads the matrix for that agent.
pub fn answers_for_matrix(wave: &WaveBrief, agent: &AgentBrief) -> bool {
    let has_documentation = || wave.agents.iter().any(|other| other.role == Role::Documentation);
    match agent.role {
        Role::Documentation => !wave.promotions.is_empty(),
        Role::ContQa => !wave.promotions.is_empty() && !has_documentation(),
        Role::Design
        | Role::Implementation
        | Role::Infra
        | Role::Deploy
        | Role::Research
        | Role::Integration
        | Role::ContEval
        | Role::Security => false,
    }
}

/// Judges the matrix when the agent that answers for it is through with its own work; opens for every other agent. Codes:
/// `component-matrix-invalid`, `unknown-component`, `component-current-level-stale`.
pub(super) fn currency_gate(wave: &WaveBrief, agent: &AgentBrief, evidence: &Evidence) -> Verdict {
    if !answers_for_matrix(wave, agent) {
        return Verdict::Passed;
    }
    let standings = match &evidence.matrix {
        Some(MatrixReading::Read { standings }) => standings,
        Some(MatrixReading::Unreadable { why }) => return invalid(why),
        None => return invalid("nobody looked at it"),
    };
    for (component, target) in &wave.promotions {
        match standings.get(component) {
            Some(Standing::Within { .. }) => {}
            Some(Standing::Beyond { current }) => {
                let detail = format!(
                    "the component matrix has {component} at {current}; this wave proved {target} and nobody proved more"
                );
                return failed("component-current-level-stale", FailureClass::Semantic, detail);
            }
            Some(Standing::Unknown) | None => {
                let detail =
                    format!("the component matrix knows no {component} that could be taken to {target}");
                return failed("unknown-component", FailureClass::Semantic, detail);
            }
        }
    }
    Verdict::Passed
}

fn invalid(why: &str) -> Verdict {
    failed("component-matrix-invalid", FailureClass::Artifact, format!("the component matrix: {why}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::tests::brief;
    use super::{answers_for_matrix, currency_gate};
    use crate::engine::brief::WaveBrief;
    use crate::engine::fact::Verdict;
    use crate::engine::input::{Evidence, MatrixReading};
    use crate::plan::matrix::Standing;
    use crate::plan::role::Role;

    /// A wave with agents of these roles that takes these components to `pilot-live`.
    fn wave(roles: &[Role], components: &[&str]) -> WaveBrief {
        let promotion = |component: &&str| ((*component).to_owned(), "pilot-live".to_owned());
        WaveBrief {
            number: 3,
            file: "wave-3.md".into(),
            title: String::new(),
            agents: roles.iter().map(|role| brief(*role)).collect(),
            promotions: components.iter().map(promotion).collect(),
            ceilings: BTreeMap::new(),
            eval_targets: Vec::new(),
        }
    }

    #[test]
    fn one_agent_answers_for_the_matrix_where_something_is_promoted() {
        use Role::{ContQa, Documentation, Implementation, Integration};
        let all = [Implementation, Integration, Documentation, ContQa];
        for (roles, components, expected) in [
            (&all[..], &["ledger"][..], Some(Documentation)),
            (&[Implementation, ContQa], &["ledger"], Some(ContQa)),
            (&all, &[], None),
        ] {
            let wave = wave(roles, components);
            let answering: Vec<Role> = wave
                .agents
                .iter()
                .filter(|agent| answers_for_matrix(&wave, agent))
                .map(|agent| agent.role)
                .collect();
            assert_eq!(answering, expected.into_iter().collect::<Vec<Role>>(), "{roles:?} {components:?}");
        }
    }

    fn check(matrix: Option<MatrixReading>, expected: &str) {
        let wave = wave(&[Role::Documentation], &["cache", "ledger"]);
        let evidence = Evidence { matrix, ..Evidence::default() };
        let code = match currency_gate(&wave, &wave.agents[0], &evidence) {
            Verdict::Failed { code, detail, .. } => {
                assert!(!detail.is_empty());
                code
            }
            other => format!("{other:?}"),
        };
        assert_eq!(code, expected);
    }

    #[test]
    fn a_promotion_is_in_the_matrix_and_not_beyond_what_was_proved() {
        let reading = |ledger: Option<Standing>| {
            let cache = Some(("cache".to_owned(), Standing::Within { current: "inventoried".into() }));
            let ledger = ledger.map(|standing| ("ledger".to_owned(), standing));
            Some(MatrixReading::Read { standings: cache.into_iter().chain(ledger).collect() })
        };
        let current = || "qa-proved".to_owned();
        check(reading(Some(Standing::Within { current: "pilot-live".into() })), "Passed");
        check(reading(Some(Standing::Beyond { current: current() })), "component-current-level-stale");
        check(reading(Some(Standing::Unknown)), "unknown-component");
        check(reading(None), "unknown-component");
        check(
            Some(MatrixReading::Unreadable { why: "there is no m.json".into() }),
            "component-matrix-invalid",
        );
        check(None, "component-matrix-invalid");
    }

    #[test]
    fn who_does_not_answer_for_the_matrix_is_not_asked() {
        let wave = wave(&[Role::Integration, Role::Documentation], &["ledger"]);
        assert_eq!(currency_gate(&wave, &wave.agents[0], &Evidence::default()), Verdict::Passed);
    }
}
