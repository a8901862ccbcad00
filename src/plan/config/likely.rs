//! What was probably meant by a word that is none of the known ones.

/// Least likeness, from 0 to 1, from which a word is taken for a slip of the hand; so is one slip in a short word.
const ALIKE: f64 = 0.75;

/// A hint: the word that was probably meant, else `otherwise` and all of them.
pub fn likely<'k>(written: &str, known: impl Iterator<Item = &'k str>, otherwise: &str) -> String {
    let known: Vec<&str> = known.collect();
    let written = written.to_lowercase();
    let likeness = |word: &str| strsim::normalized_damerau_levenshtein(&word.to_lowercase(), &written);
    let is_one_slip =
        |word: &str| word.len() > 2 && strsim::damerau_levenshtein(&word.to_lowercase(), &written) == 1;
    let nearest = known.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match nearest.filter(|word| likeness(word) >= ALIKE || is_one_slip(word)) {
        Some(word) => format!("did you mean `{word}`?"),
        None if known.is_empty() => otherwise.to_string(),
        None => format!("{otherwise} {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::likely;

    fn check(written: &str, known: &[&str], expected: &str) {
        assert_eq!(likely(written, known.iter().copied(), "the words are"), expected, "{written}");
    }

    #[test]
    fn slips_of_the_hand_are_seen_and_other_words_are_not() {
        let lanes = ["main", "product"];
        check("mian", &lanes, "did you mean `main`?");
        check("prodcut", &lanes, "did you mean `product`?");
        check("Main", &lanes, "did you mean `main`?");
        check("web", &lanes, "the words are main, product");
        check("wbe", &["web"], "did you mean `web`?");
        check("x", &[], "the words are");
    }
}
