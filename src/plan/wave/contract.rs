//! `### Exit contract`: what it says, whether that counts, and what is wrong with it when it does not.

use super::super::finding::Position;
use super::super::text::Entry;
use super::entries::{Keys, Reader};
use super::outline::Body;
use super::{Completion, DocImpact, Durability, ExitContract, Proof, WrittenContract, rules};

/// Keys of the section, as people are told them.
const KEYS: [&str; 4] = ["completion", "durability", "proof", "doc-impact"];
/// The predecessor takes this name from its own parsed shape, too, and before the other one.
const DOC_IMPACT_OF_THE_SHAPE: &str = "docImpact";

/// An exit contract as read.
#[derive(Debug, Default)]
pub(super) struct Contract {
    /// What it says; `None` when it says nothing.
    pub(super) written: Option<WrittenContract>,
    /// What an agent is held to: all four values, each valid.
    pub(super) valid: Option<ExitContract>,
    /// What is wrong with a contract that says something.
    pub(super) faults: Vec<(Position, String)>,
}

impl<'a> Reader<'_, 'a> {
    /// `### Exit contract`.
    pub(super) fn exit_contract(&mut self, section: &str, body: &Body) -> Contract {
        let pairs = self.pairs(section, body.range.clone(), Keys::Plain);
        let is_known = |key: &str| KEYS.contains(&key) || key == DOC_IMPACT_OF_THE_SHAPE;
        for (key, value) in pairs.iter().filter(|(key, _)| !is_known(key)) {
            self.warning(
                rules::UNKNOWN_KEY,
                value.offset,
                format!("`{key}` is no key of `{section}`"),
                &format!("the keys are {}", KEYS.join(", ")),
            );
        }
        let value = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let doc_impact = value(DOC_IMPACT_OF_THE_SHAPE).or_else(|| value("doc-impact"));
        let (completion, durability, proof) = (value("completion"), value("durability"), value("proof"));
        let text = |value: Option<Entry<'a>>| value.map(|value| value.text.to_string());
        let written = WrittenContract {
            completion: text(completion),
            durability: text(durability),
            proof: text(proof),
            doc_impact: text(doc_impact),
        };
        if written == WrittenContract::default() {
            return Contract::default();
        }
        let mut words = Words { reader: self, heading: body.heading, faults: Vec::new() };
        let completion =
            words.word("completion", completion, Completion::ALL, Completion::from_word, Completion::word);
        let durability =
            words.word("durability", durability, Durability::ALL, Durability::from_word, Durability::word);
        let proof = words.word("proof", proof, Proof::ALL, Proof::from_word, Proof::word);
        let doc_impact =
            words.word("doc-impact", doc_impact, DocImpact::ALL, DocImpact::from_word, DocImpact::word);
        let faults = words.faults;
        let valid = match (completion, durability, proof, doc_impact) {
            (Some(completion), Some(durability), Some(proof), Some(doc_impact)) => {
                Some(ExitContract { completion, durability, proof, doc_impact })
            }
            _ => None,
        };
        Contract { written: Some(written), valid, faults }
    }
}

/// Reads the four words, and collects what is wrong with them.
struct Words<'w, 'r, 'a> {
    reader: &'w Reader<'r, 'a>,
    /// Offset of the heading: the place of what is missing.
    heading: usize,
    faults: Vec<(Position, String)>,
}

impl<'a> Words<'_, '_, 'a> {
    fn word<W: Copy>(
        &mut self,
        name: &str,
        value: Option<Entry<'a>>,
        all: &[W],
        from_word: fn(&str) -> Option<W>,
        word: fn(W) -> &'static str,
    ) -> Option<W> {
        let read = value.and_then(|value| from_word(value.text));
        if read.is_none() {
            let (offset, said) = match value {
                Some(value) => (value.offset, format!("`{}` is no", value.text)),
                None => (self.heading, "there is no".to_string()),
            };
            let words: Vec<&str> = all.iter().map(|one| word(*one)).collect();
            let fault = format!("{said} {name} (one of {})", words.join(", "));
            self.faults.push((self.reader.position(offset), fault));
        }
        read
    }
}
