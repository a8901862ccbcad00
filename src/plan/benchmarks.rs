//! The benchmark catalogue: families of benchmarks that eval targets name.
//!
//! The format is that of the npm package `@chllming/wave-orchestration` 0.9.15: `families.<id>.benchmarks.<id>`; other
//! keys are for people.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::json::{Document, child};
use super::wave::EvalTarget;

/// Rule of a catalogue that cannot be read, the same that says what is wrong with targets.
const RULE: &str = "V28";

/// Benchmark ids by family.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Benchmarks {
    /// Families with their benchmarks.
    pub families: BTreeMap<String, BTreeSet<String>>,
}

impl Benchmarks {
    /// Reads a catalogue; `None` when it is no JSON or has no families.
    pub fn read(file: &str, text: &str) -> (Option<Benchmarks>, Vec<Finding>) {
        let (document, broken) = Document::read(file, text, RULE);
        if let Some(broken) = broken {
            return (None, vec![broken]);
        }
        let mut families: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut findings = Vec::new();
        for (family, pointer) in document.members("/families") {
            let mut ids = BTreeSet::new();
            for (id, place) in document.members(&child(&pointer, "benchmarks")) {
                let taken = families.iter().find(|(_, known)| known.contains(&id));
                if let Some((other, _)) = taken {
                    findings.push(Finding::error(
                        RULE,
                        file,
                        document.position(&place),
                        format!("benchmark `{id}` is in the families `{other}` and `{family}`"),
                        "a benchmark belongs to one family; rename one of them".to_string(),
                    ));
                }
                ids.insert(id);
            }
            families.insert(family, ids);
        }
        if families.is_empty() {
            findings.push(Finding::error(
                RULE,
                file,
                document.position("/families"),
                "the benchmark catalogue has no families".to_string(),
                "write `{\"families\": {\"<family>\": {\"benchmarks\": {\"<id>\": {}}}}}`".to_string(),
            ));
        }
        ((!families.is_empty()).then_some(Benchmarks { families }), findings)
    }

    /// What is wrong with a target, one sentence each.
    pub fn faults(&self, target: &EvalTarget) -> Vec<String> {
        let family = target.benchmark_family.as_ref();
        let mut faults = Vec::new();
        if let Some(family) = family.filter(|family| !self.families.contains_key(*family)) {
            faults.push(format!("`{family}` is no family of the benchmark catalogue"));
        }
        for id in target.benchmarks.iter().filter(|_| target.selection == "pinned") {
            match self.families.iter().find(|(_, ids)| ids.contains(id)) {
                None => faults.push(format!("`{id}` is no benchmark of the catalogue")),
                Some((of, _)) if family.is_some_and(|family| family != of) => {
                    faults.push(format!("benchmark `{id}` belongs to the family `{of}`"));
                }
                Some(_) => {}
            }
        }
        faults
    }

    /// The benchmarks that a target allows: those it pins, or its whole family.
    pub fn allowed(&self, target: &EvalTarget) -> Vec<String> {
        match (target.selection.as_str(), &target.benchmark_family) {
            ("delegated", Some(family)) => self.families.get(family).into_iter().flatten().cloned().collect(),
            _ => target.benchmarks.clone(),
        }
    }
}
