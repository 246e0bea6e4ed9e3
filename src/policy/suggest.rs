//! Did you mean …?

/// The known word that was probably meant.
pub fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase().replace('_', "-");
    let limit = 1 + word.chars().count() / 4;
    let distance = |known: &str| strsim::damerau_levenshtein(&folded, &known.to_lowercase().replace('_', "-"));
    let close = known.into_iter().map(|known| (distance(known), known)).filter(|(distance, _)| *distance <= limit);
    close.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// Help for an unknown word: the one that was meant, or all there are.
pub(crate) fn did_you_mean<'a>(word: &str, what: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match closest(word, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => match listed(known) {
            list if list.is_empty() => String::new(),
            list => format!("{what} {list}"),
        },
    }
}

/// Several words for a sentence, each in backticks.
pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_understood_and_another_word_is_not() {
        let known = ["cadence", "retention-minimum", "may_match_nothing", "per"];
        for (word, meant) in [
            ("cadance", Some("cadence")),
            ("Cadence", Some("cadence")),
            ("retention_minimun", Some("retention-minimum")),
            ("may-match-nothing", Some("may_match_nothing")),
            ("pre", Some("per")),
            ("versioning", None),
            ("", None),
        ] {
            assert_eq!(closest(word, known), meant, "{word}");
        }
        assert_eq!(did_you_mean("x", "the words are", ["one", "two"]), "the words are `one`, `two`");
        assert_eq!(did_you_mean("x", "the words are", []), "");
    }
}
